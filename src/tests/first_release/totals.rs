//! What the first release left, counted by queries that read it before and after its migration.

/// What stands in the queries below, what it was in the first release, and what it is now.
pub const NAMES: [(&str, &str, &str); 13] = [
    ("{receipts}", "receipts", "money_in"),
    ("{receipt.payment}", "payment_id", "subject_id"),
    ("{receipt.callback}", "p.callback_succeeded_at", "r.callback_at"),
    ("{receipt.listed}", "p.statement_succeeded_at", "COALESCE(r.c2b_at, r.statement_at)"),
    (
        "{receipt.operator}",
        "CASE WHEN p.first_operator IS NULL THEN NULL ELSE p.pushed_at END",
        "r.operator_at",
    ),
    ("{events}", "payment_events", "mpesa_events"),
    ("{event.payment}", "payment_id", "subject_id"),
    ("{callbacks}", "callbacks", "callbacks"),
    ("{callback.payment}", "payment_id", "subject_id"),
    (
        "{debt.status}",
        "CASE WHEN status = 'paid' THEN 'paid'
            WHEN (SELECT p.receipt FROM payments p WHERE p.id = payment_id) IS NULL THEN 'waiting'
            ELSE 'payable' END",
        "status",
    ),
    ("{debt.refund}", "receipt", "refund_receipt"),
    (
        "{transfer.kind}",
        "CASE kind WHEN 'debt' THEN 'owed' WHEN 'refund' THEN 'refund_by_hand' ELSE kind END",
        "kind",
    ),
    ("{transfer.payment}", "payment_id", "subject_id"),
];

/// Of each kind a key, how many there are and what they sum up to.
pub const TOTALS: [(&str, &str); 25] = [
    (
        "payments",
        "SELECT status || ' ' || COALESCE(outcome, '-') || ' ' || COALESCE(review_reason, '-') || ' ' || push,
            COUNT(*), CAST(SUM(price_cents) AS BIGINT) FROM payments GROUP BY 1",
    ),
    (
        "sources of payments",
        "SELECT CASE WHEN callback_succeeded_at IS NULL THEN '' ELSE 'callback ' END
            || CASE WHEN query_succeeded_at IS NULL THEN '' ELSE 'query ' END
            || CASE WHEN statement_succeeded_at IS NULL THEN '' ELSE 'statement ' END
            || CASE WHEN first_operator IS NULL THEN '' ELSE 'operator ' END
            || CASE WHEN second_operator IS NULL THEN '' ELSE 'operator' END,
            COUNT(*), CAST(SUM(price_cents) AS BIGINT) FROM payments GROUP BY 1",
    ),
    (
        "payments that wait",
        "SELECT 'open', COUNT(*), CAST(COALESCE(SUM(check_count), 0) AS BIGINT) FROM payments WHERE open
         UNION ALL SELECT 'to be asked about', COUNT(*), CAST(COALESCE(SUM(check_count), 0) AS BIGINT) FROM payments
            WHERE next_check_at IS NOT NULL
         UNION ALL SELECT 'for a second source', COUNT(*), CAST(COALESCE(SUM(check_count), 0) AS BIGINT) FROM payments
            WHERE waiting_receipt IS NOT NULL",
    ),
    (
        "purchases",
        "SELECT CASE WHEN released_at IS NULL THEN 'held' ELSE 'released' END, COUNT(*),
            CAST(SUM(share_cents) AS BIGINT) FROM purchases GROUP BY 1",
    ),
    ("prices paid", "SELECT 'all', COUNT(*), CAST(SUM(price_cents) AS BIGINT) FROM purchases"),
    (
        "debts",
        "SELECT reason || ' ' || {debt.status}, COUNT(*), CAST(SUM(owed_cents) AS BIGINT) FROM debts GROUP BY 1",
    ),
    (
        "refunds",
        "SELECT {debt.refund}, COUNT(*), CAST(SUM(owed_cents) AS BIGINT) FROM debts
            WHERE {debt.refund} IS NOT NULL GROUP BY 1",
    ),
    (
        "debts of payments",
        "SELECT p.account_reference, COUNT(*), CAST(SUM(d.owed_cents) AS BIGINT) FROM debts d
            JOIN payments p ON p.id = d.payment_id GROUP BY 1",
    ),
    (
        "transfers of payments",
        "SELECT p.account_reference, COUNT(*), CAST(SUM(t.day) AS BIGINT) FROM transfers t
            JOIN payments p ON p.id = t.{transfer.payment} GROUP BY 1",
    ),
    (
        "receipts",
        "SELECT r.receipt || ' ' || p.account_reference, COUNT(*), CAST(SUM(p.price_cents) AS BIGINT)
            FROM {receipts} r JOIN payments p ON p.id = r.{receipt.payment} AND p.receipt = r.receipt GROUP BY 1",
    ),
    (
        "sources of receipts",
        "SELECT CASE WHEN {receipt.callback} IS NULL THEN '' ELSE 'callback ' END
            || CASE WHEN {receipt.listed} IS NULL THEN '' ELSE 'listed ' END
            || CASE WHEN {receipt.operator} IS NULL THEN '' ELSE 'operator' END,
            COUNT(*), CAST(SUM(p.price_cents) AS BIGINT)
            FROM {receipts} r JOIN payments p ON p.id = r.{receipt.payment} GROUP BY 1",
    ),
    (
        "events",
        "SELECT source || ' ' || kind, COUNT(*), CAST(COALESCE(SUM(amount_cents), 0) AS BIGINT)
            FROM {events} GROUP BY 1",
    ),
    (
        "receipts that events told",
        "SELECT receipt, COUNT(*), CAST(COALESCE(SUM(amount_cents), 0) AS BIGINT) FROM {events}
            WHERE receipt IS NOT NULL GROUP BY 1",
    ),
    (
        "events of payments",
        "SELECT p.account_reference, COUNT(*), CAST(COALESCE(SUM(e.amount_cents), 0) AS BIGINT)
            FROM payments p JOIN {events} e ON e.{event.payment} = p.id GROUP BY 1",
    ),
    (
        "callbacks of payments",
        "SELECT p.account_reference, COUNT(*), CAST(SUM(LENGTH(c.body)) AS BIGINT)
            FROM payments p JOIN {callbacks} c ON c.{callback.payment} = p.id GROUP BY 1",
    ),
    (
        "transfers",
        "SELECT {transfer.kind} || ' ' || CAST(day AS TEXT), COUNT(*), COUNT(DISTINCT {transfer.payment})
            FROM transfers GROUP BY 1",
    ),
    (
        "entries",
        "SELECT a.kind, COUNT(*), CAST(SUM(e.amount_cents) AS BIGINT) FROM entries e
            JOIN accounts a ON a.id = e.account_id GROUP BY 1",
    ),
    (
        "balances",
        "SELECT p.msisdn || ' ' || a.kind, COUNT(*), CAST(SUM(a.balance_cents) AS BIGINT) FROM accounts a
            JOIN people p ON p.id = a.person_id WHERE a.kind <> 'tipster_clawback' GROUP BY 1",
    ),
    (
        "closings",
        "SELECT a.kind || ' ' || CAST(c.day AS TEXT), COUNT(*), CAST(SUM(c.balance_cents) AS BIGINT)
            FROM closings c JOIN accounts a ON a.id = c.account_id GROUP BY 1",
    ),
    // What closed accounts claimed is forgotten on purpose.
    (
        "claims",
        "SELECT c.receipt, COUNT(*), CAST(SUM(CASE WHEN c.closed_at IS NULL THEN 1 ELSE 0 END) AS BIGINT)
            FROM payment_claims c JOIN people p ON p.id = c.person_id WHERE p.closed_at IS NULL GROUP BY 1",
    ),
    (
        "people",
        "SELECT msisdn, COUNT(*), CAST(SUM(push_count) AS BIGINT) FROM people GROUP BY 1",
    ),
    (
        "tips",
        "SELECT status || ' ' || COALESCE(result, '-'), COUNT(*), CAST(SUM(price_cents) AS BIGINT) FROM tips
            GROUP BY 1",
    ),
    (
        "results",
        "SELECT CAST(tip_id AS TEXT), COUNT(*), CAST(SUM(position) AS BIGINT) FROM result_events GROUP BY 1",
    ),
    (
        "follows",
        "SELECT p.msisdn, COUNT(*), COUNT(DISTINCT f.tipster_id) FROM follows f
            JOIN people p ON p.id = f.follower_id GROUP BY 1",
    ),
    (
        "notices",
        "SELECT kind || CASE WHEN read_at IS NULL THEN '' ELSE ' read' END, COUNT(*), COUNT(payment_id)
            FROM notices GROUP BY 1",
    ),
];
