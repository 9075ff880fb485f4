//! One token for all, renewed in time and after it was refused.

use std::time::Duration;

use secrecy::SecretString;
use serde_json::json;

use super::bench::{Bench, clock, options};
use crate::daraja::{Certainty, Credentials};

#[tokio::test]
async fn fifty_pushes_at_once_need_one_token() {
    let bench = Bench::new().await;
    let pushes = (0..50).map(|number| {
        let (client, push) = (bench.client.clone(), bench.push_of(&format!("2547083741{number:02}"), 50));
        tokio::spawn(async move { client.push(&push).await.is_ok() })
    });
    for push in pushes.collect::<Vec<_>>() {
        assert!(push.await.expect("no panic"));
    }
    assert_eq!(bench.count("token_requests").await, 1);
    assert_eq!(bench.count("pushes_accepted").await, 50);
}

#[tokio::test]
async fn a_token_is_renewed_before_it_ends() {
    let bench = Bench::new().await;
    bench.client.check_token().await.expect("a token");
    bench.clock.advance(Duration::from_secs(3_470));
    bench.client.check_token().await.expect("still the first");
    assert_eq!(bench.count("token_requests").await, 1);
    bench.clock.advance(Duration::from_secs(20));
    bench.client.check_token().await.expect("a new one");
    assert_eq!(bench.count("token_requests").await, 2);
}

#[tokio::test]
async fn a_revoked_token_is_renewed_once_and_the_push_sent_once_more() {
    let bench = Bench::new().await;
    bench.client.check_token().await.expect("a token");
    bench.fault(json!({ "fault": "revoke_token" })).await;
    bench.push().await.expect("accepted with a new token");
    assert_eq!(bench.count("token_requests").await, 2);
    assert_eq!(bench.count("pushes").await, 2);
    assert_eq!(bench.count("pushes_accepted").await, 1);
}

#[tokio::test]
async fn a_token_that_another_server_took_twice_is_renewed_twice() {
    let bench = Bench::new().await;
    let refuse =
        |times: u32| json!({ "fault": "refuse", "value": "404.001.03 Invalid Access Token", "times": times });
    bench.fault(refuse(2)).await;
    bench.push().await.expect("accepted with the third token");
    assert_eq!((bench.count("token_requests").await, bench.count("pushes_accepted").await), (3, 1));
    bench.fault(refuse(9)).await;
    let error = bench.push().await.expect_err("three tokens are enough");
    assert_eq!(
        (error.certainty(), error.to_string().contains("Invalid access token")),
        (Certainty::Refused, true)
    );
    assert_eq!(bench.count("pushes").await, 6);
}

#[tokio::test]
async fn many_that_meet_a_revoked_token_renew_it_together() {
    let bench = Bench::new().await;
    bench.client.check_token().await.expect("a token");
    bench.fault(json!({ "fault": "expire_token" })).await;
    let pushes = (0..20).map(|number| {
        let (client, push) = (bench.client.clone(), bench.push_of(&format!("2547083741{number:02}"), 50));
        tokio::spawn(async move { client.push(&push).await.is_ok() })
    });
    for push in pushes.collect::<Vec<_>>() {
        assert!(push.await.expect("no panic"));
    }
    assert_eq!(bench.count("token_requests").await, 2);
}

#[tokio::test]
async fn a_wrong_consumer_secret_sends_nothing() {
    let credentials =
        Credentials { consumer_secret: SecretString::from("wrong"), ..Credentials::simulator() };
    let bench = Bench::with(options(&clock()), credentials).await;
    let error = bench.client.check_token().await.expect_err("no token");
    assert_eq!(error.certainty(), Certainty::NotSent);
    assert_eq!(
        error.to_string(),
        "not sent to Safaricom: no token: HTTP 400: the consumer key or secret is wrong"
    );
    assert_eq!(bench.push().await.expect_err("no token").certainty(), Certainty::NotSent);
    assert_eq!(bench.client.query("ws_CO_1").await.expect_err("no token").certainty(), Certainty::NotSent);
    assert_eq!(bench.count("pushes").await, 0);
}
