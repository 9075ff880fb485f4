//! What became known of a payment, fact after fact. Rows are only ever added.

use chrono::{DateTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use crate::payments::evidence::{EventKind, EvidenceSource};
use crate::platform::db::{Db, Tx, execute, read};
use crate::types::{CallbackId, Kes, PaymentId};

/// One fact to be added to a payment's list.
pub struct NewEvent<'a> {
    pub id: Uuid,
    pub payment: PaymentId,
    pub at: DateTime<Utc>,
    pub source: EvidenceSource,
    pub kind: EventKind,
    pub code: Option<&'a str>,
    pub receipt: Option<&'a str>,
    pub amount: Option<Kes>,
    pub detail: Option<&'a str>,
    pub callback: Option<CallbackId>,
}

/// Adds a fact, in the transaction that acts on it.
///
/// # Errors
/// A database error.
pub async fn insert_event(tx: &mut Tx, event: &NewEvent<'_>) -> Result<(), sqlx::Error> {
    const INSERT: &str =
        "INSERT INTO payment_events (id, payment_id, happened_at, source, kind, result_code, receipt, \
            amount_cents, detail, callback_id)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    execute!(tx, {
        let insert = sqlx::query(INSERT)
            .bind(event.id)
            .bind(event.payment)
            .bind(event.at)
            .bind(event.source)
            .bind(event.kind);
        insert.bind(event.code).bind(event.receipt).bind(event.amount).bind(event.detail).bind(event.callback)
    })
}

/// One fact about a payment, as commands show it. Amounts are in cents.
#[derive(Debug, FromRow, serde::Serialize)]
pub struct Event {
    pub happened_at: DateTime<Utc>,
    pub source: EvidenceSource,
    pub kind: EventKind,
    pub result_code: Option<String>,
    pub receipt: Option<String>,
    pub amount_cents: Option<i64>,
    pub detail: Option<String>,
}

/// The facts about a payment, the oldest first.
///
/// # Errors
/// A database error.
pub async fn events(db: &Db, payment: PaymentId) -> Result<Vec<Event>, sqlx::Error> {
    const LIST: &str =
        "SELECT happened_at, source, kind, result_code, receipt, amount_cents, detail FROM payment_events
        WHERE payment_id = $1 ORDER BY happened_at, id";
    read!(db, |c| sqlx::query_as(LIST).bind(payment).fetch_all(c).await)
}
