//! What the engine does without being asked, beside its questions (`reconciler.rs`).

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::PURPOSE;
use super::c2b::{self, Confirmations};
use super::engine::Payments;
use super::store::schedule;
use crate::jobs::{Waiting, Work};
use crate::mpesa::bodies::{Bodies, Receiver};
use crate::platform::db::Failure;
use crate::platform::lease::Held;

const STORED_AT_ONCE: i64 = 100;

/// Settles bodies of one purpose that could only be stored when they came. It is safe beside another
/// process's: each body is taken by compare-and-set in the transaction that books it.
pub struct StoredBodies<R> {
    kind: &'static str,
    bodies: Bodies,
    receiver: R,
}

impl StoredBodies<Payments> {
    /// Those about payments.
    pub fn of_payments(payments: Payments) -> Self {
        Self { kind: "bodies", bodies: payments.bodies.clone(), receiver: payments }
    }
}

impl StoredBodies<Confirmations> {
    /// C2B confirmations.
    pub fn of_confirmations(payments: Payments) -> Self {
        let bodies = payments.bodies.clone();
        Self { kind: "confirmations", bodies, receiver: Confirmations(payments) }
    }
}

/// Releases shares. It is safe beside another process's: each purchase is marked by compare-and-set in the
/// transaction that books its release.
pub struct Releases(pub Payments);

impl Payments {
    /// Settles stored bodies, the oldest hundred callbacks and as many confirmations. Returns how many there
    /// were.
    ///
    /// # Errors
    /// A database error if they cannot be read. One that cannot be settled is logged and stays.
    pub async fn settle_stored(&self) -> Result<usize, Failure> {
        let callbacks = self.bodies.settle_stored(self, STORED_AT_ONCE).await?;
        let confirmations = &Confirmations(self.clone());
        Ok(callbacks + self.bodies.settle_stored(confirmations, STORED_AT_ONCE).await?)
    }

    /// Stores what lies in the spool, and returns how much that was.
    ///
    /// # Errors
    /// An error if the folder cannot be read or the database takes nothing.
    pub async fn drain_spool(&self) -> anyhow::Result<usize> {
        self.bodies.drain(&[PURPOSE, c2b::PURPOSE]).await
    }
}

#[async_trait]
impl<R: Receiver> Work for StoredBodies<R> {
    fn kind(&self) -> &'static str {
        self.kind
    }

    fn every(&self) -> Duration {
        Duration::from_secs(1)
    }

    async fn round(&self, _held: Held) -> Result<usize, Failure> {
        self.bodies.settle_stored(&self.receiver, STORED_AT_ONCE).await
    }

    async fn waiting(&self, now: DateTime<Utc>) -> Result<Waiting, Failure> {
        self.bodies.waiting::<R>(now).await
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
