//! How an error is answered: a status, `{"error":"…"}`, and `Retry-After` where waiting helps.

use std::sync::Arc;

use axum::Json;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::db::Failure;
use crate::types::AppError;

/// On the answer to a form that was refused: a browser is shown the form's page again, with what `provide`
/// tells it. A program gets the answer itself.
#[derive(Clone)]
pub struct ShowAgain {
    /// The page's address.
    pub page: String,
    pub provide: Arc<dyn Fn() + Send + Sync>,
}

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(json!({ "error": self.to_string() }))).into_response();
        // The server makes a page of it for browsers.
        response.extensions_mut().insert(self.clone());
        if let Some(wait) = self.retry_after() {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
        }
        response
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        AppError::from(self).into_response()
    }
}
