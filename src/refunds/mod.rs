//! Money out: what is owed to payers whose payment could buy nothing. Refunds are sent by hand.

pub mod store;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use crate::types::{Kes, Msisdn, PaymentId, text_enum};

/// How long a refund may take. The buyer is told the date.
pub const REFUND_WITHIN: TimeDelta = TimeDelta::days(3);

/// Money that is owed to whoever paid its receipt (MONEY §1). There is one for each receipt and reason.
#[derive(Debug, Clone)]
pub struct Debt {
    pub id: Uuid,
    /// The payment that it is of; `None` if its money named none.
    pub payment: Option<PaymentId>,
    /// The receipt under which the money came; `None` while no source has named it.
    pub receipt: Option<String>,
    /// The number that surely paid this receipt; `None` if nothing proves which one did.
    pub msisdn: Option<Msisdn>,
    pub owed: Kes,
    pub reason: DebtReason,
    pub owed_at: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
}

/// A debt that is neither paid nor being paid.
#[derive(Debug, Clone, FromRow)]
pub struct OpenDebt {
    pub id: Uuid,
    pub receipt: Option<String>,
    /// The number that surely paid; `None` where only the receipt leads to whoever did.
    pub msisdn: Option<Msisdn>,
    #[sqlx(rename = "owed_cents")]
    pub owed: Kes,
    pub reason: DebtReason,
}

/// A debt, in a list of them.
#[derive(Debug, Clone, FromRow)]
pub struct KnownDebt {
    pub id: Uuid,
    pub payment_id: Option<PaymentId>,
    /// The receipt under which the money came.
    pub receipt: Option<String>,
    #[sqlx(rename = "owed_cents")]
    pub owed: Kes,
    pub msisdn: Option<Msisdn>,
    pub status: DebtStatus,
    pub reason: DebtReason,
    pub due_at: DateTime<Utc>,
}

text_enum! {
    /// Where a debt stands.
    pub enum DebtStatus {
        /// The receipt of the money is not known yet.
        Waiting = "waiting",
        Payable = "payable",
        /// The money is on its way back. Nothing sets this, or the two after it, yet.
        Sending = "sending",
        /// Nobody knows whether the money went back.
        Unknown = "unknown",
        /// A person has taken it on, to pay it back by hand.
        ByHand = "by_hand",
        Paid = "paid",
    }
}

text_enum! {
    /// Why the money bought nothing.
    pub enum DebtReason {
        AlreadyBought = "already_bought",
        Withdrawn = "withdrawn",
        KickedOff = "kicked_off",
        /// The buyer's account was closed by then.
        AccountClosed = "account_closed",
        /// It is further money, and nothing was left to be bought with it.
        FurtherReceipt = "further_receipt",
        /// Money that nobody could place goes back to whoever paid it.
        Returned = "returned",
    }
}
