//! The one way in: what every request passes before it is routed, and what every answer carries.
//!
//! It is a plain function and no layer, because a layer is copied for each request that passes it, together
//! with all that stands behind it. A copy of a page is answered without any of that.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::HttpBody;
use axum::extract::Request;
use axum::http::HeaderValue;
use axum::http::header::{
    CACHE_CONTROL, CONNECTION, HeaderName, LOCATION, REFERRER_POLICY, SET_COOKIE, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::response::Response;
use tower::ServiceExt;

use super::cache::{self, PageCache};
use super::middleware::is_welcome;
use crate::platform::address::{ClientAddress, client_address};
use crate::platform::body;
use crate::platform::redirect::path_here;
use crate::platform::sessions::end_of_old_cookie;
use crate::platform::settings::Settings;

const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
const CROSS_ORIGIN_OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Pages may ask the browser for nothing of this list. Only the clipboard is used, to write a code to it.
const NO_PERMISSIONS: &str = "\
    accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), fullscreen=(), \
    geolocation=(), gyroscope=(), hid=(), magnetometer=(), microphone=(), midi=(), payment=(), \
    picture-in-picture=(), publickey-credentials-get=(), screen-wake-lock=(), serial=(), usb=(), \
    xr-spatial-tracking=()";

/// How much of a body that nobody wanted is read and thrown away, in bytes, and for how long, at most.
const REST_LIMIT: usize = 8 * 1024 * 1024;
const REST_WITHIN: Duration = Duration::from_secs(1);

/// All of the site behind its door. Clones share it.
#[derive(Clone)]
pub struct Door {
    settings: Arc<Settings>,
    pages: PageCache,
    routes: Router,
}

impl Door {
    /// A door before these routes, with an empty cache.
    pub const fn new(settings: Arc<Settings>, pages: PageCache, routes: Router) -> Self {
        Self { settings, pages, routes }
    }

    /// Answers one request of the peer, with a copy of a page where there may be one.
    pub async fn answer(&self, peer: IpAddr, mut request: Request) -> Response {
        let client = client_address(peer, request.headers(), &self.settings.trusted_proxies);
        request.extensions_mut().insert(ClientAddress(client));
        let old_cookie = end_of_old_cookie(self.settings.is_https(), request.headers());
        // A copy is made for many, so what one of them may still send must not keep the others waiting.
        let may_copy = request.body().is_end_stream()
            && cache::is_alike_for_all(&request)
            && is_welcome(&self.settings, request.headers());
        let mut response = if may_copy {
            self.pages.answer(client, request, |request| self.make(request)).await
        } else {
            self.make(request).await
        };
        response.headers_mut().extend(old_cookie.map(|cookie| (SET_COOKIE, cookie)));
        response
    }

    /// Has the routes make an answer, and finishes it.
    async fn make(&self, request: Request) -> Response {
        let mut response = self.read_to_the_end(request).await;
        stay_here(&mut response);
        safe_headers(&self.settings, &mut response);
        response
    }

    /// Answers a request, and then reads what is left of its body: on a kept connection the next request would
    /// begin there. If that takes too long, the answer says that the connection ends.
    async fn read_to_the_end(&self, request: Request) -> Response {
        if request.body().is_end_stream() {
            return self.route(request).await;
        }
        let (parts, body) = request.into_parts();
        let (body, rest) = body::lend(body);
        let mut response = self.route(Request::from_parts(parts, body)).await;
        if !rest.drain(REST_LIMIT, REST_WITHIN).await {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }

    async fn route(&self, request: Request) -> Response {
        let Ok::<_, Infallible>(response) = self.routes.clone().oneshot(request).await;
        response
    }
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
