//! The rules of sums: what rows of other rooms come to must be what an account of the ledger holds. Only
//! rows that are open are added up, which do not become more with the years.

use crate::books::Rule;

/// Where an account of the platform holds another sum than that.
macro_rules! holds_other_than {
    ($account:literal, $sum:literal) => {
        concat!(
            "SELECT a.id FROM accounts a LEFT JOIN ",
            gains!(),
            " g ON g.account_id = a.id WHERE a.kind = '",
            $account,
            "' AND $3 IS NOT NULL AND COALESCE(g.gain, 0) + ",
            opening!("a.id"),
            " <> ",
            $sum,
            " LIMIT $1"
        )
    };
}

/// The rules, in the order in which they are asked.
pub const RULES: &[Rule] = &[
    Rule {
        name: "what a tipster's account holds must be the shares that are not released",
        // Those that are not released are found first, by the index that has only them.
        broken_by: "WITH unreleased AS MATERIALIZED
                (SELECT b.tipster_id, b.share_cents FROM purchases b WHERE b.released_at IS NULL)
            SELECT a.id FROM accounts a LEFT JOIN (SELECT s.tipster_id, SUM(s.share_cents) AS held
                FROM unreleased s GROUP BY s.tipster_id) u ON u.tipster_id = a.person_id
            WHERE a.kind = 'tipster_held' AND a.balance_cents <> COALESCE(u.held, 0)
                AND $2 IS NOT NULL AND $3 IS NOT NULL LIMIT $1",
    },
    Rule {
        name: "what is owed to payers must be the debts that are not paid",
        broken_by: concat!(
            "SELECT a.id FROM accounts a WHERE a.kind = 'refunds_owed' AND $3 IS NOT NULL
                AND (SELECT COALESCE(SUM(d.owed_cents), 0) FROM debts d WHERE d.status <> 'paid')
                <> (SELECT COALESCE(SUM(COALESCE(g.gain, 0) + ",
            opening!("r.id"),
            "), 0) FROM accounts r LEFT JOIN ",
            gains!(),
            " g ON g.account_id = r.id WHERE r.kind IN ('refunds_owed', 'refunds_in_flight')) LIMIT $1"
        ),
    },
    Rule {
        name: "what lies in suspense must be the receipts there",
        broken_by: holds_other_than!(
            "suspense",
            "(SELECT COALESCE(SUM(m.amount_cents), 0) FROM money_in m WHERE m.state = 'suspense')"
        ),
    },
    Rule {
        name: "what is awaited must be the prices of the payments that await their receipts",
        broken_by: holds_other_than!(
            "receipts_awaited",
            "-(SELECT COALESCE(SUM(p.price_cents), 0) FROM payments p WHERE p.awaits_receipt)"
        ),
    },
    Rule {
        name: "the platform must have all of its accounts, and each tipster three",
        broken_by: "SELECT a.person_id FROM accounts a WHERE a.person_id IS NOT NULL
                GROUP BY a.person_id HAVING COUNT(*) <> 3
            UNION ALL SELECT a.id FROM accounts a WHERE a.kind = 'mpesa_collections'
                AND (SELECT COUNT(*) FROM accounts o WHERE o.person_id IS NULL) <> 12
                AND $2 IS NOT NULL AND $3 IS NOT NULL LIMIT $1",
    },
    Rule {
        name: "a payment must be of its tip's tipster",
        broken_by: concat!(
            "SELECT p.id FROM payments p LEFT JOIN tips t ON t.id = p.tip_id WHERE p.id IN ",
            touched!(),
            " AND (t.id IS NULL OR t.tipster_id <> p.tipster_id) LIMIT $1"
        ),
    },
];

/// The rules that add up rows of all days. They are asked only when all days are read.
pub const ALL_DAYS: &[Rule] = &[Rule {
    name: "what came in must be the receipts that machines named and nobody took back",
    broken_by: "SELECT a.id FROM accounts a WHERE a.kind = 'mpesa_collections' AND $2 IS NOT NULL
        AND $3 IS NOT NULL
            AND (SELECT COALESCE(SUM(m.amount_cents), 0) FROM money_in m
                WHERE m.named_at IS NOT NULL AND m.state <> 'returned')
            <> -(SELECT COALESCE(SUM(e.amount_cents), 0) FROM entries e JOIN transfers t ON t.id =
                e.transfer_id
                WHERE e.account_id = a.id AND t.kind IN ('sale', 'receipt_named', 'receipt_awaited',
                    'unplaced',
                    'owed', 'reversed')) LIMIT $1",
}];

/// The rule about tips, whose query finds tip numbers instead of ids.
pub const TIPS: Rule = Rule {
    name: "what a tip has sold must be its purchases",
    broken_by: concat!(
        "SELECT x.tip_id FROM (SELECT DISTINCT p.tip_id FROM payments p WHERE p.id IN ",
        touched!(),
        ") x LEFT JOIN tip_sales s ON s.tip_id = x.tip_id
         WHERE (SELECT COUNT(*) FROM purchases b WHERE b.tip_id = x.tip_id) <> COALESCE(s.sale_count, 0)
            OR (SELECT COALESCE(SUM(b.share_cents), 0) FROM purchases b WHERE b.tip_id = x.tip_id) \
                <> COALESCE(s.earned_cents, 0) LIMIT $1"
    ),
};
