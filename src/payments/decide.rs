//! What evidence does to a payment. It is a pure function of what the rows say and of what is said (MONEY
//! §1).

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::FromRow;

use super::evidence::{EventKind, Evidence, UnpaidCause, Verdict};
use super::{FIRST_QUERY_AFTER, Outcome, Payment, ReviewReason, Status};
use crate::ledger::AccountKind;
use crate::mpesa::events::EvidenceSource;
use crate::mpesa::receipts::{MoneyColumns, MoneyIn, MoneyState};
use crate::refunds::DebtReason;
use crate::tips::TipStatus;
use crate::types::Kes;

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
    /// The buyer's account is closed.
    pub is_closed: bool,
    /// What is known of the receipt in question.
    #[sqlx(flatten, try_from = "MoneyColumns")]
    pub money: Option<MoneyIn>,
}

impl Case {
    /// Why the payment can buy nothing at this moment; `None` if it can.
    pub fn why_owed(&self, now: DateTime<Utc>) -> Option<DebtReason> {
        if self.is_bought {
            Some(DebtReason::AlreadyBought)
        } else if self.is_closed {
            Some(DebtReason::AccountClosed)
        } else if self.tip_status != TipStatus::Active {
            Some(DebtReason::Withdrawn)
        } else if now >= self.first_kick_off_at {
            Some(DebtReason::KickedOff)
        } else {
            None
        }
    }

    /// What is known of the receipt, if a machine has named it.
    fn named(&self) -> Option<&MoneyIn> {
        self.money.as_ref().filter(|money| !money.is_claim())
    }

    /// Whether the receipt is this payment's own, or claimed for it.
    fn is_own(&self, money: &MoneyIn) -> bool {
        money.subject == Some(self.payment.id.0)
    }
}

/// What is to be written. The fact itself is always noted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision<'a> {
    /// The money came, and lies in the account `from`. It buys the tip, unless there is a reason why it is
    /// owed to its payer. In parts, it is this receipt and everything in suspense under the payment.
    Complete {
        receipt: Option<&'a str>,
        from: AccountKind,
        is_in_parts: bool,
        owed: Option<DebtReason>,
        next_check_at: Option<DateTime<Utc>>,
    },
    /// A success that must not settle the payment alone: its receipt waits, and Safaricom is asked at
    /// `check_at`.
    Await { receipt: &'a str, check_at: DateTime<Utc> },
    /// One more source agrees about a completed payment.
    Confirm,
    /// The receipt that a completed payment awaited is named. Its money lies in the account `from`; it goes on
    /// being awaited if only an operator names it.
    Name { receipt: &'a str, from: AccountKind },
    /// One more source tells of money that has its place.
    Known,
    /// Money that is not the price of a payment which can still be bought lies in suspense under it.
    Suspend { receipt: &'a str, amount: Kes, review: Option<ReviewReason> },
    /// Money that is left over is owed to whoever paid it. It lies in the account `from`.
    Owe { receipt: &'a str, amount: Kes, from: AccountKind, review: Option<ReviewReason> },
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
            Self::Confirm | Self::Known => EventKind::Confirmed,
            Self::Name { .. } => EventKind::ReceiptFilledIn,
            Self::Suspend { review: Some(reason), .. } | Self::Owe { review: Some(reason), .. } => {
                EventKind::from(*reason)
            }
            Self::Suspend { review: None, .. } => EventKind::InSuspense,
            Self::Owe { review: None, .. } => EventKind::FurtherReceipt,
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
    let payment = &case.payment;
    match &evidence.says {
        Verdict::Paid { receipt: None } => agreed(case, evidence, now),
        Verdict::Paid { receipt: Some(receipt) } if evidence.source == EvidenceSource::Operator => {
            claimed(case, evidence, receipt, now)
        }
        Verdict::Paid { receipt: Some(receipt) } => told(case, evidence, (receipt, payment.price), now),
        Verdict::OtherAmount { receipt, amount } => told(case, evidence, (receipt, *amount), now),
        Verdict::Unconfirmed { receipt } if payment.status == Status::Completed => {
            let is_awaited = case.money.is_none() && payment.awaits_receipt;
            match &case.money {
                Some(money) if case.is_own(money) && money.state == MoneyState::Matched => {
                    told(case, evidence, (receipt, payment.price), now)
                }
                None if is_awaited => told(case, evidence, (receipt, payment.price), now),
                // On a till a confirmation names no payment.
                Some(money)
                    if payment.awaits_receipt
                        && !money.is_claim()
                        && money.subject.is_none()
                        && money.state == MoneyState::Suspense =>
                {
                    told(case, evidence, (receipt, payment.price), now)
                }
                Some(money) if !case.is_own(money) => Decision::Review(ReviewReason::ReceiptUsed),
                _ => Decision::Review(ReviewReason::SecondReceipt),
            }
        }
        Verdict::Unconfirmed { receipt } => {
            Decision::Await { receipt, check_at: now.max(payment.pushed_at + FIRST_QUERY_AFTER) }
        }
        Verdict::NotPaid(why) => not_paid(payment, evidence.source, why),
        Verdict::Review(reason) => Decision::Review(*reason),
        Verdict::Inconclusive(kind) => Decision::Note(*kind),
    }
}

/// A machine tells how much came under a receipt, for this payment. What an operator claimed counts for
/// nothing against it.
fn told<'a>(
    case: &'a Case,
    evidence: &Evidence,
    (receipt, amount): (&'a str, Kes),
    now: DateTime<Utc>,
) -> Decision<'a> {
    let payment = &case.payment;
    let mut from = AccountKind::MpesaCollections;
    if let Some(money) = case.named() {
        if money.subject.is_some() && !case.is_own(money) {
            return Decision::Review(ReviewReason::ReceiptUsed);
        }
        if money.amount != amount {
            return Decision::Review(ReviewReason::Amount);
        }
        match money.state {
            MoneyState::Matched => return Decision::Confirm,
            MoneyState::Owed | MoneyState::Returned => return Decision::Known,
            MoneyState::Suspense if case.is_own(money) => return Decision::Known,
            MoneyState::Suspense => from = AccountKind::Suspense,
        }
    }
    let is_completed = payment.status == Status::Completed;
    let owed = case.why_owed(now);
    let is_price = amount == payment.price;
    if is_completed && payment.awaits_receipt && is_price {
        Decision::Name { receipt, from }
    } else if is_completed || (!is_price && owed.is_some()) {
        Decision::Owe { receipt, amount, from, review: doubt(case, evidence, amount) }
    } else if is_price {
        complete(payment, evidence, Some(receipt), from, owed, now)
    } else if payment.suspense + amount == payment.price && !payment.is_money_gone() {
        complete(payment, evidence, Some(receipt), AccountKind::Suspense, None, now)
    } else {
        Decision::Suspend { receipt, amount, review: doubt(case, evidence, amount) }
    }
}

/// Why a person must look at the payment itself, beside where the money of a receipt goes: its own callback, or
/// what an operator took for its receipt, tells of another amount. Other money of it is no doubt about it.
fn doubt(case: &Case, evidence: &Evidence, amount: Kes) -> Option<ReviewReason> {
    let payment = &case.payment;
    let is_of_push = evidence.source == EvidenceSource::Callback
        && (payment.status != Status::Completed || payment.awaits_receipt);
    let is_claimed = case.money.as_ref().is_some_and(|money| money.is_claim() && case.is_own(money));
    (amount != payment.price && (is_of_push || is_claimed)).then_some(ReviewReason::Amount)
}

/// A success that names no receipt: a query's. It is the second source of a receipt that waited for one.
fn agreed<'a>(case: &'a Case, evidence: &Evidence, now: DateTime<Utc>) -> Decision<'a> {
    let payment = &case.payment;
    match payment.waiting_receipt.as_deref() {
        _ if payment.status == Status::Completed => Decision::Confirm,
        Some(receipt) => told(case, evidence, (receipt, payment.price), now),
        // A query names neither amount nor receipt, so it cannot clear the doubt that a callback raised.
        None if payment.review_reason.is_some() => Decision::Note(EventKind::PaidUnderReview),
        None => complete(payment, evidence, None, AccountKind::ReceiptsAwaited, case.why_owed(now), now),
    }
}

/// An operator names the receipt under which the price came. Where no machine has named it, its money is awaited.
fn claimed<'a>(case: &'a Case, evidence: &Evidence, receipt: &'a str, now: DateTime<Utc>) -> Decision<'a> {
    let payment = &case.payment;
    let from = AccountKind::ReceiptsAwaited;
    match &case.money {
        Some(money) if !money.is_claim() => told(case, evidence, (receipt, payment.price), now),
        Some(money) if case.is_own(money) => Decision::Confirm,
        Some(_) => Decision::Review(ReviewReason::ReceiptUsed),
        None if payment.status != Status::Completed => {
            complete(payment, evidence, Some(receipt), from, case.why_owed(now), now)
        }
        None if payment.awaits_receipt && payment.receipt.is_none() => Decision::Name { receipt, from },
        None => Decision::Review(ReviewReason::SecondReceipt),
    }
}

/// A payment completes with money that lies in the account `from`.
fn complete<'a>(
    payment: &Payment,
    evidence: &Evidence,
    receipt: Option<&'a str>,
    from: AccountKind,
    owed: Option<DebtReason>,
    now: DateTime<Utc>,
) -> Decision<'a> {
    let is_in_parts = matches!(evidence.says, Verdict::OtherAmount { .. });
    // A query comes later to be the second source, unless this success is a query's own.
    let is_query = evidence.source == EvidenceSource::Query;
    let next_check_at = (!is_query).then(|| now.max(payment.pushed_at + FIRST_QUERY_AFTER) + CONFIRM_AFTER);
    Decision::Complete { receipt, from, is_in_parts, owed, next_check_at }
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

#[cfg(test)]
#[path = "decide_tests.rs"]
mod tests;
