//! The control answers mistakes with a reason, and the page brings nothing from elsewhere.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::bench::Bench;

#[tokio::test]
async fn mistakes_are_named() {
    let bench = Bench::new().await;
    let id = bench.ring().await;
    for (path, body) in [
        ("/faults", json!({ "fault": "unheard_of" })),
        ("/faults", json!({ "fault": "refuse" })),
        ("/faults", json!({ "fault": "delay_callback", "value": "soon" })),
        ("/faults", json!({ "fault": "lose_answer", "times": 0 })),
        ("/faults", json!({ "fault": "lose_answer", "match": { "phone": "0708374149" } })),
        ("/faults", json!({ "fault": "lose_answer", "match": { "phone_number": "0808374149" } })),
        ("/faults", Value::Null),
        (&format!("/prompts/{id}"), json!({ "answer": "maybe" })),
        (&format!("/prompts/{id}"), json!({})),
    ] {
        let (status, answer) = bench.call(Method::POST, path, body.clone()).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{path} {body}");
        assert!(answer["error"].as_str().is_some_and(|error| !error.is_empty()), "{answer}");
    }
    let put = async |balance: &str| {
        bench.call(Method::PUT, "/phones/0708374149", json!({ "balance": balance })).await.0
    };
    for balance in ["-1", "500000.01", "much", "1.001"] {
        assert_eq!(put(balance).await, StatusCode::BAD_REQUEST, "{balance}");
    }
    assert_eq!(bench.answer("ws_CO_1", "pay").await, StatusCode::NOT_FOUND);
    assert_eq!(bench.call(Method::GET, "/phones/12", Value::Null).await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn an_unseen_phone_starts_with_ten_thousand_shillings() {
    let bench = Bench::new().await;
    let phone = bench.get("/phones/0711000222").await;
    assert_eq!(phone, json!({ "phone_number": "254711000222", "balance": "10000.00", "sms": [] }));
    assert_eq!(bench.get("/phones").await, json!([phone]));
}

#[tokio::test]
async fn the_page_and_its_files_are_served_with_a_policy() {
    let bench = Bench::new().await;
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    for (path, content_type) in [
        ("/", "text/html"),
        ("/handsets.js", "text/javascript"),
        ("/handsets.css", "text/css"),
        ("/inspector", "text/html"),
        ("/inspector.js", "text/javascript"),
        ("/inspector.css", "text/css"),
    ] {
        let answer =
            http.get(bench.simulator.url.join(path).expect("a path")).send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::OK);
        let header = |name: &str| answer.headers()[name].to_str().expect("text").to_owned();
        assert!(header("content-type").starts_with(content_type));
        assert!(header("content-security-policy").starts_with("default-src 'none'"));
        let text = answer.text().await.expect("text");
        assert!(!text.is_empty() && !text.contains("https://"), "{path} asks nobody else");
    }
}
