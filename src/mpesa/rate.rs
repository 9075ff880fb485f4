//! How often Safaricom may be asked.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::platform::clock::delta;
use crate::platform::random::Random;

const BACK_OFF: Duration = Duration::from_secs(2);
const BACK_OFF_MOST: Duration = Duration::from_mins(1);
/// The longest rest, however long Safaricom asks for.
const BACK_OFF_LONGEST: Duration = Duration::from_mins(10);
/// The parts of one token. At a rate of one a minute, each millisecond adds one part.
const TOKEN: i64 = 60_000;

/// A token bucket: it is filled at a rate per minute and holds at most a tenth of a minute's tokens, but at
/// least one. A question takes one token.
#[derive(Debug)]
pub struct TokenBucket {
    per_minute: i64,
    /// What it holds, in 60,000ths of a token; below zero after more was taken than there was.
    parts: i64,
    at: DateTime<Utc>,
}

impl TokenBucket {
    /// A bucket that holds one token. A rate below one counts as one.
    pub fn new(per_minute: i64, now: DateTime<Utc>) -> Self {
        Self { per_minute: per_minute.max(1), parts: TOKEN, at: now }
    }

    /// Adds what the time since the last call gives, and returns how many whole tokens there are.
    pub fn refill(&mut self, now: DateTime<Utc>) -> i64 {
        let millis = (now - self.at).num_milliseconds().clamp(0, TOKEN);
        self.at = now;
        self.parts = (self.parts + millis * self.per_minute).min((self.per_minute / 10).max(1) * TOKEN);
        self.parts.max(0) / TOKEN
    }

    /// Takes tokens for questions that were asked. It may go below zero, which the next refills make good.
    pub fn take(&mut self, tokens: usize) {
        self.parts -= i64::try_from(tokens).unwrap_or(i64::MAX / TOKEN) * TOKEN;
    }
}

/// Exponential back-off after Safaricom wanted no questions or could not be reached: the rest is twice as
/// long each time, up to a minute, with up to a fifth more at random, until an answer comes.
#[derive(Debug, Default)]
pub struct BackOff {
    failures: u32,
    until: Option<DateTime<Utc>>,
}

impl BackOff {
    /// Whether no question may be asked now.
    pub fn is_quiet(&self, now: DateTime<Utc>) -> bool {
        self.until.is_some_and(|until| now < until)
    }

    /// Begins a rest at `now`: the doubled one, or a longer one that Safaricom asked for, up to ten minutes.
    /// The random part comes on top.
    pub fn fail(&mut self, now: DateTime<Utc>, asked_for: Option<Duration>, random: &Random) {
        let doubled = BACK_OFF.saturating_mul(1 << self.failures.min(6)).min(BACK_OFF_MOST);
        let wait = asked_for.map_or(doubled, |asked| asked.clamp(doubled, BACK_OFF_LONGEST));
        let millis = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        let jitter = Duration::from_millis(random.below(millis / 5 + 1));
        self.failures = self.failures.saturating_add(1);
        self.until = Some(now + delta(wait + jitter));
    }

    /// Ends the rest: the next failure begins with the shortest one.
    pub fn succeed(&mut self) {
        *self = Self::default();
    }
}
