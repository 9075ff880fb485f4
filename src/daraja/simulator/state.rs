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

/// The simulated world and everything around it. Each request gets an `Arc` of it.
pub struct SimulatorState {
    pub world: Mutex<World>,
    /// The tokens that were given out, and when each ends.
    pub tokens: Mutex<HashMap<String, DateTime<Utc>>>,
    pub stats: Stats,
    /// The last requests and answers, for the inspector.
    pub timeline: Mutex<Timeline>,
    pub clock: Clock,
    pub random: Random,
    pub autopilot: Option<Autopilot>,
    pub credentials: Credentials,
    /// The client that posts callbacks and confirmations to the app.
    pub callbacks: reqwest::Client,
    /// The tasks that deliver, answer and save. None of them outlives the simulator.
    pub tasks: TaskTracker,
    pub stopping: CancellationToken,
    /// Notified when the world differs from its file.
    pub changed: Notify,
}

impl SimulatorState {
    /// The world, locked. A lock that a panic poisoned is used all the same.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The tokens, locked.
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

    /// The timeline of the inspector, locked.
    pub fn timeline(&self) -> MutexGuard<'_, Timeline> {
        self.timeline.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a request to the timeline. The number that it returns is for [`SimulatorState::note_end`].
    pub fn note(&self, note: Note) -> u64 {
        self.timeline().add(note, rfc3339(self.clock.now()))
    }

    /// Adds to the request of this number how it ended: the answer, or a remark why there is none.
    pub fn note_end(&self, id: u64, status: Option<u16>, answer: &[u8], remark: Option<&'static str>) {
        self.timeline().end(id, status, answer, remark);
    }
}
