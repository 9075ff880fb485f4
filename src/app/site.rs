//! The shell, the routes and their one list, and the answer's headers that belong to a page.

use std::sync::LazyLock;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_axum::{AxumRouteListing, ResponseOptions, generate_route_list};
use leptos_meta::{MetaTags, provide_meta_context};
use leptos_router::SsrMode;
use leptos_router::components::{Route, Router, Routes};
use leptos_router::path;

use super::assets::stylesheet;
use super::pages::{
    AboutPage, AccountPage, CodePage, DeskPage, DeskResultsPage, DeskTipResultsPage, DeskTipsPage, FollowingPage, HelpPage, HomePage,
    LeaderboardPage, LimitsPage, MarketPage, MissingPage, MyTipsPage, NoticesPage, PaymentPage, PrivacyPage, PurchasesPage, ReceiptPage,
    RegisterPage, ResetPage, SellCheckPage, SellPage, SignInPage, TermsPage, TipPage, TipsterPage, WalletPage,
};
use super::ui::Frame;
use crate::types::Language;

/// What every page knows of the site; the server provides it.
#[derive(Debug, Clone, Default)]
pub struct Site {
    /// Where the simulator's phones are. `Some` means play money, and every page says so.
    pub simulator_url: Option<String>,
    /// Scheme, host and port of the site, for addresses that people send to others.
    pub origin: String,
    /// How people reach whoever runs the site.
    pub contact: Option<String>,
}

/// Made once per process: making it stops every resource that is being loaded (leptos #4773).
pub static ROUTES: LazyLock<Vec<AxumRouteListing>> = LazyLock::new(|| generate_route_list(App));

/// The document around every page.
#[expect(clippy::needless_pass_by_value, reason = "leptos_axum hands the options over")]
pub fn shell(options: LeptosOptions) -> impl IntoView {
    // Nothing that the server loaded is written into the page a second time for the browser: paid content would be readable there.
    if let Some(context) = Owner::current_shared_context() {
        context.set_is_hydrating(false);
    }
    set_content_security_policy();
    view! {
        <!DOCTYPE html>
        <html lang=Language::here().code()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="theme-color" content="#0a6b3b"/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <link rel="apple-touch-icon" href="/icon-192.png"/>
                <link rel="manifest" href="/site.webmanifest"/>
                {stylesheet(&options)}
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// Only our own files and the scripts of this very answer may run.
fn set_content_security_policy() {
    let (Some(nonce), Some(response)) = (use_nonce(), use_context::<ResponseOptions>()) else { return };
    let policy = format!(
        "default-src 'self'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
         base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'"
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.insert_header(CONTENT_SECURITY_POLICY, policy);
    }
}

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

/// Answers with a page that was not asked for by its own address: a form shown again with what is wrong in it, or a page that is
/// not there. `context` provides what the page's own route would, and what is special this time.
pub async fn render(
    options: &LeptosOptions,
    address: &str,
    status: StatusCode,
    context: impl Fn() + Clone + Send + Sync + 'static,
) -> Response {
    let Ok(request) = Request::get(address).body(Body::empty()) else { return StatusCode::BAD_REQUEST.into_response() };
    let options = options.clone();
    let page = leptos_axum::render_app_async_with_context(context, move || shell(options.clone()));
    let mut response = page(request).await;
    if response.status().is_success() {
        *response.status_mut() = status;
    }
    response
}
