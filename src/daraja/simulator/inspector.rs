//! The inspector: it notes what is asked of Daraja's endpoints, and serves the timeline.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Query, Request, State};
use axum::http::StatusCode;
use axum::http::header::HOST;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;

use super::fault::Endpoint;
use super::request::BODY_MAX_BYTES;
use super::state::SimulatorState;
use super::timeline::Note;
use crate::daraja::wire::{PULL_PATH, PULL_REGISTER_PATH, PUSH_PATH, QUERY_PATH, REGISTER_PATH};

#[derive(Deserialize)]
struct Since {
    #[serde(default)]
    since: u64,
}

pub(super) fn routes() -> Router<Arc<SimulatorState>> {
    Router::new().route("/inspector/exchanges", get(list))
}

/// The exchanges that changed after version `since`, oldest first.
async fn list(State(shared): State<Arc<SimulatorState>>, Query(asked): Query<Since>) -> Response {
    Json(shared.timeline().since(asked.since)).into_response()
}

/// Notes a request to one of Daraja's endpoints and its answer. The request is noted first, because the
/// answer may never come.
pub(super) async fn record(
    State(shared): State<Arc<SimulatorState>>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, BODY_MAX_BYTES).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let (kind, endpoint) = match parts.uri.path() {
        PUSH_PATH => ("push", Endpoint::Push),
        QUERY_PATH => ("query", Endpoint::Query),
        REGISTER_PATH => ("register", Endpoint::Register),
        PULL_REGISTER_PATH => ("pull registration", Endpoint::Register),
        PULL_PATH => ("pull", Endpoint::Pull),
        _ => ("token", Endpoint::Token),
    };
    let phone_number = shared.target(endpoint, &bytes).phone_number;
    let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1");
    let url = format!("http://{host}{}", parts.uri);
    let authorization = if endpoint == Endpoint::Token { "Basic …" } else { "Bearer …" };
    let headers = [("Authorization", authorization), ("Content-Type", "application/json")];
    let id = shared.note(Note::new(kind, false, parts.method.as_str(), &url, phone_number, &bytes, &headers));
    let response = next.run(Request::from_parts(parts, Body::from(bytes))).await;
    let (parts, body) = response.into_parts();
    let answer = to_bytes(body, BODY_MAX_BYTES).await.unwrap_or_default();
    shared.note_end(id, Some(parts.status.as_u16()), &answer, None);
    Response::from_parts(parts, Body::from(answer))
}
