//! What stands before every page: who asks from where, safe headers, and no play money in public.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{CACHE_CONTROL, FORWARDED, HOST, HeaderName, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::platform::address::{ClientAddress, client_address};
use crate::platform::settings::{Money, Settings, is_loopback_host};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Puts the client's address on each request.
pub async fn know_address(State(settings): State<Arc<Settings>>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |peer| peer.0.ip());
    let client = client_address(peer, request.headers(), &settings.trusted_proxies);
    request.extensions_mut().insert(ClientAddress(client));
    next.run(request).await
}

/// Play money stays on this machine unless it was told otherwise (MONEY §5).
pub async fn play_money_at_home(State(settings): State<Arc<Settings>>, request: Request, next: Next) -> Response {
    if let Money::Simulated(simulated) = &settings.money
        && !simulated.is_public
        && !comes_from_here(request.headers())
    {
        return (StatusCode::SERVICE_UNAVAILABLE, "Ligisoo runs in development mode with play money, for this machine only.\n")
            .into_response();
    }
    let mut response = next.run(request).await;
    if settings.is_https() {
        response.headers_mut().insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000; includeSubDomains"));
    }
    response
}

fn comes_from_here(headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    is_loopback_host(name) && !headers.contains_key(FORWARDED) && !headers.contains_key(X_FORWARDED_FOR)
}

/// No guessing of types; the referrer stays on our own site, where a redirected form needs it. What does not say how long it may be
/// kept is asked for anew each time: the nonce of a page is good for one answer.
pub async fn safe_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-cache"));
    response
}
