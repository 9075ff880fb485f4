//! What pages and picture addresses ask about tips.

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
pub async fn market(filter: &Filter) -> AppResult<MarketListing> {
    Ok(expect_context::<Tips>().market(filter).await?)
}

/// A tipster's page.
pub async fn profile(handle: &str, span: Span, page: u32) -> AppResult<TipsterProfile> {
    expect_context::<Tips>().profile(handle, span, page).await
}

/// All tipsters by their records.
pub async fn standings(span: Span) -> AppResult<Arc<Standings>> {
    Ok(expect_context::<Tips>().standings(span).await?)
}

/// One tip as its viewer may see it. `number` is text from the address.
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

/// `GET /tips/{number}/sealed.txt`: exactly the bytes whose SHA-256 is the seal, for who may see the tip
/// whole.
pub async fn sealed_text(
    State(tips): State<Tips>,
    Extension(viewer): Extension<Option<Viewer>>,
    Path(number): Path<String>,
) -> AppResult<Response> {
    let text = tips.sealed_text(parse(&number)?, viewer.as_ref()).await?;
    Ok(([(CONTENT_TYPE, "text/plain; charset=utf-8"), (CACHE_CONTROL, "private, no-store")], text)
        .into_response())
}

/// `GET /tips/{number}/betslip`: the right is checked each time, and nothing on the way may keep the picture.
pub async fn clear_picture(
    State(tips): State<Tips>,
    Extension(viewer): Extension<Option<Viewer>>,
    Path(number): Path<String>,
) -> AppResult<Response> {
    let picture = tips.clear_picture(parse(&number)?, viewer.as_ref()).await?;
    Ok(([(CONTENT_TYPE, "image/webp"), (CACHE_CONTROL, "private, no-store")], picture).into_response())
}

/// `GET /tips/{number}/preview.jpg`: one drawing for all tips, for everybody.
pub async fn preview(State(tips): State<Tips>, Path(number): Path<String>) -> AppResult<Response> {
    let picture = tips.preview(parse(&number)?).await?;
    Ok(([(CONTENT_TYPE, "image/jpeg"), (CACHE_CONTROL, "public, max-age=86400")], picture).into_response())
}

fn parse(number: &str) -> AppResult<TipId> {
    number.parse().map_err(|_| no_such_tip())
}
