//! The HTTP server: what answers where, what every answer carries, how it starts and how it stops.

mod cache;
mod connections;
mod guard;
mod language;
mod pages;
mod policy;
mod routes;
mod start;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRef};
use axum::http::header::{CACHE_CONTROL, VARY};
use axum::http::{HeaderValue, Response};
use axum::middleware::{from_fn, from_fn_with_state};
use leptos::config::LeptosOptions;
use leptos_axum::{LeptosRoutes, site_pkg_dir_service, site_pkg_dir_service_route_path};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::set_header::SetResponseHeaderLayer;

#[cfg(test)]
pub use connections::{Crowd, Patience, is_from_safaricom, serve as answer_connections};
use routes::Routes;
use routes::Who::{Anyone, Buyer, Safaricom, SignedIn, Staff, Tipster};
#[cfg(test)]
pub use routes::{Route, Who};
#[cfg(test)]
pub use start::{Running, Start, start};
pub use start::{run, simulator_options};

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
    let all = callbacks(state).fallback_service(site).layer(CatchPanicLayer::custom(pages::after_panic));
    Ok(all
        .layer(from_fn_with_state(state.settings.clone(), guard::know_address))
        .layer(from_fn_with_state(state.settings.clone(), guard::safe_headers))
        .layer(from_fn(guard::stay_here))
        .layer(from_fn(guard::read_to_the_end)))
}

/// What Safaricom posts to: no sessions, no origin check, no cookies. `/healthz` is here too: it tells that the process answers.
fn callbacks(state: &AppState) -> Router {
    let (routes, _) = callback_routes().into_routers();
    routes.with_state(state.clone())
}

fn callback_routes() -> Routes {
    Routes::default()
        .get(Anyone, "/healthz", async || "ok")
        .post(Safaricom, "/payments/api/callback/", payments::callback::receive_bare)
        .post(Safaricom, "/payments/api/callback/{token}", payments::callback::receive)
        .post(Safaricom, "/payments/api/c2b/{token}/confirmation", payments::c2b::confirm)
        .post(Safaricom, "/payments/api/c2b/{token}/validation", payments::c2b::validate)
}

fn site(state: &AppState) -> anyhow::Result<Router> {
    let context = pages::context(state.clone());
    let shell_options = state.leptos.clone();
    let (routes, uploads) = site_routes().into_routers();
    let routes = routes
        .leptos_routes_with_context(state, app::ROUTES.clone(), context, move || app::shell(shell_options.clone()))
        .route(&site_pkg_dir_service_route_path(&state.leptos), hashed_files(&state.leptos))
        .fallback(pages::fallback)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(from_fn(guard::whole_forms))
        .merge(uploads.layer(DefaultBodyLimit::disable()).layer(from_fn(guard::parts_alone)))
        .layer(from_fn_with_state(state.clone(), pages::show_form_problems))
        .layer(from_fn_with_state(state.clock.clone(), accounts::api::know_viewer))
        .layer(Sessions::layer(state.db.clone(), state.clock.clone(), state.settings.is_https()))
        .layer(from_fn_with_state(state.settings.clone(), accounts::browser::know_browser))
        .layer(CsrfLayer::new().add_trusted_origin(state.settings.origin())?)
        .layer(from_fn(language::know_language))
        .layer(CompressionLayer::new())
        .with_state(state.clone());
    Ok(routes)
}

/// Every route but the pages (`app::ROUTES`) and the server functions.
#[cfg(test)]
pub fn routes() -> Vec<Route> {
    callback_routes().merge(site_routes()).into_list()
}

fn site_routes() -> Routes {
    payment_routes().merge(account_routes()).merge(tip_routes()).merge(selling_routes()).merge(desk_routes())
}

fn payment_routes() -> Routes {
    Routes::default()
        .post(Buyer, "/payments/api/initiate-tip-payment/", payments::contract::initiate)
        .get(SignedIn, "/payments/api/status/{id}/", payments::contract::status)
        .get(SignedIn, "/api/payments/events", payments::watch::events)
        .post(SignedIn, "/api/payments/{id}/check", payments::forms::check_again)
        .post(SignedIn, "/api/payments/{id}/claim", payments::forms::claim)
}

fn account_routes() -> Routes {
    Routes::default()
        .post(Anyone, "/api/language", language::choose)
        .post(Anyone, "/api/accounts/register", accounts::api::register)
        .post(Anyone, "/api/accounts/sign-in", accounts::api::sign_in)
        .post(Anyone, "/api/accounts/sign-out", accounts::api::sign_out)
        .post(Anyone, "/api/accounts/code", accounts::forms::enter_code)
        .post(Anyone, "/api/accounts/code/again", accounts::forms::send_again)
        .post(Anyone, "/api/accounts/reset", accounts::forms::begin_reset)
        .post(SignedIn, "/api/accounts/prove", accounts::forms::begin_proof)
        .post(SignedIn, "/api/accounts/profile", accounts::forms::set_profile)
        .upload(SignedIn, "/api/accounts/portrait", accounts::forms::set_portrait)
        .post(SignedIn, "/api/accounts/portrait/remove", accounts::forms::remove_portrait)
        .get(Anyone, "/portraits/{name}", accounts::forms::portrait)
        .post(SignedIn, "/api/accounts/password", accounts::forms::change_password)
        .post(SignedIn, "/api/accounts/sign-out-everywhere", accounts::forms::sign_out_everywhere)
        .post(SignedIn, "/api/accounts/sessions/{id}/end", accounts::forms::end_session)
        .post(SignedIn, "/api/accounts/limit", accounts::forms::set_limit)
        .post(SignedIn, "/api/accounts/break", accounts::forms::take_break)
        .post(SignedIn, "/api/accounts/close", accounts::forms::close)
        .post(SignedIn, "/notices/read", accounts::api::read_all_notices)
        .post(SignedIn, "/notices/{id}/read", accounts::api::read_notice)
        .post(SignedIn, "/follows/{person}", accounts::api::follow)
}

/// Files of tips. Who may read what of them depends on the tip.
fn tip_routes() -> Routes {
    Routes::default()
        .get(Anyone, "/tips/{number}/betslip", tips::api::clear_picture)
        .get(Anyone, "/tips/{number}/preview.jpg", tips::api::preview)
        .get(Anyone, "/tips/{number}/sealed.txt", tips::api::sealed_text)
}

/// The forms of those who sell.
fn selling_routes() -> Routes {
    Routes::default()
        .get(Tipster, "/sell/{id}/picture", selling::api::draft_picture)
        .post(Tipster, "/api/selling/drafts", selling::api::start)
        .post(Tipster, "/api/selling/drafts/{id}/details", selling::api::save_details)
        .post(Tipster, "/api/selling/drafts/{id}/matches", selling::api::add_leg)
        .post(Tipster, "/api/selling/drafts/{id}/matches/{number}/remove", selling::api::remove_leg)
        .upload(Tipster, "/api/selling/drafts/{id}/picture", selling::api::set_picture)
        .post(Tipster, "/api/selling/drafts/{id}/picture/remove", selling::api::remove_picture)
        .post(Tipster, "/api/selling/drafts/{id}/publish", selling::api::publish)
        .post(Tipster, "/api/selling/drafts/{id}/delete", selling::api::delete)
        .post(Tipster, "/api/selling/tips/{number}/withdraw", selling::api::withdraw)
}

/// The forms of the operator's desk.
fn desk_routes() -> Routes {
    Routes::default()
        .get(Staff, "/desk/tips/{number}/betslip", desk::api::betslip)
        .post(Staff, "/api/desk/tips/{number}/approve", desk::api::approve)
        .post(Staff, "/api/desk/tips/{number}/reject", desk::api::reject)
        .post(Staff, "/api/desk/results/{number}/{position}", desk::api::settle)
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
