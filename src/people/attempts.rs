//! Limits of what may be tried how often. An attempt is counted before it is judged, in the transaction that
//! looks at its limits, so that no more are judged at once than may be; one that was right is taken back.
//!
//! A limit must not be a way to lock somebody out. So what is refused counts by the number and the network
//! together, where a stranger's attempts do not meet the owner's; what counts by a number or by a network
//! alone, which customers share with strangers, slows down, each asker by itself; and a browser that was in
//! before (`browser.rs`) counts by itself.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::People;
use super::store::attempts as rows;
use crate::platform::db::{Failure, Tx, transaction};
use crate::types::{AppError, Text};

/// No limit looks further back than a day.
const KEPT: TimeDelta = TimeDelta::hours(25);

/// So many attempts under a key within a time.
pub struct AttemptLimit {
    pub key: String,
    pub most: i64,
    pub within: TimeDelta,
    pub over: Over,
    pub message: Text,
}

/// What happens over a limit.
pub enum Over {
    Refused,
    /// Each asker still has one attempt in this time, however many others have. Attempts count under the
    /// asker's key, too.
    OneEach {
        asker: String,
        pause: TimeDelta,
    },
}

/// A limit that was reached, and how long to wait.
pub struct Reached<'a> {
    pub limit: &'a AttemptLimit,
    wait: TimeDelta,
}

impl AttemptLimit {
    /// How long to wait, if one more attempt would be too many.
    async fn wait(&self, tx: &mut Tx, now: DateTime<Utc>) -> Result<Option<TimeDelta>, sqlx::Error> {
        let (count, _) = rows::count(tx, &self.key, now - self.within).await?;
        if count < self.most {
            return Ok(None);
        }
        let Over::OneEach { asker, pause } = &self.over else { return Ok(Some(self.within)) };
        let (_, newest) = rows::count(tx, asker, now - *pause).await?;
        Ok(newest.map(|newest| (newest + *pause - now).min(self.within)))
    }
}

impl From<Reached<'_>> for Failure {
    fn from(reached: Reached<'_>) -> Self {
        let retry_after = reached.wait.to_std().unwrap_or(Duration::ZERO);
        AppError::TooMany { message: reached.limit.message.clone(), retry_after }.into()
    }
}

/// Counts an attempt, unless a limit is reached: that one is the answer.
pub async fn count<'a>(
    tx: &mut Tx,
    attempt: Uuid,
    limits: &'a [AttemptLimit],
    now: DateTime<Utc>,
) -> Result<Option<Reached<'a>>, sqlx::Error> {
    let mut keys: Vec<&str> = limits.iter().map(|limit| limit.key.as_str()).collect();
    // Whoever locks several does it in one order, or two would wait for each other.
    keys.sort_unstable();
    keys.dedup();
    for key in keys {
        rows::lock(tx, key).await?;
    }
    for limit in limits {
        if let Some(wait) = limit.wait(tx, now).await? {
            return Ok(Some(Reached { limit, wait }));
        }
    }
    for limit in limits {
        rows::insert(tx, attempt, &limit.key, now).await?;
    }
    Ok(None)
}

/// Forgets what counts under limits that refuse.
pub async fn forgive(tx: &mut Tx, limits: &[AttemptLimit]) -> Result<(), sqlx::Error> {
    for limit in limits.iter().filter(|limit| matches!(limit.over, Over::Refused)) {
        rows::forget(tx, &limit.key).await?;
    }
    Ok(())
}

impl People {
    /// Counts an attempt that may turn out to be right, or refuses it.
    pub async fn begin_attempt(&self, limits: &[AttemptLimit]) -> Result<Uuid, Failure> {
        let now = self.clock.now();
        let attempt = self.random.uuid(now);
        transaction!(self.db, |tx| match count(tx, attempt, limits, now).await? {
            Some(reached) => Err(reached.into()),
            None => Ok(attempt),
        })
    }

    /// Takes back an attempt that was right, and forgets the wrong ones before it where they refuse more.
    pub async fn succeed(&self, attempt: Uuid, limits: &[AttemptLimit]) -> Result<(), Failure> {
        transaction!(self.db, |tx| {
            rows::delete(tx, attempt).await?;
            Ok(forgive(tx, limits).await?)
        })
    }

    /// Takes back an attempt that was never judged.
    pub async fn take_back(&self, attempt: Uuid) -> Result<(), Failure> {
        transaction!(self.db, |tx| Ok(rows::delete(tx, attempt).await?))
    }

    /// Forgets attempts that no limit looks at any more.
    pub async fn purge_attempts(&self) -> Result<(), Failure> {
        let before = self.clock.now() - KEPT;
        transaction!(self.db, |tx| Ok(rows::purge(tx, before).await?))
    }
}
