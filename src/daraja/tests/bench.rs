//! What every test stands on: a simulator, a client of it, and a receiver of callbacks, each on a free port.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::post;
use chrono::{TimeDelta, TimeZone, Utc};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::daraja::c2b::C2bConfirmation;
use crate::daraja::simulator::{RunningSimulator, Simulator, SimulatorOptions};
use crate::daraja::{
    AccountReference, Client, Credentials, DarajaError, Push, PushAccepted, StkCallback,
    TransactionDescription, parse_c2b_confirmation, parse_callback,
};
use crate::platform::clock::Clock;
use crate::platform::random::Random;
use crate::types::Kes;

/// How long a test waits for something that happens at once.
const PATIENCE: Duration = Duration::from_secs(5);

pub const ANY_PORT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);
pub const PHONE: &str = "254708374149";

pub struct Bench {
    pub simulator: RunningSimulator,
    pub client: Client,
    pub clock: Clock,
    pub receiver: Receiver,
    http: reqwest::Client,
}

/// An endpoint for callbacks and C2B confirmations that keeps what it gets.
pub struct Receiver {
    pub url: String,
    got: Got,
    confirmations: Got,
}

type Got = Arc<Mutex<Vec<(HeaderMap, Bytes)>>>;

/// Noon and a half in Nairobi on a day in October.
pub fn clock() -> Clock {
    Clock::manual(Utc.with_ymd_and_hms(2026, 10, 2, 9, 30, 0).single().expect("a date"))
}

pub fn options(clock: &Clock) -> SimulatorOptions {
    SimulatorOptions::new(clock.clone(), Random::seeded(7))
}

impl Bench {
    pub async fn new() -> Self {
        let clock = clock();
        Self::with(options(&clock), Credentials::simulator()).await
    }

    pub async fn with(options: SimulatorOptions, credentials: Credentials) -> Self {
        let clock = options.clock.clone();
        let simulator = Simulator::start(ANY_PORT, options).await.expect("the simulator starts");
        let client = Client::new(simulator.url.clone(), credentials, clock.clone()).expect("a client");
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().expect("a client");
        Self { simulator, client, clock, receiver: Receiver::open().await, http }
    }

    pub fn push_of(&self, phone: &str, shillings: i64) -> Push {
        Push {
            amount: Kes::from_cents(shillings * 100),
            payer: phone.parse().expect("a number"),
            callback_url: self.receiver.url.clone(),
            account_reference: AccountReference::new("LG7K2M9QX4TB").expect("a reference"),
            description: TransactionDescription::new("Tip 17"),
            send_before: self.clock.now() + TimeDelta::seconds(20),
        }
    }

    pub async fn push(&self) -> Result<PushAccepted, DarajaError> {
        self.client.push(&self.push_of(PHONE, 50)).await
    }

    /// Pushes and gives the checkout id.
    pub async fn ring(&self) -> String {
        self.push().await.expect("accepted").checkout_request_id
    }

    pub async fn call(&self, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
        let url = self.simulator.url.join(path).expect("a path");
        let answer = self.http.request(method, url).body(body.to_string()).send().await.expect("an answer");
        (answer.status(), answer.json().await.unwrap_or_default())
    }

    pub async fn get(&self, path: &str) -> Value {
        self.call(Method::GET, path, Value::Null).await.1
    }

    pub async fn answer(&self, id: &str, answer: &str) -> StatusCode {
        self.call(Method::POST, &format!("/prompts/{id}"), json!({ "answer": answer })).await.0
    }

    pub async fn fault(&self, fault: Value) {
        let (status, body) = self.call(Method::POST, "/faults", fault).await;
        assert!(status.is_success(), "{status} {body}");
    }

    pub async fn count(&self, name: &str) -> u64 {
        self.get("/stats").await[name].as_u64().expect("a count")
    }

    pub async fn balance(&self) -> String {
        self.get(&format!("/phones/{PHONE}")).await["balance"].as_str().expect("text").to_owned()
    }
}

impl Receiver {
    async fn open() -> Self {
        let (got, confirmations) = (Got::default(), Got::default());
        let keep = async |State(got): State<Got>, headers: HeaderMap, body: Bytes| {
            got.lock().expect("unbroken").push((headers, body));
            axum::Json(json!({ "ResultCode": 0, "ResultDesc": "Accepted" }))
        };
        let callbacks = axum::Router::new().route("/callback/{token}", post(keep)).with_state(got.clone());
        let app = callbacks.merge(
            axum::Router::new().route("/confirm/{token}", post(keep)).with_state(confirmations.clone()),
        );
        let listener = tokio::net::TcpListener::bind(ANY_PORT).await.expect("a port");
        let url = format!("http://{}/callback/5ec3e7", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, got, confirmations }
    }

    /// Where C2B confirmations are taken.
    pub fn confirmation_url(&self) -> String {
        self.url.replace("/callback/", "/confirm/")
    }

    pub fn count(&self) -> usize {
        self.got.lock().expect("unbroken").len()
    }

    pub fn headers(&self) -> HeaderMap {
        self.got.lock().expect("unbroken")[0].0.clone()
    }

    /// Waits until `count` callbacks are here, and a moment longer for one too many.
    pub async fn wait(&self, count: usize) -> Vec<StkCallback> {
        self.wait_for_bodies(count).await.iter().map(|body| parse_callback(body).expect("readable")).collect()
    }

    /// The same for bodies that may not be readable.
    pub async fn wait_for_bodies(&self, count: usize) -> Vec<Bytes> {
        wait_for(&self.got, count).await
    }

    /// The same for C2B confirmations.
    pub async fn wait_for_confirmations(&self, count: usize) -> Vec<C2bConfirmation> {
        let bodies = wait_for(&self.confirmations, count).await;
        bodies.iter().map(|body| parse_c2b_confirmation(body).expect("readable")).collect()
    }

    pub async fn wait_for_one(&self) -> StkCallback {
        self.wait(1).await.remove(0)
    }

    /// Long enough for anything that was to be sent at once.
    pub async fn settle(&self) {
        settle().await;
    }
}

async fn settle() {
    tokio::time::sleep(Duration::from_millis(200)).await;
}

async fn wait_for(got: &Got, count: usize) -> Vec<Bytes> {
    let start = Instant::now();
    let len = || got.lock().expect("unbroken").len();
    while len() < count {
        assert!(start.elapsed() < PATIENCE, "{} of {count} came", len());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    settle().await;
    assert_eq!(len(), count, "not one too many");
    got.lock().expect("unbroken").iter().map(|(_, body)| body.clone()).collect()
}
