//! The one place where money is booked. Whatever is learnt about a payment (callback, query, operator, push)
//! comes here as evidence. One transaction records it, moves the status by compare-and-set, claims the
//! receipt, makes the purchase or the debt, and writes the ledger (MONEY §1).

use chrono::{DateTime, Utc};

use super::decide::{Case, Decision, decide};
use super::engine::Payments;
use super::evidence::{EventKind, Evidence};
use super::place::{Owing, changed, payer, sure_number};
use super::store::purchases::{NewPurchase, insert_purchase};
use super::store::settling::{self, Completion, Expected};
use super::{Payment, ReviewReason, subject};
use crate::ledger::{self, AccountKind, Movement, SubjectKind, Symbol, TransferKind};
use crate::mpesa::events::{EvidenceSource, NewEvent};
use crate::mpesa::receipts::MoneyState;
use crate::mpesa::store::{events, receipts};
use crate::notices::NoticeKind;
use crate::platform::clock::delta;
use crate::platform::db::{Failure, Tx};
use crate::refunds::{self, DebtReason};
use crate::types::{Kes, PaymentId};

impl Payments {
    /// Books evidence about a payment inside the caller's transaction, and returns what was decided. `case` must
    /// have been read in the same transaction.
    ///
    /// # Errors
    /// [`Failure::Changed`] if the rows are no longer as `case` has them: the transaction must run again.
    /// Otherwise `AppError::Internal` if the ledger refuses the transfer, or a database error.
    pub(super) async fn settle<'a>(
        &self,
        tx: &mut Tx,
        case: &'a Case,
        evidence: &'a Evidence,
    ) -> Result<Decision<'a>, Failure> {
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
        Ok(decision)
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
            Decision::Complete { receipt, from, is_in_parts, owed, next_check_at } => {
                let completion = Completion {
                    payment: payment.id,
                    expected,
                    outcome: Decision::outcome(owed),
                    receipt,
                    awaits_receipt: from == AccountKind::ReceiptsAwaited,
                    source: evidence.source,
                    by: evidence.by.as_ref(),
                    next_check_at,
                    at: now,
                };
                changed(settling::complete(tx, &completion).await?)?;
                let is_named = !completion.awaits_receipt;
                if let Some(receipt) = receipt {
                    let amount = evidence.amount.filter(|_| is_in_parts).unwrap_or(payment.price);
                    let place = (MoneyState::Matched, is_named);
                    let id = self.put(tx, case, evidence, (receipt, amount), place, now).await?;
                    if is_in_parts {
                        self.take_parts(tx, case, (id, amount), now).await?;
                    }
                }
                if !is_in_parts && payment.suspense > Kes::ZERO {
                    self.owe_suspense(tx, payment, now).await?;
                }
                match owed {
                    None => self.book_sale(tx, case, from, now).await,
                    Some(reason) => self.book_debt(tx, case, evidence, (receipt, from, reason), now).await,
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
            Decision::Confirm => {
                settling::remember_source(tx, payment.id, evidence.source, evidence.by.as_ref(), now).await?;
                self.remember_receipt(tx, payment, evidence, now).await
            }
            Decision::Known => self.remember_receipt(tx, payment, evidence, now).await,
            Decision::Name { receipt, from } => self.name(tx, case, evidence, (receipt, from), now).await,
            Decision::Suspend { receipt, amount, review } => {
                self.suspend(tx, case, evidence, (receipt, amount), now).await?;
                self.count_query(tx, payment).await?;
                ask_review(tx, payment.id, review).await
            }
            Decision::Owe { receipt, amount, from, review } => {
                self.owe_receipt(tx, case, evidence, (receipt, amount, from), now).await?;
                self.count_query(tx, payment).await?;
                ask_review(tx, payment.id, review).await
            }
            Decision::End(why) => changed(settling::end_unpaid(tx, payment.id, expected, why, now).await?),
            Decision::Review(reason) => ask_review(tx, payment.id, Some(reason)).await,
            Decision::Note(_) => Ok(()),
        }
    }

    /// Gives a completed payment the receipt that it awaited. If a machine names it, its money is awaited no
    /// more.
    async fn name(
        &self,
        tx: &mut Tx,
        case: &Case,
        evidence: &Evidence,
        (receipt, from): (&str, AccountKind),
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let (payment, is_claim) = (&case.payment, from == AccountKind::ReceiptsAwaited);
        changed(settling::name_receipt(tx, payment.id, receipt, is_claim).await?)?;
        settling::remember_source(tx, payment.id, evidence.source, evidence.by.as_ref(), now).await?;
        let place = (MoneyState::Matched, !is_claim);
        self.put(tx, case, evidence, (receipt, payment.price), place, now).await?;
        // What an operator claims changes nothing about who answered our push.
        let payer = match payment.query_succeeded_at {
            Some(_) if is_claim => Some(payment.msisdn.clone()),
            _ => sure_number(&payer(payment, evidence)),
        };
        let named = (receipt, payer.as_ref());
        refunds::store::name_receipt(tx, payment.id, payment.receipt.as_deref(), named).await?;
        if !is_claim {
            let (kind, of) = (TransferKind::ReceiptNamed, (SubjectKind::Payment, payment.id.0));
            self.book_receipt(tx, kind, from, of, vec![(Symbol::P, payment.price)], now).await?;
        }
        self.count_query(tx, payment).await
    }

    /// Remembers who said once more that the money of a receipt came.
    async fn remember_receipt(
        &self,
        tx: &mut Tx,
        payment: &Payment,
        evidence: &Evidence,
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        if evidence.source == EvidenceSource::Query {
            let at = payment.query_succeeded_at.unwrap_or(now);
            return Ok(receipts::count_query(tx, subject(payment.id), payment.price, at).await?);
        }
        let Some(receipt) = &evidence.receipt else { return Ok(()) };
        let payer = payer(payment, evidence);
        receipts::remember_source(tx, receipt, evidence.source, &payer, now).await?;
        match sure_number(&payer) {
            Some(msisdn) => Ok(refunds::store::name_payer(tx, receipt, &msisdn).await?),
            None => Ok(()),
        }
    }

    /// Says anew for which receipt a query's success counts, after another one was told.
    async fn count_query(&self, tx: &mut Tx, payment: &Payment) -> Result<(), Failure> {
        let Some(at) = payment.query_succeeded_at else { return Ok(()) };
        Ok(receipts::count_query(tx, subject(payment.id), payment.price, at).await?)
    }

    async fn book_sale(
        &self,
        tx: &mut Tx,
        case: &Case,
        from: AccountKind,
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
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
            first: from,
            subject: (SubjectKind::Payment, payment.id.0),
            owner: Some(payment.tipster_id),
            amounts: vec![(Symbol::P, price), (Symbol::S, share)],
            made_at: now,
        };
        ledger::book(tx, &sale).await?;
        self.tell(tx, payment.tipster_id, NoticeKind::Sale, payment, now).await
    }

    /// The price of a payment that could buy nothing is owed. A query's success is of our own push.
    async fn book_debt(
        &self,
        tx: &mut Tx,
        case: &Case,
        evidence: &Evidence,
        (receipt, from, reason): (Option<&str>, AccountKind, DebtReason),
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let payment = &case.payment;
        let msisdn = match receipt {
            None => Some(payment.msisdn.clone()),
            Some(_) => sure_number(&payer(payment, evidence)),
        };
        let (amount, subject) = (payment.price, (SubjectKind::Payment, payment.id.0));
        let payment = Some(payment);
        self.owe(tx, &Owing { payment, receipt, msisdn, amount, reason, from, subject }, now).await
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

async fn ask_review(tx: &mut Tx, payment: PaymentId, reason: Option<ReviewReason>) -> Result<(), Failure> {
    let Some(reason) = reason else { return Ok(()) };
    Ok(settling::ask_review(tx, payment, reason).await?)
}
