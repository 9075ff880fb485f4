//! Connections: each is given a bounded time to say what it wants, and no address may have them all.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::header::{CONNECTION, RETRY_AFTER};
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::serve::Listener;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use ipnet::{IpNet, Ipv6Net};
use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use crate::platform::body::{Pace, Paced};

/// What Safaricom posts to: nothing that counts may stand before it.
const SAFARICOM_POSTS_TO: [&str; 2] = ["/payments/api/callback/", "/payments/api/c2b/"];
/// Enough for one head; a connection that is one too many gets no longer.
const CROWDED_HEAD: Duration = Duration::from_secs(2);
const TRY_AGAIN_SECONDS: &str = "10";

/// For how long a sender is waited for.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// A request's head, and the silence between two requests.
    pub head: Duration,
    /// An answer of which nothing more is taken.
    pub unread: Duration,
    pub body: Pace,
}

impl Default for Patience {
    fn default() -> Self {
        Self { head: Duration::from_secs(10), unread: Duration::from_secs(30), body: Pace::FORM }
    }
}

/// How many connections each address has open.
#[derive(Debug)]
pub struct Crowd {
    /// 0 is no limit.
    limit: usize,
    /// Proxies, which stand for many, and Safaricom.
    uncounted: Vec<IpNet>,
    open: Mutex<HashMap<IpAddr, usize>>,
}

impl Crowd {
    pub fn new(limit: usize, uncounted: Vec<IpNet>) -> Arc<Self> {
        Arc::new(Self { limit, uncounted, open: Mutex::default() })
    }

    fn enter(self: &Arc<Self>, peer: IpAddr) -> Place {
        let peer = peer.to_canonical();
        if self.limit == 0 || self.uncounted.iter().any(|network| network.contains(&peer)) {
            return Place { counted: None, is_one_too_many: false };
        }
        let home = home(peer);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(home).or_default();
        *count += 1;
        Place { counted: Some((Arc::clone(self), home)), is_one_too_many: *count > self.limit }
    }

    fn leave(&self, home: IpAddr) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&home) {
            *count -= 1;
            if *count == 0 {
                open.remove(&home);
            }
        }
    }
}

/// One connection's place in the crowd, until it is dropped.
struct Place {
    counted: Option<(Arc<Crowd>, IpAddr)>,
    is_one_too_many: bool,
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some((crowd, home)) = &self.counted {
            crowd.leave(*home);
        }
    }
}

/// An IPv6 network of one home counts as one.
fn home(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => IpAddr::V6(Ipv6Net::new_assert(address, 64).network()),
    }
}

/// Answers connections until it is told to stop, and ends when the last open request was answered.
pub async fn serve(mut listener: TcpListener, router: Router, patience: Patience, crowd: Arc<Crowd>, stop: CancellationToken) {
    let connections = TaskTracker::new();
    loop {
        // Where no connection can be taken, for want of files say, this waits a while and tries again.
        let (stream, peer) = tokio::select! {
            taken = Listener::accept(&mut listener) => taken,
            () = stop.cancelled() => break,
        };
        connections.spawn(answer(stream, peer, router.clone(), patience, crowd.enter(peer.ip()), stop.clone()));
    }
    drop(listener);
    connections.close();
    connections.wait().await;
}

async fn answer(stream: TcpStream, peer: SocketAddr, router: Router, patience: Patience, place: Place, stop: CancellationToken) {
    let _ = stream.set_nodelay(true);
    give_up_unread_answers(&stream, patience.unread);
    let is_one_too_many = place.is_one_too_many;
    let service = service_fn(move |request: Request<Incoming>| {
        let router = router.clone();
        async move {
            if is_one_too_many && !is_from_safaricom(request.uri().path()) {
                return Ok::<_, Infallible>(too_many_connections());
            }
            let mut request = request.map(|body| Body::new(Paced::new(body, patience.body)));
            request.extensions_mut().insert(ConnectInfo(peer));
            router.oneshot(request).await
        }
    });
    let head = if is_one_too_many { CROWDED_HEAD.min(patience.head) } else { patience.head };
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(head);
    let mut connection = std::pin::pin!(http.serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        // A connection that breaks concerns nobody else.
        _ = connection.as_mut() => return,
        () = stop.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

/// The system closes a connection whose other end takes nothing of what was written.
fn give_up_unread_answers(stream: &TcpStream, after: Duration) {
    #[cfg(target_os = "linux")]
    let _ = SockRef::from(stream).set_tcp_user_timeout(Some(after));
}

pub fn is_from_safaricom(path: &str) -> bool {
    SAFARICOM_POSTS_TO.iter().any(|prefix| path.starts_with(prefix))
}

fn too_many_connections() -> Response {
    let headers = [(CONNECTION, "close"), (RETRY_AFTER, TRY_AGAIN_SECONDS)];
    (StatusCode::SERVICE_UNAVAILABLE, headers, "Too many connections from your network. Please try again in a moment.\n").into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn connections_are_counted_by_home() {
        let crowd = Crowd::new(2, vec!["10.0.0.0/8".parse().expect("a network")]);
        let places: Vec<_> = ["2001:db8::1", "2001:db8::2", "2001:db8::3"].map(|peer| crowd.enter(address(peer))).into();
        assert_eq!(places.iter().map(|place| place.is_one_too_many).collect::<Vec<_>>(), [false, false, true]);
        assert!(!crowd.enter(address("2001:db8:0:1::1")).is_one_too_many, "the neighbour");
        assert!(!crowd.enter(address("203.0.113.9")).is_one_too_many);
        let proxied: Vec<_> = (0..9).map(|_| crowd.enter(address("::ffff:10.0.0.1"))).collect();
        assert!(proxied.iter().all(|place| !place.is_one_too_many), "a proxy stands for many");
        drop(places);
        assert!(crowd.open.lock().expect("a lock").is_empty(), "who left is forgotten");
        assert!(!crowd.enter(address("2001:db8::4")).is_one_too_many);
    }

    #[test]
    fn zero_is_no_limit() {
        let crowd = Crowd::new(0, Vec::new());
        let places: Vec<_> = (0..9).map(|_| crowd.enter(address("203.0.113.9"))).collect();
        assert!(places.iter().all(|place| !place.is_one_too_many));
    }
}
