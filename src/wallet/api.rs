//! What pages ask about wallets.

use leptos::prelude::expect_context;

use super::{Wallet, Wallets};
use crate::platform::viewer::signed_in;
use crate::types::AppResult;

/// The signed-in tipster's wallet, with a page of sales that starts after `after` (a value of
/// `Wallet::next`).
///
/// # Errors
/// `AppError::SignIn` if nobody is signed in; `AppError::Invalid` if `after` cannot be read; `AppError::Busy`
/// or `AppError::Internal` if the database fails.
pub async fn wallet(after: Option<String>) -> AppResult<Wallet> {
    Ok(expect_context::<Wallets>().wallet(&signed_in()?, after.as_deref()).await?)
}
