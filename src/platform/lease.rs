//! A lease lets one process at a time do some work, on either database. It is taken and kept by
//! compare-and-set on one row, by the database's clock. A holder that dies loses it when its time is over.
//!
//! A holder that is paused past that time does not know that it lost the lease. So the row counts an epoch,
//! which grows each time the lease is taken: a statement that takes work compares it, and finds nothing for
//! those who held the lease before (MONEY §3).

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use sqlx::FromRow;

use super::clock::Clock;
use super::database_clock::database_now;
use super::db::{Db, Failure, Tx, changes_one, execute, on, read, transaction};
use super::random::{Random, hex};

/// How long a lease lives without being renewed (MONEY §3).
const LIFE: TimeDelta = TimeDelta::seconds(15);
/// A holder renews the lease when no more than this is left of it.
const RENEW_WITHIN: TimeDelta = TimeDelta::seconds(10);

/// This process's claim on the work called `name`.
pub struct Lease {
    db: Db,
    clock: Clock,
    name: &'static str,
    holder: String,
    held: Option<(Held, DateTime<Utc>)>,
}

/// What the holder of a lease shows with the work that it takes: it counts while nobody has taken the lease
/// since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// The lease's name.
    pub name: &'static str,
    /// How often it had been taken by then.
    pub epoch: i64,
}

impl Held {
    /// Whether the lease is still this holder's. Until the transaction ends no other process can take it: what
    /// is written beside this is written under the lease.
    ///
    /// # Errors
    /// A database error.
    pub async fn lock(self, tx: &mut Tx) -> Result<bool, sqlx::Error> {
        const LOCK: &str = "UPDATE leases SET epoch = epoch WHERE name = $1 AND epoch = $2";
        changes_one!(tx, sqlx::query(LOCK).bind(self.name).bind(self.epoch))
    }
}

impl Lease {
    /// A lease that is not held yet. Its holder is a random name, so that two of one process are different.
    pub fn new(db: Db, clock: Clock, random: &Random, name: &'static str) -> Self {
        Self { db, clock, name, holder: hex(&random.bytes::<8>()), held: None }
    }

    /// The random name under which it is held.
    pub fn holder(&self) -> &str {
        &self.holder
    }

    /// Takes or renews the lease where that is due; `None` if another process holds it. A clock in doubt
    /// takes no lease, and gives back the one that it has.
    ///
    /// # Errors
    /// A database error.
    pub async fn hold(&mut self) -> Result<Option<Held>, Failure> {
        if self.clock.is_doubtful() {
            self.release().await?;
            return Ok(None);
        }
        let now = self.clock.now();
        if let Some((held, until)) = self.held
            && until - now > RENEW_WITHIN
        {
            return Ok(Some(held));
        }
        self.held = transaction!(self.db, |tx| {
            let now = database_now(tx, &self.clock).await?;
            // That answer was a comparison of the clocks.
            if self.clock.is_doubtful() {
                return Ok(None);
            }
            let epoch = self.take(tx, now).await?;
            Ok(epoch.map(|epoch| (Held { name: self.name, epoch }, now + LIFE)))
        })?;
        Ok(self.held.map(|(held, _)| held))
    }

    /// Takes the lease if it is free, or renews it; its epoch. Who has let their own lease lapse takes it
    /// anew, since another one may have held it in between.
    async fn take(&self, tx: &mut Tx, now: DateTime<Utc>) -> Result<Option<i64>, sqlx::Error> {
        const TAKE: &str = "INSERT INTO leases (name, holder, held_until, epoch) VALUES ($1, $2, $3, 1)
            ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, held_until = excluded.held_until,
                epoch = leases.epoch
                    + CASE WHEN leases.holder = excluded.holder AND leases.held_until > $4 THEN 0 ELSE 1 END
            WHERE leases.holder = excluded.holder OR leases.held_until <= $4 RETURNING epoch";
        on!(tx, |c| {
            let take = sqlx::query_scalar(TAKE).bind(self.name).bind(&self.holder);
            take.bind(now + LIFE).bind(now).fetch_optional(c).await
        })
    }

    /// Lets another process take over at once, whatever either of the clocks says.
    ///
    /// # Errors
    /// A database error.
    pub async fn release(&mut self) -> Result<(), Failure> {
        const RELEASE: &str = "UPDATE leases SET held_until = $3 WHERE name = $1 AND epoch = $2";
        let Some((held, _)) = self.held.take() else { return Ok(()) };
        let long_ago = DateTime::UNIX_EPOCH;
        transaction!(self.db, |tx| {
            Ok(execute!(tx, sqlx::query(RELEASE).bind(held.name).bind(held.epoch).bind(long_ago))?)
        })
    }
}

/// Who held a lease last, for people who look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub struct LeaseRow {
    /// The holder's random name.
    pub holder: String,
    /// Until when it was held; a lease that was given back ended long ago.
    pub held_until: DateTime<Utc>,
    /// How often it was taken.
    pub epoch: i64,
}

/// The lease of this name, if anybody ever held it.
///
/// # Errors
/// A database error.
pub async fn by_name(db: &Db, name: &str) -> Result<Option<LeaseRow>, sqlx::Error> {
    const FIND: &str = "SELECT holder, held_until, epoch FROM leases WHERE name = $1";
    read!(db, |c| sqlx::query_as(FIND).bind(name).fetch_optional(c).await)
}
