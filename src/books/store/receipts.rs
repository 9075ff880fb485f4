//! The rules of receipts: the row of each beside its payment or its debt, and beside what the ledger booked
//! of it.

use crate::books::Rule;

/// What the transfers of a subject come to on one account.
macro_rules! booked {
    ($subject_kind:literal, $subject:literal, $account:literal) => {
        concat!(
            "(SELECT COALESCE(SUM(e.amount_cents), 0) FROM transfers t JOIN entries e ON e.transfer_id = t.id
                JOIN accounts a ON a.id = e.account_id WHERE t.subject_kind = '",
            $subject_kind,
            "' AND t.subject_id = ",
            $subject,
            " AND a.kind = '",
            $account,
            "')"
        )
    };
}

/// The receipts to which something happened since the day `$2`, which began at `$3`, and those in suspense. A kind
/// of subject with an empty text behind it is looked for by no index, so that SQLite walks the days.
macro_rules! touched_receipts {
    () => {
        concat!(
            "(SELECT id FROM money_in WHERE state = 'suspense'
              UNION SELECT subject_id FROM transfers WHERE day >= $2 AND subject_kind || '' = 'receipt'
              UNION SELECT id FROM money_in WHERE purpose = 'payment' AND subject_id IN ",
            touched!(),
            ")"
        )
    };
}

/// Whether money of a receipt `m` went through suspense.
macro_rules! was_unplaced {
    () => {
        "EXISTS (SELECT 1 FROM transfers u
            WHERE u.subject_kind = 'receipt' AND u.subject_id = m.id AND u.kind = 'unplaced')"
    };
}

/// The rules, in the order in which they are asked.
pub const RULES: &[Rule] = &[
    Rule {
        name: "a completed payment must have named receipts of its price, or await them",
        broken_by: concat!(
            "SELECT p.id FROM payments p WHERE p.id IN ",
            touched!(),
            " AND ((SELECT COALESCE(SUM(m.amount_cents), 0) FROM money_in m WHERE m.purpose = 'payment'
                    AND m.subject_id = p.id AND m.state = 'matched' AND m.named_at IS NOT NULL)
                    <> CASE WHEN p.status = 'completed' AND NOT p.awaits_receipt THEN p.price_cents ELSE 0 END
                OR (SELECT COUNT(*) FROM money_in m WHERE m.purpose = 'payment' AND m.subject_id = p.id
                    AND m.named_at IS NULL) > 1
                OR EXISTS (SELECT 1 FROM money_in m WHERE m.purpose = 'payment' AND m.subject_id = p.id
                    AND m.named_at IS NULL AND m.amount_cents <> p.price_cents)
                OR (p.status <> 'completed' AND (p.awaits_receipt OR EXISTS (SELECT 1 FROM money_in m
                    WHERE m.purpose = 'payment' AND m.subject_id = p.id AND m.state = 'matched')))) LIMIT $1"
        ),
    },
    Rule {
        name: "a payment's receipt must be one of its own, and of its own it must name one",
        broken_by: concat!(
            "SELECT p.id FROM payments p WHERE p.id IN ",
            touched!(),
            " AND ((p.receipt IS NOT NULL AND NOT EXISTS (SELECT 1 FROM money_in m WHERE m.receipt = p.receipt
                    AND m.purpose = 'payment' AND m.subject_id = p.id AND m.state = 'matched'
                    AND (m.named_at IS NULL) = p.awaits_receipt))
                OR (p.receipt IS NULL AND EXISTS (SELECT 1 FROM money_in m WHERE m.purpose = 'payment'
                    AND m.subject_id = p.id AND m.state = 'matched'))) LIMIT $1"
        ),
    },
    Rule {
        name: "what lies in suspense under a payment must be its receipts there",
        broken_by: concat!(
            "SELECT p.id FROM payments p WHERE p.id IN (SELECT id FROM payments WHERE suspense_cents > 0
                    UNION SELECT x.id FROM ",
            touched!(),
            " x)
                AND (p.suspense_cents <> (SELECT COALESCE(SUM(m.amount_cents), 0) FROM money_in m
                    WHERE m.purpose = 'payment' AND m.subject_id = p.id AND m.state = 'suspense')
                OR (p.status = 'completed' AND p.suspense_cents > 0)) LIMIT $1"
        ),
    },
    Rule {
        name: "a completed payment's money must come from where its receipts lay",
        broken_by: concat!(
            "SELECT p.id FROM payments p WHERE p.id IN ",
            touched!(),
            " AND p.status = 'completed' AND (",
            booked!("payment", "p.id", "receipts_awaited"),
            " <> CASE WHEN p.awaits_receipt THEN -p.price_cents ELSE 0 END OR ",
            booked!("payment", "p.id", "suspense"),
            " <> -(SELECT COALESCE(SUM(m.amount_cents), 0) FROM money_in m WHERE m.purpose = 'payment'
                    AND m.subject_id = p.id AND m.state = 'matched' AND m.named_at IS NOT NULL AND ",
            was_unplaced!(),
            ")) LIMIT $1"
        ),
    },
    Rule {
        name: "a receipt must be booked as its state says",
        broken_by: concat!(
            "SELECT m.id FROM money_in m WHERE m.id IN ",
            touched_receipts!(),
            " AND (",
            booked!("receipt", "m.id", "suspense"),
            " <> CASE WHEN m.state = 'suspense' OR (m.state = 'matched' AND ",
            was_unplaced!(),
            ") THEN m.amount_cents ELSE 0 END OR ",
            booked!("receipt", "m.id", "refunds_owed"),
            " <> CASE WHEN m.state = 'owed' THEN m.amount_cents ELSE 0 END) LIMIT $1"
        ),
    },
    Rule {
        name: "a receipt must be named by whoever told it: a machine, or an operator who claims it",
        broken_by: concat!(
            "SELECT m.id FROM money_in m WHERE m.id IN ",
            touched_receipts!(),
            " AND ((m.named_at IS NULL AND (m.operator_at IS NULL OR m.state <> 'matched'
                    OR COALESCE(m.callback_at, m.c2b_at, m.statement_at, m.status_at) IS NOT NULL))
                OR (m.named_at IS NOT NULL
                    AND COALESCE(m.callback_at, m.c2b_at, m.statement_at, m.status_at, m.query_at) IS NULL)
                OR (m.subject_id IS NOT NULL AND NOT (m.purpose = 'payment'
                    AND EXISTS (SELECT 1 FROM payments p WHERE p.id = m.subject_id)))) LIMIT $1"
        ),
    },
    Rule {
        name: "a receipt must be in the facts of what it is for",
        broken_by: concat!(
            "SELECT m.id FROM money_in m WHERE m.subject_id IS NOT NULL AND m.id IN ",
            touched_receipts!(),
            " AND NOT EXISTS (SELECT 1 FROM mpesa_events e
                WHERE e.purpose = m.purpose AND e.subject_id = m.subject_id
                    AND e.receipt = m.receipt) LIMIT $1"
        ),
    },
    Rule {
        name: "a receipt that is owed must have one debt of its own, and no other has one",
        broken_by: concat!(
            "SELECT m.id FROM money_in m WHERE m.id IN ",
            touched_receipts!(),
            " AND (SELECT COUNT(*) FROM debts d WHERE d.receipt = m.receipt
                    AND d.reason IN ('further_receipt', 'returned'))
                <> CASE WHEN m.state = 'owed' THEN 1 ELSE 0 END LIMIT $1"
        ),
    },
    Rule {
        name: "a debt must be of its receipt's or its payment's money, and go to whoever paid it",
        broken_by: concat!(
            "SELECT d.id FROM debts d LEFT JOIN payments p ON p.id = d.payment_id
                LEFT JOIN money_in m ON m.receipt = d.receipt
             WHERE d.id IN ",
            touched_debts!(),
            " AND (CASE WHEN ",
            settles!(),
            " THEN p.id IS NULL OR p.status <> 'completed' OR COALESCE(p.outcome, '') <> 'owed'
                        OR d.owed_cents <> p.price_cents OR COALESCE(d.receipt, '') <> COALESCE(p.receipt, '')
                    ELSE m.id IS NULL OR m.state <> 'owed' OR m.amount_cents <> d.owed_cents
                        OR (m.subject_id IS NULL) <> (d.payment_id IS NULL)
                            OR m.subject_id <> d.payment_id END
                OR (COALESCE(m.payer, '') NOT LIKE '%' || SUBSTR(d.msisdn, 4) AND NOT (",
            settles!(),
            " AND d.msisdn = p.msisdn))
                OR (d.msisdn IS NULL AND d.receipt IS NULL
                    AND (d.status <> 'waiting' OR p.query_succeeded_at IS NOT NULL))
                OR (d.status = 'waiting' AND d.receipt IS NOT NULL)
                OR (d.status = 'payable' AND d.receipt IS NULL)) LIMIT $1"
        ),
    },
    Rule {
        name: "a transfer must be of something that there is, and of what its kind is of",
        broken_by: "SELECT t.id FROM transfers t WHERE t.day >= $2 AND $3 IS NOT NULL AND NOT COALESCE(
                CASE t.subject_kind
                    WHEN 'payment' THEN t.kind IN ('sale', 'owed', 'receipt_named', 'receipt_awaited')
                        AND EXISTS (SELECT 1 FROM payments p WHERE p.id = t.subject_id)
                    WHEN 'receipt' THEN t.kind IN ('unplaced', 'owed', 'reversed')
                        AND EXISTS (SELECT 1 FROM money_in m WHERE m.id = t.subject_id)
                    WHEN 'release' THEN t.kind = 'release'
                        AND EXISTS (SELECT 1 FROM purchases b WHERE b.payment_id = t.subject_id)
                    WHEN 'refund' THEN t.kind = 'refund_by_hand'
                        AND EXISTS (SELECT 1 FROM debts d WHERE d.id = t.subject_id)
                    ELSE t.kind NOT IN ('sale', 'owed', 'receipt_named', 'receipt_awaited', 'unplaced',
                        'reversed',
                        'release', 'refund_by_hand') END, FALSE) LIMIT $1",
    },
];
