//! Limits on how often something may be tried. An attempt is counted before it is judged, in the transaction
//! that checks its limits, so that parallel requests get no more attempts. An attempt that turns out right is
//! taken back.
//!
//! A limit must not be a way to lock somebody out. So limits that refuse count by number and network
//! together, where a stranger's attempts do not meet the owner's. Limits by a number alone or by a network
//! alone, which customers share with strangers, only slow down, and each asker by itself. A browser that its
//! owner used before (`browser.rs`) counts by itself.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::People;
use super::store::attempts as rows;
use crate::platform::db::{Failure, Tx, transaction};
use crate::types::{AppError, Text};

/// How long attempts are kept. No limit looks further back than a day.
const KEPT: TimeDelta = TimeDelta::hours(25);

/// A limit: so many attempts under one key within a time.
pub struct AttemptLimit {
    /// What is counted together, as a keyed hash; limits with the same key share their attempts.
    pub key: String,
    /// How many attempts are let through.
    pub most: i64,
    pub within: TimeDelta,
    pub over: Over,
    /// The answer to an attempt beyond the limit.
    pub message: Text,
}

/// What happens to attempts beyond a limit.
pub enum Over {
    /// All are refused.
    Refused,
    /// Each asker still has one attempt in each `pause`, however many others have been made. Those attempts
    /// count under the key `asker`, where another limit of the same list must count them.
    OneEach { asker: String, pause: TimeDelta },
}

/// A limit that was reached, and how long the asker must wait.
pub struct Reached<'a> {
    pub limit: &'a AttemptLimit,
    wait: TimeDelta,
}

impl AttemptLimit {
    /// How long to wait if one more attempt would be too many; `None` if it may be made now.
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

/// Counts an attempt under every key of its limits. If a limit is reached nothing is counted, and that limit
/// is returned. An attempt that is counted twice counts once.
///
/// # Errors
/// A database error.
pub async fn count<'a>(
    tx: &mut Tx,
    attempt: Uuid,
    limits: &'a [AttemptLimit],
    now: DateTime<Utc>,
) -> Result<Option<Reached<'a>>, sqlx::Error> {
    let mut keys: Vec<&str> = limits.iter().map(|limit| limit.key.as_str()).collect();
    // Every transaction locks its keys in the same order; otherwise two could wait for each other for ever.
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

/// Forgets all attempts under the keys of those limits that refuse. Limits that only slow down keep theirs,
/// because strangers share them.
///
/// # Errors
/// A database error.
pub async fn forgive(tx: &mut Tx, limits: &[AttemptLimit]) -> Result<(), sqlx::Error> {
    for limit in limits.iter().filter(|limit| matches!(limit.over, Over::Refused)) {
        rows::forget(tx, &limit.key).await?;
    }
    Ok(())
}

impl People {
    /// Counts an attempt that may turn out right, and returns its id for `succeed` or `take_back`.
    ///
    /// # Errors
    /// [`AppError::TooMany`] if a limit is reached; a database error.
    pub async fn begin_attempt(&self, limits: &[AttemptLimit]) -> Result<Uuid, Failure> {
        let now = self.clock.now();
        let attempt = self.random.uuid(now);
        transaction!(self.db, |tx| match count(tx, attempt, limits, now).await? {
            Some(reached) => Err(reached.into()),
            None => Ok(attempt),
        })
    }

    /// Takes back an attempt that was right, and forgets the wrong ones before it under limits that refuse.
    ///
    /// # Errors
    /// A database error.
    pub async fn succeed(&self, attempt: Uuid, limits: &[AttemptLimit]) -> Result<(), Failure> {
        transaction!(self.db, |tx| {
            rows::delete(tx, attempt).await?;
            Ok(forgive(tx, limits).await?)
        })
    }

    /// Takes back an attempt that was never judged, for example because hashing failed.
    ///
    /// # Errors
    /// A database error.
    pub async fn take_back(&self, attempt: Uuid) -> Result<(), Failure> {
        transaction!(self.db, |tx| Ok(rows::delete(tx, attempt).await?))
    }

    /// Deletes attempts that no limit looks at any more. The scheduler calls it once an hour.
    ///
    /// # Errors
    /// A database error.
    pub async fn purge_attempts(&self) -> Result<(), Failure> {
        let before = self.clock.now() - KEPT;
        transaction!(self.db, |tx| Ok(rows::purge(tx, before).await?))
    }
}
