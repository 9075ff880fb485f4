//! The scheduler's control of the tasks. Every task of the engine stops at each of its ports, and goes on
//! only when it is told to, one at a time. A task has reached its next stop, or has ended, when the runtime
//! has nothing left to run and is about to sleep. No timer takes part, so a seed always gives the same run.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;
use tokio::task::{AbortHandle, Id};

use crate::platform::db::GatePoint;

/// The places at which a task stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// The task has been made and has not begun.
    Start,
    Database(GatePoint),
    PushLeaves,
    ParcelLeaves,
    PushAnswers,
    QueryLeaves,
    QueryAnswers,
}

impl Stop {
    /// Whether a request leaves our side next, or may.
    pub const fn is_before_a_send(self) -> bool {
        matches!(self, Self::Database(GatePoint::Committed) | Self::PushLeaves | Self::ParcelLeaves)
    }
}

/// A task at a stop.
pub struct WaitingTask {
    pub ticket: u64,
    pub task: Id,
    pub stop: Stop,
    go: oneshot::Sender<()>,
}

type Quiet = Box<dyn Fn(&StageSight<'_>) -> bool + Send>;

/// What can be seen when the runtime is about to sleep.
pub struct StageSight<'a> {
    waiting: &'a [WaitingTask],
    pub moves: u64,
}

impl StageSight<'_> {
    pub fn waits(&self, task: Id) -> bool {
        self.waiting.iter().any(|waiting| waiting.task == task)
    }
}

#[derive(Default)]
struct Inner {
    waiting: Vec<WaitingTask>,
    tickets: u64,
    /// The order in which the tasks came to their first stops. Two tasks that move at the same time may come
    /// to their next stops in either order.
    ranks: HashMap<Id, usize>,
    /// How often a task came to a stop, or a task that was spawned here ended.
    moves: u64,
    running: Vec<AbortHandle>,
    /// What the scheduler waits for, which is asked whenever the runtime is about to sleep, and how the
    /// scheduler is told. A wait that was given up is not answered.
    quiet: Option<(Quiet, oneshot::Sender<()>)>,
}

/// All tasks of one run.
#[derive(Default)]
pub struct Stage {
    inner: Mutex<Inner>,
}

impl Stage {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Called when the runtime is about to sleep.
    pub fn about_to_sleep(&self) {
        let mut inner = self.lock();
        let is_quiet = inner
            .quiet
            .as_ref()
            .is_some_and(|(quiet, _)| quiet(&StageSight { waiting: &inner.waiting, moves: inner.moves }));
        if let Some((_, told)) = inner.quiet.take_if(|_| is_quiet) {
            let _ = told.send(());
        }
    }

    /// Holds the task that calls it until it is told to go on.
    pub async fn stop(self: &Arc<Self>, stop: Stop) {
        let (go, gone) = oneshot::channel();
        let ticket = {
            let mut inner = self.lock();
            inner.tickets += 1;
            inner.moves += 1;
            let (ticket, task, next) = (inner.tickets, tokio::task::id(), inner.ranks.len());
            inner.ranks.entry(task).or_insert(next);
            inner.waiting.push(WaitingTask { ticket, task, stop, go });
            ticket
        };
        let place = Place { stage: self.clone(), ticket };
        let _ = gone.await;
        drop(place);
    }

    /// Starts a task of the engine, which waits at its start.
    pub fn spawn(self: &Arc<Self>, work: impl Future<Output = ()> + Send + 'static) -> Id {
        let stage = self.clone();
        let task = tokio::spawn(async move {
            let _ending = Ending(stage.clone());
            stage.stop(Stop::Start).await;
            work.await;
        });
        let mut inner = self.lock();
        inner.running.retain(|task| !task.is_finished());
        inner.running.push(task.abort_handle());
        task.id()
    }

    /// The waiting tasks and their stops, the oldest task first.
    pub fn waiting(&self) -> Vec<(u64, Id, Stop)> {
        let inner = self.lock();
        let mut all: Vec<_> =
            inner.waiting.iter().map(|waiting| (waiting.ticket, waiting.task, waiting.stop)).collect();
        all.sort_by_key(|(_, task, _)| inner.ranks.get(task));
        all
    }

    pub fn moves(&self) -> u64 {
        self.lock().moves
    }

    /// Lets one task go on.
    pub fn release(&self, ticket: u64) {
        let mut inner = self.lock();
        let place = inner.waiting.iter().position(|waiting| waiting.ticket == ticket).expect("it waits");
        let waiting = inner.waiting.remove(place);
        let _ = waiting.go.send(());
    }

    /// Waits until the runtime sleeps and `quiet` holds.
    pub async fn until(&self, quiet: impl Fn(&StageSight<'_>) -> bool + Send + 'static) {
        let (told, is_quiet) = oneshot::channel();
        self.lock().quiet = Some((Box::new(quiet), told));
        let _ = is_quiet.await;
    }

    /// Ends every task wherever it is, as the death of the process would.
    pub async fn kill(&self) {
        let tasks = std::mem::take(&mut self.lock().running);
        for task in &tasks {
            task.abort();
        }
        while !tasks.iter().all(AbortHandle::is_finished) || !self.lock().waiting.is_empty() {
            tokio::task::yield_now().await;
        }
        self.lock().ranks.clear();
    }
}

/// A task's place among the waiting ones, which it leaves when it is dropped.
struct Place {
    stage: Arc<Stage>,
    ticket: u64,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.stage.lock().waiting.retain(|waiting| waiting.ticket != self.ticket);
    }
}

struct Ending(Arc<Stage>);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.lock().moves += 1;
    }
}
