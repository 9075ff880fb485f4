//! Sends whose process died, or lost its database, before it noted what came of them. Nobody knows whether
//! they left, and that is written down, so that what waits for their fate does not wait for ever.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};

use super::store::sends as store;
use crate::jobs::{Waiting, Work};
use crate::platform::clock::Clock;
use crate::platform::database_clock::database_now;
use crate::platform::db::{Db, Failure, transaction};
use crate::platform::lease::Held;

/// How long after its latest moment a send is given up: an answer takes no longer.
const ANSWERED_WITHIN: TimeDelta = TimeDelta::seconds(60);
const EVERY: Duration = Duration::from_secs(30);

/// The work of giving up what nobody waits for any more. It is safe beside another process's: its one
/// statement changes sends that are still open, and an answer that comes later is taken all the same.
pub struct UnfinishedSends {
    db: Db,
    clock: Clock,
}

impl UnfinishedSends {
    /// Those in this database.
    pub const fn new(db: Db, clock: Clock) -> Self {
        Self { db, clock }
    }
}

#[async_trait]
impl Work for UnfinishedSends {
    fn kind(&self) -> &'static str {
        "sends"
    }

    fn every(&self) -> Duration {
        EVERY
    }

    async fn round(&self, _held: Held) -> Result<usize, Failure> {
        let now = self.clock.now();
        // Mostly there are none, and then nothing is written.
        if store::waiting(&self.db, now - ANSWERED_WITHIN).await?.due == 0 {
            return Ok(0);
        }
        let given_up = transaction!(self.db, |tx| {
            let now = database_now(tx, &self.clock).await?;
            Ok(store::give_up(tx, now - ANSWERED_WITHIN, now).await?)
        })?;
        tracing::warn!(given_up, "sends without an answer are unknown");
        Ok(usize::try_from(given_up).unwrap_or(usize::MAX))
    }

    async fn waiting(&self, now: DateTime<Utc>) -> Result<Waiting, Failure> {
        Ok(store::waiting(&self.db, now - ANSWERED_WITHIN).await?)
    }
}
