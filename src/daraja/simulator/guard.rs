//! Who may ask the simulator. A page of another site must not reach it through the browser of a developer who
//! visits that page. A host name that was made to mean this machine (DNS rebinding) shows in `Host`, and a
//! form or script of another page shows in `Origin`.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::platform::hosts::{authority, is_loopback_host};

/// The hosts to which a simulator answers.
#[derive(Debug, Clone)]
pub struct OwnHosts {
    listens_at: IpAddr,
    names: Arc<[String]>,
}

impl OwnHosts {
    /// This machine, the address at which the simulator listens (every address, if it listens on all), and
    /// these names.
    pub fn new(listens_at: SocketAddr, names: Vec<String>) -> Self {
        Self { listens_at: listens_at.ip(), names: names.into() }
    }

    fn know(&self, host: &str) -> bool {
        let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().ok();
        let is_own =
            address.is_some_and(|address| address == self.listens_at || self.listens_at.is_unspecified());
        is_own || is_loopback_host(host) || self.names.iter().any(|name| name.eq_ignore_ascii_case(host))
    }
}

/// Passes a request on only if it asks for one of the simulator's own hosts and does not come from a page of
/// another origin.
pub async fn own_hosts_only(State(hosts): State<OwnHosts>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let is_known = headers.get(HOST).and_then(authority).is_some_and(|host| hosts.know(host.host()));
    if !is_known {
        return (
            StatusCode::MISDIRECTED_REQUEST,
            "The simulator does not answer under this name (SIMULATOR_URL).\n",
        )
            .into_response();
    }
    if !is_own_origin(headers) {
        return (StatusCode::FORBIDDEN, "The simulator answers no page of another origin.\n").into_response();
    }
    next.run(request).await
}

/// Whether the request comes from the simulator's own page, or from a program, which sends no `Origin`.
fn is_own_origin(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(ORIGIN) else { return true };
    let origin = origin.to_str().unwrap_or_default();
    let asked = ["http://", "https://"].into_iter().find_map(|scheme| origin.strip_prefix(scheme));
    asked.is_some() && asked == headers.get(HOST).and_then(|host| host.to_str().ok())
}
