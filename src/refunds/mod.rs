//! Money out: what is owed to payers whose payment could buy nothing. Refunds are sent by hand.

pub mod store;

use chrono::{DateTime, TimeDelta, Utc};

use crate::types::{Kes, Msisdn, PaymentId, text_enum};

/// How long a refund may take. The buyer is told the date.
pub const REFUND_WITHIN: TimeDelta = TimeDelta::days(3);

/// Money that is owed to its payer, and payable only to the number that our push charged (MONEY §1).
#[derive(Debug, Clone)]
pub struct Debt {
    pub payment: PaymentId,
    pub msisdn: Msisdn,
    pub owed: Kes,
    pub reason: DebtReason,
    pub owed_at: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
}

text_enum! {
    /// Where a debt stands.
    pub enum DebtStatus {
        Owed = "owed",
        /// The money is on its way back. Nothing sets this yet.
        Sending = "sending",
        Paid = "paid",
    }
}

text_enum! {
    /// Why a payment bought nothing.
    pub enum DebtReason {
        AlreadyBought = "already_bought",
        Withdrawn = "withdrawn",
        KickedOff = "kicked_off",
    }
}
