//! The layers before pages and forms: no play money in public, and forms that are read whole.

use std::sync::Arc;

use axum::body::{Body, HttpBody};
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_TYPE, FORWARDED, HOST, HeaderName};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::platform::body::{self, Unread};
use crate::platform::hosts::{authority, is_loopback_host};
use crate::platform::settings::{Money, Settings};
use crate::types::AppError;

/// The largest form or JSON that is read, in bytes.
pub const BODY_LIMIT: usize = 64 * 1024;
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

const FORM: &str = "application/x-www-form-urlencoded";
const PARTS: &str = "multipart/form-data";

/// A layer that answers 503 to a visitor from elsewhere, while the money is play money and not meant to be
/// public (MONEY §5).
pub async fn play_money_at_home(
    State(settings): State<Arc<Settings>>,
    request: Request,
    next: Next,
) -> Response {
    if !is_welcome(&settings, request.headers()) {
        return (
            StatusCode::SERVICE_UNAVAILABLE,
            "Ligisoo runs in development mode with play money, for this machine only.\n",
        )
            .into_response();
    }
    next.run(request).await
}

/// Whether a visitor may see this site: all may, but play money that is not public is for this machine alone.
pub fn is_welcome(settings: &Settings, headers: &HeaderMap) -> bool {
    match &settings.money {
        Money::Simulated(simulated) if !simulated.is_public => comes_from_here(headers),
        Money::Simulated(_) | Money::Live(_) => true,
    }
}

fn comes_from_here(headers: &HeaderMap) -> bool {
    // A program may name no host; every browser names one.
    let is_here = headers
        .get(HOST)
        .is_none_or(|host| authority(host).is_some_and(|host| is_loopback_host(host.host())));
    is_here && !headers.contains_key(FORWARDED) && !headers.contains_key(X_FORWARDED_FOR)
}

/// A layer that reads each form whole before a handler sees it, so that one that is too large is answered 413
/// everywhere. A body in parts holds files, which no route behind this layer takes: it is answered 415.
pub async fn whole_forms(mut request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD) || request.body().is_end_stream() {
        return next.run(request).await;
    }
    let kind = media_type(request.headers());
    if kind.starts_with("multipart/") {
        return AppError::WrongKind.into_response();
    }
    if kind == FORM {
        // Those who read the form compare the type with these exact letters.
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(FORM));
    }
    let (parts, body) = request.into_parts();
    match body::read(body, BODY_LIMIT).await {
        Ok(form) => next.run(Request::from_parts(parts, Body::from(form))).await,
        Err(Unread::TooLong) => AppError::TooLarge.into_response(),
        Err(cut_off @ Unread::CutOff) => cut_off.into_response(),
    }
}

/// A layer before routes that take a file. A body that is not in parts is answered 415; the route reads the
/// parts.
pub async fn parts_alone(request: Request, next: Next) -> Response {
    if !request.body().is_end_stream() && media_type(request.headers()) != PARTS {
        return AppError::WrongKind.into_response();
    }
    next.run(request).await
}

/// The type that a body claims, without its parameters (RFC 9110 §8.3.1); empty if it claims none.
fn media_type(headers: &HeaderMap) -> String {
    let claimed = headers.get(CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    let essence = claimed.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
    String::from_utf8_lossy(essence).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_of_body_is_read_whatever_its_letters() {
        for (claimed, kind) in [
            ("application/x-www-form-urlencoded", FORM),
            ("Application/X-WWW-Form-Urlencoded;charset=UTF-8", FORM),
            ("Multipart/Form-Data; boundary=X", PARTS),
            (" multipart/form-data ;boundary=x", PARTS),
            ("multipart/form-database; boundary=x", "multipart/form-database"),
            ("multipart", "multipart"),
            (";", ""),
        ] {
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(claimed))]);
            assert_eq!(media_type(&headers), kind, "{claimed}");
        }
        assert_eq!(media_type(&HeaderMap::new()), "");
    }

    #[test]
    fn only_this_machine_is_here() {
        for (host, is_here) in [
            ("localhost:3000", true),
            ("127.0.0.1", true),
            ("[::1]:3000", true),
            ("[::1].evil.example", false),
            ("[::1]evil.example:80", false),
            ("localhost.evil.example", false),
            ("127.0.0.1@evil.example", false),
            ("evil.example@127.0.0.1", false),
            ("ligisoo.example", false),
            ("", false),
        ] {
            let headers = HeaderMap::from_iter([(HOST, HeaderValue::from_static(host))]);
            assert_eq!(comes_from_here(&headers), is_here, "{host}");
        }
        assert!(comes_from_here(&HeaderMap::new()));
    }
}
