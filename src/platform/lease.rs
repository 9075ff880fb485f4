//! A lease lets one process at a time do some work, on either database. It is taken and kept by
//! compare-and-set on one row. A holder that dies loses it when its time is over.

use chrono::{DateTime, TimeDelta, Utc};

use super::clock::Clock;
use super::db::{Db, Failure, changes_one, transaction};
use super::random::{Random, hex};

/// How long a lease lives without being renewed (MONEY §1).
const LIFE: TimeDelta = TimeDelta::seconds(15);
/// A holder renews the lease when no more than this is left of it.
const RENEW_WITHIN: TimeDelta = TimeDelta::seconds(10);

/// This process's claim on the work called `name`.
pub struct Lease {
    db: Db,
    clock: Clock,
    name: &'static str,
    holder: String,
    held_until: Option<DateTime<Utc>>,
}

impl Lease {
    /// A lease that is not held yet. Its holder is a random name, so that two of one process are different.
    pub fn new(db: Db, clock: Clock, random: &Random, name: &'static str) -> Self {
        Self { db, clock, name, holder: hex(&random.bytes::<8>()), held_until: None }
    }

    /// Whether this process holds the lease now. It takes or renews the lease where that is due, and writes
    /// nothing while more than ten seconds are left.
    ///
    /// # Errors
    /// A database error. The lease may then still be held until its time is over.
    pub async fn hold(&mut self) -> Result<bool, Failure> {
        let now = self.clock.now();
        if self.held_until.is_some_and(|until| until - now > RENEW_WITHIN) {
            return Ok(true);
        }
        let until = now + LIFE;
        let is_held = self.write(until, now).await?;
        self.held_until = is_held.then_some(until);
        Ok(is_held)
    }

    /// Gives the lease up, so that another process can take over at once. Without a lease it does nothing.
    ///
    /// # Errors
    /// A database error.
    pub async fn release(&mut self) -> Result<(), Failure> {
        let now = self.clock.now();
        if self.held_until.take().is_some() {
            self.write(now, now).await?;
        }
        Ok(())
    }

    async fn write(&self, until: DateTime<Utc>, now: DateTime<Utc>) -> Result<bool, Failure> {
        const TAKE: &str = "INSERT INTO leases (name, holder, held_until) VALUES ($1, $2, $3)
            ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, held_until = excluded.held_until
            WHERE leases.holder = excluded.holder OR leases.held_until <= $4";
        transaction!(self.db, |tx| {
            let take = changes_one!(tx, {
                sqlx::query(TAKE).bind(self.name).bind(&self.holder).bind(until).bind(now)
            });
            Ok(take?)
        })
    }
}
