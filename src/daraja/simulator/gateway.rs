//! What the gateway in front of Daraja does to a request if a fault is planned: it refuses the request,
//! delays it, or loses the answer.

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::deliveries::Delay;
use super::fault::{Endpoint, FaultKind, Target};
use super::reply::ErrorReply;
use super::request::{field, parse};
use super::state::SimulatorState;

/// What the gateway itself says to too many requests: it has neither `errorCode` nor `requestId` (daraja §1).
const SPIKE_ARREST: &str = concat!(
    r#"{"fault":{"faultstring":"Spike arrest violation. Allowed rate : "#,
    r#"MessageRate{messagesPerPeriod=5, periodInMicroseconds=60000000, maxBurstMessageCount=1.0}","#,
    r#""detail":{"errorcode":"policies.ratelimit.SpikeArrestViolation"}}}"#,
);
const FIREWALL: &str = "<html style=\"height:100%\"><head>\
    <META NAME=\"ROBOTS\" CONTENT=\"NOINDEX, NOFOLLOW\"></head>\
    <body>Request unsuccessful. Incapsula incident ID: 877000310-194602</body></html>";

/// An answer as the value of a fault names it.
pub enum ForcedAnswer {
    /// A result code, which only a query can be answered with.
    Result(String),
    Error(ErrorReply),
    /// HTTP 429 with the gateway's fault.
    SpikeArrest,
    /// HTTP 403 with a page of HTML.
    Firewall,
    /// HTTP 200 with an empty body.
    Empty,
}

/// What is planned for one request.
pub struct Plan {
    instead: Option<ForcedAnswer>,
    wait: Option<Delay>,
    is_answer_lost: bool,
}

impl ForcedAnswer {
    /// Reads an answer: `1032`, `500.001.1001`, `500.001.1001 words`, `200:500.001.1001`, `429`, `403` or
    /// `empty`.
    pub fn of(text: &str) -> Self {
        match text {
            "429" => Self::SpikeArrest,
            "403" => Self::Firewall,
            "empty" => Self::Empty,
            code if !code.contains('.') => Self::Result(code.to_owned()),
            error => Self::Error(refusal(error)),
        }
    }

    pub(super) fn into_response(self, shared: &SimulatorState) -> Response {
        match self {
            Self::Result(code) => shared.refuse(&refusal(&code)),
            Self::Error(refusal) => shared.refuse(&refusal),
            Self::SpikeArrest => {
                (StatusCode::TOO_MANY_REQUESTS, [(CONTENT_TYPE, "application/json")], SPIKE_ARREST)
                    .into_response()
            }
            Self::Firewall => {
                (StatusCode::FORBIDDEN, [(CONTENT_TYPE, "text/html")], FIREWALL).into_response()
            }
            Self::Empty => StatusCode::OK.into_response(),
        }
    }
}

/// Reads an error code, with or without a status before it and words after it.
fn refusal(text: &str) -> ErrorReply {
    let (status, text) = match text.split_once(':') {
        Some((status, rest)) if status.len() == 3 => (status.parse::<u16>().ok(), rest),
        _ => (None, text),
    };
    let (code, message) = text.split_once(' ').unwrap_or((text, ""));
    let message = match (message, code) {
        ("", "400.002.02") => "Bad Request - Invalid PhoneNumber",
        ("", "404.001.03") => "Invalid Access Token",
        ("", "500.001.1001") => {
            "Unable to lock subscriber, a transaction is already in process for the current subscriber"
        }
        ("", "500.003.02") => "Error Occurred: Spike Arrest Violation",
        ("", "500.003.03") => "Error Occurred: Quota Violation",
        ("", _) => "Internal Server Error",
        (message, _) => message,
    };
    let of_code = || {
        code.get(..3)
            .and_then(|status| status.parse().ok())
            .filter(|status| (400..600).contains(status))
            .unwrap_or(500)
    };
    ErrorReply::new(
        status.filter(|status| (200..600).contains(status)).unwrap_or_else(of_code),
        code,
        message,
    )
}

impl SimulatorState {
    /// Collects the faults that hit this request; each is used up by one.
    pub(super) fn plan(&self, endpoint: Endpoint, bytes: &[u8]) -> Plan {
        let target = self.target(endpoint, bytes);
        let mut world = self.world();
        let mut take = |kind| world.faults.take(kind, &target);
        Plan {
            wait: take(FaultKind::SlowAnswer).and_then(|fault| fault.wait()),
            is_answer_lost: take(FaultKind::LoseAnswer).is_some(),
            instead: if take(FaultKind::SpikeArrest).is_some() {
                Some(ForcedAnswer::SpikeArrest)
            } else if take(FaultKind::Forbidden).is_some() {
                Some(ForcedAnswer::Firewall)
            } else if take(FaultKind::Busy).is_some() {
                Some(ForcedAnswer::Error(ErrorReply::new(
                    500,
                    "500.003.02",
                    "System is busy. Please try again in few minutes.",
                )))
            } else {
                take(FaultKind::Refuse)
                    .and_then(|fault| fault.text())
                    .filter(|says| says != "truth")
                    .map(|says| ForcedAnswer::of(&says))
            },
        }
    }

    /// Whom this request is about, as far as its body tells.
    pub(super) fn target(&self, endpoint: Endpoint, bytes: &[u8]) -> Target {
        let body = parse(bytes).unwrap_or(Value::Null);
        let known = field(&body, "CheckoutRequestID").and_then(|id| self.world().prompt(&id).cloned());
        let (phone_number, account_reference) = match known {
            Some(prompt) => (Some(prompt.phone_number), Some(prompt.account_reference)),
            None => (field(&body, "PhoneNumber"), field(&body, "AccountReference")),
        };
        Target { endpoint: Some(endpoint), phone_number, account_reference }
    }
}

impl Plan {
    /// Whether the gateway answers the request itself and passes it no further.
    pub const fn is_stopped(&self) -> bool {
        self.instead.is_some()
    }

    /// The true answer, unless the gateway answers itself; then the request has no effect.
    pub fn instead_of(&self, answer: impl FnOnce() -> Response) -> Response {
        if self.is_stopped() { ().into_response() } else { answer() }
    }

    /// Sends the answer as late and as complete as planned.
    pub(super) async fn send(self, shared: &SimulatorState, answer: Response) -> Response {
        if let Some(wait) = self.wait {
            shared.wait(wait).await;
        }
        match self.instead {
            Some(says) => says.into_response(shared),
            None if self.is_answer_lost => StatusCode::GATEWAY_TIMEOUT.into_response(),
            None => answer,
        }
    }
}
