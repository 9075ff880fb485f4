//! Which page answers at which address.

use std::sync::LazyLock;

use leptos::prelude::*;
use leptos_axum::{AxumRouteListing, generate_route_list};
use leptos_meta::provide_meta_context;
use leptos_router::SsrMode;
use leptos_router::components::{Route, Router, Routes};
use leptos_router::path;

use super::pages::{
    AboutPage, AccountPage, CodePage, DeskPage, DeskResultsPage, DeskTipResultsPage, DeskTipsPage,
    FollowingPage, HelpPage, HomePage, LeaderboardPage, LimitsPage, MarketPage, MissingPage, MyTipsPage,
    NoticesPage, PaymentPage, PrivacyPage, PurchasesPage, ReceiptPage, RegisterPage, ResetPage,
    SellCheckPage, SellPage, SignInPage, TermsPage, TipPage, TipsterPage, WalletPage,
};
use super::ui::Frame;

/// Made once per process: making it stops every resource that is being loaded (leptos #4773).
pub static ROUTES: LazyLock<Vec<AxumRouteListing>> = LazyLock::new(|| generate_route_list(App));

#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Router>
            <Frame>
                <Routes fallback=MissingPage>
                    <Route path=path!("/") view=HomePage ssr=SsrMode::Async/>
                    <Route path=path!("/tips") view=MarketPage ssr=SsrMode::Async/>
                    <Route path=path!("/tips/:number") view=TipPage ssr=SsrMode::Async/>
                    <Route path=path!("/tipsters/:handle") view=TipsterPage ssr=SsrMode::Async/>
                    <Route path=path!("/leaderboard") view=LeaderboardPage ssr=SsrMode::Async/>
                    <Route path=path!("/payments/:id") view=PaymentPage ssr=SsrMode::Async/>
                    <Route path=path!("/purchases") view=PurchasesPage ssr=SsrMode::Async/>
                    <Route path=path!("/purchases/:id/receipt") view=ReceiptPage ssr=SsrMode::Async/>
                    <Route path=path!("/account") view=AccountPage ssr=SsrMode::Async/>
                    <Route path=path!("/account/limits") view=LimitsPage ssr=SsrMode::Async/>
                    <Route path=path!("/about") view=AboutPage ssr=SsrMode::Async/>
                    <Route path=path!("/terms") view=TermsPage ssr=SsrMode::Async/>
                    <Route path=path!("/privacy") view=PrivacyPage ssr=SsrMode::Async/>
                    <Route path=path!("/help") view=HelpPage ssr=SsrMode::Async/>
                    <Route path=path!("/code/:id") view=CodePage ssr=SsrMode::Async/>
                    <Route path=path!("/reset") view=ResetPage ssr=SsrMode::Async/>
                    <Route path=path!("/notices") view=NoticesPage ssr=SsrMode::Async/>
                    <Route path=path!("/following") view=FollowingPage ssr=SsrMode::Async/>
                    <Route path=path!("/my-tips") view=MyTipsPage ssr=SsrMode::Async/>
                    <Route path=path!("/sell/:draft") view=SellPage ssr=SsrMode::Async/>
                    <Route path=path!("/sell/:draft/check") view=SellCheckPage ssr=SsrMode::Async/>
                    <Route path=path!("/desk") view=DeskPage ssr=SsrMode::Async/>
                    <Route path=path!("/desk/tips") view=DeskTipsPage ssr=SsrMode::Async/>
                    <Route path=path!("/desk/results") view=DeskResultsPage ssr=SsrMode::Async/>
                    <Route path=path!("/desk/results/:number") view=DeskTipResultsPage ssr=SsrMode::Async/>
                    <Route path=path!("/wallet") view=WalletPage ssr=SsrMode::Async/>
                    <Route path=path!("/register") view=RegisterPage ssr=SsrMode::Async/>
                    <Route path=path!("/sign-in") view=SignInPage ssr=SsrMode::Async/>
                </Routes>
            </Frame>
        </Router>
    }
}
