//! Faults of requests, queries and callbacks that contradict, mislead or come at the wrong time.

use std::time::{Duration, Instant};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::bench::{Bench, PHONE};
use crate::daraja::{
    Certainty, CodeClass, DarajaError, PauseReason, RefusalKind, StkCallback, Unreadable, parse_callback,
};
use crate::types::Kes;

fn code(callback: &StkCallback) -> &str {
    callback.result.as_ref().map_or("", |code| code.as_str())
}

async fn paid_with(fault: Value) -> (Bench, String) {
    let bench = Bench::new().await;
    bench.fault(fault).await;
    let id = bench.ring().await;
    bench.answer(&id, "pay").await;
    (bench, id)
}

#[tokio::test]
async fn the_gateway_turns_requests_away() {
    let bench = Bench::new().await;
    bench.ring().await;
    bench.fault(json!({ "fault": "spike_arrest", "times": 2 })).await;
    let push = bench.push().await.expect_err("refused");
    assert_eq!((push.kind(), push.rest()), (Some(RefusalKind::RateLimited), Some(PauseReason::RateLimited)));
    let query = bench.client.query("ws_CO_1").await.expect_err("refused");
    assert_eq!((query.certainty(), query.rest()), (Certainty::Unknown, Some(PauseReason::RateLimited)));

    bench.fault(json!({ "fault": "forbidden" })).await;
    let error = bench.push().await.expect_err("a page");
    assert_eq!(error.to_string(), "no certain answer from Safaricom: HTTP 403 with a page of HTML");
    bench.fault(json!({ "fault": "busy", "match": { "endpoint": "query" } })).await;
    assert!(bench.push().await.expect_err("locked").kind().is_some(), "the fault is for a query");
    assert!(bench.client.query("ws_CO_1").await.expect_err("busy").to_string().contains("System is busy"));
    bench.fault(json!({ "fault": "spike_arrest", "match": { "endpoint": "token" } })).await;
    bench.fault(json!({ "fault": "revoke_token" })).await;
    assert!(matches!(
        bench.push().await,
        Err(DarajaError::NotSent { rest: Some(PauseReason::RateLimited), .. })
    ));
}

#[tokio::test]
async fn refusals_have_the_status_and_words_that_were_planned() {
    let bench = Bench::new().await;
    for (value, certainty) in [
        ("200:500.001.1001 ", Certainty::Refused), // the simulator's usual words: locked
        ("200:500.003.1001 Internal Server Error", Certainty::Unknown),
        ("503:500.003.1001", Certainty::Unknown),
        ("empty", Certainty::Unknown),
        ("403", Certainty::Unknown),
        ("429", Certainty::Refused),
        ("400.002.02", Certainty::Refused),
    ] {
        bench.fault(json!({ "fault": "refuse", "value": value, "match": { "phone_number": PHONE } })).await;
        assert_eq!(bench.push().await.expect_err("refused").certainty(), certainty, "{value}");
    }
    assert_eq!(bench.get("/prompts").await, json!([]), "no phone rang");
}

#[tokio::test]
async fn a_slow_answer_comes_late_by_either_clock() {
    let bench = Bench::new().await;
    bench.fault(json!({ "fault": "slow_answer", "value": 300 })).await;
    let start = Instant::now();
    let id = bench.ring().await;
    assert!(start.elapsed() >= Duration::from_millis(300));
    bench.fault(json!({ "fault": "slow_answer", "value": "10m", "match": { "endpoint": "query" } })).await;
    let asking = tokio::spawn({
        let (client, id) = (bench.client.clone(), id.clone());
        async move { client.query(&id).await }
    });
    bench.receiver.settle().await;
    assert!(!asking.is_finished());
    bench.clock.advance(Duration::from_mins(10));
    assert!(asking.await.expect("no panic").is_err(), "still processing");
}

#[tokio::test]
async fn a_short_token_is_renewed() {
    let bench = Bench::new().await;
    bench.fault(json!({ "fault": "short_token", "value": 60 })).await;
    bench.ring().await;
    bench.clock.advance(Duration::from_secs(50));
    assert!(bench.client.query("ws_CO_1").await.is_err());
    assert_eq!(bench.count("token_requests").await, 2);
}

#[tokio::test]
async fn a_callback_can_come_before_the_pushs_answer() {
    let bench = Bench::new().await;
    bench.fault(json!({ "fault": "early_callback" })).await;
    bench.fault(json!({ "fault": "slow_answer", "value": 200 })).await;
    let pushing = tokio::spawn({
        let (client, push) = (bench.client.clone(), bench.push_of(PHONE, 50));
        async move { client.push(&push).await }
    });
    while bench.receiver.count() == 0 {
        assert!(!pushing.is_finished(), "the callback comes first");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let accepted = pushing.await.expect("no panic").expect("accepted");
    let callback = bench.receiver.wait_for_one().await;
    assert_eq!(
        (callback.checkout_request_id, callback.amount),
        (Some(accepted.checkout_request_id), Some(Kes::from_cents(5_000)))
    );
    assert_eq!(bench.balance().await, "9950.00");
}

#[tokio::test]
async fn every_result_code_can_be_had() {
    let bench = Bench::new().await;
    for wanted in ["17", "1001", "1019", "2028", "SFC_IC0003", "100000100"] {
        bench.fault(json!({ "fault": "fail_with", "value": wanted })).await;
        let id = bench.ring().await;
        assert_eq!(bench.client.query(&id).await.expect("an answer").result.as_str(), wanted);
    }
    let callbacks = bench.receiver.wait(6).await;
    assert!(callbacks.iter().any(|callback| code(callback) == "SFC_IC0003"));
    assert_eq!(bench.balance().await, "10000.00");
}

#[tokio::test]
async fn a_query_script_is_followed_for_each_payment() {
    let bench = Bench::new().await;
    let script = json!(["truth", 4999, "200:500.001.1001 ", "1032", "429", "empty"]);
    bench.fault(json!({ "fault": "query_script", "value": script, "times": 2 })).await;
    for phone in [PHONE, "254711000222"] {
        let id = bench.client.push(&bench.push_of(phone, 50)).await.expect("accepted").checkout_request_id;
        let ask = async || bench.client.query(&id).await;
        assert!(ask().await.expect_err("the truth").to_string().contains("being processed"));
        assert_eq!(ask().await.expect("an answer").result.class(), CodeClass::Pending);
        assert_eq!(ask().await.expect_err("an error with HTTP 200").certainty(), Certainty::Unknown);
        assert_eq!(ask().await.expect("an answer").result.class(), CodeClass::Cancelled);
        assert_eq!(ask().await.expect_err("spike arrest").rest(), Some(PauseReason::RateLimited));
        assert!(ask().await.expect_err("nothing").to_string().contains("empty body"));
        bench.answer(&id, "pay").await;
        assert_eq!(ask().await.expect("an answer").result.class(), CodeClass::Success);
    }
    assert_eq!(bench.get("/faults").await, json!([]));
}

#[tokio::test]
async fn a_callback_can_wait_for_the_simulators_clock() {
    let (bench, id) = paid_with(json!({ "fault": "delay_callback", "value": "24h" })).await;
    bench.receiver.settle().await;
    assert_eq!(bench.receiver.count(), 0);
    assert_eq!(bench.client.query(&id).await.expect("an answer").result.class(), CodeClass::Success);
    bench.clock.advance(Duration::from_hours(24));
    assert_eq!(code(&bench.receiver.wait_for_one().await), "0");
}

#[tokio::test]
async fn callbacks_can_come_in_reverse() {
    let bench = Bench::new().await;
    bench.fault(json!({ "fault": "reorder_callbacks", "times": 3 })).await;
    let mut ids = Vec::new();
    for phone in [PHONE, "254711000222", "254711000333"] {
        let id = bench.client.push(&bench.push_of(phone, 50)).await.expect("accepted").checkout_request_id;
        assert_eq!(bench.receiver.count(), 0);
        bench.answer(&id, "pay").await;
        ids.insert(0, Some(id));
    }
    let came: Vec<_> =
        bench.receiver.wait(3).await.into_iter().map(|callback| callback.checkout_request_id).collect();
    assert_eq!(came, ids);
    bench.fault(json!({ "fault": "reorder_callbacks", "times": 2 })).await;
    let id = bench.ring().await;
    bench.answer(&id, "cancel").await;
    bench.call(Method::DELETE, "/faults", Value::Null).await;
    assert_eq!(
        bench.receiver.wait(4).await[3].checkout_request_id,
        Some(id),
        "clearing lets go of what was held"
    );
}

#[tokio::test]
async fn callbacks_can_lie() {
    let (bench, id) = paid_with(json!({ "fault": "callback_says", "value": "1032" })).await;
    let callback = bench.receiver.wait_for_one().await;
    assert_eq!((code(&callback), &callback.receipt), ("1032", &None));
    assert_eq!(bench.client.query(&id).await.expect("an answer").result.class(), CodeClass::Success);

    let (bench, _) = paid_with(json!({ "fault": "forged_callback", "value": "0" })).await;
    let two = bench.receiver.wait(2).await;
    assert!(code(&two[0]) == "0" && code(&two[1]) == "0" && two[0].receipt != two[1].receipt, "two receipts");

    let (bench, _) = paid_with(json!({ "fault": "wrong_amount", "value": 1 })).await;
    assert_eq!(bench.receiver.wait_for_one().await.amount, Some(Kes::from_cents(100)));
    assert_eq!(bench.balance().await, "9950.00");

    let (bench, id) = paid_with(json!({ "fault": "wrong_ids" })).await;
    let made_up = bench.receiver.wait_for_one().await.checkout_request_id;
    assert!(made_up.is_some() && made_up != Some(id.clone()));
    bench.fault(json!({ "fault": "wrong_ids" })).await;
    let next = bench.ring().await;
    bench.answer(&next, "pay").await;
    assert_eq!(
        bench.receiver.wait(2).await[1].checkout_request_id,
        Some(id),
        "the ids of the payment before"
    );
}

#[tokio::test]
async fn callbacks_can_be_broken() {
    for (value, expected) in [
        (Value::Null, Err(Unreadable::NotJson)),
        (json!("empty"), Err(Unreadable::NotJson)),
        (json!("html"), Err(Unreadable::NotJson)),
        (json!("no_envelope"), Err(Unreadable::NoEnvelope)),
        (json!("{\"Body\":[]}"), Err(Unreadable::NoEnvelope)),
        (json!("no_receipt"), Ok((Some(5_000), false))),
        (json!("string_values"), Ok((Some(5_000), true))),
    ] {
        let (bench, _) = paid_with(json!({ "fault": "malformed_callback", "value": value })).await;
        let body = bench.receiver.wait_for_bodies(1).await.remove(0);
        let read = parse_callback(&body)
            .map(|callback| (callback.amount.map(Kes::cents), callback.receipt.is_some()));
        assert_eq!(read, expected, "{value}");
    }
}

#[tokio::test]
async fn impossible_faults_are_refused() {
    let bench = Bench::new().await;
    for fault in [
        json!({ "fault": "slow_answer" }),
        json!({ "fault": "slow_answer", "value": "1d" }),
        json!({ "fault": "fail_with", "value": "0" }),
        json!({ "fault": "callback_says" }),
        json!({ "fault": "wrong_amount", "value": "much" }),
        json!({ "fault": "query_script", "value": "1032" }),
        json!({ "fault": "query_script", "value": [] }),
        json!({ "fault": "early_callback", "value": "ignore" }),
        json!({ "fault": "lose_callback", "match": { "endpoint": "push" } }),
        json!({ "fault": "spike_arrest", "match": { "endpoint": "elsewhere" } }),
    ] {
        let (status, answer) = bench.call(Method::POST, "/faults", fault.clone()).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{fault}: {answer}");
    }
}
