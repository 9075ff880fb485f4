//! The way of a request to a secret address: its bytes are read, kept and judged, and Safaricom is answered.

use axum::Json;
use axum::body::Body;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::addresses::{TOKEN_LENGTH, token_hash};
use super::bodies::{Bodies, Posted, Receiver, Taken, To};
use crate::daraja::CALLBACK_MAX_BYTES;
use crate::platform::body;
use crate::types::AppError;

/// Takes a body that came to this address. Gives the answer of `accepted` after the commit, or after the raw
/// body alone is stored; 404 for a wrong token; 503 if nothing could be stored (MONEY §1). `is_from_elsewhere`:
/// the caller's network address is not one of Safaricom's.
pub async fn receive<R: Receiver + 'static>(
    bodies: Bodies,
    receiver: R,
    to: To,
    is_from_elsewhere: bool,
    body: Body,
    accepted: fn() -> Response,
) -> Response {
    let body = match body::read(body, CALLBACK_MAX_BYTES).await {
        Ok(body) => body,
        Err(unread) => return unread.into_response(),
    };
    // The work goes on in its own task if Safaricom hangs up: what it told must be kept.
    let work = tokio::spawn(async move {
        let posted = Posted { id: bodies.new_id(), to, body: &body, is_from_elsewhere };
        bodies.take(&receiver, &posted).await
    });
    match work.await {
        Ok(Taken::Kept) => accepted(),
        Ok(Taken::NotOurs) => StatusCode::NOT_FOUND.into_response(),
        Ok(Taken::NotStored) => AppError::Busy.into_response(),
        Err(_) => AppError::Internal.into_response(),
    }
}

/// The row's address that holds this token; `None` if it cannot be a token of ours.
pub fn row_at(token: &str) -> Option<To> {
    (token.len() == TOKEN_LENGTH).then(|| To::Row(token_hash(token)))
}

/// The answer to a callback that is taken: Safaricom need not send it again.
pub fn accepted() -> Response {
    Json(json!({ "ResultCode": 0, "ResultDesc": "Accepted" })).into_response()
}
