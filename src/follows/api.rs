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

/// Whom the signed-in person follows, a page starting `after`.
pub async fn following(after: Option<String>) -> AppResult<Following> {
    Ok(expect_context::<Follows>().page(&signed_in()?, after.as_deref()).await?)
}

/// Whether the signed-in person follows a tipster; nobody does who is not signed in.
pub async fn is_following(tipster: PersonId) -> AppResult<bool> {
    let Some(viewer) = viewer() else { return Ok(false) };
    Ok(expect_context::<Follows>().is_following(&viewer, tipster).await?)
}

/// `POST /follows/{person}` with `want` = `follow` or `unfollow`, and `next`: where to go afterwards.
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

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Follow {
    want: String,
    next: String,
}
