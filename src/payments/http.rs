//! The forms of paying: the pay panel's, which its island sends too, and the two beside a payment that did
//! not reach its buyer: look again, and the code of the M-Pesa SMS.

use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Form, Path, Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Deserialize;

use super::api::read_request;
use super::claims::Claimed;
use super::{Payment, PaymentView, Payments, messages};
use crate::platform::address::ClientAddress;
use crate::platform::forms::{RefusedForm, Typed, wants_page};
use crate::platform::paths;
use crate::platform::redirect::see_other;
use crate::platform::viewer::SignedIn;
use crate::types::{AppError, AppResult, Language, PaymentId, TipId};

/// The pay panel's form. All fields are text, so that any form can be read and answered in words.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Start {
    tip_id: String,
    phone_number: String,
    send_again: String,
}

/// `POST /api/payments/start`: starts a payment for a tip, or joins the open one. The island gets the payment
/// as JSON in the reader's language; a browser without scripts is sent to the payment's page, or back to the
/// form with the reason.
pub async fn start(
    State(payments): State<Payments>,
    signed_in: AppResult<SignedIn>,
    Extension(address): Extension<ClientAddress>,
    Extension(language): Extension<Language>,
    headers: HeaderMap,
    form: Result<Form<Start>, FormRejection>,
) -> Response {
    let read = signed_in.and_then(|SignedIn(buyer)| match form {
        Ok(Form(form)) => Ok((buyer, form)),
        Err(_) => Err(AppError::unreadable()),
    });
    let (buyer, form) = match read {
        Ok(read) => read,
        Err(error) => return error.answer(language),
    };
    let started: AppResult<Payment> = async {
        let request = read_request(&form.tip_id, Some(&form.phone_number), form.send_again == "true")?;
        payments.start(buyer, address.0, request).await
    }
    .await;
    match started {
        Ok(payment) if wants_page(&headers) => see_other(&paths::payment(payment.id)),
        Ok(payment) => Json(payments.view(&payment, language)).into_response(),
        Err(error) => {
            let answer = error.clone().answer(language);
            match form.tip_id.trim().parse::<TipId>() {
                Ok(tip) => {
                    let refused = RefusedForm::new(paths::tip(tip), "pay", error);
                    refused.typed([("phone_number", form.phone_number)]).on(answer)
                }
                Err(_) => answer,
            }
        }
    }
}

/// The question of `state`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    payment_id: String,
}

/// `GET /api/payments/state?payment_id=…`: one of the viewer's own payments as JSON, in the reader's
/// language. The island asks every few seconds while it waits. It reads the database only.
pub async fn state(
    State(payments): State<Payments>,
    signed_in: AppResult<SignedIn>,
    Extension(language): Extension<Language>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let found: AppResult<PaymentView> = async {
        let SignedIn(buyer) = signed_in?;
        let Query(asked) = asked.map_err(|_| AppError::unreadable())?;
        let payment = payments.own(&buyer, &asked.payment_id).await?;
        Ok(payments.view(&payment, language))
    }
    .await;
    match found {
        Ok(payment) => Json(payment).into_response(),
        Err(error) => error.answer(language),
    }
}

/// `POST /api/payments/{id}/check`: moves the next query forward. Answers 303 to the payment's page, or 409
/// or 429 with the form if it is too early.
///
/// # Errors
/// [`AppError::NotFound`] if it is not the viewer's payment; [`AppError::Busy`] or [`AppError::Internal`] if
/// the database fails.
pub async fn check_again(
    State(payments): State<Payments>,
    SignedIn(viewer): SignedIn,
    Path(id): Path<String>,
) -> AppResult<Response> {
    let page = page(&id)?;
    match payments.check_again(&viewer, &id).await {
        Ok(_) => Ok(see_other(&format!("{page}?asked=yes"))),
        Err(error @ (AppError::Conflict { .. } | AppError::TooMany { .. })) => {
            Ok(RefusedForm::new(page, "check", error).into_response())
        }
        Err(error) => Err(error),
    }
}

/// The form of `claim`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Claim {
    receipt: String,
}

/// `POST /api/payments/{id}/claim`: keeps the code of an M-Pesa SMS. Answers 303 to the payment's page; every
/// other refusal than a missing payment comes back with the form and what was typed.
///
/// # Errors
/// [`AppError::NotFound`] if it is not the viewer's payment.
pub async fn claim(
    State(payments): State<Payments>,
    SignedIn(viewer): SignedIn,
    Path(id): Path<String>,
    Typed(form): Typed<Claim>,
) -> AppResult<Response> {
    let page = page(&id)?;
    match payments.claim(&viewer, &id, &form.receipt).await {
        Ok(Claimed::Told) => Ok(see_other(&format!("{page}?claim=told"))),
        Ok(Claimed::Kept) => Ok(see_other(&format!("{page}?claim=kept"))),
        Err(error @ AppError::NotFound(_)) => Err(error),
        Err(error) => {
            let refused = RefusedForm::new(page, "claim", error).at("receipt");
            Ok(refused.typed([("receipt", form.receipt)]).into_response())
        }
    }
}

/// The address of a payment's page. A CheckoutRequestID holds the payer's number and is in no address of
/// ours.
fn page(id: &str) -> AppResult<String> {
    let id: PaymentId = id.parse().map_err(|_| messages::no_such_payment())?;
    Ok(paths::payment(id))
}
