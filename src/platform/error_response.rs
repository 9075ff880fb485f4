//! How an error is answered: with its status, `{"error":"…"}`, and `Retry-After` where it helps to wait.

use axum::Json;
use axum::http::HeaderValue;
use axum::http::header::RETRY_AFTER;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::db::Failure;
use super::forms::RefusedForm;
use crate::types::{AppError, Language};

impl AppError {
    /// The answer in a language. For a browser that sent a form the server makes a page of it.
    pub fn answer(self, language: Language) -> Response {
        let body = Json(json!({ "error": self.text().as_str(language) }));
        let mut response = (self.status(), body).into_response();
        if let Some(wait) = self.retry_after() {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
        }
        RefusedForm::without_page(self).on(response)
    }
}

/// The answer in English, which programs get.
impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        self.answer(Language::English)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        AppError::from(self).into_response()
    }
}
