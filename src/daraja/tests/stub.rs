//! Answers that only gateways, firewalls and broken lines give: the client must not draw conclusions from
//! them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use chrono::TimeDelta;

use super::bench::{ANY_PORT, PHONE, clock};
use crate::daraja::{
    AccountReference, Certainty, Client, Credentials, DarajaError, PauseReason, Push, RefusalKind,
    TransactionDescription,
};
use crate::platform::clock::Clock;
use crate::types::Kes;

const TOKEN: &str = r#"{"access_token":"c9SQxWWhmdVRlyh0zh8gZDTkubVF","expires_in":3599}"#;
const HTML: &str = "<html><body>Incapsula incident ID: 123</body></html>";
const FAULT: &str = r#"{"fault":{"faultstring":"Spike arrest violation. Allowed rate : MessageRate{messagesPerPeriod=5}","detail":{"errorcode":"policies.ratelimit.SpikeArrestViolation"}}}"#;

/// A Daraja that gives the same answers always, and how often it was asked for a token and for more.
struct Stub {
    client: Client,
    clock: Clock,
    token_requests: Arc<AtomicUsize>,
    requests: Arc<AtomicUsize>,
}

async fn stub(token: (u16, &'static str), answer: (u16, &'static str)) -> Stub {
    let counters = [Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0))];
    let responder = |(status, body): (u16, &'static str), counter: Arc<AtomicUsize>| {
        move || async move {
            counter.fetch_add(1, Ordering::SeqCst);
            respond(status, body)
        }
    };
    let app = Router::new()
        .route("/oauth/v1/generate", get(responder(token, counters[0].clone())))
        .route("/mpesa/{*rest}", post(responder(answer, counters[1].clone())));
    let listener = tokio::net::TcpListener::bind(ANY_PORT).await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address")).parse().expect("an address");
    tokio::spawn(async move { axum::serve(listener, app).await });
    let [token_requests, requests] = counters;
    let clock = clock();
    Stub {
        client: Client::new(url, Credentials::simulator(), clock.clone()).expect("a client"),
        clock,
        token_requests,
        requests,
    }
}

fn respond(status: u16, body: &'static str) -> Response {
    let status = StatusCode::from_u16(status).expect("a status");
    (status, [("Retry-After", "7"), ("Location", "/mpesa/elsewhere")], body).into_response()
}

impl Stub {
    async fn push(&self) -> DarajaError {
        let push = Push {
            amount: Kes::from_cents(5_000),
            payer: PHONE.parse().expect("a number"),
            callback_url: "https://ligisoo.example/callback".to_owned(),
            account_reference: AccountReference::new("LG7K2M9QX4TB").expect("a reference"),
            description: TransactionDescription::new("Tip 17"),
            send_before: clock().now() + TimeDelta::seconds(20),
        };
        match self.client.push(&push).await {
            Ok(_) => panic!("accepted"),
            Err(error) => error,
        }
    }
}

#[tokio::test]
async fn pushes_with_strange_answers_may_have_been_accepted() {
    for answer in [
        (403, HTML),
        (400, ""),
        (200, ""),
        (200, "null"),
        (200, "{}"),
        (200, "[1,2]"),
        (200, HTML),
        (302, ""),
        (307, ""),
        (401, ""),
        (500, r#"{"requestId":"1","errorCode":"500.001.1001","errorMessage":""}"#),
        (200, r#"{"requestId":"1","errorCode":"500.001.1001","errorMessage":""}"#),
        (503, "Service Unavailable"),
        (
            504,
            r#"{"fault":{"faultstring":"Gateway Timeout","detail":{"errorcode":"messaging.adaptors.http.flow.GatewayTimeout"}}}"#,
        ),
        (200, r#"{"ResponseCode":"0"}"#),
        (200, r#"{"ResponseCode":"1","CheckoutRequestID":"ws_CO_1"}"#),
    ] {
        let stub = stub((200, TOKEN), answer).await;
        let error = stub.push().await;
        assert_eq!(error.certainty(), Certainty::Unknown, "{answer:?}: {error}");
        assert_eq!(stub.requests.load(Ordering::SeqCst), 1, "{answer:?}: sent once");
    }
}

#[tokio::test]
async fn the_body_counts_before_the_status() {
    for (answer, kind) in [
        ((429, FAULT), RefusalKind::RateLimited),
        ((500, FAULT), RefusalKind::RateLimited),
        ((429, ""), RefusalKind::RateLimited),
        (
            (200, r#"{"errorCode":"400.002.02","errorMessage":"Bad Request - Invalid PhoneNumber"}"#),
            RefusalKind::InvalidPhoneNumber,
        ),
        (
            (500, r#"{"errorCode":"500.001.1001","errorMessage":"Missing ICCID value in request"}"#),
            RefusalKind::InvalidPhoneNumber,
        ),
        (
            (500, r#"{"errorCode":"500.001.1001","errorMessage":"[MerchantValidate] - Wrong credentials"}"#),
            RefusalKind::WrongCredentials,
        ),
        (
            (403, r#"{"errorCode":"403.002.1001","errorMessage":"not authorized to initiate"}"#),
            RefusalKind::Other,
        ),
        ((200, r#"{"ResponseCode":"1","ResponseDescription":"no"}"#), RefusalKind::Other),
    ] {
        let stub = stub((200, TOKEN), answer).await;
        let error = stub.push().await;
        assert_eq!(
            (error.certainty(), error.kind()),
            (Certainty::Refused, Some(kind)),
            "{answer:?}: {error}"
        );
        assert_eq!(error.rest() == Some(PauseReason::RateLimited), kind == RefusalKind::RateLimited);
        assert_eq!(error.retry_after().map(|wait| wait.as_secs()), Some(7));
        let query = stub.client.query("ws_CO_1").await.expect_err("no answer");
        assert_eq!(
            (query.certainty(), query.rest() == Some(PauseReason::RateLimited)),
            (Certainty::Unknown, kind == RefusalKind::RateLimited),
            "{answer:?}"
        );
    }
}

#[tokio::test]
async fn a_token_that_is_never_good_ends_after_three_tries() {
    for (code, message) in [
        ("404.001.03", "Invalid Access Token"),
        ("401.003.01", "Error Occurred - Invalid Access Token - c9SQxWWhmdVRlyh0zh8gZDTkubVF"),
        ("400.003.01", ""),
        ("", "Invalid Access Token"),
    ] {
        let body = format!(r#"{{"requestId":"1","errorCode":"{code}","errorMessage":"{message}"}}"#);
        let stub = stub((200, TOKEN), (404, body.leak())).await;
        let error = stub.push().await;
        assert_eq!(
            (error.certainty(), error.kind()),
            (Certainty::Refused, Some(RefusalKind::WrongCredentials)),
            "{code}"
        );
        assert_eq!(stub.requests.load(Ordering::SeqCst), 3);
        assert_eq!(stub.token_requests.load(Ordering::SeqCst), 3);
    }
}

#[tokio::test]
async fn without_a_token_nothing_is_sent_and_the_reason_is_told() {
    for (token, reason) in [
        ((403, HTML), "firewall"),
        ((400, ""), "consumer key or secret"),
        ((503, ""), "no token in the answer"),
        ((200, r#"{"access_token":"","expires_in":"3599"}"#), "no token in the answer"),
        ((200, r#"{"access_token":"a\nb","expires_in":"3599"}"#), "no token in the answer"),
        (
            (400, r#"{"errorCode":"400.008.02","errorMessage":"Invalid grant type passed"}"#),
            "Invalid grant type",
        ),
        ((429, FAULT), "Spike arrest"),
    ] {
        let stub = stub(token, (200, "")).await;
        let error = stub.push().await;
        assert_eq!(error.certainty(), Certainty::NotSent);
        assert!(error.to_string().contains(reason), "{error}");
        assert_eq!(error.rest() == Some(PauseReason::RateLimited), token.0 == 429);
        assert_eq!(stub.requests.load(Ordering::SeqCst), 0);
    }
}

#[tokio::test]
async fn a_push_does_not_leave_after_its_latest_moment() {
    for (passed, sent) in [(19, 1), (20, 0)] {
        let stub = stub((200, TOKEN), (200, "")).await;
        // What takes so long may be the token.
        stub.clock.advance(Duration::from_secs(passed));
        let error = stub.push().await;
        assert_eq!(stub.requests.load(Ordering::SeqCst), sent, "after {passed} s: {error}");
        assert_eq!(error.certainty() == Certainty::NotSent, sent == 0, "{error}");
    }
}

#[tokio::test]
async fn many_that_wait_for_a_failing_token_share_the_failure() {
    let stub = Arc::new(stub((503, ""), (200, "")).await);
    let waiting: Vec<_> = (0..50)
        .map(|_| stub.clone())
        .map(|stub| tokio::spawn(async move { stub.push().await.certainty() }))
        .collect();
    for push in waiting {
        assert_eq!(push.await.expect("no panic"), Certainty::NotSent);
    }
    let asked = stub.token_requests.load(Ordering::SeqCst);
    assert!(asked < 10, "{asked} token requests");
}

#[tokio::test]
async fn a_query_answer_about_another_payment_is_none() {
    for body in [
        r#"{"ResponseCode":"0","CheckoutRequestID":"ws_CO_2","ResultCode":"0","ResultDesc":"ok"}"#,
        r#"{"ResponseCode":"0","ResultCode":"0","ResultDesc":"ok"}"#,
        r#"{"ResponseCode":"0","CheckoutRequestID":"ws_CO_1","ResultDesc":"ok"}"#,
        r#"{"ResponseCode":"1","CheckoutRequestID":"ws_CO_1","ResultCode":"0"}"#,
        r#"{"ResponseCode":"0","CheckoutRequestID":"ws_CO_1","ResultCode":"1037","ResultDesc":"The transaction is still under processing"}"#,
    ] {
        let stub = stub((200, TOKEN), (200, body)).await;
        assert_eq!(
            stub.client.query("ws_CO_1").await.expect_err("no answer").certainty(),
            Certainty::Unknown,
            "{body}"
        );
    }
    for body in [
        r#"{"ResponseCode":"0","CheckoutRequestID":"ws_CO_1","ResultCode":"0","ResultDesc":"ok"}"#,
        r#"{"ResponseCode":0,"CheckoutRequestID":"ws_CO_1","ResultCode":0}"#,
    ] {
        let stub = stub((200, TOKEN), (200, body)).await;
        assert_eq!(stub.client.query("ws_CO_1").await.expect("an answer").result.as_str(), "0", "{body}");
    }
}

#[tokio::test]
async fn an_answer_without_end_is_cut_off() {
    let stub = stub((200, TOKEN), (200, "x".repeat(100_000).leak())).await;
    assert_eq!(stub.push().await.to_string(), "no certain answer from Safaricom: the answer is too long");
}
