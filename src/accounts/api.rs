//! Registering, signing in and out over HTTP, and who is asking. Forms and programs use the same addresses.

use axum::Extension;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Path, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use chrono::DateTime;
use leptos::prelude::{expect_context, use_context};
use serde::Deserialize;
use tower_sessions::Session;

use super::browser::{Browser, remember};
use super::codes::{Asker, Begun, CodeFace, Sent};
use super::devices::Device;
use super::form::{FormProblem, Registration, SignIn, check_written};
use super::news::{Following, Notices, no_such_notice, no_such_tipster};
use super::safe::Bounds;
use super::service::Entrant;
use super::sign_in::Caller;
use super::store::profile::Profile;
use super::{Accounts, Viewer, devices};
use crate::platform::address::ClientAddress;
use crate::platform::clock::Clock;
pub use crate::platform::redirect::{safe_next, see_other};
use crate::platform::sessions::{BROWSER, GENERATION, VIEWER};
use crate::types::{AppError, AppResult, Language, PersonId};

const SEEN: &str = "seen";
/// A session in use is written this often (MONEY §3).
const TOUCH_EVERY_SECONDS: i64 = 3600;

/// The signed-in person of this request, if any.
pub fn viewer() -> Option<Viewer> {
    use_context::<Option<Viewer>>().flatten()
}

/// `POST /api/accounts/register`: 303 to the page of the code that proves the number (without messages: 303 and a session), or 4xx with
/// the reason.
pub async fn register(
    State(accounts): State<Accounts>,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    Extension(browser): Extension<Browser>,
    Extension(language): Extension<Language>,
    session: Session,
    form: Result<Form<Registration>, FormRejection>,
) -> Response {
    let Ok(Form(form)) = form else { return AppError::unreadable_form().into_response() };
    match accounts.begin_registration(&form, Asker { caller: Caller { address, browser: &browser }, language }).await {
        Ok(Begun::Code(sent)) => to_code_page(&browser, &sent),
        Ok(Begun::Entered(entrant)) => enter(&accounts, &browser, &session, &entrant, &form.next).await.into_response(),
        Err((field, error)) => rejected(field, &error, form.without_password()),
    }
}

/// `POST /api/accounts/sign-in`: 303 and a session, or 4xx with the reason.
pub async fn sign_in(
    State(accounts): State<Accounts>,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    Extension(browser): Extension<Browser>,
    session: Session,
    form: Result<Form<SignIn>, FormRejection>,
) -> Response {
    let Ok(Form(form)) = form else { return AppError::unreadable_form().into_response() };
    let (field, error) = match check_written(&form.password) {
        Err(error) => (Some("password"), error),
        Ok(()) => match accounts.sign_in(&form, Caller { address, browser: &browser }).await {
            Ok(entrant) => return enter(&accounts, &browser, &session, &entrant, &form.next).await.into_response(),
            Err(error) => (matches!(error, AppError::Invalid(_)).then_some("phone_number"), error),
        },
    };
    rejected(field, &error, Registration { phone_number: form.phone_number, next: form.next, ..Registration::default() })
}

/// `POST /api/accounts/sign-out`: forgets the session.
pub async fn sign_out(session: Session) -> AppResult<Response> {
    session.flush().await.map_err(session_failed)?;
    Ok(see_other("/"))
}

/// The signed-in person's notices, a page starting `after`.
pub async fn notices(after: Option<String>) -> AppResult<Notices> {
    let viewer = viewer().ok_or_else(AppError::sign_in_first)?;
    Ok(expect_context::<Accounts>().notices(&viewer, after.as_deref()).await?)
}

/// Whom the signed-in person follows, a page starting `after`.
pub async fn following(after: Option<String>) -> AppResult<Following> {
    let viewer = viewer().ok_or_else(AppError::sign_in_first)?;
    Ok(expect_context::<Accounts>().following(&viewer, after.as_deref()).await?)
}

/// The page of a code, in the browser that asked for it.
pub async fn code_face(id: &str) -> AppResult<CodeFace> {
    expect_context::<Accounts>().code_face(id, &expect_context::<Browser>()).await
}

/// Whether numbers are proven by codes, and passwords chosen with them.
pub fn can_send() -> bool {
    expect_context::<Accounts>().can_send()
}

/// The signed-in person's own account, and whether codes can be sent.
pub async fn profile() -> AppResult<(Profile, bool)> {
    let viewer = viewer().ok_or_else(AppError::sign_in_first)?;
    let accounts = expect_context::<Accounts>();
    Ok((accounts.profile(&viewer).await?, accounts.can_send()))
}

/// Where the signed-in person is signed in.
pub async fn devices() -> AppResult<Vec<Device>> {
    let viewer = viewer().ok_or_else(AppError::sign_in_first)?;
    Ok(expect_context::<Accounts>().devices(&viewer).await?)
}

/// The signed-in person's limits and breaks.
pub async fn bounds() -> AppResult<Bounds> {
    let viewer = viewer().ok_or_else(AppError::sign_in_first)?;
    Ok(expect_context::<Accounts>().bounds(&viewer).await?)
}

/// Whether the signed-in person follows a tipster; nobody does who is not signed in.
pub async fn is_following(tipster: PersonId) -> AppResult<bool> {
    let Some(viewer) = viewer() else { return Ok(false) };
    Ok(expect_context::<Accounts>().is_following(&viewer, tipster).await?)
}

/// `POST /notices/{id}/read`: marks one notice as read and goes where it leads, or back to the list with `stay`.
pub async fn read_notice(
    State(accounts): State<Accounts>,
    Extension(viewer): Extension<Option<Viewer>>,
    Path(id): Path<String>,
    form: Result<Form<ReadNotice>, FormRejection>,
) -> AppResult<Response> {
    let viewer = viewer.ok_or_else(AppError::sign_in_first)?;
    let Form(form) = form.map_err(|_| AppError::unreadable_form())?;
    let id = id.parse().map_err(|_| no_such_notice())?;
    let target = accounts.open_notice(&viewer, id).await?;
    Ok(see_other(if form.stay.is_some() { "/notices" } else { &target }))
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ReadNotice {
    stay: Option<String>,
}

/// `POST /notices/read`: marks all that came until `until` (microseconds since 1970) as read.
pub async fn read_all_notices(
    State(accounts): State<Accounts>,
    Extension(viewer): Extension<Option<Viewer>>,
    form: Result<Form<ReadAll>, FormRejection>,
) -> AppResult<Response> {
    let viewer = viewer.ok_or_else(AppError::sign_in_first)?;
    let Form(form) = form.map_err(|_| AppError::unreadable_form())?;
    let until = DateTime::from_timestamp_micros(form.until).ok_or_else(AppError::unreadable_form)?;
    accounts.mark_all_read(&viewer, until).await?;
    Ok(see_other("/notices"))
}

#[derive(Deserialize)]
pub struct ReadAll {
    until: i64,
}

/// `POST /follows/{person}` with `want` = `follow` or `unfollow`, and `next`: where to go afterwards.
pub async fn follow(
    State(accounts): State<Accounts>,
    Extension(viewer): Extension<Option<Viewer>>,
    Path(tipster): Path<String>,
    form: Result<Form<Follow>, FormRejection>,
) -> AppResult<Response> {
    let viewer = viewer.ok_or_else(AppError::sign_in_first)?;
    let Form(form) = form.map_err(|_| AppError::unreadable_form())?;
    let tipster = tipster.parse().map_err(|_| no_such_tipster())?;
    let wanted = match form.want.as_str() {
        "follow" => true,
        "unfollow" => false,
        _ => return Err(AppError::unreadable_form()),
    };
    accounts.follow(&viewer, tipster, wanted).await?;
    Ok(see_other(if form.next.is_empty() { "/following" } else { safe_next(&form.next) }))
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Follow {
    want: String,
    next: String,
}

/// Puts `Option<Viewer>` on each request, writes a session that is in use once an hour, and notes with what a new one is used.
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
    let browser = devices::describe(request.headers());
    request.extensions_mut().insert(viewer);
    let response = next.run(request).await;
    // Whoever has signed in just now: their session is written after this.
    if session.get::<Viewer>(VIEWER).await.is_ok_and(|viewer| viewer.is_some())
        && session.get::<String>(BROWSER).await.is_ok_and(|known| known.is_none())
        && let Err(error) = session.insert(BROWSER, browser).await
    {
        return session_failed(error).into_response();
    }
    response
}

/// A new session id at each sign-in: an id that was planted before is worth nothing.
pub(super) async fn enter(accounts: &Accounts, browser: &Browser, session: &Session, entrant: &Entrant, next: &str) -> AppResult<Response> {
    session.cycle_id().await.map_err(session_failed)?;
    session.insert(VIEWER, &entrant.viewer).await.map_err(session_failed)?;
    session.insert(GENERATION, entrant.generation).await.map_err(session_failed)?;
    Ok(remember(see_other(safe_next(next)), accounts.known_cookie(browser, entrant)))
}

/// To the page of a code, which this browser alone may see.
pub(super) fn to_code_page(browser: &Browser, sent: &Sent) -> Response {
    remember(see_other(&format!("/code/{}", sent.id)), browser.code_cookie(sent.id, &sent.secret))
}

fn rejected(field: Option<&'static str>, error: &AppError, typed: Registration) -> Response {
    let mut response = error.clone().into_response();
    // The server turns this into the form's own page for browsers.
    response.extensions_mut().insert(FormProblem { field, message: error.text(), typed });
    response
}

#[expect(clippy::needless_pass_by_value, reason = "handed to map_err")]
fn session_failed(error: tower_sessions::session::Error) -> AppError {
    tracing::error!(%error, "a session could not be read or written");
    AppError::Busy
}
