//! What pages ask about wallets.

use leptos::prelude::expect_context;

use super::{Wallet, Wallets};
use crate::platform::viewer::viewer;
use crate::types::{AppError, AppResult};

/// The signed-in tipster's wallet, a page of sales starting `after` (a value of `Wallet::next`).
pub async fn wallet(after: Option<String>) -> AppResult<Wallet> {
    let viewer = viewer().ok_or_else(AppError::sign_in_first)?;
    Ok(expect_context::<Wallets>().wallet(&viewer, after.as_deref()).await?)
}
