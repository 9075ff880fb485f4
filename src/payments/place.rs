//! Where money goes that is told of a payment, receipt by receipt: into suspense under it, out of suspense, or
//! back to whoever paid it. Nothing that a machine told is in no account (MONEY §6).

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::decide::Case;
use super::engine::Payments;
use super::evidence::{EventKind, Evidence};
use super::store::settling::{self, Expected};
use super::{Payment, ReviewReason, subject};
use crate::ledger::{self, AccountKind, Movement, SubjectKind, Symbol, TransferKind};
use crate::mpesa::events::{EvidenceSource, NewEvent};
use crate::mpesa::receipts::{MoneyIn, MoneyState, Placing, Sources};
use crate::mpesa::store::{events, receipts};
use crate::notices::{self, NewNotice, NoticeKind};
use crate::platform::db::{Failure, Tx};
use crate::refunds::{self, Debt, DebtReason, REFUND_WITHIN};
use crate::types::{Kes, Msisdn, PaymentId, PersonId};

/// Money that is owed, and where it lies now.
pub(super) struct Owing<'a> {
    pub payment: Option<&'a Payment>,
    pub receipt: Option<&'a str>,
    /// The number that surely paid it.
    pub msisdn: Option<Msisdn>,
    pub amount: Kes,
    pub reason: DebtReason,
    pub from: AccountKind,
    /// What the ledger knows it by.
    pub subject: (SubjectKind, Uuid),
}

impl Payments {
    /// Writes the row of a receipt that is told of a payment, and returns its id. If an operator had claimed it
    /// for another payment, that one loses it.
    pub(super) async fn put(
        &self,
        tx: &mut Tx,
        case: &Case,
        evidence: &Evidence,
        (receipt, amount): (&str, Kes),
        (state, is_named): (MoneyState, bool),
        now: DateTime<Utc>,
    ) -> Result<Uuid, Failure> {
        let (payment, known) = (&case.payment, case.money.as_ref());
        let mut sources = Sources::of(evidence.source, now);
        if evidence.source == EvidenceSource::Query {
            // A callback or a confirmation named the receipt that waited for this answer.
            sources.callback = payment.callback_succeeded_at;
            sources.c2b = Some(now).filter(|_| sources.callback.is_none());
        }
        let listed = evidence.listed.as_ref();
        let payer = payer(payment, evidence);
        let id = known.map_or_else(|| self.random.uuid(now), |money| money.id);
        let placing = Placing {
            receipt,
            id,
            short_code: listed.and_then(|listed| listed.short_code.as_deref()),
            amount,
            reference: listed.map_or(&payment.account_reference, |listed| &listed.account_reference),
            payer: &payer,
            at: now,
            is_named,
            sources,
            state,
            subject: Some(subject(payment.id)),
        };
        changed(receipts::place(tx, known, &placing).await?)?;
        if let Some(claim) = known.filter(|money| money.is_claim())
            && (claim.subject != Some(payment.id.0) || state != MoneyState::Matched)
        {
            self.lose_claim(tx, claim, now).await?;
        }
        Ok(id)
    }

    /// The payment for which an operator claimed a receipt awaits another one, and a person must look.
    async fn lose_claim(&self, tx: &mut Tx, claim: &MoneyIn, now: DateTime<Utc>) -> Result<(), Failure> {
        let Some(payment) = claim.subject.map(PaymentId) else { return Ok(()) };
        if settling::lose_receipt(tx, payment, &claim.receipt).await? {
            refunds::store::unname_receipt(tx, payment, &claim.receipt).await?;
        }
        let reason = ReviewReason::ReceiptUsed;
        settling::ask_review(tx, payment, reason).await?;
        let event = NewEvent {
            id: self.random.uuid(now),
            subject: subject(payment),
            at: now,
            source: EvidenceSource::Operator,
            kind: EventKind::from(reason).as_str(),
            code: None,
            receipt: Some(&claim.receipt),
            amount: None,
            detail: Some("it is the receipt of other money than was claimed"),
            body: None,
        };
        Ok(events::insert(tx, &event).await?)
    }

    /// Puts money that is not the price into suspense under a payment that can still be bought.
    pub(super) async fn suspend(
        &self,
        tx: &mut Tx,
        case: &Case,
        evidence: &Evidence,
        (receipt, amount): (&str, Kes),
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let payment = &case.payment;
        changed(settling::add_suspense(tx, payment.id, Expected::from(payment), amount).await?)?;
        let id = self.put(tx, case, evidence, (receipt, amount), (MoneyState::Suspense, true), now).await?;
        // What an operator claimed is booked nowhere.
        if case.money.as_ref().is_none_or(MoneyIn::is_claim) {
            self.book_unplaced(tx, id, amount, now).await?;
        }
        Ok(())
    }

    /// Takes the parts of a payment's price together: the last one, and all that lay in suspense under it.
    pub(super) async fn take_parts(
        &self,
        tx: &mut Tx,
        case: &Case,
        (last, amount): (Uuid, Kes),
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        // What an operator claimed is booked nowhere.
        if case.money.as_ref().is_none_or(MoneyIn::is_claim) {
            self.book_unplaced(tx, last, amount, now).await?;
        }
        let parts = receipts::empty_suspense(tx, subject(case.payment.id), MoneyState::Matched).await?;
        let sum: Kes = parts.iter().map(|part| part.amount).sum();
        changed(sum + amount == case.payment.price)
    }

    /// Owes money that is left over beside a payment to whoever paid it.
    pub(super) async fn owe_receipt(
        &self,
        tx: &mut Tx,
        case: &Case,
        evidence: &Evidence,
        (receipt, amount, from): (&str, Kes, AccountKind),
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let payment = &case.payment;
        let id = self.put(tx, case, evidence, (receipt, amount), (MoneyState::Owed, true), now).await?;
        let owing = Owing {
            payment: Some(payment),
            receipt: Some(receipt),
            msisdn: sure_number(&payer(payment, evidence)),
            amount,
            reason: DebtReason::FurtherReceipt,
            from,
            subject: (SubjectKind::Receipt, id),
        };
        self.owe(tx, &owing, now).await
    }

    /// Owes everything that lay in suspense under a payment, one debt for each receipt.
    pub(super) async fn owe_suspense(
        &self,
        tx: &mut Tx,
        payment: &Payment,
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let left = receipts::empty_suspense(tx, subject(payment.id), MoneyState::Owed).await?;
        changed(left.iter().map(|money| money.amount).sum::<Kes>() == payment.suspense)?;
        for money in &left {
            self.owe_money(tx, Some(payment), money, DebtReason::FurtherReceipt, now).await?;
        }
        Ok(())
    }

    /// Owes the money of a receipt that lay in suspense.
    pub(super) async fn owe_money(
        &self,
        tx: &mut Tx,
        payment: Option<&Payment>,
        money: &MoneyIn,
        reason: DebtReason,
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let owing = Owing {
            payment,
            receipt: Some(&money.receipt),
            msisdn: sure_number(&money.payer),
            amount: money.amount,
            reason,
            from: AccountKind::Suspense,
            subject: (SubjectKind::Receipt, money.id),
        };
        self.owe(tx, &owing, now).await
    }

    /// Makes a debt, books it, and tells the buyer.
    pub(super) async fn owe(
        &self,
        tx: &mut Tx,
        owing: &Owing<'_>,
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let debt = Debt {
            id: self.random.uuid(now),
            payment: owing.payment.map(|payment| payment.id),
            receipt: owing.receipt.map(str::to_owned),
            msisdn: owing.msisdn.clone(),
            owed: owing.amount,
            reason: owing.reason,
            owed_at: now,
            due_at: now + REFUND_WITHIN,
        };
        changed(refunds::store::insert_debt(tx, &debt).await?)?;
        let amounts = vec![(Symbol::X, owing.amount)];
        self.book_receipt(tx, TransferKind::Owed, owing.from, owing.subject, amounts, now).await?;
        let Some(payment) = owing.payment else { return Ok(()) };
        self.tell(tx, payment.buyer_id, NoticeKind::Refund, payment, now).await
    }

    /// Books that the money of a receipt came and fits nothing.
    pub(super) async fn book_unplaced(
        &self,
        tx: &mut Tx,
        money: Uuid,
        amount: Kes,
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let (from, of) = (AccountKind::MpesaCollections, (SubjectKind::Receipt, money));
        self.book_receipt(tx, TransferKind::Unplaced, from, of, vec![(Symbol::X, amount)], now).await
    }

    /// Books a transfer that touches no tipster.
    pub(super) async fn book_receipt(
        &self,
        tx: &mut Tx,
        kind: TransferKind,
        first: AccountKind,
        subject: (SubjectKind, Uuid),
        amounts: Vec<(Symbol, Kes)>,
        made_at: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let id = self.random.uuid(made_at);
        ledger::book(tx, &Movement { id, kind, first, subject, owner: None, amounts, made_at }).await
    }

    /// Puts a notice about a payment before a person.
    pub(super) async fn tell(
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
}

/// What is known of the payer's number: that of our push if its own callback tells, else what is listed.
pub(super) fn payer(payment: &Payment, evidence: &Evidence) -> String {
    let is_of_push = match evidence.source {
        EvidenceSource::Callback => true,
        // It is the second source of a receipt that a callback told.
        EvidenceSource::Query => payment.callback_succeeded_at.is_some(),
        _ => false,
    };
    if is_of_push {
        return payment.msisdn.to_string();
    }
    evidence.listed.as_ref().map(|listed| listed.payer.clone()).unwrap_or_default()
}

/// The number, if the whole of it was told. A mask or a hash proves nothing.
pub(super) fn sure_number(payer: &str) -> Option<Msisdn> {
    payer.parse().ok()
}

/// Turns a write that changed no row into `Failure::Changed`: the rows it was decided on have changed.
pub(super) const fn changed(has_changed: bool) -> Result<(), Failure> {
    if has_changed { Ok(()) } else { Err(Failure::Changed) }
}
