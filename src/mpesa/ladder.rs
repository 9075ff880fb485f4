//! When to ask about money whose fate is not known: often at first, then more and more seldom.

use chrono::{DateTime, TimeDelta, Utc};

/// The times at which is asked.
#[derive(Debug, Clone, Copy)]
pub struct Ladder {
    /// The first questions, each counted from the first send.
    pub steps: &'static [TimeDelta],
    /// What follows the last step, one after the other.
    pub then: &'static [Repeat],
}

/// A question every so often.
#[derive(Debug, Clone, Copy)]
pub struct Repeat {
    /// How long after the question before.
    pub every: TimeDelta,
    /// How many such questions; `None` for ever.
    pub times: Option<i64>,
}

impl Ladder {
    /// When to ask next about what was first sent at `since`, if the question that is asked `now` is the
    /// `asked`th; `None` if it is the last one. Steps that were missed, during a restart say, are not made up
    /// for: however many there were, one question is asked for them.
    pub fn next(&self, since: DateTime<Utc>, now: DateTime<Utc>, asked: i64) -> Option<DateTime<Utc>> {
        if let Some(at) = self.steps.iter().map(|step| since + *step).find(|at| *at > now) {
            return Some(at);
        }
        let mut repeated = asked - i64::try_from(self.steps.len()).unwrap_or(i64::MAX);
        for repeat in self.then {
            match repeat.times {
                Some(times) if repeated >= times => repeated -= times,
                _ => return Some(now + repeat.every),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: Ladder = Ladder { steps: &[TimeDelta::minutes(2), TimeDelta::minutes(8)], then: &[] };
    /// Twice every hour, then every day.
    const FOR_EVER: Ladder = Ladder {
        steps: &[TimeDelta::minutes(2)],
        then: &[
            Repeat { every: TimeDelta::hours(1), times: Some(2) },
            Repeat { every: TimeDelta::days(1), times: None },
        ],
    };
    const SINCE: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn minutes(minutes: i64) -> DateTime<Utc> {
        SINCE + TimeDelta::minutes(minutes)
    }

    #[test]
    fn a_step_that_has_come_is_over_and_the_last_one_is_the_end() {
        let just_before = minutes(2) - TimeDelta::microseconds(1);
        assert_eq!(STEPS.next(SINCE, just_before, 1), Some(minutes(2)));
        assert_eq!(STEPS.next(SINCE, minutes(2), 1), Some(minutes(8)));
        assert_eq!(STEPS.next(SINCE, minutes(8) - TimeDelta::microseconds(1), 2), Some(minutes(8)));
        assert_eq!(STEPS.next(SINCE, minutes(8), 2), None);
    }

    #[test]
    fn a_clock_that_jumped_over_steps_asks_once() {
        assert_eq!(STEPS.next(SINCE, minutes(60), 1), None, "both steps are over, and the first was asked");
        let jumped = FOR_EVER.next(SINCE, minutes(600), 1);
        assert_eq!(jumped, Some(minutes(660)), "one question is for all that were missed");
    }

    #[test]
    fn a_clock_that_was_set_back_waits_for_its_step() {
        assert_eq!(STEPS.next(SINCE, minutes(-5), 3), Some(minutes(2)));
    }

    #[test]
    fn each_repeat_comes_so_often_and_the_last_one_for_ever() {
        let mut now = minutes(2);
        let mut gaps = Vec::new();
        for asked in 1..=5 {
            let next = FOR_EVER.next(SINCE, now, asked).expect("for ever");
            gaps.push((next - now).num_hours());
            now = next;
        }
        assert_eq!(gaps, [1, 1, 24, 24, 24]);
    }

    #[test]
    fn repeats_that_are_counted_come_to_an_end() {
        const HOURLY: Ladder =
            Ladder { steps: &[], then: &[Repeat { every: TimeDelta::hours(1), times: Some(3) }] };
        let asked: Vec<bool> = (0..5).map(|asked| HOURLY.next(SINCE, minutes(1), asked).is_some()).collect();
        assert_eq!(asked, [true, true, true, false, false]);
    }
}
