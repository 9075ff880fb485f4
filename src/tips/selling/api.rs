//! Selling over HTTP: what pages ask, and what their forms post to. A refused form is shown again with what
//! was typed.

use axum::extract::{FromRequestParts, Path, Request, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use leptos::prelude::expect_context;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::FormName;
use super::draft::DraftView;
use super::form::{DetailsForm, LegForm};
use super::my_tips::MyTips;
use super::service::{Selling, Trouble, no_such_draft};
use crate::platform::address::ClientAddress;
use crate::platform::forms::{RefusedForm, Typed};
use crate::platform::paths::{self, MY_TIPS};
use crate::platform::picture::Unfit;
use crate::platform::redirect::see_other;
use crate::platform::uploads::Uploads;
use crate::platform::viewer::{SignedIn, Viewer, signed_in};
use crate::tips::service::no_such_tip;
use crate::types::{AppError, AppResult, Language, Text, TipId, words};

words! {
    no_such_match { "There is no such match." "Hakuna mechi kama hiyo." }
    not_a_seller { "Your account does not sell tips." "Akaunti yako haiuzi tips." }
}

/// A signed-in person who sells tips. As an extractor it refuses everybody else.
pub struct Tipster(Viewer);

impl<S: Sync> FromRequestParts<S> for Tipster {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> AppResult<Self> {
        let SignedIn(viewer) = SignedIn::from_request_parts(parts, state).await?;
        tipster(viewer).map(Self)
    }
}

fn tipster(viewer: Viewer) -> AppResult<Viewer> {
    if viewer.is_tipster { Ok(viewer) } else { Err(AppError::conflict(not_a_seller())) }
}

/// The signed-in tipster's own tips and drafts; `after` is where the page begins.
///
/// # Errors
/// `SignIn` if nobody is signed in; `Conflict` if the account does not sell; `Invalid` if `after` is no
/// number; `Busy` or `Internal` if the database fails.
pub async fn my_tips(after: Option<String>) -> AppResult<MyTips> {
    let tipster = tipster(signed_in()?)?;
    Ok(expect_context::<Selling>().mine(&tipster, after.as_deref()).await?)
}

/// One of the signed-in tipster's own drafts. The inner error is no failure but the tip that the draft
/// became.
///
/// # Errors
/// `SignIn` if nobody is signed in; `Conflict` if the account does not sell; `NotFound` if the tipster has no
/// such draft; `Busy` or `Internal` if the database fails.
pub async fn draft_page(id: &str) -> AppResult<Result<DraftView, TipId>> {
    let tipster = tipster(signed_in()?)?;
    Ok(expect_context::<Selling>().view(&tipster, read_id(id)?).await?)
}

/// `POST /api/selling/drafts` begins a draft and leads to its page.
pub async fn start(State(selling): State<Selling>, Tipster(tipster): Tipster) -> Response {
    match selling.start(&tipster).await {
        Ok(id) => see_other(&paths::draft(id)),
        Err(failure) => refused(MY_TIPS, failure.into()),
    }
}

/// `POST /api/selling/drafts/{id}/details` saves the details. A refused form is an answer, not an error.
///
/// # Errors
/// [`AppError::NotFound`] if `id` is no id.
pub async fn save_details(
    State(selling): State<Selling>,
    Tipster(tipster): Tipster,
    Path(id): Path<String>,
    Typed(form): Typed<DetailsForm>,
) -> AppResult<Response> {
    let id = read_id(&id)?;
    let saved = selling.save_details(&tipster, id, &form).await;
    Ok(back_to_draft(id, FormName::Leg, FormName::Details, saved, form.typed()))
}

/// `POST /api/selling/drafts/{id}/matches` adds a match. A refused form is an answer, not an error.
///
/// # Errors
/// [`AppError::NotFound`] if `id` is no id.
pub async fn add_leg(
    State(selling): State<Selling>,
    Tipster(tipster): Tipster,
    Path(id): Path<String>,
    Typed(form): Typed<LegForm>,
) -> AppResult<Response> {
    let id = read_id(&id)?;
    let added = selling.add_leg(&tipster, id, &form).await;
    Ok(back_to_draft(id, FormName::Leg, FormName::Leg, added, form.typed()))
}

/// `POST /api/selling/drafts/{id}/matches/{number}/remove` removes a match.
///
/// # Errors
/// [`AppError::NotFound`] if `id` is no id or `number` is no number.
pub async fn remove_leg(
    State(selling): State<Selling>,
    Tipster(tipster): Tipster,
    Path((id, number)): Path<(String, String)>,
) -> AppResult<Response> {
    let id = read_id(&id)?;
    let number = number.parse().map_err(|_| AppError::not_found(no_such_match()))?;
    let removed = selling.remove_leg(&tipster, id, number).await;
    Ok(back_to_draft(id, FormName::Leg, FormName::Leg, removed.map_err(Trouble::from), []))
}

/// `POST /api/selling/drafts/{id}/picture` takes a form with a file named `picture`. A refused file is an
/// answer, not an error.
///
/// # Errors
/// [`AppError::NotFound`] if `id` is no id.
pub async fn set_picture(
    State(selling): State<Selling>,
    State(uploads): State<Uploads>,
    Tipster(tipster): Tipster,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    Path(id): Path<String>,
    request: Request,
) -> AppResult<Response> {
    let id = read_id(&id)?;
    let set = async {
        let upload = uploads.receive(tipster.id, address, request).await?;
        selling.set_picture(&tipster, id, upload).await
    };
    Ok(back_to_draft(id, FormName::Whole, FormName::Picture, set.await, []))
}

/// `POST /api/selling/drafts/{id}/picture/remove` removes the picture.
///
/// # Errors
/// [`AppError::NotFound`] if `id` is no id.
pub async fn remove_picture(
    State(selling): State<Selling>,
    Tipster(tipster): Tipster,
    Path(id): Path<String>,
) -> AppResult<Response> {
    let id = read_id(&id)?;
    let removed = selling.remove_picture(&tipster, id).await;
    Ok(back_to_draft(id, FormName::Picture, FormName::Picture, removed.map_err(Trouble::from), []))
}

/// `GET /sell/{id}/picture` sends the betslip of the tipster's own draft.
///
/// # Errors
/// [`AppError::NotFound`] if the tipster has no such draft or it has no picture; [`AppError::Internal`] if
/// the file cannot be read; [`AppError::Busy`] or [`AppError::Internal`] if the database fails.
pub async fn draft_picture(
    State(selling): State<Selling>,
    Tipster(tipster): Tipster,
    Path(id): Path<String>,
) -> AppResult<Response> {
    let picture = selling.draft_picture(&tipster, read_id(&id)?).await?;
    Ok(([(CONTENT_TYPE, "image/webp"), (CACHE_CONTROL, "private, no-store")], picture).into_response())
}

/// `POST /api/selling/drafts/{id}/delete` deletes an open draft with its picture.
///
/// # Errors
/// [`AppError::NotFound`] if `id` is no id.
pub async fn delete(
    State(selling): State<Selling>,
    Tipster(tipster): Tipster,
    Path(id): Path<String>,
) -> AppResult<Response> {
    Ok(match selling.delete(&tipster, read_id(&id)?).await {
        Ok(()) => see_other(MY_TIPS),
        Err(failure) => refused(MY_TIPS, failure.into()),
    })
}

/// The form that publishes a draft.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct PublishForm {
    /// The version that the tipster checked.
    version: String,
}

/// `POST /api/selling/drafts/{id}/publish` publishes the draft and leads to the tip. A refusal is an answer,
/// not an error.
///
/// # Errors
/// [`AppError::NotFound`] if `id` is no id; [`AppError::Invalid`] if the version is no number.
pub async fn publish(
    State(selling): State<Selling>,
    Tipster(tipster): Tipster,
    Path(id): Path<String>,
    Typed(form): Typed<PublishForm>,
) -> AppResult<Response> {
    let id = read_id(&id)?;
    let seen = form.version.trim().parse().map_err(|_| AppError::unreadable_form())?;
    Ok(match selling.publish(&tipster, id, seen).await {
        Ok(tip) => see_other(&paths::tip(tip)),
        Err(failure) => refused(&paths::draft_check(id), failure.into()),
    })
}

/// `POST /api/selling/tips/{number}/withdraw` takes a tip out of the market. A refusal is an answer, not an
/// error.
///
/// # Errors
/// [`AppError::NotFound`] if `number` is no number.
pub async fn withdraw(
    State(selling): State<Selling>,
    Tipster(tipster): Tipster,
    Path(number): Path<String>,
) -> AppResult<Response> {
    let number = number.parse().map_err(|_| no_such_tip())?;
    Ok(match selling.withdraw(&tipster, number).await {
        Ok(()) => see_other(MY_TIPS),
        Err(failure) => refused(MY_TIPS, failure.into()),
    })
}

fn read_id(text: &str) -> AppResult<Uuid> {
    text.parse().map_err(|_| no_such_draft())
}

/// Leads back to the draft's page: to the form that comes next, or to the refused one with the reasons.
fn back_to_draft(
    id: Uuid,
    next: FormName,
    form: FormName,
    done: Result<(), Trouble>,
    typed: impl IntoIterator<Item = (&'static str, String)>,
) -> Response {
    let page = paths::draft(id);
    let (status, wrong) = match done {
        Ok(()) => return see_other(&format!("{page}#{}", next.anchor())),
        Err(Trouble::Form(wrong)) => (StatusCode::BAD_REQUEST, wrong),
        Err(Trouble::Picture(unfit)) => {
            let is_too_large = unfit == Unfit::TooLarge;
            let status =
                if is_too_large { StatusCode::PAYLOAD_TOO_LARGE } else { StatusCode::UNPROCESSABLE_ENTITY };
            (status, vec![("", unfit.into())])
        }
        Err(Trouble::Other(failure)) => {
            let error = AppError::from(failure);
            (error.status(), vec![("", error.text())])
        }
    };
    let reason = wrong.first().map(|(_, reason)| reason.clone()).unwrap_or_default();
    // Programs get the reasons in English, and each field's own reason.
    let english = |text: &Text| json!(text.as_str(Language::English));
    let fields = wrong.iter().filter(|(field, _)| !field.is_empty());
    let fields: serde_json::Map<_, _> =
        fields.map(|(field, reason)| ((*field).to_owned(), english(reason))).collect();
    let answer = (status, Json(json!({ "error": english(&reason), "fields": fields })));
    RefusedForm::new(page, form.anchor(), AppError::invalid(reason)).all_wrong(wrong).typed(typed).on(answer)
}

fn refused(page: &str, error: AppError) -> Response {
    RefusedForm::new(page, FormName::Whole.anchor(), error).into_response()
}
