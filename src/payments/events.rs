//! What became known of a payment, as commands show it.

use chrono::{DateTime, Utc};

use super::evidence::EventKind;
use super::subject;
use crate::mpesa::events::{self, EvidenceSource};
use crate::mpesa::store;
use crate::platform::db::Db;
use crate::types::PaymentId;
use crate::types::text_enum::unknown_word;

/// One fact about a payment. Amounts are in cents.
#[derive(Debug, serde::Serialize)]
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
/// A database error, also if a fact has a kind that is none of ours.
pub async fn events(db: &Db, payment: PaymentId) -> Result<Vec<Event>, sqlx::Error> {
    store::events::list(db, subject(payment)).await?.into_iter().map(read).collect()
}

fn read(event: events::Event) -> Result<Event, sqlx::Error> {
    let events::Event { happened_at, source, kind, result_code, receipt, amount_cents, detail } = event;
    let kind =
        EventKind::read(&kind).ok_or_else(|| sqlx::Error::Decode(unknown_word(&kind, "EventKind").into()))?;
    Ok(Event { happened_at, source, kind, result_code, receipt, amount_cents, detail })
}
