//! C2B over real HTTP: registered once, a confirmation for each payment, by push or by hand, and all of them
//! on the statement.

use reqwest::{Method, StatusCode};
use serde_json::json;

use super::bench::{Bench, PHONE, clock, options};
use crate::daraja::{Certainty, Credentials, RefusalKind, parse_statement};
use crate::types::Kes;

async fn registered() -> Bench {
    let bench = Bench::new().await;
    register(&bench).await;
    bench
}

async fn register(bench: &Bench) {
    let url = bench.receiver.confirmation_url();
    bench.client.register_c2b_urls(&url, &format!("{url}/validate")).await.expect("registered");
}

#[tokio::test]
async fn a_paid_push_is_confirmed_with_the_same_receipt() {
    let bench = registered().await;
    let id = bench.ring().await;
    bench.answer(&id, "pay").await;
    let callback = bench.receiver.wait_for_one().await;
    let confirmation = bench.receiver.wait_for_confirmations(1).await.remove(0);
    assert_eq!(Some(&confirmation.receipt), callback.receipt.as_ref());
    assert_eq!(
        (confirmation.account_reference.as_str(), confirmation.amount),
        ("LG7K2M9QX4TB", Kes::from_cents(5_000))
    );
    assert_eq!(confirmation.trans_time, "20261002123000");
    assert_eq!(
        (bench.count("confirmations_sent").await, bench.count("confirmations_answered_200").await),
        (1, 1)
    );
}

#[tokio::test]
async fn what_is_not_paid_is_not_confirmed() {
    let bench = registered().await;
    let id = bench.ring().await;
    bench.answer(&id, "cancel").await;
    bench.receiver.wait_for_one().await;
    bench.receiver.wait_for_confirmations(0).await;
    let unregistered = Bench::new().await;
    let id = unregistered.ring().await;
    unregistered.answer(&id, "pay").await;
    unregistered.receiver.wait_for_one().await;
    unregistered.receiver.wait_for_confirmations(0).await;
}

#[tokio::test]
async fn money_paid_by_hand_is_confirmed_too() {
    let bench = registered().await;
    let path = "/phones/0708374149/pay";
    let (status, paid) = bench
        .call(Method::POST, path, json!({ "amount": "50", "account_reference": " lg7k2m9qx4tb " }))
        .await;
    assert_eq!(status, StatusCode::OK, "{paid}");
    let confirmation = bench.receiver.wait_for_confirmations(1).await.remove(0);
    assert_eq!(
        (paid["receipt"].as_str(), confirmation.account_reference.as_str()),
        (Some(confirmation.receipt.as_str()), "lg7k2m9qx4tb")
    );
    assert_eq!((bench.balance().await.as_str(), bench.receiver.count()), ("9950.00", 0), "no callback");

    assert_eq!(bench.call(Method::POST, path, json!({ "amount": "9951" })).await.0, StatusCode::CONFLICT);
    for body in [
        json!({ "amount": "0" }),
        json!({ "amount": "1.50" }),
        json!({ "amount": "1", "account_reference": "a".repeat(21) }),
        json!({}),
    ] {
        assert_eq!(bench.call(Method::POST, path, body.clone()).await.0, StatusCode::BAD_REQUEST, "{body}");
    }
    assert_eq!(bench.balance().await, "9950.00");
}

#[tokio::test]
async fn confirmations_can_be_lost_late_and_double() {
    let bench = registered().await;
    bench.fault(json!({ "fault": "lose_confirmation", "match": { "account_reference": "LOST" } })).await;
    bench.fault(json!({ "fault": "double_confirmation", "match": { "account_reference": "TWICE" } })).await;
    bench
        .fault(json!({ "fault": "delay_confirmation", "value": "15m", "match": { "phone_number": PHONE, "account_reference": "LATE" } }))
        .await;
    for reference in ["LOST", "TWICE", "LATE"] {
        bench
            .call(
                Method::POST,
                "/phones/0708374149/pay",
                json!({ "amount": "1", "account_reference": reference }),
            )
            .await;
    }
    let two = bench.receiver.wait_for_confirmations(2).await;
    assert!(two[0] == two[1] && two[0].account_reference == "TWICE");
    bench.clock.advance(std::time::Duration::from_mins(15));
    assert_eq!(bench.receiver.wait_for_confirmations(3).await[2].account_reference, "LATE");
}

#[tokio::test]
async fn registrations_are_checked_as_safaricom_checks_them() {
    let bench = Bench::new().await;
    let good = "https://ligisoo.example/c/b";
    for bad in
        ["https://ligisoo.example/mpesa/c", "https://ligisoo.example/Query", "ftp://ligisoo.example/", ""]
    {
        let error = bench.client.register_c2b_urls(bad, good).await.expect_err("refused");
        assert_eq!(
            (error.certainty(), error.kind()),
            (Certainty::Refused, Some(RefusalKind::Other)),
            "{bad}: {error}"
        );
        assert!(bench.client.register_c2b_urls(good, bad).await.is_err(), "{bad}");
    }
    bench
        .fault(json!({ "fault": "refuse", "value": "500.003.1001 Urls are already registered", "match": { "endpoint": "register" } }))
        .await;
    let error = bench.client.register_c2b_urls(good, good).await.expect_err("refused");
    assert_eq!(error.to_string(), "refused by Safaricom: Urls are already registered (500.003.1001)");
    bench.fault(json!({ "fault": "revoke_token" })).await;
    assert_eq!(bench.client.register_c2b_urls(good, good).await, Ok(()));
}

#[tokio::test]
async fn the_statement_has_all_that_came_in_and_a_restart_keeps_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut options = options(&clock());
    options.state_file = Some(folder.path().join("simulator.json"));
    let first = Bench::with(options.clone(), Credentials::simulator()).await;
    register(&first).await;
    first.fault(json!({ "fault": "lose_callback" })).await;
    let id = first.ring().await;
    first.answer(&id, "pay").await;
    first
        .call(
            Method::POST,
            "/phones/0708374149/pay",
            json!({ "amount": "1250", "account_reference": "by, \"hand\"" }),
        )
        .await;
    first.receiver.wait_for_confirmations(2).await;
    first.simulator.stop().await;

    let second = Bench::with(options, Credentials::simulator()).await;
    let url = second.simulator.url.join("/statement.csv").expect("a path");
    let csv = reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client")
        .get(url)
        .send()
        .await
        .expect("an answer");
    let csv = csv.bytes().await.expect("a body");
    let statement = parse_statement(&csv).expect("a statement");
    assert_eq!(statement.bad_lines, []);
    let lines: Vec<_> =
        statement.lines.iter().map(|line| (line.paid_in.cents(), line.account_reference.as_str())).collect();
    assert_eq!(lines, [(5_000, "LG7K2M9QX4TB"), (125_000, "by, \"hand\"")]);
    assert!(
        statement
            .lines
            .iter()
            .all(|line| line.is_payment() && line.completed_at == "2026-10-02T09:30:00Z".parse().ok())
    );

    second
        .call(Method::POST, "/phones/0708374149/pay", json!({ "amount": "1", "account_reference": "AFTER" }))
        .await;
    assert_eq!(
        first.receiver.wait_for_confirmations(3).await[2].account_reference,
        "AFTER",
        "the address outlives the restart"
    );
    second.simulator.stop().await;
}
