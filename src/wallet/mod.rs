//! What a tipster has earned.

pub mod api;
pub mod service;
pub mod store;

use chrono::{DateTime, Utc};

pub use service::Wallets;

use crate::types::{Kes, TipId};

/// A tipster's two balances and a page of their sales.
#[derive(Debug, Clone)]
pub struct Wallet {
    pub held: Kes,
    pub available: Kes,
    /// Newest first, at most one page.
    pub sales: Vec<Sale>,
    /// Where the next page starts, if there is one.
    pub next: Option<String>,
}

/// One sale. The share is what the ledger booked for it.
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
    /// The share is held until then at least.
    HeldUntil(DateTime<Utc>),
    /// The hold is over, but the share waits for a second source, for its receipt, or for a person.
    WaitingForConfirmation,
}
