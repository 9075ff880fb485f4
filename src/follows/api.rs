//! Following over HTTP, and what pages ask about it.

use axum::extract::{Path, State};
use axum::response::Response;
use leptos::prelude::expect_context;
use serde::Deserialize;

use super::{Following, Follows};
use crate::platform::forms::Typed;
use crate::platform::paths;
use crate::platform::redirect::{safe_next, see_other};
use crate::platform::viewer::{SignedIn, signed_in, viewer};
use crate::tips::no_such_tipster;
use crate::types::{AppError, AppResult, PersonId};

/// A page of the tipsters whom the signed-in person follows. `after` is a cursor; `None` is the first page.
///
/// # Errors
/// [`AppError::SignIn`] if nobody is signed in, [`AppError::Invalid`] if the cursor cannot be read, and
/// [`AppError::Busy`] or [`AppError::Internal`] if the database fails.
pub async fn following(after: Option<String>) -> AppResult<Following> {
    Ok(expect_context::<Follows>().page(&signed_in()?, after.as_deref()).await?)
}

/// Whether the signed-in person follows a tipster; `false` if nobody is signed in.
///
/// # Errors
/// [`AppError::Busy`] or [`AppError::Internal`] if the database fails.
pub async fn is_following(tipster: PersonId) -> AppResult<bool> {
    let Some(viewer) = viewer() else { return Ok(false) };
    Ok(expect_context::<Follows>().is_following(&viewer, tipster).await?)
}

/// `POST /follows/{person}` with `want` = `follow` or `unfollow`: 303 to `next`, or to the list of followed
/// tipsters if it is empty.
///
/// # Errors
/// [`AppError::NotFound`] if there is no such tipster to follow, [`AppError::Invalid`] if `want` is another
/// word, [`AppError::Conflict`] if the person would follow themself or too many, and [`AppError::Busy`] or
/// [`AppError::Internal`] if the database fails.
pub async fn follow(
    State(follows): State<Follows>,
    SignedIn(viewer): SignedIn,
    Path(tipster): Path<String>,
    Typed(form): Typed<Follow>,
) -> AppResult<Response> {
    let tipster = tipster.parse().map_err(|_| no_such_tipster())?;
    let wanted = match form.want.as_str() {
        "follow" => true,
        "unfollow" => false,
        _ => return Err(AppError::unreadable_form()),
    };
    follows.follow(&viewer, tipster, wanted).await?;
    Ok(see_other(if form.next.is_empty() { paths::FOLLOWING } else { safe_next(&form.next) }))
}

/// The body of `follow`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Follow {
    want: String,
    next: String,
}
