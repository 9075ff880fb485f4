//! The loop that finds what callbacks did not bring: it settles stored bodies and asks Safaricom about
//! payments at set times, with no browser open (MONEY §1).

use std::time::Duration;

use chrono::TimeDelta;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::engine::Payments;
use super::query::QueryOutcome;
use super::store::schedule::{self, Due};
use crate::ledger;
use crate::mpesa::rates::{Limit, Rates, Taken};
use crate::platform::database_clock;
use crate::platform::db::Failure;
use crate::platform::lease::{Held, Lease};

/// Payments younger than this go first.
const YOUNG: TimeDelta = TimeDelta::minutes(10);
const TICK: Duration = Duration::from_secs(1);
const RELEASE_EVERY_TICKS: u64 = 60;
const PURGE_EVERY_TICKS: u64 = 3_600;
const CLOSE_EVERY_TICKS: u64 = 60;
/// How many days are closed at once, if the program was not running for long.
const DAYS_AT_ONCE: usize = 31;
const QUERIES_AT_ONCE: usize = 8;
const STORED_CALLBACKS_PER_TICK: i64 = 100;

/// Works once a second, while this process holds the lease, until it is told to stop. A round that fails is
/// logged, and the next one tries again.
pub async fn run(payments: Payments, stop: CancellationToken) {
    let (tell, held) = watch::channel(None);
    let keeper = tokio::spawn(keep(lease(&payments), tell, stop.clone()));
    let reconciler = Reconciler { stop: stop.clone(), ..Reconciler::new(payments) };
    let mut ticks: u64 = 0;
    while !stop.is_cancelled() {
        let held = *held.borrow();
        if let Some(held) = held {
            reconciler.work(held, ticks).await;
            ticks = ticks.wrapping_add(1);
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(TICK) => {}
        }
    }
    if keeper.await.is_err() {
        tracing::error!("the keeper of the lease panicked");
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
        let Some(held) = lease.hold().await? else { return Ok(None) };
        all += reconciler.tick(held).await?;
        let more = schedule::is_any(&payments.db, payments.clock.now()).await?;
        if !more || reconciler.rates.is_quiet().await? {
            lease.release().await?;
            return Ok(Some(all));
        }
        tokio::time::sleep(TICK).await;
    }
}

/// The lease under which questions are asked: one process reconciles at a time.
pub fn lease(payments: &Payments) -> Lease {
    Lease::new(payments.db.clone(), payments.clock.clone(), &payments.random, "reconciler")
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

    /// What is not a question to Safaricom needs no proof of the lease: doing it twice changes nothing.
    async fn work(&self, held: Held, ticks: u64) {
        if let Err(failure) = self.tick(held).await {
            tracing::error!(%failure, "the reconciler could not work");
        }
        if ticks.is_multiple_of(RELEASE_EVERY_TICKS)
            && let Err(failure) = self.payments.release_due().await
        {
            tracing::error!(%failure, "shares could not be released");
        }
        if ticks.is_multiple_of(CLOSE_EVERY_TICKS)
            && let Err(failure) =
                ledger::close_days(&self.payments.db, &self.payments.clock, DAYS_AT_ONCE).await
        {
            tracing::error!(%failure, "the books of a day could not be closed");
        }
        if ticks.is_multiple_of(PURGE_EVERY_TICKS)
            && let Err(failure) = self.payments.bodies.purge().await
        {
            tracing::error!(%failure, "old callbacks could not be forgotten");
        }
    }

    /// One round: it settles stored bodies, then asks about due payments as far as Safaricom's rate allows,
    /// those younger than ten minutes first. Returns how many queries were asked. Where the lease was lost
    /// meanwhile, none is.
    ///
    /// # Errors
    /// A database error if the work cannot be read. An error about one payment is logged.
    pub async fn tick(&self, held: Held) -> Result<usize, Failure> {
        self.payments.bodies.settle_stored(&self.payments, STORED_CALLBACKS_PER_TICK).await?;
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
