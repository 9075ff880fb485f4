//! What Safaricom tells of a prompt that has ended (daraja §3). A body under a payment's own token is stored
//! as it came and judged against that payment. A body at the bare address, which everybody knows, settles
//! nothing.

use std::time::Duration;

use chrono::TimeDelta;

use super::decide::Case;
use super::engine::Payments;
use super::evidence::{EventKind, Evidence, UnpaidCause, Verdict};
use super::store::callbacks::{self, CallbackPath, NewCallback};
use super::store::{self, schedule};
use super::{ReviewReason, Status};
use crate::daraja::{CodeClass, StkCallback, Unreadable, parse_callback};
use crate::mpesa::events::EvidenceSource;
use crate::platform::db::{Failure, Tx, transaction};
use crate::platform::settings::AddressCheck;
use crate::types::{AppError, CallbackId};

/// Safaricom does not wait for ever: after this time the raw body alone is stored. Storing it has as long
/// again.
const SETTLE_WITHIN: Duration = Duration::from_secs(5);
/// How long a raw body is kept (MONEY §1).
const KEPT_FOR: TimeDelta = TimeDelta::days(90);

/// What became of a callback's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It is settled, or stored to be settled soon.
    Kept,
    /// Its token belongs to no payment of ours; nothing is kept.
    NotOurs,
    /// It could not even be stored: Safaricom should send it again.
    Lost,
}

impl Payments {
    /// Settles a body that came under a token's hash, or stores it if that fails or takes too long.
    /// `is_from_elsewhere`: the caller's address is not one of Safaricom's.
    pub async fn take_callback(&self, hash: &[u8], body: &[u8], is_from_elsewhere: bool) -> Taken {
        let settled = self.settle_callback(hash, body, is_from_elsewhere);
        let failure = match tokio::time::timeout(SETTLE_WITHIN, settled).await {
            Ok(Ok(())) => return Taken::Kept,
            Ok(Err(Failure::App(AppError::NotFound(_)))) => return Taken::NotOurs,
            Ok(Err(failure)) => failure.to_string(),
            Err(_) => "it took too long".to_owned(),
        };
        tracing::warn!(failure, "a callback could not be settled at once");
        let stored = self.store_callback(hash, body, is_from_elsewhere);
        let failure = match tokio::time::timeout(SETTLE_WITHIN, stored).await {
            Ok(Ok(())) => return Taken::Kept,
            Ok(Err(failure)) => failure.to_string(),
            Err(_) => "it took too long".to_owned(),
        };
        tracing::error!(failure, alarm = true, "a callback could not be stored");
        Taken::Lost
    }

    /// Stores and settles one body in one transaction, then wakes the open pay panels.
    ///
    /// # Errors
    /// [`AppError::NotFound`] if the hash belongs to no payment; [`Failure::Changed`] if other processes kept
    /// changing the payment; a database error. Nothing is kept then.
    pub async fn settle_callback(
        &self,
        token_hash: &[u8],
        body: &[u8],
        is_from_elsewhere: bool,
    ) -> Result<(), Failure> {
        // SQLite's one writer must not wait for a stranger's token, so that one is looked up without a lock
        // first. On PostgreSQL the transaction takes no lock for it.
        if self.db.has_one_writer() && callbacks::payment_of_token(&self.db, token_hash).await?.is_none() {
            return Err(no_such_callback());
        }
        let read = parse_callback(body);
        let now = self.clock.now();
        let id = CallbackId(self.random.uuid(now));
        let receipt = receipt_of(&read);
        let payment = transaction!(self.db, |tx| {
            let Some(case) = store::case_by_token(tx, token_hash, receipt).await? else {
                return Err(no_such_callback());
            };
            let raw = NewCallback {
                id,
                payment: case.payment.id,
                path: CallbackPath::Token,
                is_from_elsewhere,
                body,
                received_at: now,
                processed_at: Some(now),
            };
            // The payment comes first: the row of the body refers to the row of the payment.
            self.book_callback(tx, &case, &read, (id, is_from_elsewhere)).await?;
            callbacks::insert(tx, &raw).await?;
            Ok(case.payment.id)
        })?;
        self.watches.tell(payment);
        Ok(())
    }

    /// Stores the raw body alone; the reconciler settles it later.
    ///
    /// # Errors
    /// [`AppError::NotFound`] if the hash belongs to no payment; a database error.
    pub async fn store_callback(
        &self,
        token_hash: &[u8],
        body: &[u8],
        is_from_elsewhere: bool,
    ) -> Result<(), Failure> {
        let Some(payment) = callbacks::payment_of_token(&self.db, token_hash).await? else {
            return Err(no_such_callback());
        };
        let now = self.clock.now();
        let raw = NewCallback {
            id: CallbackId(self.random.uuid(now)),
            payment,
            path: CallbackPath::Token,
            is_from_elsewhere,
            body,
            received_at: now,
            processed_at: None,
        };
        transaction!(self.db, |tx| Ok(callbacks::insert(tx, &raw).await?))
    }

    /// Deletes settled bodies that are older than 90 days, because they hold phone numbers, and returns how
    /// many. The facts in them stay as events. The reconciler calls this every hour.
    ///
    /// # Errors
    /// A database error.
    pub async fn purge_callbacks(&self) -> Result<u64, Failure> {
        let before = self.clock.now() - KEPT_FOR;
        transaction!(self.db, |tx| Ok(callbacks::purge(tx, before).await?))
    }

    /// Settles bodies that could only be stored when they came, the oldest first, each in its own
    /// transaction. Returns how many there were, with those that could not be settled: they are logged and
    /// tried again the next time.
    ///
    /// # Errors
    /// A database error if the stored bodies cannot be read.
    pub async fn settle_stored_callbacks(&self, limit: i64) -> Result<usize, Failure> {
        let stored = callbacks::unprocessed(&self.db, limit).await?;
        for raw in &stored {
            let read = parse_callback(&raw.body);
            let receipt = receipt_of(&read);
            let settled: Result<(), Failure> = transaction!(self.db, |tx| {
                let Some(case) = store::case_by_id(tx, raw.payment_id, receipt).await? else {
                    return Err(no_such_callback());
                };
                if callbacks::mark_processed(tx, raw.id, self.clock.now()).await? {
                    self.book_callback(tx, &case, &read, (raw.id, raw.is_from_elsewhere)).await?;
                }
                Ok(())
            });
            // One body that cannot be settled must not stop the others.
            if let Err(failure) = settled {
                tracing::error!(
                    payment.id = %raw.payment_id, %failure,
                    "a stored callback could not be settled"
                );
            }
        }
        Ok(stored.len())
    }

    async fn book_callback(
        &self,
        tx: &mut Tx,
        case: &Case,
        read: &Result<StkCallback, Unreadable>,
        (id, is_from_elsewhere): (CallbackId, bool),
    ) -> Result<(), Failure> {
        let mut evidence = judge(case, read);
        self.weigh(&mut evidence, is_from_elsewhere);
        evidence.callback = Some(id);
        if let Ok(StkCallback { checkout_request_id: Some(checkout), merchant_request_id, .. }) = read
            && case.payment.checkout_request_id.is_none()
            && evidence.says != Verdict::Review(ReviewReason::Ids)
        {
            // The callback was faster than the push's own answer, or that answer was lost: take the ids from
            // here.
            if store::is_taken(tx, checkout, case.payment.id).await? {
                evidence.says = Verdict::Review(ReviewReason::Ids);
            } else if !store::set_ids(tx, case.payment.id, merchant_request_id.as_deref(), checkout).await? {
                return Err(Failure::Changed);
            }
        }
        self.settle(tx, case, &evidence).await
    }

    /// Takes from the verdict what this callback may not decide alone: it came from another address than
    /// Safaricom's and that is enforced, or every success is confirmed by a query.
    fn weigh(&self, evidence: &mut Evidence, is_from_elsewhere: bool) {
        if is_from_elsewhere {
            tracing::warn!("a callback came from an address that is not Safaricom's");
            evidence.detail = Some(format!("from elsewhere; {}", evidence.detail.take().unwrap_or_default()));
        }
        let must_wait = is_from_elsewhere && self.callbacks.check == AddressCheck::Enforce;
        evidence.says =
            match std::mem::replace(&mut evidence.says, Verdict::Inconclusive(EventKind::FromElsewhere)) {
                Verdict::Paid { receipt: Some(receipt) } if must_wait || self.callbacks.confirm_by_query => {
                    Verdict::Unconfirmed { receipt }
                }
                Verdict::NotPaid(_) if must_wait => Verdict::Inconclusive(EventKind::FromElsewhere),
                says => says,
            };
    }

    /// Takes a body from the bare address as a hint: it brings the next query of a pending payment forward,
    /// once for each payment and not before the first query was asked. Returns whether it did; only then the
    /// body is kept.
    ///
    /// # Errors
    /// A database error.
    pub async fn take_hint(&self, body: &[u8]) -> Result<bool, Failure> {
        let Ok(callback) = parse_callback(body) else { return Ok(false) };
        let Some(checkout) = callback.checkout_request_id else { return Ok(false) };
        let Some(payment) = store::by_checkout_request_id(&self.db, &checkout).await? else {
            return Ok(false);
        };
        // The first query comes soon by itself, and an earlier answer may be untrue (daraja §4).
        if payment.status != Status::Pending || payment.hinted || payment.check_count == 0 {
            return Ok(false);
        }
        let now = self.clock.now();
        let raw = NewCallback {
            id: CallbackId(self.random.uuid(now)),
            payment: payment.id,
            path: CallbackPath::Bare,
            is_from_elsewhere: false,
            body,
            received_at: now,
            processed_at: Some(now),
        };
        transaction!(self.db, |tx| {
            if !schedule::hint(tx, payment.id, now).await? {
                return Ok(false);
            }
            callbacks::insert(tx, &raw).await?;
            Ok(true)
        })
    }
}

fn no_such_callback() -> Failure {
    AppError::not_found("There is no such address.").into()
}

fn receipt_of(read: &Result<StkCallback, Unreadable>) -> Option<&str> {
    read.as_ref().ok().and_then(|callback| callback.receipt.as_deref())
}

/// Compares a callback with its payment (MONEY §1, evidence for and against).
fn judge(case: &Case, read: &Result<StkCallback, Unreadable>) -> Evidence {
    let callback = match read {
        Ok(callback) => callback,
        Err(unreadable) => {
            let mut evidence =
                Evidence::new(EvidenceSource::Callback, Verdict::Review(ReviewReason::Unreadable));
            evidence.detail = Some(unreadable.to_string());
            return evidence;
        }
    };
    let evidence = Evidence::new(EvidenceSource::Callback, says(case, callback));
    let mut evidence = evidence.in_words(callback.result.as_ref(), &callback.description);
    evidence.amount = callback.amount;
    evidence.receipt.clone_from(&callback.receipt);
    evidence
}

fn says(case: &Case, callback: &StkCallback) -> Verdict {
    let payment = &case.payment;
    let is_ours = |known: &Option<String>, said: &Option<String>| known.is_none() || known == said;
    let has_our_ids = is_ours(&payment.checkout_request_id, &callback.checkout_request_id)
        && is_ours(&payment.merchant_request_id, &callback.merchant_request_id);
    if !has_our_ids || callback.checkout_request_id.is_none() {
        return Verdict::Review(ReviewReason::Ids);
    }
    let Some(code) = &callback.result else { return Verdict::Review(ReviewReason::Unreadable) };
    match code.class() {
        CodeClass::Success if callback.amount != Some(payment.price) => Verdict::Review(ReviewReason::Amount),
        CodeClass::Success => match &callback.receipt {
            Some(receipt) => Verdict::Paid { receipt: Some(receipt.clone()) },
            None => Verdict::Review(ReviewReason::Receipt),
        },
        // A failure that names a receipt contradicts itself.
        CodeClass::Cancelled | CodeClass::Failed
            if callback.receipt.is_some() || callback.has_unreadable_receipt =>
        {
            Verdict::Review(ReviewReason::Receipt)
        }
        CodeClass::Pending => Verdict::Inconclusive(EventKind::StillProcessing),
        CodeClass::Cancelled | CodeClass::Failed | CodeClass::Unknown => {
            UnpaidCause::of(code, &callback.description)
                .map_or(Verdict::Review(ReviewReason::UnknownCode), Verdict::NotPaid)
        }
    }
}
