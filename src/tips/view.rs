//! A tip as its pages show it: to visitors, to people who bought it, and to its tipster.

use chrono::{DateTime, Utc};

use super::public::{PublicMatch, PublicOdds};
use super::record::Tally;
use super::store::CardRow;
use super::{Bookmaker, Match, MatchResult, SALES_CLOSE_BEFORE_KICK_OFF, TipOutcome, TipStatus};
use crate::types::{Kes, Odds, PersonId, TipId};

/// One tip in a list. It holds only what is public.
#[derive(Debug, Clone)]
pub struct TipCard {
    pub number: TipId,
    pub tipster: String,
    /// Names the tipster's page. A closed account has none, and its name leads nowhere.
    pub tipster_handle: Option<String>,
    pub tipster_is_verified: bool,
    /// The sums of the tipster's settled tips; `None` if there are none, or if the caller did not look.
    pub tipster_record: Option<Tally>,
    pub bookmaker: Bookmaker,
    pub odds: PublicOdds,
    pub price: Kes,
    pub match_count: i64,
    pub sales_close_at: DateTime<Utc>,
    /// How many people bought it.
    pub sales: i64,
}

impl TipCard {
    /// When the first match kicks off, calculated from the close of sales. It is the only kick-off that is
    /// public.
    pub fn first_kick_off_at(&self) -> DateTime<Utc> {
        self.sales_close_at + SALES_CLOSE_BEFORE_KICK_OFF
    }
}

/// What a tip's page shows. Everything that must be paid for is in `disclosure`, and only for viewers who may
/// see it.
#[derive(Debug, Clone)]
pub struct TipDetail {
    pub card: TipCard,
    pub tipster: PersonId,
    /// When the page was made; "closes in 2 h" is counted from it.
    pub now: DateTime<Utc>,
    pub state: TipState,
    /// SHA-256 of everything that is sold, in hexadecimal. Tips of the first days have none.
    pub seal: Option<String>,
    /// How the tip ended; `None` while it is open.
    pub outcome: Option<TipOutcome>,
    /// Why the desk rejected the tip. Only its tipster gets the reason.
    pub rejection_reason: Option<String>,
    pub disclosure: Disclosure,
}

impl From<CardRow> for TipCard {
    /// Makes a card without the tipster's record. The market and the tipster's page add that themselves.
    fn from(row: CardRow) -> Self {
        Self {
            number: row.id,
            tipster: row.tipster,
            tipster_handle: row.tipster_handle,
            tipster_is_verified: row.tipster_is_verified,
            tipster_record: None,
            bookmaker: row.bookmaker,
            odds: PublicOdds::kept(row.public_odds_thousandths, row.match_count),
            price: row.price,
            match_count: row.match_count,
            sales_close_at: row.sales_close_at,
            sales: row.sales,
        }
    }
}

/// Where a tip stands at a moment, as people are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TipState {
    OnSale,
    /// Too close to the first kick-off, or after it.
    Closed,
    /// Not offered yet, because the desk must look at it first. Only its tipster sees it.
    Waiting,
    /// Nobody at the desk looked at it before sales would have closed. Only its tipster sees it.
    Missed,
    /// Turned down by the desk. Only its tipster sees it.
    Rejected,
    Withdrawn,
    Void,
}

impl TipState {
    /// The state at the moment `now` of a tip whose sales close at `sales_close_at`.
    pub fn of(status: TipStatus, sales_close_at: DateTime<Utc>, now: DateTime<Utc>) -> Self {
        match status {
            TipStatus::Active if status.is_on_sale(sales_close_at, now) => Self::OnSale,
            TipStatus::Active => Self::Closed,
            TipStatus::Draft | TipStatus::PendingApproval if now < sales_close_at => Self::Waiting,
            TipStatus::Draft | TipStatus::PendingApproval => Self::Missed,
            TipStatus::Rejected => Self::Rejected,
            TipStatus::Withdrawn => Self::Withdrawn,
            TipStatus::Void => Self::Void,
        }
    }
}

/// How much of the paid content a tip's viewer may see.
#[derive(Debug, Clone)]
pub enum Disclosure {
    /// The viewer has not paid.
    Preview { matches: Vec<PublicMatch> },
    /// The viewer has bought the tip.
    Owner(TipContent),
    /// The viewer sells the tip; `earned` is the tipster's share of all sales.
    Tipster { content: TipContent, earned: Kes },
}

/// What a buyer pays for.
#[derive(Debug, Clone)]
pub struct TipContent {
    pub bet_code: String,
    pub odds: Odds,
    pub matches: Vec<Match>,
    /// One for each of `matches`, in the same order.
    pub results: Vec<MatchResult>,
    pub has_picture: bool,
    /// What the tipster wrote for buyers.
    pub note: Option<String>,
    /// The exact text whose hash is the seal.
    pub sealed_text: Option<String>,
}
