//! How each kind of work fares, for people and programs that watch.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::scheduler::{ALARM_AFTER, LEASE};
use super::store::{self, JobRow};
use super::{Waiting, Work};
use crate::platform::db::{Db, Failure};
use crate::platform::lease::{self, LeaseRow};

/// All kinds, and who holds the lease under which they are done.
#[derive(Debug, Serialize)]
pub struct Report {
    /// `None` if nobody has ever held it.
    pub lease: Option<LeaseRow>,
    /// Whether it is held at this moment.
    pub is_held: bool,
    /// Every kind, in the order of the list that the server works by.
    pub jobs: Vec<Job>,
}

/// One kind.
#[derive(Debug, Serialize)]
pub struct Job {
    /// Its name.
    pub kind: &'static str,
    /// How many seconds lie between its rounds.
    pub every: u64,
    /// Whether it has failed so often that a person must look.
    pub is_failing: bool,
    /// What is remembered of it; `None` if it was never done.
    pub last: Option<JobRow>,
    /// Its rows that wait.
    pub waiting: Waiting,
}

impl Report {
    /// Whether something was given up, fails again and again, or is due with nobody there to do it.
    pub fn needs_person(&self) -> bool {
        let waits =
            |job: &Job| job.is_failing || job.waiting.dead > 0 || (!self.is_held && job.waiting.due > 0);
        self.jobs.iter().any(waits)
    }
}

/// Looks at every kind. No server need run.
///
/// # Errors
/// A database error.
pub async fn report(db: &Db, works: &[Arc<dyn Work>], now: DateTime<Utc>) -> Result<Report, Failure> {
    let rows = store::list(db).await?;
    let mut rows: BTreeMap<String, JobRow> = rows.into_iter().map(|row| (row.kind.clone(), row)).collect();
    let mut jobs = Vec::new();
    for work in works {
        let last = rows.remove(work.kind());
        jobs.push(Job {
            kind: work.kind(),
            every: work.every().as_secs(),
            is_failing: last.as_ref().is_some_and(|last| last.attempts >= ALARM_AFTER),
            last,
            waiting: work.waiting(now).await?,
        });
    }
    let lease = lease::by_name(db, LEASE).await?;
    let is_held = lease.as_ref().is_some_and(|lease| lease.held_until > now);
    Ok(Report { lease, is_held, jobs })
}
