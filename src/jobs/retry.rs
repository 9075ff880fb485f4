//! How long to wait before what failed is tried again: twice as long after each failure.

use chrono::TimeDelta;

/// Waits that double, up to the longest.
#[derive(Debug, Clone, Copy)]
pub struct Backoff {
    /// The wait after the first failure.
    pub first: TimeDelta,
    /// No wait is longer.
    pub longest: TimeDelta,
}

impl Backoff {
    /// The wait after so many failures in a row; the first wait if there was none.
    pub fn after(self, failures: i64) -> TimeDelta {
        let doublings = u32::try_from(failures.saturating_sub(1).clamp(0, 30)).unwrap_or(0);
        self.first.checked_mul(1 << doublings).map_or(self.longest, |wait| wait.min(self.longest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wait_is_twice_the_one_before_up_to_the_longest() {
        let backoff = Backoff { first: TimeDelta::seconds(1), longest: TimeDelta::seconds(60) };
        let waits = [0, 1, 2, 3, 6, 7, 8, i64::MAX].map(|failures| backoff.after(failures).num_seconds());
        assert_eq!(waits, [1, 1, 2, 4, 32, 60, 60, 60]);
    }
}
