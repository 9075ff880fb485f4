//! What pages ask about purchases.

use leptos::prelude::expect_context;

use super::{DebtView, PurchasePage, Purchases, Receipt, Show};
use crate::payments::messages::no_such_payment;
use crate::platform::viewer::signed_in;
use crate::types::{AppResult, PaymentId};

/// A page of the signed-in buyer's payments. It starts after the cursor `after`, a value of
/// `PurchasePage::next`.
///
/// # Errors
/// `AppError::SignIn` if nobody is signed in; `AppError::Invalid` if the cursor cannot be read;
/// `AppError::Busy` or `AppError::Internal` if the database fails.
pub async fn purchases(show: Show, after: Option<String>) -> AppResult<PurchasePage> {
    Ok(expect_context::<Purchases>().page(&signed_in()?, show, after.as_deref()).await?)
}

/// The receipt of one of the viewer's own payments.
///
/// # Errors
/// `AppError::SignIn` if nobody is signed in; `AppError::NotFound` if it is not the viewer's payment;
/// `AppError::Conflict` if it is not completed; `AppError::Busy` or `AppError::Internal` if the database
/// fails.
pub async fn receipt(payment_id: &str) -> AppResult<Receipt> {
    let viewer = signed_in()?;
    // Only our own ids are taken: a CheckoutRequestID holds the payer's number and is in no address of ours.
    let id: PaymentId = payment_id.parse().map_err(|_| no_such_payment())?;
    Ok(expect_context::<Purchases>().receipt(&viewer, &id.to_string()).await?)
}

/// What is or was owed of other receipts that came under one of the viewer's own payments.
///
/// # Errors
/// `AppError::SignIn` if nobody is signed in; `AppError::NotFound` if it is not the viewer's payment;
/// `AppError::Busy` or `AppError::Internal` if the database fails.
pub async fn further_debts(payment_id: &str) -> AppResult<Vec<DebtView>> {
    Ok(expect_context::<Purchases>().further_debts(&signed_in()?, payment_id).await?)
}
