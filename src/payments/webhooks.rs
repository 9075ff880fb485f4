//! The addresses to which Safaricom posts: each reads the bytes, lets the engine judge them, and answers.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde_json::json;

use super::c2b::Confirmations;
use super::engine::Payments;
use crate::daraja::CALLBACK_MAX_BYTES;
use crate::mpesa::bodies::To;
use crate::mpesa::webhooks::{accepted, receive, row_at};
use crate::platform::address::ClientAddress;
use crate::platform::body;

static STRAY_CALLBACKS: AtomicU64 = AtomicU64::new(0);

/// `POST /payments/api/callback/{token}`: a payment's own callback (daraja §3).
pub async fn callback(
    State(payments): State<Payments>,
    Extension(address): Extension<ClientAddress>,
    Path(token): Path<String>,
    body: Body,
) -> Response {
    let Some(to) = row_at(&token) else { return StatusCode::NOT_FOUND.into_response() };
    let is_from_elsewhere = payments.callbacks.is_elsewhere(address.0);
    receive(payments.bodies.clone(), payments, to, is_from_elsewhere, body, accepted).await
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

/// `POST /payments/api/c2b/{token}/confirmation`: money that reached our short code (daraja §5.2). Answers 200
/// after it is booked or stored, 503 if it could not be, and 404 for a wrong token. An unreadable body is kept
/// and answered 200: it would not be more readable the next time.
pub async fn c2b_confirmation(
    State(payments): State<Payments>,
    Extension(address): Extension<ClientAddress>,
    Path(token): Path<String>,
    body: Body,
) -> Response {
    if !payments.knows_c2b_token(&token) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let is_from_elsewhere = payments.callbacks.is_elsewhere(address.0);
    let bodies = payments.bodies.clone();
    receive(bodies, Confirmations(payments), To::Purpose, is_from_elsewhere, body, c2b_accepted).await
}

/// `POST /payments/api/c2b/{token}/validation`: whether the short code takes money that a payer is about to
/// send by hand. Answers within a second, and 404 for a wrong token.
pub async fn c2b_validation(
    State(payments): State<Payments>,
    Path(token): Path<String>,
    body: Body,
) -> Response {
    if !payments.knows_c2b_token(&token) {
        return StatusCode::NOT_FOUND.into_response();
    }
    match payments.validate(body).await {
        None => c2b_accepted(),
        Some(refusal) => {
            Json(json!({ "ResultCode": refusal.code(), "ResultDesc": "Rejected" })).into_response()
        }
    }
}

/// The answer of the two C2B addresses. Its code is text, unlike a callback's.
fn c2b_accepted() -> Response {
    Json(json!({ "ResultCode": "0", "ResultDesc": "Accepted" })).into_response()
}
