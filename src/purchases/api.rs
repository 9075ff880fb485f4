//! What pages ask about purchases.

use leptos::prelude::expect_context;

use super::{PurchasePage, Purchases, Receipt, Show};
use crate::payments::messages::no_such_payment;
use crate::platform::viewer::signed_in;
use crate::types::{AppResult, PaymentId};

/// The signed-in buyer's purchases and payments, a page starting `after`.
pub async fn purchases(show: Show, after: Option<String>) -> AppResult<PurchasePage> {
    Ok(expect_context::<Purchases>().page(&signed_in()?, show, after.as_deref()).await?)
}

/// The receipt of one of the viewer's own payments.
pub async fn receipt(payment_id: &str) -> AppResult<Receipt> {
    let viewer = signed_in()?;
    // A CheckoutRequestID holds the payer's number: it is in no address of ours.
    let id: PaymentId = payment_id.parse().map_err(|_| no_such_payment())?;
    Ok(expect_context::<Purchases>().receipt(&viewer, &id.to_string()).await?)
}
