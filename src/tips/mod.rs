//! Tips, their matches, and who has the right to see them.

pub mod api;
pub mod betslip;
pub mod filter;
pub mod fingerprint;
mod market;
pub mod odds;
pub mod previews;
pub mod public;
pub mod record;
pub mod selling;
pub mod service;
mod standings;
pub mod store;
pub mod view_counts;

use chrono::{DateTime, Utc};

pub use market::MarketListing;
pub use public::{HIDDEN_CODE, PublicMatch, PublicOdds};
pub use selling::Selling;
pub use service::Tips;
pub use standings::{Standing, Standings, TipsterProfile, no_such_page, no_such_tipster};
pub use view_counts::{Looker, Views};

use crate::types::{Kes, Odds, PersonId, Text, TipId, words};
use odds::TipOutcome;

words! {
    another_bookmaker { "another bookmaker" "kampuni nyingine" }
}

/// Sales end this long before the first kick-off, longer than a prompt lives (MONEY §1).
pub const SALES_CLOSE_BEFORE_KICK_OFF: std::time::Duration = std::time::Duration::from_mins(5);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Bookmaker {
    Betika,
    SportPesa,
    Betin,
    Mozzart,
    Odibets,
    Other,
}

impl Bookmaker {
    pub const ALL: [Self; 6] =
        [Self::Betika, Self::SportPesa, Self::Betin, Self::Mozzart, Self::Odibets, Self::Other];

    /// As the database keeps it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Betika => "betika",
            Self::SportPesa => "sportpesa",
            Self::Betin => "betin",
            Self::Mozzart => "mozzart",
            Self::Odibets => "odibets",
            Self::Other => "other",
        }
    }

    /// As people write it.
    pub fn name(self) -> Text {
        match self {
            Self::Betika => "Betika".into(),
            Self::SportPesa => "SportPesa".into(),
            Self::Betin => "Betin".into(),
            Self::Mozzart => "Mozzart".into(),
            Self::Odibets => "Odibets".into(),
            Self::Other => another_bookmaker(),
        }
    }

    pub fn read(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|bookmaker| bookmaker.as_str() == text)
    }
}

/// One tip in a list: nothing that is not public.
#[derive(Debug, Clone)]
pub struct TipCard {
    pub number: TipId,
    pub tipster: String,
    /// Where the tipster's page is.
    pub tipster_handle: Option<String>,
    pub tipster_is_verified: bool,
    /// What the tipster's settled tips add up to, if there are any.
    pub tipster_record: Option<record::Tally>,
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

/// A tip's page. What must be paid for is in `face` only, and only for those who may see it.
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
    pub face: Face,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TipResult {
    Won,
    Lost,
    /// The stake comes back: postponed, abandoned, pushed.
    Void,
}

impl TipResult {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Won => "won",
            Self::Lost => "lost",
            Self::Void => "void",
        }
    }

    pub fn read(text: &str) -> Option<Self> {
        [Self::Won, Self::Lost, Self::Void].into_iter().find(|result| result.as_str() == text)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TipState {
    OnSale,
    /// Too close to the first kick-off, or after it.
    Closed,
    /// No longer offered: withdrawn or void.
    Withdrawn,
    /// Not offered yet: somebody at the desk looks at it first. Only its tipster sees it.
    Waiting,
    /// Never offered. Only its tipster sees it.
    Rejected,
}

#[derive(Debug, Clone)]
pub enum Face {
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

#[derive(Debug, Clone)]
pub struct MatchResult {
    pub result: Option<TipResult>,
    pub score: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    pub home_team: String,
    pub away_team: String,
    pub league: String,
    pub kick_off_at: DateTime<Utc>,
    pub market: String,
    pub selection: String,
    pub odds: Odds,
}
