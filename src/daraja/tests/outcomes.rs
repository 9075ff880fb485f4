//! What each answer on a phone leads to: one callback, the money, the message, and what a query says after
//! it.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::json;

use super::bench::{Bench, PHONE, clock, options};
use crate::daraja::simulator::Autopilot;
use crate::daraja::{CodeClass, Credentials};
use crate::types::Kes;

#[tokio::test]
async fn paying_moves_the_money_once_and_says_so_everywhere() {
    let bench = Bench::new().await;
    let accepted = bench.push().await.expect("accepted");
    assert_eq!(bench.answer(&accepted.checkout_request_id, "pay").await, StatusCode::OK);
    let callback = bench.receiver.wait_for_one().await;
    assert_eq!(callback.checkout_request_id.as_ref(), Some(&accepted.checkout_request_id));
    assert_eq!(callback.merchant_request_id.as_ref(), Some(&accepted.merchant_request_id));
    assert_eq!(callback.result.as_ref().map(crate::daraja::ResultCode::class), Some(CodeClass::Success));
    assert_eq!(callback.amount, Some(Kes::from_cents(5_000)));
    let receipt = callback.receipt.expect("a receipt");
    assert!(receipt.starts_with("UJ2"), "{receipt}");
    assert_eq!(bench.receiver.headers()["Content-Type"], "application/json;charset=UTF-8");
    assert_eq!(bench.receiver.headers()["BusinessShortCode"], "174379");

    let phone = bench.get("/phones/0708374149").await;
    assert_eq!(phone["balance"], "9950.00");
    let text = phone["sms"][0]["text"].as_str().expect("a message");
    assert!(
        text.starts_with(&format!("{receipt} Confirmed. Ksh50.00 sent to LIGISOO for account LG7K2M9QX4TB")),
        "{text}"
    );

    for answer in ["pay", "cancel", "ignore"] {
        assert_eq!(bench.answer(&accepted.checkout_request_id, answer).await, StatusCode::CONFLICT);
    }
    assert_eq!(bench.balance().await, "9950.00");
    let answer = bench.client.query(&accepted.checkout_request_id).await.expect("an answer");
    assert_eq!(answer.result.class(), CodeClass::Success);
}

#[tokio::test]
async fn every_other_answer_has_its_code_and_takes_nothing() {
    for (answer, code) in [("wrong_pin", "2001"), ("no_money", "1"), ("cancel", "1032")] {
        let bench = Bench::new().await;
        let id = bench.ring().await;
        bench.answer(&id, answer).await;
        let callback = bench.receiver.wait_for_one().await;
        assert_eq!(
            callback.result.as_ref().map(|code| code.as_str().to_owned()),
            Some(code.to_owned()),
            "{answer}"
        );
        assert_eq!((callback.amount, callback.receipt), (None, None));
        assert_eq!(bench.balance().await, "10000.00");
        assert_eq!(bench.client.query(&id).await.expect("an answer").result.as_str(), code);
    }
}

#[tokio::test]
async fn an_ignored_prompt_ends_with_its_life() {
    let bench = Bench::new().await;
    let id = bench.ring().await;
    assert_eq!(bench.answer(&id, "ignore").await, StatusCode::OK);
    assert_eq!(bench.get("/prompts").await, json!([]));
    bench.receiver.settle().await;
    assert_eq!(bench.receiver.count(), 0);
    assert!(bench.push().await.is_err(), "the phone stays locked");
    bench.clock.advance(Duration::from_mins(1));
    assert_eq!(
        bench.receiver.wait_for_one().await.result.map(|code| code.to_string()),
        Some("1037".to_owned())
    );
}

#[tokio::test]
async fn a_prompt_that_nobody_touches_ends_with_its_life_too() {
    let bench = Bench::new().await;
    let id = bench.ring().await;
    bench.clock.advance(Duration::from_secs(61));
    assert_eq!(bench.answer(&id, "pay").await, StatusCode::CONFLICT, "too late");
    assert_eq!(
        bench.receiver.wait_for_one().await.result.map(|code| code.to_string()),
        Some("1037".to_owned())
    );
    assert_eq!(bench.balance().await, "10000.00");
}

#[tokio::test]
async fn paying_without_enough_money_is_code_1() {
    let bench = Bench::new().await;
    let (status, _) =
        bench.call(Method::PUT, &format!("/phones/{PHONE}"), json!({ "balance": "49.99" })).await;
    assert_eq!(status, StatusCode::OK);
    let id = bench.ring().await;
    bench.answer(&id, "pay").await;
    assert_eq!(bench.receiver.wait_for_one().await.result.map(|code| code.to_string()), Some("1".to_owned()));
    assert_eq!(bench.balance().await, "49.99");
}

#[tokio::test]
async fn twenty_answers_at_once_debit_once() {
    let bench = Bench::new().await;
    let id = bench.ring().await;
    let answers = futures_of(20, || bench.answer(&id, "pay")).await;
    assert_eq!(answers.iter().filter(|status| **status == StatusCode::OK).count(), 1);
    bench.receiver.wait_for_one().await;
    assert_eq!(bench.balance().await, "9950.00");
}

/// Runs the same future `count` times at once.
async fn futures_of<F: Future>(count: usize, make: impl Fn() -> F) -> Vec<F::Output> {
    let mut futures: Vec<_> = (0..count).map(|_| Box::pin(make())).collect();
    let mut outputs = Vec::new();
    std::future::poll_fn(|context| {
        futures.retain_mut(|future| match future.as_mut().poll(context) {
            std::task::Poll::Ready(output) => {
                outputs.push(output);
                false
            }
            std::task::Poll::Pending => true,
        });
        if futures.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    outputs
}

#[tokio::test]
async fn the_right_pin_pays_and_a_wrong_one_does_not() {
    for (pin, code) in [("1234", "0"), ("0000", "2001"), ("", "2001")] {
        let bench = Bench::new().await;
        let id = bench.ring().await;
        bench.call(Method::POST, &format!("/prompts/{id}"), json!({ "answer": "pay", "pin": pin })).await;
        assert_eq!(
            bench.receiver.wait_for_one().await.result.map(|code| code.to_string()),
            Some(code.to_owned()),
            "{pin}"
        );
    }
}

#[tokio::test]
async fn an_autopilot_answers_by_itself() {
    let mut options = options(&clock());
    options.autopilot = Some("pay:20ms".parse::<Autopilot>().expect("an autopilot"));
    let bench = Bench::with(options, Credentials::simulator()).await;
    bench.ring().await;
    assert!(bench.receiver.wait_for_one().await.receipt.is_some());
}

#[tokio::test]
async fn a_restart_keeps_money_messages_and_outcomes() {
    let folder = std::env::temp_dir().join(format!("ligisoo-simulator-{}-{}", std::process::id(), line!()));
    let clock = clock();
    let mut options = options(&clock);
    options.state_file = Some(folder.join("simulator.json"));
    let first = Bench::with(options.clone(), Credentials::simulator()).await;
    let paid = first.ring().await;
    first.answer(&paid, "pay").await;
    first.receiver.wait_for_one().await;
    let open = first.ring().await;
    first.simulator.stop().await;

    let second = Bench::with(options, Credentials::simulator()).await;
    assert_eq!(second.balance().await, "9950.00");
    assert_eq!(second.get(&format!("/phones/{PHONE}")).await["sms"].as_array().map(Vec::len), Some(1));
    assert_eq!(second.client.query(&paid).await.expect("an answer").result.class(), CodeClass::Success);
    assert_eq!(second.answer(&open, "cancel").await, StatusCode::OK);
    second.simulator.stop().await;
    std::fs::remove_dir_all(folder).expect("the folder goes");
}
