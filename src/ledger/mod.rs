//! Double entry: each movement of money is a transfer whose entries sum to zero, and nothing is ever changed
//! (MONEY §4).
//!
//! An entry is what an account gains. M-Pesa's accounts stand for the world outside: `mpesa_collections`
//! falls by what buyers pay, so its minus is what lies with Safaricom. What is owed to people (held,
//! available, refunds) is never below zero.

pub mod check;
mod closing;
pub mod store;

pub use check::{Extent, check};
pub use closing::close_days;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::platform::db::{Failure, Tx};
use crate::types::{Kes, PaymentId, PersonId, text_enum};

text_enum! {
    /// The accounts by name. World: minus is what lies there. Ours and the tipsters': what is owed to them.
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

/// Whose money. Tipsters have two accounts each, made when they register.
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

    /// Platform accounts have fixed ids, written by the migration.
    pub const fn fixed_id(self) -> Option<Uuid> {
        match self {
            Self::MpesaCollections => Some(Uuid::from_u128(1)),
            Self::MpesaPayouts => Some(Uuid::from_u128(2)),
            Self::RefundsOwed => Some(Uuid::from_u128(5)),
            Self::PlatformRevenue => Some(Uuid::from_u128(7)),
            Self::TipsterHeld(_) | Self::TipsterAvailable(_) => None,
        }
    }

    pub const fn person(self) -> Option<PersonId> {
        match self {
            Self::TipsterHeld(person) | Self::TipsterAvailable(person) => Some(person),
            _ => None,
        }
    }
}

text_enum! {
    /// What a transfer is for. A payment has at most one of each.
    pub enum TransferKind {
        /// A payment bought a tip: the tipster's share is held, the rest is revenue.
        Sale = "sale",
        /// A payment could buy nothing: it is owed to its payer.
        Debt = "debt",
        /// A held share becomes available.
        Release = "release",
        /// What was owed went back to its payer.
        Refund = "refund",
    }
}

/// One movement of money between accounts.
#[derive(Debug)]
pub struct Transfer {
    pub id: Uuid,
    pub kind: TransferKind,
    pub payment: PaymentId,
    pub made_at: DateTime<Utc>,
    pub entries: Vec<(Account, Kes)>,
}

/// Books a transfer. Its entries must sum to zero and leave no tipster below zero; a second transfer of the
/// same kind for the same payment is refused by the database. Any of these is our own fault, never a user's,
/// and rolls the transaction back.
pub async fn book(tx: &mut Tx, mut transfer: Transfer) -> Result<(), Failure> {
    transfer.entries.retain(|(_, amount)| *amount != Kes::ZERO);
    // Accounts are locked in one order everywhere, so that two transfers never wait for each other.
    transfer.entries.sort_by_key(|(account, _)| (account.person(), *account));
    check_sum(&transfer)?;
    store::insert_transfer(tx, &transfer).await?;
    let mut lines = Vec::with_capacity(transfer.entries.len());
    for &(account, amount) in &transfer.entries {
        lines.push(match (account.fixed_id(), account.person()) {
            (Some(id), _) => store::EntryLine { account: id, amount, balance_after: None },
            (None, Some(person)) => {
                let Some((id, balance)) = store::change_balance(tx, person, account.kind(), amount).await?
                else {
                    return Err(broken("an account is missing or would fall below zero", &transfer));
                };
                store::EntryLine { account: id, amount, balance_after: Some(balance) }
            }
            (None, None) => return Err(broken("an account has neither a fixed id nor a person", &transfer)),
        });
    }
    store::insert_entries(tx, transfer.id, &lines).await?;
    Ok(())
}

/// Opens a person's two accounts; the ids are the caller's.
pub async fn open_accounts(
    tx: &mut Tx,
    person: PersonId,
    held: Uuid,
    available: Uuid,
) -> Result<(), Failure> {
    Ok(store::open_accounts(tx, person, held, available).await?)
}

pub fn check_sum(transfer: &Transfer) -> Result<(), Failure> {
    let sum: Kes = transfer.entries.iter().map(|(_, amount)| *amount).sum();
    if sum != Kes::ZERO || transfer.entries.is_empty() {
        return Err(broken("the entries of a transfer do not sum to zero", transfer));
    }
    Ok(())
}

pub fn broken(what: &str, transfer: &Transfer) -> Failure {
    tracing::error!(payment.id = %transfer.payment, kind = %transfer.kind, "{what}");
    Failure::App(crate::types::AppError::Internal)
}
