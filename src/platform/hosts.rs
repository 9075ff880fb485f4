//! Names of hosts: how the `Host` of a request is read, and which names mean this machine.

use std::net::IpAddr;

use axum::http::HeaderValue;
use axum::http::uri::Authority;

/// The host of a request as RFC 9110 §7.2 writes it: a name or an address, and perhaps a port. `None` if the
/// header holds anything else.
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

/// Whether the name of a host (without a port, with or without brackets) can only mean this machine:
/// `localhost` or a loopback address.
pub fn is_loopback_host(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
