//! What evidence does to a payment: a pure function of what the rows say and of what is said (MONEY §1).

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::FromRow;

use super::evidence::{EventKind, Evidence, EvidenceSource, UnpaidCause, Verdict};
use super::{FIRST_QUERY_AFTER, Outcome, Payment, ReviewReason, Status};
use crate::refunds::DebtReason;
use crate::tips::TipStatus;
use crate::types::PaymentId;

/// After a callback's success a query is asked as the second source, when the rush is over.
const CONFIRM_AFTER: TimeDelta = TimeDelta::minutes(10);

/// A payment and what decides about its money.
#[derive(Debug, Clone, FromRow)]
pub struct Case {
    #[sqlx(flatten)]
    pub payment: Payment,
    pub tip_status: TipStatus,
    pub first_kick_off_at: DateTime<Utc>,
    pub last_kick_off_at: DateTime<Utc>,
    /// The buyer has the tip already.
    pub is_bought: bool,
    /// The payment that claimed the receipt in question, if any.
    pub receipt_owner: Option<PaymentId>,
}

/// What is to be written besides the fact itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision<'a> {
    /// The money came: it buys the tip, or is owed for a reason.
    Complete { receipt: Option<&'a str>, owed: Option<DebtReason>, next_check_at: Option<DateTime<Utc>> },
    /// A success that must not settle alone: its receipt waits, and the second source is asked for.
    Await { receipt: &'a str, check_at: DateTime<Utc> },
    /// One more source of a completed payment, perhaps with the receipt that was missing.
    Confirm { missing_receipt: Option<&'a str> },
    /// No money came.
    End(&'a UnpaidCause),
    /// A person must look.
    Review(ReviewReason),
    /// Nothing else.
    Note(EventKind),
}

impl Decision<'_> {
    /// How the list of facts tells it.
    pub fn event(&self) -> EventKind {
        match self {
            Self::Complete { owed: None, .. } => EventKind::Unlocked,
            Self::Complete { owed: Some(_), .. } => EventKind::Owed,
            Self::Await { .. } => EventKind::WaitsForSecondSource,
            Self::Confirm { missing_receipt: None } => EventKind::Confirmed,
            Self::Confirm { missing_receipt: Some(_) } => EventKind::ReceiptFilledIn,
            Self::End(cause) if cause.status() == Status::Cancelled => EventKind::Cancelled,
            Self::End(_) => EventKind::Failed,
            Self::Review(reason) => EventKind::from(*reason),
            Self::Note(kind) => *kind,
        }
    }

    /// What completed money came to.
    pub const fn outcome(owed: Option<DebtReason>) -> Outcome {
        if owed.is_some() { Outcome::Owed } else { Outcome::Unlocked }
    }
}

/// Decides what evidence does to a payment at `now`.
pub fn decide<'a>(case: &'a Case, evidence: &'a Evidence, now: DateTime<Utc>) -> Decision<'a> {
    match &evidence.says {
        Verdict::Paid { receipt } => paid(case, evidence, receipt.as_deref(), now),
        Verdict::Unconfirmed { receipt } if case.payment.status == Status::Completed => {
            paid(case, evidence, Some(receipt), now)
        }
        Verdict::Unconfirmed { receipt } => {
            Decision::Await { receipt, check_at: now.max(case.payment.pushed_at + FIRST_QUERY_AFTER) }
        }
        Verdict::NotPaid(why) => not_paid(&case.payment, evidence.source, why),
        Verdict::Review(reason) => Decision::Review(*reason),
        Verdict::Inconclusive(kind) => Decision::Note(*kind),
    }
}

fn paid<'a>(
    case: &'a Case,
    evidence: &Evidence,
    receipt: Option<&'a str>,
    now: DateTime<Utc>,
) -> Decision<'a> {
    let payment = &case.payment;
    if case.receipt_owner.is_some_and(|owner| owner != payment.id) {
        return Decision::Review(ReviewReason::ReceiptUsed);
    }
    if payment.status == Status::Completed {
        return again(payment, receipt);
    }
    let is_query = evidence.source == EvidenceSource::Query;
    if is_query && payment.review_reason.is_some() && payment.waiting_receipt.is_none() {
        // A query knows neither amount nor receipt: it cannot clear the doubt that a callback raised.
        return Decision::Note(EventKind::PaidUnderReview);
    }
    Decision::Complete {
        // The second source lets in the receipt that waited for it.
        receipt: receipt.or(payment.waiting_receipt.as_deref()),
        owed: why_owed(case, now),
        // Asked again while a second source is still wanted.
        next_check_at: (!is_query).then(|| now.max(payment.pushed_at + FIRST_QUERY_AFTER) + CONFIRM_AFTER),
    }
}

/// A success for a payment that is completed already: the same one again, the receipt that was missing, or a
/// second one.
fn again<'a>(payment: &Payment, receipt: Option<&'a str>) -> Decision<'a> {
    match (receipt, payment.receipt.as_deref()) {
        (Some(new), Some(known)) if new != known => Decision::Review(ReviewReason::SecondReceipt),
        (Some(new), None) => Decision::Confirm { missing_receipt: Some(new) },
        _ => Decision::Confirm { missing_receipt: None },
    }
}

/// A pending payment ends. While there is a doubt about it, or a receipt that waits, only an operator ends
/// it.
fn not_paid<'a>(payment: &Payment, source: EvidenceSource, cause: &'a UnpaidCause) -> Decision<'a> {
    let is_doubtful = payment.review_reason.is_some() || payment.waiting_receipt.is_some();
    match payment.status {
        Status::Pending if !is_doubtful || source == EvidenceSource::Operator => Decision::End(cause),
        Status::Completed => Decision::Note(EventKind::Contradicted),
        _ => Decision::Note(EventKind::Noted),
    }
}

/// Why a payment can buy nothing at this moment, if so.
fn why_owed(case: &Case, now: DateTime<Utc>) -> Option<DebtReason> {
    if case.is_bought {
        Some(DebtReason::AlreadyBought)
    } else if case.tip_status != TipStatus::Active {
        Some(DebtReason::Withdrawn)
    } else if now >= case.first_kick_off_at {
        Some(DebtReason::KickedOff)
    } else {
        None
    }
}

#[cfg(test)]
#[path = "decide_tests.rs"]
mod tests;
