//! The one place where money is booked. Whatever is learnt about a payment (callback, query, operator, push)
//! comes here as evidence, and one transaction records it, moves the status by compare-and-set, claims the
//! receipt, makes the purchase or the debt, and writes the ledger (MONEY §1).

use chrono::{DateTime, TimeDelta, Utc};

use super::service::Payments;
use super::store::events::NewEvent;
use super::store::{self, Completion, Settlement};
use super::{FIRST_QUERY_AFTER, Payment, ReviewReason, Status};
use crate::ledger::{self, Account, Transfer, TransferKind};
use crate::notices::{self, NewNotice, NoticeKind};
use crate::platform::clock::delta;
use crate::platform::db::{Failure, Tx};
use crate::refunds::{self, Debt, DebtReason, REFUND_WITHIN};
use crate::tips::TipStatus;
use crate::tips::store::{NewPurchase, insert_purchase};
use crate::types::{CallbackId, Kes, PersonId};

/// After a callback's success a query is asked as the second source, when the rush is over.
const CONFIRM_AFTER: TimeDelta = TimeDelta::minutes(10);

/// Who says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EvidenceSource {
    Push,
    Callback,
    Query,
    C2b,
    Statement,
    Operator,
}

impl EvidenceSource {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Push => "push",
            Self::Callback => "callback",
            Self::Query => "query",
            Self::C2b => "c2b",
            Self::Statement => "statement",
            Self::Operator => "operator",
        }
    }
}

/// What is said, after it was judged against the payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The money was paid. All but a query name the receipt.
    Paid { receipt: Option<String> },
    /// The same, from where it cannot be trusted alone: kept until a second source agrees.
    Unconfirmed { receipt: String },
    /// It was not, for good.
    NotPaid { code: String, description: String, status: Status },
    /// A person must look.
    Review(ReviewReason),
    /// Worth keeping, decides nothing.
    Inconclusive(&'static str),
}

/// One fact, ready to be booked.
#[derive(Debug, Clone)]
pub struct Evidence {
    pub source: EvidenceSource,
    pub says: Verdict,
    pub code: Option<String>,
    pub amount: Option<Kes>,
    pub receipt: Option<String>,
    pub detail: Option<String>,
    pub callback: Option<CallbackId>,
    /// The operator's name.
    pub by: Option<String>,
}

impl Evidence {
    pub fn new(source: EvidenceSource, says: Verdict) -> Self {
        Self { source, says, code: None, amount: None, receipt: None, detail: None, callback: None, by: None }
    }
}

impl Payments {
    /// Books evidence about a payment inside the caller's transaction. `case` was read in the same
    /// transaction. `Failure::Changed` asks for the transaction to run again, on what the rows say now.
    pub(super) async fn settle(
        &self,
        tx: &mut Tx,
        case: &Settlement,
        evidence: &Evidence,
    ) -> Result<(), Failure> {
        let now = self.clock.now();
        let kind = match &evidence.says {
            Verdict::Paid { receipt } => self.paid(tx, case, evidence, receipt.as_deref(), now).await?,
            Verdict::Unconfirmed { receipt } => self.paid_perhaps(tx, case, evidence, receipt, now).await?,
            Verdict::NotPaid { .. } => not_paid(tx, case, evidence, now).await?,
            Verdict::Review(reason) => doubt(tx, case, *reason).await?,
            Verdict::Inconclusive(kind) => kind,
        };
        let event = NewEvent {
            id: self.random.uuid(now),
            payment: case.payment.id,
            at: now,
            source: evidence.source.as_str(),
            kind,
            code: evidence.code.as_deref(),
            receipt: evidence.receipt.as_deref(),
            amount: evidence.amount,
            detail: evidence.detail.as_deref(),
            callback: evidence.callback,
        };
        super::store::events::insert_event(tx, &event).await?;
        tracing::info!(payment.id = %case.payment.id, source = event.source, kind, "evidence booked");
        Ok(())
    }

    async fn paid(
        &self,
        tx: &mut Tx,
        case: &Settlement,
        evidence: &Evidence,
        receipt: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<&'static str, Failure> {
        let payment = &case.payment;
        if case.receipt_owner.is_some_and(|owner| owner != payment.id) {
            return doubt(tx, case, ReviewReason::ReceiptUsed).await;
        }
        if payment.status == Status::Completed {
            return again(tx, case, evidence, receipt, now).await;
        }
        if evidence.source == EvidenceSource::Query
            && payment.review_reason.is_some()
            && payment.waiting_receipt.is_none()
        {
            // A query knows neither amount nor receipt: it cannot clear the doubt that a callback raised.
            return Ok("paid_under_review");
        }
        // The second source lets in the receipt that waited for it.
        let receipt = receipt.or(payment.waiting_receipt.as_deref());
        let blocked = why_owed(case, now);
        let completion = Completion {
            payment: payment.id,
            outcome: if blocked.is_some() { "owed" } else { "unlocked" },
            receipt,
            source: evidence.source,
            by: evidence.by.as_deref(),
            // Asked again when a second source is still wanted.
            next_check_at: (evidence.source != EvidenceSource::Query)
                .then(|| now.max(payment.pushed_at + FIRST_QUERY_AFTER) + CONFIRM_AFTER),
            at: now,
            seen: (payment.review_reason.as_deref(), payment.waiting_receipt.as_deref()),
        };
        if !store::complete(tx, &completion).await? {
            return Err(Failure::Changed);
        }
        if let Some(receipt) = receipt
            && !store::claim_receipt(tx, receipt, payment.id).await?
        {
            return Err(Failure::Changed);
        }
        match blocked {
            None => self.book_sale(tx, case, now).await.map(|()| "unlocked"),
            Some(reason) => self.book_debt(tx, case, reason, now).await.map(|()| "owed"),
        }
    }

    /// A success that must not settle alone: if a second source agrees already it does, else that source is
    /// asked for.
    async fn paid_perhaps(
        &self,
        tx: &mut Tx,
        case: &Settlement,
        evidence: &Evidence,
        receipt: &str,
        now: DateTime<Utc>,
    ) -> Result<&'static str, Failure> {
        if case.payment.status == Status::Completed {
            return self.paid(tx, case, evidence, Some(receipt), now).await;
        }
        let check_at = now.max(case.payment.pushed_at + FIRST_QUERY_AFTER);
        let callback_at = (evidence.source == EvidenceSource::Callback).then_some(now);
        store::wait_for_second_source(tx, case.payment.id, receipt, check_at, callback_at).await?;
        Ok("waits_for_second_source")
    }

    async fn book_sale(&self, tx: &mut Tx, case: &Settlement, now: DateTime<Utc>) -> Result<(), Failure> {
        let payment = &case.payment;
        let (price, share) = (payment.price_cents, payment.price_cents.share(payment.share_bps));
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
        if !insert_purchase(tx, &purchase).await? {
            return Err(Failure::Changed);
        }
        let entries = vec![
            (Account::MpesaCollections, -price),
            (Account::PlatformRevenue, price - share),
            (Account::TipsterHeld(payment.tipster_id), share),
        ];
        let transfer = Transfer {
            id: self.random.uuid(now),
            kind: TransferKind::Sale,
            payment: payment.id,
            made_at: now,
            entries,
        };
        ledger::book(tx, transfer).await?;
        self.tell(tx, payment.tipster_id, NoticeKind::Sale, payment, now).await
    }

    async fn book_debt(
        &self,
        tx: &mut Tx,
        case: &Settlement,
        reason: DebtReason,
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let payment = &case.payment;
        let debt = Debt {
            payment: payment.id,
            msisdn: payment.msisdn.clone(),
            owed: payment.price_cents,
            reason,
            owed_at: now,
            due_at: now + REFUND_WITHIN,
        };
        if !refunds::store::insert_debt(tx, &debt).await? {
            return Err(Failure::Changed);
        }
        let entries = vec![(Account::MpesaCollections, -debt.owed), (Account::RefundsOwed, debt.owed)];
        let transfer = Transfer {
            id: self.random.uuid(now),
            kind: TransferKind::Debt,
            payment: payment.id,
            made_at: now,
            entries,
        };
        ledger::book(tx, transfer).await?;
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
}

/// A success for a payment that is completed already: the same one again, the receipt that was missing, or a
/// second one.
async fn again(
    tx: &mut Tx,
    case: &Settlement,
    evidence: &Evidence,
    receipt: Option<&str>,
    now: DateTime<Utc>,
) -> Result<&'static str, Failure> {
    let payment = &case.payment;
    let new = match (receipt, payment.receipt.as_deref()) {
        (Some(new), Some(known)) if new != known => {
            return doubt(tx, case, ReviewReason::SecondReceipt).await;
        }
        (Some(new), None) => Some(new),
        _ => None,
    };
    store::remember_source(tx, payment.id, evidence.source, evidence.by.as_deref(), now).await?;
    let Some(receipt) = new else { return Ok("confirmed") };
    if !store::fill_in_receipt(tx, payment.id, receipt).await?
        || !store::claim_receipt(tx, receipt, payment.id).await?
    {
        return Err(Failure::Changed);
    }
    Ok("receipt_filled_in")
}

async fn not_paid(
    tx: &mut Tx,
    case: &Settlement,
    evidence: &Evidence,
    now: DateTime<Utc>,
) -> Result<&'static str, Failure> {
    let Verdict::NotPaid { code, description, status } = &evidence.says else { return Ok("noted") };
    let by_operator = evidence.source == EvidenceSource::Operator;
    let has_ended =
        store::end_unpaid(tx, case.payment.id, *status, code, description, now, by_operator).await?;
    Ok(match (has_ended, case.payment.status) {
        (true, _) => status.as_str(),
        (false, Status::Completed) => "contradicted",
        (false, _) => "noted",
    })
}

async fn doubt(tx: &mut Tx, case: &Settlement, reason: ReviewReason) -> Result<&'static str, Failure> {
    store::ask_review(tx, case.payment.id, reason).await?;
    Ok(reason.as_str())
}

/// Why a payment can buy nothing at this moment, if so.
fn why_owed(case: &Settlement, now: DateTime<Utc>) -> Option<DebtReason> {
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
