//! Daraja's own endpoints: token, STK push, STK query, C2B registration and Pull Transactions, with Safaricom's strings, types
//! and errors (daraja §1, §2, §4).

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};

use super::c2b::register;
use super::fault::{Endpoint, FaultKind, Target};
use super::gateway::ForcedAnswer;
use super::ids;
use super::message::description;
use super::pull;
use super::push::push;
use super::reply::ErrorReply;
use super::request::{BODY_MAX_BYTES, field, parse};
use super::state::SimulatorState;
use super::stats::count_one;
use super::world::QueryResult;
use crate::daraja::wire::{PULL_PATH, PULL_REGISTER_PATH, PUSH_PATH, QUERY_PATH, REGISTER_PATH, TOKEN_PATH};

/// The life of a token as Safaricom gives it, which it sends as a string.
const TOKEN_LIFE_SECONDS: i64 = 3_599;
/// How many tokens are kept. If there are more, all of them end.
const TOKENS_MAX: usize = 1_000;
const ID_MAX_LENGTH: usize = 100;

#[derive(Serialize)]
struct TokenBody {
    access_token: String,
    expires_in: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct QueryBody<'a> {
    response_code: &'static str,
    response_description: &'static str,
    #[serde(rename = "MerchantRequestID")]
    merchant_request_id: &'a str,
    #[serde(rename = "CheckoutRequestID")]
    checkout_request_id: &'a str,
    result_code: &'a str,
    result_desc: &'a str,
}

#[derive(Deserialize)]
pub(super) struct TokenQuery {
    grant_type: Option<String>,
}

pub(super) fn routes() -> Router<Arc<SimulatorState>> {
    Router::new()
        .route(TOKEN_PATH, get(token))
        .route(PUSH_PATH, post(push))
        .route(QUERY_PATH, post(query))
        .route(REGISTER_PATH, post(register))
        .route(PULL_REGISTER_PATH, post(pull::register))
        .route(PULL_PATH, post(pull::pull))
        .layer(DefaultBodyLimit::max(BODY_MAX_BYTES))
}

pub(super) async fn not_found(State(shared): State<Arc<SimulatorState>>) -> Response {
    shared.refuse(&ErrorReply::new(404, "404.001.01", "Resource not found"))
}

async fn token(
    State(shared): State<Arc<SimulatorState>>,
    Query(query): Query<TokenQuery>,
    headers: HeaderMap,
) -> Response {
    count_one(&shared.stats.token_requests);
    let plan = shared.plan(Endpoint::Token, &[]);
    let answer = plan.instead_of(|| match give_token(&shared, &query, &headers) {
        Ok(token) => axum::Json(token).into_response(),
        // A wrong key or secret gets an empty answer.
        Err(None) => StatusCode::BAD_REQUEST.into_response(),
        Err(Some(refusal)) => shared.refuse(&refusal),
    });
    plan.send(&shared, answer).await
}

fn give_token(
    shared: &SimulatorState,
    query: &TokenQuery,
    headers: &HeaderMap,
) -> Result<TokenBody, Option<ErrorReply>> {
    let authorization = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let basic = authorization.strip_prefix("Basic ");
    let basic = basic.ok_or_else(|| ErrorReply::new(400, "400.008.01", "Invalid Authentication passed"))?;
    if query.grant_type.as_deref() != Some("client_credentials") {
        return Err(Some(ErrorReply::new(400, "400.008.02", "Invalid grant type passed")));
    }
    let credentials = &shared.credentials;
    let expected = format!(
        "{}:{}",
        credentials.consumer_key.expose_secret(),
        credentials.consumer_secret.expose_secret()
    );
    if !STANDARD.decode(basic).is_ok_and(|pair| pair == expected.as_bytes()) {
        return Err(None);
    }
    let short = shared
        .world()
        .faults
        .take(FaultKind::ShortToken, &Target::default())
        .and_then(|fault| fault.number());
    let life = short.map_or(TOKEN_LIFE_SECONDS, |seconds| seconds.clamp(0, TOKEN_LIFE_SECONDS));
    let (now, access_token) = (shared.clock.now(), ids::access_token(&shared.random));
    let mut tokens = shared.tokens();
    if tokens.len() >= TOKENS_MAX {
        tokens.clear();
    }
    tokens.insert(access_token.clone(), now + TimeDelta::seconds(life));
    Ok(TokenBody { access_token, expires_in: life.to_string() })
}

async fn query(State(shared): State<Arc<SimulatorState>>, headers: HeaderMap, bytes: Bytes) -> Response {
    count_one(&shared.stats.queries);
    let plan = shared.plan(Endpoint::Query, &bytes);
    let answer =
        plan.instead_of(|| find(&shared, &headers, &bytes).unwrap_or_else(|refusal| shared.refuse(&refusal)));
    plan.send(&shared, answer).await
}

fn find(shared: &SimulatorState, headers: &HeaderMap, bytes: &[u8]) -> Result<Response, ErrorReply> {
    shared.check_token(headers)?;
    let body = parse(bytes)?;
    shared.check_credentials(&body)?;
    let id =
        field(&body, "CheckoutRequestID").filter(|id| id.starts_with("ws_CO_") && id.len() <= ID_MAX_LENGTH);
    let id = id.ok_or_else(|| ErrorReply::invalid("CheckoutRequestID"))?;
    let mut world = shared.world();
    if let Some((merchant_request_id, says)) = world.planned_query_answer(&id) {
        return Ok(match ForcedAnswer::of(&says) {
            ForcedAnswer::Result(code) => query_answer(&merchant_request_id, &id, &code, description(&code)),
            says => says.into_response(shared),
        });
    }
    match world.query(&id) {
        QueryResult::Nothing => Err(ErrorReply::back_end("The transaction does not Exist")),
        QueryResult::Processing => Err(ErrorReply::back_end("The transaction is being processed")),
        QueryResult::Ended { merchant_request_id, outcome } => {
            Ok(query_answer(&merchant_request_id, &id, &outcome.code, &outcome.description))
        }
    }
}

/// The answer to a query. Its result code is a string here, while callbacks have a number.
fn query_answer(
    merchant_request_id: &str,
    checkout_request_id: &str,
    result_code: &str,
    result_desc: &str,
) -> Response {
    let body = QueryBody {
        response_code: "0",
        response_description: "The service request has been accepted successsfully",
        merchant_request_id,
        checkout_request_id,
        result_code,
        result_desc,
    };
    axum::Json(body).into_response()
}
