//! The desk over HTTP: what its pages ask, and what their forms post to. Each asks first whether the visitor
//! is staff.

use std::sync::Arc;

use axum::Extension;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use leptos::prelude::{expect_context, provide_context};
use serde::Deserialize;

use super::{ApprovalQueue, Desk, DeskProblem, TipResults, Unsettled};
use crate::platform::error_response::ShowAgain;
use crate::platform::redirect::see_other;
use crate::platform::viewer::Viewer;
use crate::platform::viewer::viewer;
use crate::tips::Tips;
use crate::tips::results::{MatchVerdict, OPEN};
use crate::types::name::line;
use crate::types::{AppError, AppResult, TipId, TipResult};

const REASON_LENGTH: std::ops::RangeInclusive<usize> = 3..=300;
const SCORE_LENGTH: usize = 20;

type DeskViewer = Extension<Option<Viewer>>;

/// Tips that wait for approval.
pub async fn waiting(after: Option<String>) -> AppResult<ApprovalQueue> {
    let desk = expect_context::<Desk>();
    let operator = desk.staff(viewer()).await?;
    Ok(desk.waiting(operator, after.as_deref()).await?)
}

/// Tips whose matches are over and not settled.
pub async fn unsettled(after: Option<String>) -> AppResult<Unsettled> {
    let desk = expect_context::<Desk>();
    let operator = desk.staff(viewer()).await?;
    Ok(desk.unsettled(operator, after.as_deref()).await?)
}

/// One tip's results.
pub async fn tip_results(number: &str) -> AppResult<TipResults> {
    let desk = expect_context::<Desk>();
    let operator = desk.staff(viewer()).await?;
    Ok(desk.results(operator, read_number(number)?).await?)
}

/// `GET /desk/tips/{number}/betslip`: the clear picture, while the tip waits.
pub async fn betslip(
    State(desk): State<Desk>,
    State(tips): State<Tips>,
    Extension(viewer): DeskViewer,
    Path(number): Path<String>,
) -> AppResult<Response> {
    let operator = desk.staff(viewer).await?;
    let number = read_number(&number)?;
    desk.look_at_betslip(operator, number).await?;
    let picture = tips.picture_for_desk(number).await?;
    Ok(([(CONTENT_TYPE, "image/webp"), (CACHE_CONTROL, "private, no-store")], picture).into_response())
}

/// `POST /api/desk/tips/{number}/approve`.
pub async fn approve(
    State(desk): State<Desk>,
    State(tips): State<Tips>,
    Extension(viewer): DeskViewer,
    Path(number): Path<String>,
) -> Response {
    let approved: AppResult<()> = async {
        let operator = desk.staff(viewer).await?;
        Ok(tips.approve(operator.id, read_number(&number)?).await?)
    }
    .await;
    answer(approved, "/desk/tips", "/desk/tips", || typed(&number, None, "", ""))
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct RejectForm {
    reason: String,
}

/// `POST /api/desk/tips/{number}/reject`.
pub async fn reject(
    State(desk): State<Desk>,
    State(tips): State<Tips>,
    Extension(viewer): DeskViewer,
    Path(number): Path<String>,
    form: Result<Form<RejectForm>, FormRejection>,
) -> Response {
    let Form(form) = form.unwrap_or_default();
    let rejected: AppResult<()> = async {
        let operator = desk.staff(viewer).await?;
        Ok(tips.reject(operator.id, read_number(&number)?, &read_reason(&form.reason)?).await?)
    }
    .await;
    answer(rejected, "/desk/tips", "/desk/tips", || typed(&number, None, &form.reason, ""))
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ResultForm {
    was: String,
    result: String,
    score: String,
    reason: String,
}

/// `POST /api/desk/results/{number}/{position}`: settles a match, or opens it again.
pub async fn settle(
    State(desk): State<Desk>,
    State(tips): State<Tips>,
    Extension(viewer): DeskViewer,
    Path((number, position)): Path<(String, String)>,
    form: Result<Form<ResultForm>, FormRejection>,
) -> Response {
    let Form(form) = form.unwrap_or_default();
    let settled: AppResult<()> = async {
        let operator = desk.staff(viewer).await?;
        let position = position.parse().map_err(|_| AppError::not_found("There is no such tip or match."))?;
        let tip = read_number(&number)?;
        let (was, result) = (read_result(&form.was)?, read_result(&form.result)?);
        let (reason, score) = (read_reason(&form.reason)?, read_score(&form.score)?);
        let score = Some(score.as_str()).filter(|score| result.is_some() && !score.is_empty());
        let verdict = MatchVerdict { tip, position, was, result, score, reason: &reason };
        Ok(tips.settle_match(operator.id, &verdict).await?)
    }
    .await;
    let page = format!("/desk/results/{number}");
    answer(settled, &page, &page, || typed(&number, position.parse().ok(), &form.reason, &form.score))
}

fn typed(number: &str, position: Option<i64>, reason: &str, score: &str) -> DeskProblem {
    let (reason, score) = (reason.to_owned(), score.to_owned());
    DeskProblem { message: String::new(), tip: number.parse().ok(), position, reason, score }
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

/// No result is an open match.
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

/// On to `next`, or the form's own page again with the reason.
fn answer(done: AppResult<()>, next: &str, page: &str, typed: impl Fn() -> DeskProblem) -> Response {
    let error = match done {
        Ok(()) => return see_other(next),
        Err(error) => error,
    };
    let problem = DeskProblem { message: error.to_string(), ..typed() };
    let mut response = error.into_response();
    let provide = Arc::new(move || provide_context(problem.clone()));
    response.extensions_mut().insert(ShowAgain { page: page.to_owned(), provide });
    response
}
