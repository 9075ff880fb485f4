//! The inspector: the last requests, answers and callbacks as a timeline, without their secrets, each also as
//! a `curl` command.

use std::collections::VecDeque;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Instant;

use axum::body::{Body, to_bytes};
use axum::extract::{Query, Request, State};
use axum::http::StatusCode;
use axum::http::header::HOST;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use super::SimulatorState;
use super::daraja_api::BODY_MAX_BYTES;
use super::deliveries::{Delivery, DeliveryKind};
use super::fault::Endpoint;
use super::redact::{redacted, without_secrets};
use crate::daraja::wire::{PUSH_PATH, QUERY_PATH, REGISTER_PATH};
use crate::platform::clock::rfc3339;

/// Older exchanges are forgotten.
const EXCHANGES_MAX: usize = 200;

/// The last exchanges, oldest first.
#[derive(Default)]
pub struct Timeline {
    exchanges: VecDeque<Exchange>,
    last_id: u64,
    last_version: u64,
}

/// One request and its answer. Nothing in it is secret.
#[derive(Clone, Serialize)]
struct Exchange {
    id: u64,
    /// Grows with each change to any exchange, so that the page asks only for what is new.
    version: u64,
    /// By the simulator's clock.
    at: String,
    #[serde(flatten)]
    note: Note,
    /// `None` while nothing came back.
    status: Option<u16>,
    millis: Option<u64>,
    answer: String,
    remark: Option<&'static str>,
    #[serde(skip)]
    start: Instant,
}

/// What is known when a request leaves.
#[derive(Clone, Serialize)]
pub struct Note {
    /// `push`, `query`, `token`, `register`, `callback` or `confirmation`.
    kind: &'static str,
    /// From us to the app, not from the app to Safaricom.
    is_outgoing: bool,
    method: String,
    url: String,
    phone_number: Option<String>,
    request: String,
    curl: String,
}

#[derive(Deserialize)]
struct Since {
    #[serde(default)]
    since: u64,
}

#[derive(Serialize)]
struct News {
    version: u64,
    exchanges: Vec<Exchange>,
}

pub(super) fn routes() -> Router<Arc<SimulatorState>> {
    Router::new().route("/inspector/exchanges", get(list))
}

/// The exchanges that changed after version `since`, oldest first.
async fn list(State(shared): State<Arc<SimulatorState>>, Query(asked): Query<Since>) -> Response {
    let timeline = shared.timeline();
    let changed = timeline.exchanges.iter().filter(|exchange| exchange.version > asked.since);
    Json(News { version: timeline.last_version, exchanges: changed.cloned().collect() }).into_response()
}

/// Notes what is asked of Daraja's endpoints and what they answer; the answer may never come.
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

impl Note {
    fn new(
        kind: &'static str,
        is_outgoing: bool,
        method: &str,
        url: &str,
        phone_number: Option<String>,
        body: &[u8],
        headers: &[(&str, &str)],
    ) -> Self {
        let (url, request) = (without_secrets(url), redacted(body));
        let curl = curl(method, &url, headers, &request);
        Self { kind, is_outgoing, method: method.to_owned(), url, phone_number, request, curl }
    }

    pub(super) fn of_delivery(delivery: &Delivery) -> Self {
        let kind = match delivery.kind {
            DeliveryKind::Callback => "callback",
            DeliveryKind::Confirmation => "confirmation",
        };
        let headers = [("Content-Type", "application/json;charset=UTF-8")];
        Self::new(
            kind,
            true,
            "POST",
            &delivery.url,
            Some(delivery.phone_number.clone()),
            delivery.body.as_bytes(),
            &headers,
        )
    }
}

impl Timeline {
    fn add(&mut self, note: Note, at: String) -> u64 {
        self.last_id += 1;
        self.last_version += 1;
        let (id, version) = (self.last_id, self.last_version);
        self.exchanges.push_back(Exchange {
            id,
            version,
            at,
            note,
            status: None,
            millis: None,
            answer: String::new(),
            remark: None,
            start: Instant::now(),
        });
        if self.exchanges.len() > EXCHANGES_MAX {
            self.exchanges.pop_front();
        }
        id
    }

    fn end(&mut self, id: u64, status: Option<u16>, answer: &[u8], remark: Option<&'static str>) {
        // Ids are consecutive, so the place is known.
        let Some(first) = self.exchanges.front().map(|exchange| exchange.id) else { return };
        let at = id.checked_sub(first).and_then(|at| usize::try_from(at).ok());
        let Some(exchange) = at.and_then(|at| self.exchanges.get_mut(at)) else { return };
        self.last_version += 1;
        exchange.version = self.last_version;
        exchange.status = status;
        exchange.millis = u64::try_from(exchange.start.elapsed().as_millis()).ok();
        exchange.answer = redacted(answer);
        exchange.remark = remark;
    }
}

impl SimulatorState {
    fn timeline(&self) -> MutexGuard<'_, Timeline> {
        self.timeline.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens an exchange; the number is for [`SimulatorState::note_end`].
    pub(super) fn note(&self, note: Note) -> u64 {
        self.timeline().add(note, rfc3339(self.clock.now()))
    }

    pub(super) fn note_end(&self, id: u64, status: Option<u16>, answer: &[u8], remark: Option<&'static str>) {
        self.timeline().end(id, status, answer, remark);
    }
}

/// The request as a command for a shell. Secrets are `…` in it, to be filled in by hand.
fn curl(method: &str, url: &str, headers: &[(&str, &str)], body: &str) -> String {
    let quote = |text: &str| format!("'{}'", text.replace('\'', r"'\''"));
    let headers = headers.iter().filter(|(name, _)| *name != "Content-Type" || !body.is_empty());
    let mut words = vec![format!("curl -X {method} {}", quote(url))];
    words.extend(headers.map(|(name, value)| format!("-H {}", quote(&format!("{name}: {value}")))));
    words.extend((!body.is_empty()).then(|| format!("--data-raw {}", quote(body))));
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(body: &str) -> Note {
        Note::new(
            "push",
            false,
            "POST",
            "http://127.0.0.1:9/a",
            None,
            body.as_bytes(),
            &[("Content-Type", "application/json")],
        )
    }

    #[test]
    fn a_command_is_quoted() {
        assert_eq!(
            note("it's").curl,
            r"curl -X POST 'http://127.0.0.1:9/a' -H 'Content-Type: application/json' --data-raw 'it'\''s'"
        );
        assert_eq!(note("").curl, "curl -X POST 'http://127.0.0.1:9/a'");
    }

    #[test]
    fn only_the_last_exchanges_are_kept_and_late_answers_find_theirs() {
        let mut timeline = Timeline::default();
        let ids: Vec<u64> = (0..EXCHANGES_MAX + 5).map(|_| timeline.add(note(""), String::new())).collect();
        timeline.end(ids[0], Some(200), b"too late", None);
        timeline.end(ids[10], Some(200), b"ok", None);
        assert_eq!(timeline.exchanges.len(), EXCHANGES_MAX);
        let answered: Vec<u64> = timeline
            .exchanges
            .iter()
            .filter(|exchange| exchange.status.is_some())
            .map(|exchange| exchange.id)
            .collect();
        assert_eq!(answered, [ids[10]]);
    }
}
