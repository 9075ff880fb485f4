//! Notices over HTTP, and what pages ask about them.

use axum::extract::{Path, State};
use axum::response::Response;
use chrono::DateTime;
use leptos::prelude::expect_context;
use serde::Deserialize;

use super::{NoticePage, Notices, no_such_notice};
use crate::platform::forms::Typed;
use crate::platform::paths;
use crate::platform::redirect::see_other;
use crate::platform::viewer::{SignedIn, signed_in};
use crate::types::{AppError, AppResult};

/// A page of the signed-in person's notices, newest first. `after` is a cursor; `None` is the first page.
///
/// # Errors
/// [`AppError::SignIn`] if nobody is signed in, [`AppError::Invalid`] if the cursor cannot be read, and
/// [`AppError::Busy`] or [`AppError::Internal`] if the database fails.
pub async fn notices(after: Option<String>) -> AppResult<NoticePage> {
    Ok(expect_context::<Notices>().page(&signed_in()?, after.as_deref()).await?)
}

/// `POST /notices/{id}/read`: marks one notice as read, and 303 to the page that it leads to or, with the
/// field `stay`, back to the list. A second time does the same.
///
/// # Errors
/// [`AppError::NotFound`] if the person has no such notice; [`AppError::Busy`] or [`AppError::Internal`] if
/// the database fails.
pub async fn read_notice(
    State(notices): State<Notices>,
    SignedIn(viewer): SignedIn,
    Path(id): Path<String>,
    Typed(form): Typed<ReadNotice>,
) -> AppResult<Response> {
    let id = id.parse().map_err(|_| no_such_notice())?;
    let target = notices.open_notice(&viewer, id).await?;
    Ok(see_other(if form.stay.is_some() { paths::NOTICES } else { &target }))
}

/// The body of `read_notice`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ReadNotice {
    stay: Option<String>,
}

/// `POST /notices/read`: marks every notice that came up to `until` (microseconds since 1970, UTC) as read,
/// and 303 to the list.
///
/// # Errors
/// [`AppError::Invalid`] if `until` is no time; [`AppError::Busy`] or [`AppError::Internal`] if the database
/// fails.
pub async fn read_all_notices(
    State(notices): State<Notices>,
    SignedIn(viewer): SignedIn,
    Typed(form): Typed<ReadAll>,
) -> AppResult<Response> {
    let until = DateTime::from_timestamp_micros(form.until).ok_or_else(AppError::unreadable_form)?;
    notices.mark_all_read(&viewer, until).await?;
    Ok(see_other(paths::NOTICES))
}

/// The body of `read_all_notices`.
#[derive(Deserialize)]
pub struct ReadAll {
    until: i64,
}
