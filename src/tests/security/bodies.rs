//! A body that is too long, or that no route wants, gets a proper answer and breaks nothing.

use std::time::{Duration, Instant};

use reqwest::header::LOCATION;
use reqwest::{Method, StatusCode};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::routes::somewhere;
use crate::server::{self, Access};
use crate::tests::harness::{Engine, TestApp, both, client};

/// Requests that are answered by their head alone, without reading the body.
const UNREAD: [&str; 6] = [
    "POST /api/accounts/portrait HTTP/1.1\r\nhost: localhost\r\ncontent-type: multipart/form-data; boundary=x",
    "POST /api/accounts/sign-in HTTP/1.1\r\nhost: localhost\r\norigin: https://evil.example",
    "POST /api/accounts/sign-in HTTP/1.1\r\nhost: evil.example",
    "POST /payments/api/c2b/nothing/validation HTTP/1.1\r\nhost: localhost",
    "POST /healthz HTTP/1.1\r\nhost: localhost",
    "GET /tips HTTP/1.1\r\nhost: localhost",
];

struct KeptConnection(BufReader<TcpStream>);

impl KeptConnection {
    async fn open(app: &TestApp) -> Self {
        Self(BufReader::new(TcpStream::connect(app.running.addr).await.expect("a connection")))
    }

    async fn send(&mut self, bytes: &[u8]) {
        self.0.get_mut().write_all(bytes).await.expect("the connection is kept");
    }

    /// Reads the next answer, and returns its head.
    async fn answer(&mut self) -> String {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            let read = tokio::time::timeout(Duration::from_secs(5), self.0.read_line(&mut head))
                .await
                .expect("an answer in time");
            assert!(read.expect("an answer") > 0, "no answer: {head:?}");
        }
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .map(|length| length.parse::<usize>().expect("a length"));
        match length {
            Some(length) => {
                self.0.read_exact(&mut vec![0; length]).await.expect("a body");
            }
            None => self.read_pieces().await,
        }
        head
    }

    /// Reads a body in pieces (RFC 9112 §7.1).
    async fn read_pieces(&mut self) {
        loop {
            let mut line = String::new();
            self.0.read_line(&mut line).await.expect("a length");
            let length = usize::from_str_radix(line.trim(), 16).expect("a length");
            self.0.read_exact(&mut vec![0; length + 2]).await.expect("a piece");
            if length == 0 {
                return;
            }
        }
    }
}

both! {
    async fn too_large_is_413(app: TestApp) {
        let buyer = app.buyer("0712345678").await;
        let form = format!("tip_id={}", "1".repeat(300_000));
        let routes = server::routes().into_iter().filter(|route| route.method == Method::POST && !route.is_upload);
        let routes = routes.map(|route| (somewhere(route.path), route.who == Access::Safaricom));
        for (path, is_callback) in routes {
            for http in [&client(), &buyer.http] {
                let request = http.post(app.at(&path)).header("content-type", "application/x-www-form-urlencoded");
                let status = request.body(form.clone()).send().await.expect("an answer").status();
                // For somebody who does not know the secret in its address, a callback's route does not
                // exist.
                assert!(status == StatusCode::PAYLOAD_TOO_LARGE || (is_callback && status == StatusCode::NOT_FOUND), "{path}: {status}");
            }
        }
    }

    async fn an_endless_next_is_forgotten(app: TestApp) {
        let endless = format!("/tips?text={}", "a".repeat(60_000));
        let form = [("phone_number", "0712345678"), ("display_name", "Asha"), ("birth_date", "1990-01-01"), ("buyer", "on"), ("next", &endless)];
        let begun = app.http.post(app.at("/api/accounts/register")).form(&form).send().await.expect("an answer");
        assert_eq!(begun.status(), StatusCode::SEE_OTHER);
        assert!(app.count("SELECT CAST(MAX(LENGTH(registration)) AS BIGINT) FROM codes").await < 2_000);
        let page = begun.headers()[LOCATION].to_str().expect("text").to_owned();
        let code = app.code_on("0712345678").await;
        let proof = [("id", page.trim_start_matches("/code/")), ("code", &code), ("password", crate::tests::harness::PASSWORD)];
        let entered = app.http.post(app.at("/api/accounts/code")).form(&proof);
        assert_eq!(entered.send().await.expect("an answer").headers()[LOCATION], "/tips");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_nobody_reads_breaks_no_connection() {
    let app = TestApp::new(Engine::Sqlite).await;
    let body = vec![b'x'; 60_000];
    let mut connection = KeptConnection::open(&app).await;
    for head in UNREAD {
        for pause in [0, 20] {
            connection.send(format!("{head}\r\ncontent-length: {}\r\n\r\n", body.len()).as_bytes()).await;
            tokio::time::sleep(Duration::from_millis(pause)).await;
            connection.send(&body).await;
            let answer = connection.answer().await;
            assert!(!answer.contains("connection: close"), "{head}: {answer}");
        }
    }
    // A client may send its next request before the last one is answered.
    connection
        .send(b"POST /nowhere HTTP/1.1\r\nhost: localhost\r\ncontent-length: 3\r\n\r\nabcGET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .await;
    assert!(connection.answer().await.starts_with("HTTP/1.1 404"));
    assert!(connection.answer().await.starts_with("HTTP/1.1 200"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_never_comes_ends_the_connection_with_a_word() {
    let app = TestApp::new(Engine::Sqlite).await;
    for head in UNREAD {
        let mut connection = KeptConnection::open(&app).await;
        let start = Instant::now();
        connection.send(format!("{head}\r\ncontent-length: 60000\r\n\r\nabc").as_bytes()).await;
        let answer = connection.answer().await;
        assert!(answer.contains("connection: close"), "{head}: {answer}");
        assert!(start.elapsed() < Duration::from_secs(4), "{head}");
    }
}
