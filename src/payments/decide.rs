//! What evidence does to a payment. It is a pure function of what the rows say and of what is said (MONEY
//! §1).

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::FromRow;

use super::evidence::{EventKind, Evidence, UnpaidCause, Verdict};
use super::{FIRST_QUERY_AFTER, Outcome, Payment, ReviewReason, Status};
use crate::mpesa::events::EvidenceSource;
use crate::refunds::DebtReason;
use crate::tips::TipStatus;
use crate::types::PaymentId;

/// After a success that did not come from a query, Safaricom is asked for a second source when the rush is
/// over.
pub(super) const CONFIRM_AFTER: TimeDelta = TimeDelta::minutes(10);

/// A payment with everything else that decides about its money, read in the transaction that settles it.
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

/// What is to be written. The fact itself is always noted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision<'a> {
    /// The money came. It buys the tip, unless there is a reason why it is owed to its payer.
    Complete { receipt: Option<&'a str>, owed: Option<DebtReason>, next_check_at: Option<DateTime<Utc>> },
    /// A success that must not settle the payment alone: its receipt waits, and Safaricom is asked at
    /// `check_at`.
    Await { receipt: &'a str, check_at: DateTime<Utc> },
    /// One more source agrees about a completed payment, and perhaps brings the receipt that was missing.
    Confirm { missing_receipt: Option<&'a str> },
    /// No money came, and the payment ends.
    End(&'a UnpaidCause),
    /// A person must look.
    Review(ReviewReason),
    /// Nothing but the fact is written.
    Note(EventKind),
}

impl Decision<'_> {
    /// The kind under which the payment's list of facts shows this decision.
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

    /// The outcome of a completed payment: a reason for a debt means that it bought nothing.
    pub const fn outcome(owed: Option<DebtReason>) -> Outcome {
        if owed.is_some() { Outcome::Owed } else { Outcome::Unlocked }
    }
}

/// Decides what evidence does to a payment at `now`. The result depends on the arguments alone.
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
        // A query names neither amount nor receipt, so it cannot clear the doubt that a callback raised.
        return Decision::Note(EventKind::PaidUnderReview);
    }
    Decision::Complete {
        // The second source confirms the receipt that was waiting for it.
        receipt: receipt.or(payment.waiting_receipt.as_deref()),
        owed: why_owed(case, now),
        // A query comes later to be the second source, unless this success is a query's own.
        next_check_at: (!is_query).then(|| now.max(payment.pushed_at + FIRST_QUERY_AFTER) + CONFIRM_AFTER),
    }
}

/// A further success of a completed payment: the same one again, the receipt that was missing, or another
/// receipt, which a person must look at.
fn again<'a>(payment: &Payment, receipt: Option<&'a str>) -> Decision<'a> {
    match (receipt, payment.receipt.as_deref()) {
        (Some(new), Some(known)) if new != known => Decision::Review(ReviewReason::SecondReceipt),
        (Some(new), None) => Decision::Confirm { missing_receipt: Some(new) },
        _ => Decision::Confirm { missing_receipt: None },
    }
}

/// Evidence that no money came. While a pending payment is under review or has a waiting receipt, only an
/// operator ends it.
fn not_paid<'a>(payment: &Payment, source: EvidenceSource, cause: &'a UnpaidCause) -> Decision<'a> {
    let is_doubtful = payment.review_reason.is_some() || payment.waiting_receipt.is_some();
    match payment.status {
        Status::Pending if !is_doubtful || source == EvidenceSource::Operator => Decision::End(cause),
        Status::Completed => Decision::Note(EventKind::Contradicted),
        _ => Decision::Note(EventKind::Noted),
    }
}

/// Why the payment can buy nothing at this moment; `None` if it can.
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
