//! The desk over HTTP: what its pages ask, and what its forms post to. Each function first finds out whether
//! the visitor is staff.

use axum::extract::{FromRef, FromRequestParts, Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use leptos::prelude::expect_context;
use serde::Deserialize;

use super::{ApprovalQueue, Desk, TipResults, Unsettled};
use crate::audit::Member;
use crate::platform::forms::{RefusedForm, Typed};
use crate::platform::paths;
use crate::platform::redirect::see_other;
use crate::platform::viewer::{Viewer, signed_in};
use crate::tips::Tips;
use crate::tips::results::{MatchVerdict, OPEN};
use crate::types::name::line;
use crate::types::{AppError, AppResult, TipId, TipResult};

const REASON_LENGTH: std::ops::RangeInclusive<usize> = 3..=300;
const SCORE_LENGTH: usize = 20;
/// The reason for which a tip goes on sale; the form asks for none.
const LOOKED_AT: &str = "looked at, and found right";

impl<S: Sync> FromRequestParts<S> for Member
where
    Desk: FromRef<S>,
{
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> AppResult<Self> {
        Ok(Desk::from_ref(state).staff(Viewer::of(&parts.extensions)).await?)
    }
}

/// The page of tips that wait for approval, after the cursor `after`.
///
/// # Errors
/// [`AppError::SignIn`] if nobody is signed in; [`AppError::NotFound`] if the viewer is not staff;
/// [`AppError::Invalid`] if the cursor cannot be read; [`AppError::Busy`] or [`AppError::Internal`] if the
/// database fails.
pub async fn waiting(after: Option<String>) -> AppResult<ApprovalQueue> {
    let desk = expect_context::<Desk>();
    let member = desk.staff(Some(signed_in()?)).await?;
    Ok(desk.waiting(&member, after.as_deref()).await?)
}

/// The page of tips with matches that are over and not settled, after the cursor `after`.
///
/// # Errors
/// The errors of `waiting`.
pub async fn unsettled(after: Option<String>) -> AppResult<Unsettled> {
    let desk = expect_context::<Desk>();
    let member = desk.staff(Some(signed_in()?)).await?;
    Ok(desk.unsettled(&member, after.as_deref()).await?)
}

/// The page of one tip's results.
///
/// # Errors
/// [`AppError::SignIn`] if nobody is signed in; [`AppError::NotFound`] if the viewer is not staff, or if the
/// tip does not exist or has no match that is over; [`AppError::Busy`] or [`AppError::Internal`] if the
/// database fails.
pub async fn tip_results(number: &str) -> AppResult<TipResults> {
    let desk = expect_context::<Desk>();
    let member = desk.staff(Some(signed_in()?)).await?;
    Ok(desk.results(&member, read_number(number)?).await?)
}

/// `GET /desk/tips/{number}/betslip`: the clear picture, while the tip waits. The look is noted first.
///
/// # Errors
/// [`AppError::NotFound`] if the tip does not wait or has no picture; [`AppError::Busy`] or
/// [`AppError::Internal`] if the database or the store of pictures fails.
pub async fn betslip(
    State(desk): State<Desk>,
    State(tips): State<Tips>,
    member: Member,
    Path(number): Path<String>,
) -> AppResult<Response> {
    let number = read_number(&number)?;
    desk.look_at_betslip(&member, number).await?;
    let picture = tips.picture_for_desk(number).await?;
    Ok(([(CONTENT_TYPE, "image/webp"), (CACHE_CONTROL, "private, no-store")], picture).into_response())
}

/// `POST /api/desk/tips/{number}/approve`: puts a waiting tip on sale and answers 303 to the queue. A refusal
/// comes back with the queue's page.
///
/// # Errors
/// [`AppError::NotFound`] if the address has no number in it.
pub async fn approve(
    State(tips): State<Tips>,
    member: Member,
    Path(number): Path<String>,
) -> AppResult<Response> {
    let number = read_number(&number)?;
    let approved: AppResult<()> = async { Ok(tips.approve(&member.acting(LOOKED_AT)?, number).await?) }.await;
    Ok(match approved {
        Ok(()) => see_other(paths::DESK_TIPS),
        Err(error) => about_tip(number, error).into_response(),
    })
}

/// The form of `reject`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct RejectForm {
    reason: String,
}

/// `POST /api/desk/tips/{number}/reject`: turns a waiting tip down, for a reason that its tipster is told,
/// and answers 303 to the queue. A refusal comes back with the queue's page and what was typed.
///
/// # Errors
/// [`AppError::NotFound`] if the address has no number in it.
pub async fn reject(
    State(tips): State<Tips>,
    member: Member,
    Path(number): Path<String>,
    Typed(form): Typed<RejectForm>,
) -> AppResult<Response> {
    let number = read_number(&number)?;
    let rejected: AppResult<()> =
        async { Ok(tips.reject(&member.acting(&read_reason(&form.reason)?)?, number).await?) }.await;
    Ok(match rejected {
        Ok(()) => see_other(paths::DESK_TIPS),
        Err(error) => about_tip(number, error).typed([("reason", form.reason)]).into_response(),
    })
}

/// The form of `settle`. `was` is the result that the page showed, so that two operators do not overwrite
/// each other.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ResultForm {
    was: String,
    result: String,
    score: String,
    reason: String,
}

/// `POST /api/desk/results/{number}/{position}`: settles a match, or opens it again, and answers 303 to the
/// tip's results. A refusal comes back with that page and what was typed.
///
/// # Errors
/// [`AppError::NotFound`] if a part of the address is no number.
pub async fn settle(
    State(tips): State<Tips>,
    member: Member,
    Path((number, position)): Path<(String, String)>,
    Typed(form): Typed<ResultForm>,
) -> AppResult<Response> {
    let tip = read_number(&number)?;
    let position = position.parse().map_err(|_| AppError::not_found("There is no such tip or match."))?;
    let settled: AppResult<()> = async {
        let (was, result) = (read_result(&form.was)?, read_result(&form.result)?);
        let (reason, score) = (read_reason(&form.reason)?, read_score(&form.score)?);
        let score = Some(score.as_str()).filter(|score| result.is_some() && !score.is_empty());
        let operator = member.acting(&reason)?;
        let verdict = MatchVerdict { tip, position, was, result, score, reason: operator.reason() };
        Ok(tips.settle_match(&operator, &verdict).await?)
    }
    .await;
    let page = paths::desk_tip_results(tip);
    Ok(match settled {
        Ok(()) => see_other(&page),
        Err(error) => RefusedForm::new(page, match_form(position), error)
            .typed([("score", form.score), ("reason", form.reason)])
            .into_response(),
    })
}

fn about_tip(number: TipId, error: AppError) -> RefusedForm {
    RefusedForm::new(paths::DESK_TIPS, tip_form(number), error)
}

/// The id of the forms about one of the tips that wait, by which a refusal finds its form.
pub fn tip_form(number: TipId) -> String {
    format!("tip-{number}")
}

/// The id of the form of one match, by which a refusal finds its form.
pub fn match_form(position: i64) -> String {
    format!("match-{position}")
}

fn read_number(text: &str) -> AppResult<TipId> {
    text.parse().map_err(|_| AppError::not_found("There is no such tip."))
}

fn read_reason(text: &str) -> AppResult<String> {
    let reason = line(text).filter(|reason| REASON_LENGTH.contains(&reason.chars().count()));
    reason.ok_or_else(|| {
        let (least, most) = (REASON_LENGTH.start(), REASON_LENGTH.end());
        AppError::invalid(format!("Say why, in {least} to {most} characters."))
    })
}

/// Reads a result; `None` means that the match is open.
fn read_result(text: &str) -> AppResult<Option<TipResult>> {
    match text.trim() {
        "" | OPEN => Ok(None),
        word => {
            TipResult::read(word).map(Some).ok_or_else(|| AppError::invalid("A match is won, lost or void."))
        }
    }
}

fn read_score(text: &str) -> AppResult<String> {
    line(text)
        .filter(|score| score.chars().count() <= SCORE_LENGTH)
        .ok_or_else(|| AppError::invalid(format!("A score has up to {SCORE_LENGTH} characters, like 2-1.")))
}
