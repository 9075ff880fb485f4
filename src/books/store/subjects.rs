//! The rules of transfers beside what they are of: sales beside their purchases, releases, debts and refunds.

use crate::books::Rule;

/// What a transfer's entries come to on accounts of the kinds, of which person.
macro_rules! on_account {
    ($condition:literal) => {
        concat!("SUM(CASE WHEN ", $condition, " THEN e.amount_cents ELSE 0 END)")
    };
}

/// The transfers `t` of a kind since the day `$2`, with their entries and accounts. They are found first:
/// left to itself, SQLite would walk along all transfers, because they are grouped by their ids.
macro_rules! transfers_of {
    ($of:literal, $joins:literal) => {
        concat!(
            "WITH moved AS MATERIALIZED (SELECT t.id, t.subject_id FROM transfers t
                WHERE t.day >= $2 AND $3 IS NOT NULL AND ",
            $of,
            ") SELECT moved.id FROM moved CROSS JOIN entries e CROSS JOIN accounts a ",
            $joins,
            " WHERE e.transfer_id = moved.id AND a.id = e.account_id GROUP BY moved.id"
        )
    };
}

/// The rules, in the order in which they are asked.
pub const RULES: &[Rule] = &[
    Rule {
        name: "a completed payment must have exactly one purchase or settling debt",
        broken_by: concat!(
            "SELECT p.id FROM payments p WHERE p.id IN ",
            touched!(),
            " AND ((SELECT COUNT(*) FROM purchases b WHERE b.payment_id = p.id)
                    <> CASE WHEN p.status = 'completed' AND p.outcome = 'unlocked' THEN 1 ELSE 0 END
                OR (SELECT COUNT(*) FROM debts d WHERE d.payment_id = p.id AND ",
            settles!(),
            ") <> CASE WHEN p.status = 'completed' AND p.outcome = 'owed' THEN 1 ELSE 0 END
                OR (p.status = 'completed' AND COALESCE(p.outcome, '') NOT IN ('unlocked', 'owed'))) LIMIT $1"
        ),
    },
    Rule {
        name: "a completed payment must have exactly one transfer, of its outcome's kind and its price",
        broken_by: concat!(
            "SELECT p.id FROM payments p
             LEFT JOIN transfers t ON t.subject_kind = 'payment' AND t.subject_id = p.id \
                AND t.kind = CASE p.outcome WHEN 'unlocked' THEN 'sale' ELSE 'owed' END
             LEFT JOIN transfers o ON o.subject_kind = 'payment' AND o.subject_id = p.id \
                AND o.kind = CASE p.outcome WHEN 'unlocked' THEN 'owed' ELSE 'sale' END
             LEFT JOIN entries e ON e.transfer_id = t.id AND e.line = 1
             WHERE p.id IN ",
            touched!(),
            " AND ((p.status = 'completed') <> (t.id IS NOT NULL) OR o.id IS NOT NULL
                OR (t.id IS NOT NULL AND (e.amount_cents IS NULL OR e.amount_cents <> -p.price_cents))) \
                LIMIT $1"
        ),
    },
    Rule {
        name: "a purchase must be what was paid for, and its share that of the price",
        broken_by: concat!(
            "SELECT b.payment_id FROM purchases b JOIN payments p ON p.id = b.payment_id WHERE p.id IN ",
            touched!(),
            " AND (b.tip_id <> p.tip_id OR b.buyer_id <> p.buyer_id OR b.tipster_id <> p.tipster_id
                OR b.price_cents <> p.price_cents OR b.share_cents <> p.price_cents * p.share_bps / 10000) \
                LIMIT $1"
        ),
    },
    Rule {
        name: "a sale must take the price, hold its tipster's share and earn the rest",
        broken_by: concat!(
            transfers_of!("t.kind = 'sale'", "LEFT JOIN purchases b ON b.payment_id = moved.subject_id"),
            ", b.payment_id, b.price_cents, b.share_cents HAVING b.payment_id IS NULL OR ",
            on_account!("a.kind IN ('mpesa_collections', 'suspense', 'receipts_awaited')"),
            " <> -b.price_cents OR ",
            on_account!("a.kind = 'platform_revenue'"),
            " <> b.price_cents - b.share_cents OR ",
            on_account!("a.kind = 'tipster_held' AND a.person_id = b.tipster_id"),
            " <> b.share_cents LIMIT $1"
        ),
    },
    Rule {
        name: "a release must take its sale's share from its tipster, and give all of it to them",
        broken_by: concat!(
            transfers_of!("t.kind = 'release'", "LEFT JOIN purchases b ON b.payment_id = moved.subject_id"),
            ", b.payment_id, b.share_cents HAVING b.payment_id IS NULL OR ",
            on_account!("a.kind = 'tipster_held' AND a.person_id = b.tipster_id"),
            " <> -b.share_cents OR ",
            on_account!("a.kind IN ('tipster_clawback', 'tipster_available') AND a.person_id = b.tipster_id"),
            " <> b.share_cents \
                OR MIN(CASE WHEN a.kind = 'tipster_held' THEN 1 ELSE e.amount_cents END) < 0 LIMIT $1"
        ),
    },
    Rule {
        name: "what is owed must be the whole debt of its payment",
        broken_by: concat!(
            transfers_of!(
                "t.kind = 'owed' AND t.subject_kind || '' = 'payment'",
                "LEFT JOIN debts d ON d.payment_id = moved.subject_id \
                    AND d.reason NOT IN ('further_receipt', 'returned')"
            ),
            ", d.id, d.owed_cents HAVING d.id IS NULL OR ",
            on_account!("a.kind IN ('mpesa_collections', 'suspense', 'receipts_awaited')"),
            " <> -d.owed_cents OR ",
            on_account!("a.kind = 'refunds_owed'"),
            " <> d.owed_cents LIMIT $1"
        ),
    },
    Rule {
        name: "a refund by hand must be its debt",
        broken_by: concat!(
            transfers_of!("t.kind = 'refund_by_hand'", "LEFT JOIN debts d ON d.id = moved.subject_id"),
            ", d.id, d.owed_cents HAVING d.id IS NULL OR ",
            on_account!("a.kind = 'refunds_owed'"),
            " <> -d.owed_cents OR ",
            on_account!("a.kind = 'mpesa_payouts'"),
            " <> d.owed_cents LIMIT $1"
        ),
    },
    Rule {
        name: "a purchase must be released exactly when its share was moved",
        broken_by: concat!(
            "SELECT b.payment_id FROM purchases b LEFT JOIN transfers t ON t.subject_kind = 'release' \
                AND t.subject_id = b.payment_id AND t.kind = 'release'
             WHERE b.payment_id IN ",
            touched!(),
            " AND (b.released_at IS NOT NULL AND b.share_cents > 0) <> (t.id IS NOT NULL) LIMIT $1"
        ),
    },
    Rule {
        name: "a released share must have a receipt on which two sources agree, one of them a machine",
        broken_by: concat!(
            "SELECT b.payment_id FROM purchases b JOIN payments p ON p.id = b.payment_id
                LEFT JOIN money_in m ON m.receipt = p.receipt
             WHERE b.payment_id IN ",
            touched!(),
            " AND b.released_at IS NOT NULL AND (m.receipt IS NULL
                OR COALESCE(m.callback_at, m.c2b_at, m.statement_at, m.status_at, m.query_at,
                    p.query_succeeded_at)
                    IS NULL
                OR CASE WHEN m.callback_at IS NULL THEN 0 ELSE 1 END + CASE WHEN m.c2b_at IS NULL THEN 0
                    ELSE 1 END
                    + CASE WHEN m.statement_at IS NULL THEN 0 ELSE 1 END
                    + CASE WHEN m.status_at IS NULL THEN 0 ELSE 1 END
                    + CASE WHEN m.query_at IS NULL AND p.query_succeeded_at IS NULL THEN 0 ELSE 1 END
                    + CASE WHEN m.operator_at IS NULL OR p.first_operator IS NULL THEN 0 ELSE 1 END
                    + CASE WHEN m.operator_at IS NULL OR p.second_operator_id IS NULL THEN 0 ELSE 1 END < 2) LIMIT $1"
        ),
    },
    Rule {
        name: "a debt must be paid exactly when its refund was booked",
        broken_by: concat!(
            "SELECT d.id FROM debts d LEFT JOIN transfers t ON t.subject_kind = 'refund' \
                AND t.subject_id = d.id AND t.kind = 'refund_by_hand'
             WHERE d.id IN ",
            touched_debts!(),
            " AND ((d.status = 'paid') <> (t.id IS NOT NULL) OR (d.status IN ('sending', 'unknown')
                    AND NOT EXISTS (SELECT 1 FROM transfers s WHERE s.subject_kind = 'refund'
                        AND s.subject_id = d.id AND s.kind = 'refund_sent'))
                            OR (d.status = 'paid') <> (d.paid_at IS NOT NULL)
                OR (d.status = 'paid') <> (d.refund_receipt IS NOT NULL)
                OR d.refund_receipt IN (SELECT m.receipt FROM money_in m WHERE m.receipt =
                    d.refund_receipt)) \
                LIMIT $1"
        ),
    },
];
