//! How often Safaricom may be asked, for all servers together. What a server may ask it takes out of a bucket
//! in the database before it asks, so neither a second server, nor one that takes over, nor a command beside
//! them makes it faster; a server that dies in between has asked less. A rest that Safaricom wants is kept
//! there too and outlives a restart.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::rate::{BackOff, SPREAD, TokenBucket};
use super::store::rates::{self, Rate};
use crate::platform::clock::Clock;
use crate::platform::db::{Db, Failure, ReadFrom, transaction};
use crate::platform::random::Random;

/// A bucket: its name, under which all servers find it, and how much it is filled with.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// One name for each kind of requests to each app of ours at Safaricom; rows keep it.
    pub name: &'static str,
    /// How many requests a minute.
    pub per_minute: i64,
}

/// Requests of one kind, of which some are urgent.
#[derive(Clone)]
pub struct Rates {
    db: Db,
    clock: Clock,
    random: Random,
    /// For all of them. Its row keeps the rests.
    all: Limit,
    /// The part of `all` that those may use that are not urgent.
    others: Limit,
}

/// How many requests may be made now: in all, and of those that are not urgent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Available {
    /// In all.
    pub all: i64,
    /// Of those that are not urgent.
    pub others: i64,
}

/// What was taken: it must be used now, or it is lost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Taken {
    /// Urgent requests that may be made.
    pub urgent: i64,
    /// Others that may be made beside them.
    pub others: i64,
    /// The rests before this, for [`Rates::succeed`].
    before: BackOff,
}

/// The two buckets as they stand now.
struct Buckets {
    all: TokenBucket,
    others: TokenBucket,
    back_off: BackOff,
}

impl Rates {
    /// The buckets of these names. They are full when something is asked for the first time.
    pub const fn new(db: Db, clock: Clock, random: Random, all: Limit, others: Limit) -> Self {
        Self { db, clock, random, all, others }
    }

    /// How much could be taken now; nothing during a rest. It only reads.
    ///
    /// # Errors
    /// A database error.
    pub async fn available(&self) -> Result<Available, sqlx::Error> {
        let now = self.clock.now();
        let found = self.read(&self.db, now).await?;
        if found.back_off.is_quiet(now) {
            return Ok(Available { all: 0, others: 0 });
        }
        let (all, others) = self.refilled(&found, now);
        Ok(Available { all: all.tokens(), others: others.tokens() })
    }

    /// Takes tokens for up to so many requests, the urgent ones first, and says how many may be made.
    ///
    /// # Errors
    /// [`Failure::Changed`] if other servers kept taking at the same moment, or a database error.
    pub async fn take(&self, urgent: usize, others: usize) -> Result<Taken, Failure> {
        let now = self.clock.now();
        let wanted = |number| i64::try_from(number).unwrap_or(i64::MAX);
        transaction!(self.db, |tx| {
            let found = self.read(&mut *tx, now).await?;
            if found.back_off.is_quiet(now) {
                return Ok(Taken::default());
            }
            let (all, part) = self.refilled(&found, now);
            let urgent = wanted(urgent).min(all.tokens());
            let others = wanted(others).min(all.tokens() - urgent).min(part.tokens());
            for (limit, before, bucket, tokens) in
                [(self.all, found.all, all, urgent + others), (self.others, found.others, part, others)]
            {
                if tokens > 0 && !rates::put_bucket(tx, limit.name, before, bucket.take(tokens)).await? {
                    return Err(Failure::Changed);
                }
            }
            Ok(Taken { urgent, others, before: found.back_off })
        })
    }

    /// Whether nothing may be asked now, because Safaricom wanted a rest or could not be reached.
    ///
    /// # Errors
    /// A database error.
    pub async fn is_quiet(&self) -> Result<bool, sqlx::Error> {
        let now = self.clock.now();
        Ok(self.read(&self.db, now).await?.back_off.is_quiet(now))
    }

    /// Begins a rest, perhaps as long as Safaricom asked for.
    ///
    /// # Errors
    /// [`Failure::Changed`] if other servers kept changing it, or a database error.
    pub async fn fail(&self, asked_for: Option<Duration>) -> Result<(), Failure> {
        let (now, thousandths) = (self.clock.now(), self.random.below(SPREAD + 1));
        transaction!(self.db, |tx| {
            let before = self.read(&mut *tx, now).await?.back_off;
            let after = before.fail(now, asked_for, thousandths);
            if after == before || rates::put_back_off(tx, self.all.name, before, after).await? {
                return Ok(());
            }
            Err(Failure::Changed)
        })
    }

    /// Safaricom has answered a request for which this was taken: the next rest is a short one again. A rest
    /// that has begun since then goes on.
    ///
    /// # Errors
    /// A database error.
    pub async fn succeed(&self, taken: Taken) -> Result<(), Failure> {
        if taken.before == BackOff::default() {
            return Ok(());
        }
        transaction!(self.db, |tx| Ok(rates::end_back_off(tx, self.all.name, taken.before).await?))
    }

    /// The buckets as their rows have them; one without a row is full.
    async fn read(&self, from: impl Into<ReadFrom<'_>>, now: DateTime<Utc>) -> Result<Buckets, sqlx::Error> {
        let rows = rates::find(from, [self.all.name, self.others.name]).await?;
        let row = |limit: Limit| rows.iter().find(|row: &&Rate| row.name == limit.name);
        let bucket = |limit: Limit| {
            row(limit).map_or_else(|| TokenBucket::full(limit.per_minute, now), |row| row.bucket)
        };
        let back_off = row(self.all).map_or_else(BackOff::default, |row| row.back_off);
        Ok(Buckets { all: bucket(self.all), others: bucket(self.others), back_off })
    }

    fn refilled(&self, found: &Buckets, now: DateTime<Utc>) -> (TokenBucket, TokenBucket) {
        let refill = |bucket: TokenBucket, limit: Limit| bucket.refill(limit.per_minute, now);
        (refill(found.all, self.all), refill(found.others, self.others))
    }
}
