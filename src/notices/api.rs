//! Notices over HTTP, and what pages ask about them.

use axum::Extension;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Path, State};
use axum::response::Response;
use chrono::DateTime;
use leptos::prelude::expect_context;
use serde::Deserialize;

use super::{NoticePage, Notices, no_such_notice};
use crate::platform::redirect::see_other;
use crate::platform::viewer::{Viewer, viewer};
use crate::types::{AppError, AppResult};

/// The signed-in person's notices, a page starting `after`.
pub async fn notices(after: Option<String>) -> AppResult<NoticePage> {
    let viewer = viewer().ok_or_else(AppError::sign_in_first)?;
    Ok(expect_context::<Notices>().page(&viewer, after.as_deref()).await?)
}

/// `POST /notices/{id}/read`: marks one notice as read and goes where it leads, or back to the list with
/// `stay`.
pub async fn read_notice(
    State(notices): State<Notices>,
    Extension(viewer): Extension<Option<Viewer>>,
    Path(id): Path<String>,
    form: Result<Form<ReadNotice>, FormRejection>,
) -> AppResult<Response> {
    let viewer = viewer.ok_or_else(AppError::sign_in_first)?;
    let Form(form) = form.map_err(|_| AppError::unreadable_form())?;
    let id = id.parse().map_err(|_| no_such_notice())?;
    let target = notices.open_notice(&viewer, id).await?;
    Ok(see_other(if form.stay.is_some() { "/notices" } else { &target }))
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ReadNotice {
    stay: Option<String>,
}

/// `POST /notices/read`: marks all that came until `until` (microseconds since 1970) as read.
pub async fn read_all_notices(
    State(notices): State<Notices>,
    Extension(viewer): Extension<Option<Viewer>>,
    form: Result<Form<ReadAll>, FormRejection>,
) -> AppResult<Response> {
    let viewer = viewer.ok_or_else(AppError::sign_in_first)?;
    let Form(form) = form.map_err(|_| AppError::unreadable_form())?;
    let until = DateTime::from_timestamp_micros(form.until).ok_or_else(AppError::unreadable_form)?;
    notices.mark_all_read(&viewer, until).await?;
    Ok(see_other("/notices"))
}

#[derive(Deserialize)]
pub struct ReadAll {
    until: i64,
}
