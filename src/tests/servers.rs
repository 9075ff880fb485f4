//! Two servers on one PostgreSQL: a person who comes to one and then to the other notices nothing.

use std::time::{Duration, Instant};

use reqwest::StatusCode;
use serde_json::json;

use super::harness::{Engine, TestApp, both, text};

async fn two() -> (TestApp, TestApp) {
    let first = TestApp::new(Engine::Postgres).await;
    let second = first.beside().await;
    (first, second)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_holds_on_both_and_ends_on_both() {
    let (first, second) = two().await;
    let buyer = first.buyer("0712345678").await;
    for app in [&first, &second] {
        assert_eq!(buyer.page(app, "/purchases").await.0, StatusCode::OK);
    }
    let out = buyer.http.post(second.at("/api/accounts/sign-out")).send().await.expect("an answer");
    assert_eq!(out.status(), StatusCode::SEE_OTHER);
    for app in [&first, &second] {
        assert_ne!(buyer.page(app, "/purchases").await.0, StatusCode::OK, "signed out");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_is_one_payment_on_both() {
    let (first, second) = two().await;
    let (tipster, tip, buyer) = first.shop().await;
    let started = buyer.start(&second, tip).await;
    let joined = buyer.start(&first, tip).await;
    assert_eq!(text(&joined, "payment_id"), text(&started, "payment_id"), "the second press joins");
    let payment = text(&started, "payment_id");
    // The panel is open at the second server, and the callback comes to the first.
    let events = second.at(&format!("/api/payments/events?payment_id={payment}"));
    let mut stream = buyer.http.get(events).send().await.expect("a stream");
    let began = Instant::now();
    first.answer(text(&started, "checkout_request_id"), "pay").await;
    let heard = tokio::time::timeout(Duration::from_secs(5), stream.chunk())
        .await
        .expect("in time")
        .expect("a stream");
    assert_eq!(heard.as_deref(), Some(&b"data: news\n\n"[..]));
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    for app in [&first, &second] {
        let paid = buyer.status(app, payment).await;
        assert_eq!((text(&paid, "status"), text(&paid, "outcome")), ("completed", "unlocked"));
    }
    assert_eq!(first.balances(&tipster).await.0, 3_000);
    first.books_are_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn limits_count_what_both_sent() {
    let (first, second) = two().await;
    let tipster = first.tipster().await;
    let buyer = first.buyer("0712345678").await;
    for (press, app) in [&first, &second, &first, &second].into_iter().enumerate() {
        let tip = first.tip(&tipster, 1, 50).await;
        let answer = buyer.initiate(app, &json!({ "tip_id": tip })).await;
        let wanted = if press < 3 { StatusCode::OK } else { StatusCode::TOO_MANY_REQUESTS };
        assert_eq!(answer.status(), wanted, "press {press}");
        // The number is free for another prompt, but the ten minutes of its limit are not over.
        first.advance(61);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_may_stop_while_the_other_goes_on() {
    let (first, second) = two().await;
    let (_, tip, buyer) = second.shop().await;
    // The answer to a push comes after the stop has begun.
    first.fault("slow_answer", json!(1_500)).await;
    let press = buyer
        .http
        .post(second.at("/payments/api/initiate-tip-payment/"))
        .json(&json!({ "tip_id": tip }))
        .send();
    let url = second.at("/healthz");
    let stop = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        second.running.stop().await;
    };
    let (pressed, ()) = tokio::join!(press, stop);
    let pressed = pressed.expect("an answer");
    assert_eq!(pressed.status(), StatusCode::OK, "what was open is answered");
    assert!(first.http.get(url).send().await.is_err(), "nothing new is taken");
    let started: serde_json::Value = pressed.json().await.expect("JSON");
    first.answer(text(&started, "checkout_request_id"), "pay").await;
    buyer.until_status(&first, text(&started, "payment_id"), "completed").await;
    first.books_are_right().await;
}

both! {
    /// A push takes longer than a stop waits: the phone rings, but this server can write nothing more.
    async fn who_pays_is_answered_when_the_database_has_gone(app: TestApp) {
        let second = app.beside().await;
        let (_, tip, buyer) = second.shop().await;
        app.fault("slow_answer", json!(1_500)).await;
        let wanted = json!({ "tip_id": tip });
        let press = buyer.initiate(&second, &wanted);
        let gone = async {
            tokio::time::sleep(Duration::from_millis(700)).await;
            second.db.close().await;
        };
        let (pressed, ()) = tokio::join!(press, gone);
        assert_eq!(pressed.status(), StatusCode::ACCEPTED, "the phone may ring: {:?}", pressed.text().await);
        let started: serde_json::Value = pressed.json().await.expect("JSON");
        let refused = buyer.initiate(&second, &wanted).await;
        assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE, "and not a fault");
        // The other server takes the callback, and finds the payment by the secret in its address.
        let prompt = app.prompts().await.remove(0);
        app.answer(text(&prompt, "checkout_request_id"), "pay").await;
        buyer.until_status(&app, text(&started, "payment_id"), "completed").await;
        app.books_are_right().await;
    }
}
