//! Clients that send slowly, too much at once, or from a network with many others: they delay nobody, and are
//! not taken for attackers.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use reqwest::StatusCode;
use reqwest::header::{RETRY_AFTER, SET_COOKIE};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::super::harness::phone::success;
use super::super::harness::seller::png;
use super::super::harness::{Engine, PASSWORD, TestApp, both, client, text};
use crate::demo::tips;
use crate::platform::body::BodyPace;
use crate::platform::random::Random;
use crate::server::{self, Crowd, Patience};

/// Long enough for a test on a busy machine, and much shorter than a server waits.
const CLOSED_WITHIN: Duration = Duration::from_secs(8);
const SAFARICOM: &str = "127.0.0.5/32";

/// Opens a second port of the same server, at which this machine is counted like any other.
pub(super) async fn door(app: &TestApp, patience: Patience, connections: usize) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let door = server::door(&app.running.state).expect("a door");
    let safaricom = vec![SAFARICOM.parse().expect("a network")];
    let crowd = Crowd::new(connections, usize::MAX, safaricom);
    tokio::spawn(server::answer_connections(listener, door, patience, crowd, CancellationToken::new()));
    address
}

/// A client at another address of this machine.
fn client_at(address: &str) -> reqwest::Client {
    reqwest::Client::builder()
        .local_address(Some(address.parse().expect("an address")))
        .build()
        .expect("a client")
}

fn short_patience() -> Patience {
    let body = BodyPace {
        silence: Duration::from_millis(600),
        start: Duration::from_millis(900),
        least_speed: 1_024,
    };
    Patience { head: Duration::from_millis(600), unread: Duration::from_secs(2), body }
}

pub(super) async fn write(stream: &mut TcpStream, text: &str) {
    stream.write_all(text.as_bytes()).await.expect("written");
}

/// The status line of the next answer.
pub(super) async fn status(stream: &mut TcpStream) -> String {
    let mut head = vec![0; 12];
    timeout(CLOSED_WITHIN, stream.read_exact(&mut head)).await.expect("in time").expect("an answer");
    String::from_utf8(head).expect("text").split_off("HTTP/1.1 ".len())
}

/// What came until the connection was closed.
async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let ended = timeout(CLOSED_WITHIN, stream.read_to_end(&mut bytes)).await;
    // A connection that is reset counts as closed.
    let _ = ended.expect("closed in time");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Writes a letter now and then until the server closes the connection.
async fn drip(mut stream: TcpStream, letter: u8) -> Duration {
    let began = Instant::now();
    let mut heard = [0; 4_096];
    loop {
        if stream.write_all(&[letter]).await.is_err() || began.elapsed() > CLOSED_WITHIN {
            return began.elapsed();
        }
        if let Ok(Ok(0) | Err(_)) = timeout(Duration::from_millis(100), stream.read(&mut heard)).await {
            return began.elapsed();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_place_is_not_held_without_progress() {
    let app = TestApp::new(Engine::Sqlite).await;
    let address = door(&app, short_patience(), 0).await;
    let open = || async { TcpStream::connect(address).await.expect("a connection") };
    let form = "POST /api/accounts/sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 60000\r\n\r\n";

    assert_eq!(rest(&mut open().await).await, "", "one that says nothing");
    let mut half = open().await;
    write(&mut half, "GET /healthz HTTP/1.1\r\nHost: loc").await;
    rest(&mut half).await;
    let mut idle = open().await;
    write(&mut idle, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    assert!(rest(&mut idle).await.ends_with("ok"), "one that has had its answer");
    let mut body = open().await;
    write(&mut body, &format!("{form}phone_number=07")).await;
    assert!(rest(&mut body).await.starts_with("HTTP/1.1 408"), "a body that never comes");
    let mut callback = open().await;
    write(
        &mut callback,
        "POST /payments/api/callback/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n\r\n{",
    )
    .await;
    assert!(rest(&mut callback).await.starts_with("HTTP/1.1 408"), "not even Safaricom's");
    // A letter now and then does not count as progress.
    let mut slow_head = open().await;
    write(&mut slow_head, "GET /healthz HTTP/1.1\r\nX-Slow: ").await;
    let mut slow_body = open().await;
    write(&mut slow_body, form).await;
    let (head, body) = tokio::join!(drip(slow_head, b'x'), drip(slow_body, b'x'));
    assert!(head < CLOSED_WITHIN && body < CLOSED_WITHIN, "{head:?}, {body:?}");
}

both! {
    async fn callbacks_are_never_refused(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        let started = buyer.start(&app, tip).await;
        let token = app.callback_url(&started).await.rsplit('/').next().expect("a token").to_owned();
        let address = door(&app, Patience::default(), 3).await;
        // All that one address can do to be in the way of others.
        let mut flood = Vec::new();
        for _ in 0..5 {
            flood.push(TcpStream::connect(address).await.expect("a connection"));
        }
        let page = app.http.get(format!("http://{address}/tips")).send().await.expect("an answer");
        assert_eq!(page.status(), StatusCode::SERVICE_UNAVAILABLE, "one too many");
        assert!(page.headers().contains_key(RETRY_AFTER) && page.headers()["connection"] == "close");
        let url = format!("http://{address}/payments/api/callback/{token}");
        let paid = success(&started, &json!(50), "UKN1AB2CD3").to_string();
        let crowded = client().post(&url).body(paid.clone()).send().await.expect("an answer");
        assert_eq!(crowded.status(), StatusCode::OK, "who knows the secret address is heard");
        for _ in 0..60 {
            flood.push(TcpStream::connect(address).await.expect("a connection"));
        }
        let answers: Vec<Value> = futures_util::future::join_all((0..20).map(|_| async {
            let answer = client_at("127.0.0.5").post(&url).body(paid.clone()).send().await.expect("an answer");
            assert_eq!(answer.status(), StatusCode::OK);
            answer.json().await.expect("JSON")
        })).await;
        let elsewhere = client_at("127.0.0.6").post(&url).body(paid.clone()).send().await.expect("an answer");
        assert_eq!(elsewhere.status(), StatusCode::OK, "also from an address that nobody knew");
        assert!(answers.iter().all(|answer| answer["ResultCode"] == 0), "{answers:?}");
        let status = buyer.status(&app, text(&started, "payment_id")).await;
        assert_eq!((text(&status, "status"), text(&status, "outcome")), ("completed", "unlocked"));
        drop(flood);
        app.until("room again", || async {
            app.http.get(format!("http://{address}/tips")).send().await.is_ok_and(|answer| answer.status() == StatusCode::OK)
        }).await;
        app.books_are_right().await;
    }
}

/// A connection far over the limit costs neither memory nor an open file for longer than it takes to close
/// it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_twice_the_limit_a_connection_is_closed_at_once() {
    let app = TestApp::new(Engine::Sqlite).await;
    let address = door(&app, Patience::default(), 3).await;
    let mut kept = Vec::new();
    for _ in 0..6 {
        kept.push(TcpStream::connect(address).await.expect("a connection"));
    }
    sleep(Duration::from_millis(300)).await;
    let began = Instant::now();
    for _ in 0..30 {
        let mut refused = TcpStream::connect(address).await.expect("a connection");
        assert_eq!(rest(&mut refused).await, "", "not a word");
    }
    assert!(began.elapsed() < Duration::from_millis(1_500), "at once: {:?}", began.elapsed());
    let page =
        client_at("127.0.0.6").get(format!("http://{address}/healthz")).send().await.expect("an answer");
    assert_eq!(page.status(), StatusCode::OK, "nobody else is concerned");
    drop(kept);
    app.until("room again", || async {
        app.http
            .get(format!("http://{address}/healthz"))
            .send()
            .await
            .is_ok_and(|answer| answer.status() == StatusCode::OK)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_without_an_end_is_refused() {
    let app = TestApp::new(Engine::Sqlite).await;
    let mut stream = TcpStream::connect(app.running.addr).await.expect("a connection");
    write(&mut stream, &format!("GET /tips HTTP/1.1\r\nHost: localhost\r\nX-Long: {}", "x".repeat(60_000)))
        .await;
    assert!(rest(&mut stream).await.starts_with("HTTP/1.1 431"));
}

/// Signs in once more, and returns the cookie.
pub(super) async fn cookie(app: &TestApp, phone: &str, password: &str) -> String {
    let form = [("phone_number", phone), ("password", password)];
    let answer = client().post(app.at("/api/accounts/sign-in")).form(&form).send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{phone}");
    answer.headers()[SET_COOKIE].to_str().expect("text").split(';').next().expect("a cookie").to_owned()
}

/// Sends only the beginning of a picture.
async fn half_upload(app: &TestApp, cookie: &str) -> TcpStream {
    let mut stream = TcpStream::connect(app.running.addr).await.expect("a connection");
    let head = "POST /api/accounts/portrait HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nContent-Length: 90000\r\n";
    write(
        &mut stream,
        &format!(
            "{head}Content-Type: multipart/form-data; boundary=limit\r\nCookie: {cookie}\r\n\r\n--limit\r\n"
        ),
    )
    .await;
    stream
}

both! {
    async fn a_person_sends_two_pictures_at_a_time(app: TestApp) {
        let (one, other) = (app.buyer("0712345678").await, app.buyer("0712345679").await);
        let cookie = cookie(&app, "0712345678", PASSWORD).await;
        let held = [half_upload(&app, &cookie).await, half_upload(&app, &cookie).await];
        sleep(Duration::from_millis(300)).await;
        for _ in 0..20 {
            let third = one.send_picture(&app, "/api/accounts/portrait", "me.png", png(200, 200)).await;
            assert_eq!(third.status(), StatusCode::TOO_MANY_REQUESTS);
            assert!(third.text().await.expect("a page").contains("two pictures already"));
        }
        let others = other.send_picture(&app, "/api/accounts/portrait", "me.png", png(200, 200)).await;
        assert_eq!(others.status(), StatusCode::SEE_OTHER, "nobody else waits for them");
        drop(held);
        app.until("room again", || async {
            one.send_picture(&app, "/api/accounts/portrait", "me.png", png(200, 200)).await.status() == StatusCode::SEE_OTHER
        }).await;
    }
}

/// A slow sender holds a connection and a file, but no memory and no turn of those whose picture has arrived.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_senders_hold_up_nobody() {
    let app = TestApp::new(Engine::Sqlite).await;
    let state = &app.running.state;
    tips::load(&state.people, &state.tips, &Random::System, &app.clock, 1, 6).await.expect("seeded");
    let mut slow = Vec::new();
    for buyer in 0..6 {
        let cookie = cookie(&app, &format!("0722{buyer:06}"), "ligisoo-demo").await;
        for _ in 0..2 {
            let mut stream = half_upload(&app, &cookie).await;
            slow.push(tokio::spawn(async move {
                // 20 KB a second is more than the least speed.
                while stream.write_all(&[b'x'; 2_000]).await.is_ok() {
                    sleep(Duration::from_millis(100)).await;
                }
            }));
        }
    }
    sleep(Duration::from_millis(500)).await;
    let quick = app.buyer("0712345678").await;
    for _ in 0..3 {
        let began = Instant::now();
        let sent = quick.send_picture(&app, "/api/accounts/portrait", "me.png", png(200, 200)).await;
        assert_eq!(sent.status(), StatusCode::SEE_OTHER);
        assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    }
    assert!(slow.iter().all(|sender| !sender.is_finished()), "they still send");
    let names: Vec<_> =
        std::fs::read_dir(app.folder().join("uploads/.incoming")).expect("a folder").collect();
    assert!(names.is_empty(), "what is on its way has no name that somebody could open: {names:?}");
    slow.iter().for_each(tokio::task::JoinHandle::abort);
}
