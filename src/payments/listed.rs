//! Money that Safaricom lists under our short code, by a confirmation, a line of the statement, or what is pulled:
//! it is known by its receipt first, and by its reference second (MONEY §6).

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::decide::{Case, Decision};
use super::engine::Payments;
use super::evidence::{EventKind, Evidence, Listed, UnpaidCause, Verdict};
use super::place::changed;
use super::reference::{is_near, letters_and_digits, without_prefix};
use super::store::{self, lists};
use crate::audit::Operator;
use crate::mpesa::events::EvidenceSource;
use crate::mpesa::receipts::{MoneyState, Placing, Sources};
use crate::mpesa::store::receipts;
use crate::platform::db::{Db, Failure, Tx, transaction};
use crate::platform::money_mode;
use crate::types::{CallbackId, Kes, PaymentId};

/// What a reference is compared with: payments of so long, which are not completed.
const NEAR_WITHIN: TimeDelta = TimeDelta::hours(48);

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

impl Placed {
    fn of(decision: &Decision<'_>, listed: &Listed, price: Kes) -> Self {
        match decision {
            // What is awaited waits for a second source.
            Decision::Complete { .. } | Decision::Name { .. } | Decision::Await { .. } => Self::Matched,
            Decision::Confirm | Decision::Known => Self::Known,
            Decision::Owe { .. } => Self::Owed,
            Decision::Suspend { .. } if listed.amount < price => Self::AmountUnder,
            Decision::Suspend { .. } => Self::AmountOver,
            Decision::End(_) | Decision::Review(_) | Decision::Note(_) => Self::Unclear,
        }
    }
}

impl Payments {
    /// Books money that Safaricom lists. `source` is `C2b` or `Statement`. Money from a source that is not
    /// trusted alone waits for a second source. Booking the same line again changes nothing. `by` imports the
    /// statement; Safaricom itself needs nobody.
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
        let placed: Placed =
            transaction!(self.db, |tx| self.place_listed(tx, source, listed, is_trusted, None, by).await)?;
        if placed != Placed::Unknown {
            return Ok(placed);
        }
        let near = near(&self.db, listed.amount, &listed.account_reference, self.clock.now()).await?;
        Ok(if near.len() == 1 { Placed::Unclear } else { placed })
    }

    /// The same in the transaction of its caller, who may keep the body that told it. What only nearly names a
    /// payment is `Unknown` here.
    pub(super) async fn place_listed(
        &self,
        tx: &mut Tx,
        source: EvidenceSource,
        listed: &Listed,
        is_trusted: bool,
        body: Option<CallbackId>,
        by: Option<&Operator>,
    ) -> Result<Placed, Failure> {
        // What was paid to somebody else says nothing about our payments.
        let is_ours = self.is_ours(tx, listed.short_code.as_deref()).await?;
        let case = if is_ours { self.case_of(tx, listed).await? } else { None };
        let Some(case) = case else {
            return self.put_aside(tx, source, listed, (is_ours, is_trusted)).await;
        };
        let says = judge(&case, listed, is_trusted);
        let mut evidence = Evidence::new(source, says);
        evidence.amount = Some(listed.amount);
        evidence.receipt = Some(listed.receipt.clone());
        evidence.listed = Some(listed.clone());
        evidence.callback = body;
        let placed = Placed::of(&self.settle(tx, &case, &evidence).await?, listed, case.payment.price);
        if let Some(operator) = by {
            let change = (Some(case.payment.status.as_str()), Some(listed.receipt.as_str()));
            self.record_deed(tx, operator, "statement_imported", case.payment.id, change).await?;
        }
        Ok(placed)
    }

    /// Ends a pending payment that a statement, complete for its time, does not list. Returns false if the
    /// payment has ended meanwhile, is under review, has a waiting receipt, or if money of its price came since
    /// its push that names nothing: then only the fact is noted.
    ///
    /// # Errors
    /// [`AppError::NotFound`](crate::types::AppError::NotFound) if there is no such payment;
    /// [`Failure::Changed`] if other processes kept changing it; a database error.
    pub async fn book_unlisted(&self, payment: PaymentId, by: Option<&Operator>) -> Result<bool, Failure> {
        transaction!(self.db, |tx| {
            let case = store::case_by_id(tx, payment, None).await?;
            let case = case.ok_or_else(super::messages::no_such_payment)?;
            let (pushed_at, price) = (case.payment.pushed_at, case.payment.price);
            let says = if receipts::unplaced_since(tx, pushed_at, price).await? {
                Verdict::Inconclusive(EventKind::Noted)
            } else {
                Verdict::NotPaid(UnpaidCause::NotListed)
            };
            let evidence = Evidence::new(EvidenceSource::Statement, says);
            let has_ended = matches!(self.settle(tx, &case, &evidence).await?, Decision::End(_));
            if let Some(operator) = by {
                let change = (Some(case.payment.status.as_str()), Some("not listed"));
                self.record_deed(tx, operator, "statement_imported", case.payment.id, change).await?;
            }
            Ok(has_ended)
        })
    }

    /// The payment that listed money is of: the one under its reference, or else under its receipt.
    async fn case_of(&self, tx: &mut Tx, listed: &Listed) -> Result<Option<Case>, Failure> {
        let receipt = Some(listed.receipt.as_str());
        let letters = letters_and_digits(&listed.account_reference);
        let typed = Some(letters.as_str()).filter(|letters| !letters.is_empty());
        for reference in typed.into_iter().chain(without_prefix(&letters)) {
            if let Some(case) = store::case_by_reference(tx, reference, receipt).await? {
                return Ok(Some(case));
            }
        }
        let known = receipts::find(tx, &listed.receipt).await?;
        let Some(payment) = known.and_then(|money| money.subject).map(PaymentId) else { return Ok(None) };
        Ok(store::case_by_id(tx, payment, receipt).await?)
    }

    /// Whether money was paid to us: to a short code of the settings or one that the database has seen before, or
    /// the source names none.
    pub(super) async fn is_ours(&self, tx: &mut Tx, short_code: Option<&str>) -> Result<bool, Failure> {
        let Some(code) = short_code else { return Ok(true) };
        if self.short_codes.iter().any(|own| own == code) {
            return Ok(true);
        }
        Ok(money_mode::remembered(tx).await?.has_seen(code))
    }

    /// Keeps money in suspense that names no payment of ours. What is not trusted alone is no money yet.
    async fn put_aside(
        &self,
        tx: &mut Tx,
        source: EvidenceSource,
        listed: &Listed,
        (is_ours, is_trusted): (bool, bool),
    ) -> Result<Placed, Failure> {
        let now = self.clock.now();
        if let Some(money) = receipts::find(tx, &listed.receipt).await? {
            let is_same = is_ours && money.amount == listed.amount;
            if is_same && is_trusted {
                receipts::remember_source(tx, &listed.receipt, source, &listed.payer, now).await?;
            }
            return Ok(if is_same { Placed::Known } else { Placed::Unclear });
        }
        if !is_trusted {
            return Ok(Placed::Unclear);
        }
        let placing = Placing {
            receipt: &listed.receipt,
            id: self.random.uuid(now),
            short_code: listed.short_code.as_deref(),
            amount: listed.amount,
            reference: &listed.account_reference,
            payer: &listed.payer,
            at: now,
            is_named: true,
            sources: Sources::of(source, now),
            state: MoneyState::Suspense,
            subject: None,
        };
        changed(receipts::place(tx, None, &placing).await?)?;
        self.book_unplaced(tx, placing.id, listed.amount, now).await?;
        Ok(if is_ours { Placed::Unknown } else { Placed::OtherShortCode })
    }
}

/// The payments of this amount, pushed in the two days before `at` and not completed, that a reference nearly
/// names. A person decides whether it is of one of them.
///
/// # Errors
/// A database error.
pub async fn near(
    db: &Db,
    amount: Kes,
    reference: &str,
    at: DateTime<Utc>,
) -> Result<Vec<PaymentId>, sqlx::Error> {
    if reference.is_empty() {
        return Ok(Vec::new());
    }
    let open = lists::open_at_price(db, amount, at - NEAR_WITHIN).await?;
    let near = open.into_iter().filter(|(_, ours)| is_near(reference, ours));
    Ok(near.map(|(payment, _)| payment).collect())
}

/// What listed money says of its payment. What is not trusted alone settles nothing, and is no part of a price.
fn judge(case: &Case, listed: &Listed, is_trusted: bool) -> Verdict {
    let receipt = listed.receipt.clone();
    match (listed.amount == case.payment.price, is_trusted) {
        (true, true) => Verdict::Paid { receipt: Some(receipt) },
        (true, false) => Verdict::Unconfirmed { receipt },
        (false, true) => Verdict::OtherAmount { receipt, amount: listed.amount },
        (false, false) => Verdict::Inconclusive(EventKind::FromElsewhere),
    }
}
