//! Something that happens when a transaction has been committed and nobody knows it yet.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_trait::async_trait;

use super::TestApp;
use crate::payments::Payments;
use crate::platform::db::{Gate, GatePoint};

type Happens = dyn Fn(usize) -> Result<(), sqlx::Error> + Send + Sync;

/// What happens after each commit, which are counted from 0; an error stands for an answer that does not come.
pub struct AfterCommits {
    commits: AtomicUsize,
    is_committed: AtomicBool,
    happens: Box<Happens>,
}

impl AfterCommits {
    pub fn new(happens: impl Fn(usize) -> Result<(), sqlx::Error> + Send + Sync + 'static) -> Arc<Self> {
        let happens: Box<Happens> = Box::new(happens);
        Arc::new(Self { commits: AtomicUsize::default(), is_committed: AtomicBool::default(), happens })
    }

    /// The answer to every other commit is lost, so that each transaction is committed and then runs again.
    pub fn losing_answers() -> Arc<Self> {
        Self::new(|commit| match commit % 2 {
            0 => Err(sqlx::Error::Io(std::io::ErrorKind::BrokenPipe.into())),
            _ => Ok(()),
        })
    }
}

#[async_trait]
impl Gate for AfterCommits {
    async fn pass(&self, point: GatePoint) {
        self.is_committed.store(point == GatePoint::Committed, Ordering::SeqCst);
    }

    fn statement(&self) -> Result<(), sqlx::Error> {
        if self.is_committed.swap(false, Ordering::SeqCst) {
            return (self.happens)(self.commits.fetch_add(1, Ordering::SeqCst));
        }
        Ok(())
    }
}

impl TestApp {
    /// The app's payments, behind such a gate.
    pub fn payments_behind(&self, gate: Arc<AfterCommits>) -> Payments {
        self.running.state.payments.on(self.db.with_gate(gate))
    }
}
