//! What a tipster earned and what a buyer bought.

pub mod api;
mod purchases;
pub mod service;
pub mod store;

use chrono::{DateTime, Utc};

pub use service::Wallets;

use crate::payments::PaymentFace;
use crate::tips::Bookmaker;
use crate::types::{Kes, Odds, PaymentId, TipId};

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

/// Which of a buyer's payments a list is of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Show {
    #[default]
    All,
    /// Bought, without a result yet.
    Open,
    /// Bought, with a result.
    Settled,
    /// Bought nothing: pending, failed, cancelled, or owed back.
    Unpaid,
}

impl Show {
    pub const ALL: [Self; 4] = [Self::All, Self::Open, Self::Settled, Self::Unpaid];

    /// As it is written in the page's address.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Open => "open",
            Self::Settled => "settled",
            Self::Unpaid => "unpaid",
        }
    }

    /// Anything else is all.
    pub fn read(text: &str) -> Self {
        Self::ALL.into_iter().find(|show| show.as_str() == text).unwrap_or_default()
    }
}

/// What a buyer bought, tried to buy, or is owed.
#[derive(Debug, Clone)]
pub struct Purchases {
    /// Newest first, at most one page.
    pub payments: Vec<PurchaseLine>,
    pub totals: PurchaseTotals,
    pub show: Show,
    pub next: Option<String>,
}

/// Over all that a buyer bought.
#[derive(Debug, Clone, Copy, Default)]
pub struct PurchaseTotals {
    pub spent: Kes,
    pub bought: i64,
    pub won: i64,
    pub lost: i64,
}

#[derive(Debug, Clone)]
pub struct PurchaseLine {
    pub tip: TipId,
    pub tipster: String,
    pub bookmaker: Bookmaker,
    pub match_count: i64,
    /// Exact if it was bought, else what is public of them.
    pub odds: String,
    pub price: Kes,
    pub started_at: DateTime<Utc>,
    /// `won`, `lost` or `void`, of a tip that was bought.
    pub result: Option<String>,
    /// What was paid for; only if it was.
    pub bought: Option<Bought>,
    pub debt: Option<Debt>,
    /// Whether the buyer may ask us to look again.
    pub can_ask: bool,
    pub payment: PaymentFace,
}

#[derive(Debug, Clone)]
pub struct Bought {
    pub bet_code: String,
    pub picks: Vec<Pick>,
}

/// One match of a bought tip, with what became of it.
#[derive(Debug, Clone)]
pub struct Pick {
    pub home_team: String,
    pub away_team: String,
    pub kick_off_at: DateTime<Utc>,
    pub market: String,
    pub selection: String,
    pub odds: Odds,
    pub result: Option<String>,
    pub score: Option<String>,
}

/// Money that goes back to who paid.
#[derive(Debug, Clone)]
pub struct Debt {
    pub owed: Kes,
    pub is_paid: bool,
    pub due_at: DateTime<Utc>,
    pub paid_at: Option<DateTime<Utc>>,
    pub receipt: Option<String>,
}

/// The proof of one payment, to print and to show. Nothing of the tip is in it.
#[derive(Debug, Clone)]
pub struct Receipt {
    pub payment_id: PaymentId,
    pub payer: String,
    /// Masked.
    pub phone: String,
    pub tip: TipId,
    pub amount: Kes,
    /// It may follow later, when a query told of the money first.
    pub mpesa_code: Option<String>,
    pub reference: String,
    pub asked_at: DateTime<Utc>,
    pub paid_at: DateTime<Utc>,
    pub debt: Option<Debt>,
}
