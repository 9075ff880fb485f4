//! The addresses of visitors are kept no longer than they are counted, and are counted by the widest network
//! that one customer has.

use reqwest::StatusCode;
use serde_json::json;

use super::super::harness::{TestApp, both};
use super::stranger::{PROXY, PUBLIC};

const COUNTED: &str = "SELECT COUNT(*) FROM attempts WHERE made_at > (SELECT MAX(created_at) FROM people)";

both! {
    with [PROXY, PUBLIC, ("PUSH_LIMIT_ADDRESS", "2"), ("PUSH_LIMIT_BUYER", "0"), ("PUSH_LIMIT_PHONE", "0")];

    async fn an_address_is_forgotten_after_a_day(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        app.advance(1);
        buyer.start(&app, tip).await;
        app.advance(23 * 3_600);
        let purge = async || app.running.state.people.purge_attempts().await.expect("done");
        purge().await;
        assert_eq!(app.count(COUNTED).await, 1, "it is counted for an hour");
        app.advance(3 * 3_600);
        purge().await;
        assert_eq!((app.count(COUNTED).await, app.count("SELECT COUNT(*) FROM payments").await), (0, 1));
        app.books_are_right().await;
    }

    async fn prompts_from_the_networks_of_one_customer_are_counted_together(app: TestApp) {
        let (tipster, _, buyer) = app.shop().await;
        let ask = async |number: usize, address: &str| {
            let tip = app.tip(&tipster, 1, 10).await;
            let form = json!({ "tip_id": tip, "phone_number": format!("0110{number:06}") });
            let asked = buyer.http.post(app.at("/payments/api/initiate-tip-payment/")).header("x-forwarded-for", address).json(&form);
            asked.send().await.expect("an answer").status()
        };
        let mut answers = Vec::new();
        for number in 0..10 {
            // Each try comes from another /56 of one /48, which may do four times as much as one address.
            answers.push(ask(number, &format!("2001:db8:7:{number:x}00::1")).await);
        }
        assert_eq!(answers, [[StatusCode::OK; 8].as_slice(), &[StatusCode::TOO_MANY_REQUESTS; 2]].concat());
        assert_eq!(ask(10, "2001:db8:9::1").await, StatusCode::OK);
        // A prompt that never reached a phone does not count.
        for number in 20..24 {
            app.fault("refuse", json!("400.002.02")).await;
            assert_eq!(ask(number, "203.0.113.9").await, StatusCode::BAD_GATEWAY);
        }
        for number in 30..33 {
            let wanted = if number < 32 { StatusCode::OK } else { StatusCode::TOO_MANY_REQUESTS };
            assert_eq!(ask(number, "203.0.113.9").await, wanted);
        }
        app.advance(3_601);
        assert_eq!(ask(40, "203.0.113.9").await, StatusCode::OK);
    }
}
