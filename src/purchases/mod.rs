//! What a buyer bought, tried to buy, or is owed; and the receipt of one payment.

pub mod api;
mod service;
pub mod store;

use chrono::{DateTime, Utc};
use sqlx::FromRow;

pub use service::Purchases;

use crate::payments::PaymentView;
use crate::tips::Bookmaker;
use crate::types::{Kes, Odds, PaymentId, TipId, TipResult, text_enum};

text_enum! {
    /// Which of a buyer's payments a list is of, by its word in the page's address.
    #[derive(Default)]
    pub enum Show {
        #[default]
        All = "all",
        /// Bought, without a result yet.
        Open = "open",
        /// Bought, with a result.
        Settled = "settled",
        /// Bought nothing: pending, failed, cancelled, or owed back.
        Unpaid = "unpaid",
    }
}

/// What a buyer bought, tried to buy, or is owed.
#[derive(Debug, Clone)]
pub struct PurchasePage {
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
    /// Of a tip that was bought.
    pub result: Option<TipResult>,
    /// What was paid for; only if it was.
    pub bought: Option<Bought>,
    pub debt: Option<DebtView>,
    /// Whether the buyer may ask us to look again.
    pub can_ask: bool,
    pub payment: PaymentView,
}

#[derive(Debug, Clone)]
pub struct Bought {
    pub bet_code: String,
    pub picks: Vec<BoughtPick>,
}

/// One match of a bought tip, with what became of it.
#[derive(Debug, Clone)]
pub struct BoughtPick {
    pub home_team: String,
    pub away_team: String,
    pub kick_off_at: DateTime<Utc>,
    pub market: String,
    pub selection: String,
    pub odds: Odds,
    pub result: Option<TipResult>,
    pub score: Option<String>,
}

/// Money that goes back to who paid.
#[derive(Debug, Clone, FromRow)]
pub struct DebtView {
    #[sqlx(rename = "owed_cents")]
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
    pub debt: Option<DebtView>,
}
