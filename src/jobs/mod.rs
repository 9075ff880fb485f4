//! Work that waits. What has to be done stands in rows of the rooms above: a payment says when it is asked
//! about, a message when it is sent. This room knows none of them. It knows kinds of work, holds the lease
//! under which one process does them all, and remembers how each kind fares.

pub mod report;
pub mod retry;
pub mod scheduler;
mod store;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::FromRow;

use crate::platform::db::Failure;
use crate::platform::lease::Held;

/// One kind of work that waits.
///
/// Its rounds are begun one after the other by the holder of the lease. A holder that was paused past its
/// lease may end a round while the next holder is in another one: so the statements of a round compare what
/// they change, or do no harm when they run twice, and each kind says which.
#[async_trait]
pub trait Work: Send + Sync {
    /// Its name, which no other kind has.
    fn kind(&self) -> &'static str;

    /// How long after the end of a round the next one is due.
    fn every(&self) -> Duration;

    /// Does what is due, under this lease, and returns how much that was.
    ///
    /// # Errors
    /// Why the round could not go on. An error about one row is the round's own affair: it must not keep it
    /// from the other rows.
    async fn round(&self, held: Held) -> Result<usize, Failure>;

    /// What waits, for the list that people read: one query. Work without rows has nothing that waits.
    ///
    /// # Errors
    /// A database error.
    async fn waiting(&self, _now: DateTime<Utc>) -> Result<Waiting, Failure> {
        Ok(Waiting::default())
    }

    /// Ends when this process has made new work, which need not wait until the next round is due.
    async fn called(&self) {
        std::future::pending::<()>().await;
    }
}

/// The rows of one kind that wait.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, FromRow)]
pub struct Waiting {
    /// Those whose time has come.
    pub due: i64,
    /// Those whose time will come.
    pub later: i64,
    /// Those that were given up, and wait for a person.
    pub dead: i64,
    /// Since when the first of `due` waits.
    pub oldest_due_at: Option<DateTime<Utc>>,
}

/// Work that no row asks for and that is due by the clock alone, such as deleting what is old.
struct Chore<F> {
    kind: &'static str,
    every: Duration,
    run: F,
}

/// A kind of work from a function, which must do no harm when two processes run it at once.
///
/// # Errors
/// None: what the function returns is what became of a round.
pub fn chore<F, R>(kind: &'static str, every: Duration, run: F) -> Arc<dyn Work>
where
    F: Fn() -> R + Send + Sync + 'static,
    R: Future<Output = Result<usize, Failure>> + Send + 'static,
{
    Arc::new(Chore { kind, every, run })
}

#[async_trait]
impl<F, R> Work for Chore<F>
where
    F: Fn() -> R + Send + Sync,
    R: Future<Output = Result<usize, Failure>> + Send,
{
    fn kind(&self) -> &'static str {
        self.kind
    }

    fn every(&self) -> Duration {
        self.every
    }

    async fn round(&self, _held: Held) -> Result<usize, Failure> {
        (self.run)().await
    }
}
