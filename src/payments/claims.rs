//! What buyers may do about a payment that did not reach them: ask us to look again, and tell us the code of
//! their M-Pesa SMS.
//!
//! Neither is evidence. Looking again moves the next query forward, at most once a minute and never before
//! the first query at 35 seconds; the reconciler asks. A typed code is kept for the operator and moves the
//! next query forward too. It is compared only with what Safaricom said of this very payment, so the answer
//! does not tell whether a code belongs to somebody else or to nobody.

use chrono::{DateTime, TimeDelta, Utc};

use super::engine::Payments;
use super::evidence::EventKind;
use super::manual::read_receipt;
use super::store::claims;
use super::{ASK_ENDED_FOR, FIRST_QUERY_AFTER, Payment, Status, messages, subject};
use crate::mpesa::events::EvidenceSource;
use crate::mpesa::store::events::is_told;
use crate::people::store::lock_person;
use crate::platform::clock::seconds_between;
use crate::platform::db::{Failure, Tx, transaction};
use crate::platform::viewer::Viewer;
use crate::types::{AppError, AppResult};

/// A payer may ask us to look again once in this time, for each payment.
const ASK_EVERY: TimeDelta = TimeDelta::minutes(1);
/// The number of codes that one person may type in an hour.
const CLAIMS_PER_HOUR: i64 = 5;
const HOUR: TimeDelta = TimeDelta::hours(1);

/// What became of a code that a buyer typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claimed {
    /// M-Pesa has named this code for this payment, which waits for a second source or for a person.
    Told,
    /// The code is kept: we ask M-Pesa again, and a person looks.
    Kept,
}

impl Payments {
    /// Moves the next query of one of the buyer's own payments forward: to now, but not before 35 seconds
    /// after its push. The reconciler asks it. A completed payment is returned as it is.
    ///
    /// # Errors
    /// [`AppError::NotFound`] if it is not the buyer's payment; [`AppError::Conflict`] if Safaricom gave no
    /// id for it, was not asked about it yet, or may not be asked any more; [`AppError::TooMany`] if the
    /// buyer asked less than a minute ago; [`AppError::Busy`] or [`AppError::Internal`] if the database
    /// fails.
    pub async fn check_again(&self, buyer: &Viewer, id: &str) -> AppResult<Payment> {
        let payment = self.own(buyer, id).await?;
        if payment.status == Status::Completed {
            return Ok(payment);
        }
        let now = self.clock.now();
        let is_asked: bool = transaction!(self.db, |tx| self.ask_sooner(tx, &payment, now).await)?;
        if is_asked {
            return Ok(payment);
        }
        Err(too_early(&payment, now))
    }

    /// Keeps the code of an M-Pesa SMS that a buyer typed for one of their own payments, and moves the next
    /// query forward if that is allowed now.
    ///
    /// # Errors
    /// [`AppError::NotFound`] if it is not the buyer's payment; [`AppError::Invalid`] if the code cannot be a
    /// receipt; [`AppError::Conflict`] if the payment is completed; [`AppError::TooMany`] after five codes in
    /// an hour; [`AppError::SignIn`] if the account is gone; [`AppError::Busy`] or [`AppError::Internal`] if
    /// the database fails.
    pub async fn claim(&self, buyer: &Viewer, id: &str, typed: &str) -> AppResult<Claimed> {
        let payment = self.own(buyer, id).await?;
        let receipt = read_receipt(typed)?;
        if payment.status == Status::Completed {
            return Err(AppError::conflict(messages::arrived_already()));
        }
        let now = self.clock.now();
        let claim_id = self.random.uuid(now);
        let claimed = transaction!(self.db, |tx| {
            if !lock_person(tx, buyer.id).await? {
                return Err(AppError::sign_in_first().into());
            }
            if claims::count_since(tx, buyer.id, now - HOUR).await? >= CLAIMS_PER_HOUR {
                return Err(AppError::TooMany {
                    message: messages::five_claims(),
                    retry_after: HOUR.to_std().unwrap_or_default(),
                }
                .into());
            }
            claims::insert(tx, claim_id, payment.id, buyer.id, &receipt, now).await?;
            let is_told = payment.waiting_receipt.as_deref() == Some(receipt.as_str())
                || is_told(tx, subject(payment.id), &receipt).await?;
            // The code goes into the words for people. The event's receipt column holds only what Safaricom
            // says.
            let typed = format!("typed {receipt}");
            self.note(tx, payment.id, EvidenceSource::Buyer, EventKind::Claimed, Some(&typed), now).await?;
            self.ask_sooner(tx, &payment, now).await?;
            Ok(if is_told { Claimed::Told } else { Claimed::Kept })
        })?;
        Ok(claimed)
    }

    async fn ask_sooner(&self, tx: &mut Tx, payment: &Payment, now: DateTime<Utc>) -> Result<bool, Failure> {
        // A callback may have ended the payment before any query was asked.
        let at = now.max(payment.pushed_at + FIRST_QUERY_AFTER);
        Ok(claims::ask_again(tx, payment.id, now, at, now - ASK_EVERY, now - ASK_ENDED_FOR).await?)
    }
}

/// Why Safaricom cannot be asked about this payment now.
fn too_early(payment: &Payment, now: DateTime<Utc>) -> AppError {
    let first = payment.pushed_at + FIRST_QUERY_AFTER;
    if payment.checkout_request_id.is_none() {
        return AppError::conflict(messages::cannot_ask());
    }
    if payment.status == Status::Pending && payment.check_count == 0 {
        let seconds = seconds_between(now, first).max(1);
        return AppError::conflict(messages::ask_soon(seconds));
    }
    if !payment.can_be_asked_about(now) {
        return AppError::conflict(messages::too_old_to_ask());
    }
    AppError::TooMany {
        message: messages::looked_just_now(),
        retry_after: ASK_EVERY.to_std().unwrap_or_default(),
    }
}
