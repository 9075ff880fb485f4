//! One file per page. A page loads what it shows in one bare `Suspend` and renders it, its empty state or its problem.

mod home;
mod leaderboard;
mod market;
mod missing;
mod payment;
mod purchases;
mod register;
mod sign_in;
mod tip;
mod tipster;
mod wallet;

pub use home::HomePage;
pub use leaderboard::LeaderboardPage;
pub use market::MarketPage;
pub use missing::MissingPage;
pub use payment::PaymentPage;
pub use purchases::PurchasesPage;
pub use register::RegisterPage;
pub use sign_in::SignInPage;
pub use tip::TipPage;
pub use tipster::TipsterPage;
pub use wallet::WalletPage;

use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

/// A part of the page's address, as `/tips/:number` names it.
fn param(name: &str) -> String {
    use_params_map().with_untracked(|params| params.get(name)).unwrap_or_default()
}

/// A value after the `?` of the page's address.
fn query(name: &str) -> Option<String> {
    use_query_map().with_untracked(|query| query.get(name))
}
