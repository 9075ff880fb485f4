//! Tips, their matches, and who has the right to see them.

pub mod api;
pub mod betslip;
pub mod find;
mod market;
pub mod picture;
pub mod record;
pub mod rules;
pub mod seal;
pub mod seed;
pub mod selling;
pub mod service;
mod standings;
pub mod store;
pub mod views;

use chrono::{DateTime, Utc};

pub use market::Market;
pub use selling::Selling;
pub use service::Tips;
pub use standings::{Profile, Standing, Standings, no_such_page};
pub use views::Views;

use crate::types::{Kes, Odds, PersonId, Text, TipId, words};
use rules::Outcome;

words! {
    another_bookmaker { "another bookmaker" "kampuni nyingine" }
}

/// Sales end this long before the first kick-off, longer than a prompt lives (MONEY §1).
pub const SALES_CLOSE_BEFORE_KICK_OFF: std::time::Duration = std::time::Duration::from_mins(5);

/// What a masked bet code shows after its first two characters, whatever its length.
pub const MASK: &str = "••••";

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
    pub const ALL: [Self; 6] = [Self::Betika, Self::SportPesa, Self::Betin, Self::Mozzart, Self::Odibets, Self::Other];

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

/// One tip in a list.
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
    pub odds: Odds,
    pub price: Kes,
    pub match_count: i64,
    pub first_kick_off_at: DateTime<Utc>,
    pub sales_close_at: DateTime<Utc>,
    /// How many people bought it.
    pub sales: i64,
}

/// A tip's page. What must be paid for is in `face` only, and only for those who may see it.
#[derive(Debug, Clone)]
pub struct TipDetail {
    pub card: TipCard,
    pub tipster: PersonId,
    /// When the page was made, for "closes in 2 h".
    pub now: DateTime<Utc>,
    pub state: TipState,
    /// Two characters and `••••`.
    pub masked_code: String,
    pub has_picture: bool,
    /// SHA-256 of everything that is sold, in hex; tips of the first days have none.
    pub seal: Option<String>,
    /// How it ended, with its units.
    pub outcome: Option<Outcome>,
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
    /// Has not paid: a few teams, no picks.
    Preview { matches: Vec<MatchPreview> },
    /// Has paid.
    Owner(TipContent),
    /// Sells it.
    Tipster { content: TipContent, earned: Kes },
}

#[derive(Debug, Clone)]
pub struct MatchPreview {
    pub home_team: String,
    pub away_team: String,
    pub league: String,
}

/// What a buyer pays for.
#[derive(Debug, Clone)]
pub struct TipContent {
    pub bet_code: String,
    pub matches: Vec<Match>,
    /// One for each match.
    pub results: Vec<MatchResult>,
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

/// How many of a tip's matches are named before payment: one match would give the tip away.
pub const fn preview_count(match_count: i64) -> usize {
    match match_count {
        ..=1 => 0,
        2 => 1,
        _ => 2,
    }
}

/// The first two characters and a mask that tells nothing of the length. A code of four characters or fewer shows nothing.
pub fn mask(bet_code: &str) -> String {
    let shown = if bet_code.chars().count() > 4 { 2 } else { 0 };
    bet_code.chars().take(shown).chain(MASK.chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_hides_enough() {
        assert_eq!(mask("JYRCAV"), "JY••••");
        assert_eq!(mask("JYRCAVXXXXXXXX"), "JY••••");
        assert_eq!(mask("AB"), "••••");
        assert_eq!(mask("ABCD"), "••••");
        assert_eq!(mask(""), "••••");
    }

    #[test]
    fn a_preview_never_shows_the_whole() {
        assert_eq!([0, 1, 2, 3, 9].map(preview_count), [0, 0, 1, 2, 2]);
    }
}
