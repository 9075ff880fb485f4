//! The forms of codes and of a person's own account, over HTTP. A handler reads the form, calls the service
//! and says where to go. A refused form is shown again: that is an answer with the error's status, not an
//! `Err`.

use axum::Extension;
use axum::extract::{Path, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tower_sessions::Session;

use super::People;
use super::api::{enter, to_code_page};
use super::browser::Browser;
use super::otp::CodeAsker;
use super::portraits::Portraits;
use super::proof::CodeTyped;
use super::registration::check_written;
use super::sign_in::Caller;
use crate::platform::address::ClientAddress;
use crate::platform::forms::{RefusedForm, Typed};
use crate::platform::paths::{self, ACCOUNT, LIMITS};
use crate::platform::redirect::see_other;
use crate::platform::uploads::{Refused, Uploads};
use crate::platform::viewer::{SignedIn, Viewer};
use crate::types::{AppError, AppResult, Language};

/// Every field that one of these forms may hold; a field that is absent is empty.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    id: String,
    code: String,
    phone_number: String,
    display_name: String,
    bio: String,
    old_password: String,
    password: String,
    period: String,
    limit: String,
    length: String,
}

/// The address of a page that then says that one of its forms was done.
fn saying_done(page: &str, form: &str) -> String {
    format!("{page}?done={form}")
}

fn done(page: &str, form: &str) -> Response {
    see_other(&saying_done(page, form))
}

/// `POST /api/accounts/reset` with `phone_number`: 303 to the page of a code, whether or not the number is
/// known.
///
/// # Errors
/// None of its own: a refusal shows the form again.
pub async fn begin_reset(
    State(people): State<People>,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    Extension(browser): Extension<Browser>,
    Extension(language): Extension<Language>,
    Typed(form): Typed<Fields>,
) -> AppResult<Response> {
    Ok(
        match people
            .begin_reset(
                &form.phone_number,
                CodeAsker { caller: Caller { address, browser: &browser }, language },
            )
            .await
        {
            Ok(sent) => to_code_page(&browser, &sent),
            Err(error) => RefusedForm::new(paths::RESET, "reset", error)
                .at("phone_number")
                .typed([("phone_number", form.phone_number)])
                .into_response(),
        },
    )
}

/// `POST /api/accounts/prove`: sends a code to the number of the person who is signed in, and 303 to its
/// page.
///
/// # Errors
/// None of its own: a refusal shows the form again.
pub async fn begin_proof(
    State(people): State<People>,
    SignedIn(viewer): SignedIn,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    Extension(browser): Extension<Browser>,
    Extension(language): Extension<Language>,
) -> AppResult<Response> {
    Ok(
        match people
            .begin_proof(&viewer, CodeAsker { caller: Caller { address, browser: &browser }, language })
            .await
        {
            Ok(sent) => to_code_page(&browser, &sent),
            Err(error) => RefusedForm::new(ACCOUNT, "prove", error).into_response(),
        },
    )
}

/// `POST /api/accounts/code/again` with the `id` of a code: sends a new code, and 303 to its page.
///
/// # Errors
/// [`AppError::NotFound`] if this browser asked for no such code.
pub async fn send_again(
    State(people): State<People>,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    Extension(browser): Extension<Browser>,
    Extension(language): Extension<Language>,
    Typed(form): Typed<Fields>,
) -> AppResult<Response> {
    match people
        .send_again(&form.id, CodeAsker { caller: Caller { address, browser: &browser }, language })
        .await
    {
        Ok(sent) => Ok(to_code_page(&browser, &sent)),
        Err(error @ AppError::NotFound(_)) => Err(error),
        Err(error) => Ok(RefusedForm::new(paths::code(form.id), "again", error).into_response()),
    }
}

/// `POST /api/accounts/code` with `id`, `code`, and the new `password`, which is not read where a signed-in
/// person proves their number: 303 and a session. If another tipster took the name of a registration
/// meanwhile, the answer is 409, and the same code can be sent again with another `display_name`.
///
/// # Errors
/// [`AppError::NotFound`] if this browser asked for no such code; [`AppError::Busy`] if the session cannot be
/// written.
pub async fn enter_code(
    State(people): State<People>,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    Extension(browser): Extension<Browser>,
    Extension(viewer): Extension<Option<Viewer>>,
    session: Session,
    Typed(form): Typed<Fields>,
) -> AppResult<Response> {
    let typed = CodeTyped {
        id: &form.id,
        code: &form.code,
        password: &form.password,
        display_name: &form.display_name,
    };
    match people.enter_code(typed, viewer.as_ref(), Caller { address, browser: &browser }).await {
        Ok(proven) => enter(&people, &browser, &session, &proven.entrant, &proven.next).await,
        Err((_, error @ AppError::NotFound(_))) => Err(error),
        Err((field, error)) => {
            let refused = RefusedForm::new(paths::code(form.id), "code", error).at(field);
            Ok(refused.typed([("display_name", form.display_name)]).into_response())
        }
    }
}

/// `POST /api/accounts/profile` with `display_name` and `bio`: 303 to the account page.
///
/// # Errors
/// None of its own: a refusal shows the form again.
pub async fn set_profile(
    State(people): State<People>,
    SignedIn(viewer): SignedIn,
    Typed(form): Typed<Fields>,
) -> AppResult<Response> {
    Ok(match people.set_profile(&viewer, &form.display_name, &form.bio).await {
        Ok(()) => done(ACCOUNT, "profile"),
        Err((field, error)) => {
            let typed = [("display_name", form.display_name), ("bio", form.bio)];
            RefusedForm::new(ACCOUNT, "profile", error).at(field).typed(typed).into_response()
        }
    })
}

/// `POST /api/accounts/portrait`, a multipart form with a file named `picture`: 303 to the account page.
///
/// # Errors
/// None of its own: a refusal shows the form again.
pub async fn set_portrait(
    State(portraits): State<Portraits>,
    State(uploads): State<Uploads>,
    SignedIn(viewer): SignedIn,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    request: Request,
) -> AppResult<Response> {
    let set = async {
        let upload = uploads.receive(viewer.id, address, request).await?;
        portraits.set(&viewer, upload).await
    };
    let error = match set.await {
        Ok(()) => return Ok(done(ACCOUNT, "portrait")),
        Err(Refused::Unfit(unfit)) => AppError::invalid(unfit),
        Err(Refused::Other(error)) => error,
    };
    Ok(RefusedForm::new(ACCOUNT, "portrait", error).at("picture").into_response())
}

/// `POST /api/accounts/portrait/remove`: 303 to the account page, also if there was no portrait.
///
/// # Errors
/// [`AppError::Busy`] or [`AppError::Internal`] if the database fails.
pub async fn remove_portrait(
    State(portraits): State<Portraits>,
    SignedIn(viewer): SignedIn,
) -> AppResult<Response> {
    portraits.remove(&viewer).await?;
    Ok(done(ACCOUNT, "portrait"))
}

/// `GET /portraits/{name}`: a portrait as WebP, for everybody. Browsers may keep it for good, because a new
/// picture has a new name.
///
/// # Errors
/// [`AppError::NotFound`] if there is no such picture; [`AppError::Busy`] if it cannot be read.
pub async fn portrait(State(portraits): State<Portraits>, Path(name): Path<String>) -> AppResult<Response> {
    let portrait = portraits.find(&name).await?;
    Ok(([(CONTENT_TYPE, "image/webp"), (CACHE_CONTROL, "public, max-age=31536000, immutable")], portrait)
        .into_response())
}

/// `POST /api/accounts/password` with `old_password` and `password`: every session ends, and whoever asked
/// gets a new one.
///
/// # Errors
/// [`AppError::Busy`] if the session cannot be written.
pub async fn change_password(
    State(people): State<People>,
    SignedIn(viewer): SignedIn,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    Extension(browser): Extension<Browser>,
    session: Session,
    Typed(form): Typed<Fields>,
) -> AppResult<Response> {
    let changed = match check_written(&form.old_password) {
        Ok(()) => people.change_password(&viewer, address, &form.old_password, &form.password).await,
        Err(error) => Err(("old_password", error)),
    };
    match changed {
        Ok(entrant) => enter(&people, &browser, &session, &entrant, &saying_done(ACCOUNT, "password")).await,
        Err((field, error)) => Ok(RefusedForm::new(ACCOUNT, "password", error).at(field).into_response()),
    }
}

/// `POST /api/accounts/sign-out-everywhere`: every session ends, also this one.
///
/// # Errors
/// [`AppError::Busy`] or [`AppError::Internal`] if the database fails.
pub async fn sign_out_everywhere(
    State(people): State<People>,
    SignedIn(viewer): SignedIn,
    session: Session,
) -> AppResult<Response> {
    people.sign_out_everywhere(&viewer).await?;
    super::api::sign_out(session).await
}

/// `POST /api/accounts/sessions/{id}/end`: one of the person's own sessions ends, which may be this one.
///
/// # Errors
/// [`AppError::NotFound`] if the person has no such session; [`AppError::Busy`] or [`AppError::Internal`] if
/// the database fails.
pub async fn end_session(
    State(people): State<People>,
    SignedIn(viewer): SignedIn,
    Path(id): Path<String>,
) -> AppResult<Response> {
    people.end_session(&viewer, &id).await?;
    Ok(done(ACCOUNT, "session"))
}

/// `POST /api/accounts/limit` with `period` (`day`, `week`, `month`) and `limit` in whole shillings, or empty
/// for none: 303 to the page of limits.
///
/// # Errors
/// None of its own: a refusal shows the form again.
pub async fn set_limit(
    State(people): State<People>,
    SignedIn(viewer): SignedIn,
    Typed(form): Typed<Fields>,
) -> AppResult<Response> {
    Ok(match people.set_limit(&viewer, &form.period, &form.limit).await {
        Ok(()) => done(LIMITS, "limit"),
        Err(error) => {
            let refused = RefusedForm::new(LIMITS, form.period, error).at("limit");
            refused.typed([("limit", form.limit)]).into_response()
        }
    })
}

/// `POST /api/accounts/break` with `length`, a word of `Break`: 303 to the page of limits.
///
/// # Errors
/// None of its own: a refusal shows the form again.
pub async fn take_break(
    State(people): State<People>,
    SignedIn(viewer): SignedIn,
    Typed(form): Typed<Fields>,
) -> AppResult<Response> {
    Ok(match people.take_break(&viewer, &form.length).await {
        Ok(()) => done(LIMITS, "break"),
        Err(error) => RefusedForm::new(LIMITS, "break", error).into_response(),
    })
}

/// `POST /api/accounts/close` with `password`: closes the account, and signs out.
///
/// # Errors
/// [`AppError::Busy`] if the session cannot be deleted after the account was closed.
pub async fn close(
    State(portraits): State<Portraits>,
    SignedIn(viewer): SignedIn,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    session: Session,
    Typed(form): Typed<Fields>,
) -> AppResult<Response> {
    let closed = match check_written(&form.password) {
        Ok(()) => portraits.close_account(&viewer, address, &form.password).await,
        Err(error) => Err(error),
    };
    match closed {
        Ok(()) => super::api::sign_out(session).await,
        Err(error) => Ok(RefusedForm::new(ACCOUNT, "close", error).into_response()),
    }
}
