//! What each line of a statement is, compared with our books, and what it does to them (MONEY §6).
//!
//! Money that came in is booked like money that Safaricom confirms. A line that says that money went back, or
//! never came, books nothing: it marks the payment that has the money, which then waits for a person.

use super::engine::Payments;
use super::evidence::{EventKind, Listed};
use super::listed::Placed;
use super::store::{self, settling};
use super::{Payment, ReviewReason, Status, subject};
use crate::audit::Operator;
use crate::daraja::{LineState, StatementLine};
use crate::mpesa::events::{EvidenceSource, NewEvent};
use crate::mpesa::receipts::{MoneyIn, MoneyState};
use crate::mpesa::store::{events, receipts};
use crate::platform::db::{Failure, Tx, transaction};
use crate::refunds;
use crate::types::{Kes, PaymentId, text_enum};

text_enum! {
    /// What a line of a statement is. Each line is exactly one of these.
    pub enum LineClass {
        /// It settled a payment, or is known.
        Matched = "matched",
        /// Further money of a payment: owed to whoever paid it.
        Owed = "owed",
        /// Less than the price of the payment that it names.
        AmountUnder = "amount_under",
        /// More than the price of the payment that it names.
        AmountOver = "amount_over",
        /// Money of no payment of ours.
        TheirsOnly = "theirs_only",
        /// Nobody can say what it does without looking.
        Unclear = "unclear",
        /// Money that we booked never moved, it says.
        Contradicts = "contradicts",
        /// Money that we booked went back.
        Reversal = "reversal",
        /// A charge under the receipt of money that we booked.
        Charge = "charge",
        /// Withdrawals, sweeps, and what has nothing to do with us.
        OtherMoney = "other_money",
    }
}

impl LineClass {
    /// Whether a person must look.
    pub const fn needs_person(self) -> bool {
        matches!(self, Self::TheirsOnly | Self::Unclear | Self::Contradicts | Self::Reversal)
    }

    /// Whether the line is money that came in and has found no payment.
    pub const fn is_unplaced(self) -> bool {
        matches!(self, Self::TheirsOnly | Self::Unclear | Self::AmountUnder | Self::AmountOver)
    }
}

impl Payments {
    /// Books a line of money that came in. Returns what it is, and whether this is new to us. `short_code` is
    /// the account that the statement is of, if that is known. Booking it again changes nothing.
    ///
    /// # Errors
    /// [`Failure::Changed`] if other processes kept changing the payment, or a database error.
    pub async fn book_line(
        &self,
        line: &StatementLine,
        short_code: Option<&str>,
        by: &Operator,
    ) -> Result<(LineClass, bool), Failure> {
        // A reference of ours decides, wherever in the line it stands.
        let named = self.named_by(line).await?;
        let ours = named.as_ref().map(|payment| payment.account_reference.clone());
        let listed = Listed {
            receipt: line.receipt.clone(),
            amount: line.paid_in,
            account_reference: ours.unwrap_or_else(|| line.account_reference.clone()),
            short_code: short_code.map(str::to_owned),
            payer: String::new(),
        };
        let placed = self.book_listed(EvidenceSource::Statement, &listed, true, Some(by)).await?;
        let class = match placed {
            Placed::Matched => LineClass::Matched,
            Placed::Known => self.class_of_known(line, named.as_ref()).await?,
            Placed::Owed => LineClass::Owed,
            Placed::AmountUnder => LineClass::AmountUnder,
            Placed::AmountOver => LineClass::AmountOver,
            Placed::Unknown | Placed::OtherShortCode => LineClass::TheirsOnly,
            Placed::Unclear => LineClass::Unclear,
        };
        Ok((class, placed != Placed::Known))
    }

    /// What a line is whose money was told before: it is where it was put then.
    async fn class_of_known(
        &self,
        line: &StatementLine,
        named: Option<&Payment>,
    ) -> Result<LineClass, Failure> {
        let known = transaction!(self.db, |tx| Ok::<_, Failure>(receipts::find(tx, &line.receipt).await?))?;
        Ok(match known.map(|money| (money.state, money.subject)) {
            Some((MoneyState::Suspense, None)) => LineClass::TheirsOnly,
            Some((MoneyState::Suspense, Some(_))) => {
                let is_under = named.is_some_and(|payment| line.paid_in < payment.price);
                if is_under { LineClass::AmountUnder } else { LineClass::AmountOver }
            }
            Some((MoneyState::Owed, _)) => LineClass::Owed,
            Some((MoneyState::Returned, _)) => LineClass::Reversal,
            Some((MoneyState::Matched, _)) | None => LineClass::Matched,
        })
    }

    /// Says what a line is that is no money that came in, and marks the payment whose money it says is gone.
    /// Judging it again changes nothing.
    ///
    /// # Errors
    /// A database error.
    pub async fn judge_line(&self, line: &StatementLine, by: &Operator) -> Result<LineClass, Failure> {
        let named = self.named_by(line).await?;
        transaction!(self.db, |tx| {
            let (class, marked) = classify(tx, line, named.as_ref()).await?;
            match marked {
                Some((Some(payment), receipt)) => {
                    self.mark(tx, class, payment, (&receipt, line), by).await?;
                }
                // It is of no payment, and is not owed to anybody from now on.
                Some((None, receipt)) => receipts::reverse(tx, &receipt, self.clock.now()).await?,
                None => {}
            }
            Ok(class)
        })
    }

    /// The payment whose reference stands in a line.
    async fn named_by(&self, line: &StatementLine) -> Result<Option<Payment>, Failure> {
        let references = line.references();
        if references.is_empty() {
            return Ok(None);
        }
        let mut found = store::statements::by_references(&self.db, &references).await?;
        found.sort_by_key(|payment| references.iter().position(|it| *it == payment.account_reference));
        Ok(found.into_iter().next())
    }

    /// Marks a payment for a person, once for each receipt and kind, with the fact why.
    async fn mark(
        &self,
        tx: &mut Tx,
        class: LineClass,
        payment: PaymentId,
        (receipt, line): (&str, &StatementLine),
        by: &Operator,
    ) -> Result<(), Failure> {
        let is_reversal = class == LineClass::Reversal;
        let reason = if is_reversal { ReviewReason::Reversed } else { ReviewReason::Contradicted };
        let kind = EventKind::from(reason).as_str();
        if events::is_noted(tx, subject(payment), kind, receipt).await? {
            return Ok(());
        }
        settling::ask_review(tx, payment, reason).await?;
        let at = self.clock.now();
        let detail = format!("line {}: {} {}", line.line, line.receipt, line.status);
        let event = NewEvent {
            id: self.random.uuid(at),
            subject: subject(payment),
            at,
            source: EvidenceSource::Statement,
            kind,
            code: None,
            receipt: Some(receipt),
            amount: Some(line.paid_in.max(line.withdrawn)),
            detail: Some(&detail),
            body: None,
        };
        events::insert(tx, &event).await?;
        self.record_deed(tx, by, "statement_imported", payment, (None, Some(reason.as_str()))).await
    }
}

/// What a line is that is no money that came in. If it says that money of a payment is gone: whose, and under
/// which receipt.
async fn classify(
    tx: &mut Tx,
    line: &StatementLine,
    named: Option<&Payment>,
) -> Result<(LineClass, Option<(Option<PaymentId>, String)>), Failure> {
    let is_both = line.paid_in > Kes::ZERO && line.withdrawn > Kes::ZERO;
    if line.state == LineState::Unclear || is_both {
        return Ok((LineClass::Unclear, None));
    }
    let own = receipts::find(tx, &line.receipt).await?;
    if line.withdrawn > Kes::ZERO {
        return withdrawal(tx, line, own.as_ref()).await;
    }
    let class = match line.state {
        LineState::Reversed => LineClass::Reversal,
        LineState::NotPaid => LineClass::Contradicts,
        // It moved nothing.
        LineState::Completed | LineState::Unclear => return Ok((LineClass::OtherMoney, None)),
    };
    let receipt = line.receipt.clone();
    if let Some(told) = own {
        return Ok((class, Some((told.subject.map(PaymentId), receipt))));
    }
    Ok(match named {
        // Its money was booked before any machine named its receipt.
        Some(payment) if payment.status == Status::Completed && payment.receipt.is_none() => {
            (class, Some((Some(payment.id), receipt)))
        }
        // Money that came and went unseen by us.
        Some(_) if class == LineClass::Reversal => (LineClass::Unclear, None),
        _ => (LineClass::OtherMoney, None),
    })
}

/// What a line is under which money went out. Under the receipt of money that came in, less of it is a charge.
/// Under its own, as much as came in under a receipt that it names is that money's way back.
async fn withdrawal(
    tx: &mut Tx,
    line: &StatementLine,
    own: Option<&MoneyIn>,
) -> Result<(LineClass, Option<(Option<PaymentId>, String)>), Failure> {
    if let Some(told) = own {
        let is_charge = line.withdrawn < told.amount;
        return Ok((if is_charge { LineClass::Charge } else { LineClass::Unclear }, None));
    }
    if line.state != LineState::Completed || refunds::store::is_used(tx, &line.receipt).await? {
        return Ok((LineClass::OtherMoney, None));
    }
    for receipt in line.other_receipts() {
        let Some(told) = receipts::find(tx, receipt).await? else { continue };
        if line.withdrawn != told.amount {
            return Ok((LineClass::Unclear, None));
        }
        return Ok((LineClass::Reversal, Some((told.subject.map(PaymentId), receipt.to_owned()))));
    }
    Ok((LineClass::OtherMoney, None))
}
