//! The rows of facts. They are only ever added; the database refuses anything else.

use crate::mpesa::Subject;
use crate::mpesa::events::{Event, NewEvent};
use crate::platform::db::{Db, Tx, execute, on, read};

/// Adds a fact, in the transaction that acts on it.
///
/// # Errors
/// A database error.
pub async fn insert(tx: &mut Tx, event: &NewEvent<'_>) -> Result<(), sqlx::Error> {
    const INSERT: &str =
        "INSERT INTO mpesa_events (id, purpose, subject_id, happened_at, source, kind, result_code, receipt, \
            amount_cents, detail, body_id)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    execute!(tx, {
        let insert = sqlx::query(INSERT)
            .bind(event.id)
            .bind(event.subject.purpose.as_str())
            .bind(event.subject.id)
            .bind(event.at)
            .bind(event.source)
            .bind(event.kind);
        insert.bind(event.code).bind(event.receipt).bind(event.amount).bind(event.detail).bind(event.body)
    })
}

/// The query of `list`; a test looks at its plan.
pub const LIST: &str = "SELECT happened_at, source, kind, result_code, receipt, amount_cents, detail \
    FROM mpesa_events
    WHERE purpose = $1 AND subject_id = $2 ORDER BY happened_at, id";

/// The facts about a subject, the oldest first.
///
/// # Errors
/// A database error.
pub async fn list(db: &Db, subject: Subject) -> Result<Vec<Event>, sqlx::Error> {
    let (purpose, id) = (subject.purpose.as_str(), subject.id);
    read!(db, |c| sqlx::query_as(LIST).bind(purpose).bind(id).fetch_all(c).await)
}

/// Whether Safaricom named this receipt for this very subject.
///
/// # Errors
/// A database error.
pub async fn is_told(tx: &mut Tx, subject: Subject, receipt: &str) -> Result<bool, sqlx::Error> {
    const TOLD: &str = "SELECT EXISTS (SELECT 1 FROM mpesa_events
        WHERE purpose = $1 AND subject_id = $2 AND receipt = $3
            AND source IN ('callback', 'c2b', 'statement'))";
    on!(tx, |c| {
        let told = sqlx::query_scalar(TOLD).bind(subject.purpose.as_str()).bind(subject.id);
        told.bind(receipt).fetch_one(c).await
    })
}

/// The query of `is_noted`; a test looks at its plan.
pub const NOTED: &str = "SELECT EXISTS (SELECT 1 FROM mpesa_events \
    WHERE purpose = $1 AND subject_id = $2 AND kind = $3 AND receipt = $4)";

/// Whether a fact of this kind is known of a subject and a receipt.
///
/// # Errors
/// A database error.
pub async fn is_noted(tx: &mut Tx, subject: Subject, kind: &str, receipt: &str) -> Result<bool, sqlx::Error> {
    on!(tx, |c| {
        let noted = sqlx::query_scalar(NOTED).bind(subject.purpose.as_str()).bind(subject.id);
        noted.bind(kind).bind(receipt).fetch_one(c).await
    })
}
