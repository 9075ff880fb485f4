//! A tip as its pages show it, to visitors, to who bought it, and to its tipster.

use chrono::{DateTime, Utc};

use super::public::{PublicMatch, PublicOdds};
use super::record::Tally;
use super::store::CardRow;
use super::{Bookmaker, Match, MatchResult, SALES_CLOSE_BEFORE_KICK_OFF, TipOutcome, TipStatus};
use crate::types::{Kes, Odds, PersonId, TipId};

/// One tip in a list: nothing that is not public.
#[derive(Debug, Clone)]
pub struct TipCard {
    pub number: TipId,
    pub tipster: String,
    /// Where the tipster's page is.
    pub tipster_handle: Option<String>,
    pub tipster_is_verified: bool,
    /// What the tipster's settled tips add up to, if there are any.
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
    /// The only kick-off that is public, by the close of sales.
    pub fn first_kick_off_at(&self) -> DateTime<Utc> {
        self.sales_close_at + SALES_CLOSE_BEFORE_KICK_OFF
    }
}

/// A tip's page. What must be paid for is in `disclosure` only, and only for those who may see it.
#[derive(Debug, Clone)]
pub struct TipDetail {
    pub card: TipCard,
    pub tipster: PersonId,
    /// When the page was made, for "closes in 2 h".
    pub now: DateTime<Utc>,
    pub state: TipState,
    /// SHA-256 of everything that is sold, in hex; tips of the first days have none.
    pub seal: Option<String>,
    /// How it ended, with its units.
    pub outcome: Option<TipOutcome>,
    /// Why it was not approved; for its tipster.
    pub rejection_reason: Option<String>,
    pub disclosure: Disclosure,
}

impl From<CardRow> for TipCard {
    /// Without the tipster's record, which the market and the tipster's own page know.
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
    /// Not offered yet: somebody at the desk looks at it first. Only its tipster sees it.
    Waiting,
    /// Nobody at the desk looked at it in time. Only its tipster sees it.
    Missed,
    /// Never offered. Only its tipster sees it.
    Rejected,
    Withdrawn,
    Void,
}

impl TipState {
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

/// How much of what is sold a tip's viewer may see.
#[derive(Debug, Clone)]
pub enum Disclosure {
    /// Has not paid.
    Preview { matches: Vec<PublicMatch> },
    /// Has paid.
    Owner(TipContent),
    /// Sells it.
    Tipster { content: TipContent, earned: Kes },
}

/// What a buyer pays for.
#[derive(Debug, Clone)]
pub struct TipContent {
    pub bet_code: String,
    pub odds: Odds,
    pub matches: Vec<Match>,
    /// One for each match.
    pub results: Vec<MatchResult>,
    pub has_picture: bool,
    /// What the tipster tells buyers.
    pub note: Option<String>,
    /// The very text whose hash is the seal.
    pub sealed_text: Option<String>,
}
