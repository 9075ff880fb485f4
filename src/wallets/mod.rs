//! What a tipster earned and what a buyer bought.

pub mod api;
pub mod service;
mod store;

use chrono::{DateTime, Utc};

pub use service::Wallets;

use crate::payments::PaymentFace;
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

/// What a buyer bought, tried to buy, or is owed.
#[derive(Debug, Clone)]
pub struct Purchases {
    /// Newest first, at most one page.
    pub payments: Vec<PurchaseLine>,
    pub next: Option<String>,
}

#[derive(Debug, Clone)]
pub struct PurchaseLine {
    pub tip: TipId,
    pub tipster: String,
    pub match_count: i64,
    pub odds: crate::types::Odds,
    pub price: Kes,
    pub started_at: DateTime<Utc>,
    pub payment: PaymentFace,
}
