//! Tips, their matches, and who has the right to see them.

pub mod api;
mod approval;
pub mod betslip;
mod catalogue;
pub mod filter;
pub mod filter_form;
pub mod fingerprint;
mod market;
pub mod odds;
pub mod previews;
mod profile;
pub mod public;
pub mod record;
pub mod results;
pub mod selling;
pub mod service;
mod standings;
pub mod store;
mod view;
pub mod view_counts;

use chrono::{DateTime, Utc};

pub use catalogue::Tips;
pub use market::MarketListing;
pub use profile::{TipsterProfile, no_such_page, no_such_tipster};
pub use public::{HIDDEN_CODE, PublicMatch, PublicOdds};
pub use selling::Selling;
pub use standings::{Standing, Standings};
pub use view::{Disclosure, TipCard, TipContent, TipDetail, TipState};
pub use view_counts::{Looker, Views};

use crate::types::{Kes, Odds, PersonId, Text, TipResult, text_enum, words};

words! {
    another_bookmaker { "another bookmaker" "kampuni nyingine" }
}

/// Sales end this long before the first kick-off, longer than a prompt lives (MONEY §1).
pub const SALES_CLOSE_BEFORE_KICK_OFF: std::time::Duration = std::time::Duration::from_mins(5);

text_enum! {
    /// The state of a tip. The desk makes `PendingApproval` `Active` or `Rejected`; its tipster may make
    /// `PendingApproval` and `Active` `Withdrawn`. Nothing leads back.
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

/// A tip as it is published.
pub struct NewTip<'a> {
    pub tipster: PersonId,
    pub bookmaker: Bookmaker,
    pub bet_code: &'a str,
    pub odds: Odds,
    pub price: Kes,
    pub matches: &'a [Match],
    pub created_at: DateTime<Utc>,
}

/// What a tip came to, with its units in thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TipOutcome {
    pub result: TipResult,
    pub units_thousandths: i64,
}

impl TipOutcome {
    /// As the database keeps it.
    pub fn kept(result: Option<TipResult>, units_thousandths: Option<i64>) -> Option<Self> {
        let units_thousandths = units_thousandths.unwrap_or(0);
        result.map(|result| Self { result, units_thousandths })
    }
}
