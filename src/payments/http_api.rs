//! The endpoints of the original site, for programs: `POST /payments/api/initiate-tip-payment/` and `GET
//! /payments/api/status/{id}/` (MONEY §2). Amounts are strings with two decimals, times are RFC 3339 in UTC.

use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::api::read_request;
use super::{Outcome, Payment, PaymentViewState, Payments, PushState};
use crate::platform::address::ClientAddress;
use crate::platform::clock::rfc3339;
use crate::platform::viewer::SignedIn;
use crate::tips::HIDDEN_CODE;
use crate::types::{AppError, AppResult, Language, TipId};

/// The body of `initiate`. `tip_id` may be a number or text; without `phone_number` the buyer's own is
/// charged.
#[derive(Deserialize)]
pub struct Initiate {
    tip_id: Option<Value>,
    phone_number: Option<String>,
    #[serde(default)]
    send_again: bool,
}

#[derive(Serialize)]
struct Initiated {
    payment_id: String,
    checkout_request_id: Option<String>,
    merchant_request_id: Option<String>,
    status: &'static str,
    message: String,
    amount: String,
    tip_id: TipId,
    /// Always six dots, paid or not: the bet code is on the tip's page only.
    tip_code: &'static str,
}

#[derive(Serialize)]
struct StatusAnswer {
    payment_id: String,
    checkout_request_id: Option<String>,
    status: &'static str,
    outcome: Option<Outcome>,
    amount: String,
    tip_id: TipId,
    tip_code: &'static str,
    mpesa_receipt_number: Option<String>,
    reason: Option<String>,
    can_send_again: bool,
    created_at: String,
    completed_at: Option<String>,
}

/// `POST /payments/api/initiate-tip-payment/`: starts a payment or joins the open one. Answers 200 if the
/// push was accepted, 202 if its fate is unknown or it is still being sent.
///
/// # Errors
/// [`AppError::Invalid`] if the body, the tip's number or the phone number cannot be read; otherwise the
/// errors of `Payments::start`.
pub async fn initiate(
    State(payments): State<Payments>,
    SignedIn(buyer): SignedIn,
    Extension(address): Extension<ClientAddress>,
    body: Result<Json<Initiate>, JsonRejection>,
) -> AppResult<Response> {
    let Json(body) = body.map_err(|_| AppError::invalid("Send JSON with a tip_id."))?;
    let tip_id = match &body.tip_id {
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::String(text)) => text.clone(),
        _ => return Err(AppError::invalid("tip_id is required.")),
    };
    let request = read_request(&tip_id, body.phone_number.as_deref(), body.send_again)?;
    let payment = payments.start(buyer, address.0, request).await?;
    let status = if payment.push == PushState::Accepted { StatusCode::OK } else { StatusCode::ACCEPTED };
    let view = payments.view(&payment, Language::English);
    let answer = Initiated {
        payment_id: payment.id.to_string(),
        checkout_request_id: payment.checkout_request_id.clone(),
        merchant_request_id: payment.merchant_request_id.clone(),
        status: payment.status.as_str(),
        message: format!("{}. {}", view.title.trim_end_matches(['.', '…']), view.message),
        amount: payment.price.to_decimal_string(),
        tip_id: payment.tip_id,
        tip_code: HIDDEN_CODE,
    };
    Ok((status, Json(answer)).into_response())
}

/// `GET /payments/api/status/{id}/`: one of the asker's own payments, by our id or the CheckoutRequestID. It
/// reads the database only.
///
/// # Errors
/// [`AppError::NotFound`] if it is not the asker's payment; [`AppError::Busy`] or [`AppError::Internal`] if
/// the database fails.
pub async fn status(
    State(payments): State<Payments>,
    SignedIn(buyer): SignedIn,
    Path(id): Path<String>,
) -> AppResult<Response> {
    let payment = payments.own(&buyer, &id).await?;
    Ok(Json(status_answer(&payments, payment)).into_response())
}

fn status_answer(payments: &Payments, payment: Payment) -> StatusAnswer {
    let view = payments.view(&payment, Language::English);
    let has_reason = !matches!(
        view.state,
        PaymentViewState::Paid
            | PaymentViewState::Sending
            | PaymentViewState::CheckPhone
            | PaymentViewState::Confirming
    );
    StatusAnswer {
        payment_id: payment.id.to_string(),
        status: payment.status.as_str(),
        amount: payment.price.to_decimal_string(),
        tip_id: payment.tip_id,
        tip_code: HIDDEN_CODE,
        reason: has_reason.then_some(view.message),
        can_send_again: view.can_send_again,
        created_at: rfc3339(payment.pushed_at),
        completed_at: payment.ended_at.filter(|_| payment.status == super::Status::Completed).map(rfc3339),
        checkout_request_id: payment.checkout_request_id,
        outcome: payment.outcome,
        mpesa_receipt_number: payment.receipt,
    }
}
