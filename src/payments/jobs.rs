//! What the engine does without being asked, beside its questions (`reconciler.rs`).

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::engine::Payments;
use super::store::schedule;
use crate::jobs::{Waiting, Work};
use crate::platform::db::Failure;
use crate::platform::lease::Held;

const STORED_AT_ONCE: i64 = 100;

/// Settles bodies that could only be stored when they came. It is safe beside another process's: each body is
/// taken by compare-and-set in the transaction that books it.
pub struct StoredBodies(pub Payments);

/// Releases shares. It is safe beside another process's: each purchase is marked by compare-and-set in the
/// transaction that books its release.
pub struct Releases(pub Payments);

impl Payments {
    /// Settles stored bodies about payments, the oldest hundred. Returns how many there were.
    ///
    /// # Errors
    /// A database error if they cannot be read. One that cannot be settled is logged and stays.
    pub async fn settle_stored(&self) -> Result<usize, Failure> {
        self.bodies.settle_stored(self, STORED_AT_ONCE).await
    }
}

#[async_trait]
impl Work for StoredBodies {
    fn kind(&self) -> &'static str {
        "bodies"
    }

    fn every(&self) -> Duration {
        Duration::from_secs(1)
    }

    async fn round(&self, _held: Held) -> Result<usize, Failure> {
        self.0.settle_stored().await
    }

    async fn waiting(&self, now: DateTime<Utc>) -> Result<Waiting, Failure> {
        self.0.bodies.waiting::<Payments>(now).await
    }
}

#[async_trait]
impl Work for Releases {
    fn kind(&self) -> &'static str {
        "releases"
    }

    fn every(&self) -> Duration {
        Duration::from_mins(1)
    }

    async fn round(&self, _held: Held) -> Result<usize, Failure> {
        self.0.release_due().await
    }

    async fn waiting(&self, now: DateTime<Utc>) -> Result<Waiting, Failure> {
        Ok(schedule::waiting_releases(&self.0.db, now).await?)
    }
}
