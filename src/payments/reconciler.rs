//! The loop that finds what callbacks did not bring: it settles stored bodies and asks Safaricom about
//! payments, on a ladder of times, with no browser open (MONEY §1).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::callback::plain;
use super::service::Payments;
use super::settle::{Evidence, EvidenceSource, Verdict};
use super::store::schedule::{self, Due};
use super::{SEND_AGAIN_AFTER, Status, store};
use crate::daraja::{CodeClass, DarajaError, PauseReason, QueryAnswer};
use crate::ledger;
use crate::platform::clock::delta;
use crate::platform::db::{Failure, transaction};
use crate::platform::lease::Lease;
use crate::platform::random::Random;
use crate::types::AppError;

/// When a pending payment is asked about, counted from its push; then it is the operator's.
const LADDER: [TimeDelta; 10] = [
    TimeDelta::seconds(35),
    TimeDelta::seconds(60),
    TimeDelta::seconds(120),
    TimeDelta::seconds(185),
    TimeDelta::minutes(5),
    TimeDelta::minutes(15),
    TimeDelta::hours(1),
    TimeDelta::hours(4),
    TimeDelta::hours(12),
    TimeDelta::hours(24),
];
/// A completed payment that wants a second source is asked about this often, so many times.
const CONFIRM_EVERY: TimeDelta = TimeDelta::hours(1);
const CONFIRM_TRIES: i64 = 24;
/// Younger payments go first.
const YOUNG: TimeDelta = TimeDelta::minutes(10);
/// A final code ends a payment only from this age on.
const FINAL_AFTER: TimeDelta = SEND_AGAIN_AFTER;
/// When Safaricom was not there to be asked.
const ASK_AGAIN_AFTER: TimeDelta = TimeDelta::seconds(60);
const TICK: Duration = Duration::from_secs(1);
const RELEASE_EVERY_TICKS: u64 = 60;
const PURGE_EVERY_TICKS: u64 = 3_600;
const CLOSE_EVERY_TICKS: u64 = 60;
/// Days that are closed in one go, after a long rest.
const DAYS_AT_ONCE: usize = 31;
const QUERIES_AT_ONCE: usize = 8;
const STORED_CALLBACKS_PER_TICK: i64 = 100;

/// How many queries may be asked now: filled with the minute's rate, never more than a tenth of it at once.
#[derive(Debug)]
struct Allowance {
    per_minute: i64,
    /// In 60,000ths of a query: a millisecond at a query a minute.
    saved: i64,
    at: DateTime<Utc>,
}

const QUERY: i64 = 60_000;

impl Allowance {
    fn new(per_minute: i64, now: DateTime<Utc>) -> Self {
        Self { per_minute: per_minute.max(1), saved: QUERY, at: now }
    }

    /// Whole queries that may be asked at `now`.
    fn refill(&mut self, now: DateTime<Utc>) -> i64 {
        let millis = (now - self.at).num_milliseconds().clamp(0, QUERY);
        self.at = now;
        self.saved = (self.saved + millis * self.per_minute).min((self.per_minute / 10).max(1) * QUERY);
        self.saved.max(0) / QUERY
    }

    fn spend(&mut self, queries: usize) {
        self.saved -= i64::try_from(queries).unwrap_or(i64::MAX / QUERY) * QUERY;
    }
}

/// Silence after Safaricom said that it is too much, or was not there: twice as long each time, at random
/// within a fifth, until an answer comes.
#[derive(Debug, Default)]
struct BackOff {
    failures: u32,
    until: Option<DateTime<Utc>>,
}

impl BackOff {
    fn is_quiet(&self, now: DateTime<Utc>) -> bool {
        self.until.is_some_and(|until| now < until)
    }

    fn fail(&mut self, now: DateTime<Utc>, asked_for: Option<Duration>, random: &Random) {
        let doubled = BACK_OFF.saturating_mul(1 << self.failures.min(6)).min(BACK_OFF_MOST);
        let wait = asked_for.map_or(doubled, |asked| asked.clamp(doubled, BACK_OFF_LONGEST));
        let millis = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        let jitter = Duration::from_millis(random.below(millis / 5 + 1));
        self.failures = self.failures.saturating_add(1);
        self.until = Some(now + delta(wait + jitter));
    }

    fn succeed(&mut self) {
        *self = Self::default();
    }
}

const BACK_OFF: Duration = Duration::from_secs(2);
const BACK_OFF_MOST: Duration = Duration::from_mins(1);
/// However long Safaricom asks for.
const BACK_OFF_LONGEST: Duration = Duration::from_mins(10);

/// Works until it is told to stop, while this process holds the lease; a failing tick is logged and the next
/// one tries again.
pub async fn run(payments: Payments, stop: CancellationToken) {
    let is_holder = Arc::new(AtomicBool::new(false));
    let lease = Lease::new(payments.db.clone(), payments.clock.clone(), &payments.random, LEASE);
    let keeper = tokio::spawn(keep(lease, is_holder.clone(), stop.clone()));
    let mut reconciler = Reconciler { stop: stop.clone(), ..Reconciler::new(payments) };
    let mut ticks: u64 = 0;
    while !stop.is_cancelled() {
        if is_holder.load(Ordering::Acquire) {
            reconciler.work(ticks).await;
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

/// Renews the lease beside the work, which may take longer than a lease lives.
async fn keep(mut lease: Lease, is_holder: Arc<AtomicBool>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match lease.hold().await {
            Ok(held) => is_holder.store(held, Ordering::Release),
            Err(failure) => {
                is_holder.store(false, Ordering::Release);
                tracing::error!(%failure, "the lease could not be asked for");
            }
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(TICK) => {}
        }
    }
    if let Err(failure) = lease.release().await {
        tracing::warn!(%failure, "the lease could not be given back");
    }
}

/// Works until nothing is due, by hand; how many queries were asked, or nothing if another process holds the
/// lease.
pub async fn run_once(payments: Payments) -> Result<Option<usize>, Failure> {
    let mut lease = Lease::new(payments.db.clone(), payments.clock.clone(), &payments.random, LEASE);
    let mut reconciler = Reconciler::new(payments);
    let mut all = 0;
    while lease.hold().await? {
        let asked = reconciler.tick().await?;
        all += asked;
        let more = schedule::is_any(&reconciler.payments.db, reconciler.payments.clock.now()).await?;
        if !more || reconciler.back_off.is_quiet(reconciler.payments.clock.now()) {
            lease.release().await?;
            return Ok(Some(all));
        }
        tokio::time::sleep(TICK).await;
    }
    Ok(None)
}

/// The row by which one process reconciles at a time.
const LEASE: &str = "reconciler";

pub struct Reconciler {
    payments: Payments,
    allowance: Allowance,
    /// What old payments may use of it: a third.
    for_old: Allowance,
    back_off: BackOff,
    /// No question is begun any more once this is cancelled; those that were asked are waited for.
    stop: CancellationToken,
}

/// How asking about one payment went.
enum QueryOutcome {
    Answered,
    /// An error, a time-out, or "still being processed".
    NotAnswered,
    /// Somebody else had just asked.
    Taken,
    /// Safaricom wants silence, or is not there.
    Rest(Option<Duration>),
}

impl Reconciler {
    pub fn new(payments: Payments) -> Self {
        let (rate, now) = (i64::from(payments.rules.queries_per_minute), payments.clock.now());
        let (allowance, for_old) = (Allowance::new(rate, now), Allowance::new(rate / 3, now));
        Self { payments, allowance, for_old, back_off: BackOff::default(), stop: CancellationToken::new() }
    }

    async fn work(&mut self, ticks: u64) {
        if let Err(failure) = self.tick().await {
            tracing::error!(%failure, "the reconciler could not work");
        }
        if ticks.is_multiple_of(RELEASE_EVERY_TICKS)
            && let Err(failure) = self.payments.release_due().await
        {
            tracing::error!(%failure, "shares could not be released");
        }
        if ticks.is_multiple_of(CLOSE_EVERY_TICKS)
            && let Err(failure) =
                ledger::close_days(&self.payments.db, self.payments.clock.now(), DAYS_AT_ONCE).await
        {
            tracing::error!(%failure, "the books of a day could not be closed");
        }
        if ticks.is_multiple_of(PURGE_EVERY_TICKS)
            && let Err(failure) = self.payments.purge_callbacks().await
        {
            tracing::error!(%failure, "old callbacks could not be forgotten");
        }
    }

    /// One round: stored bodies first, then as many queries as Safaricom's rate allows, payments younger than
    /// ten minutes first. How many queries were asked.
    pub async fn tick(&mut self) -> Result<usize, Failure> {
        self.payments.settle_stored_callbacks(STORED_CALLBACKS_PER_TICK).await?;
        let now = self.payments.clock.now();
        let (allowed, allowed_old) = (self.allowance.refill(now), self.for_old.refill(now));
        if allowed < 1 || self.back_off.is_quiet(now) {
            return Ok(0);
        }
        let young_since = now - YOUNG;
        let mut work = schedule::due(&self.payments.db, now, young_since, true, allowed).await?;
        let left = allowed - i64::try_from(work.len()).unwrap_or(allowed);
        let old = left.min(allowed_old);
        if old > 0 {
            let more = schedule::due(&self.payments.db, now, young_since, false, old).await?;
            self.for_old.spend(more.len());
            work.extend(more);
        }
        let asked = self.ask_all(work).await;
        self.allowance.spend(asked);
        Ok(asked)
    }

    async fn ask_all(&mut self, work: Vec<Due>) -> usize {
        let (mut asked, mut running) = (0, JoinSet::new());
        let mut work = work.into_iter();
        loop {
            while running.len() < QUERIES_AT_ONCE
                && !self.stop.is_cancelled()
                && let Some(payment) = work.next()
            {
                let payments = self.payments.clone();
                running.spawn(async move { payments.ask(&payment).await });
                asked += 1;
            }
            let Some(done) = running.join_next().await else { return asked };
            match done {
                Ok(Ok(QueryOutcome::Answered)) => self.back_off.succeed(),
                Ok(Ok(QueryOutcome::Rest(asked_for))) => {
                    self.back_off.fail(self.payments.clock.now(), asked_for, &self.payments.random);
                    // The rest stays due.
                    work = Vec::new().into_iter();
                }
                Ok(Ok(QueryOutcome::Taken | QueryOutcome::NotAnswered)) => {}
                Ok(Err(failure)) => tracing::error!(%failure, "a query could not be booked"),
                Err(error) => tracing::error!(%error, "a query panicked"),
            }
        }
    }
}

/// When to ask next, if ever.
fn next_check(due: &Due, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if due.status == Status::Completed {
        return (due.check_count < CONFIRM_TRIES).then(|| now + CONFIRM_EVERY);
    }
    // Steps that the clock has passed already (a restart, a hint) are not made up for.
    LADDER.into_iter().map(|step| due.pushed_at + step).find(|at| *at > now)
}

impl Payments {
    /// Asks Safaricom about one payment, if nobody else just did, and books the answer. Where Safaricom wants
    /// silence, the payment stays due as it was; where it is not there, a question was not asked and no step
    /// of the ladder is used up.
    async fn ask(&self, due: &Due) -> Result<QueryOutcome, Failure> {
        let now = self.clock.now();
        let next = next_check(due, now);
        if !transaction!(self.db, |tx| Ok(schedule::take(tx, due, next).await?))? {
            return Ok(QueryOutcome::Taken);
        }
        let answer = self.daraja.query(&due.checkout_request_id).await;
        if let Err(error) = &answer
            && let Some(rest) = error.rest()
        {
            // One that alone is never answered must not be the first in the queue for ever.
            let at = if rest == PauseReason::Away { now + ASK_AGAIN_AFTER } else { due.next_check_at };
            let put_back: Result<(), Failure> =
                transaction!(self.db, |tx| Ok(schedule::put_back(tx, due, next, at).await?));
            put_back?;
            return Ok(QueryOutcome::Rest(error.retry_after()));
        }
        self.book_answer(due, &answer, now).await?;
        Ok(if answer.is_ok() { QueryOutcome::Answered } else { QueryOutcome::NotAnswered })
    }

    /// Books what Safaricom answered to a question asked at `asked_at`, whatever became of the payment
    /// meanwhile.
    pub async fn book_answer(
        &self,
        due: &Due,
        answer: &Result<QueryAnswer, DarajaError>,
        asked_at: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let evidence = judge(due, answer, asked_at);
        transaction!(self.db, |tx| {
            let case =
                store::settlement_by_id(tx, due.id, None).await?.ok_or(Failure::App(AppError::Internal))?;
            self.settle(tx, &case, &evidence).await
        })?;
        self.watches.tell(due.id);
        Ok(())
    }
}

/// What a query's answer is worth, asked at `now` (MONEY §1).
fn judge(due: &Due, answer: &Result<QueryAnswer, DarajaError>, now: DateTime<Utc>) -> Evidence {
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => {
            let mut evidence = Evidence::new(EvidenceSource::Query, Verdict::Inconclusive("no_answer"));
            evidence.detail = Some(error.to_string());
            return evidence;
        }
    };
    let says = if answer.checkout_request_id == due.checkout_request_id {
        match answer.result.class() {
            CodeClass::Success => Verdict::Paid { receipt: None },
            CodeClass::Cancelled | CodeClass::Failed if now - due.pushed_at < FINAL_AFTER => {
                Verdict::Inconclusive("too_early")
            }
            class @ (CodeClass::Cancelled | CodeClass::Failed) => Verdict::NotPaid {
                code: plain(answer.result.as_str(), 20),
                description: plain(&answer.description, 200),
                status: if class == CodeClass::Cancelled { Status::Cancelled } else { Status::Failed },
            },
            CodeClass::Pending => Verdict::Inconclusive("still_processing"),
            CodeClass::Unknown => Verdict::Inconclusive("unknown_code"),
        }
    } else {
        Verdict::Inconclusive("other_payment")
    };
    let mut evidence = Evidence::new(EvidenceSource::Query, says);
    evidence.code = Some(plain(answer.result.as_str(), 20));
    evidence.detail = Some(plain(&answer.description, 200));
    evidence
}
