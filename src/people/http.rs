//! The forms of codes and of a person's own account: who asks, what was typed, the rules, and where to go.

use axum::Extension;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Path, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tower_sessions::Session;

use super::api::{enter, to_code_page};
use super::browser::Browser;
use super::otp::CodeAsker;
use super::portraits::Portraits;
use super::proof::CodeTyped;
use super::registration::check_written;
use super::sign_in::Caller;
use super::{FormAgain, People};
use crate::platform::address::ClientAddress;
use crate::platform::redirect::see_other;
use crate::platform::uploads::{Refused, Uploads};
use crate::platform::viewer::Viewer;
use crate::types::{AppError, AppResult, Language};

const ACCOUNT: &str = "/account";
const LIMITS: &str = "/account/limits";

/// Everything that these forms may hold; what is absent is empty.
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

type Typed = Result<Form<Fields>, FormRejection>;

fn read(form: Typed) -> AppResult<Fields> {
    form.map(|Form(fields)| fields).map_err(|_| AppError::unreadable_form())
}

/// `POST /api/accounts/reset` with `phone_number`: 303 to the page of a code, whether or not the number is
/// known.
pub async fn begin_reset(
    State(people): State<People>,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    Extension(browser): Extension<Browser>,
    Extension(language): Extension<Language>,
    form: Typed,
) -> AppResult<Response> {
    let form = read(form)?;
    Ok(
        match people
            .begin_reset(
                &form.phone_number,
                CodeAsker { caller: Caller { address, browser: &browser }, language },
            )
            .await
        {
            Ok(sent) => to_code_page(&browser, &sent),
            Err(error) => FormAgain::answer(
                "/reset",
                "reset",
                Some("phone_number"),
                error,
                vec![("phone_number", form.phone_number)],
            ),
        },
    )
}

/// `POST /api/accounts/prove`: 303 to the page of a code for the number of who is signed in.
pub async fn begin_proof(
    State(people): State<People>,
    Extension(viewer): Extension<Option<Viewer>>,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    Extension(browser): Extension<Browser>,
    Extension(language): Extension<Language>,
) -> AppResult<Response> {
    let viewer = viewer.ok_or_else(AppError::sign_in_first)?;
    Ok(
        match people
            .begin_proof(&viewer, CodeAsker { caller: Caller { address, browser: &browser }, language })
            .await
        {
            Ok(sent) => to_code_page(&browser, &sent),
            Err(error) => FormAgain::answer(ACCOUNT, "prove", None, error, Vec::new()),
        },
    )
}

/// `POST /api/accounts/code/again` with the `id` of a code: 303 to the page of a new one.
pub async fn send_again(
    State(people): State<People>,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    Extension(browser): Extension<Browser>,
    Extension(language): Extension<Language>,
    form: Typed,
) -> AppResult<Response> {
    let form = read(form)?;
    match people
        .send_again(&form.id, CodeAsker { caller: Caller { address, browser: &browser }, language })
        .await
    {
        Ok(sent) => Ok(to_code_page(&browser, &sent)),
        Err(error @ AppError::NotFound(_)) => Err(error),
        Err(error) => Ok(FormAgain::answer(format!("/code/{}", form.id), "again", None, error, Vec::new())),
    }
}

/// `POST /api/accounts/code` with `id`, `code`, and the new `password` (but where who is signed in proves a
/// number): 303 and a session. If another tipster took the name of a registration meanwhile it is 409, and
/// `display_name` goes with the same code.
pub async fn enter_code(
    State(people): State<People>,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    Extension(browser): Extension<Browser>,
    Extension(viewer): Extension<Option<Viewer>>,
    session: Session,
    form: Typed,
) -> AppResult<Response> {
    let form = read(form)?;
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
            let typed = vec![("display_name", form.display_name)];
            Ok(FormAgain::answer(format!("/code/{}", form.id), "code", Some(field), error, typed))
        }
    }
}

/// `POST /api/accounts/profile` with `display_name` and `bio`.
pub async fn set_profile(
    State(people): State<People>,
    Extension(viewer): Extension<Option<Viewer>>,
    form: Typed,
) -> AppResult<Response> {
    let viewer = viewer.ok_or_else(AppError::sign_in_first)?;
    let form = read(form)?;
    Ok(match people.set_profile(&viewer, &form.display_name, &form.bio).await {
        Ok(()) => see_other("/account?done=profile"),
        Err((field, error)) => {
            let typed = vec![("display_name", form.display_name), ("bio", form.bio)];
            FormAgain::answer(ACCOUNT, "profile", Some(field), error, typed)
        }
    })
}

/// `POST /api/accounts/portrait`: a form with a file named `picture`.
pub async fn set_portrait(
    State(portraits): State<Portraits>,
    State(uploads): State<Uploads>,
    Extension(viewer): Extension<Option<Viewer>>,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    request: Request,
) -> AppResult<Response> {
    let viewer = viewer.ok_or_else(AppError::sign_in_first)?;
    let set = async {
        let upload = uploads.receive(viewer.id, address, request).await?;
        portraits.set(&viewer, upload).await
    };
    let error = match set.await {
        Ok(()) => return Ok(see_other("/account?done=portrait")),
        Err(Refused::Unfit(unfit)) => AppError::invalid(unfit),
        Err(Refused::Other(error)) => error,
    };
    Ok(FormAgain::answer(ACCOUNT, "portrait", Some("picture"), error, Vec::new()))
}

/// `POST /api/accounts/portrait/remove`.
pub async fn remove_portrait(
    State(portraits): State<Portraits>,
    Extension(viewer): Extension<Option<Viewer>>,
) -> AppResult<Response> {
    portraits.remove(&viewer.ok_or_else(AppError::sign_in_first)?).await?;
    Ok(see_other("/account?done=portrait"))
}

/// `GET /portraits/{name}`: for everybody, and for good: a new picture has a new name.
pub async fn portrait(State(portraits): State<Portraits>, Path(name): Path<String>) -> AppResult<Response> {
    let portrait = portraits.find(&name).await?;
    Ok(([(CONTENT_TYPE, "image/webp"), (CACHE_CONTROL, "public, max-age=31536000, immutable")], portrait)
        .into_response())
}

/// `POST /api/accounts/password` with `old_password` and `password`: every session ends but a new one for who
/// asked.
pub async fn change_password(
    State(people): State<People>,
    Extension(viewer): Extension<Option<Viewer>>,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    Extension(browser): Extension<Browser>,
    session: Session,
    form: Typed,
) -> AppResult<Response> {
    let viewer = viewer.ok_or_else(AppError::sign_in_first)?;
    let form = read(form)?;
    if let Err(error) = check_written(&form.old_password) {
        return Ok(FormAgain::answer(ACCOUNT, "password", Some("old_password"), error, Vec::new()));
    }
    match people.change_password(&viewer, address, &form.old_password, &form.password).await {
        Ok(entrant) => enter(&people, &browser, &session, &entrant, "/account?done=password").await,
        Err((field, error)) => Ok(FormAgain::answer(ACCOUNT, "password", Some(field), error, Vec::new())),
    }
}

/// `POST /api/accounts/sign-out-everywhere`: every session ends, this one too.
pub async fn sign_out_everywhere(
    State(people): State<People>,
    Extension(viewer): Extension<Option<Viewer>>,
    session: Session,
) -> AppResult<Response> {
    let viewer = viewer.ok_or_else(AppError::sign_in_first)?;
    people.sign_out_everywhere(&viewer).await?;
    super::api::sign_out(session).await
}

/// `POST /api/accounts/sessions/{id}/end`: one of the person's own sessions ends; it may be this one.
pub async fn end_session(
    State(people): State<People>,
    Extension(viewer): Extension<Option<Viewer>>,
    Path(id): Path<String>,
) -> AppResult<Response> {
    let viewer = viewer.ok_or_else(AppError::sign_in_first)?;
    people.end_session(&viewer, &id).await?;
    Ok(see_other("/account?done=session"))
}

/// `POST /api/accounts/limit` with `period` (day, week, month) and `limit` in shillings, or empty for none.
pub async fn set_limit(
    State(people): State<People>,
    Extension(viewer): Extension<Option<Viewer>>,
    form: Typed,
) -> AppResult<Response> {
    let viewer = viewer.ok_or_else(AppError::sign_in_first)?;
    let form = read(form)?;
    Ok(match people.set_limit(&viewer, &form.period, &form.limit).await {
        Ok(()) => see_other("/account/limits?done=limit"),
        Err(error) => {
            FormAgain::answer(LIMITS, form.period, Some("limit"), error, vec![("limit", form.limit)])
        }
    })
}

/// `POST /api/accounts/break` with `length`.
pub async fn take_break(
    State(people): State<People>,
    Extension(viewer): Extension<Option<Viewer>>,
    form: Typed,
) -> AppResult<Response> {
    let viewer = viewer.ok_or_else(AppError::sign_in_first)?;
    let form = read(form)?;
    Ok(match people.take_break(&viewer, &form.length).await {
        Ok(()) => see_other("/account/limits?done=break"),
        Err(error) => FormAgain::answer(LIMITS, "break", None, error, Vec::new()),
    })
}

/// `POST /api/accounts/close` with `password`.
pub async fn close(
    State(portraits): State<Portraits>,
    Extension(viewer): Extension<Option<Viewer>>,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    session: Session,
    form: Typed,
) -> AppResult<Response> {
    let viewer = viewer.ok_or_else(AppError::sign_in_first)?;
    let form = read(form)?;
    let closed = match check_written(&form.password) {
        Ok(()) => portraits.close_account(&viewer, address, &form.password).await,
        Err(error) => Err(error),
    };
    match closed {
        Ok(()) => super::api::sign_out(session).await,
        Err(error) => {
            let field = matches!(error, AppError::Invalid(_)).then_some("close_password");
            Ok(FormAgain::answer(ACCOUNT, "close", field, error, Vec::new()).into_response())
        }
    }
}
