//! How far the database's clock is ahead of the process's own, as it was measured last, and whether that can
//! be relied on (MONEY §3).

use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

/// With a longer way between the clocks, one of them is wrong.
const MOST: TimeDelta = TimeDelta::seconds(2);
/// A measurement is believed for so long.
const GOOD_FOR: TimeDelta = TimeDelta::seconds(60);
/// An answer that took longer on its way says too little about when it was given.
const ANSWERS_WITHIN: TimeDelta = TimeDelta::seconds(1);

/// The way from the process's own clock to the database's. Where nobody has asked for the database's clock,
/// as with SQLite, there is none, and nothing is in doubt.
#[derive(Debug, Default)]
pub struct Offset(Mutex<Measurements>);

#[derive(Debug, Default)]
struct Measurements {
    ahead: TimeDelta,
    is_asked_for: bool,
    /// When the last answer came, by the process's own clock.
    measured_at: Option<DateTime<Utc>>,
}

impl Offset {
    fn lock(&self) -> MutexGuard<'_, Measurements> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// By how much the database's clock is ahead; below zero if it is behind.
    pub fn ahead(&self) -> TimeDelta {
        self.lock().ahead
    }

    /// From now on the database's clock counts: until it has answered, the time is in doubt.
    pub fn ask_for(&self) {
        self.lock().is_asked_for = true;
    }

    /// The database said what time it was, somewhere between these two moments of the process's own clock.
    /// The middle is taken for the moment, so half of the way is the most that can be wrong.
    pub fn measure(&self, asked_at: DateTime<Utc>, said: DateTime<Utc>, answered_at: DateTime<Utc>) {
        let took = answered_at - asked_at;
        // Whole microseconds, as all times of the clock.
        let half = TimeDelta::microseconds(took.num_microseconds().unwrap_or(0) / 2);
        if (TimeDelta::zero()..=ANSWERS_WITHIN).contains(&took) {
            *self.lock() = Measurements {
                ahead: said - (asked_at + half),
                is_asked_for: true,
                measured_at: Some(answered_at),
            };
        }
    }

    /// Whether money must not rely on the time, which the process's own clock has as `own`: the clocks are
    /// too far from each other, or were not compared for long. A clock that was set back has not been
    /// compared either.
    pub fn is_doubtful(&self, own: DateTime<Utc>) -> bool {
        let Measurements { ahead, is_asked_for, measured_at } = *self.lock();
        let is_fresh = measured_at.is_some_and(|at| (TimeDelta::zero()..=GOOD_FOR).contains(&(own - at)));
        is_asked_for && (ahead.abs() > MOST || !is_fresh)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn millis(millis: i64) -> TimeDelta {
        TimeDelta::milliseconds(millis)
    }

    /// An offset as one question measured it, and when its answer came.
    fn measured(ahead: TimeDelta, took: TimeDelta) -> (Offset, DateTime<Utc>) {
        let (offset, asked_at) = (Offset::default(), DateTime::UNIX_EPOCH);
        offset.measure(asked_at, asked_at + took / 2 + ahead, asked_at + took);
        (offset, asked_at + took)
    }

    #[test]
    fn half_of_the_way_is_taken_off() {
        for ahead in [millis(0), millis(1_500), millis(-1_500), millis(86_400_000)] {
            assert_eq!(measured(ahead, millis(400)).0.ahead(), ahead);
        }
    }

    #[test]
    fn an_answer_that_took_too_long_or_no_time_at_all_says_nothing() {
        let (offset, at) = measured(millis(700), millis(10));
        offset.measure(at, at + millis(5_000), at + millis(1_001));
        offset.measure(at, at + millis(5_000), at - millis(1));
        assert_eq!(offset.ahead(), millis(700));
        let (never, at) = measured(millis(700), millis(1_001));
        never.ask_for();
        assert!(never.is_doubtful(at));
    }

    #[test]
    fn a_clock_is_in_doubt_when_it_is_far_from_the_databases() {
        for (ahead, is_doubtful) in
            [(0, false), (2_000, false), (-2_000, false), (2_001, true), (-2_001, true)]
        {
            let (offset, at) = measured(millis(ahead), millis(10));
            assert_eq!(offset.is_doubtful(at), is_doubtful, "{ahead} ms ahead");
        }
    }

    #[test]
    fn a_clock_is_in_doubt_when_it_was_not_compared_for_long() {
        let nobody_asked = Offset::default();
        assert!(!nobody_asked.is_doubtful(DateTime::UNIX_EPOCH), "the process's own clock is all there is");
        nobody_asked.ask_for();
        assert!(nobody_asked.is_doubtful(DateTime::UNIX_EPOCH), "not answered yet");
        let (offset, at) = measured(millis(0), millis(10));
        for (later, is_doubtful) in [(0, false), (60_000, false), (60_001, true), (-1, true)] {
            assert_eq!(offset.is_doubtful(at + millis(later)), is_doubtful, "{later} ms later");
        }
        offset.measure(at + millis(90_000), at + millis(90_001), at + millis(90_002));
        assert!(!offset.is_doubtful(at + millis(90_002)), "compared again");
    }
}
