//! Pages that are not asked for by their own address: a form with what is wrong in it, and what is not there.

use std::any::Any;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, REFERER, VARY};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use leptos::prelude::{provide_context, use_context};
use tower::ServiceExt;

use crate::app;
use crate::context::App;
use crate::people::browser::Browser;
use crate::platform::address::ClientAddress;
use crate::platform::forms::{RefusedForm, wants_page};
use crate::platform::paths;
use crate::platform::redirect::{leading_to, own_path, path_here, see_other};
use crate::platform::viewer::Viewer;
use crate::types::{AppError, Language};

/// For icons and the like, whose names stay the same when they change: after a day the browser asks for a
/// change.
const FILES_ARE_KEPT: &str = "public, max-age=86400";

/// The page that is shown if a refused form has no page of its own.
const PROBLEM_PAGE: &str = "/problem";

/// The pages of one-time codes, which one browser alone may see.
const CODES: &str = "/code/";

/// Who asks for a page, and what pages learn about them.
#[derive(Clone)]
struct PageAsker {
    viewer: Option<Viewer>,
    browser: Browser,
    language: Language,
    address: Option<ClientAddress>,
}

impl PageAsker {
    fn of(extensions: &Extensions) -> Self {
        let viewer = Viewer::of(extensions);
        let browser = extensions.get::<Browser>().cloned().unwrap_or_default();
        let language = extensions.get::<Language>().copied().unwrap_or_default();
        Self { viewer, browser, language, address: extensions.get::<ClientAddress>().copied() }
    }
}

/// Gives each page its context: who asks, in which language, and the services.
pub fn context(state: App) -> impl Fn() + Clone + Send + Sync + 'static {
    move || {
        let parts = use_context::<Parts>();
        let none = Extensions::new();
        provide(&state, &PageAsker::of(parts.as_ref().map_or(&none, |parts| &parts.extensions)));
    }
}

fn provide(state: &App, asker: &PageAsker) {
    provide_context(asker.viewer.clone());
    provide_context(asker.browser.clone());
    provide_context(asker.language);
    if let Some(address) = asker.address {
        provide_context(address);
    }
    provide_context(state.site.clone());
    provide_context(state.people.clone());
    provide_context(state.tips.clone());
    provide_context(state.selling.clone());
    provide_context(state.payments.clone());
    provide_context(state.wallets.clone());
    provide_context(state.purchases.clone());
    provide_context(state.notices.clone());
    provide_context(state.follows.clone());
    provide_context(state.desk.clone());
}

/// A layer that answers a browser whose form was refused with the form's page and the reasons in it; a
/// program gets the JSON. It also forbids caches to keep pages that were made for one person.
pub async fn show_refused_forms(State(state): State<App>, request: Request, next: Next) -> Response {
    let asker = PageAsker::of(request.extensions());
    let is_private = asker.viewer.is_some() || request.uri().path().starts_with(CODES);
    let is_form = *request.method() == Method::POST && wants_page(request.headers());
    let referer = request.headers().get(REFERER).cloned();
    let mut response = next.run(request).await;
    if let Some(refused) = response.extensions_mut().remove::<RefusedForm>().filter(|_| is_form) {
        response = refused_page(&state, asker, refused, referer.as_ref(), response.status()).await;
    }
    if is_private && !response.headers().contains_key(CACHE_CONTROL) {
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    }
    response
}

/// The page of a refused form. A form without a page of its own gets a page with the reason, or the way to
/// sign in. The page is made at once and not asked for by a redirect: what was typed would have to be kept
/// for it, and each refusal would write to the database.
async fn refused_page(
    state: &App,
    asker: PageAsker,
    mut refused: RefusedForm,
    referer: Option<&HeaderValue>,
    status: StatusCode,
) -> Response {
    let page = if let Some(page) = refused.page.as_deref().and_then(own_path) {
        page.to_owned()
    } else {
        // The page that sent the form, or the market if the browser does not tell it.
        let came_from = path_here(referer.and_then(|referer| referer.to_str().ok()).unwrap_or_default());
        if asker.viewer.is_none() && matches!(refused.error, AppError::SignIn(_)) {
            return see_other(&leading_to(paths::SIGN_IN, &came_from));
        }
        refused.page = Some(came_from);
        PROBLEM_PAGE.to_owned()
    };
    let again = state.clone();
    let context = move || {
        provide(&again, &asker);
        provide_context(refused.clone());
    };
    app::render(&state.leptos, &page, status, context).await
}

/// Answers what no route does: a file of `public/`, a redirect from an address with a slash too many, or a
/// 404.
pub async fn fallback(State(state): State<App>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let asker = PageAsker::of(request.extensions());
    if path.starts_with("/api/") || path.starts_with("/payments/api/") {
        return AppError::not_found("There is no such address.").into_response();
    }
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let without_slash = path.strip_suffix('/').map(|path| path.trim_end_matches('/')).and_then(own_path);
    if let Some(path) = without_slash.filter(|_| is_read) {
        return Redirect::permanent(path).into_response();
    }
    if is_read {
        let folder = tower_http::services::ServeDir::new(&*state.leptos.site_root)
            .append_index_html_on_directories(false);
        let Ok(mut file) = folder.precompressed_br().precompressed_gzip().oneshot(request).await;
        if file.status() != StatusCode::NOT_FOUND {
            file.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(FILES_ARE_KEPT));
            file.headers_mut().insert(VARY, HeaderValue::from_static("accept-encoding"));
            return file.map(Body::new);
        }
    }
    let context = {
        let state = state.clone();
        move || provide(&state, &asker)
    };
    app::render(&state.leptos, &path, StatusCode::NOT_FOUND, context).await
}

/// The answer after a panic, which is our own fault: one line in the log, and no internals in the answer.
#[expect(clippy::needless_pass_by_value, reason = "the layer's signature")]
pub fn after_panic(panic: Box<dyn Any + Send + 'static>) -> Response {
    let reason =
        panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    tracing::error!(reason = reason.unwrap_or("unknown"), "a handler panicked");
    AppError::Internal.into_response()
}
