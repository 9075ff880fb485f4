//! The loop that finds what callbacks did not bring: it settles stored bodies and asks Safaricom about payments, on a ladder of
//! times, with no browser open (MONEY §1).

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::callback::plain;
use super::service::Payments;
use super::settle::{Evidence, Says, Source};
use super::store::due::{self, Due};
use super::{SEND_AGAIN_AFTER, Status, store};
use crate::daraja::{CodeClass, DarajaError, QueryAnswer};
use crate::platform::db::{Failure, transaction};
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
const TICK: Duration = Duration::from_secs(1);
const RELEASE_EVERY_TICKS: u64 = 60;
const QUERIES_AT_ONCE: usize = 8;
const STORED_CALLBACKS_PER_TICK: i64 = 100;

/// How many queries may be asked now: filled with the minute's rate, never more than a tenth of it at once.
#[derive(Debug)]
struct Allowance {
    per_minute: i64,
    /// In sixtieths of a query.
    saved: i64,
    at: DateTime<Utc>,
}

impl Allowance {
    fn new(per_minute: u32, now: DateTime<Utc>) -> Self {
        Self { per_minute: i64::from(per_minute), saved: 60_000, at: now }
    }

    /// Whole queries that may be asked at `now`.
    fn refill(&mut self, now: DateTime<Utc>) -> i64 {
        let millis = (now - self.at).num_milliseconds().clamp(0, 60_000);
        self.at = now;
        let most = (self.per_minute / 10).max(1) * 60_000;
        self.saved = (self.saved + millis * self.per_minute).min(most);
        self.saved / 60_000
    }

    fn spend(&mut self, queries: usize) {
        self.saved -= i64::try_from(queries).unwrap_or(i64::MAX / 60_000) * 60_000;
    }
}

/// Works until it is told to stop; a failing tick is logged and the next one tries again.
pub async fn run(payments: Payments, stop: CancellationToken) {
    let mut reconciler = Reconciler::new(payments);
    let mut ticks: u64 = 0;
    loop {
        if let Err(failure) = reconciler.tick().await {
            tracing::error!(%failure, "the reconciler could not work");
        }
        if ticks.is_multiple_of(RELEASE_EVERY_TICKS)
            && let Err(failure) = reconciler.payments.release_due().await
        {
            tracing::error!(%failure, "shares could not be released");
        }
        ticks = ticks.wrapping_add(1);
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(TICK) => {}
        }
    }
}

pub struct Reconciler {
    payments: Payments,
    allowance: Allowance,
}

impl Reconciler {
    pub fn new(payments: Payments) -> Self {
        let allowance = Allowance::new(payments.rules.queries_per_minute, payments.clock.now());
        Self { payments, allowance }
    }

    /// One round: stored bodies first, then as many queries as Safaricom's rate allows. How many queries were asked.
    pub async fn tick(&mut self) -> Result<usize, Failure> {
        self.payments.settle_stored_callbacks(STORED_CALLBACKS_PER_TICK).await?;
        let now = self.payments.clock.now();
        let allowed = self.allowance.refill(now);
        if allowed < 1 {
            return Ok(0);
        }
        let young_since = now - YOUNG;
        let mut work = due::due(&self.payments.db, now, young_since, true, allowed).await?;
        let left = allowed - i64::try_from(work.len()).unwrap_or(allowed);
        if left > 0 {
            // Old payments get at most a third of the rate.
            work.extend(due::due(&self.payments.db, now, young_since, false, left.min((allowed / 3).max(1))).await?);
        }
        let asked = self.ask_all(work).await;
        self.allowance.spend(asked);
        Ok(asked)
    }

    async fn ask_all(&self, work: Vec<Due>) -> usize {
        let (mut asked, mut running) = (0, JoinSet::new());
        for payment in work {
            if running.len() >= QUERIES_AT_ONCE {
                running.join_next().await;
            }
            let payments = self.payments.clone();
            running.spawn(async move { payments.ask(&payment).await });
            asked += 1;
        }
        while let Some(done) = running.join_next().await {
            if let Ok(Err(failure)) = done {
                tracing::error!(%failure, "a query could not be booked");
            }
        }
        asked
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
    /// Asks Safaricom about one payment, if nobody else just did, and books the answer.
    async fn ask(&self, due: &Due) -> Result<(), Failure> {
        let now = self.clock.now();
        let next = next_check(due, now);
        if !transaction!(self.db, tx => Ok(due::take(tx, due, next).await?))? {
            return Ok(());
        }
        let answer = self.daraja.query(&due.checkout_request_id).await;
        let evidence = judge(due, &answer, now);
        transaction!(self.db, tx => {
            let case = store::settlement_by_id(tx, due.id, None).await?.ok_or(Failure::App(AppError::Internal))?;
            self.settle(tx, &case, &evidence).await
        })
    }
}

/// What a query's answer is worth, asked at `now` (MONEY §1).
fn judge(due: &Due, answer: &Result<QueryAnswer, DarajaError>, now: DateTime<Utc>) -> Evidence {
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => {
            let mut evidence = Evidence::new(Source::Query, Says::Nothing("no_answer"));
            evidence.detail = Some(error.to_string());
            return evidence;
        }
    };
    let says = if answer.checkout_request_id == due.checkout_request_id {
        match answer.result.class() {
            CodeClass::Success => Says::Paid { receipt: None },
            CodeClass::Cancelled | CodeClass::Failed if now - due.pushed_at < FINAL_AFTER => Says::Nothing("too_early"),
            class @ (CodeClass::Cancelled | CodeClass::Failed) => Says::NotPaid {
                code: plain(answer.result.as_str(), 20),
                description: plain(&answer.description, 200),
                status: if class == CodeClass::Cancelled { Status::Cancelled } else { Status::Failed },
            },
            CodeClass::Pending => Says::Nothing("still_processing"),
            CodeClass::Unknown => Says::Nothing("unknown_code"),
        }
    } else {
        Says::Nothing("other_payment")
    };
    let mut evidence = Evidence::new(Source::Query, says);
    evidence.code = Some(plain(answer.result.as_str(), 20));
    evidence.detail = Some(plain(&answer.description, 200));
    evidence
}
