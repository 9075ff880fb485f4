//! The handsets and the inspector in the browser. Each is a page, a script and a style sheet, and loads
//! nothing from other sites.

use std::sync::Arc;

use axum::Router;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::response::IntoResponse;
use axum::routing::get;

use super::state::SimulatorState;

const HTML: &str = include_str!("page/index.html");
const SCRIPT: &str = include_str!("page/handsets.js");
const STYLE: &str = include_str!("page/handsets.css");
const INSPECTOR_HTML: &str = include_str!("page/inspector.html");
const INSPECTOR_SCRIPT: &str = include_str!("page/inspector.js");
const INSPECTOR_STYLE: &str = include_str!("page/inspector.css");
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(super) fn routes() -> Router<Arc<SimulatorState>> {
    Router::new()
        .route("/", get(async || file("text/html; charset=utf-8", HTML)))
        .route("/handsets.js", get(async || file("text/javascript; charset=utf-8", SCRIPT)))
        .route("/handsets.css", get(async || file("text/css; charset=utf-8", STYLE)))
        .route("/inspector", get(async || file("text/html; charset=utf-8", INSPECTOR_HTML)))
        .route("/inspector.js", get(async || file("text/javascript; charset=utf-8", INSPECTOR_SCRIPT)))
        .route("/inspector.css", get(async || file("text/css; charset=utf-8", INSPECTOR_STYLE)))
}

fn file(content_type: &'static str, text: &'static str) -> impl IntoResponse {
    let headers = [
        (CONTENT_TYPE, content_type),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (CACHE_CONTROL, "no-cache"),
    ];
    (headers, text)
}
