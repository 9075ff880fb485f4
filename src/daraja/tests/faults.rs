//! Planned faults, as the real Safaricom has them.

use std::time::{Duration, Instant};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::bench::{Bench, PHONE};
use crate::daraja::{Certainty, CodeClass};

#[tokio::test]
async fn a_lost_answer_is_unknown_and_the_phone_rings() {
    let bench = Bench::new().await;
    bench.fault(json!({ "match": { "phone_number": "0708 374 149" }, "fault": "lose_answer" })).await;
    let error = bench.push().await.expect_err("no answer");
    assert_eq!(error.certainty(), Certainty::Unknown, "{error}");
    let id = bench.get("/prompts").await[0]["checkout_request_id"].as_str().expect("rings").to_owned();
    bench.answer(&id, "pay").await;
    assert_eq!(bench.receiver.wait_for_one().await.checkout_request_id, Some(id));
    assert_eq!(bench.count("pushes").await, 1, "a push is not repeated");
}

#[tokio::test]
async fn a_lost_callback_leaves_only_the_query() {
    let bench = Bench::new().await;
    bench.fault(json!({ "match": { "account_reference": "LG7K2M9QX4TB" }, "fault": "lose_callback" })).await;
    let id = bench.ring().await;
    bench.answer(&id, "pay").await;
    bench.receiver.settle().await;
    assert_eq!(bench.receiver.count(), 0);
    assert_eq!(bench.client.query(&id).await.expect("an answer").result.class(), CodeClass::Success);
}

#[tokio::test]
async fn a_double_callback_is_the_same_twice() {
    let bench = Bench::new().await;
    bench.fault(json!({ "fault": "double_callback" })).await;
    let id = bench.ring().await;
    bench.answer(&id, "pay").await;
    let callbacks = bench.receiver.wait(2).await;
    assert!(callbacks[0] == callbacks[1]);
    assert_eq!(bench.balance().await, "9950.00");
}

#[tokio::test]
async fn a_delayed_callback_comes_late() {
    let bench = Bench::new().await;
    bench.fault(json!({ "fault": "delay_callback", "value": 400 })).await;
    let id = bench.ring().await;
    let start = Instant::now();
    bench.answer(&id, "pay").await;
    bench.receiver.wait_for_one().await;
    assert!(start.elapsed() >= Duration::from_millis(400));
}

#[tokio::test]
async fn a_query_can_disagree() {
    let bench = Bench::new().await;
    let id = bench.ring().await;
    for value in [json!("1032"), json!(4999), json!("500.001.1001 The transaction is being processed")] {
        bench
            .fault(json!({ "match": { "phone_number": PHONE }, "fault": "query_says", "value": value }))
            .await;
    }
    assert_eq!(bench.client.query(&id).await.expect("an answer").result.as_str(), "1032");
    assert_eq!(bench.client.query(&id).await.expect("an answer").result.class(), CodeClass::Pending);
    bench.answer(&id, "pay").await;
    assert_eq!(bench.client.query(&id).await.expect_err("no answer").certainty(), Certainty::Unknown);
    assert_eq!(bench.client.query(&id).await.expect("an answer").result.class(), CodeClass::Success);
}

#[tokio::test]
async fn faults_hit_only_whom_they_match_and_as_often_as_planned() {
    let bench = Bench::new().await;
    bench.fault(json!({ "match": { "phone_number": "254700000000" }, "fault": "lose_answer" })).await;
    bench
        .fault(json!({ "match": { "phone_number": PHONE }, "fault": "refuse", "value": "429", "times": 2 }))
        .await;
    assert!(bench.push().await.is_err());
    assert_eq!(bench.get("/faults").await[1]["times"], 1);
    assert!(bench.push().await.is_err());
    assert_eq!(bench.get("/faults").await.as_array().map(Vec::len), Some(1));
    assert!(bench.push().await.is_ok());
    let (status, _) = bench.call(Method::DELETE, "/faults", Value::Null).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert_eq!(bench.get("/faults").await, json!([]));
}
