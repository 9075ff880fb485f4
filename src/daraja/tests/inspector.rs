//! The inspector shows what was said, in both directions, and none of the secrets.

use reqwest::Method;
use serde_json::{Value, json};

use super::bench::{Bench, PHONE};

async fn exchanges(bench: &Bench) -> Vec<Value> {
    bench.get("/inspector/exchanges").await["exchanges"].as_array().expect("a list").clone()
}

#[tokio::test]
async fn the_timeline_has_both_directions_and_no_secrets() {
    let bench = Bench::new().await;
    let mut push = bench.push_of(PHONE, 50);
    let secret = "5ec3e7".repeat(10);
    push.callback_url = bench.receiver.url.replace("5ec3e7", &secret);
    let id = bench.client.push(&push).await.expect("accepted").checkout_request_id;
    assert!(bench.client.query(&id).await.is_err());
    bench.fault(json!({ "fault": "double_callback" })).await;
    bench.answer(&id, "pay").await;
    bench.receiver.wait(2).await;

    let all = exchanges(&bench).await;
    let kinds: Vec<_> = all
        .iter()
        .map(|exchange| (exchange["kind"].as_str().expect("text"), exchange["status"].as_u64()))
        .collect();
    let expected = [
        ("token", Some(200)),
        ("push", Some(200)),
        ("query", Some(500)),
        ("callback", Some(200)),
        ("callback", Some(200)),
    ];
    assert_eq!(kinds, expected);
    assert!(all[1..].iter().all(|exchange| exchange["phone_number"] == PHONE && exchange["millis"].is_u64()));
    assert!(all[3]["is_outgoing"] == true && all[3]["answer"].as_str().expect("text").contains("Accepted"));
    let curl = all[1]["curl"].as_str().expect("text");
    assert!(
        curl.starts_with("curl -X POST 'http://127.0.0.1:") && curl.contains("'Authorization: Bearer …'"),
        "{curl}"
    );
    let text = json!(all).to_string();
    for hidden in [secret.as_str(), "bfb279f9", "simulator-consumer-secret", "Basic c2lt"] {
        assert!(!text.contains(hidden), "{hidden} in {text}");
    }
    assert_eq!(text.matches("\\\"Password\\\":\\\"…\\\"").count(), 4, "of two requests and their commands");
}

#[tokio::test]
async fn the_page_asks_only_for_what_is_new() {
    let bench = Bench::new().await;
    bench.fault(json!({ "fault": "lose_callback" })).await;
    let id = bench.ring().await;
    let version = bench.get("/inspector/exchanges").await["version"].as_u64().expect("a number");
    bench.answer(&id, "cancel").await;
    bench.receiver.settle().await;
    let news = bench.get(&format!("/inspector/exchanges?since={version}")).await;
    let news = news["exchanges"].as_array().expect("a list");
    assert_eq!(
        news.iter().map(|exchange| exchange["remark"].as_str()).collect::<Vec<_>>(),
        [Some("lost on purpose")]
    );
    let (status, _) = bench.call(Method::GET, "/inspector/exchanges?since=soon", Value::Null).await;
    assert!(status.is_client_error());
}
