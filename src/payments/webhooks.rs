//! The addresses to which Safaricom posts: each reads the bytes, lets the engine judge them, and answers.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde_json::json;

use super::engine::Payments;
use super::evidence::Listed;
use super::listed::Placed;
use crate::daraja::{CALLBACK_MAX_BYTES, CONFIRMATION_MAX_BYTES, parse_c2b_confirmation};
use crate::mpesa::events::EvidenceSource;
use crate::mpesa::webhooks::{accepted, receive};
use crate::platform::address::ClientAddress;
use crate::platform::body;
use crate::platform::settings::AddressCheck;
use crate::types::AppError;

static STRAY_CALLBACKS: AtomicU64 = AtomicU64::new(0);

/// `POST /payments/api/callback/{token}`: a payment's own callback (daraja §3).
pub async fn callback(
    State(payments): State<Payments>,
    Extension(address): Extension<ClientAddress>,
    Path(token): Path<String>,
    body: Body,
) -> Response {
    let is_from_elsewhere = payments.callbacks.is_elsewhere(address.0);
    receive(payments.bodies.clone(), payments, &token, is_from_elsewhere, body).await
}

/// `POST /payments/api/callback/`: the address without a secret, at which a body settles nothing. At most it
/// makes us ask Safaricom sooner, once for each pending payment. The answer is always 200, so that it tells
/// nothing.
pub async fn bare_callback(State(payments): State<Payments>, body: Body) -> Response {
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
    accepted()
}

/// `POST /payments/api/c2b/{token}/confirmation`: money that reached our short code (daraja §5.2). Answers
/// 200 after it is booked, 503 if it could not be, and 404 for a wrong token. An unreadable body is answered
/// 200: it would not be more readable the next time.
pub async fn c2b_confirmation(
    State(payments): State<Payments>,
    Extension(address): Extension<ClientAddress>,
    Path(token): Path<String>,
    body: Body,
) -> Response {
    let body = match body::read(body, CONFIRMATION_MAX_BYTES).await {
        Ok(body) => body,
        Err(unread) => return unread.into_response(),
    };
    if !payments.knows_c2b_token(&token) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let is_from_elsewhere = payments.callbacks.is_elsewhere(address.0);
    if is_from_elsewhere {
        tracing::warn!("a C2B confirmation came from an address that is not Safaricom's");
    }
    let is_trusted = !(is_from_elsewhere && payments.callbacks.check == AddressCheck::Enforce);
    let confirmation = match parse_c2b_confirmation(&body) {
        Ok(confirmation) => confirmation,
        Err(error) => {
            tracing::warn!(%error, "a C2B confirmation could not be read");
            return c2b_accepted();
        }
    };
    let listed = Listed {
        receipt: confirmation.receipt,
        amount: confirmation.amount,
        account_reference: confirmation.account_reference,
        short_code: None,
        payer: String::new(),
    };
    match payments.book_listed(EvidenceSource::C2b, &listed, is_trusted, None).await {
        Ok(Placed::Unknown) => {
            tracing::warn!("money came under a reference that is not ours: see the statement");
            c2b_accepted()
        }
        Ok(_) => c2b_accepted(),
        Err(failure) => {
            tracing::error!(%failure, alarm = true, "a C2B confirmation could not be booked");
            AppError::Busy.into_response()
        }
    }
}

/// `POST /payments/api/c2b/{token}/validation`: always accepts, because money is never refused; what it is
/// worth is decided when it has come. Answers 404 for a wrong token.
pub async fn c2b_validation(State(payments): State<Payments>, Path(token): Path<String>) -> Response {
    if payments.knows_c2b_token(&token) { c2b_accepted() } else { StatusCode::NOT_FOUND.into_response() }
}

/// The answer of the two C2B addresses. Its code is text, unlike a callback's.
fn c2b_accepted() -> Response {
    Json(json!({ "ResultCode": "0", "ResultDesc": "Accepted" })).into_response()
}
