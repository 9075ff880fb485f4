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
    /// Which of a buyer's payments a list shows, by its word in the page's address.
    #[derive(Default)]
    pub enum Show {
        #[default]
        All = "all",
        /// Payments that bought a tip which has no result yet.
        Open = "open",
        /// Payments that bought a tip which has a result.
        Settled = "settled",
        /// Payments that bought nothing: pending, failed, cancelled, or owed back.
        Unpaid = "unpaid",
    }
}

/// One page of a buyer's payments.
#[derive(Debug, Clone)]
pub struct PurchasePage {
    /// Newest first, at most one page.
    pub payments: Vec<PurchaseLine>,
    pub totals: PurchaseTotals,
    pub show: Show,
    pub next: Option<String>,
}

/// The sums over everything that a buyer bought, whatever the page shows.
#[derive(Debug, Clone, Copy, Default)]
pub struct PurchaseTotals {
    pub spent: Kes,
    pub bought: i64,
    pub won: i64,
    pub lost: i64,
}

/// One payment in the list, with its tip.
#[derive(Debug, Clone)]
pub struct PurchaseLine {
    pub tip: TipId,
    pub tipster: String,
    pub bookmaker: Bookmaker,
    pub match_count: i64,
    /// The exact odds if the tip was bought, else the rounded ones that everybody sees.
    pub odds: String,
    pub price: Kes,
    pub started_at: DateTime<Utc>,
    /// The result of the tip, if it was bought.
    pub result: Option<TipResult>,
    /// The content of the tip, if it was bought.
    pub bought: Option<Bought>,
    /// What is owed because the payment bought nothing.
    pub debt: Option<DebtView>,
    /// What is owed of other receipts that came under the payment.
    pub further: Vec<DebtView>,
    /// Whether Safaricom may be asked about this payment for its buyer.
    pub can_ask: bool,
    pub payment: PaymentView,
}

/// The content of a bought tip.
#[derive(Debug, Clone)]
pub struct Bought {
    pub bet_code: String,
    pub picks: Vec<BoughtPick>,
}

/// One match of a bought tip, with its result.
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

/// Money that goes back to its payer.
#[derive(Debug, Clone, FromRow)]
pub struct DebtView {
    #[sqlx(rename = "owed_cents")]
    pub owed: Kes,
    pub is_paid: bool,
    pub due_at: DateTime<Utc>,
    pub paid_at: Option<DateTime<Utc>>,
    /// The receipt of what was sent back.
    pub receipt: Option<String>,
    /// The receipt under which the money came; `None` while it is awaited.
    pub came_under: Option<String>,
    /// Whether it came beside what completed the payment, or could not complete it.
    pub is_further: bool,
}

/// The proof of one payment, to print and to show. It holds nothing of the tip but its number.
#[derive(Debug, Clone)]
pub struct Receipt {
    pub payment_id: PaymentId,
    pub payer: String,
    /// Masked.
    pub phone: String,
    pub tip: TipId,
    pub amount: Kes,
    /// The M-Pesa code. It follows later if a query told of the money first.
    pub mpesa_code: Option<String>,
    pub reference: String,
    pub asked_at: DateTime<Utc>,
    pub paid_at: DateTime<Utc>,
    /// All that is or was owed of what came under the payment.
    pub debts: Vec<DebtView>,
}
