//! How often Safaricom may be asked.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::platform::clock::delta;
use crate::platform::random::Random;

const BACK_OFF: Duration = Duration::from_secs(2);
const BACK_OFF_MOST: Duration = Duration::from_mins(1);
/// However long Safaricom asks for.
const BACK_OFF_LONGEST: Duration = Duration::from_mins(10);
/// A token is a thousand milli-tokens times the sixty seconds of a minute: at one a minute, each millisecond
/// adds one part.
const TOKEN: i64 = 60_000;

/// A token bucket: filled at a rate per minute, holding a tenth of a minute's rate at most. A question takes
/// one token.
#[derive(Debug)]
pub struct TokenBucket {
    per_minute: i64,
    /// In 60,000ths of a token.
    parts: i64,
    at: DateTime<Utc>,
}

impl TokenBucket {
    /// One that holds a single token.
    pub fn new(per_minute: i64, now: DateTime<Utc>) -> Self {
        Self { per_minute: per_minute.max(1), parts: TOKEN, at: now }
    }

    /// Adds what the time since the last call gives; how many whole tokens there are.
    pub fn refill(&mut self, now: DateTime<Utc>) -> i64 {
        let millis = (now - self.at).num_milliseconds().clamp(0, TOKEN);
        self.at = now;
        self.parts = (self.parts + millis * self.per_minute).min((self.per_minute / 10).max(1) * TOKEN);
        self.parts.max(0) / TOKEN
    }

    pub fn take(&mut self, tokens: usize) {
        self.parts -= i64::try_from(tokens).unwrap_or(i64::MAX / TOKEN) * TOKEN;
    }
}

/// Exponential back-off after Safaricom said that it is too much, or was not there: twice as long each time,
/// with a random fifth on top, until an answer comes.
#[derive(Debug, Default)]
pub struct BackOff {
    failures: u32,
    until: Option<DateTime<Utc>>,
}

impl BackOff {
    pub fn is_quiet(&self, now: DateTime<Utc>) -> bool {
        self.until.is_some_and(|until| now < until)
    }

    pub fn fail(&mut self, now: DateTime<Utc>, asked_for: Option<Duration>, random: &Random) {
        let doubled = BACK_OFF.saturating_mul(1 << self.failures.min(6)).min(BACK_OFF_MOST);
        let wait = asked_for.map_or(doubled, |asked| asked.clamp(doubled, BACK_OFF_LONGEST));
        let millis = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        let jitter = Duration::from_millis(random.below(millis / 5 + 1));
        self.failures = self.failures.saturating_add(1);
        self.until = Some(now + delta(wait + jitter));
    }

    pub fn succeed(&mut self) {
        *self = Self::default();
    }
}
