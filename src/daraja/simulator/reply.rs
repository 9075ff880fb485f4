//! How requests are refused: as Daraja does it, and as the simulator's own endpoints do.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;

use super::ids;
use super::state::SimulatorState;

/// An error as Daraja writes it.
pub struct ErrorReply {
    pub status: StatusCode,
    pub code: String,
    pub message: String,
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    #[serde(rename = "requestId")]
    request_id: String,
    #[serde(rename = "errorCode")]
    code: &'a str,
    #[serde(rename = "errorMessage")]
    message: &'a str,
}

impl ErrorReply {
    pub fn new(status: u16, code: impl Into<String>, message: impl Into<String>) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self { status, code: code.into(), message: message.into() }
    }

    pub fn invalid(field: &str) -> Self {
        Self::new(400, "400.002.02", format!("Bad Request - Invalid {field}"))
    }

    pub fn back_end(message: &str) -> Self {
        Self::new(500, "500.001.1001", message)
    }
}

impl SimulatorState {
    pub(super) fn refuse(&self, refusal: &ErrorReply) -> Response {
        let body = ErrorBody {
            request_id: ids::request_id(&self.random),
            code: &refusal.code,
            message: &refusal.message,
        };
        (refusal.status, axum::Json(body)).into_response()
    }
}

/// Answered as `{"error": "…"}`.
pub struct Problem(StatusCode, String);

impl Problem {
    pub fn bad_request(error: impl Into<String>) -> Self {
        Self(StatusCode::BAD_REQUEST, error.into())
    }

    pub fn not_found(error: impl Into<String>) -> Self {
        Self(StatusCode::NOT_FOUND, error.into())
    }

    pub fn conflict(error: impl Into<String>) -> Self {
        Self(StatusCode::CONFLICT, error.into())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "error": self.1 }))).into_response()
    }
}
