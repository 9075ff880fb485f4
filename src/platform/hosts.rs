//! Names of hosts: in the `Host` of a request, and those that mean this machine.

use std::net::IpAddr;

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

/// Whether an address can only mean this machine.
pub fn is_loopback(url: &reqwest::Url) -> bool {
    url.host_str().is_some_and(is_loopback_host)
}

pub fn is_loopback_host(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
