//! The two forms beside a payment that did not reach its buyer: look again, and the code of the M-Pesa SMS.

use axum::Extension;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Path, State};
use axum::response::Response;
use serde::Deserialize;

use super::claims::Claimed;
use super::{Payments, messages};
use crate::people::FormAgain;
use crate::platform::redirect::see_other;
use crate::platform::viewer::Viewer;
use crate::types::{AppError, AppResult, PaymentId};

/// `POST /api/payments/{id}/check`: moves the next query forward; 303 to the payment's page, 409 or 429 if it
/// is too early.
pub async fn check_again(
    State(payments): State<Payments>,
    Extension(viewer): Extension<Option<Viewer>>,
    Path(id): Path<String>,
) -> AppResult<Response> {
    let viewer = viewer.ok_or_else(AppError::sign_in_first)?;
    let page = page(&id)?;
    match payments.check_again(&viewer, &id).await {
        Ok(_) => Ok(see_other(&format!("{page}?asked=yes"))),
        Err(error @ (AppError::Conflict { .. } | AppError::TooMany { .. })) => {
            Ok(FormAgain::answer(page, "check", None, error, Vec::new()))
        }
        Err(error) => Err(error),
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Claim {
    receipt: String,
}

/// `POST /api/payments/{id}/claim` with `receipt`: 303 to the payment's page, 4xx with the reason.
pub async fn claim(
    State(payments): State<Payments>,
    Extension(viewer): Extension<Option<Viewer>>,
    Path(id): Path<String>,
    form: Result<Form<Claim>, FormRejection>,
) -> AppResult<Response> {
    let viewer = viewer.ok_or_else(AppError::sign_in_first)?;
    let Form(form) = form.map_err(|_| AppError::unreadable_form())?;
    let page = page(&id)?;
    match payments.claim(&viewer, &id, &form.receipt).await {
        Ok(Claimed::Told) => Ok(see_other(&format!("{page}?claim=told"))),
        Ok(Claimed::Kept) => Ok(see_other(&format!("{page}?claim=kept"))),
        Err(error @ AppError::NotFound(_)) => Err(error),
        Err(error) => {
            Ok(FormAgain::answer(page, "claim", Some("receipt"), error, vec![("receipt", form.receipt)]))
        }
    }
}

/// The page of a payment; only our own ids are in addresses.
fn page(id: &str) -> AppResult<String> {
    let id: PaymentId = id.parse().map_err(|_| messages::no_such_payment())?;
    Ok(super::payment_path(id))
}
