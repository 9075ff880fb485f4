//! Selling over HTTP: what pages ask, and what their forms post to. A form that is refused is shown again
//! with what was typed.

use std::sync::Arc;

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Path, Request, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use leptos::prelude::{expect_context, provide_context};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::draft::DraftView;
use super::form::{DetailsForm, LegForm, SellingProblem};
use super::my_tips::MyTips;
use super::service::{Selling, Trouble, no_such_draft};
use super::{FormName, draft_path};
use crate::platform::address::ClientAddress;
use crate::platform::error_response::ShowAgain;
use crate::platform::picture::Unfit;
use crate::platform::redirect::see_other;
use crate::platform::uploads::Uploads;
use crate::platform::viewer::Viewer;
use crate::platform::viewer::viewer;
use crate::tips::service::no_such_tip;
use crate::types::{AppError, AppResult, Language, Text, TipId, words};

words! {
    no_such_match { "There is no such match." "Hakuna mechi kama hiyo." }
    not_a_seller { "Your account does not sell tips." "Akaunti yako haiuzi tips." }
}

const MY_TIPS: &str = "/my-tips";

type SellerViewer = Extension<Option<Viewer>>;

/// The signed-in tipster's own tips and drafts.
pub async fn my_tips(after: Option<String>) -> AppResult<MyTips> {
    let tipster = tipster(viewer())?;
    Ok(expect_context::<Selling>().mine(&tipster, after.as_deref()).await?)
}

/// One of the signed-in tipster's own drafts, or the tip that it became.
pub async fn draft_page(id: &str) -> AppResult<Result<DraftView, TipId>> {
    let tipster = tipster(viewer())?;
    Ok(expect_context::<Selling>().view(&tipster, read_id(id)?).await?)
}

/// `POST /api/selling/drafts`: begins a draft.
pub async fn start(State(selling): State<Selling>, Extension(viewer): SellerViewer) -> Response {
    let started = async { Ok(selling.start(&tipster(viewer)?).await?) };
    match started.await {
        Ok(id) => see_other(&draft_path(id)),
        Err(error) => refused(MY_TIPS, &error),
    }
}

/// `POST /api/selling/drafts/{id}/details`.
pub async fn save_details(
    State(selling): State<Selling>,
    Extension(viewer): SellerViewer,
    Path(id): Path<String>,
    form: Result<Form<DetailsForm>, FormRejection>,
) -> Response {
    let saved = async { selling.save_details(&tipster(viewer)?, read_id(&id)?, &readable(form)?).await };
    back_to_draft(&id, FormName::Leg, FormName::Details, saved.await)
}

/// `POST /api/selling/drafts/{id}/matches`.
pub async fn add_leg(
    State(selling): State<Selling>,
    Extension(viewer): SellerViewer,
    Path(id): Path<String>,
    form: Result<Form<LegForm>, FormRejection>,
) -> Response {
    let added = async { selling.add_leg(&tipster(viewer)?, read_id(&id)?, &readable(form)?).await };
    back_to_draft(&id, FormName::Leg, FormName::Leg, added.await)
}

/// `POST /api/selling/drafts/{id}/matches/{number}/remove`.
pub async fn remove_leg(
    State(selling): State<Selling>,
    Extension(viewer): SellerViewer,
    Path((id, number)): Path<(String, String)>,
) -> Response {
    let removed = async {
        let number = number.parse().map_err(|_| AppError::not_found(no_such_match()))?;
        Ok(selling.remove_leg(&tipster(viewer)?, read_id(&id)?, number).await?)
    };
    back_to_draft(&id, FormName::Leg, FormName::Leg, removed.await)
}

/// `POST /api/selling/drafts/{id}/picture`: a form with a file named `picture`.
pub async fn set_picture(
    State(selling): State<Selling>,
    State(uploads): State<Uploads>,
    Extension(viewer): SellerViewer,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let set = async {
        let (tipster, id) = (tipster(viewer)?, read_id(&id)?);
        let upload = uploads.receive(tipster.id, address, request).await?;
        selling.set_picture(&tipster, id, upload).await
    };
    back_to_draft(&id, FormName::Whole, FormName::Picture, set.await)
}

/// `POST /api/selling/drafts/{id}/picture/remove`.
pub async fn remove_picture(
    State(selling): State<Selling>,
    Extension(viewer): SellerViewer,
    Path(id): Path<String>,
) -> Response {
    let removed = async { Ok(selling.remove_picture(&tipster(viewer)?, read_id(&id)?).await?) };
    back_to_draft(&id, FormName::Picture, FormName::Picture, removed.await)
}

/// `GET /sell/{id}/picture`: the betslip of one's own draft.
pub async fn draft_picture(
    State(selling): State<Selling>,
    Extension(viewer): SellerViewer,
    Path(id): Path<String>,
) -> AppResult<Response> {
    let picture = selling.draft_picture(&tipster(viewer)?, read_id(&id)?).await?;
    Ok(([(CONTENT_TYPE, "image/webp"), (CACHE_CONTROL, "private, no-store")], picture).into_response())
}

/// `POST /api/selling/drafts/{id}/delete`.
pub async fn delete(
    State(selling): State<Selling>,
    Extension(viewer): SellerViewer,
    Path(id): Path<String>,
) -> Response {
    let deleted: AppResult<()> = async { Ok(selling.delete(&tipster(viewer)?, read_id(&id)?).await?) }.await;
    match deleted {
        Ok(()) => see_other(MY_TIPS),
        Err(error) => refused(MY_TIPS, &error),
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct PublishForm {
    /// The version that was checked.
    version: String,
}

/// `POST /api/selling/drafts/{id}/publish`.
pub async fn publish(
    State(selling): State<Selling>,
    Extension(viewer): SellerViewer,
    Path(id): Path<String>,
    form: Result<Form<PublishForm>, FormRejection>,
) -> Response {
    let published: AppResult<TipId> = async {
        let seen = readable(form)?.version.trim().parse().map_err(|_| AppError::unreadable_form())?;
        Ok(selling.publish(&tipster(viewer)?, read_id(&id)?, seen).await?)
    }
    .await;
    match published {
        Ok(tip) => see_other(&format!("/tips/{tip}")),
        Err(error) => refused(&format!("/sell/{id}/check"), &error),
    }
}

/// `POST /api/selling/tips/{number}/withdraw`.
pub async fn withdraw(
    State(selling): State<Selling>,
    Extension(viewer): SellerViewer,
    Path(number): Path<String>,
) -> Response {
    let withdrawn: AppResult<()> = async {
        let number = number.parse().map_err(|_| no_such_tip())?;
        Ok(selling.withdraw(&tipster(viewer)?, number).await?)
    }
    .await;
    match withdrawn {
        Ok(()) => see_other(MY_TIPS),
        Err(error) => refused(MY_TIPS, &error),
    }
}

fn tipster(viewer: Option<Viewer>) -> AppResult<Viewer> {
    let viewer = viewer.ok_or_else(AppError::sign_in_first)?;
    if viewer.is_tipster { Ok(viewer) } else { Err(AppError::conflict(not_a_seller())) }
}

fn read_id(text: &str) -> AppResult<Uuid> {
    text.parse().map_err(|_| no_such_draft())
}

fn readable<T>(form: Result<Form<T>, FormRejection>) -> AppResult<T> {
    form.map(|Form(form)| form).map_err(|_| AppError::unreadable_form())
}

/// Back to the draft's page: to the next form, or to the refused one with the reason.
fn back_to_draft(id: &str, next: FormName, form: FormName, done: Result<(), Trouble>) -> Response {
    let page = format!("/sell/{id}");
    let (status, problem) = match done {
        Ok(()) => return see_other(&format!("{page}#{}", next.anchor())),
        Err(Trouble::Form(problem)) => (StatusCode::BAD_REQUEST, *problem),
        Err(Trouble::Picture(unfit)) => {
            let status = if unfit == Unfit::TooLarge {
                StatusCode::PAYLOAD_TOO_LARGE
            } else {
                StatusCode::UNPROCESSABLE_ENTITY
            };
            (status, SellingProblem::whole(form, unfit))
        }
        Err(Trouble::Other(failure)) => {
            let error = AppError::from(failure);
            let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, SellingProblem::whole(form, error.text()))
        }
    };
    let fields = problem.wrong.iter().filter(|(field, _)| !field.is_empty());
    // For programs, which are spoken to in English.
    let english =
        |(field, message): &(&str, Text)| ((*field).to_owned(), json!(message.as_str(Language::English)));
    let fields: serde_json::Map<_, _> = fields.map(english).collect();
    let reason =
        problem.wrong.first().map(|(_, message)| message.as_str(Language::English)).unwrap_or_default();
    let mut response = (status, Json(json!({ "error": reason, "fields": fields }))).into_response();
    let provide = Arc::new(move || provide_context(problem.clone()));
    response.extensions_mut().insert(ShowAgain { page, provide });
    response
}

fn refused(page: &str, error: &AppError) -> Response {
    let problem = SellingProblem::whole(FormName::Whole, error.text());
    let mut response = error.clone().into_response();
    let provide = Arc::new(move || provide_context(problem.clone()));
    response.extensions_mut().insert(ShowAgain { page: page.to_owned(), provide });
    response
}
