//! The one place where money is booked. Whatever is learnt about a payment (callback, query, operator, push)
//! comes here as evidence. One transaction records it, moves the status by compare-and-set, claims the
//! receipt, makes the purchase or the debt, and writes the ledger (MONEY §1).

use chrono::{DateTime, Utc};

use super::decide::{Case, Decision, decide};
use super::engine::Payments;
use super::evidence::{EventKind, Evidence};
use super::store::purchases::{NewPurchase, insert_purchase};
use super::store::settling::{self, Completion, Expected};
use super::{Payment, subject};
use crate::ledger::{self, AccountKind, Movement, SubjectKind, Symbol, TransferKind};
use crate::mpesa::events::{EvidenceSource, NewEvent};
use crate::mpesa::store::events;
use crate::notices::{self, NewNotice, NoticeKind};
use crate::platform::clock::delta;
use crate::platform::db::{Failure, Tx};
use crate::refunds::{self, Debt, DebtReason, REFUND_WITHIN};
use crate::types::{PaymentId, PersonId};

impl Payments {
    /// Books evidence about a payment inside the caller's transaction. `case` must have been read in the same
    /// transaction.
    ///
    /// # Errors
    /// [`Failure::Changed`] if the rows are no longer as `case` has them: the transaction must run again.
    /// Otherwise `AppError::Internal` if the ledger refuses the transfer, or a database error.
    pub(super) async fn settle(&self, tx: &mut Tx, case: &Case, evidence: &Evidence) -> Result<(), Failure> {
        let now = self.clock.now();
        let decision = decide(case, evidence, now);
        self.apply(tx, case, evidence, &decision, now).await?;
        let event = NewEvent {
            id: self.random.uuid(now),
            subject: subject(case.payment.id),
            at: now,
            source: evidence.source,
            kind: decision.event().as_str(),
            code: evidence.code.as_deref(),
            receipt: evidence.receipt.as_deref(),
            amount: evidence.amount,
            detail: evidence.detail.as_deref(),
            body: evidence.callback.map(|callback| callback.0),
        };
        events::insert(tx, &event).await?;
        tracing::info!(
            payment.id = %case.payment.id, source = %event.source, kind = %event.kind,
            "evidence booked"
        );
        Ok(())
    }

    /// Writes a decision. Each write repeats as a condition what was decided on; if that no longer holds, it
    /// changes nothing.
    async fn apply(
        &self,
        tx: &mut Tx,
        case: &Case,
        evidence: &Evidence,
        decision: &Decision<'_>,
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let (payment, expected) = (&case.payment, Expected::from(&case.payment));
        match *decision {
            Decision::Complete { receipt, owed, next_check_at } => {
                let completion = Completion {
                    payment: payment.id,
                    expected,
                    outcome: Decision::outcome(owed),
                    receipt,
                    source: evidence.source,
                    by: evidence.by.as_ref(),
                    next_check_at,
                    at: now,
                };
                changed(settling::complete(tx, &completion).await?)?;
                if let Some(receipt) = receipt {
                    changed(settling::claim_receipt(tx, receipt, payment.id).await?)?;
                }
                match owed {
                    None => self.book_sale(tx, case, now).await,
                    Some(reason) => self.book_debt(tx, payment, receipt, reason, now).await,
                }
            }
            Decision::Await { receipt, check_at } => {
                let callback_at = (evidence.source == EvidenceSource::Callback).then_some(now);
                changed(
                    settling::wait_for_second_source(
                        tx,
                        payment.id,
                        expected,
                        receipt,
                        check_at,
                        callback_at,
                    )
                    .await?,
                )
            }
            Decision::Confirm { missing_receipt } => {
                settling::remember_source(tx, payment.id, evidence.source, evidence.by.as_ref(), now).await?;
                let Some(receipt) = missing_receipt else { return Ok(()) };
                changed(settling::fill_in_receipt(tx, payment.id, receipt).await?)?;
                changed(settling::claim_receipt(tx, receipt, payment.id).await?)?;
                Ok(refunds::store::name_receipt(tx, payment.id, receipt).await?)
            }
            Decision::End(why) => changed(settling::end_unpaid(tx, payment.id, expected, why, now).await?),
            Decision::Review(reason) => Ok(settling::ask_review(tx, payment.id, reason).await?),
            Decision::Note(_) => Ok(()),
        }
    }

    async fn book_sale(&self, tx: &mut Tx, case: &Case, now: DateTime<Utc>) -> Result<(), Failure> {
        let payment = &case.payment;
        let (price, share) = (payment.price, payment.price.share(payment.share_bps));
        let purchase = NewPurchase {
            payment: payment.id,
            tip: payment.tip_id,
            buyer: payment.buyer_id,
            tipster: payment.tipster_id,
            price,
            share,
            bought_at: now,
            release_after: case.last_kick_off_at + delta(self.rules.hold),
        };
        changed(insert_purchase(tx, &purchase).await?)?;
        let sale = Movement {
            id: self.random.uuid(now),
            kind: TransferKind::Sale,
            first: AccountKind::MpesaCollections,
            subject: (SubjectKind::Payment, payment.id.0),
            owner: Some(payment.tipster_id),
            amounts: vec![(Symbol::P, price), (Symbol::S, share)],
            made_at: now,
        };
        ledger::book(tx, &sale).await?;
        self.tell(tx, payment.tipster_id, NoticeKind::Sale, payment, now).await
    }

    async fn book_debt(
        &self,
        tx: &mut Tx,
        payment: &Payment,
        receipt: Option<&str>,
        reason: DebtReason,
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let debt = Debt {
            id: self.random.uuid(now),
            payment: payment.id,
            receipt: receipt.map(str::to_owned),
            msisdn: payment.msisdn.clone(),
            owed: payment.price,
            reason,
            owed_at: now,
            due_at: now + REFUND_WITHIN,
        };
        changed(refunds::store::insert_debt(tx, &debt).await?)?;
        let owed = Movement {
            id: self.random.uuid(now),
            kind: TransferKind::Owed,
            first: AccountKind::MpesaCollections,
            subject: (SubjectKind::Payment, payment.id.0),
            owner: None,
            amounts: vec![(Symbol::X, debt.owed)],
            made_at: now,
        };
        ledger::book(tx, &owed).await?;
        self.tell(tx, payment.buyer_id, NoticeKind::Refund, payment, now).await
    }

    async fn tell(
        &self,
        tx: &mut Tx,
        person: PersonId,
        kind: NoticeKind,
        payment: &Payment,
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let (id, tip) = (self.random.uuid(now), Some(payment.tip_id));
        let notice = NewNotice { id, person, kind, tip, payment: Some(payment.id), detail: None, at: now };
        Ok(notices::insert(tx, &notice).await?)
    }

    /// Adds a fact to the payment's list that is not evidence and decides nothing.
    pub(super) async fn note(
        &self,
        tx: &mut Tx,
        payment: PaymentId,
        source: EvidenceSource,
        kind: EventKind,
        detail: Option<&str>,
        at: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let id = self.random.uuid(at);
        let (subject, kind) = (subject(payment), kind.as_str());
        let (code, receipt, amount, body) = (None, None, None, None);
        let event = NewEvent { id, subject, at, source, kind, code, receipt, amount, detail, body };
        Ok(events::insert(tx, &event).await?)
    }
}

/// Turns a write that changed no row into `Failure::Changed`: the rows it was decided on have changed.
const fn changed(has_changed: bool) -> Result<(), Failure> {
    if has_changed { Ok(()) } else { Err(Failure::Changed) }
}
