//! What pages, forms and islands ask about payments: who asks, what is meant, the service, a view.

use axum::http::StatusCode;
use axum::http::header::ACCEPT;
use axum::http::request::Parts;
use chrono::{DateTime, Utc};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use leptos_axum::ResponseOptions;

use super::{Offer, PayPanel, PaymentView, Payments, StartRequest, payment_path};
use crate::platform::address::ClientAddress;
use crate::platform::viewer::Viewer;
use crate::platform::viewer::viewer;
use crate::tips::{TipDetail, TipState};
use crate::types::{AppError, AppResult, Msisdn, TipId};

/// `POST /api/payments/start`: starts a payment for a tip, or joins the open one. The pay panel's form posts
/// here; a browser without scripts is sent to the payment's page. All fields are text, so that any form can
/// be read and answered in words.
#[server(prefix = "/api/payments", endpoint = "start")]
pub async fn start_payment(
    #[server(default)] tip_id: String,
    #[server(default)] phone_number: String,
    #[server(default)] send_again: String,
) -> Result<PaymentView, AppError> {
    answer(start(&tip_id, &phone_number, &send_again).await)
}

/// `GET /api/payments/state?payment_id=…`: where one of the viewer's own payments is. Reads the database
/// only.
#[server(prefix = "/api/payments", endpoint = "state", input = GetUrl)]
pub async fn payment_state(#[server(default)] payment_id: String) -> Result<PaymentView, AppError> {
    answer(payment_page(&payment_id).await)
}

async fn start(tip_id: &str, phone_number: &str, send_again: &str) -> AppResult<PaymentView> {
    let buyer = viewer().ok_or_else(AppError::sign_in_first)?;
    let request = read_request(tip_id, Some(phone_number), send_again == "true")?;
    let address = expect_context::<ClientAddress>().0;
    let payments = expect_context::<Payments>();
    let payment = payments.start(buyer, address, request).await?;
    if is_form() {
        leptos_axum::redirect(&payment_path(payment.id));
        expect_context::<ResponseOptions>().set_status(StatusCode::SEE_OTHER);
    }
    Ok(payments.face(&payment))
}

/// Reads what was asked for; an empty number means the buyer's own.
pub(super) fn read_request(
    tip_id: &str,
    phone_number: Option<&str>,
    send_again: bool,
) -> AppResult<StartRequest> {
    let tip: TipId =
        tip_id.trim().parse().map_err(|_| AppError::invalid("tip_id must be a tip's number."))?;
    let phone = phone_number.map(str::trim).filter(|text| !text.is_empty());
    let phone = phone.map(str::parse::<Msisdn>).transpose().map_err(AppError::invalid)?;
    Ok(StartRequest { tip, phone, send_again })
}

/// The pay panel for the viewer of this tip.
pub async fn pay_panel(tip: &TipDetail) -> AppResult<PayPanel> {
    let (number, price) = (tip.card.number, tip.card.price);
    let viewer = viewer();
    let payments = expect_context::<Payments>();
    let payment = match &viewer {
        Some(viewer) => payments.current(viewer, number).await?,
        None => None,
    };
    // An old end is history (the page of purchases has it); only what just happened belongs beside the form.
    let payment =
        payment.filter(|payment| payment.ended_at.is_none_or(|ended| payments.now() - ended < STILL_SHOWN));
    let payment = payment.map(|payment| payments.face(&payment));
    Ok(PayPanel { tip: number, price, offer: offer(tip.state, viewer.as_ref(), tip.now), payment })
}

/// How long a payment that failed stays beside the form.
const STILL_SHOWN: chrono::TimeDelta = chrono::TimeDelta::hours(1);

fn offer(state: TipState, viewer: Option<&Viewer>, now: DateTime<Utc>) -> Offer {
    let rests_until = viewer.and_then(|viewer| viewer.standing.break_until).filter(|until| *until > now);
    match (state, viewer) {
        (TipState::OnSale, None) => Offer::SignIn,
        (TipState::OnSale, Some(viewer)) if !viewer.is_buyer => Offer::NotABuyer,
        (TipState::OnSale, Some(viewer)) => rests_until.map_or_else(|| pay(viewer), Offer::Resting),
        _ => Offer::Closed,
    }
}

fn pay(viewer: &Viewer) -> Offer {
    Offer::Pay { phone: viewer.msisdn.local().replace(' ', "") }
}

/// One of the viewer's own payments; other people's are not found.
pub async fn payment_page(id: &str) -> AppResult<PaymentView> {
    let viewer = viewer().ok_or_else(AppError::sign_in_first)?;
    let payments = expect_context::<Payments>();
    let payment = payments.own(&viewer, id).await?;
    Ok(payments.face(&payment))
}

/// A form of a browser without scripts wants a page; an island wants data.
fn is_form() -> bool {
    let accepts = |parts: Parts| {
        parts
            .headers
            .get(ACCEPT)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.contains("text/html"))
    };
    use_context::<Parts>().is_some_and(accepts)
}

/// Gives an error its own status.
fn answer<T>(result: AppResult<T>) -> Result<T, AppError> {
    if let Err(error) = &result
        && let (Some(response), Ok(status)) =
            (use_context::<ResponseOptions>(), StatusCode::from_u16(error.status()))
    {
        response.set_status(status);
        if let Some(wait) = error.retry_after() {
            response.insert_header(axum::http::header::RETRY_AFTER, wait.as_secs().max(1).into());
        }
    }
    result
}
