//! Those who send slowly, too much at once, or from where many others are: they hold up nobody, and are not mistaken for an attack.

use std::net::SocketAddr;
use std::sync::Arc;
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
use crate::platform::body::Pace;
use crate::platform::db::read;
use crate::platform::random::Random;
use crate::serve::{self, Crowd, Patience};
use crate::tips::seed;
use crate::types::TipId;

/// Long enough for a test on a busy machine, and far from what a server waits.
const CLOSED_WITHIN: Duration = Duration::from_secs(8);
const CUSTOMERS: usize = 500;
/// A password costs so much work that only some of them type theirs.
const SIGNED_IN: usize = 40;

/// A second door to the same server, where this machine is counted like any other.
async fn door(app: &TestApp, patience: Patience, connections: usize) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let router = serve::router(&app.running.state).expect("a router");
    tokio::spawn(serve::answer_connections(listener, router, patience, Crowd::new(connections, Vec::new()), CancellationToken::new()));
    address
}

fn short_patience() -> Patience {
    let body = Pace { silence: Duration::from_millis(600), start: Duration::from_millis(900), least_speed: 1_024 };
    Patience { head: Duration::from_millis(600), unread: Duration::from_secs(2), body }
}

async fn write(stream: &mut TcpStream, text: &str) {
    stream.write_all(text.as_bytes()).await.expect("written");
}

/// The status of the next answer.
async fn status(stream: &mut TcpStream) -> String {
    let mut head = vec![0; 12];
    timeout(CLOSED_WITHIN, stream.read_exact(&mut head)).await.expect("in time").expect("an answer");
    String::from_utf8(head).expect("text").split_off("HTTP/1.1 ".len())
}

/// What came until the connection was closed.
async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let ended = timeout(CLOSED_WITHIN, stream.read_to_end(&mut bytes)).await;
    // A connection that is reset is closed, too.
    let _ = ended.expect("closed in time");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Writes a letter now and then until nobody takes it.
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
    write(&mut callback, "POST /payments/api/callback/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n\r\n{").await;
    assert!(rest(&mut callback).await.starts_with("HTTP/1.1 408"), "not even Safaricom's");
    // A letter now and then is no progress.
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
        // Everything that one address can do to be in the way of others.
        let mut flood = Vec::new();
        for _ in 0..60 {
            flood.push(TcpStream::connect(address).await.expect("a connection"));
        }
        let page = app.http.get(format!("http://{address}/tips")).send().await.expect("an answer");
        assert_eq!(page.status(), StatusCode::SERVICE_UNAVAILABLE, "one too many");
        assert!(page.headers().contains_key(RETRY_AFTER) && page.headers()["connection"] == "close");
        let answers: Vec<Value> = futures_util::future::join_all((0..20).map(|_| async {
            let url = format!("http://{address}/payments/api/callback/{token}");
            let answer = client().post(url).body(success(&started, &json!(50), "UKN1AB2CD3").to_string()).send().await.expect("an answer");
            assert_eq!(answer.status(), StatusCode::OK);
            answer.json().await.expect("JSON")
        })).await;
        assert!(answers.iter().all(|answer| answer["ResultCode"] == 0), "{answers:?}");
        let paid = buyer.status(&app, text(&started, "payment_id")).await;
        assert_eq!((text(&paid, "status"), text(&paid, "outcome")), ("completed", "unlocked"));
        drop(flood);
        app.until("room again", || async {
            app.http.get(format!("http://{address}/tips")).send().await.is_ok_and(|answer| answer.status() == StatusCode::OK)
        }).await;
        app.books_are_right().await;
    }
}

/// The cookie of somebody who signs in once more.
async fn cookie(app: &TestApp, phone: &str, password: &str) -> String {
    let form = [("phone_number", phone), ("password", password)];
    let answer = client().post(app.at("/api/accounts/sign-in")).form(&form).send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{phone}");
    answer.headers()[SET_COOKIE].to_str().expect("text").split(';').next().expect("a cookie").to_owned()
}

/// A picture of which nothing more comes than its beginning.
async fn half_upload(app: &TestApp, cookie: &str) -> TcpStream {
    let mut stream = TcpStream::connect(app.running.addr).await.expect("a connection");
    let head = "POST /api/accounts/portrait HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nContent-Length: 90000\r\n";
    write(&mut stream, &format!("{head}Content-Type: multipart/form-data; boundary=limit\r\nCookie: {cookie}\r\n\r\n--limit\r\n")).await;
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

const TIPS: &str = "SELECT id FROM tips WHERE status = 'active' AND result IS NULL AND sales_close_at > $1 ORDER BY id LIMIT $2";

/// Mobile networks put hundreds of people behind one address. Each has a connection and a page; some sign in, and all of them pay.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_customers_share_an_address() {
    let app = TestApp::new(Engine::Sqlite).await;
    let state = &app.running.state;
    let buyers = u32::try_from(SIGNED_IN).expect("few");
    seed::load(&state.accounts, &state.tips, &Random::System, &app.clock, 1, buyers).await.expect("seeded");
    let address = door(&app, Patience::default(), state.settings.connections_per_address).await;
    let mut connections = Vec::new();
    for _ in 0..CUSTOMERS {
        let mut connection = TcpStream::connect(address).await.expect("a connection");
        write(&mut connection, "GET /tips HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
        connections.push(connection);
    }
    for connection in &mut connections {
        assert_eq!(status(connection).await, "200");
    }
    drop(connections);

    let each = i64::try_from(CUSTOMERS / SIGNED_IN + 1).expect("few");
    let tips: Vec<TipId> = read!(app.db, c => sqlx::query_scalar(TIPS).bind(app.clock.now()).bind(each).fetch_all(c).await).expect("tips");
    let mut payments = 0;
    for buyer in 0..SIGNED_IN {
        let cookie = Arc::new(cookie(&app, &format!("0722{buyer:06}"), "ligisoo-demo").await);
        for tip in &tips {
            let body = json!({ "tip_id": tip, "phone_number": format!("0110{payments:06}") });
            let pressed = app.http.post(app.at("/payments/api/initiate-tip-payment/")).header("cookie", &*cookie).json(&body);
            let answer = pressed.send().await.expect("an answer");
            assert_eq!(answer.status(), StatusCode::OK, "payment {payments}: {:?}", answer.text().await);
            payments += 1;
        }
    }
    assert!(payments >= CUSTOMERS, "{payments}");
}
