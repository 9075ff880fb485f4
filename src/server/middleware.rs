//! The layers before every page: who asks and from where, safe headers, and no play money in public.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONNECTION, CONTENT_TYPE, FORWARDED, HOST, HeaderName, LOCATION, REFERRER_POLICY,
    SET_COOKIE, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::platform::address::{ClientAddress, client_address};
use crate::platform::body::{self, Unread};
use crate::platform::hosts::{authority, is_loopback_host};
use crate::platform::redirect::path_here;
use crate::platform::sessions::end_of_old_cookie;
use crate::platform::settings::{Money, Settings};
use crate::types::AppError;

/// The largest form or JSON that is read, in bytes.
pub const BODY_LIMIT: usize = 64 * 1024;
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
const CROSS_ORIGIN_OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Pages may ask the browser for nothing of this list. Only the clipboard is used, to write a code to it.
const NO_PERMISSIONS: &str = "\
    accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), fullscreen=(), \
    geolocation=(), gyroscope=(), hid=(), magnetometer=(), microphone=(), midi=(), payment=(), \
    picture-in-picture=(), publickey-credentials-get=(), screen-wake-lock=(), serial=(), usb=(), \
    xr-spatial-tracking=()";

const FORM: &str = "application/x-www-form-urlencoded";
const PARTS: &str = "multipart/form-data";

/// How much of a body that nobody wanted is read and thrown away, in bytes, and for how long, at most.
const REST_LIMIT: usize = 8 * 1024 * 1024;
const REST_WITHIN: Duration = Duration::from_secs(1);

/// What every request and every answer passes: one layer, since each layer is copied for each request.
pub async fn at_the_door(
    State(settings): State<Arc<Settings>>,
    mut request: Request,
    next: Next,
) -> Response {
    know_address(&settings, &mut request);
    let old_cookie = end_of_old_cookie(settings.is_https(), request.headers());
    let mut response = read_to_the_end(request, next).await;
    stay_here(&mut response);
    safe_headers(&settings, &mut response);
    response.headers_mut().extend(old_cookie.map(|cookie| (SET_COOKIE, cookie)));
    response
}

/// Puts the client's address on a request, as trusted proxies tell it.
fn know_address(settings: &Settings, request: &mut Request) {
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |peer| peer.0.ip());
    let client = client_address(peer, request.headers(), &settings.trusted_proxies);
    request.extensions_mut().insert(ClientAddress(client));
}

/// A layer that answers 503 to a visitor from elsewhere, while the money is play money and not meant to be
/// public (MONEY §5).
pub async fn play_money_at_home(
    State(settings): State<Arc<Settings>>,
    request: Request,
    next: Next,
) -> Response {
    if let Money::Simulated(simulated) = &settings.money
        && !simulated.is_public
        && !comes_from_here(request.headers())
    {
        return (
            StatusCode::SERVICE_UNAVAILABLE,
            "Ligisoo runs in development mode with play money, for this machine only.\n",
        )
            .into_response();
    }
    next.run(request).await
}

fn comes_from_here(headers: &HeaderMap) -> bool {
    // A program may name no host; every browser names one.
    let is_here = headers
        .get(HOST)
        .is_none_or(|host| authority(host).is_some_and(|host| is_loopback_host(host.host())));
    is_here && !headers.contains_key(FORWARDED) && !headers.contains_key(X_FORWARDED_FOR)
}

/// Adds the headers that every answer carries. Types are not guessed; the referrer stays on our
/// own site, where a redirected form needs it; no other site's page gets hold of ours; and no page of ours
/// may ask for what it does not use. An answer that does not say how long it may be kept is asked for anew
/// each time, since the nonce of a page is good for one answer.
fn safe_headers(settings: &Settings, response: &mut Response) {
    let headers = response.headers_mut();
    for (name, value) in [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "same-origin"),
        (PERMISSIONS_POLICY, NO_PERMISSIONS),
        (CROSS_ORIGIN_OPENER_POLICY, "same-origin"),
        (CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if settings.is_https() {
        headers.insert(
            STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000; includeSubDomains"),
        );
    }
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-cache"));
}

/// Turns a redirect into one to our own site, whatever made the answer.
fn stay_here(response: &mut Response) {
    if let Some(location) = response.headers().get(LOCATION) {
        let path = path_here(location.to_str().unwrap_or_default());
        let path = HeaderValue::from_str(&path).unwrap_or(HeaderValue::from_static("/"));
        response.headers_mut().insert(LOCATION, path);
    }
}

/// Answers a request, and then reads what is left of its body: on a kept connection the next request would
/// begin there. If that takes too long, the answer says that the connection ends.
async fn read_to_the_end(request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let (body, rest) = body::lend(body);
    let mut response = next.run(Request::from_parts(parts, body)).await;
    if !rest.drain(REST_LIMIT, REST_WITHIN).await {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
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
