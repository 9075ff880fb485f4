//! The one scheduler. Of all processes on a database the holder of the lease does the work that waits, each
//! kind in a task of its own, so that a slow one holds up no other.
//!
//! Once in each lease the holder takes a kind, by compare-and-set on the kind's row and under the lease; from
//! then on the kind's rounds are its own, one after the other, until the lease moves. A round is noted when
//! it begins and when it ends. Of kinds that are due every few seconds only that is noted which a person
//! wants to know: a round that failed or is good again, one that takes long, and what was done, every ten
//! seconds at most. A kind that finds nothing to do writes nothing, because on SQLite each write makes a
//! callback wait. That such a kind lives is seen by its rows: none of them is long due.

use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::FutureExt;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::Work;
use super::retry::Backoff;
use super::store::{self, Ended};
use crate::platform::clock::Clock;
use crate::platform::db::{Db, Failure, transaction};
use crate::platform::lease::{Held, Lease};
use crate::platform::random::Random;

/// The name of the lease; it is that of earlier versions, whose servers must not work beside ours.
pub const LEASE: &str = "reconciler";
/// A kind that has failed so often in a row raises an alarm, once.
pub const ALARM_AFTER: i64 = 5;
/// How often it is looked whether the lease is held and a round is due.
const TICK: Duration = Duration::from_secs(1);
/// Kinds that are due more often than this are not noted each time, but this often at most.
const NOTED_EVERY: Duration = Duration::from_secs(10);
/// When a round that failed is tried again.
const TRIED_AGAIN: Backoff = Backoff { first: TimeDelta::seconds(1), longest: TimeDelta::seconds(60) };

/// The lease under which all work that waits is done.
pub fn lease(db: &Db, clock: &Clock, random: &Random) -> Lease {
    Lease::new(db.clone(), clock.clone(), random, LEASE)
}

/// Does all kinds of work while this process holds the lease, until it is told to stop. Rounds that run then
/// are waited for.
pub async fn run(lease: Lease, db: Db, clock: Clock, works: Vec<Arc<dyn Work>>, stop: CancellationToken) {
    let owner: Arc<str> = lease.holder().into();
    let (tell, held) = watch::channel(None);
    let mut tasks = JoinSet::new();
    tasks.spawn(keep(lease, tell, stop.clone()));
    for work in works {
        let (db, clock, owner) = (db.clone(), clock.clone(), owner.clone());
        let attendant = Attendant { work, db, clock, owner, held: held.clone(), turn: None };
        tasks.spawn(attendant.run(stop.clone()));
    }
    while let Some(ended) = tasks.join_next().await {
        if let Err(error) = ended {
            tracing::error!(%error, alarm = true, "a task of the scheduler panicked");
        }
    }
}

/// Renews the lease in a task of its own, because the work may take longer than a lease lives.
async fn keep(mut lease: Lease, tell: watch::Sender<Option<Held>>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let held = lease.hold().await.unwrap_or_else(|failure| {
            tracing::error!(%failure, "the lease could not be asked for");
            None
        });
        tell.send_replace(held);
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(TICK) => {}
        }
    }
    if let Err(failure) = lease.release().await {
        tracing::warn!(%failure, "the lease could not be given back");
    }
}

/// Sees to one kind of work.
struct Attendant {
    work: Arc<dyn Work>,
    db: Db,
    clock: Clock,
    owner: Arc<str>,
    held: watch::Receiver<Option<Held>>,
    turn: Option<Turn>,
}

/// A kind that was taken under a lease, and what is not noted of it yet.
struct Turn {
    held: Held,
    due_at: DateTime<Utc>,
    attempts: i64,
    done: i64,
    done_at: Option<DateTime<Utc>>,
    noted_at: DateTime<Utc>,
    is_noted_as_running: bool,
}

impl Attendant {
    async fn run(mut self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            if let Err(failure) = self.step().await {
                tracing::warn!(kind = self.work.kind(), %failure, "a round could not be noted");
            }
            let may_be_called = self.turn.as_ref().is_some_and(|turn| turn.attempts == 0);
            let is_called = tokio::select! {
                () = stop.cancelled() => false,
                () = self.work.called(), if may_be_called => true,
                () = tokio::time::sleep(TICK) => false,
            };
            if let Some(turn) = &mut self.turn
                && is_called
            {
                turn.due_at = self.clock.now();
            }
        }
    }

    /// Takes the kind if the lease is new, and runs its round if that is due.
    async fn step(&mut self) -> Result<(), Failure> {
        let held = *self.held.borrow();
        if self.turn.as_ref().map(|turn| turn.held) != held {
            self.turn = None;
            self.turn = match held {
                Some(held) => self.take(held).await?,
                None => None,
            };
        }
        let Some(mut turn) = self.turn.take() else { return Ok(()) };
        let now = self.clock.now();
        // A clock that was set back must not make the work wait until it has caught up.
        turn.due_at = turn.due_at.min(now + self.wait(turn.attempts));
        if turn.due_at > now {
            self.turn = Some(turn);
        } else if self.is_quick() || self.begin(&mut turn).await? {
            let outcome = self.round(&mut turn).await;
            let noted = self.end(&mut turn, outcome).await;
            self.turn = Some(turn);
            noted?;
        }
        Ok(())
    }

    fn is_quick(&self) -> bool {
        self.work.every() < NOTED_EVERY
    }

    /// How long after a round the next one is due, if so many failed in a row.
    fn wait(&self, failures: i64) -> TimeDelta {
        match failures {
            0 => TimeDelta::from_std(self.work.every()).unwrap_or(TimeDelta::days(1)),
            failures => TRIED_AGAIN.after(failures),
        }
    }

    async fn take(&self, held: Held) -> Result<Option<Turn>, Failure> {
        let now = self.clock.now();
        let claimed = transaction!(self.db, |tx| {
            if !held.lock(tx).await? {
                return Ok(None);
            }
            Ok(store::claim(tx, self.work.kind(), &self.owner, held, now).await?)
        })?;
        Ok(claimed.map(|claimed| Turn {
            held,
            due_at: claimed.due_at,
            attempts: claimed.attempts,
            done: 0,
            done_at: None,
            noted_at: now,
            is_noted_as_running: false,
        }))
    }

    /// Notes that a round runs, under the lease. If that has moved, the kind is another process's.
    async fn begin(&self, turn: &mut Turn) -> Result<bool, Failure> {
        let (held, now) = (turn.held, self.clock.now());
        turn.is_noted_as_running = transaction!(self.db, |tx| {
            Ok(held.lock(tx).await? && store::begin(tx, self.work.kind(), &self.owner, held, now).await?)
        })?;
        Ok(turn.is_noted_as_running)
    }

    /// Runs one round; if it fails, why. A quick kind whose round takes long is noted as running.
    async fn round(&self, turn: &mut Turn) -> Result<usize, String> {
        let mut round = pin!(AssertUnwindSafe(self.work.round(turn.held)).catch_unwind());
        let ended = tokio::select! {
            ended = &mut round => ended,
            () = tokio::time::sleep(NOTED_EVERY), if self.is_quick() => {
                if let Err(failure) = self.begin(turn).await {
                    tracing::warn!(kind = self.work.kind(), %failure, "a long round could not be noted");
                }
                round.await
            }
        };
        match ended {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(failure)) => {
                tracing::error!(kind = self.work.kind(), %failure, "a round of work failed");
                Err(in_few_words(&failure))
            }
            Err(_) => {
                tracing::error!(kind = self.work.kind(), "a round of work panicked");
                Err("it panicked".to_owned())
            }
        }
    }

    /// Sets when the next round is due, and notes how this one ended where a person wants to know.
    async fn end(&self, turn: &mut Turn, outcome: Result<usize, String>) -> Result<(), Failure> {
        let (now, failed_before) = (self.clock.now(), turn.attempts > 0);
        let error = match outcome {
            Ok(done) => {
                turn.attempts = 0;
                turn.done += i64::try_from(done).unwrap_or(i64::MAX);
                if done > 0 || !self.is_quick() {
                    turn.done_at = Some(now);
                }
                None
            }
            Err(error) => {
                turn.attempts += 1;
                if turn.attempts == ALARM_AFTER {
                    let kind = self.work.kind();
                    tracing::error!(kind, error, alarm = true, "work fails again and again");
                }
                Some(error)
            }
        };
        turn.due_at = now + self.wait(turn.attempts);
        let is_old = (now - turn.noted_at).to_std().is_ok_and(|age| age >= NOTED_EVERY);
        let is_news = error.is_some() || failed_before || turn.is_noted_as_running;
        if self.is_quick() && !is_news && !(turn.done > 0 && is_old) {
            return Ok(());
        }
        let (due_at, attempts, done_at, done) = (turn.due_at, turn.attempts, turn.done_at, turn.done);
        let ended = Ended { due_at, attempts, error: error.as_deref(), done_at, done };
        let noted: Result<bool, Failure> = transaction!(self.db, |tx| {
            Ok(store::end(tx, self.work.kind(), &self.owner, turn.held, &ended).await?)
        });
        noted?;
        (turn.done, turn.done_at, turn.noted_at, turn.is_noted_as_running) = (0, None, now, false);
        Ok(())
    }
}

/// A failure in words that hold nothing of any row: a database repeats in its messages what it was given.
fn in_few_words(failure: &Failure) -> String {
    match failure {
        Failure::App(_) => "it was refused".to_owned(),
        Failure::Changed => "others kept changing the same rows".to_owned(),
        Failure::Db(sqlx::Error::PoolTimedOut) => "no connection to the database was free".to_owned(),
        Failure::Db(sqlx::Error::Database(error)) => match error.code() {
            Some(code) => format!("the database answered with error {code}"),
            None => "the database answered with an error".to_owned(),
        },
        Failure::Db(_) => "the database could not be asked".to_owned(),
    }
}
