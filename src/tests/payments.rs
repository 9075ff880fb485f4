//! A payment from the press of the button to the unlocked tip, and every way to press.

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::harness::phone::success;
use super::harness::{BET_CODE, Person, TestApp, both, text};

both! {
    async fn a_tip_is_paid_and_unlocked(app: TestApp) {
        let (tipster, tip, buyer) = app.shop().await;
        let (_, before) = buyer.page(&app, &format!("/tips/{tip}")).await;
        assert!(!before.contains(BET_CODE) && !before.contains("Secretpick"), "paid content before payment");

        let started = buyer.start(&app, tip).await;
        assert_eq!(text(&started, "status"), "pending");
        assert_eq!(text(&started, "amount"), "50.00");
        assert_eq!(text(&started, "tip_code"), "••••••");
        let prompt = app.prompt_of(text(&started, "checkout_request_id")).await;
        assert_eq!(text(&prompt, "phone_number"), "254712345678");
        app.answer(text(&started, "checkout_request_id"), "pay").await;

        let paid = buyer.until_status(&app, text(&started, "payment_id"), "completed").await;
        assert_eq!(text(&paid, "outcome"), "unlocked");
        assert_eq!(text(&paid, "mpesa_receipt_number").len(), 10);
        assert_eq!(text(&prompt, "account_reference").len(), 12);
        assert_eq!(app.balance("254712345678").await, "9950.00");
        let (_, after) = buyer.page(&app, &format!("/tips/{tip}")).await;
        assert!(after.contains(BET_CODE) && after.contains("Secretpick"), "the tip is unlocked");
        assert_eq!(app.balances(&tipster).await, (3_000, 0), "60 % is held");
        app.books_are_right().await;
    }

    async fn the_status_is_the_payers_own(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        let started = buyer.start(&app, tip).await;
        let by_checkout = buyer.status(&app, text(&started, "checkout_request_id")).await;
        assert_eq!(by_checkout["payment_id"], started["payment_id"]);
        assert_eq!(by_checkout["mpesa_receipt_number"], Value::Null);
        assert_eq!(by_checkout["can_send_again"], json!(false));
        let other = app.buyer("0712000777").await;
        for (http, wanted) in [(&other.http, StatusCode::NOT_FOUND), (&app.http, StatusCode::UNAUTHORIZED)] {
            let path = format!("/payments/api/status/{}/", text(&started, "payment_id"));
            assert_eq!(http.get(app.at(&path)).send().await.expect("an answer").status(), wanted);
        }
        let unknown = buyer.http.get(app.at("/payments/api/status/nothing/")).send().await.expect("an answer");
        assert_eq!(unknown.status(), StatusCode::NOT_FOUND);
    }

    async fn odd_ids_and_cursors_are_not_found(app: TestApp) {
        let buyer = app.buyer("0712345678").await;
        for path in ["/payments/api/status/%00/", "/payments/api/status/%F0%9F%92%A5/", "/payments/%00", "/payments/%20"] {
            assert_eq!(buyer.page(&app, path).await.0, StatusCode::NOT_FOUND, "{path}");
        }
        let state = buyer.http.get(app.at("/api/payments/state?payment_id=%00")).header("accept", "application/json").send().await;
        assert_eq!(state.expect("an answer").status(), StatusCode::NOT_FOUND);
        let odd = "-300000000000000000_00000000-0000-0000-0000-000000000000";
        for cursor in [odd, "x", "1_2", "99999999999999999999_00000000-0000-0000-0000-000000000000", "%00"] {
            assert_eq!(buyer.page(&app, &format!("/purchases?after={cursor}")).await.0, StatusCode::BAD_REQUEST, "{cursor}");
        }
    }

    async fn a_request_that_is_dropped_is_still_noted(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        let press = buyer.http.post(app.at("/payments/api/initiate-tip-payment/")).json(&json!({ "tip_id": tip }));
        app.fault("slow_answer", json!(800)).await;
        press.timeout(std::time::Duration::from_millis(400)).send().await.expect_err("given up before Safaricom answers");
        app.until("accepted", || async { app.count("SELECT COUNT(*) FROM payments WHERE push = 'accepted'").await == 1 }).await;
    }

    async fn wrong_requests_get_clear_answers(app: TestApp) {
        let (tipster, tip, buyer) = app.shop().await;
        for body in [json!({}), json!([]), json!({ "tip_id": "abc" }), json!({ "tip_id": null }), json!({ "tip_id": tip, "phone_number": "12" })] {
            let answer = buyer.initiate(&app, &body).await;
            assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{body}");
            assert!(answer.json::<Value>().await.expect("JSON")["error"].is_string());
        }
        let broken = buyer.http.post(app.at("/payments/api/initiate-tip-payment/")).header("content-type", "application/json").body("{\"tip_id\"");
        assert_eq!(broken.send().await.expect("an answer").status(), StatusCode::BAD_REQUEST);
        assert_eq!(buyer.initiate(&app, &json!({ "tip_id": 999_999 })).await.status(), StatusCode::NOT_FOUND);
        let nobody = app.http.post(app.at("/payments/api/initiate-tip-payment/")).json(&json!({ "tip_id": tip })).send().await.expect("an answer");
        assert_eq!(nobody.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(tipster.initiate(&app, &json!({ "tip_id": tip })).await.status(), StatusCode::CONFLICT, "a tipster who does not buy");
        let both_roles = Person::register(&app, "0733000009", "Both Roles", &["buyer", "tipster"]).await;
        let own = app.tip(&both_roles, 1, 20).await;
        assert_eq!(both_roles.initiate(&app, &json!({ "tip_id": own })).await.status(), StatusCode::CONFLICT, "one's own tip");
        assert_eq!(app.prompts().await.len(), 0, "nobody's phone rang");
    }

    async fn a_second_press_joins_the_first(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        let presses = (0..12).map(|_| {
            let (http, url) = (buyer.http.clone(), app.at("/payments/api/initiate-tip-payment/"));
            tokio::spawn(async move { http.post(url).json(&json!({ "tip_id": tip })).send().await.expect("an answer") })
        });
        let mut ids = Vec::new();
        for press in presses.collect::<Vec<_>>() {
            let answer = press.await.expect("no panic");
            assert_eq!(answer.status(), StatusCode::OK);
            ids.push(answer.json::<Value>().await.expect("JSON")["payment_id"].clone());
        }
        ids.dedup();
        assert_eq!(ids.len(), 1, "one payment");
        assert_eq!(app.prompts().await.len(), 1, "one prompt");
    }

    async fn another_number_waits_for_the_first(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        let started = buyer.start(&app, tip).await;
        let other = buyer.initiate(&app, &json!({ "tip_id": tip, "phone_number": "0722111222" })).await;
        assert_eq!(other.status(), StatusCode::CONFLICT);
        assert_eq!(other.headers()["retry-after"], "180");
        assert!(other.text().await.expect("words").contains("0712•••678"));
        app.fault("lose_callback", Value::Null).await;
        app.advance(181);
        assert_eq!(buyer.status(&app, text(&started, "payment_id")).await["can_send_again"], json!(true));
        let again = buyer.initiate(&app, &json!({ "tip_id": tip, "phone_number": "0722111222", "send_again": true })).await;
        assert_eq!(again.status(), StatusCode::OK);
        let again: Value = again.json().await.expect("JSON");
        assert_ne!(again["payment_id"], started["payment_id"]);
        assert_eq!(text(&app.prompt_of(text(&again, "checkout_request_id")).await, "phone_number"), "254722111222");
    }

    async fn sent_again_and_both_paid_owes_the_second(app: TestApp) {
        let (tipster, tip, buyer) = app.shop().await;
        let first = buyer.start(&app, tip).await;
        let first_url = app.callback_url(&first).await;
        app.faults(json!({ "phone_number": buyer.phone }), "lose_callback", Value::Null, 1).await;
        app.advance(181);
        let again = json!({ "tip_id": tip, "phone_number": "0722111222", "send_again": true });
        let second: Value = buyer.initiate(&app, &again).await.json().await.expect("JSON");
        app.answer(text(&second, "checkout_request_id"), "pay").await;
        buyer.until_status(&app, text(&second, "payment_id"), "completed").await;
        app.post_callback(&first_url, success(&first, &json!(50), "UKN1AB2CD3").to_string()).await;
        let late = buyer.until_status(&app, text(&first, "payment_id"), "completed").await;
        assert_eq!(text(&late, "outcome"), "owed");
        assert!(text(&late, "reason").contains("0712•••678"), "goes back to the number that paid: {late}");
        assert_eq!(app.balances(&tipster).await.0, 3_000, "one sale");
        assert_eq!(app.count("SELECT COUNT(*) FROM debts WHERE msisdn = '254712345678' AND owed_cents = 5000 AND status = 'payable'").await, 1);
        assert_eq!(app.count("SELECT COUNT(*) FROM payments WHERE open").await, 0);
        app.books_are_right().await;
    }

    async fn early_send_again_joins(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        let started = buyer.start(&app, tip).await;
        let again: Value = buyer.initiate(&app, &json!({ "tip_id": tip, "send_again": true })).await.json().await.expect("JSON");
        assert_eq!(again["payment_id"], started["payment_id"]);
        assert_eq!(app.prompts().await.len(), 1);
    }

    async fn bought_once(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        let started = buyer.start(&app, tip).await;
        app.answer(text(&started, "checkout_request_id"), "pay").await;
        buyer.until_status(&app, text(&started, "payment_id"), "completed").await;
        let again = buyer.initiate(&app, &json!({ "tip_id": tip })).await;
        assert_eq!(again.status(), StatusCode::CONFLICT);
        assert!(again.text().await.expect("words").contains("already"));
    }

    async fn each_answer_of_the_phone_is_told(app: TestApp) {
        let tipster = app.tipster().await;
        for (at, (answer, status, says)) in [("wrong_pin", "failed", "PIN"), ("no_money", "failed", "balance"), ("cancel", "cancelled", "cancelled")].into_iter().enumerate() {
            let tip = app.tip(&tipster, 3, 50).await;
            let buyer = app.buyer(&format!("071200010{at}")).await;
            let started = buyer.start(&app, tip).await;
            app.answer(text(&started, "checkout_request_id"), answer).await;
            let ended = buyer.until_status(&app, text(&started, "payment_id"), status).await;
            assert!(text(&ended, "reason").contains(says), "{answer}: {ended}");
            assert!(text(&ended, "reason").contains("do not pay again"), "{answer}: {ended}");
            assert_eq!(ended["outcome"], Value::Null);
            // The buyer may try again at once.
            let again = buyer.start(&app, tip).await;
            app.answer(text(&again, "checkout_request_id"), "pay").await;
            assert_eq!(text(&buyer.until_status(&app, text(&again, "payment_id"), "completed").await, "outcome"), "unlocked");
        }
        app.books_are_right().await;
    }

    async fn a_refused_push_fails_at_once(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        app.fault("refuse", json!("400.002.02")).await;
        let refused = buyer.initiate(&app, &json!({ "tip_id": tip })).await;
        assert_eq!(refused.status(), StatusCode::BAD_GATEWAY);
        assert!(refused.json::<Value>().await.expect("JSON")["error"].is_string());
        assert_eq!(app.count("SELECT COUNT(*) FROM payments WHERE status = 'failed' AND NOT open AND push = 'not_taken'").await, 1);
        buyer.start(&app, tip).await;
    }

    async fn a_lost_answer_is_unknown_and_still_found(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        app.fault("lose_answer", Value::Null).await;
        let unknown = buyer.initiate(&app, &json!({ "tip_id": tip })).await;
        assert_eq!(unknown.status(), StatusCode::ACCEPTED);
        let unknown: Value = unknown.json().await.expect("JSON");
        assert_eq!(unknown["checkout_request_id"], Value::Null);
        assert_eq!(text(&unknown, "status"), "pending");
        let prompt = app.prompts().await.remove(0);
        app.answer(text(&prompt, "checkout_request_id"), "pay").await;
        let paid = buyer.until_status(&app, text(&unknown, "payment_id"), "completed").await;
        assert_eq!(paid["checkout_request_id"], prompt["checkout_request_id"], "the callback brought the ids");
        app.books_are_right().await;
    }

    async fn sales_close_before_kick_off(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        app.advance(2 * 3600 - 5 * 60);
        let closed = buyer.initiate(&app, &json!({ "tip_id": tip })).await;
        assert_eq!(closed.status(), StatusCode::CONFLICT);
        let (status, page) = buyer.page(&app, &format!("/tips/{tip}")).await;
        assert_eq!(status, StatusCode::OK);
        assert!(!page.contains("action=\"/api/payments/start\""), "no form to pay");
    }

    async fn paid_after_kick_off_is_owed(app: TestApp) {
        let (tipster, tip, buyer) = app.shop().await;
        let started = buyer.start(&app, tip).await;
        let url = app.callback_url(&started).await;
        app.fault("lose_callback", Value::Null).await;
        app.advance(2 * 3600);
        app.post_callback(&url, success(&started, &json!(50), "UKN1AB2CD3").to_string()).await;
        let paid = buyer.until_status(&app, text(&started, "payment_id"), "completed").await;
        assert_eq!(text(&paid, "outcome"), "owed");
        assert_eq!(app.balances(&tipster).await, (0, 0));
        app.books_are_right().await;
    }

    async fn paid_after_withdrawal_is_owed(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        let started = buyer.start(&app, tip).await;
        app.execute("UPDATE tips SET status = 'void' WHERE id = $1", tip).await;
        app.answer(text(&started, "checkout_request_id"), "pay").await;
        assert_eq!(text(&buyer.until_status(&app, text(&started, "payment_id"), "completed").await, "outcome"), "owed");
        app.books_are_right().await;
    }

    async fn one_number_gets_one_prompt_a_minute(app: TestApp) {
        let (tipster, tip, buyer) = app.shop().await;
        buyer.start(&app, tip).await;
        let second = app.tip(&tipster, 2, 30).await;
        let refused = buyer.initiate(&app, &json!({ "tip_id": second })).await;
        assert_eq!(refused.status(), StatusCode::CONFLICT);
        assert_eq!(refused.headers()["retry-after"], "60");
        let victim = app.buyer("0712000888").await;
        let refused = victim.initiate(&app, &json!({ "tip_id": second, "phone_number": buyer.phone })).await;
        assert_eq!(refused.status(), StatusCode::CONFLICT, "whoever asks");
    }

    async fn unanswered_prompts_to_one_number_are_limited(app: TestApp) {
        let (tipster, tip, buyer) = app.shop().await;
        buyer.start(&app, tip).await;
        for press in 1..=3 {
            app.advance(61);
            app.until("the phone is free", || async { app.prompts().await.is_empty() }).await;
            let other = app.tip(&tipster, 2, 30).await;
            let stranger = app.buyer(&format!("071200020{press}")).await;
            let answer = stranger.initiate(&app, &json!({ "tip_id": other, "phone_number": buyer.phone })).await;
            let wanted = if press < 3 { StatusCode::OK } else { StatusCode::TOO_MANY_REQUESTS };
            assert_eq!(answer.status(), wanted, "press {press}");
        }
    }

    async fn the_wallet_and_the_purchases_are_shown(app: TestApp) {
        let (tipster, tip, buyer) = app.shop().await;
        let started = buyer.start(&app, tip).await;
        let (_, pending) = buyer.page(&app, "/purchases").await;
        assert!(pending.contains("Waiting") && pending.contains("0712•••678"), "the open payment is listed");
        app.answer(text(&started, "checkout_request_id"), "pay").await;
        let paid = buyer.until_status(&app, text(&started, "payment_id"), "completed").await;
        let (_, purchases) = buyer.page(&app, "/purchases").await;
        assert!(purchases.contains(text(&paid, "mpesa_receipt_number")), "the receipt is listed");
        let (status, wallet) = tipster.page(&app, "/wallet").await;
        assert_eq!(status, StatusCode::OK);
        assert!(wallet.contains("KES 30") && wallet.contains("KES 50"), "share and price");
        assert!(!wallet.contains("0712"), "buyers are not named");
    }
}
