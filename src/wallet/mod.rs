//! What a tipster earned.

pub mod api;
pub mod service;
pub mod store;

use chrono::{DateTime, Utc};

pub use service::Wallets;

use crate::types::{Kes, TipId};

/// A tipster's wallet.
#[derive(Debug, Clone)]
pub struct Wallet {
    pub held: Kes,
    pub available: Kes,
    /// Newest first, at most one page.
    pub sales: Vec<Sale>,
    /// Where the next page starts, if there is one.
    pub next: Option<String>,
}

/// One sale, as the ledger has it.
#[derive(Debug, Clone)]
pub struct Sale {
    pub sold_at: DateTime<Utc>,
    pub tip: TipId,
    pub price: Kes,
    pub share: Kes,
    pub release: Release,
}

/// When a share moves from held to available (MONEY §4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Release {
    Released(DateTime<Utc>),
    /// The hold ends then.
    HeldUntil(DateTime<Utc>),
    /// The hold is over, but Safaricom has not confirmed the money a second time yet.
    WaitingForConfirmation,
}
