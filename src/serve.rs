//! The HTTP server: what answers where, what every answer carries, how it starts and how it stops.

mod cache;
mod guard;
mod language;
mod pages;
mod policy;
mod start;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRef};
use axum::http::header::{CACHE_CONTROL, VARY};
use axum::http::{HeaderValue, Response};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use leptos::config::LeptosOptions;
use leptos_axum::{LeptosRoutes, site_pkg_dir_service, site_pkg_dir_service_route_path};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::set_header::SetResponseHeaderLayer;

#[cfg(test)]
pub use start::{Running, Start, start};
pub use start::{run, state_file};

use crate::accounts::portraits::Portraits;
use crate::accounts::{self, Accounts};
use crate::app::{self, Site};
use crate::desk::{self, Desk};
use crate::payments::{self, Payments};
use crate::platform::clock::Clock;
use crate::platform::db::Db;
use crate::platform::sessions::Sessions;
use crate::platform::settings::Settings;
use crate::platform::uploads::Uploads;
use crate::tips::{self, Selling, Tips, selling};
use crate::wallets::Wallets;

/// The largest form or JSON that is read.
const BODY_LIMIT: usize = 64 * 1024;

/// Everything that handlers and pages ask.
#[derive(Clone, FromRef)]
pub struct AppState {
    pub settings: Arc<Settings>,
    pub db: Db,
    pub clock: Clock,
    pub accounts: Accounts,
    pub portraits: Portraits,
    pub uploads: Uploads,
    pub tips: Tips,
    pub selling: Selling,
    pub payments: Payments,
    pub wallets: Wallets,
    pub desk: Desk,
    pub pages: cache::PageCache,
    pub leptos: LeptosOptions,
    pub site: Site,
}

/// The whole site. Copies of pages stand before all that makes one: a layer is copied for each request that passes it.
pub fn router(state: &AppState) -> anyhow::Result<Router> {
    let site = Router::new()
        .fallback_service(site(state)?)
        .layer(from_fn_with_state(state.pages.clone(), cache::answer))
        .layer(from_fn_with_state(state.settings.clone(), guard::play_money_at_home));
    Ok(callbacks(state).fallback_service(site).layer(CatchPanicLayer::custom(pages::after_panic)))
}

/// What Safaricom posts to: no sessions, no origin check, no cookies. `/healthz` is here too: it tells that the process answers.
fn callbacks(state: &AppState) -> Router {
    Router::new()
        .route("/healthz", get(async || "ok"))
        .route("/payments/api/callback/", post(payments::callback::receive_bare))
        .route("/payments/api/callback/{token}", post(payments::callback::receive))
        .route("/payments/api/c2b/{token}/confirmation", post(payments::c2b::confirm))
        .route("/payments/api/c2b/{token}/validation", post(payments::c2b::validate))
        .layer(from_fn_with_state(state.settings.clone(), guard::know_address))
        .with_state(state.clone())
}

fn site(state: &AppState) -> anyhow::Result<Router> {
    let context = pages::context(state.clone());
    let shell_options = state.leptos.clone();
    let programs = Router::new()
        .route("/payments/api/initiate-tip-payment/", post(payments::contract::initiate))
        .route("/api/payments/events", get(payments::watch::events))
        .route("/payments/api/status/{id}/", get(payments::contract::status))
        .route("/api/language", post(language::choose))
        .route("/api/accounts/register", post(accounts::api::register))
        .route("/api/accounts/sign-in", post(accounts::api::sign_in))
        .route("/api/accounts/sign-out", post(accounts::api::sign_out))
        .route("/api/accounts/code", post(accounts::forms::enter_code))
        .route("/api/accounts/code/again", post(accounts::forms::send_again))
        .route("/api/accounts/reset", post(accounts::forms::begin_reset))
        .route("/api/accounts/prove", post(accounts::forms::begin_proof))
        .route("/api/accounts/profile", post(accounts::forms::set_profile))
        .route("/api/accounts/portrait", post(accounts::forms::set_portrait).layer(DefaultBodyLimit::disable()))
        .route("/api/accounts/portrait/remove", post(accounts::forms::remove_portrait))
        .route("/portraits/{name}", get(accounts::forms::portrait))
        .route("/api/accounts/password", post(accounts::forms::change_password))
        .route("/api/accounts/sign-out-everywhere", post(accounts::forms::sign_out_everywhere))
        .route("/api/accounts/limit", post(accounts::forms::set_limit))
        .route("/api/accounts/break", post(accounts::forms::take_break))
        .route("/api/accounts/close", post(accounts::forms::close))
        .route("/notices/read", post(accounts::api::read_all_notices))
        .route("/notices/{id}/read", post(accounts::api::read_notice))
        .route("/follows/{person}", post(accounts::api::follow))
        .route("/api/payments/{id}/check", post(payments::forms::check_again))
        .route("/api/payments/{id}/claim", post(payments::forms::claim))
        .route("/tips/{number}/betslip", get(tips::api::clear_picture))
        .route("/tips/{number}/preview.jpg", get(tips::api::preview))
        .route("/tips/{number}/sealed.txt", get(tips::api::sealed_text))
        .merge(selling_routes())
        .merge(desk_routes());
    let routes = programs
        .leptos_routes_with_context(state, app::ROUTES.clone(), context, move || app::shell(shell_options.clone()))
        .route(&site_pkg_dir_service_route_path(&state.leptos), hashed_files(&state.leptos))
        .fallback(pages::fallback)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(from_fn_with_state(state.clone(), pages::show_form_problems))
        .layer(from_fn_with_state(state.clock.clone(), accounts::api::know_viewer))
        .layer(Sessions::layer(state.db.clone(), state.clock.clone(), state.settings.is_https()))
        .layer(from_fn_with_state(state.settings.clone(), guard::know_address))
        .layer(CsrfLayer::new().add_trusted_origin(state.settings.origin())?)
        .layer(from_fn(language::know_language))
        .layer(CompressionLayer::new())
        .layer(from_fn(guard::safe_headers))
        .with_state(state.clone());
    Ok(routes)
}

/// The forms of those who sell.
fn selling_routes() -> Router<AppState> {
    // Reads a larger body by itself, up to its own limit.
    let picture = post(selling::api::set_picture).layer(DefaultBodyLimit::disable());
    Router::new()
        .route("/sell/{id}/picture", get(selling::api::draft_picture))
        .route("/api/selling/drafts", post(selling::api::start))
        .route("/api/selling/drafts/{id}/details", post(selling::api::save_details))
        .route("/api/selling/drafts/{id}/matches", post(selling::api::add_leg))
        .route("/api/selling/drafts/{id}/matches/{number}/remove", post(selling::api::remove_leg))
        .route("/api/selling/drafts/{id}/picture", picture)
        .route("/api/selling/drafts/{id}/picture/remove", post(selling::api::remove_picture))
        .route("/api/selling/drafts/{id}/publish", post(selling::api::publish))
        .route("/api/selling/drafts/{id}/delete", post(selling::api::delete))
        .route("/api/selling/tips/{number}/withdraw", post(selling::api::withdraw))
}

/// The forms of the operator's desk.
fn desk_routes() -> Router<AppState> {
    Router::new()
        .route("/desk/tips/{number}/betslip", get(desk::api::betslip))
        .route("/api/desk/tips/{number}/approve", post(desk::api::approve))
        .route("/api/desk/tips/{number}/reject", post(desk::api::reject))
        .route("/api/desk/results/{number}/{position}", post(desk::api::settle))
}

/// The browser's files: their names hold a hash of their content, so they may be kept for a year.
fn hashed_files(options: &LeptosOptions) -> axum::routing::MethodRouter<AppState> {
    fn cache<B>(response: &Response<B>) -> Option<HeaderValue> {
        response.status().is_success().then(|| HeaderValue::from_static("public, max-age=31536000, immutable"))
    }
    let service = ServiceBuilder::new()
        .layer(SetResponseHeaderLayer::overriding(CACHE_CONTROL, cache))
        .layer(SetResponseHeaderLayer::overriding(VARY, HeaderValue::from_static("accept-encoding")))
        .service(site_pkg_dir_service(options));
    axum::routing::get_service(service)
}
