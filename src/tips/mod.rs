//! Tips: their matches, how they are published, sold, listed and settled, and who has the right to see them.

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

/// Sales end five minutes before the first kick-off. That is longer than an M-Pesa prompt lives, so a payment
/// that began in time also ends in time (MONEY §1).
pub const SALES_CLOSE_BEFORE_KICK_OFF: std::time::Duration = std::time::Duration::from_mins(5);

text_enum! {
    /// The state of a tip. The desk makes a `PendingApproval` tip `Active` or `Rejected`. The tipster may
    /// withdraw a tip that is `PendingApproval` or `Active`. No change is ever undone.
    pub enum TipStatus {
        /// Left over from the first days, before drafts had a table of their own. Nothing writes it any more.
        /// It stays because SQLite cannot take a word out of a `CHECK` without building the table anew, and
        /// payments and purchases refer to that table.
        Draft = "draft",
        /// The desk must look at the tip before it is sold.
        PendingApproval = "pending_approval",
        /// Offered to buyers; on sale until sales close.
        Active = "active",
        /// Turned down by the desk, and so never offered.
        Rejected = "rejected",
        /// Taken back by its tipster.
        Withdrawn = "withdrawn",
        /// Offered, and then called off with all of its matches. Only the demo data writes this. When the
        /// desk calls all matches off, the tip stays `Active` and gets the result `void`.
        Void = "void",
    }
}

impl TipStatus {
    /// Whether the tip is or was on sale. Only its tipster and the desk may know of any other tip.
    pub const fn was_offered(self) -> bool {
        matches!(self, Self::Active | Self::Withdrawn | Self::Void)
    }

    /// Whether the tip can be bought at the moment `now`.
    pub fn is_on_sale(self, sales_close_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        self == Self::Active && now < sales_close_at
    }
}

text_enum! {
    /// The company whose bet code a tip sells. The word is kept in the database and used in the market's
    /// filter.
    pub enum Bookmaker {
        Betika = "betika",
        SportPesa = "sportpesa",
        Betin = "betin",
        Mozzart = "mozzart",
        Odibets = "odibets",
        /// Any company that is not in this list.
        Other = "other",
    }
}

impl Bookmaker {
    /// The name as people write it; "another bookmaker" for `Other`.
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

/// How a match ended, as an operator said it. A match that is not settled yet has no result.
#[derive(Debug, Clone)]
pub struct MatchResult {
    /// For the pick that the tip sells.
    pub result: Option<TipResult>,
    /// Free text, like "2-1"; an operator may leave it out.
    pub score: Option<String>,
}

/// One match of a tip with the pick: everything that a buyer pays to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    pub home_team: String,
    pub away_team: String,
    pub league: String,
    pub kick_off_at: DateTime<Utc>,
    /// What is bet on, like "Full-time result".
    pub market: String,
    /// The pick, like "Home win".
    pub selection: String,
    pub odds: Odds,
}

/// A tip at the moment when it is published. It is written once and never changed.
pub struct NewTip<'a> {
    pub tipster: PersonId,
    pub bookmaker: Bookmaker,
    pub bet_code: &'a str,
    pub odds: Odds,
    pub price: Kes,
    pub matches: &'a [Match],
    pub created_at: DateTime<Utc>,
}

/// How a tip ended, with the units that it won or lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TipOutcome {
    pub result: TipResult,
    /// Profit at a stake of one, in thousandths: 1500 is a win at odds of 2.50, −1000 is a loss.
    pub units_thousandths: i64,
}

impl TipOutcome {
    /// The outcome as the two columns of the database keep it. `None` while the tip is open.
    pub fn kept(result: Option<TipResult>, units_thousandths: Option<i64>) -> Option<Self> {
        let units_thousandths = units_thousandths.unwrap_or(0);
        result.map(|result| Self { result, units_thousandths })
    }
}
