//! Connections: each has a limited time to say what it wants, and no address may have them all.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::http::header::{CONNECTION, RETRY_AFTER};
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::serve::Listener;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use ipnet::IpNet;
use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::door::Door;
use crate::platform::address::networks_around;
use crate::platform::body::{BodyPace, Paced};

/// The addresses to which Safaricom posts. No limit may stand before them.
const SAFARICOM_POSTS_TO: [&str; 2] = ["/payments/api/callback/", "/payments/api/c2b/"];
/// How long a connection that is one too many may take for its request's head: enough for one head, and no
/// longer.
const CROWDED_HEAD: Duration = Duration::from_secs(2);
/// The longest head, in bytes, as usual proxies have it. So much is read ahead of a body too.
const HEAD_LIMIT: usize = 32 * 1024;
/// When only the last quarter of the room is free, a network with `FEW` connections gets no more, so that
/// nobody can have them all.
const LAST_ROOM: usize = 4;
const FEW: usize = 8;
/// How many files are kept for the database, pictures on their way, Safaricom and the log.
const FILES_KEPT_FREE: usize = 320;
const TRY_AGAIN_SECONDS: &str = "10";

/// How long a sender is waited for.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For a request's head, and between two requests.
    pub head: Duration,
    /// For a reader who takes nothing more of an answer.
    pub unread: Duration,
    pub body: BodyPace,
}

impl Default for Patience {
    fn default() -> Self {
        Self { head: Duration::from_secs(10), unread: Duration::from_secs(30), body: BodyPace::FORM }
    }
}

/// How many connections are open, in all and from each network.
#[derive(Debug)]
pub struct Crowd {
    /// The most connections of one address; a wide IPv6 network may have more. 0 means no limit.
    limit: usize,
    /// The most connections of all together.
    room: usize,
    /// Networks that are not counted: proxies, which stand for many, and Safaricom.
    uncounted: Vec<IpNet>,
    open: Mutex<OpenConnections>,
}

#[derive(Debug, Default)]
struct OpenConnections {
    total: usize,
    by_network: HashMap<IpNet, usize>,
}

/// How a new connection is treated.
#[derive(Debug)]
enum Entry {
    Welcome(CrowdPlace),
    /// It is one too many of its network. Only a request to Safaricom's secret addresses is answered, which
    /// is known when the head was read.
    Crowded(CrowdPlace),
    /// It is closed at once, so that it costs nothing more.
    Refused,
}

impl Crowd {
    /// A crowd without connections. `limit` is for each address (0 means none), `room` for all together.
    pub fn new(limit: usize, room: usize, uncounted: Vec<IpNet>) -> Arc<Self> {
        Arc::new(Self { limit, room, uncounted, open: Mutex::default() })
    }

    fn enter(self: &Arc<Self>, peer: IpAddr) -> Entry {
        let peer = peer.to_canonical();
        if self.uncounted.iter().any(|network| network.contains(&peer)) {
            return Entry::Welcome(CrowdPlace { crowd: Arc::clone(self), networks: Vec::new() });
        }
        let networks = networks_around(peer);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = |network| open.by_network.get(network).copied().unwrap_or(0);
        let has_over = |limit: usize| {
            networks
                .iter()
                .any(|(network, times)| count(network) >= limit.saturating_mul(usize::from(*times)))
        };
        let is_last_room = open.total >= self.room - self.room / LAST_ROOM;
        if open.total >= self.room
            || (is_last_room && has_over(FEW))
            || (self.limit > 0 && has_over(self.limit.saturating_mul(2)))
        {
            return Entry::Refused;
        }
        let is_crowded = self.limit > 0 && has_over(self.limit);
        open.total += 1;
        for (network, _) in &networks {
            *open.by_network.entry(*network).or_default() += 1;
        }
        let place = CrowdPlace { crowd: Arc::clone(self), networks };
        if is_crowded { Entry::Crowded(place) } else { Entry::Welcome(place) }
    }

    fn leave(&self, networks: &[(IpNet, u8)]) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.total -= 1;
        for (network, _) in networks {
            if let Some(count) = open.by_network.get_mut(network) {
                *count -= 1;
                if *count == 0 {
                    open.by_network.remove(network);
                }
            }
        }
    }
}

/// One connection's place in the crowd, which dropping it frees.
#[derive(Debug)]
struct CrowdPlace {
    crowd: Arc<Crowd>,
    /// The networks in which it counts; empty for a connection that is not counted.
    networks: Vec<(IpNet, u8)>,
}

impl Drop for CrowdPlace {
    fn drop(&mut self) {
        if !self.networks.is_empty() {
            self.crowd.leave(&self.networks);
        }
    }
}

/// How many connections fit into the files that this process may have open. If the system does not tell,
/// there is no limit.
pub fn room() -> usize {
    open_files().map_or(usize::MAX, |files| files - FILES_KEPT_FREE.min(files / 2))
}

fn open_files() -> Option<usize> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let files = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    files.split_whitespace().next()?.parse().ok()
}

/// Answers connections until it is told to stop, and ends when the last open request was answered.
pub async fn serve(
    mut listener: TcpListener,
    door: Door,
    patience: Patience,
    crowd: Arc<Crowd>,
    stop: CancellationToken,
) {
    let connections = TaskTracker::new();
    loop {
        // If no connection can be taken, for want of files for example, this waits a while and tries again.
        let (stream, peer) = tokio::select! {
            taken = Listener::accept(&mut listener) => taken,
            () = stop.cancelled() => break,
        };
        let (place, is_one_too_many) = match crowd.enter(peer.ip()) {
            Entry::Welcome(place) => (place, false),
            Entry::Crowded(place) => (place, true),
            Entry::Refused => continue,
        };
        let answering = answer(stream, peer, door.clone(), patience, is_one_too_many, stop.clone());
        connections.spawn(async move {
            answering.await;
            drop(place);
        });
    }
    drop(listener);
    connections.close();
    connections.wait().await;
}

async fn answer(
    stream: TcpStream,
    peer: SocketAddr,
    door: Door,
    patience: Patience,
    is_one_too_many: bool,
    stop: CancellationToken,
) {
    let _ = stream.set_nodelay(true);
    give_up_unread_answers(&stream, patience.unread);
    let door = &door;
    let service = service_fn(move |request: Request<Incoming>| async move {
        if is_one_too_many && !is_from_safaricom(request.uri().path()) {
            return Ok::<_, Infallible>(too_many_connections());
        }
        let is_empty = request.body().is_end_stream();
        let paced = |body| if is_empty { Body::empty() } else { Body::new(Paced::new(body, patience.body)) };
        Ok(door.answer(peer.ip(), request.map(paced)).await)
    });
    let head = if is_one_too_many { CROWDED_HEAD.min(patience.head) } else { patience.head };
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(head).max_buf_size(HEAD_LIMIT);
    let mut connection = std::pin::pin!(http.serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        // An error of one connection concerns nobody else.
        _ = connection.as_mut() => return,
        () = stop.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

/// Has the system close a connection whose other end takes nothing of what was written.
fn give_up_unread_answers(stream: &TcpStream, after: Duration) {
    #[cfg(target_os = "linux")]
    let _ = SockRef::from(stream).set_tcp_user_timeout(Some(after));
}

/// Whether a path is one to which Safaricom posts. Who the caller is, it does not tell.
pub fn is_from_safaricom(path: &str) -> bool {
    SAFARICOM_POSTS_TO.iter().any(|prefix| path.starts_with(prefix))
}

fn too_many_connections() -> Response {
    let headers = [(CONNECTION, "close"), (RETRY_AFTER, TRY_AGAIN_SECONDS)];
    (
        StatusCode::SERVICE_UNAVAILABLE,
        headers,
        "Too many connections from your network. Please try again in a moment.\n",
    )
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many were welcome, let in at the door, and refused; with their places.
    fn come<const N: usize>(crowd: &Arc<Crowd>, peers: [&str; N]) -> ([usize; 3], Vec<Entry>) {
        let entries: Vec<Entry> =
            peers.into_iter().map(|peer| crowd.enter(peer.parse().expect("an address"))).collect();
        let count = |is: fn(&Entry) -> bool| entries.iter().filter(|entry| is(entry)).count();
        let counts = [
            count(|entry| matches!(entry, Entry::Welcome(_))),
            count(|entry| matches!(entry, Entry::Crowded(_))),
            count(|entry| matches!(entry, Entry::Refused)),
        ];
        (counts, entries)
    }

    #[test]
    fn connections_are_counted_by_home() {
        let crowd = Crowd::new(2, usize::MAX, vec!["10.0.0.0/8".parse().expect("a network")]);
        let (counts, places) = come(
            &crowd,
            ["2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8::4", "2001:db8::5", "2001:db8::6"],
        );
        assert_eq!(counts, [2, 2, 2], "up to twice the limit something is heard");
        assert_eq!(come(&crowd, ["203.0.113.9", "::ffff:203.0.113.9", "203.0.113.9"]).0, [2, 1, 0]);
        let (counts, proxied) = come(&crowd, ["::ffff:10.0.0.1"; 9]);
        assert_eq!(counts, [9, 0, 0], "a proxy stands for many");
        drop((places, proxied));
        let open = crowd.open.lock().expect("a lock");
        assert!(open.by_network.is_empty() && open.total == 0, "who left is forgotten");
    }

    #[test]
    fn a_wide_network_of_one_customer_is_counted_as_one() {
        let crowd = Crowd::new(2, usize::MAX, Vec::new());
        // Homes of one /56, which has twice as much as each of them, and then of other ones in the same /48.
        let homes =
            ["2001:db8:0:1::1", "2001:db8:0:2::1", "2001:db8:0:3::1", "2001:db8:0:4::1", "2001:db8:0:5::1"];
        let (counts, _places) = come(&crowd, homes);
        assert_eq!(counts, [4, 1, 0]);
        let (counts, _more) = come(
            &crowd,
            ["2001:db8:0:100::1", "2001:db8:0:200::1", "2001:db8:0:300::1", "2001:db8:0:400::1"],
        );
        assert_eq!(counts, [3, 1, 0]);
        assert_eq!(come(&crowd, ["2001:db8:1::1"]).0, [1, 0, 0], "the neighbour");
    }

    #[test]
    fn zero_is_no_limit() {
        assert_eq!(come(&Crowd::new(0, usize::MAX, Vec::new()), ["203.0.113.9"; 50]).0, [50, 0, 0]);
    }

    #[test]
    fn nobody_has_all_the_room() {
        let crowd = Crowd::new(0, 40, vec!["196.201.214.200/32".parse().expect("a network")]);
        let (counts, _many) = come(&crowd, ["203.0.113.9"; 100]);
        assert_eq!(counts, [30, 0, 70], "but a quarter");
        let (counts, _others) = come(&crowd, ["198.51.100.1"; 9]);
        assert_eq!(counts, [8, 0, 1], "which is for those who have few");
        let (counts, _last) = come(&crowd, ["198.51.100.2", "198.51.100.3", "198.51.100.4"]);
        assert_eq!(counts, [2, 0, 1]);
        assert_eq!(come(&crowd, ["196.201.214.200"; 20]).0, [20, 0, 0], "Safaricom always");
    }

    #[test]
    fn the_system_tells_how_many_files_there_may_be() {
        assert!(room() >= 100, "{}", room());
    }
}
