//! The document around every page, and the headers that belong to it.

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_meta::MetaTags;

use super::assets::stylesheet;
use super::routes::App;
use crate::platform::forms::RefusedForm;
use crate::types::Language;

/// The document around every page. It also sets the content security policy of the answer.
#[expect(clippy::needless_pass_by_value, reason = "leptos_axum hands the options over")]
pub fn shell(options: LeptosOptions) -> impl IntoView {
    // Leptos would write what the server loaded into the page once more, for the browser. Paid content could
    // be read there, so this is switched off.
    if let Some(context) = Owner::current_shared_context() {
        context.set_is_hydrating(false);
    }
    set_content_security_policy();
    view! {
        <!DOCTYPE html>
        <html lang=Language::here().as_str()>
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
                {refused_at()}
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// A refused form is shown at the address that it was sent to. This script replaces it by the address of the
/// form's own page, so that a reload asks for that page and sends nothing again. Without scripts only the
/// shown address stays wrong.
fn refused_at() -> impl IntoView {
    let page = use_context::<RefusedForm>().and_then(|refused| refused.page);
    page.map(|page| {
        view! {
            <script nonce=use_nonce() data-page=page>
                "history.replaceState(null,'',document.currentScript.dataset.page)"
            </script>
        }
    })
}

/// Allows only our own files and the scripts of this very answer to run.
fn set_content_security_policy() {
    let (Some(nonce), Some(response)) = (use_nonce(), use_context::<ResponseOptions>()) else { return };
    let policy = format!(
        "default-src 'self'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; img-src \
         'self' data:; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'"
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.insert_header(CONTENT_SECURITY_POLICY, policy);
    }
}

/// Answers with a page that was not asked for by its own address: a refused form that is shown again, or the
/// page for an address that leads nowhere. `address` is the page's own, and `context` provides what its route
/// would, and what is special this time. `status` replaces a 2xx status of the page.
pub async fn render(
    options: &LeptosOptions,
    address: &str,
    status: StatusCode,
    context: impl Fn() + Clone + Send + Sync + 'static,
) -> Response {
    let Ok(request) = Request::get(address).body(Body::empty()) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let options = options.clone();
    let page = leptos_axum::render_app_async_with_context(context, move || shell(options.clone()));
    let mut response = page(request).await;
    if response.status().is_success() {
        *response.status_mut() = status;
    }
    response
}
