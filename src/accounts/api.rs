//! Registering, signing in and out over HTTP, and who is asking. Forms and programs use the same addresses.

use axum::Extension;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Request, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use leptos::prelude::use_context;
use tower_sessions::Session;

use super::form::{FormProblem, Registration, SignIn};
use super::{Accounts, Viewer};
use crate::platform::address::ClientAddress;
use crate::platform::clock::Clock;
use crate::types::{AppError, AppResult};

const VIEWER: &str = "viewer";
const SEEN: &str = "seen";
/// A session in use is written this often (MONEY §3).
const TOUCH_EVERY_SECONDS: i64 = 3600;
const HOME: &str = "/tips";

/// The signed-in person of this request, if any.
pub fn viewer() -> Option<Viewer> {
    use_context::<Option<Viewer>>().flatten()
}

/// `POST /api/accounts/register`: 303 and a session, or 4xx with the reason.
pub async fn register(State(accounts): State<Accounts>, session: Session, form: Result<Form<Registration>, FormRejection>) -> Response {
    let Ok(Form(form)) = form else { return unreadable().into_response() };
    match accounts.register(&form).await {
        Ok(viewer) => enter(&session, &viewer, &form.next).await.into_response(),
        Err((field, error)) => rejected(field, &error, form.without_password()),
    }
}

/// `POST /api/accounts/sign-in`: 303 and a session, or 4xx with the reason.
pub async fn sign_in(
    State(accounts): State<Accounts>,
    Extension(address): Extension<ClientAddress>,
    session: Session,
    form: Result<Form<SignIn>, FormRejection>,
) -> Response {
    let Ok(Form(form)) = form else { return unreadable().into_response() };
    match accounts.sign_in(&form, address.0).await {
        Ok(viewer) => enter(&session, &viewer, &form.next).await.into_response(),
        Err(error) => {
            let field = matches!(error, AppError::Invalid(_)).then_some("phone_number");
            rejected(field, &error, Registration { phone_number: form.phone_number, next: form.next, ..Registration::default() })
        }
    }
}

/// `POST /api/accounts/sign-out`: forgets the session.
pub async fn sign_out(session: Session) -> AppResult<Response> {
    session.flush().await.map_err(session_failed)?;
    Ok(see_other("/"))
}

/// Puts `Option<Viewer>` on each request, and writes a session that is in use once an hour.
pub async fn know_viewer(State(clock): State<Clock>, session: Session, mut request: Request, next: Next) -> Response {
    let viewer: Option<Viewer> = match session.get(VIEWER).await {
        Ok(viewer) => viewer,
        // Written by an older program: as good as signed out.
        Err(tower_sessions::session::Error::SerdeJson(_)) => None,
        Err(error) => return session_failed(error).into_response(),
    };
    if viewer.is_some() {
        let now = clock.now().timestamp();
        let seen = session.get::<i64>(SEEN).await.ok().flatten().unwrap_or(0);
        if now - seen >= TOUCH_EVERY_SECONDS
            && let Err(error) = session.insert(SEEN, now).await
        {
            return session_failed(error).into_response();
        }
    }
    request.extensions_mut().insert(viewer);
    next.run(request).await
}

/// A new session id at each sign-in: an id that was planted before is worth nothing.
async fn enter(session: &Session, viewer: &Viewer, next: &str) -> AppResult<Response> {
    session.cycle_id().await.map_err(session_failed)?;
    session.insert(VIEWER, viewer).await.map_err(session_failed)?;
    Ok(see_other(safe_next(next)))
}

fn rejected(field: Option<&'static str>, error: &AppError, typed: Registration) -> Response {
    let mut response = error.clone().into_response();
    // The server turns this into the form's own page for browsers.
    response.extensions_mut().insert(FormProblem { field, message: error.text(), typed });
    response
}

fn unreadable() -> AppError {
    AppError::invalid("The form could not be read.")
}

#[expect(clippy::needless_pass_by_value, reason = "handed to map_err")]
fn session_failed(error: tower_sessions::session::Error) -> AppError {
    tracing::error!(%error, "a session could not be read or written");
    AppError::Busy
}

/// Only a path of our own site; anything else is the market.
pub fn safe_next(next: &str) -> &str {
    let is_path = next.starts_with('/') && !next.starts_with("//") && !next.starts_with("/\\");
    let is_plain = next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if is_path && is_plain { next } else { HOME }
}

fn see_other(path: &str) -> Response {
    let location = HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static(HOME));
    (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response()
}

#[cfg(test)]
mod tests {
    use super::safe_next;

    #[test]
    fn nobody_is_sent_to_another_site() {
        assert_eq!(safe_next("/tips/17?x=1"), "/tips/17?x=1");
        for evil in
            ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\t/evil.example", "/a\r\nx: y", ""]
        {
            assert_eq!(safe_next(evil), "/tips", "{evil:?}");
        }
    }
}
