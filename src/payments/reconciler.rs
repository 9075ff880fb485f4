//! Finds what callbacks did not bring: asks Safaricom about payments at set times, with no browser open
//! (MONEY §1). The scheduler calls it every second.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::engine::Payments;
use super::query::QueryOutcome;
use super::store::schedule::{self, Due};
use crate::jobs::{Waiting, Work, scheduler};
use crate::mpesa::rates::{Limit, Rates, Taken};
use crate::platform::database_clock;
use crate::platform::db::Failure;
use crate::platform::lease::{Held, Lease};

/// Payments younger than this go first.
const YOUNG: TimeDelta = TimeDelta::minutes(10);
const TICK: Duration = Duration::from_secs(1);
const QUERIES_AT_ONCE: usize = 8;

/// Works until no query is due, for the command. Returns how many queries were asked, or `None` if another
/// process holds the lease or the clock is in doubt. It also stops when Safaricom wants no questions for a
/// while.
///
/// # Errors
/// A database error.
pub async fn run_once(payments: Payments) -> Result<Option<usize>, Failure> {
    let mut lease = lease(&payments);
    let reconciler = Reconciler::new(payments.clone());
    let mut all = 0;
    loop {
        // A round may take longer than a comparison of the clocks is good for.
        database_clock::compare(&payments.db, &payments.clock).await?;
        let Some(held) = lease.hold().await? else { return Ok(Some(all).filter(|all| *all > 0)) };
        all += reconciler.tick(held).await?;
        // The lease is that of all work. A server that has started meanwhile goes on from here.
        lease.release().await?;
        let more = schedule::is_any(&payments.db, payments.clock.now()).await?;
        if !more || reconciler.rates.is_quiet().await? {
            return Ok(Some(all));
        }
        tokio::time::sleep(TICK).await;
    }
}

/// The scheduler's lease, under which questions are asked: one process works at a time.
pub fn lease(payments: &Payments) -> Lease {
    scheduler::lease(&payments.db, &payments.clock, &payments.random)
}

/// The buckets of the rate at which Safaricom is asked about payments: for all, and for old payments.
const QUESTIONS: &str = "questions";
const QUESTIONS_OF_OLD: &str = "questions of old payments";
/// The part of the rate that old payments may use: a third.
const PART_OF_OLD: i64 = 3;

/// The reconciler's rounds. What Safaricom's rate still allows is in the database, for all processes
/// together.
pub struct Reconciler {
    payments: Payments,
    rates: Rates,
    /// Once this is cancelled no question is begun; those that were asked are waited for.
    stop: CancellationToken,
}

impl Reconciler {
    /// A reconciler that asks, together with all others on its database, as many questions a minute as the
    /// settings allow.
    pub fn new(payments: Payments) -> Self {
        let per_minute = i64::from(payments.rules.queries_per_minute);
        let (db, clock, random) = (payments.db.clone(), payments.clock.clone(), payments.random.clone());
        let all = Limit { name: QUESTIONS, per_minute };
        let of_old = Limit { name: QUESTIONS_OF_OLD, per_minute: per_minute / PART_OF_OLD };
        let rates = Rates::new(db, clock, random, all, of_old);
        Self { payments, rates, stop: CancellationToken::new() }
    }

    /// The same, which begins no question once the server is told to stop.
    pub fn until(self, stop: CancellationToken) -> Self {
        Self { stop, ..self }
    }

    /// Settles stored bodies, then asks: what the command and tests do at once.
    ///
    /// # Errors
    /// Those of [`Payments::settle_stored`] and [`Reconciler::ask_due`].
    pub async fn tick(&self, held: Held) -> Result<usize, Failure> {
        self.payments.settle_stored().await?;
        self.ask_due(held).await
    }

    /// Asks about due payments as far as Safaricom's rate allows, those younger than ten minutes first.
    /// Returns how many queries were asked. Where the lease was lost meanwhile, none is.
    ///
    /// # Errors
    /// A database error if the work cannot be read. An error about one payment is logged.
    pub async fn ask_due(&self, held: Held) -> Result<usize, Failure> {
        let now = self.payments.clock.now();
        let available = self.rates.available().await?;
        if available.all < 1 {
            return Ok(0);
        }
        let young_since = now - YOUNG;
        let mut work = schedule::due(&self.payments.db, now, young_since, true, available.all).await?;
        let left = available.all - i64::try_from(work.len()).unwrap_or(available.all);
        let limit = left.min(available.others);
        let mut old = Vec::new();
        if limit > 0 {
            old = schedule::due(&self.payments.db, now, young_since, false, limit).await?;
        }
        if work.is_empty() && old.is_empty() {
            return Ok(0);
        }
        // Another process may have taken of it meanwhile.
        let taken = self.rates.take(work.len(), old.len()).await?;
        work.truncate(usize::try_from(taken.urgent).unwrap_or(0));
        work.extend(old.into_iter().take(usize::try_from(taken.others).unwrap_or(0)));
        Ok(self.ask_all(work, taken, held).await)
    }

    async fn ask_all(&self, work: Vec<Due>, taken: Taken, held: Held) -> usize {
        let (mut asked, mut running) = (0, JoinSet::new());
        let mut work = work.into_iter();
        loop {
            while running.len() < QUERIES_AT_ONCE
                && !self.stop.is_cancelled()
                && let Some(payment) = work.next()
            {
                running.spawn(ask(self.payments.clone(), self.rates.clone(), payment, taken, held));
                asked += 1;
            }
            let Some(done) = running.join_next().await else { return asked };
            match done {
                // The payments that were not asked about stay due.
                Ok(Ok(QueryOutcome::Rest(_))) => work = Vec::new().into_iter(),
                // It was not asked.
                Ok(Ok(QueryOutcome::Taken)) => asked -= 1,
                Ok(Ok(QueryOutcome::Answered | QueryOutcome::NotAnswered)) => {}
                Ok(Err(failure)) => tracing::error!(%failure, "a query could not be booked"),
                Err(error) => tracing::error!(%error, "a query panicked"),
            }
        }
    }
}

/// Questions are safe beside those of another process: each is taken by a statement that compares the
/// payment's row and the lease (`schedule::take`).
#[async_trait]
impl Work for Reconciler {
    fn kind(&self) -> &'static str {
        "questions"
    }

    fn every(&self) -> Duration {
        TICK
    }

    async fn round(&self, held: Held) -> Result<usize, Failure> {
        self.ask_due(held).await
    }

    async fn waiting(&self, now: DateTime<Utc>) -> Result<Waiting, Failure> {
        Ok(schedule::waiting_questions(&self.payments.db, now).await?)
    }
}

/// Asks about one payment, and tells all servers at once if Safaricom wants a rest, or that one is over.
async fn ask(
    payments: Payments,
    rates: Rates,
    due: Due,
    taken: Taken,
    held: Held,
) -> Result<QueryOutcome, Failure> {
    let outcome = payments.ask(&due, held).await?;
    let told = match &outcome {
        QueryOutcome::Answered => rates.succeed(taken).await,
        QueryOutcome::Rest(asked_for) => rates.fail(*asked_for).await,
        QueryOutcome::Taken | QueryOutcome::NotAnswered => Ok(()),
    };
    if let Err(failure) = told {
        tracing::error!(%failure, "the rest of questions could not be written");
    }
    Ok(outcome)
}
