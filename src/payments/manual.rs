//! Evidence that comes neither by callback nor by query: money that Safaricom lists under our account
//! reference (a C2B confirmation, or a line of the statement), and what operators vouch for with their name
//! and a reason.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::decide::Case;
use super::engine::Payments;
use super::evidence::{EventKind, Evidence, UnpaidCause, Verdict};
use super::store::{self, claims, settling};
use super::{Payment, ReviewReason, Status, messages, subject};
use crate::approvals::{self, Interests, Matter, MatterKind};
use crate::audit::{self, Operator, Subject};
use crate::daraja::readable_receipt;
use crate::ledger::{self, AccountKind, Movement, SubjectKind, Symbol, TransferKind};
use crate::mpesa::events::{EvidenceSource, NewEvent};
use crate::mpesa::store::{events, statements};
use crate::platform::db::{Failure, Tx, transaction};
use crate::refunds;
use crate::types::{AppError, Kes, PaymentId};

/// Whoever vouched for a tipster's sale approves nothing about that tipster for so long (MONEY §9).
const SOURCE_WITHIN: TimeDelta = TimeDelta::days(90);

/// Money received, as Safaricom lists it.
#[derive(Debug, Clone)]
pub struct Listed {
    pub receipt: String,
    pub amount: Kes,
    /// As the payer typed it, or as our push named it; empty if the source names none.
    pub account_reference: String,
    /// The short code that was credited, if the source names it.
    pub short_code: Option<String>,
    /// What the source tells of the payer's number: digits, a mask, or a hash; empty if nothing.
    pub payer: String,
}

/// What became of listed money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Placed {
    /// It settled a payment, alone or as the last part of its price, or filled in its receipt.
    Matched,
    /// The payment had this receipt already; the listing now counts as one of its sources.
    Known,
    /// It is further money of a payment, or of one that can buy nothing any more: owed to whoever paid it.
    Owed,
    /// Less than the price of the payment that it names: it lies in suspense.
    AmountUnder,
    /// More than the price of the payment that it names: it lies in suspense.
    AmountOver,
    /// It names no payment of ours: it lies in suspense.
    Unknown,
    /// It was paid to a short code that is not ours: it lies in suspense.
    OtherShortCode,
    /// It nearly names a payment, or contradicts what is known of its receipt: a person must look.
    Unclear,
}

impl Payments {
    /// Books money that Safaricom lists under an account reference. `source` is `C2b` or `Statement`. Money
    /// from a source that is not trusted alone waits for a second source. Booking the same line again changes
    /// nothing. `by` imports the statement; Safaricom itself needs nobody.
    ///
    /// # Errors
    /// [`Failure::Changed`] if other processes kept changing the payment, or a database error.
    pub async fn book_listed(
        &self,
        source: EvidenceSource,
        listed: &Listed,
        is_trusted: bool,
        by: Option<&Operator>,
    ) -> Result<Placed, Failure> {
        // Payers who pay by hand type the reference in capitals or small letters.
        let reference = listed.account_reference.to_ascii_uppercase();
        transaction!(self.db, |tx| {
            let Some(case) = store::case_by_reference(tx, &reference, Some(&listed.receipt)).await? else {
                return Ok(Placed::Unknown);
            };
            let is_known = case.payment.receipt.as_deref() == Some(&listed.receipt);
            if is_known && case.payment.statement_succeeded_at.is_some() {
                return Ok(Placed::Known);
            }
            let says = judge(&case, listed, is_trusted);
            let found = match (&says, is_known) {
                (Verdict::Review(_), _) => Placed::Unclear,
                (_, true) => Placed::Known,
                (_, false) => Placed::Matched,
            };
            let mut evidence = Evidence::new(source, says);
            evidence.amount = Some(listed.amount);
            evidence.receipt = Some(listed.receipt.clone());
            let is_second =
                case.payment.status == Status::Completed && case.payment.receipt.is_some() && !is_known;
            self.settle(tx, &case, &evidence).await?;
            if let Some(operator) = by {
                let change = (Some(case.payment.status.as_str()), Some(listed.receipt.as_str()));
                self.record_deed(tx, operator, "statement_imported", case.payment.id, change).await?;
            }
            Ok(if is_second || case.receipt_owner.is_some_and(|owner| owner != case.payment.id) {
                Placed::Unclear
            } else {
                found
            })
        })
    }

    /// Ends a pending payment that a statement, complete for its time, does not list. Returns false, and does
    /// nothing, while money of its amount that came after it lies in suspense; and if the payment has ended
    /// meanwhile, is under review or has a waiting receipt: then only the fact is noted.
    ///
    /// # Errors
    /// [`AppError::NotFound`] if there is no such payment; [`Failure::Changed`] if other processes kept
    /// changing it; a database error.
    pub async fn book_unlisted(&self, payment: PaymentId, by: Option<&Operator>) -> Result<bool, Failure> {
        transaction!(self.db, |tx| {
            let case = one(store::case_by_id(tx, payment, None).await?)?;
            if statements::is_suspended(tx, case.payment.price, case.payment.pushed_at).await? {
                return Ok(false);
            }
            let says = Verdict::NotPaid(UnpaidCause::NotListed);
            self.settle(tx, &case, &Evidence::new(EvidenceSource::Statement, says)).await?;
            if let Some(operator) = by {
                let change = (Some(case.payment.status.as_str()), Some("not listed"));
                self.record_deed(tx, operator, "statement_imported", case.payment.id, change).await?;
            }
            let is_doubtful = case.payment.review_reason.is_some() || case.payment.waiting_receipt.is_some();
            Ok(case.payment.status == Status::Pending && !is_doubtful)
        })
    }

    /// An operator has seen the money: completes the payment, or confirms it, with the receipt that they
    /// name.
    ///
    /// # Errors
    /// [`AppError::Invalid`] if the text cannot be a receipt; [`AppError::NotFound`] if there is no such
    /// payment; [`AppError::Conflict`] if the receipt is another payment's or the payment has another
    /// receipt; [`Failure::Changed`] if other processes kept changing it; a database error.
    pub async fn vouch(&self, payment: PaymentId, receipt: &str, operator: &Operator) -> Result<(), Failure> {
        let receipt = read_receipt(receipt)?;
        transaction!(self.db, |tx| {
            let case = one(store::case_by_id(tx, payment, Some(&receipt)).await?)?;
            if case.receipt_owner.is_some_and(|owner| owner != payment) {
                return Err(AppError::conflict("This receipt belongs to another payment.").into());
            }
            if refunds::store::is_used(tx, &receipt).await? {
                return Err(AppError::conflict("This receipt is of a refund: that money went out.").into());
            }
            if case.payment.receipt.as_ref().is_some_and(|known| *known != receipt) {
                return Err(AppError::conflict("This payment has another receipt.").into());
            }
            let mut evidence =
                Evidence::new(EvidenceSource::Operator, Verdict::Paid { receipt: Some(receipt.clone()) });
            evidence.receipt = Some(receipt.clone());
            evidence.by = Some(operator.person().clone());
            evidence.detail = Some(operator.detail());
            self.settle(tx, &case, &evidence).await?;
            let change = (Some(case.payment.status.as_str()), Some(receipt.as_str()));
            self.record_deed(tx, operator, "settled", case.payment.id, change).await
        })
    }

    /// Ends a pending payment because an operator has made sure that no money came, and closes its buyer's
    /// claims.
    ///
    /// # Errors
    /// [`AppError::NotFound`] if there is no such payment; [`AppError::Conflict`] if it has ended already;
    /// [`Failure::Changed`] if other processes kept changing it; a database error.
    pub async fn end_unpaid(&self, payment: PaymentId, operator: &Operator) -> Result<(), Failure> {
        let now = self.clock.now();
        transaction!(self.db, |tx| {
            let case = one(store::case_by_id(tx, payment, None).await?)?;
            if case.payment.status != Status::Pending {
                return Err(AppError::conflict("This payment has ended already.").into());
            }
            let says = Verdict::NotPaid(UnpaidCause::Operator);
            let mut evidence = Evidence::new(EvidenceSource::Operator, says);
            evidence.by = Some(operator.person().clone());
            evidence.detail = Some(operator.detail());
            self.settle(tx, &case, &evidence).await?;
            claims::close(tx, payment, now).await?;
            let change = (Some(case.payment.status.as_str()), Some(Status::Failed.as_str()));
            self.record_deed(tx, operator, "ended_unpaid", case.payment.id, change).await
        })
    }

    /// An operator has looked at an ended payment that was marked for review, or whose payer claims to have
    /// paid: the payment stays as it is, and the mark and the claims are closed.
    ///
    /// # Errors
    /// [`AppError::Conflict`] if there is neither a mark nor an open claim; a database error.
    pub async fn clear_review(&self, payment: PaymentId, operator: &Operator) -> Result<(), Failure> {
        let now = self.clock.now();
        let id = self.random.uuid(now);
        transaction!(self.db, |tx| {
            let had_claims = claims::close(tx, payment, now).await?;
            if !settling::clear_review(tx, payment).await? && !had_claims {
                return Err(AppError::conflict(
                    "No ended payment with this id waits for a review. Settle or end a pending one.",
                )
                .into());
            }
            note(tx, id, payment, EventKind::Reviewed, None, operator, now).await?;
            self.record_deed(tx, operator, "review_cleared", payment, (None, None)).await
        })
    }

    /// An operator has sent a debt back by hand, to the number that paid, with this M-Pesa receipt: the debt
    /// is paid and the ledger's refund booked. Above `DESK_ALONE_UP_TO`, and where operators alone said that the
    /// money came, it uses up a second person's approval.
    ///
    /// # Errors
    /// [`AppError::Invalid`] if the text cannot be a receipt; [`AppError::Conflict`] if the receipt is of
    /// another refund or of money that came in, the operator has a part in it, nothing is owed for the payment
    /// any more, or a second person is missing; a database error.
    pub async fn refunded(
        &self,
        payment: PaymentId,
        receipt: &str,
        operator: &Operator,
    ) -> Result<(), Failure> {
        let now = self.clock.now();
        let event_id = self.random.uuid(now);
        let receipt = read_receipt(receipt)?;
        transaction!(self.db, |tx| {
            if refunds::store::is_marked_paid(tx, payment, &receipt, now).await? {
                return Ok(());
            }
            if refunds::store::is_used(tx, &receipt).await? {
                return Err(AppError::conflict("This receipt is of another refund.").into());
            }
            let case = one(store::case_by_id(tx, payment, Some(&receipt)).await?)?;
            if case.receipt_owner.is_some() {
                return Err(AppError::conflict("This receipt is of money that came in.").into());
            }
            let (paid, matter) = (case.payment, refund_of(tx, payment).await?);
            if matches!(paid.review_reason, Some(ReviewReason::Reversed | ReviewReason::Contradicted)) {
                return Err(AppError::conflict(
                    "A statement says that this money went back or never came. Look at it, and clear the review \
                     first.",
                )
                .into());
            }
            approvals::check_no_part(
                operator.person(),
                &interests(tx, operator, &paid, &matter, now).await?,
            )?;
            if matter.amount > self.desk.alone_up_to || !is_proven_by_machine(&paid) {
                let person = operator.person().proven().ok_or_else(needs_a_person)?;
                let is_one_person = self.desk.is_one_person;
                approvals::use_up(tx, &matter, person, &receipt, is_one_person, now).await?;
            }
            let Some((debt, owed)) = refunds::store::mark_paid(tx, payment, &receipt, now).await? else {
                return Err(Failure::Changed);
            };
            let refund = Movement {
                id: self.random.uuid(now),
                kind: TransferKind::RefundByHand,
                first: AccountKind::RefundsOwed,
                subject: (SubjectKind::Refund, debt),
                owner: None,
                amounts: vec![(Symbol::X, owed)],
                made_at: now,
            };
            ledger::book(tx, &refund).await?;
            let money = Some((receipt.as_str(), owed));
            note(tx, event_id, payment, EventKind::Refunded, money, operator, now).await?;
            let (was, is) = (format!("owed {owed}"), format!("paid {receipt}"));
            self.record_deed(tx, operator, "refunded", payment, (Some(&was), Some(&is))).await
        })
    }

    /// A second person agrees that what is owed for a payment is sent back by hand.
    ///
    /// # Errors
    /// [`AppError::NotFound`] if there is no such payment; [`AppError::Conflict`] if nothing is owed for it, or
    /// the operator may not approve it or has done so already; a database error.
    pub async fn approve_refund(&self, payment: PaymentId, operator: &Operator) -> Result<(), Failure> {
        let now = self.clock.now();
        transaction!(self.db, |tx| {
            let paid = one(store::case_by_id(tx, payment, None).await?)?.payment;
            let matter = refund_of(tx, payment).await?;
            let interests = interests(tx, operator, &paid, &matter, now).await?;
            let is_one_person = self.desk.is_one_person;
            let by = (operator.person(), &interests);
            let kind = approvals::give(tx, &self.random, &matter, by, is_one_person, now).await?;
            let agreed = format!("{kind} {}", matter.amount);
            self.record_deed(tx, operator, "refund_approved", payment, (None, Some(&agreed))).await
        })
    }

    /// Notes in the audit what an operator did about a payment, as the last of its transaction.
    pub(super) async fn record_deed(
        &self,
        tx: &mut Tx,
        operator: &Operator,
        action: &'static str,
        payment: PaymentId,
        change: (Option<&str>, Option<&str>),
    ) -> Result<(), Failure> {
        let deed = operator.deed(self.clock.now(), action, Subject::Payment(payment), change);
        Ok(audit::record(tx, &self.random, &[deed]).await?)
    }
}

/// Whether a machine said that the money came, and not operators alone.
fn is_proven_by_machine(paid: &Payment) -> bool {
    [paid.callback_succeeded_at, paid.query_succeeded_at, paid.statement_succeeded_at]
        .iter()
        .any(Option::is_some)
}

/// What a member of staff may have to do with a refund.
async fn interests(
    tx: &mut Tx,
    operator: &Operator,
    paid: &Payment,
    matter: &Matter,
    now: DateTime<Utc>,
) -> Result<Interests, Failure> {
    let since = now - SOURCE_WITHIN;
    Ok(Interests {
        payee: paid.buyer_id,
        payee_msisdn: matter.msisdn.clone(),
        tipster: paid.tipster_id,
        asked_by: None,
        is_source: store::is_source(tx, operator.person().id(), paid.tipster_id, since).await?,
    })
}

/// What is owed for a payment, as a second person approves it.
async fn refund_of(tx: &mut Tx, payment: PaymentId) -> Result<Matter, Failure> {
    let owed = refunds::store::owed(tx, payment).await?;
    let (amount, msisdn) = owed.ok_or_else(|| AppError::conflict("Nothing is owed for this payment."))?;
    // A debt never changes, so it has one version.
    Ok(Matter { kind: MatterKind::Refund, id: payment.to_string(), version: 1, amount, msisdn })
}

fn needs_a_person() -> AppError {
    AppError::conflict(
        "So much is sent back by somebody who gave their own password, with a second person's approval.",
    )
}

async fn note(
    tx: &mut Tx,
    id: uuid::Uuid,
    payment: PaymentId,
    kind: EventKind,
    money: Option<(&str, Kes)>,
    operator: &Operator,
    at: DateTime<Utc>,
) -> Result<(), Failure> {
    let (detail, source) = (operator.detail(), EvidenceSource::Operator);
    let (receipt, amount) = money.unzip();
    let event = NewEvent {
        id,
        subject: subject(payment),
        at,
        source,
        kind: kind.as_str(),
        code: None,
        receipt,
        amount,
        detail: Some(&detail),
        body: None,
    };
    Ok(events::insert(tx, &event).await?)
}

fn judge(case: &Case, listed: &Listed, is_trusted: bool) -> Verdict {
    match (listed.amount == case.payment.price, is_trusted) {
        (true, true) => Verdict::Paid { receipt: Some(listed.receipt.clone()) },
        (true, false) => Verdict::Unconfirmed { receipt: listed.receipt.clone() },
        (false, _) => Verdict::Review(ReviewReason::Amount),
    }
}

/// Reads a receipt that somebody typed, in capitals or small letters.
pub(super) fn read_receipt(text: &str) -> Result<String, AppError> {
    let receipt = text.to_ascii_uppercase();
    let readable = readable_receipt(&receipt).map(str::to_owned);
    readable.ok_or_else(|| AppError::invalid(messages::receipt_form()))
}

fn one(case: Option<Case>) -> Result<Case, Failure> {
    case.ok_or_else(|| messages::no_such_payment().into())
}
