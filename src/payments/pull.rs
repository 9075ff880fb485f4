//! Pull Transactions: Safaricom is asked what came in, where that product is enabled (`MPESA_PULL`). It names
//! receipts, amounts, references and often the whole number of the payer. It knows no states and no money that
//! went out, so it is a source for what it lists, and its silence says nothing (MONEY §6).

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};

use super::engine::Payments;
use super::evidence::Listed;
use super::listed::Placed;
use crate::audit::{self, Operator, Subject};
use crate::daraja::Pulled;
use crate::jobs::Work;
use crate::mpesa::events::EvidenceSource;
use crate::platform::db::{Failure, transaction};
use crate::platform::lease::Held;
use crate::types::{AppError, Msisdn};

/// Safaricom tells no more.
const TOLD_FOR: TimeDelta = TimeDelta::hours(48);
/// What is told late is found by the next questions: they go back beyond what was asked before.
const OVERLAP: TimeDelta = TimeDelta::hours(2);
/// The most pages of one round. More are an error, for then something is wrong.
const PAGES_MAX: usize = 1_000;

/// Asks what came in. It is safe beside another process's: booking a transaction again changes nothing.
pub struct Pulls {
    payments: Payments,
    /// Until when this process has asked; at first nothing is known, and everything is asked.
    asked_until: Mutex<Option<DateTime<Utc>>>,
}

impl Pulls {
    /// The work of asking.
    pub const fn new(payments: Payments) -> Self {
        Self { payments, asked_until: Mutex::new(None) }
    }
}

#[async_trait]
impl Work for Pulls {
    fn kind(&self) -> &'static str {
        "pulls"
    }

    fn every(&self) -> Duration {
        Duration::from_mins(30)
    }

    async fn round(&self, _held: Held) -> Result<usize, Failure> {
        let until = self.payments.clock.now();
        let last = *self.asked_until.lock().unwrap_or_else(PoisonError::into_inner);
        let from = last.map_or(until - TOLD_FOR, |last| (last - OVERLAP).max(until - TOLD_FOR));
        let placed = self.payments.pull(from, until).await?;
        *self.asked_until.lock().unwrap_or_else(PoisonError::into_inner) = Some(until);
        Ok(placed)
    }
}

impl Payments {
    /// Whether Safaricom is asked what came in (`MPESA_PULL`).
    pub const fn is_pulling(&self) -> bool {
        self.callbacks.pull
    }

    /// Has Safaricom answer what came in; who wants it is noted before.
    ///
    /// # Errors
    /// The `DarajaError` with which the call ended, or a database error.
    pub async fn register_pull(&self, phone: &Msisdn, operator: &Operator) -> anyhow::Result<()> {
        let deed = operator.deed(self.clock.now(), "pull_registered", Subject::C2bAddresses, (None, None));
        let noted: Result<(), Failure> =
            transaction!(self.db, |tx| Ok(audit::record(tx, &self.random, &[deed]).await?));
        noted?;
        Ok(self.daraja.register_pull(phone, &self.callback_base).await?)
    }

    /// Asks what came in from one moment to another, page by page, and books each payment. Returns how many
    /// settled something or were new to us.
    ///
    /// # Errors
    /// [`AppError::Busy`] if Safaricom gives no answer, or more than it can have; a database error. What was
    /// booked before stays booked.
    pub async fn pull(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> Result<usize, Failure> {
        let mut seen = HashSet::new();
        let (mut offset, mut placed) = (0, 0);
        for _ in 0..PAGES_MAX {
            let page = self.daraja.pull(from, until, offset).await.map_err(|error| {
                tracing::warn!(%error, "Safaricom does not say what came in");
                AppError::Busy
            })?;
            if page.unreadable > 0 {
                tracing::error!(page.unreadable, offset, "payments that Safaricom lists cannot be read");
            }
            let before = seen.len();
            for payment in &page.payments {
                if seen.insert(payment.receipt.clone()) && self.book_pulled(payment).await? != Placed::Known {
                    placed += 1;
                }
            }
            // A gateway that does not know the offset would tell the first page for ever.
            if page.count == 0 || (seen.len() == before && !page.payments.is_empty()) {
                return Ok(placed);
            }
            offset += page.count;
        }
        tracing::error!(offset, "Safaricom lists more than can be");
        Err(AppError::Busy.into())
    }

    async fn book_pulled(&self, payment: &Pulled) -> Result<Placed, Failure> {
        let listed = Listed {
            receipt: payment.receipt.clone(),
            amount: payment.amount,
            account_reference: payment.account_reference.clone(),
            short_code: None,
            payer: payment.payer.clone(),
        };
        self.book_listed(EvidenceSource::Statement, &listed, true, None).await
    }
}
