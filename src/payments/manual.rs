//! What operators vouch for and do about a payment, with their name and a reason.

use chrono::{DateTime, Utc};

use super::decide::Case;
use super::engine::Payments;
use super::evidence::{EventKind, Evidence, UnpaidCause, Verdict};
use super::store::{self, claims, settling};
use super::{Status, messages, subject};
use crate::audit::{self, Operator, Subject};
use crate::daraja::readable_receipt;
use crate::mpesa::events::{EvidenceSource, NewEvent};
use crate::mpesa::receipts::MoneyState;
use crate::mpesa::store::events;
use crate::platform::db::{Failure, Tx, transaction};
use crate::refunds;
use crate::types::{AppError, Kes, PaymentId};

impl Payments {
    /// An operator has seen the money: completes the payment, or confirms it, with the receipt that they name and
    /// how much came under it. What a machine told of the receipt counts for more than they do.
    ///
    /// # Errors
    /// [`AppError::Invalid`] if the text cannot be a receipt, or the amount is not the price;
    /// [`AppError::NotFound`] if there is no such payment; [`AppError::Conflict`] if the receipt is of other money
    /// or the payment has another receipt; [`Failure::Changed`] if other processes kept changing it; a database
    /// error.
    pub async fn vouch(
        &self,
        payment: PaymentId,
        (receipt, amount): (&str, Kes),
        operator: &Operator,
    ) -> Result<(), Failure> {
        let receipt = read_receipt(receipt)?;
        transaction!(self.db, |tx| {
            let case = one(store::case_by_id(tx, payment, Some(&receipt)).await?)?;
            check_claim(&case, &receipt, amount)?;
            if refunds::store::is_used(tx, &receipt).await? {
                return Err(AppError::conflict("This receipt is of a refund: that money went out.").into());
            }
            if let Some(other) = store::waits_elsewhere(tx, payment, &receipt).await? {
                let why = format!(
                    "Safaricom named this receipt for another payment, {other}: that one waits for a second \
                        source of it."
                );
                return Err(AppError::conflict(why).into());
            }
            let mut evidence =
                Evidence::new(EvidenceSource::Operator, Verdict::Paid { receipt: Some(receipt.clone()) });
            evidence.receipt = Some(receipt.clone());
            evidence.amount = Some(amount);
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

/// Adds what an operator did to the payment's list of facts, with the receipt and the amount that it is about.
pub(super) async fn note(
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

/// Refuses a claim that what is known contradicts, and says what is right instead.
fn check_claim(case: &Case, receipt: &str, amount: Kes) -> Result<(), AppError> {
    let (payment, known) = (&case.payment, case.money.as_ref());
    if let Some(money) = known.filter(|money| !money.is_claim() && money.amount != amount) {
        let told = money.amount;
        return Err(AppError::conflict(format!("Safaricom says that {told} came under {receipt}.")));
    }
    if amount != payment.price {
        let price = payment.price;
        return Err(AppError::invalid(format!(
            "The price is {price}, and only the price settles a payment. What Safaricom lists of another amount \
                is kept: further parts that make the price settle it, and the rest is owed back."
        )));
    }
    let is_own = known.is_some_and(|money| money.subject == Some(payment.id.0));
    let why = match known {
        Some(money) if money.subject.is_some() && !is_own => {
            "This receipt belongs to another payment. Look it up with: payments show RECEIPT".to_owned()
        }
        Some(_) if is_own && payment.receipt.as_deref().is_some_and(|other| other != receipt) => {
            format!("This payment has another receipt: {}.", payment.receipt.as_deref().unwrap_or("none"))
        }
        Some(money) if money.state == MoneyState::Owed => {
            "The money of this receipt is owed to whoever paid it: send it back, and mark it with: \
                payments refunded"
                .to_owned()
        }
        Some(money) if money.state == MoneyState::Returned => {
            "Safaricom took the money of this receipt back: there is nothing to settle.".to_owned()
        }
        _ if payment.status == Status::Completed && !is_own && !payment.awaits_receipt => {
            format!("This payment has another receipt: {}.", payment.receipt.as_deref().unwrap_or("none"))
        }
        None if payment.receipt.as_deref().is_some_and(|other| other != receipt) => {
            let other = payment.receipt.as_deref().unwrap_or_default();
            format!("This payment has another receipt: {other}, which an operator named.")
        }
        _ => return Ok(()),
    };
    Err(AppError::conflict(why))
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
