//! Money that came in, by its receipt: one row each, from whatever source first named it (MONEY §6). What it is
//! for, the rooms above say.

use chrono::{DateTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use super::Subject;
use super::events::EvidenceSource;
use crate::types::{Kes, text_enum};

text_enum! {
    /// Where the money of a receipt is.
    pub enum MoneyState {
        /// It bought something, or is owed as the money of what it was for.
        Matched = "matched",
        /// It fits nothing that we know of.
        Suspense = "suspense",
        /// It is owed to whoever paid it, as a debt of its own.
        Owed = "owed",
        /// Safaricom took it back.
        Returned = "returned",
    }
}

/// A receipt of which something is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoneyIn {
    /// The receipt itself.
    pub receipt: String,
    /// What the ledger knows it by.
    pub id: Uuid,
    /// How much came.
    pub amount: Kes,
    /// What was told of the payer's number; empty if nothing was.
    pub payer: String,
    /// Where it is.
    pub state: MoneyState,
    /// The row that it is for, if that is known. A receipt of one purpose is of no other.
    pub subject: Option<Uuid>,
    /// When a machine first named it; until then it is what an operator claims.
    pub named_at: Option<DateTime<Utc>>,
}

impl MoneyIn {
    /// Whether only an operator has named it: its money is awaited, and a machine's word counts for more.
    pub const fn is_claim(&self) -> bool {
        self.named_at.is_none()
    }
}

/// The columns of [`MoneyIn`] beside other rows, where there may be none.
#[derive(Debug, FromRow)]
pub struct MoneyColumns {
    #[sqlx(rename = "money_receipt")]
    receipt: Option<String>,
    #[sqlx(rename = "money_id")]
    id: Option<Uuid>,
    #[sqlx(rename = "money_cents")]
    amount: Option<Kes>,
    #[sqlx(rename = "money_payer")]
    payer: Option<String>,
    #[sqlx(rename = "money_state")]
    state: Option<MoneyState>,
    #[sqlx(rename = "money_subject")]
    subject: Option<Uuid>,
    #[sqlx(rename = "money_named_at")]
    named_at: Option<DateTime<Utc>>,
}

impl From<MoneyColumns> for Option<MoneyIn> {
    fn from(columns: MoneyColumns) -> Self {
        Some(MoneyIn {
            receipt: columns.receipt?,
            id: columns.id?,
            amount: columns.amount?,
            payer: columns.payer?,
            state: columns.state?,
            subject: columns.subject,
            named_at: columns.named_at,
        })
    }
}

/// When each source said that the money of a receipt came.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sources {
    /// The callback of our push.
    pub callback: Option<DateTime<Utc>>,
    /// An answer to a question about our push, which names no receipt.
    pub query: Option<DateTime<Utc>>,
    /// A confirmation of Safaricom's.
    pub c2b: Option<DateTime<Utc>>,
    /// A line of a statement, or of what was pulled.
    pub statement: Option<DateTime<Utc>>,
    /// A person of ours.
    pub operator: Option<DateTime<Utc>>,
}

impl Sources {
    /// What one source says.
    pub fn of(source: EvidenceSource, at: DateTime<Utc>) -> Self {
        let is = |wanted| (source == wanted).then_some(at);
        Self {
            callback: is(EvidenceSource::Callback),
            query: is(EvidenceSource::Query),
            c2b: is(EvidenceSource::C2b),
            statement: is(EvidenceSource::Statement),
            operator: is(EvidenceSource::Operator),
        }
    }
}

/// What a row says after this: the whole of it if there was none.
#[derive(Debug)]
pub struct Placing<'a> {
    /// The receipt.
    pub receipt: &'a str,
    /// Its id; that of the row if there is one.
    pub id: Uuid,
    /// The short code that was credited, if the source names it.
    pub short_code: Option<&'a str>,
    /// How much came.
    pub amount: Kes,
    /// The reference as it was typed or pushed; empty if the source names none.
    pub reference: &'a str,
    /// What was told of the payer's number; empty if nothing was.
    pub payer: &'a str,
    /// When this was told.
    pub at: DateTime<Utc>,
    /// Whether a machine names it.
    pub is_named: bool,
    /// Who says it. A time that is kept already stays.
    pub sources: Sources,
    /// Where it is from now on.
    pub state: MoneyState,
    /// The row that it is for.
    pub subject: Option<Subject>,
}
