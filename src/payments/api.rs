//! What pages ask about payments: each function finds out who asks and what is meant, asks the service, and
//! returns a view.

use chrono::{DateTime, Utc};
use leptos::prelude::expect_context;

use super::{Offer, PayPanel, PaymentView, Payments, StartRequest};
use crate::platform::viewer::{Viewer, signed_in, viewer};
use crate::tips::{TipDetail, TipState};
use crate::types::{AppError, AppResult, Language, Msisdn, TipId};

/// Reads what was asked for. An empty phone number means the buyer's own.
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

/// The pay panel of a tip for whoever looks at it.
///
/// # Errors
/// [`AppError::Busy`] or [`AppError::Internal`] if the database fails.
pub async fn pay_panel(tip: &TipDetail) -> AppResult<PayPanel> {
    let (number, price) = (tip.card.number, tip.card.price);
    let viewer = viewer();
    let payments = expect_context::<Payments>();
    let payment = match &viewer {
        Some(viewer) => payments.current(viewer, number).await?,
        None => None,
    };
    // A payment that ended long ago stands on the page of purchases; only what just happened belongs beside
    // the form.
    let payment =
        payment.filter(|payment| payment.ended_at.is_none_or(|ended| payments.now() - ended < STILL_SHOWN));
    let payment = payment.map(|payment| payments.view(&payment, Language::here()));
    Ok(PayPanel { tip: number, price, offer: offer(tip.state, viewer.as_ref(), tip.now), payment })
}

/// How long a payment that ended stays beside the form.
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

/// One of the viewer's own payments, for its page.
///
/// # Errors
/// [`AppError::SignIn`] if nobody is signed in; [`AppError::NotFound`] if it is not the viewer's payment;
/// [`AppError::Busy`] or [`AppError::Internal`] if the database fails.
pub async fn payment_page(id: &str) -> AppResult<PaymentView> {
    let viewer = signed_in()?;
    let payments = expect_context::<Payments>();
    let payment = payments.own(&viewer, id).await?;
    Ok(payments.view(&payment, Language::here()))
}
