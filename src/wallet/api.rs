//! What pages ask about wallets.

use leptos::prelude::expect_context;

use super::{Wallet, Wallets};
use crate::platform::viewer::signed_in;
use crate::types::AppResult;

/// The signed-in tipster's wallet, a page of sales starting `after` (a value of `Wallet::next`).
pub async fn wallet(after: Option<String>) -> AppResult<Wallet> {
    Ok(expect_context::<Wallets>().wallet(&signed_in()?, after.as_deref()).await?)
}
