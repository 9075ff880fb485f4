//! Money out: what is owed to payers whose payment could buy nothing. Refunds are sent by hand.

pub mod store;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use crate::types::{Kes, Msisdn, PaymentId, text_enum};

/// How long a refund may take. The buyer is told the date.
pub const REFUND_WITHIN: TimeDelta = TimeDelta::days(3);

/// Money that is owed to its payer, and payable only to the number that our push charged (MONEY §1). There
/// is one for each receipt and reason.
#[derive(Debug, Clone)]
pub struct Debt {
    pub id: Uuid,
    pub payment: PaymentId,
    /// The receipt under which the money came; `None` while no source has named it.
    pub receipt: Option<String>,
    pub msisdn: Msisdn,
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

/// A debt that is not paid, in a list of them.
#[derive(Debug, Clone, FromRow)]
pub struct UnpaidDebt {
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
    /// Why a payment bought nothing.
    pub enum DebtReason {
        AlreadyBought = "already_bought",
        Withdrawn = "withdrawn",
        KickedOff = "kicked_off",
        /// The buyer's account was closed before the money came.
        AccountClosed = "account_closed",
        /// It came under a payment that needed no more money.
        FurtherReceipt = "further_receipt",
        /// It lay in suspense, and was given back to its payer.
        Returned = "returned",
    }
}
