//! Asking Safaricom about one payment, and what the answer is worth (daraja §4).

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::decide::CONFIRM_AFTER;
use super::engine::Payments;
use super::evidence::{EventKind, Evidence, UnpaidCause, Verdict};
use super::store::schedule::{self, Due};
use super::{FIRST_QUERY_AFTER, SEND_AGAIN_AFTER, Status, store};
use crate::daraja::{CodeClass, DarajaError, PauseReason, QueryAnswer};
use crate::mpesa::events::EvidenceSource;
use crate::mpesa::ladder::{Ladder, Repeat};
use crate::platform::db::{Failure, transaction};
use crate::platform::lease::Held;
use crate::types::AppError;

/// When a pending payment is asked about, counted from its push. After the last step it is the operator's.
const LADDER: Ladder = Ladder {
    steps: &[
        FIRST_QUERY_AFTER,
        TimeDelta::seconds(60),
        TimeDelta::seconds(120),
        TimeDelta::seconds(185),
        TimeDelta::minutes(5),
        TimeDelta::minutes(15),
        TimeDelta::hours(1),
        TimeDelta::hours(4),
        TimeDelta::hours(12),
        TimeDelta::hours(24),
    ],
    then: &[],
};
/// When a completed payment that wants a second source is asked about: once when the rush is over, and then
/// every hour for a day.
const CONFIRMING: Ladder =
    Ladder { steps: &[CONFIRM_AFTER], then: &[Repeat { every: TimeDelta::hours(1), times: Some(24) }] };
/// A query's final code ends a payment only from this age on.
const FINAL_AFTER: TimeDelta = SEND_AGAIN_AFTER;
/// How long a payment waits if Safaricom could not be reached.
const ASK_AGAIN_AFTER: TimeDelta = TimeDelta::seconds(60);

/// What came of asking about one payment.
pub(super) enum QueryOutcome {
    Answered,
    /// Safaricom gave an error, was silent, or said that it is still at work.
    NotAnswered,
    /// Another process has just asked, or took the lease over.
    Taken,
    /// Safaricom wants no questions for a while, perhaps for so long, or cannot be reached.
    Rest(Option<Duration>),
}

/// When to ask next; `None` if this was the last time.
fn next_check(due: &Due, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let ladder = if due.status == Status::Completed { CONFIRMING } else { LADDER };
    ladder.next(due.pushed_at, now, due.check_count + 1)
}

impl Payments {
    /// Asks Safaricom about one payment, unless another process just did or holds the lease by now, and books
    /// the answer. If Safaricom wants no questions, the payment stays due as it was; if it cannot be reached,
    /// the payment waits a minute. Neither uses up a step of the ladder.
    pub(super) async fn ask(&self, due: &Due, held: Held) -> Result<QueryOutcome, Failure> {
        let now = self.clock.now();
        let next = next_check(due, now);
        if !transaction!(self.db, |tx| Ok(schedule::take(tx, due, next, held).await?))? {
            return Ok(QueryOutcome::Taken);
        }
        let answer = self.daraja.query(&due.checkout_request_id).await;
        if let Err(error) = &answer
            && let Some(rest) = error.rest()
        {
            // A payment whose question is never answered must not stay the first in the queue.
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
    /// meanwhile, and wakes the open pay panels.
    ///
    /// # Errors
    /// [`AppError::Internal`] if the payment does not exist; [`Failure::Changed`] if other processes kept
    /// changing it; a database error.
    pub async fn book_answer(
        &self,
        due: &Due,
        answer: &Result<QueryAnswer, DarajaError>,
        asked_at: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let evidence = judge(due, answer, asked_at);
        transaction!(self.db, |tx| {
            let case = store::case_by_id(tx, due.id, None).await?.ok_or(Failure::App(AppError::Internal))?;
            self.settle(tx, &case, &evidence).await.map(|_| ())
        })?;
        self.watches.tell(due.id);
        Ok(())
    }
}

/// What the answer to a question asked at `now` is worth (MONEY §1).
fn judge(due: &Due, answer: &Result<QueryAnswer, DarajaError>, now: DateTime<Utc>) -> Evidence {
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => {
            let no_answer = Verdict::Inconclusive(EventKind::NoAnswer);
            return Evidence::new(EvidenceSource::Query, no_answer).in_words(None, &error.to_string());
        }
    };
    let says = if answer.checkout_request_id == due.checkout_request_id {
        match answer.result.class() {
            CodeClass::Success => Verdict::Paid { receipt: None },
            CodeClass::Cancelled | CodeClass::Failed if now - due.pushed_at < FINAL_AFTER => {
                Verdict::Inconclusive(EventKind::TooEarly)
            }
            CodeClass::Pending => Verdict::Inconclusive(EventKind::StillProcessing),
            CodeClass::Cancelled | CodeClass::Failed | CodeClass::Unknown => {
                UnpaidCause::of(&answer.result, &answer.description)
                    .map_or(Verdict::Inconclusive(EventKind::UnknownCode), Verdict::NotPaid)
            }
        }
    } else {
        Verdict::Inconclusive(EventKind::OtherPayment)
    };
    Evidence::new(EvidenceSource::Query, says).in_words(Some(&answer.result), &answer.description)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::PaymentId;

    fn due(status: Status, check_count: i64) -> Due {
        let (id, checkout_request_id) = (PaymentId(uuid::Uuid::nil()), "ws_CO_1".to_owned());
        let (pushed_at, next_check_at) = (DateTime::UNIX_EPOCH, DateTime::UNIX_EPOCH);
        Due { id, status, checkout_request_id, check_count, next_check_at, pushed_at }
    }

    /// What the ladders give for a question asked so many seconds after the push, in seconds.
    fn next(status: Status, check_count: i64, seconds: i64) -> Option<i64> {
        let now = DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds);
        next_check(&due(status, check_count), now).map(|at| at.timestamp())
    }

    #[test]
    fn a_pending_payment_is_asked_about_for_a_day() {
        let mut asked = vec![35];
        for check_count in 0.. {
            let Some(at) = next(Status::Pending, check_count, asked[asked.len() - 1]) else { break };
            asked.push(at);
        }
        assert_eq!(asked, [35, 60, 120, 185, 300, 900, 3_600, 14_400, 43_200, 86_400]);
    }

    #[test]
    fn a_completed_payment_is_asked_about_every_hour_for_a_day() {
        assert_eq!(next(Status::Completed, 0, 601), Some(601 + 3_600));
        assert_eq!(next(Status::Completed, 23, 90_000), Some(90_000 + 3_600));
        assert_eq!(next(Status::Completed, 24, 90_000), None);
    }
}
