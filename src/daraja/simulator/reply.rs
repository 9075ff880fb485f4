//! How requests are refused: by the endpoints of Daraja as Daraja does it, and by the simulator's own
//! endpoints.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;

use super::ids;
use super::state::SimulatorState;

/// An error as Daraja writes it (daraja §1).
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
    /// An error with this HTTP status. A number that is no status becomes 500.
    pub fn new(status: u16, code: impl Into<String>, message: impl Into<String>) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self { status, code: code.into(), message: message.into() }
    }

    /// The gateway's error for a field that is wrong or missing.
    pub fn invalid(field: &str) -> Self {
        Self::new(400, "400.002.02", format!("Bad Request - Invalid {field}"))
    }

    /// An error of the system behind the gateway. Its code 500.001.1001 has many meanings, which only the
    /// message tells apart.
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

/// An error of the simulator's own endpoints, answered as `{"error": "…"}`.
pub struct Problem(StatusCode, String);

impl Problem {
    /// The request cannot be read or has a wrong value (400).
    pub fn bad_request(error: impl Into<String>) -> Self {
        Self(StatusCode::BAD_REQUEST, error.into())
    }

    /// There is no such prompt (404).
    pub fn not_found(error: impl Into<String>) -> Self {
        Self(StatusCode::NOT_FOUND, error.into())
    }

    /// The state of the world does not allow it (409).
    pub fn conflict(error: impl Into<String>) -> Self {
        Self(StatusCode::CONFLICT, error.into())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "error": self.1 }))).into_response()
    }
}
