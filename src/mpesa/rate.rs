//! How often Safaricom may be asked: the arithmetic. Each function takes a value and gives another one;
//! [`super::rates`] keeps them in the database, for all servers together.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::FromRow;

use crate::platform::clock::delta;

const BACK_OFF: Duration = Duration::from_secs(2);
const BACK_OFF_MOST: Duration = Duration::from_mins(1);
/// The longest rest, however long Safaricom asks for.
const BACK_OFF_LONGEST: Duration = Duration::from_mins(10);
/// The random part of a rest is drawn in thousandths of its largest.
pub const SPREAD: u64 = 1_000;
/// The parts of one token. At a rate of one a minute, each millisecond adds one part.
const TOKEN: i64 = 60_000;

/// A token bucket: it is filled at a rate per minute and holds at most a tenth of a minute's tokens, but at
/// least one. A question takes one token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromRow)]
pub struct TokenBucket {
    /// What it held at `filled_at`, in 60,000ths of a token.
    pub parts: i64,
    /// When it was filled the last time.
    pub filled_at: DateTime<Utc>,
}

impl TokenBucket {
    /// A bucket that holds as much as it can. A rate below one counts as one.
    pub fn full(per_minute: i64, now: DateTime<Utc>) -> Self {
        Self { parts: (per_minute / 10).max(1) * TOKEN, filled_at: now }
    }

    /// The bucket with what the time since it was filled gives. A clock that is behind the one that filled it
    /// adds nothing, so that servers whose clocks differ do not count a moment twice; only one that is behind
    /// by more than a minute is believed, for the other one must have been wrong.
    pub fn refill(self, per_minute: i64, now: DateTime<Utc>) -> Self {
        let full = Self::full(per_minute, now);
        let millis = (now - self.filled_at).num_milliseconds();
        let parts = (self.parts + millis.clamp(0, TOKEN) * per_minute.max(1)).min(full.parts);
        let filled_at = if millis < -TOKEN { now } else { self.filled_at.max(now) };
        Self { parts, filled_at }
    }

    /// How many whole tokens there are.
    pub fn tokens(self) -> i64 {
        self.parts.max(0) / TOKEN
    }

    /// The bucket without so many tokens.
    pub fn take(self, tokens: i64) -> Self {
        Self { parts: self.parts - tokens * TOKEN, ..self }
    }
}

/// Exponential back-off after Safaricom wanted no questions or could not be reached: the rest is twice as
/// long each time, up to a minute, with up to a fifth more at random, until an answer comes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, FromRow)]
pub struct BackOff {
    /// How many rests there were without an answer between them.
    pub failures: i64,
    /// When the last of them ends.
    pub quiet_until: Option<DateTime<Utc>>,
}

impl BackOff {
    /// Whether no question may be asked now. A rest that is longer than any was written by a clock that was
    /// wrong, and is over.
    pub fn is_quiet(self, now: DateTime<Utc>) -> bool {
        let longest = delta(BACK_OFF_LONGEST + BACK_OFF_LONGEST / 5);
        self.quiet_until.is_some_and(|until| now < until && until - now <= longest)
    }

    /// The back-off after a failure at `now`: a rest of the doubled length, or a longer one that Safaricom
    /// asked for, up to ten minutes. The random part, so many thousandths of a fifth, comes on top. Questions
    /// that were under way when a rest began double nothing; they may make it longer.
    pub fn fail(self, now: DateTime<Utc>, asked_for: Option<Duration>, thousandths: u64) -> Self {
        let is_new = !self.is_quiet(now);
        let failures = self.failures + i64::from(is_new);
        let doubled = BACK_OFF.saturating_mul(1 << (failures - 1).clamp(0, 6)).min(BACK_OFF_MOST);
        let wait = asked_for.map_or(doubled, |asked| asked.clamp(doubled, BACK_OFF_LONGEST));
        let millis = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX / 2);
        let part = i64::try_from(thousandths.min(SPREAD)).unwrap_or(0);
        let until = now + TimeDelta::milliseconds(millis + millis / 5 * part / 1_000);
        let until = self.quiet_until.filter(|known| !is_new && *known > until).unwrap_or(until);
        Self { failures, quiet_until: Some(until) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn at(seconds: i64) -> DateTime<Utc> {
        START + TimeDelta::seconds(seconds)
    }

    fn rest(back_off: BackOff, now: DateTime<Utc>) -> i64 {
        (back_off.quiet_until.expect("a rest") - now).num_milliseconds()
    }

    #[test]
    fn a_bucket_is_filled_at_its_rate_and_no_fuller_than_a_tenth_of_a_minute() {
        let empty = TokenBucket::full(60, START).take(6);
        assert_eq!(empty.tokens(), 0);
        assert_eq!(empty.refill(60, at(1)).tokens(), 1);
        assert_eq!(empty.refill(60, at(3)).tokens(), 3);
        assert_eq!(empty.refill(60, at(86_400)).tokens(), 6);
        let slow = TokenBucket::full(0, START).take(1);
        assert_eq!(
            (slow.refill(0, at(59)).tokens(), slow.refill(0, at(60)).tokens()),
            (0, 1),
            "one a minute at least"
        );
    }

    #[test]
    fn parts_of_tokens_are_not_lost() {
        let mut bucket = TokenBucket::full(5, START).take(1);
        for second in 1..12 {
            bucket = bucket.refill(5, at(second));
            assert_eq!(bucket.tokens(), 0, "after {second} s");
        }
        assert_eq!(bucket.refill(5, at(12)).tokens(), 1);
    }

    #[test]
    fn a_lower_rate_makes_a_bucket_smaller() {
        assert_eq!(TokenBucket::full(600, START).refill(5, START).tokens(), 1);
    }

    #[test]
    fn a_clock_that_is_behind_counts_no_moment_twice() {
        let ahead = TokenBucket::full(60, START).take(6).refill(60, at(5)).take(5);
        let behind = ahead.refill(60, at(3));
        assert_eq!(behind, ahead);
        assert_eq!(behind.refill(60, at(6)).tokens(), 1);
        let wrong = TokenBucket { parts: 0, filled_at: at(7_200) };
        assert_eq!(
            wrong.refill(60, START).refill(60, at(1)).tokens(),
            1,
            "two hours ahead is a clock that was wrong"
        );
    }

    #[test]
    fn each_rest_is_twice_as_long_up_to_a_minute() {
        let (mut back_off, mut now, mut rests) = (BackOff::default(), START, Vec::new());
        for _ in 0..7 {
            back_off = back_off.fail(now, None, 0);
            rests.push(rest(back_off, now) / 1_000);
            now = back_off.quiet_until.expect("a rest");
            assert!(!back_off.is_quiet(now) && back_off.is_quiet(now - TimeDelta::microseconds(1)));
        }
        assert_eq!(rests, [2, 4, 8, 16, 32, 60, 60]);
    }

    #[test]
    fn a_rest_is_as_long_as_safaricom_asks_for_within_bounds() {
        let asked = |seconds| Some(Duration::from_secs(seconds));
        let after = |asked_for, part| rest(BackOff::default().fail(START, asked_for, part), START);
        assert_eq!(after(asked(30), 0), 30_000);
        assert_eq!(after(asked(0), 0), 2_000, "never shorter than its own");
        assert_eq!(after(asked(86_400), 0), 600_000);
        assert_eq!(after(asked(86_400), SPREAD), 720_000, "and a fifth at most on top");
        assert!(BackOff::default().fail(START, asked(86_400), SPREAD).is_quiet(START));
    }

    #[test]
    fn questions_that_were_under_way_double_nothing() {
        let first = BackOff::default().fail(START, None, 0);
        let second = first.fail(at(1), None, 0);
        assert_eq!((second.failures, rest(second, START)), (1, 3_000));
        let longer = first.fail(at(1), Some(Duration::from_mins(1)), 0);
        assert_eq!((longer.failures, rest(longer, START)), (1, 61_000));
        assert_eq!(longer.fail(at(1), None, 0), longer, "never shorter");
    }

    #[test]
    fn a_rest_that_no_server_can_have_wanted_is_none() {
        let wrong = BackOff { failures: 1, quiet_until: Some(at(86_400)) };
        assert!(!wrong.is_quiet(START));
    }
}
