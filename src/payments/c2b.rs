//! C2B confirmations: Safaricom tells of each payment that reached our short code, under the account
//! reference that our push named. The address holds a secret (`MPESA_C2B_TOKEN`); without that setting there
//! is no such address.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use secrecy::ExposeSecret;
use serde_json::json;

use super::callback::token_hash;
use super::manual::{Listed, StatementMatch};
use super::service::Payments;
use super::settle::EvidenceSource;
use crate::daraja::{CONFIRMATION_MAX_BYTES, DarajaError, parse_c2b_confirmation};
use crate::platform::address::ClientAddress;
use crate::platform::body;
use crate::platform::paths;
use crate::platform::settings::AddressCheck;
use crate::types::AppError;

/// `POST /payments/api/c2b/{token}/confirmation`: 200 after it is booked, 503 if it could not be.
pub async fn confirm(
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
            return accepted();
        }
    };
    let listed = Listed {
        receipt: confirmation.receipt,
        amount: confirmation.amount,
        account_reference: confirmation.account_reference,
    };
    match payments.book_listed(EvidenceSource::C2b, &listed, is_trusted).await {
        Ok(StatementMatch::TheirsOnly) => {
            tracing::warn!("money came under a reference that is not ours: see the statement");
            accepted()
        }
        Ok(_) => accepted(),
        Err(failure) => {
            tracing::error!(%failure, alarm = true, "a C2B confirmation could not be booked");
            AppError::Busy.into_response()
        }
    }
}

/// `POST /payments/api/c2b/{token}/validation`: money is never refused; what it is worth is decided when it
/// has come.
pub async fn validate(State(payments): State<Payments>, Path(token): Path<String>) -> Response {
    if payments.knows_c2b_token(&token) { accepted() } else { StatusCode::NOT_FOUND.into_response() }
}

fn accepted() -> Response {
    Json(json!({ "ResultCode": "0", "ResultDesc": "Accepted" })).into_response()
}

impl Payments {
    /// Compared by hash, so that the time it takes tells nothing.
    fn knows_c2b_token(&self, token: &str) -> bool {
        self.callbacks
            .c2b_token
            .as_ref()
            .is_some_and(|known| token_hash(known.expose_secret()) == token_hash(token))
    }

    /// The two addresses for Safaricom: `(confirmation, validation)`, if there is a secret for them.
    pub fn c2b_addresses(&self) -> Option<(String, String)> {
        let token = self.callbacks.c2b_token.as_ref()?.expose_secret();
        let address = |path: String| format!("{}{path}", self.callback_base);
        Some((address(paths::c2b_confirmation(token)), address(paths::c2b_validation(token))))
    }

    /// Tells Safaricom where to confirm. In production this is possible once for a short code.
    pub async fn register_c2b(&self) -> Result<bool, DarajaError> {
        let Some((confirmation, validation)) = self.c2b_addresses() else { return Ok(false) };
        self.daraja.register_c2b_urls(&confirmation, &validation).await.map(|()| true)
    }
}
