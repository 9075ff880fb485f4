//! A tipster's record: the sums of the settled tips at a stake of one each, and a score that a few lucky tips
//! cannot win.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::FromRow;

use crate::types::{Odds, TipId, TipResult, text_enum};

/// A record gets a rank once this many of its tips have won or lost.
pub const RANKED_FROM: i64 = 20;
/// Each record is mixed with this many tips of an imagined tipster who knows nothing.
const PRIOR_TIPS: f64 = 50.0;
/// The yield of that imagined tipster, who loses the bookmaker's margin.
const PRIOR_YIELD: f64 = -0.06;
/// The variance of that imagined tipster's tips: that of single bets, with a deviation of 1.2.
const PRIOR_VARIANCE: f64 = 1.2 * 1.2;

/// One settled tip in a record.
#[derive(Debug, Clone, FromRow)]
pub struct SettledTip {
    #[sqlx(rename = "id")]
    pub number: TipId,
    pub settled_at: DateTime<Utc>,
    pub result: TipResult,
    /// Profit at a stake of one, in thousandths.
    #[sqlx(rename = "units_thousandths")]
    pub units: i64,
    /// The total odds at publication.
    #[sqlx(rename = "odds_thousandths")]
    pub odds: Odds,
    pub match_count: i64,
}

text_enum! {
    /// The time that a record looks back over. The word stands in the address: a number of days, or nothing.
    #[derive(Default)]
    pub enum Span {
        Week = "7",
        Month = "30",
        Quarter = "90",
        #[default]
        All = "",
    }
}

impl Span {
    /// When the span begins, if it ends at `now`.
    pub fn since(self, now: DateTime<Utc>) -> DateTime<Utc> {
        match self {
            Self::Week => now - TimeDelta::days(7),
            Self::Month => now - TimeDelta::days(30),
            Self::Quarter => now - TimeDelta::days(90),
            Self::All => DateTime::UNIX_EPOCH,
        }
    }
}

/// Sums over settled tips. A void tip gives the stake back, so it counts in `void` and nowhere else.
#[derive(Debug, Clone, Copy, PartialEq, Default, FromRow)]
pub struct Tally {
    pub won: i64,
    pub lost: i64,
    pub void: i64,
    /// The profit of all tips at a stake of one each, in thousandths.
    #[sqlx(rename = "units_thousandths")]
    pub units: i64,
    /// The sum of the odds at publication of all tips that won or lost, in thousandths.
    #[sqlx(rename = "odds_thousandths")]
    pub odds: i64,
    /// The sum of the squared profits, in units, of all tips that won or lost.
    pub squares: f64,
}

impl Tally {
    /// How many tips won or lost.
    pub const fn decided(&self) -> i64 {
        self.won + self.lost
    }

    /// How many tips won, lost or became void.
    pub const fn settled(&self) -> i64 {
        self.won + self.lost + self.void
    }

    /// The part of the decided tips that won, in thousandths. `None` if none is decided.
    pub fn win_rate(&self) -> Option<i64> {
        rounded(i128::from(self.won) * 1_000, self.decided())
    }

    /// The profit for each unit staked, in thousandths. `None` if no tip is decided.
    pub fn yield_rate(&self) -> Option<i64> {
        rounded(i128::from(self.units), self.decided())
    }

    /// The average odds at publication, in thousandths. `None` if no tip is decided.
    pub fn average_odds(&self) -> Option<i64> {
        rounded(i128::from(self.odds), self.decided())
    }

    /// Whether the record is long enough for a rank.
    pub const fn is_ranked(&self) -> bool {
        self.decided() >= RANKED_FROM
    }

    /// The score, in millionths: the yield, mixed with `PRIOR_TIPS` tips of a tipster who knows nothing, less
    /// one standard deviation of that mean. The page of the leaderboard explains it in the same words.
    #[expect(
        clippy::float_arithmetic,
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "statistics, not money"
    )]
    pub fn score(&self) -> i64 {
        let (tips, units) = (self.decided() as f64, self.units as f64 / 1_000.0);
        let weight = tips + PRIOR_TIPS;
        let mean = (units + PRIOR_TIPS * PRIOR_YIELD) / weight;
        let spread = if tips > 0.0 { (self.squares - units * units / tips).max(0.0) } else { 0.0 };
        let variance = (PRIOR_TIPS * PRIOR_VARIANCE + spread) / weight;
        ((mean - (variance / weight).sqrt()) * 1e6).round() as i64
    }

    #[expect(clippy::float_arithmetic, clippy::cast_precision_loss, reason = "statistics, not money")]
    fn add(&mut self, tip: &SettledTip) {
        match tip.result {
            TipResult::Won => self.won += 1,
            TipResult::Lost => self.lost += 1,
            TipResult::Void => {
                self.void += 1;
                return;
            }
        }
        let units = tip.units as f64 / 1_000.0;
        self.units = self.units.saturating_add(tip.units);
        self.odds = self.odds.saturating_add(tip.odds.thousandths());
        self.squares += units * units;
    }

    /// The sums over these tips, in any order.
    pub fn of(tips: &[SettledTip]) -> Self {
        let mut tally = Self::default();
        for tip in tips {
            tally.add(tip);
        }
        tally
    }
}

/// How many tips won or lost in a row. Void tips do not break a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Streaks {
    /// The result of the newest decided tips, and how many of them share it. `None` if none is decided.
    pub current: Option<(TipResult, i64)>,
    pub longest_won: i64,
    pub longest_lost: i64,
}

impl Streaks {
    /// The streaks of tips that are given newest first.
    pub fn of(tips: &[SettledTip]) -> Self {
        let mut streaks = Self::default();
        for tip in tips.iter().rev().filter(|tip| tip.result != TipResult::Void) {
            let length = match streaks.current {
                Some((result, length)) if result == tip.result => length + 1,
                _ => 1,
            };
            streaks.current = Some((tip.result, length));
            let longest = if tip.result == TipResult::Won {
                &mut streaks.longest_won
            } else {
                &mut streaks.longest_lost
            };
            *longest = length.max(*longest);
        }
        streaks
    }
}

/// `sum / count`, rounded half away from zero; `None` if `count` is zero.
fn rounded(sum: i128, count: i64) -> Option<i64> {
    let count = i128::from(count);
    if count == 0 {
        return None;
    }
    let half = if sum < 0 { -count / 2 } else { count / 2 };
    i64::try_from((sum + half) / count).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// `won` of `all` tips at these odds.
    fn record(won: usize, all: usize, odds: i64) -> Vec<SettledTip> {
        let tip = |number: usize| SettledTip {
            number: TipId(1),
            settled_at: DateTime::UNIX_EPOCH,
            result: if number < won { TipResult::Won } else { TipResult::Lost },
            units: if number < won { odds - 1_000 } else { -1_000 },
            odds: Odds::from_thousandths(odds).expect("odds"),
            match_count: 1,
        };
        (0..all).map(tip).collect()
    }

    #[test]
    fn few_tips_cannot_win_the_board() {
        let percent = |(won, all, odds)| {
            (Tally::of(&record(won, all, odds)).score() + 1_000_000 + 5_000) / 10_000 - 100
        };
        let boards = [(3, 3, 2_000), (9, 10, 1_100), (60, 100, 1_900), (20, 100, 6_000), (300, 500, 1_900)];
        assert_eq!(boards.map(percent), [-16, -19, -1, -6, 8]);
    }

    #[test]
    fn rates_are_exact() {
        let mut tips = record(3, 4, 2_500);
        tips.push(SettledTip { result: TipResult::Void, units: 0, ..tips[0].clone() });
        let tally = Tally::of(&tips);
        assert_eq!((tally.decided(), tally.settled(), tally.units), (4, 5, 3_500));
        assert_eq!(
            (tally.win_rate(), tally.yield_rate(), tally.average_odds()),
            (Some(750), Some(875), Some(2_500))
        );
        let nothing = Tally::default();
        assert_eq!((nothing.win_rate(), nothing.yield_rate(), nothing.average_odds()), (None, None, None));
        assert_eq!(rounded(-5, 2), Some(-3));
    }

    #[test]
    fn streaks_pass_over_void_tips() {
        use TipResult::{Lost, Void, Won};
        let made = |results: &[TipResult]| {
            let tips: Vec<SettledTip> = results
                .iter()
                .map(|&result| SettledTip { result, ..record(1, 1, 2_000).remove(0) })
                .collect();
            Streaks::of(&tips)
        };
        // Newest first.
        let streaks = made(&[Won, Void, Won, Lost, Lost, Lost, Won]);
        assert_eq!(streaks, Streaks { current: Some((Won, 2)), longest_won: 2, longest_lost: 3 });
        assert_eq!(made(&[Void]), Streaks::default());
    }

    proptest! {
        #[test]
        fn a_score_is_below_the_shrunk_yield(won in 0_usize..60, more in 0_usize..60, odds in 1_010_i64..20_000) {
            let tally = Tally::of(&record(won, won + more, odds));
            let more_luck = Tally::of(&record(won + 1, won + more + 1, odds));
            prop_assert!(tally.score() < tally.yield_rate().unwrap_or(0).max(0) * 1_000 + 1);
            prop_assert!(more_luck.units > tally.units);
        }
    }
}
