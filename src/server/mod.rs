//! The HTTP server: what answers where, what every answer carries, how the server starts and how it stops.

mod cache;
mod connections;
mod csp;
mod door;
pub mod housekeeping;
pub mod jobs;
mod language;
mod middleware;
mod pages;
mod routes;
mod start;

use axum::Router;
use axum::extract::DefaultBodyLimit;
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

use cache::PageCache;
#[cfg(test)]
pub use connections::{Crowd, Patience, is_from_safaricom, serve as answer_connections};
use door::Door;
use middleware::BODY_LIMIT;
use routes::Access::{Anyone, Buyer, Safaricom, SignedIn, Staff, Tipster};
use routes::Routes;
#[cfg(test)]
pub use routes::{Access, Route};
#[cfg(test)]
pub use start::{RunningServer, Start, start};
pub use start::{run, simulator_options};

use crate::app;
use crate::context::App;
use crate::desk;
use crate::follows;
use crate::notices;
use crate::payments;
use crate::people;
use crate::platform::paths;
use crate::platform::sessions::Sessions;
use crate::tips::{self, selling};

/// All of the site, with Safaricom's addresses, behind its door.
///
/// # Errors
/// An error if the site's own address cannot be an origin.
pub fn door(state: &App) -> anyhow::Result<Door> {
    let site = Router::new()
        .fallback_service(site(state)?)
        .layer(from_fn_with_state(state.settings.clone(), middleware::play_money_at_home));
    let all = callbacks(state).fallback_service(site).layer(CatchPanicLayer::custom(pages::after_panic));
    let pages = PageCache::new(state.tips.views.clone(), state.settings.is_https());
    Ok(Door::new(state.settings.clone(), pages, all))
}

/// The routes to which Safaricom posts, without sessions, origin check or cookies. `/healthz` is here too: it
/// tells that the process answers.
fn callbacks(state: &App) -> Router {
    let (routes, _) = callback_routes().into_routers();
    routes.with_state(state.clone())
}

fn callback_routes() -> Routes {
    Routes::default()
        .get(Anyone, "/healthz", async || "ok")
        .post(Safaricom, "/payments/api/callback/", payments::webhooks::bare_callback)
        .post(Safaricom, paths::CALLBACK, payments::webhooks::callback)
        .post(Safaricom, paths::C2B_CONFIRMATION, payments::webhooks::c2b_confirmation)
        .post(Safaricom, paths::C2B_VALIDATION, payments::webhooks::c2b_validation)
}

fn site(state: &App) -> anyhow::Result<Router> {
    let context = pages::context(state.clone());
    let shell_options = state.leptos.clone();
    let (routes, uploads) = site_routes().into_routers();
    let routes = routes
        .leptos_routes_with_context(state, app::ROUTES.clone(), context, move || {
            app::shell(shell_options.clone())
        })
        .route(&site_pkg_dir_service_route_path(&state.leptos), hashed_files(&state.leptos))
        .fallback(pages::fallback)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(from_fn(middleware::whole_forms))
        .merge(uploads.layer(DefaultBodyLimit::disable()).layer(from_fn(middleware::parts_alone)))
        .layer(from_fn_with_state(state.clone(), pages::show_refused_forms))
        .layer(from_fn_with_state(state.clock.clone(), people::api::know_viewer))
        .layer(Sessions::layer(state.db.clone(), state.clock.clone(), state.settings.is_https()))
        .layer(from_fn_with_state(state.settings.clone(), people::browser::know_browser))
        .layer(CsrfLayer::new().add_trusted_origin(state.settings.origin())?)
        .layer(from_fn(language::know_language))
        .layer(CompressionLayer::new())
        .with_state(state.clone());
    Ok(routes)
}

/// Every route but the pages, which are in `app::ROUTES`.
#[cfg(test)]
pub fn routes() -> Vec<Route> {
    callback_routes().merge(site_routes()).into_list()
}

fn site_routes() -> Routes {
    payment_routes().merge(account_routes()).merge(tip_routes()).merge(selling_routes()).merge(desk_routes())
}

fn payment_routes() -> Routes {
    Routes::default()
        .post(Buyer, "/payments/api/initiate-tip-payment/", payments::http_api::initiate)
        .get(SignedIn, "/payments/api/status/{id}/", payments::http_api::status)
        .post(Buyer, paths::POST_PAYMENT, payments::http::start)
        .get(SignedIn, paths::PAYMENT_STATE, payments::http::state)
        .get(SignedIn, paths::PAYMENT_EVENTS, payments::live::events)
        .post(SignedIn, paths::POST_PAYMENT_CHECK, payments::http::check_again)
        .post(SignedIn, paths::POST_PAYMENT_CLAIM, payments::http::claim)
}

fn account_routes() -> Routes {
    Routes::default()
        .post(Anyone, paths::POST_LANGUAGE, language::choose)
        .post(Anyone, paths::POST_REGISTER, people::api::register)
        .post(Anyone, paths::POST_SIGN_IN, people::api::sign_in)
        .post(Anyone, paths::POST_SIGN_OUT, people::api::sign_out)
        .post(Anyone, paths::POST_CODE, people::http::enter_code)
        .post(Anyone, paths::POST_CODE_AGAIN, people::http::send_again)
        .post(Anyone, paths::POST_RESET, people::http::begin_reset)
        .post(SignedIn, paths::POST_PROVE, people::http::begin_proof)
        .post(SignedIn, paths::POST_PROFILE, people::http::set_profile)
        .upload(SignedIn, paths::POST_PORTRAIT, people::http::set_portrait)
        .post(SignedIn, paths::POST_PORTRAIT_REMOVE, people::http::remove_portrait)
        .get(Anyone, paths::PORTRAIT, people::http::portrait)
        .post(SignedIn, paths::POST_PASSWORD, people::http::change_password)
        .post(SignedIn, paths::POST_SIGN_OUT_EVERYWHERE, people::http::sign_out_everywhere)
        .post(SignedIn, paths::POST_SESSION_END, people::http::end_session)
        .post(SignedIn, paths::POST_LIMIT, people::http::set_limit)
        .post(SignedIn, paths::POST_BREAK, people::http::take_break)
        .post(SignedIn, paths::POST_CLOSE, people::http::close)
        .post(SignedIn, paths::POST_NOTICES_READ, notices::api::read_all_notices)
        .post(SignedIn, paths::POST_NOTICE_READ, notices::api::read_notice)
        .post(SignedIn, paths::POST_FOLLOW, follows::api::follow)
}

/// The files of tips. What somebody may read of them depends on the tip.
fn tip_routes() -> Routes {
    Routes::default()
        .get(Anyone, paths::TIP_BETSLIP, tips::api::clear_picture)
        .get(Anyone, paths::TIP_PREVIEW, tips::api::preview)
        .get(Anyone, paths::TIP_SEALED, tips::api::sealed_text)
}

/// The forms of those who sell.
fn selling_routes() -> Routes {
    Routes::default()
        .get(Tipster, paths::DRAFT_PICTURE, selling::api::draft_picture)
        .post(Tipster, paths::POST_DRAFT, selling::api::start)
        .post(Tipster, paths::POST_DRAFT_DETAILS, selling::api::save_details)
        .post(Tipster, paths::POST_DRAFT_MATCH, selling::api::add_leg)
        .post(Tipster, paths::POST_DRAFT_MATCH_REMOVE, selling::api::remove_leg)
        .upload(Tipster, paths::POST_DRAFT_PICTURE, selling::api::set_picture)
        .post(Tipster, paths::POST_DRAFT_PICTURE_REMOVE, selling::api::remove_picture)
        .post(Tipster, paths::POST_DRAFT_PUBLISH, selling::api::publish)
        .post(Tipster, paths::POST_DRAFT_DELETE, selling::api::delete)
        .post(Tipster, paths::POST_WITHDRAW, selling::api::withdraw)
}

/// The forms of the operator's desk.
fn desk_routes() -> Routes {
    Routes::default()
        .get(Staff, paths::DESK_BETSLIP, desk::api::betslip)
        .post(Staff, paths::POST_APPROVE, desk::api::approve)
        .post(Staff, paths::POST_REJECT, desk::api::reject)
        .post(Staff, paths::POST_RESULT, desk::api::settle)
}

/// The browser's files. Their names hold a hash of their content, so they may be kept for a year.
fn hashed_files(options: &LeptosOptions) -> axum::routing::MethodRouter<App> {
    fn cache<B>(response: &Response<B>) -> Option<HeaderValue> {
        response
            .status()
            .is_success()
            .then(|| HeaderValue::from_static("public, max-age=31536000, immutable"))
    }
    let service = ServiceBuilder::new()
        .layer(SetResponseHeaderLayer::overriding(CACHE_CONTROL, cache))
        .layer(SetResponseHeaderLayer::overriding(VARY, HeaderValue::from_static("accept-encoding")))
        .service(site_pkg_dir_service(options));
    axum::routing::get_service(service)
}
