//! Limits of what may be tried how often. An attempt is counted before it is judged, in the transaction that looks at its limits, so
//! that no more are judged at once than may be; one that was right is taken back.
//!
//! A limit must not be a way to lock somebody out. So failures count by the number and the network together, where a stranger's do not
//! meet the owner's; what counts by a number or by a network alone, which customers share with strangers, slows down but does not
//! refuse; and a browser that was in before (`browser.rs`) counts by itself.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::Accounts;
use super::store::attempts as rows;
use crate::platform::db::{Failure, Tx, transaction};
use crate::types::{AppError, Text};

/// No limit looks further back than a day.
const KEPT: TimeDelta = TimeDelta::hours(25);

/// So many attempts under a key within a time.
pub struct Limit {
    pub key: String,
    pub most: i64,
    pub within: TimeDelta,
    /// Over the limit one attempt is let through each time this has passed; without it none is.
    pub pause: Option<TimeDelta>,
    /// Whether this attempt counts, too, or must only be within the limit.
    pub is_counted: bool,
    pub message: Text,
}

/// A limit that was reached, and how long to wait.
pub struct Reached<'a> {
    pub limit: &'a Limit,
    wait: TimeDelta,
}

impl Limit {
    /// How long to wait, if one more attempt would be too many.
    fn wait(&self, count: i64, newest: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Option<TimeDelta> {
        if count < self.most {
            return None;
        }
        let Some(pause) = self.pause else { return Some(self.within) };
        newest.map(|newest| newest + pause - now).filter(|wait| *wait > TimeDelta::zero())
    }
}

impl From<Reached<'_>> for Failure {
    fn from(reached: Reached<'_>) -> Self {
        let retry_after = reached.wait.to_std().unwrap_or(Duration::ZERO);
        AppError::TooMany { message: reached.limit.message.clone(), retry_after }.into()
    }
}

/// Counts an attempt, unless a limit is reached: that one is the answer.
pub async fn count<'a>(tx: &mut Tx, attempt: Uuid, limits: &'a [Limit], now: DateTime<Utc>) -> Result<Option<Reached<'a>>, sqlx::Error> {
    let mut keys: Vec<&str> = limits.iter().map(|limit| limit.key.as_str()).collect();
    // Whoever locks several does it in one order, or two would wait for each other.
    keys.sort_unstable();
    keys.dedup();
    for key in keys {
        rows::lock(tx, key).await?;
    }
    for limit in limits {
        let (count, newest) = rows::count(tx, &limit.key, now - limit.within).await?;
        if let Some(wait) = limit.wait(count, newest, now) {
            return Ok(Some(Reached { limit, wait }));
        }
    }
    for limit in limits.iter().filter(|limit| limit.is_counted) {
        rows::insert(tx, attempt, &limit.key, now).await?;
    }
    Ok(None)
}

/// Forgets what counts under limits that refuse.
pub async fn forgive(tx: &mut Tx, limits: &[Limit]) -> Result<(), sqlx::Error> {
    for limit in limits.iter().filter(|limit| limit.pause.is_none()) {
        rows::forget(tx, &limit.key).await?;
    }
    Ok(())
}

impl Accounts {
    /// Counts an attempt that may turn out to be right, or refuses it.
    pub(super) async fn begin_attempt(&self, limits: &[Limit]) -> Result<Uuid, Failure> {
        let now = self.clock.now();
        let attempt = self.random.uuid(now);
        transaction!(self.db, tx => match count(tx, attempt, limits, now).await? {
            Some(reached) => Err(reached.into()),
            None => Ok(attempt),
        })
    }

    /// Takes back an attempt that was right, and forgets the wrong ones before it where they refuse more.
    pub(super) async fn succeed(&self, attempt: Uuid, limits: &[Limit]) -> Result<(), Failure> {
        transaction!(self.db, tx => {
            rows::delete(tx, attempt).await?;
            Ok(forgive(tx, limits).await?)
        })
    }

    /// Takes back an attempt that was never judged.
    pub(super) async fn take_back(&self, attempt: Uuid) -> Result<(), Failure> {
        transaction!(self.db, tx => Ok(rows::delete(tx, attempt).await?))
    }

    /// Forgets attempts that no limit looks at any more.
    pub async fn purge_attempts(&self) -> Result<(), Failure> {
        let before = self.clock.now() - KEPT;
        transaction!(self.db, tx => Ok(rows::purge(tx, before).await?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn over_a_limit_one_waits_for_its_time_or_for_a_pause() {
        let now = DateTime::UNIX_EPOCH;
        let limit = |pause| Limit {
            key: String::new(),
            most: 5,
            within: TimeDelta::minutes(15),
            pause,
            is_counted: true,
            message: Text::default(),
        };
        let (refuses, slows) = (limit(None), limit(Some(TimeDelta::seconds(5))));
        let newest = Some(now - TimeDelta::seconds(2));
        assert_eq!(refuses.wait(4, newest, now), None);
        assert_eq!(refuses.wait(5, newest, now), Some(TimeDelta::minutes(15)));
        assert_eq!(slows.wait(4, newest, now), None);
        assert_eq!(slows.wait(50, newest, now), Some(TimeDelta::seconds(3)));
        assert_eq!(slows.wait(50, newest, now + TimeDelta::seconds(3)), None);
    }
}
