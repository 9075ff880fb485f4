//! Reading the `Host` of a request.

use axum::http::HeaderValue;
use axum::http::uri::Authority;

/// A `Host` as RFC 9110 §7.2 writes it: a name or an address, and perhaps a port. Nothing else is one.
pub fn authority(host: &HeaderValue) -> Option<Authority> {
    let host = host.to_str().ok()?;
    let authority: Authority = host.parse().ok().filter(|_| !host.contains('@'))?;
    let rest = host.strip_prefix(authority.host())?;
    let is_whole = rest.is_empty()
        || rest.strip_prefix(':').is_some_and(|port| port.bytes().all(|byte| byte.is_ascii_digit()));
    is_whole.then_some(authority)
}
