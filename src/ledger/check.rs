//! The proof of the books: everything that must be true of the ledger and the payments, asked of one snapshot.

use serde::Serialize;

use crate::platform::db::{Db, Failure, Tx, on};

/// One rule that does not hold for one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub rule: &'static str,
    /// The id of the transfer, account or payment.
    pub id: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct Report {
    pub transfers: i64,
    pub entries: i64,
    pub completed_payments: i64,
    /// At most `FINDINGS_SHOWN` of each rule.
    pub findings: Vec<Finding>,
}

const FINDINGS_SHOWN: i64 = 100;

/// Each rule and the query of the ids that break it. `$1` is the most rows wanted.
const RULES: &[(&str, &str)] = &[
    (
        "a transfer's entries must sum to zero",
        "SELECT t.id FROM transfers t LEFT JOIN entries e ON e.transfer_id = t.id GROUP BY t.id
         HAVING COALESCE(SUM(e.amount_cents), 1) <> 0 LIMIT $1",
    ),
    (
        "a balance must be the sum of its account's entries",
        "SELECT a.id FROM accounts a LEFT JOIN entries e ON e.account_id = a.id WHERE a.balance_cents IS NOT NULL
         GROUP BY a.id, a.balance_cents HAVING a.balance_cents <> COALESCE(SUM(e.amount_cents), 0) LIMIT $1",
    ),
    (
        "a completed payment must have exactly one purchase or debt",
        "SELECT p.id FROM payments p LEFT JOIN purchases b ON b.payment_id = p.id LEFT JOIN debts d ON d.payment_id = p.id
         WHERE (p.status = 'completed') <> ((b.payment_id IS NOT NULL) OR (d.payment_id IS NOT NULL))
            OR (b.payment_id IS NOT NULL AND d.payment_id IS NOT NULL) LIMIT $1",
    ),
    (
        "a completed payment must have exactly one transfer, of its outcome's kind and its price",
        "SELECT p.id FROM payments p
         LEFT JOIN transfers t ON t.payment_id = p.id AND t.kind = CASE p.outcome WHEN 'unlocked' THEN 'sale' ELSE 'debt' END
         LEFT JOIN transfers o ON o.payment_id = p.id AND o.kind = CASE p.outcome WHEN 'unlocked' THEN 'debt' ELSE 'sale' END
         LEFT JOIN entries e ON e.transfer_id = t.id AND e.line = 1
         WHERE (p.status = 'completed') <> (t.id IS NOT NULL) OR o.id IS NOT NULL
            OR (t.id IS NOT NULL AND (e.amount_cents IS NULL OR e.amount_cents <> -p.price_cents)) LIMIT $1",
    ),
    (
        "a receipt must belong to the payment that names it",
        "SELECT p.id FROM payments p LEFT JOIN receipts r ON r.receipt = p.receipt
         WHERE p.receipt IS NOT NULL AND (r.payment_id IS NULL OR r.payment_id <> p.id) LIMIT $1",
    ),
    (
        "a purchase must be released exactly when its share was moved",
        "SELECT b.payment_id FROM purchases b LEFT JOIN transfers t ON t.payment_id = b.payment_id AND t.kind = 'release'
         WHERE (b.released_at IS NOT NULL AND b.share_cents > 0) <> (t.id IS NOT NULL) LIMIT $1",
    ),
    (
        "a debt must be paid exactly when its refund was booked",
        "SELECT d.payment_id FROM debts d LEFT JOIN transfers t ON t.payment_id = d.payment_id AND t.kind = 'refund'
         WHERE (d.status = 'paid') <> (t.id IS NOT NULL) LIMIT $1",
    ),
];

/// Reads everything in one snapshot; changes nothing.
pub async fn check(db: &Db) -> Result<Report, Failure> {
    const COUNT_TRANSFERS: &str = "SELECT COUNT(*) FROM transfers";
    const COUNT_ENTRIES: &str = "SELECT COUNT(*) FROM entries";
    const COUNT_COMPLETED: &str = "SELECT COUNT(*) FROM payments WHERE status = 'completed'";
    let mut tx = db.begin_snapshot().await?;
    let tx = &mut tx;
    let mut findings = Vec::new();
    for &(rule, query) in RULES {
        findings.extend(broken(tx, query).await?.into_iter().map(|id| Finding { rule, id: id.to_string() }));
    }
    Ok(Report {
        transfers: count(tx, COUNT_TRANSFERS).await?,
        entries: count(tx, COUNT_ENTRIES).await?,
        completed_payments: count(tx, COUNT_COMPLETED).await?,
        findings,
    })
}

async fn broken(tx: &mut Tx, query: &'static str) -> Result<Vec<uuid::Uuid>, sqlx::Error> {
    on!(tx, c => sqlx::query_scalar(query).bind(FINDINGS_SHOWN).fetch_all(c).await)
}

async fn count(tx: &mut Tx, query: &'static str) -> Result<i64, sqlx::Error> {
    on!(tx, c => sqlx::query_scalar(query).fetch_one(c).await)
}
