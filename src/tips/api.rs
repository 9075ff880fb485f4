//! What pages ask about tips, and the addresses of pictures and sealed texts.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use leptos::prelude::{expect_context, use_context};

use super::catalogue::Tips;
use super::filter::Filter;
use super::market::MarketListing;
use super::profile::TipsterProfile;
use super::record::Span;
use super::service::no_such_tip;
use super::standings::Standings;
use super::view::{Disclosure, TipDetail};
use super::view_counts::Looker;
use crate::platform::address::ClientAddress;
use crate::platform::viewer::{Viewer, viewer};
use crate::types::{AppResult, TipId};

/// What is on sale now, as the filter says.
///
/// # Errors
/// `AppError::Busy` or `AppError::Internal` if the database fails.
pub async fn market(filter: &Filter) -> AppResult<MarketListing> {
    Ok(expect_context::<Tips>().market(filter).await?)
}

/// The page of the tipster with this handle.
///
/// # Errors
/// `AppError::NotFound` if there is no such tipster or the record has no such page; `AppError::Busy` or
/// `AppError::Internal` if the database fails.
pub async fn profile(handle: &str, span: Span, page: u32) -> AppResult<TipsterProfile> {
    expect_context::<Tips>().profile(handle, span, page).await
}

/// All tipsters in the order of their records.
///
/// # Errors
/// `AppError::Busy` if the records could not be read.
pub async fn standings(span: Span) -> AppResult<Arc<Standings>> {
    Ok(expect_context::<Tips>().standings(span).await?)
}

/// One tip as its viewer may see it; `number` is text from the address. The view is counted, except the
/// tipster's own.
///
/// # Errors
/// `AppError::NotFound` if there is no such tip, or this viewer may not know of it; `AppError::Busy` or
/// `AppError::Internal` if the database fails.
pub async fn tip_page(number: &str) -> AppResult<TipDetail> {
    let number = parse(number)?;
    let viewer = viewer();
    let tips = expect_context::<Tips>();
    let detail = tips.detail(number, viewer.as_ref()).await?;
    if !matches!(detail.disclosure, Disclosure::Tipster { .. }) {
        let headers = use_context::<Parts>().map(|parts| parts.headers).unwrap_or_default();
        let visitor = || use_context::<ClientAddress>().map(|address| Looker::visitor(address.0, &headers));
        if let Some(looker) = viewer.as_ref().map(|viewer| Looker::Person(viewer.id)).or_else(visitor) {
            tips.views.count(number, &looker);
        }
    }
    Ok(detail)
}

/// `GET /tips/{number}/sealed.txt` sends exactly the bytes whose SHA-256 is the seal, to viewers who may see
/// the whole tip.
///
/// # Errors
/// `AppError::NotFound` for anybody else, or if there is no such tip; `AppError::Busy` or
/// `AppError::Internal` if the database fails.
pub async fn sealed_text(
    State(tips): State<Tips>,
    Extension(viewer): Extension<Option<Viewer>>,
    Path(number): Path<String>,
) -> AppResult<Response> {
    let text = tips.sealed_text(parse(&number)?, viewer.as_ref()).await?;
    Ok(([(CONTENT_TYPE, "text/plain; charset=utf-8"), (CACHE_CONTROL, "private, no-store")], text)
        .into_response())
}

/// `GET /tips/{number}/betslip` sends the clear betslip. The viewer's right is checked each time, and no
/// cache on the way may keep the picture.
///
/// # Errors
/// `AppError::NotFound` unless the viewer bought or sells the tip and it has a picture; `AppError::Internal`
/// if the file cannot be read; `AppError::Busy` or `AppError::Internal` if the database fails.
pub async fn clear_picture(
    State(tips): State<Tips>,
    Extension(viewer): Extension<Option<Viewer>>,
    Path(number): Path<String>,
) -> AppResult<Response> {
    let picture = tips.clear_picture(parse(&number)?, viewer.as_ref()).await?;
    Ok(([(CONTENT_TYPE, "image/webp"), (CACHE_CONTROL, "private, no-store")], picture).into_response())
}

/// `GET /tips/{number}/preview.jpg` sends the same drawing for every tip, to everybody.
///
/// # Errors
/// `AppError::NotFound` if there is no such tip or it was never offered; `AppError::Busy` or
/// `AppError::Internal` if the database fails.
pub async fn preview(State(tips): State<Tips>, Path(number): Path<String>) -> AppResult<Response> {
    let picture = tips.preview(parse(&number)?).await?;
    Ok(([(CONTENT_TYPE, "image/jpeg"), (CACHE_CONTROL, "public, max-age=86400")], picture).into_response())
}

fn parse(number: &str) -> AppResult<TipId> {
    number.parse().map_err(|_| no_such_tip())
}
