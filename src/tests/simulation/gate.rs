//! The simulation's control of the database: it stops tasks at begin and commit, and makes statements fail.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use sqlx::error::{DatabaseError, ErrorKind};

use super::faults::Fault;
use super::stage::{Stage, Stop};
use super::world::Shared;
use crate::platform::db::{Gate, GatePoint};

pub struct Hand {
    pub world: Shared,
    pub stage: Arc<Stage>,
}

#[async_trait]
impl Gate for Hand {
    async fn pass(&self, point: GatePoint) {
        self.stage.stop(Stop::Database(point)).await;
        // The next statement after a commit stands for the commit's answer.
        self.world.lock().is_commit_answer = point == GatePoint::Committed;
    }

    fn statement(&self) -> Result<(), sqlx::Error> {
        let mut world = self.world.lock();
        // The flag holds for the commit of the task that goes on first. The other task's statements come
        // after it.
        if std::mem::take(&mut world.is_sure) {
            return Ok(());
        }
        if std::mem::take(&mut world.is_commit_answer) {
            return if world.strikes(Fault::CommitAnswerLost) { Err(broken_pipe()) } else { Ok(()) };
        }
        // The fate of a push is noted again and again, with sleeps between, until it succeeds. Errors there
        // would only cost time.
        if !world.is_noting && world.strikes(Fault::DatabaseError) {
            return Err(sqlx::Error::PoolTimedOut);
        }
        if world.strikes(Fault::ConnectionLost) {
            return Err(broken_pipe());
        }
        if world.strikes(Fault::DatabaseConflict) {
            return Err(sqlx::Error::Database(Box::new(Conflict)));
        }
        Ok(())
    }
}

fn broken_pipe() -> sqlx::Error {
    sqlx::Error::Io(std::io::ErrorKind::BrokenPipe.into())
}

/// A serialization failure, as PostgreSQL reports it.
#[derive(Debug)]
struct Conflict;

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("could not serialize access")
    }
}

impl Error for Conflict {}

impl DatabaseError for Conflict {
    fn message(&self) -> &'static str {
        "could not serialize access"
    }

    fn code(&self) -> Option<Cow<'_, str>> {
        Some("40001".into())
    }

    fn as_error(&self) -> &(dyn Error + Send + Sync + 'static) {
        self
    }

    fn as_error_mut(&mut self) -> &mut (dyn Error + Send + Sync + 'static) {
        self
    }

    fn into_error(self: Box<Self>) -> Box<dyn Error + Send + Sync + 'static> {
        self
    }

    fn kind(&self) -> ErrorKind {
        ErrorKind::Other
    }
}
