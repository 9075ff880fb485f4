//! Double entry: each movement of money is a transfer whose entries sum to zero, and nothing is ever changed
//! (MONEY §4).
//!
//! An entry is what an account gains. M-Pesa's accounts stand for the world outside: `mpesa_collections`
//! falls by what buyers pay, so its minus is what lies with Safaricom. What is owed to people (held,
//! available, refunds) is never below zero.

pub mod check;
mod closing;
mod service;
pub mod store;

pub use check::{Extent, check};
pub use closing::close_days;
pub use service::{book, broken, check_sum};
pub use store::open_accounts;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::types::{Kes, PaymentId, PersonId, text_enum};

text_enum! {
    /// The names of the accounts, as the migrations made them. An account of the world outside is below zero
    /// by what lies there; the others hold what is owed to tipsters and payers, and what is ours.
    pub enum AccountKind {
        MpesaCollections = "mpesa_collections",
        MpesaPayouts = "mpesa_payouts",
        Bank = "bank",
        Suspense = "suspense",
        RefundsOwed = "refunds_owed",
        PayoutsInFlight = "payouts_in_flight",
        PlatformRevenue = "platform_revenue",
        Fees = "fees",
        Losses = "losses",
        TipsterHeld = "tipster_held",
        TipsterAvailable = "tipster_available",
    }
}

/// Whose money it is. Each tipster has two accounts, which are opened when they register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Account {
    MpesaCollections,
    MpesaPayouts,
    RefundsOwed,
    PlatformRevenue,
    TipsterHeld(PersonId),
    TipsterAvailable(PersonId),
}

impl Account {
    /// The account's name in the database.
    pub const fn kind(self) -> AccountKind {
        match self {
            Self::MpesaCollections => AccountKind::MpesaCollections,
            Self::MpesaPayouts => AccountKind::MpesaPayouts,
            Self::RefundsOwed => AccountKind::RefundsOwed,
            Self::PlatformRevenue => AccountKind::PlatformRevenue,
            Self::TipsterHeld(_) => AccountKind::TipsterHeld,
            Self::TipsterAvailable(_) => AccountKind::TipsterAvailable,
        }
    }

    /// The id that the migration gave to an account of the platform; `None` for a tipster's account.
    pub const fn fixed_id(self) -> Option<Uuid> {
        match self {
            Self::MpesaCollections => Some(Uuid::from_u128(1)),
            Self::MpesaPayouts => Some(Uuid::from_u128(2)),
            Self::RefundsOwed => Some(Uuid::from_u128(5)),
            Self::PlatformRevenue => Some(Uuid::from_u128(7)),
            Self::TipsterHeld(_) | Self::TipsterAvailable(_) => None,
        }
    }

    /// The tipster whose account it is; `None` for an account of the platform.
    pub const fn person(self) -> Option<PersonId> {
        match self {
            Self::TipsterHeld(person) | Self::TipsterAvailable(person) => Some(person),
            _ => None,
        }
    }
}

text_enum! {
    /// What a transfer is for. A payment has at most one of each kind.
    pub enum TransferKind {
        /// A payment bought a tip: the tipster's share is held, the rest is revenue.
        Sale = "sale",
        /// A payment could buy nothing: it is owed to its payer.
        Debt = "debt",
        /// A held share becomes available.
        Release = "release",
        /// The money that was owed went back to its payer.
        Refund = "refund",
    }
}

/// One movement of money between accounts. An entry is positive where the account gains; entries of zero are
/// not written.
#[derive(Debug)]
pub struct Transfer {
    pub id: Uuid,
    pub kind: TransferKind,
    pub payment: PaymentId,
    pub made_at: DateTime<Utc>,
    pub entries: Vec<(Account, Kes)>,
}
