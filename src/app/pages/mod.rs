//! One file for each page. A page loads what it shows in one bare `Suspend`, and then renders it, its empty
//! state or its problem.

mod account;
mod code;
mod desk;
mod devices;
mod following;
mod home;
mod leaderboard;
mod limits;
mod market;
mod missing;
mod my_tips;
mod notices;
mod payment;
mod purchases;
mod receipt;
mod register;
mod reset;
mod sell;
mod sign_in;
mod static_pages;
mod tip;
mod tipster;
mod wallet;

pub use account::AccountPage;
pub use code::CodePage;
pub use desk::{DeskPage, DeskResultsPage, DeskTipResultsPage, DeskTipsPage};
pub use following::FollowingPage;
pub use home::HomePage;
pub use leaderboard::LeaderboardPage;
pub use limits::LimitsPage;
pub use market::MarketPage;
pub use missing::MissingPage;
pub use my_tips::MyTipsPage;
pub use notices::NoticesPage;
pub use payment::PaymentPage;
pub use purchases::PurchasesPage;
pub use receipt::ReceiptPage;
pub use register::RegisterPage;
pub use reset::ResetPage;
pub use sell::{SellCheckPage, SellPage};
pub use sign_in::SignInPage;
pub use static_pages::{AboutPage, HelpPage, PrivacyPage, TermsPage};
pub use tip::TipPage;
pub use tipster::TipsterPage;
pub use wallet::WalletPage;

use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use crate::app::ui::Problem;
use crate::types::AppResult;

/// A page of what `load` gives, or its problem. People who must sign in first are sent there by the problem.
fn shown<T, V: IntoView + 'static>(
    load: impl Future<Output = AppResult<T>> + Send + 'static,
    show: impl FnOnce(T) -> V + Send + 'static,
) -> AnyView {
    Suspend::new(async move {
        match load.await {
            Ok(loaded) => show(loaded).into_any(),
            Err(error) => view! { <Problem error/> }.into_any(),
        }
    })
    .into_any()
}

/// A part of the page's address, by the name that the route gives it, such as `number`.
fn param(name: &str) -> String {
    use_params_map().with_untracked(|params| params.get(name)).unwrap_or_default()
}

/// A value from the query of the page's address.
fn query(name: &str) -> Option<String> {
    use_query_map().with_untracked(|query| query.get(name))
}
