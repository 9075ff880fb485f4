//! What is public of a tip. This is the one place that decides it. Everything that a visitor gets (pages,
//! lists, search, orders, JSON, pictures, headers) is made from what [`public`] gives and from nothing else
//! of the tip. Otherwise a secret could be calculated from it.
//!
//! Public is what a buyer needs to choose: the bookmaker, the number of matches, the league and the day of
//! each, the teams of the first one or two, the price, the moment when sales close, and the total odds with
//! few digits. Not public are the code and its length, the picks, the markets, the odds of each match,
//! kick-offs closer than the day, the note, and the picture. Not even the size or the hash of the picture is
//! public. Whether there is one tells nothing, because no tip is published without a picture.
//!
//! - A few letters of a code, with its bookmaker and the odds, leave so few possible codes that a program can
//!   try them all.
//! - The third decimal of the total odds tells which odds were multiplied. The odds of a single match name
//!   the pick by themselves, so they keep only one decimal.
//! - A kick-off to the minute names a match. Only that of the first match is known, through the close of
//!   sales, and the matches are listed in an order that does not depend on kick-offs within a day.
//!
//! When a tip is settled, its result, its units and its exact odds become public too, because they are its
//! tipster's record. The seal is public from the start and tells nothing, because a secret salt is hashed
//! together with what it seals.

use std::fmt;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};

use super::{Bookmaker, Match, NewTip, SALES_CLOSE_BEFORE_KICK_OFF};
use crate::platform::clock::{kenyan_day, start_of_day};
use crate::types::{Kes, Odds};

/// Stands for every bet code that is not paid for. Its length is always the same, so that it tells nothing.
pub const HIDDEN_CODE: &str = "••••••";

/// A tip as everybody may know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicTip {
    pub bookmaker: Bookmaker,
    pub price: Kes,
    pub odds: PublicOdds,
    pub sales_close_at: DateTime<Utc>,
    pub matches: Vec<PublicMatch>,
}

/// A match as everybody may know it. The derived order, by day and then by league, is the order of the list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PublicMatch {
    /// The moment when its Kenyan day begins.
    pub day: DateTime<Utc>,
    pub league: String,
    /// Home and away, if they are shown.
    pub teams: Option<(String, String)>,
}

/// Takes from a new tip what everybody may know. The result is stored in columns of their own when the tip is
/// published, and the market reads only those.
pub fn public(tip: &NewTip<'_>) -> PublicTip {
    let first = tip.matches.iter().map(|leg| leg.kick_off_at).min().unwrap_or(tip.created_at);
    PublicTip {
        bookmaker: tip.bookmaker,
        price: tip.price,
        odds: PublicOdds::of(tip.odds, tip.matches.len()),
        sales_close_at: sales_close_at(first),
        matches: public_matches(tip.matches),
    }
}

/// The matches as everybody may know them. Those with teams come first. Within each group they are ordered by
/// day, league and name, so that the list does not tell the order of kick-offs within a day. `matches` must
/// be in the order of kick-offs.
pub fn public_matches(matches: &[Match]) -> Vec<PublicMatch> {
    let shown = shown_count(matches.len());
    let known = |(position, leg): (usize, &Match)| PublicMatch {
        day: start_of_day(kenyan_day(leg.kick_off_at)),
        league: leg.league.clone(),
        teams: (position < shown).then(|| (leg.home_team.clone(), leg.away_team.clone())),
    };
    let mut matches: Vec<PublicMatch> = matches.iter().enumerate().map(known).collect();
    matches.sort_by(|a, b| (a.teams.is_none(), a).cmp(&(b.teams.is_none(), b)));
    matches
}

/// How many matches are shown with their teams, counted from the first kick-off. The teams of a single match
/// would be half of the tip.
const fn shown_count(match_count: usize) -> usize {
    match match_count {
        ..=1 => 0,
        2 => 1,
        _ => 2,
    }
}

/// When sales close: five minutes before the first kick-off, at a whole minute. Kick-offs may have seconds,
/// and everybody who looks can see when a tip closes.
pub fn sales_close_at(first_kick_off_at: DateTime<Utc>) -> DateTime<Utc> {
    let close = first_kick_off_at - SALES_CLOSE_BEFORE_KICK_OFF;
    close.duration_trunc(TimeDelta::minutes(1)).unwrap_or(close)
}

impl PublicTip {
    /// The number of matches, as the database keeps it.
    pub fn match_count(&self) -> i64 {
        i64::try_from(self.matches.len()).unwrap_or(i64::MAX)
    }

    /// The words by which a search finds the tip, in lower case: shown teams, and leagues.
    pub fn search_text(&self) -> String {
        let mut words = Vec::new();
        for one in &self.matches {
            words.extend(one.teams.iter().flat_map(|(home, away)| [home.as_str(), away.as_str()]));
            words.push(one.league.as_str());
        }
        words.join(" ").to_lowercase()
    }
}

/// Total odds as everybody may know them: two decimals, or one if the tip is a single match. They are always
/// rounded down, so that nobody gets less than what was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicOdds {
    thousandths: i64,
    is_single: bool,
}

impl PublicOdds {
    /// Rounds exact odds for the public.
    pub fn of(odds: Odds, match_count: usize) -> Self {
        Self::kept(odds.thousandths(), i64::try_from(match_count).unwrap_or(i64::MAX))
    }

    /// Odds as the database keeps them. Odds that were rounded before do not change.
    pub const fn kept(thousandths: i64, match_count: i64) -> Self {
        let is_single = match_count == 1;
        let step = if is_single { 100 } else { 10 };
        Self { thousandths: thousandths / step * step, is_single }
    }

    /// The rounded odds, in thousandths.
    pub const fn thousandths(self) -> i64 {
        self.thousandths
    }
}

impl fmt::Display for PublicOdds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.thousandths / 1_000, self.thousandths % 1_000);
        if self.is_single {
            write!(f, "{whole}.{}", rest / 100)
        } else {
            write!(f, "{whole}.{:02}", rest / 10)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leg(home: &str, league: &str, kick_off: &str) -> Match {
        let [home_team, away_team, league, market, selection] =
            [home, "Away", league, "1X2", "1"].map(str::to_owned);
        let odds = Odds::from_thousandths(1_500).expect("odds");
        Match {
            home_team,
            away_team,
            league,
            kick_off_at: kick_off.parse().expect("a time"),
            market,
            selection,
            odds,
        }
    }

    fn teams(matches: &[Match]) -> Vec<Option<String>> {
        public_matches(matches).into_iter().map(|one| one.teams.map(|(home, _)| home)).collect()
    }

    #[test]
    fn the_whole_is_never_shown() {
        let legs: Vec<Match> = ["A", "B", "C"].map(|home| leg(home, "KPL", "2026-11-28T12:00:00Z")).to_vec();
        let shown = |count: usize| teams(&legs[..count]).iter().flatten().count();
        assert_eq!([0, 1, 2, 3].map(shown), [0, 0, 1, 2]);
    }

    #[test]
    fn hours_change_nothing_within_a_kenyan_day() {
        // 21:00 in UTC is midnight in Nairobi.
        let day = |hours: [&str; 4]| {
            let at = |hour: &str| format!("2026-11-28T{hour}:00Z");
            let [one, two, three, four] = hours.map(at);
            public_matches(&[
                leg("Zebras", "KPL", &one),
                leg("Ants", "KPL", &two),
                leg("x", "Serie A", &three),
                leg("y", "La Liga", &four),
            ])
        };
        let early = day(["10:00", "12:00", "13:00", "14:00"]);
        assert_eq!(early, day(["10:00", "11:30", "20:59", "20:01"]));
        assert_ne!(early, day(["10:00", "11:30", "21:00", "20:01"]), "the next day");
        let listed: Vec<_> = early
            .iter()
            .map(|one| (one.league.as_str(), one.teams.as_ref().map(|(home, _)| home.as_str())))
            .collect();
        assert_eq!(
            listed,
            [("KPL", Some("Ants")), ("KPL", Some("Zebras")), ("La Liga", None), ("Serie A", None)]
        );
    }

    #[test]
    fn odds_have_few_digits() {
        let shown = |thousandths, matches| {
            PublicOdds::of(Odds::from_thousandths(thousandths).expect("odds"), matches).to_string()
        };
        assert_eq!(
            [shown(2_359, 2), shown(2_350, 3), shown(12_000, 2), shown(1_001, 9)],
            ["2.35", "2.35", "12.00", "1.00"]
        );
        assert_eq!(
            [shown(1_799, 1), shown(1_700, 1), shown(12_000, 1), shown(1_049, 1)],
            ["1.7", "1.7", "12.0", "1.0"]
        );
        assert_eq!(PublicOdds::kept(1_799, 1).thousandths(), 1_700);
    }

    #[test]
    fn sales_end_at_a_whole_minute() {
        let close = |kick_off: &str| sales_close_at(kick_off.parse().expect("a time")).to_rfc3339();
        assert_eq!(close("2026-11-28T12:00:59.5Z"), "2026-11-28T11:55:00+00:00");
        assert_eq!(close("2026-11-28T12:00:00Z"), "2026-11-28T11:55:00+00:00");
    }
}
