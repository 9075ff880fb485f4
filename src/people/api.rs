//! Registering, signing in and signing out over HTTP, what pages ask about people, and the middleware that
//! finds out who is asking. Forms and programs use the same addresses.

use axum::Extension;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use leptos::prelude::expect_context;
use tower_sessions::Session;

use super::browser::{Browser, remember};
use super::devices::Device;
use super::otp::{Begun, CodeAsker, CodeView, Sent};
use super::registration::{Registration, SignIn, check_written};
use super::sign_in::Caller;
use super::spending_limits::Bounds;
use super::store::profile::AccountProfile;
use super::{Entrant, People, devices};
use crate::platform::address::ClientAddress;
use crate::platform::clock::Clock;
use crate::platform::forms::{RefusedForm, Typed};
use crate::platform::paths;
use crate::platform::redirect::{leading_to, safe_next, see_other};
use crate::platform::sessions::{BROWSER, GENERATION, VIEWER};
use crate::platform::viewer::{Viewer, signed_in};
use crate::types::{AppError, AppResult, Language};

/// Under this name a session keeps the Unix second of its last use, as it was last written.
const SEEN: &str = "seen";
/// How often a session in use is written (MONEY §3).
const TOUCH_EVERY_SECONDS: i64 = 3600;

/// `POST /api/accounts/register`: 303 to the page of the code that proves the number. Where no messages can
/// be sent, 303 and a session. A refused form is shown again with the reason and its status.
///
/// # Errors
/// [`AppError::Busy`] if the session cannot be written.
pub async fn register(
    State(people): State<People>,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    Extension(browser): Extension<Browser>,
    Extension(language): Extension<Language>,
    session: Session,
    Typed(form): Typed<Registration>,
) -> AppResult<Response> {
    match people
        .begin_registration(&form, CodeAsker { caller: Caller { address, browser: &browser }, language })
        .await
    {
        Ok(Begun::Code(sent)) => Ok(to_code_page(&browser, &sent)),
        Ok(Begun::Entered(entrant)) => enter(&people, &browser, &session, &entrant, &form.next).await,
        Err((field, error)) => {
            let refused = RefusedForm::new(leading_to(paths::REGISTER, &form.next), "register", error);
            Ok(refused.at(field).typed(form.typed()).into_response())
        }
    }
}

/// `POST /api/accounts/sign-in`: 303 and a session. A refused form is shown again with the reason and its
/// status.
///
/// # Errors
/// [`AppError::Busy`] if the session cannot be written.
pub async fn sign_in(
    State(people): State<People>,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    Extension(browser): Extension<Browser>,
    session: Session,
    Typed(form): Typed<SignIn>,
) -> AppResult<Response> {
    let (field, error) = match check_written(&form.password) {
        Err(error) => (Some("password"), error),
        Ok(()) => match people.sign_in(&form, Caller { address, browser: &browser }).await {
            Ok(entrant) => return enter(&people, &browser, &session, &entrant, &form.next).await,
            Err(error) => (matches!(error, AppError::Invalid(_)).then_some("phone_number"), error),
        },
    };
    let refused = RefusedForm::new(leading_to(paths::SIGN_IN, &form.next), "sign-in", error);
    Ok(refused.at(field).typed([("phone_number", form.phone_number)]).into_response())
}

/// `POST /api/accounts/sign-out`: deletes the session, and 303 to the front page. Without a session it does
/// the same.
///
/// # Errors
/// [`AppError::Busy`] if the session cannot be deleted.
pub async fn sign_out(session: Session) -> AppResult<Response> {
    session.flush().await.map_err(session_failed)?;
    Ok(see_other(paths::HOME))
}

/// What the page of a code shows, in the browser that asked for it.
///
/// # Errors
/// [`AppError::NotFound`] if this browser asked for no such code; [`AppError::Busy`] or
/// [`AppError::Internal`] if the database fails.
pub async fn code_view(id: &str) -> AppResult<CodeView> {
    expect_context::<People>().code_view(id, &expect_context::<Browser>()).await
}

/// Whether SMS can be sent, so that numbers are proven by codes and passwords are chosen with them.
pub fn can_send() -> bool {
    expect_context::<People>().can_send()
}

/// The signed-in person's own account, and whether codes can be sent.
///
/// # Errors
/// [`AppError::SignIn`] if nobody is signed in; [`AppError::Busy`] or [`AppError::Internal`] if the database
/// fails.
pub async fn profile() -> AppResult<(AccountProfile, bool)> {
    let viewer = signed_in()?;
    let people = expect_context::<People>();
    Ok((people.profile(&viewer).await?, people.can_send()))
}

/// The sessions of the signed-in person, the last used first.
///
/// # Errors
/// [`AppError::SignIn`] if nobody is signed in; [`AppError::Busy`] or [`AppError::Internal`] if the database
/// fails.
pub async fn devices() -> AppResult<Vec<Device>> {
    let viewer = signed_in()?;
    Ok(expect_context::<People>().devices(&viewer).await?)
}

/// The signed-in person's spending limits and break.
///
/// # Errors
/// [`AppError::SignIn`] if nobody is signed in; [`AppError::Busy`] or [`AppError::Internal`] if the database
/// fails.
pub async fn bounds() -> AppResult<Bounds> {
    let viewer = signed_in()?;
    Ok(expect_context::<People>().bounds(&viewer).await?)
}

/// Middleware that puts `Option<Viewer>` on each request's extensions, writes a session in use once an hour,
/// and notes in a new session which browser it belongs to.
pub async fn know_viewer(
    State(clock): State<Clock>,
    session: Session,
    mut request: Request,
    next: Next,
) -> Response {
    let viewer: Option<Viewer> = match session.get(VIEWER).await {
        Ok(viewer) => viewer,
        // An older version of the program wrote this session; its person must sign in again.
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
    let browser = devices::describe(request.headers());
    request.extensions_mut().insert(viewer);
    let response = next.run(request).await;
    // If somebody signed in by this very request, their session is written after this.
    if session.get::<Viewer>(VIEWER).await.is_ok_and(|viewer| viewer.is_some())
        && session.get::<String>(BROWSER).await.is_ok_and(|known| known.is_none())
        && let Err(error) = session.insert(BROWSER, browser).await
    {
        return session_failed(error).into_response();
    }
    response
}

/// Signs a person in: gives the session a new id, writes who they are into it, marks the browser as known,
/// and answers 303 to `next`, or to the market if `next` is no path of this site. Because the id is new, an
/// id that somebody planted in the browser before is worth nothing.
///
/// # Errors
/// [`AppError::Busy`] if the session cannot be written.
pub async fn enter(
    people: &People,
    browser: &Browser,
    session: &Session,
    entrant: &Entrant,
    next: &str,
) -> AppResult<Response> {
    session.cycle_id().await.map_err(session_failed)?;
    session.insert(VIEWER, &entrant.viewer).await.map_err(session_failed)?;
    session.insert(GENERATION, entrant.generation).await.map_err(session_failed)?;
    Ok(remember(see_other(safe_next(next)), people.known_cookie(browser, entrant)))
}

/// Answers 303 to the page of a code, and gives the browser the cookie without which nobody sees that page.
pub fn to_code_page(browser: &Browser, sent: &Sent) -> Response {
    remember(see_other(&paths::code(sent.id)), browser.code_cookie(sent.id, &sent.secret))
}

#[expect(clippy::needless_pass_by_value, reason = "handed to map_err")]
fn session_failed(error: tower_sessions::session::Error) -> AppError {
    tracing::error!(%error, "a session could not be read or written");
    AppError::Busy
}
