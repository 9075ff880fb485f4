//! What pages ask about wallets and purchases.

use leptos::prelude::expect_context;

use super::{Purchases, Receipt, Show, Wallet, Wallets};
use crate::accounts::api::viewer;
use crate::payments::no_such_payment;
use crate::types::{AppError, AppResult, PaymentId};

/// The signed-in tipster's wallet, a page of sales starting `after` (a value of `Wallet::next`).
pub async fn wallet(after: Option<String>) -> AppResult<Wallet> {
    let viewer = viewer().ok_or_else(AppError::sign_in_first)?;
    Ok(expect_context::<Wallets>().wallet(&viewer, after.as_deref()).await?)
}

/// The signed-in buyer's purchases and payments, a page starting `after`.
pub async fn purchases(show: Show, after: Option<String>) -> AppResult<Purchases> {
    let viewer = viewer().ok_or_else(AppError::sign_in_first)?;
    Ok(expect_context::<Wallets>().purchases(&viewer, show, after.as_deref()).await?)
}

/// The receipt of one of the viewer's own payments.
pub async fn receipt(payment_id: &str) -> AppResult<Receipt> {
    let viewer = viewer().ok_or_else(AppError::sign_in_first)?;
    // A CheckoutRequestID holds the payer's number: it is in no address of ours.
    let id: PaymentId = payment_id.parse().map_err(|_| no_such_payment())?;
    Ok(expect_context::<Wallets>().receipt(&viewer, &id.to_string()).await?)
}
