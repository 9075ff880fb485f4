//! What all requests to a simulator share.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Autopilot;
use super::stats::Stats;
use super::timeline::{Note, Timeline};
use super::world::World;
use crate::daraja::Credentials;
use crate::platform::clock::{Clock, rfc3339};
use crate::platform::random::Random;

/// What all requests share.
pub struct SimulatorState {
    pub world: Mutex<World>,
    /// Tokens and when they end.
    pub tokens: Mutex<HashMap<String, DateTime<Utc>>>,
    pub stats: Stats,
    /// What was said lately, for the inspector.
    pub timeline: Mutex<Timeline>,
    pub clock: Clock,
    pub random: Random,
    pub autopilot: Option<Autopilot>,
    pub credentials: Credentials,
    pub callbacks: reqwest::Client,
    /// Tasks that deliver, answer and save; none outlives the simulator.
    pub tasks: TaskTracker,
    pub stopping: CancellationToken,
    /// The world differs from its file.
    pub changed: Notify,
}

impl SimulatorState {
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn tokens(&self) -> MutexGuard<'_, HashMap<String, DateTime<Utc>>> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a task that ends with the simulator.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let stopping = self.stopping.clone();
        self.tasks.spawn(async move {
            tokio::select! {
                () = stopping.cancelled() => {}
                () = task => {}
            }
        });
    }

    pub fn timeline(&self) -> MutexGuard<'_, Timeline> {
        self.timeline.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens an exchange; the number is for [`SimulatorState::note_end`].
    pub fn note(&self, note: Note) -> u64 {
        self.timeline().add(note, rfc3339(self.clock.now()))
    }

    pub fn note_end(&self, id: u64, status: Option<u16>, answer: &[u8], remark: Option<&'static str>) {
        self.timeline().end(id, status, answer, remark);
    }
}
