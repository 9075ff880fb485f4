//! Money out. So far: what is owed to a payer whose payment could buy nothing.

pub mod store;

use chrono::{DateTime, TimeDelta, Utc};

use crate::types::{Kes, Msisdn, PaymentId};

/// How long a refund may take; the buyer is told the date.
pub const REFUND_WITHIN: TimeDelta = TimeDelta::days(3);

/// Payable only to the number that our push charged (MONEY §1).
#[derive(Debug, Clone)]
pub struct Debt {
    pub payment: PaymentId,
    pub msisdn: Msisdn,
    pub owed: Kes,
    pub reason: DebtReason,
    pub owed_at: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
}

/// Why a payment bought nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DebtReason {
    AlreadyBought,
    Withdrawn,
    KickedOff,
}

impl DebtReason {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AlreadyBought => "already_bought",
            Self::Withdrawn => "withdrawn",
            Self::KickedOff => "kicked_off",
        }
    }
}
