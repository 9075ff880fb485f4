//! What became known of money that moves over M-Pesa, fact after fact, whatever it moves for. Facts are only
//! ever added.

use chrono::{DateTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use super::Subject;
use crate::types::{Kes, text_enum};

text_enum! {
    /// Who says it.
    pub enum EvidenceSource {
        /// Buyers' acts stand in the list of facts, but they are never evidence.
        Buyer = "buyer",
        Push = "push",
        Callback = "callback",
        Query = "query",
        C2b = "c2b",
        Statement = "statement",
        Operator = "operator",
    }
}

/// One fact to be added to the list of its subject.
pub struct NewEvent<'a> {
    /// Its own id; ids sort by their time.
    pub id: Uuid,
    /// What it is about.
    pub subject: Subject,
    /// When we learnt it.
    pub at: DateTime<Utc>,
    /// Who says it.
    pub source: EvidenceSource,
    /// What it is: a word of the room above, which has a closed list of them.
    pub kind: &'static str,
    /// Safaricom's result code.
    pub code: Option<&'a str>,
    /// The receipt that was named.
    pub receipt: Option<&'a str>,
    /// The amount that was named.
    pub amount: Option<Kes>,
    /// Words for people to read; nothing is decided by them.
    pub detail: Option<&'a str>,
    /// The body that told it, as long as that is kept.
    pub body: Option<Uuid>,
}

/// One fact, as it was kept.
#[derive(Debug, FromRow)]
pub struct Event {
    /// When we learnt it.
    pub happened_at: DateTime<Utc>,
    /// Who says it.
    pub source: EvidenceSource,
    /// The word of the room above.
    pub kind: String,
    /// Safaricom's result code.
    pub result_code: Option<String>,
    /// The receipt that was named.
    pub receipt: Option<String>,
    /// The amount that was named, in cents.
    pub amount_cents: Option<i64>,
    /// Words for people to read.
    pub detail: Option<String>,
}
