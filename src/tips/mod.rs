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

use crate::types::{Kes, Odds, PersonId, Text, TipId, TipResult, text_enum, words};
use odds::TipOutcome;

words! {
    another_bookmaker { "another bookmaker" "kampuni nyingine" }
}

/// Sales end this long before the first kick-off, longer than a prompt lives (MONEY §1).
pub const SALES_CLOSE_BEFORE_KICK_OFF: std::time::Duration = std::time::Duration::from_mins(5);

text_enum! {
    /// The state of a tip. Which changes are possible: `PendingApproval` becomes `Active` or `Rejected` at the
    /// desk, both of the first two become `Withdrawn` by their tipster.
    pub enum TipStatus {
        /// Of the first days, before drafts had a table of their own. Nothing writes it any more, but SQLite
        /// cannot take a word out of a `CHECK` without making the table anew that payments and purchases refer to.
        Draft = "draft",
        /// Somebody at the desk looks at it first.
        PendingApproval = "pending_approval",
        /// Offered: on sale until sales close.
        Active = "active",
        /// Never offered.
        Rejected = "rejected",
        /// Its tipster took it back.
        Withdrawn = "withdrawn",
        /// Offered, and called off with all of its matches.
        Void = "void",
    }
}

impl TipStatus {
    /// Whether the tip is or was on sale. Of any other nobody knows but its tipster and the desk.
    pub const fn was_offered(self) -> bool {
        matches!(self, Self::Active | Self::Withdrawn | Self::Void)
    }

    /// Whether the tip can be bought at a moment.
    pub fn is_on_sale(self, sales_close_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        self == Self::Active && now < sales_close_at
    }
}

text_enum! {
    pub enum Bookmaker {
        Betika = "betika",
        SportPesa = "sportpesa",
        Betin = "betin",
        Mozzart = "mozzart",
        Odibets = "odibets",
        Other = "other",
    }
}

impl Bookmaker {
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
