//! What operators do about money that is owed: they send a debt back by hand, and a second person agrees
//! first where it is much or where operators alone saw it come (MONEY §9).

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::engine::Payments;
use super::evidence::EventKind;
use super::manual::{note, read_receipt};
use super::{Payment, messages, store};
use crate::approvals::{self, Interests, Matter, MatterKind};
use crate::audit::{self, Operator, Subject};
use crate::ledger::{self, AccountKind, Movement, SubjectKind, Symbol, TransferKind};
use crate::mpesa::store::receipts;
use crate::platform::db::{Failure, Tx, transaction};
use crate::refunds::{self, DebtReason, OpenDebt};
use crate::types::{AppError, PaymentId};

/// Whoever vouched for a tipster's sale approves nothing about that tipster for so long (MONEY §9).
const SOURCE_WITHIN: TimeDelta = TimeDelta::days(90);

/// A debt, as people name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DebtOf {
    /// The id of its payment, or its own if it is of none.
    pub id: Uuid,
    pub which: WhichDebt,
}

/// Which of a payment's debts is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WhichDebt {
    /// The only one that is open.
    Only,
    /// That of the money which came under this receipt.
    Receipt(String),
    Id(Uuid),
}

impl From<PaymentId> for DebtOf {
    fn from(payment: PaymentId) -> Self {
        Self { id: payment.0, which: WhichDebt::Only }
    }
}

impl Payments {
    /// An operator has sent a debt back by hand, to the number that paid, with this M-Pesa receipt: the debt
    /// is paid and the ledger's refund booked. Above `DESK_ALONE_UP_TO`, and where operators alone said that
    /// the money came, it uses up a second person's approval.
    ///
    /// # Errors
    /// [`AppError::Invalid`] if the text cannot be a receipt; [`AppError::Conflict`] if the receipt is of
    /// another refund or of money that came in, the operator has a part in it, no such debt is open, several
    /// are and none was named, or a second person is missing; a database error.
    pub async fn refunded(
        &self,
        of: impl Into<DebtOf>,
        receipt: &str,
        operator: &Operator,
    ) -> Result<(), Failure> {
        let (now, of) = (self.clock.now(), of.into());
        let event_id = self.random.uuid(now);
        let receipt = read_receipt(receipt)?;
        transaction!(self.db, |tx| {
            if refunds::store::is_marked_paid(tx, of.id, &receipt, now).await? {
                return Ok(());
            }
            if refunds::store::is_used(tx, &receipt).await? {
                return Err(AppError::conflict("This receipt is of another refund.").into());
            }
            if receipts::find(tx, &receipt).await?.is_some() {
                return Err(AppError::conflict("This receipt is of money that came in.").into());
            }
            let (paid, debt) = debt(tx, &of).await?;
            if paid.as_ref().is_some_and(Payment::is_money_gone) {
                return Err(gone_back().into());
            }
            if debt.receipt.is_none() && debt.msisdn.is_none() {
                return Err(AppError::conflict(
                    "Nobody knows who paid this: settle the payment with its right receipt first.",
                )
                .into());
            }
            let interests = interests(tx, operator, paid.as_ref(), &debt, now).await?;
            approvals::check_no_part(operator.person(), &interests)?;
            if debt.owed > self.desk.alone_up_to || !is_proven_by_machine(paid.as_ref(), &debt) {
                let person = operator.person().proven().ok_or_else(needs_a_person)?;
                let is_one_person = self.desk.is_one_person;
                approvals::use_up(tx, &matter(&debt), person, &receipt, is_one_person, now).await?;
            }
            let Some(owed) = refunds::store::mark_paid(tx, debt.id, &receipt, now).await? else {
                return Err(Failure::Changed);
            };
            let refund = Movement {
                id: self.random.uuid(now),
                kind: TransferKind::RefundByHand,
                first: AccountKind::RefundsOwed,
                subject: (SubjectKind::Refund, debt.id),
                owner: None,
                amounts: vec![(Symbol::X, owed)],
                made_at: now,
            };
            ledger::book(tx, &refund).await?;
            if let Some(paid) = &paid {
                let money = Some((receipt.as_str(), owed));
                note(tx, event_id, paid.id, EventKind::Refunded, money, operator, now).await?;
            }
            let (was, is) = (format!("owed {owed}"), format!("paid {receipt}"));
            let change = (Some(was.as_str()), Some(is.as_str()));
            self.record_refund(tx, operator, "refunded", (paid.as_ref(), &debt), change).await
        })
    }

    /// A second person agrees that a debt is sent back by hand.
    ///
    /// # Errors
    /// [`AppError::NotFound`] if there is no such payment; [`AppError::Conflict`] if no such debt is open,
    /// several are and none was named, or the operator may not approve it or has done so already; a database
    /// error.
    pub async fn approve_refund(&self, of: impl Into<DebtOf>, operator: &Operator) -> Result<(), Failure> {
        let (now, of) = (self.clock.now(), of.into());
        transaction!(self.db, |tx| {
            let (paid, debt) = debt(tx, &of).await?;
            let interests = interests(tx, operator, paid.as_ref(), &debt, now).await?;
            let is_one_person = self.desk.is_one_person;
            let by = (operator.person(), &interests);
            let kind = approvals::give(tx, &self.random, &matter(&debt), by, is_one_person, now).await?;
            let agreed = format!("{kind} {}", debt.owed);
            let about = (paid.as_ref(), &debt);
            self.record_refund(tx, operator, "refund_approved", about, (None, Some(&agreed))).await
        })
    }

    /// Notes in the audit what an operator did about a debt, beside its payment if it is of one.
    async fn record_refund(
        &self,
        tx: &mut Tx,
        operator: &Operator,
        action: &'static str,
        (paid, debt): (Option<&Payment>, &OpenDebt),
        change: (Option<&str>, Option<&str>),
    ) -> Result<(), Failure> {
        let about = paid.map_or(Subject::Debt(debt.id), |paid| Subject::Payment(paid.id));
        let deed = operator.deed(self.clock.now(), action, about, change);
        Ok(audit::record(tx, &self.random, &[deed]).await?)
    }
}

fn gone_back() -> AppError {
    AppError::conflict(
        "A statement says that this money went back or never came. Look at it, and clear the review first.",
    )
}

/// The open debt that is meant, with its payment if it is of one. If several are open and none was named, the
/// refusal lists them.
async fn debt(tx: &mut Tx, of: &DebtOf) -> Result<(Option<Payment>, OpenDebt), Failure> {
    let paid = store::case_by_id(tx, PaymentId(of.id), None).await?.map(|case| case.payment);
    let open = refunds::store::open(tx, of.id).await?;
    if paid.is_none() && open.is_empty() {
        return Err(messages::no_such_payment().into());
    }
    let mut meant: Vec<OpenDebt> = open.iter().filter(|debt| is_meant(debt, &of.which)).cloned().collect();
    match (meant.len(), open.len()) {
        (1, _) => Ok((paid, meant.swap_remove(0))),
        (_, 0) => Err(AppError::conflict("Nothing is owed for this payment.").into()),
        (0, _) => Err(AppError::conflict(format!("No such debt is open. {}", listed(&open))).into()),
        _ => Err(AppError::conflict(format!("Several debts are open: say which. {}", listed(&open))).into()),
    }
}

fn is_meant(debt: &OpenDebt, which: &WhichDebt) -> bool {
    match which {
        WhichDebt::Only => true,
        WhichDebt::Receipt(receipt) => debt.receipt.as_ref() == Some(receipt),
        WhichDebt::Id(id) => debt.id == *id,
    }
}

/// Each debt, and what names it to the commands.
fn listed(open: &[OpenDebt]) -> String {
    let line = |debt: &OpenDebt| match &debt.receipt {
        Some(receipt) => format!("{} of {receipt}: --of {receipt}", debt.owed),
        None => format!("{}, whose receipt is awaited: --debt {}", debt.owed, debt.id),
    };
    open.iter().map(line).collect::<Vec<_>>().join("; ")
}

/// Whether a machine said that the money came, and not operators alone. A further receipt has no other
/// source.
fn is_proven_by_machine(paid: Option<&Payment>, debt: &OpenDebt) -> bool {
    matches!(debt.reason, DebtReason::FurtherReceipt | DebtReason::Returned)
        || paid.is_some_and(|paid| {
            [paid.callback_succeeded_at, paid.query_succeeded_at, paid.statement_succeeded_at]
                .iter()
                .any(Option::is_some)
        })
}

/// What a member of staff may have to do with a refund.
async fn interests(
    tx: &mut Tx,
    operator: &Operator,
    paid: Option<&Payment>,
    debt: &OpenDebt,
    now: DateTime<Utc>,
) -> Result<Interests, Failure> {
    let (since, person) = (now - SOURCE_WITHIN, operator.person().id());
    let is_source = match paid {
        Some(paid) => store::is_source(tx, person, paid.tipster_id, since).await?,
        None => false,
    };
    Ok(Interests {
        payee: paid.map(|paid| paid.buyer_id),
        payee_msisdn: debt.msisdn.clone(),
        tipster: paid.map(|paid| paid.tipster_id),
        asked_by: None,
        is_source,
    })
}

/// What is owed, as a second person approves it: to the number that paid or, where that is not known for
/// sure, to whoever paid this receipt.
fn matter(debt: &OpenDebt) -> Matter {
    let number = debt.msisdn.as_ref().map(ToString::to_string);
    let payee = number.or_else(|| debt.receipt.clone()).unwrap_or_default();
    // A debt never changes, so it has one version.
    Matter { kind: MatterKind::Refund, id: debt.id.to_string(), version: 1, amount: debt.owed, payee }
}

fn needs_a_person() -> AppError {
    AppError::conflict(
        "So much is sent back by somebody who gave their own password, with a second person's approval.",
    )
}
