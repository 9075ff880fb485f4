//! Pages that are not asked for by their own address: a form with what is wrong in it, and what is not there.

use std::any::Any;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{ACCEPT, CACHE_CONTROL, REFERER, VARY};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use leptos::prelude::{provide_context, use_context};
use leptos::server_fn::error::{FromServerFnError, SERVER_FN_ERROR_HEADER};
use tower::ServiceExt;

use super::middleware::BODY_LIMIT;
use crate::app::{self, FormRefusal, PageProblem};
use crate::context::App;
use crate::people::browser::Browser;
use crate::people::{FormAgain, FormProblem};
use crate::platform::address::ClientAddress;
use crate::platform::error_response::ShowAgain;
use crate::platform::redirect::{own_path, path_here};
use crate::platform::viewer::Viewer;
use crate::types::{AppError, Language};

/// Icons and the like, whose names stay when they change: after a day their tag is asked about.
const FILES_ARE_KEPT: &str = "public, max-age=86400";

/// What is shown where a form has no page of its own.
const PROBLEM_PAGE: &str = "/problem";

/// Who asks for a page, and in which language.
#[derive(Clone)]
struct PageAsker {
    viewer: Option<Viewer>,
    browser: Browser,
    language: Language,
    address: Option<ClientAddress>,
}

impl PageAsker {
    fn of(extensions: &Extensions) -> Self {
        let viewer = extensions.get::<Option<Viewer>>().cloned().flatten();
        let browser = extensions.get::<Browser>().cloned().unwrap_or_default();
        let language = extensions.get::<Language>().copied().unwrap_or_default();
        Self { viewer, browser, language, address: extensions.get::<ClientAddress>().copied() }
    }
}

/// What every page and server function may ask for.
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

/// A browser whose form was not accepted gets the form's page again, with the reason in it; a program gets
/// the JSON. Pages made for one person are kept by nobody.
pub async fn show_form_problems(State(state): State<App>, request: Request, next: Next) -> Response {
    let is_browser = accepts_html(&request);
    let path = request.uri().path().to_owned();
    let asker = PageAsker::of(request.extensions());
    let is_private = asker.viewer.is_some() || path.starts_with("/code/");
    let is_form = *request.method() == Method::POST;
    let referer = request.headers().get(REFERER).cloned();
    let came_from = own_page(referer.as_ref());
    let mut response = next.run(request).await;
    if let Some(form) = response.extensions_mut().remove::<FormAgain>()
        && is_browser
    {
        let (again, page) = (state.clone(), form.page.clone());
        let context = move || {
            provide(&again, &asker);
            provide_context(form.clone());
        };
        response = app::render(&state.leptos, &page, response.status(), context).await;
    } else if let Some(problem) = response.extensions_mut().remove::<FormProblem>()
        && is_browser
    {
        let page = if path.ends_with("/register") { "/register" } else { "/sign-in" };
        let again = state.clone();
        let context = move || {
            provide(&again, &asker);
            provide_context(problem.clone());
        };
        response = app::render(&state.leptos, page, response.status(), context).await;
    } else if let Some(ShowAgain { page, provide: problem }) = response.extensions_mut().remove::<ShowAgain>()
        && is_browser
    {
        let again = state.clone();
        let context = move || {
            provide(&again, &asker);
            problem();
        };
        response = app::render(&state.leptos, &page, response.status(), context).await;
    } else if is_browser && response.headers().contains_key(SERVER_FN_ERROR_HEADER) {
        response = refused_call(&state, asker, response, referer.as_ref()).await;
    } else if let Some(error) =
        response.extensions_mut().remove::<AppError>().filter(|_| is_form && is_browser)
    {
        response = problem_page(&state, asker, error, &came_from, response.status()).await;
    }
    if is_private && !response.headers().contains_key(CACHE_CONTROL) {
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    }
    response
}

/// A form that was refused and has no page to be shown again on: a page with the reason, or the way to sign
/// in.
async fn problem_page(
    state: &App,
    asker: PageAsker,
    error: AppError,
    came_from: &str,
    status: StatusCode,
) -> Response {
    if asker.viewer.is_none() && matches!(error, AppError::SignIn(_)) {
        return Redirect::to(&app::leading_to("/sign-in", came_from)).into_response();
    }
    let again = state.clone();
    let context = move || {
        provide(&again, &asker);
        provide_context(PageProblem(error.clone()));
    };
    app::render(&state.leptos, PROBLEM_PAGE, status, context).await
}

/// The page that sent the form; the market if it is not told.
fn own_page(referer: Option<&HeaderValue>) -> String {
    path_here(referer.and_then(|referer| referer.to_str().ok()).unwrap_or_default())
}

/// A server function sends a refused form back to its page with the reason in the address. An address must
/// not be able to put words on our pages, so the page is made here, at once, with the reason handed over; a
/// page of its own where a browser does not tell which one it was.
async fn refused_call(
    state: &App,
    asker: PageAsker,
    refused: Response,
    referer: Option<&HeaderValue>,
) -> Response {
    let status = refused.status();
    if asker.viewer.is_none() && status == StatusCode::UNAUTHORIZED {
        return Redirect::to(&app::leading_to("/sign-in", &own_page(referer))).into_response();
    }
    let body = axum::body::to_bytes(refused.into_body(), BODY_LIMIT).await;
    let reason = body.map_or(AppError::Internal, AppError::de).to_string();
    let again = state.clone();
    let context = move || {
        provide(&again, &asker);
        provide_context(FormRefusal(reason.clone()));
        provide_context(PageProblem(AppError::invalid(reason.clone())));
    };
    let page = if referer.is_some() { own_page(referer) } else { PROBLEM_PAGE.to_owned() };
    app::render(&state.leptos, &page, status, context).await
}

/// Files of `public/`, an address with a slash too many, or a clear 404.
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

/// A panic is our own fault: one line in the log, no internals in the answer.
#[expect(clippy::needless_pass_by_value, reason = "the layer's signature")]
pub fn after_panic(panic: Box<dyn Any + Send + 'static>) -> Response {
    let reason =
        panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    tracing::error!(reason = reason.unwrap_or("unknown"), "a handler panicked");
    AppError::Internal.into_response()
}

fn accepts_html(request: &Request) -> bool {
    request
        .headers()
        .get(ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.contains("text/html"))
}
