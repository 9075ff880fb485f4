//! The rules of transfers beside what they are of: sales beside their purchases, releases, debts and refunds.

use crate::books::Rule;

/// What a transfer's entries come to on accounts of the kinds, of which person.
macro_rules! on_account {
    ($condition:literal) => {
        concat!("SUM(CASE WHEN ", $condition, " THEN e.amount_cents ELSE 0 END)")
    };
}

/// The transfers of a kind since the day `$2`, with their entries and accounts. They are found first: left to
/// itself, SQLite would walk along all transfers, because they are grouped by their ids.
macro_rules! transfers_of {
    ($kind:literal, $joins:literal) => {
        concat!(
            "WITH moved AS MATERIALIZED (SELECT t.id, t.subject_id FROM transfers t
                WHERE t.day >= $2 AND $3 IS NOT NULL AND t.kind = '",
            $kind,
            "') SELECT moved.id FROM moved CROSS JOIN entries e CROSS JOIN accounts a ",
            $joins,
            " WHERE e.transfer_id = moved.id AND a.id = e.account_id GROUP BY moved.id"
        )
    };
}

/// The rules, in the order in which they are asked.
pub const RULES: &[Rule] = &[
    Rule {
        name: "a completed payment must have exactly one purchase or debt",
        broken_by: concat!(
            "SELECT p.id FROM payments p LEFT JOIN purchases b ON b.payment_id = p.id \
                LEFT JOIN debts d ON d.payment_id = p.id
             WHERE p.id IN ",
            touched!(),
            " AND ((p.status = 'completed') <> ((b.payment_id IS NOT NULL) OR (d.payment_id IS NOT NULL))
                OR (b.payment_id IS NOT NULL AND d.payment_id IS NOT NULL)) LIMIT $1"
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
        name: "a receipt must belong to the payment that names it",
        broken_by: concat!(
            "SELECT p.id FROM payments p LEFT JOIN receipts r ON r.receipt = p.receipt WHERE p.id IN ",
            touched!(),
            " AND p.receipt IS NOT NULL AND (r.payment_id IS NULL OR r.payment_id <> p.id) LIMIT $1"
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
            transfers_of!("sale", "LEFT JOIN purchases b ON b.payment_id = moved.subject_id"),
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
            transfers_of!("release", "LEFT JOIN purchases b ON b.payment_id = moved.subject_id"),
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
            transfers_of!("owed", "LEFT JOIN debts d ON d.payment_id = moved.subject_id"),
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
            transfers_of!("refund_by_hand", "LEFT JOIN debts d ON d.id = moved.subject_id"),
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
        name: "a debt must be paid exactly when its refund was booked",
        broken_by: concat!(
            "SELECT d.id FROM debts d LEFT JOIN transfers t ON t.subject_kind = 'refund' \
                AND t.subject_id = d.id AND t.kind = 'refund_by_hand'
             WHERE d.payment_id IN ",
            touched!(),
            " AND (d.status = 'paid') <> (t.id IS NOT NULL) LIMIT $1"
        ),
    },
    Rule {
        name: "a debt must be payable to the number that paid, and only under that payment's receipt",
        broken_by: concat!(
            "SELECT d.id FROM debts d JOIN payments p ON p.id = d.payment_id WHERE d.payment_id IN ",
            touched!(),
            " AND (d.msisdn <> p.msisdn OR COALESCE(d.receipt, '') <> COALESCE(p.receipt, '')
                OR (d.status = 'waiting' AND d.receipt IS NOT NULL)
                OR (d.status = 'payable' AND d.receipt IS NULL)) LIMIT $1"
        ),
    },
];
