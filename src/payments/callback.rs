//! What Safaricom posts to us. A body under a payment's own token is stored as it came and judged against
//! that payment; the bare path of the original settles nothing.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use chrono::TimeDelta;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::service::Payments;
use super::settle::{Evidence, EvidenceSource, Verdict};
use super::store::callbacks::{self, NewCallback};
use super::store::{self, Settlement, schedule};
use super::{ReviewReason, Status};
use crate::daraja::{CALLBACK_MAX_BYTES, CodeClass, StkCallback, Unreadable, parse_callback};
use crate::platform::address::ClientAddress;
use crate::platform::body;
use crate::platform::db::{Failure, transaction};
use crate::platform::settings::AddressCheck;
use crate::types::{AppError, CallbackId};

/// Safaricom does not wait for ever; after this the raw body alone is stored.
const SETTLE_WITHIN: Duration = Duration::from_secs(5);
const TOKEN_LENGTH: usize = 64;
/// How long a raw body is kept (MONEY §1).
const KEPT_FOR: TimeDelta = TimeDelta::days(90);
/// How much of Safaricom's own words an event keeps.
const DETAIL_LENGTH: usize = 200;

static STRAY_CALLBACKS: AtomicU64 = AtomicU64::new(0);

fn accepted() -> Json<Value> {
    Json(json!({ "ResultCode": 0, "ResultDesc": "Accepted" }))
}

/// SHA-256 of the token's text: only this is stored.
pub fn token_hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// `POST /payments/api/callback/{token}`. Answers 200 after the money is booked or, at worst, the body is
/// stored; 404 for a wrong token; 503 if nothing could be stored.
pub async fn receive(
    State(payments): State<Payments>,
    Extension(address): Extension<ClientAddress>,
    Path(token): Path<String>,
    body: Body,
) -> Response {
    let body = match body::read(body, CALLBACK_MAX_BYTES).await {
        Ok(body) => body,
        Err(unread) => return unread.into_response(),
    };
    let is_from_elsewhere = payments.callbacks.is_elsewhere(address.0);
    if token.len() != TOKEN_LENGTH {
        return StatusCode::NOT_FOUND.into_response();
    }
    let hash = token_hash(&token);
    // The work goes on if Safaricom hangs up: what it told must be kept.
    let work = tokio::spawn(async move { payments.take(&hash, &body, is_from_elsewhere).await });
    work.await.unwrap_or_else(|_| AppError::Internal.into_response())
}

/// `POST /payments/api/callback/`: settles nothing. At most it makes us ask Safaricom sooner, once for a
/// pending payment.
pub async fn receive_bare(State(payments): State<Payments>, body: Body) -> Response {
    let body = match body::read(body, CALLBACK_MAX_BYTES).await {
        Ok(body) => body,
        Err(unread) => return unread.into_response(),
    };
    match payments.take_hint(&body).await {
        Ok(true) => {}
        Ok(false) => {
            let count = STRAY_CALLBACKS.fetch_add(1, Ordering::Relaxed) + 1;
            tracing::debug!(count, "a body came by the bare path and meant nothing");
        }
        Err(failure) => tracing::warn!(%failure, "a hint could not be stored"),
    }
    accepted().into_response()
}

impl Payments {
    /// Settles a body, or at worst stores it.
    async fn take(&self, hash: &[u8], body: &[u8], is_from_elsewhere: bool) -> Response {
        let failure =
            match tokio::time::timeout(SETTLE_WITHIN, self.settle_callback(hash, body, is_from_elsewhere))
                .await
            {
                Ok(Ok(())) => return accepted().into_response(),
                Ok(Err(Failure::App(AppError::NotFound(_)))) => return StatusCode::NOT_FOUND.into_response(),
                Ok(Err(failure)) => failure.to_string(),
                Err(_) => "it took too long".to_owned(),
            };
        tracing::warn!(failure, "a callback could not be settled at once");
        let failure =
            match tokio::time::timeout(SETTLE_WITHIN, self.store_callback(hash, body, is_from_elsewhere))
                .await
            {
                Ok(Ok(())) => return accepted().into_response(),
                Ok(Err(failure)) => failure.to_string(),
                Err(_) => "it took too long".to_owned(),
            };
        tracing::error!(failure, alarm = true, "a callback could not be stored");
        AppError::Busy.into_response()
    }

    /// Stores and settles one body in one transaction.
    pub async fn settle_callback(
        &self,
        token_hash: &[u8],
        body: &[u8],
        is_from_elsewhere: bool,
    ) -> Result<(), Failure> {
        // A stranger's token must not hold up the one writer. Where there are many, it takes no lock anyway.
        if self.db.has_one_writer() && callbacks::payment_of_token(&self.db, token_hash).await?.is_none() {
            return Err(no_such_callback());
        }
        let read = parse_callback(body);
        let now = self.clock.now();
        let id = CallbackId(self.random.uuid(now));
        let receipt = receipt_of(&read);
        let payment = transaction!(self.db, |tx| {
            let Some(case) = store::settlement_by_token(tx, token_hash, receipt).await? else {
                return Err(no_such_callback());
            };
            let raw = NewCallback {
                id,
                payment: case.payment.id,
                path: "token",
                is_from_elsewhere,
                body,
                received_at: now,
                processed_at: Some(now),
            };
            // The payment's row first: the body's row refers to it.
            self.book_callback(tx, &case, &read, (id, is_from_elsewhere)).await?;
            callbacks::insert(tx, &raw).await?;
            Ok(case.payment.id)
        })?;
        self.watches.tell(payment);
        Ok(())
    }

    /// The body alone; the reconciler settles it later.
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
            path: "token",
            is_from_elsewhere,
            body,
            received_at: now,
            processed_at: None,
        };
        transaction!(self.db, |tx| Ok(callbacks::insert(tx, &raw).await?))
    }

    /// Forgets bodies that are old: they hold phone numbers. The facts in them stay as events.
    pub async fn purge_callbacks(&self) -> Result<u64, Failure> {
        let before = self.clock.now() - KEPT_FOR;
        transaction!(self.db, |tx| Ok(callbacks::purge(tx, before).await?))
    }

    /// Settles bodies that could only be stored when they came; how many.
    pub async fn settle_stored_callbacks(&self, limit: i64) -> Result<usize, Failure> {
        let stored = callbacks::unprocessed(&self.db, limit).await?;
        for raw in &stored {
            let read = parse_callback(&raw.body);
            let receipt = receipt_of(&read);
            let settled: Result<(), Failure> = transaction!(self.db, |tx| {
                let Some(case) = store::settlement_by_id(tx, raw.payment_id, receipt).await? else {
                    return Err(no_such_callback());
                };
                if callbacks::mark_processed(tx, raw.id, self.clock.now()).await? {
                    self.book_callback(tx, &case, &read, (raw.id, raw.is_from_elsewhere)).await?;
                }
                Ok(())
            });
            // One body that cannot be settled must not keep the others waiting.
            if let Err(failure) = settled {
                tracing::error!(payment.id = %raw.payment_id, %failure, "a stored callback could not be settled");
            }
        }
        Ok(stored.len())
    }

    async fn book_callback(
        &self,
        tx: &mut crate::platform::db::Tx,
        case: &Settlement,
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
            // The callback was faster than the push's own answer, or that answer was lost.
            if store::is_taken(tx, checkout, case.payment.id).await? {
                evidence.says = Verdict::Review(ReviewReason::Ids);
            } else if !store::set_ids(tx, case.payment.id, merchant_request_id.as_deref(), checkout).await? {
                return Err(Failure::Changed);
            }
        }
        self.settle(tx, case, &evidence).await
    }

    /// How far this callback may decide by itself.
    fn weigh(&self, evidence: &mut Evidence, is_from_elsewhere: bool) {
        if is_from_elsewhere {
            tracing::warn!("a callback came from an address that is not Safaricom's");
            evidence.detail = Some(format!("from elsewhere; {}", evidence.detail.take().unwrap_or_default()));
        }
        let must_wait = is_from_elsewhere && self.callbacks.check == AddressCheck::Enforce;
        evidence.says = match std::mem::replace(&mut evidence.says, Verdict::Inconclusive("from_elsewhere")) {
            Verdict::Paid { receipt: Some(receipt) } if must_wait || self.callbacks.confirm_by_query => {
                Verdict::Unconfirmed { receipt }
            }
            Verdict::NotPaid { .. } if must_wait => Verdict::Inconclusive("from_elsewhere"),
            says => says,
        };
    }

    /// Whether the body was worth a hint.
    pub async fn take_hint(&self, body: &[u8]) -> Result<bool, Failure> {
        let Ok(callback) = parse_callback(body) else { return Ok(false) };
        let Some(checkout) = callback.checkout_request_id else { return Ok(false) };
        let Some(payment) = store::by_checkout_request_id(&self.db, &checkout).await? else {
            return Ok(false);
        };
        // The first query comes soon by itself, and before it Safaricom may say what is not true yet.
        if payment.status != Status::Pending || payment.hinted || payment.check_count == 0 {
            return Ok(false);
        }
        let now = self.clock.now();
        let raw = NewCallback {
            id: CallbackId(self.random.uuid(now)),
            payment: payment.id,
            path: "bare",
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
fn judge(case: &Settlement, read: &Result<StkCallback, Unreadable>) -> Evidence {
    let callback = match read {
        Ok(callback) => callback,
        Err(unreadable) => {
            let mut evidence =
                Evidence::new(EvidenceSource::Callback, Verdict::Review(ReviewReason::Unreadable));
            evidence.detail = Some(unreadable.to_string());
            return evidence;
        }
    };
    let mut evidence = Evidence::new(EvidenceSource::Callback, says(case, callback));
    evidence.code = callback.result.as_ref().map(|code| plain(code.as_str(), 20));
    evidence.amount = callback.amount;
    evidence.receipt.clone_from(&callback.receipt);
    evidence.detail = Some(plain(&callback.description, DETAIL_LENGTH));
    evidence
}

fn says(case: &Settlement, callback: &StkCallback) -> Verdict {
    let payment = &case.payment;
    let is_ours = |known: &Option<String>, said: &Option<String>| known.is_none() || known == said;
    let has_our_ids = is_ours(&payment.checkout_request_id, &callback.checkout_request_id)
        && is_ours(&payment.merchant_request_id, &callback.merchant_request_id);
    if !has_our_ids || callback.checkout_request_id.is_none() {
        return Verdict::Review(ReviewReason::Ids);
    }
    let Some(code) = &callback.result else { return Verdict::Review(ReviewReason::Unreadable) };
    match code.class() {
        CodeClass::Success if callback.amount != Some(payment.price_cents) => {
            Verdict::Review(ReviewReason::Amount)
        }
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
        class @ (CodeClass::Cancelled | CodeClass::Failed) => Verdict::NotPaid {
            code: plain(code.as_str(), 20),
            description: plain(&callback.description, DETAIL_LENGTH),
            status: if matches!(class, CodeClass::Cancelled) { Status::Cancelled } else { Status::Failed },
        },
        CodeClass::Pending => Verdict::Inconclusive("still_processing"),
        CodeClass::Unknown => Verdict::Review(ReviewReason::UnknownCode),
    }
}

/// Text that any database can hold: no U+0000, not too long.
pub fn plain(text: &str, length: usize) -> String {
    text.chars().filter(|character| *character != '\0').take(length).collect()
}
