//! Money that waits without a place: it is owed back when nothing can be bought with it any more, and whoever runs
//! the house hears of what waits too long (MONEY §6).

use chrono::TimeDelta;

use super::Status;
use super::engine::Payments;
use super::place::changed;
use super::store::settling::{self, Expected};
use super::store::{self, lists};
use crate::mpesa::store::receipts::{self, MoneyRow};
use crate::platform::db::{Failure, transaction};
use crate::refunds::DebtReason;
use crate::types::{Kes, PaymentId};

const AT_ONCE: i64 = 500;
/// Money that has no place, or is awaited, for so long is a matter for a person.
const TOO_LONG: TimeDelta = TimeDelta::days(3);

impl Payments {
    /// Owes what lies in suspense under payments that can buy nothing any more, and what has named nothing of
    /// ours for `SUSPENSE_RETURN_DAYS`. Returns how many payments and receipts that were. One that fails is
    /// logged and stays.
    ///
    /// # Errors
    /// A database error if the work cannot be read.
    pub async fn sweep_suspense(&self) -> Result<usize, Failure> {
        let mut done = 0;
        for payment in lists::with_suspense(&self.db, self.clock.now(), AT_ONCE).await? {
            match self.sweep(payment).await {
                Ok(is_owed) => done += usize::from(is_owed),
                Err(failure) => tracing::error!(%payment, %failure, "suspense could not be swept"),
            }
        }
        let days = self.rules.suspense_return_days;
        if days == 0 {
            return Ok(done);
        }
        let told_by = self.clock.now() - TimeDelta::days(days);
        for money in receipts::old_suspense(&self.db, told_by, AT_ONCE).await? {
            match self.give_up(&money).await {
                Ok(is_owed) => done += usize::from(is_owed),
                Err(failure) => tracing::error!(%failure, "suspense could not be given up"),
            }
        }
        Ok(done)
    }

    async fn sweep(&self, payment: PaymentId) -> Result<bool, Failure> {
        let now = self.clock.now();
        transaction!(self.db, |tx| {
            let Some(case) = store::case_by_id(tx, payment, None).await? else { return Ok(false) };
            let is_over = case.payment.status == Status::Completed || case.why_owed(now).is_some();
            if case.payment.suspense == Kes::ZERO || !is_over {
                return Ok(false);
            }
            changed(settling::clear_suspense(tx, payment, Expected::from(&case.payment)).await?)?;
            self.owe_suspense(tx, &case.payment, now).await?;
            Ok(true)
        })
    }

    /// Owes money that named nothing. Not what was paid to a short code that is not ours, and not what may be the
    /// receipt that a payment awaits: a person chooses.
    async fn give_up(&self, told: &MoneyRow) -> Result<bool, Failure> {
        let now = self.clock.now();
        transaction!(self.db, |tx| {
            if !self.is_ours(tx, told.short_code.as_deref()).await?
                || lists::is_awaited(tx, told.amount_cents).await?
                || !receipts::owe(tx, &told.receipt).await?
            {
                return Ok(false);
            }
            let Some(money) = receipts::find(tx, &told.receipt).await? else { return Ok(false) };
            self.owe_money(tx, None, &money, DebtReason::Returned, now).await?;
            Ok(true)
        })
    }

    /// Says aloud how much has waited too long: receipts in suspense, and payments of which no machine has named
    /// the receipt. Returns how many there are.
    ///
    /// # Errors
    /// A database error.
    pub async fn tell_of_old_money(&self) -> Result<usize, Failure> {
        let since = self.clock.now() - TOO_LONG;
        let suspense = match self.rules.suspense_return_days {
            0 => 0,
            _ => receipts::count_suspense(&self.db, since).await?,
        };
        let awaited = lists::count_awaiting(&self.db, since).await?;
        if suspense > 0 {
            tracing::error!(suspense, alarm = true, "money has been in suspense for over three days");
        }
        if awaited > 0 {
            tracing::error!(awaited, alarm = true, "payments have awaited their receipt for over three days");
        }
        Ok(usize::try_from(suspense + awaited).unwrap_or(usize::MAX))
    }
}
