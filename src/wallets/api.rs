//! What pages ask about wallets and purchases.

use leptos::prelude::expect_context;

use super::{Purchases, Wallet, Wallets};
use crate::accounts::api::viewer;
use crate::types::{AppError, AppResult};

/// The signed-in tipster's wallet, a page of sales starting `after` (a value of `Wallet::next`).
pub async fn wallet(after: Option<String>) -> AppResult<Wallet> {
    let viewer = viewer().ok_or_else(AppError::sign_in_first)?;
    Ok(expect_context::<Wallets>().wallet(&viewer, after.as_deref()).await?)
}

/// The signed-in buyer's purchases and payments.
pub async fn purchases(after: Option<String>) -> AppResult<Purchases> {
    let viewer = viewer().ok_or_else(AppError::sign_in_first)?;
    Ok(expect_context::<Wallets>().purchases(&viewer, after.as_deref()).await?)
}
