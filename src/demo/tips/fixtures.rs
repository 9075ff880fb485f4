//! What demo tips are made of: fixtures, picks, prices, codes and kick-offs.

use chrono::{DateTime, TimeDelta, Utc};

use crate::platform::clock::{kenyan_day, start_of_day};
use crate::platform::random::Random;
use crate::tips::Match;
use crate::types::{Kes, Odds};

/// The characters of bet codes and passwords: none that is easily taken for another one.
pub const CODE_ALPHABET: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
/// How many characters a bet code has.
pub const CODE_LENGTH: usize = 6;
/// How many bookmakers the demo uses: all but the last, which stands for any other.
pub const BOOKMAKERS: usize = 5;

/// Home team, away team and league.
const FIXTURES: [(&str, &str, &str); 16] = [
    ("Gor Mahia", "AFC Leopards", "Kenya Premier League"),
    ("Tusker", "Bandari", "Kenya Premier League"),
    ("Kariobangi Sharks", "Kenya Police", "Kenya Premier League"),
    ("Ulinzi Stars", "Sofapaka", "Kenya Premier League"),
    ("Arsenal", "Brighton", "Premier League"),
    ("Liverpool", "Everton", "Premier League"),
    ("Newcastle", "Fulham", "Premier League"),
    ("Aston Villa", "Brentford", "Premier League"),
    ("Barcelona", "Getafe", "La Liga"),
    ("Villarreal", "Girona", "La Liga"),
    ("Inter", "Lazio", "Serie A"),
    ("Atalanta", "Torino", "Serie A"),
    ("Bayern Munich", "Mainz", "Bundesliga"),
    ("Leverkusen", "Freiburg", "Bundesliga"),
    ("Young Africans", "Simba", "Tanzania Premier League"),
    ("Lyon", "Lille", "Ligue 1"),
];

/// Market, selection, and the least odds in thousandths.
const PICKS: [(&str, &str, i64); 8] = [
    ("Full-time result", "Home win", 1_720),
    ("Full-time result", "Draw", 3_250),
    ("Full-time result", "Away win", 2_640),
    ("Total goals", "Over 2.5", 1_850),
    ("Total goals", "Under 2.5", 1_910),
    ("Both teams to score", "Yes", 1_780),
    ("Double chance", "Home or draw", 1_320),
    ("Draw no bet", "Away", 2_050),
];

/// One of the usual prices, from 20 to 150 shillings; any number picks one.
pub const fn prices(number: usize) -> Kes {
    Kes::from_cents([2_000, 3_000, 5_000, 5_000, 10_000, 15_000][number % 6])
}

/// When matches kick off, in minutes of the day in Nairobi.
const KICK_OFFS: [i64; 8] =
    [13 * 60, 15 * 60, 16 * 60, 17 * 60 + 30, 18 * 60 + 30, 19 * 60 + 45, 21 * 60, 22 * 60];

/// Makes `count` random matches of different fixtures that kick off 2 hours to 5 days after `now`.
///
/// # Errors
/// An error if a number does not fit its type, which does not happen.
pub fn matches(random: &Random, now: DateTime<Utc>, count: usize) -> anyhow::Result<Vec<Match>> {
    let first = usize::try_from(random.below(16))?;
    (0..count)
        .map(|leg| {
            let (home, away, league) = FIXTURES[(first + leg * 3) % FIXTURES.len()];
            let (market, selection, odds) = PICKS[usize::try_from(random.below(8))?];
            let odds = Odds::from_thousandths(odds + i64::try_from(random.below(20))? * 10)?;
            let [home_team, away_team, league, market, selection] =
                [home, away, league, market, selection].map(str::to_owned);
            Ok(Match {
                home_team,
                away_team,
                league,
                kick_off_at: kick_off(random, now)?,
                market,
                selection,
                odds,
            })
        })
        .collect()
}

/// A kick-off at a usual hour of today or one of the next four days; if that is less than 2 hours ahead, a
/// day later.
fn kick_off(random: &Random, now: DateTime<Utc>) -> anyhow::Result<DateTime<Utc>> {
    let midnight = start_of_day(kenyan_day(now));
    let minutes = KICK_OFFS[usize::try_from(random.below(8))?];
    let day = TimeDelta::days(i64::try_from(random.below(5))?);
    let at = midnight + day + TimeDelta::minutes(minutes);
    // This hour of today is over or too near, so the match is tomorrow.
    Ok(if at < now + TimeDelta::hours(2) { at + TimeDelta::days(1) } else { at })
}
