//! What Safaricom, or somebody who pretends to be Safaricom, may post to us.

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::harness::phone::{failure, success};
use super::harness::{Person, TestApp, both, text};
use crate::types::TipId;

/// A started payment and the address for its callbacks. Its prompt is not answered.
async fn started(app: &TestApp) -> (Person, TipId, Person, Value, String) {
    let (tipster, tip, buyer) = app.shop().await;
    let started = buyer.start(app, tip).await;
    let url = app.callback_url(&started).await;
    (tipster, tip, buyer, started, url)
}

async fn status(app: &TestApp, buyer: &Person, started: &Value) -> Value {
    buyer.status(app, text(started, "payment_id")).await
}

both! {
    async fn the_same_success_twenty_at_once(app: TestApp) {
        let (tipster, _, buyer, started, url) = started(&app).await;
        let body = success(&started, &json!(50), "UKN1AB2CD3").to_string();
        let posts = (0..20).map(|_| {
            let (http, url, body) = (app.http.clone(), url.clone(), body.clone());
            tokio::spawn(async move { http.post(url).body(body).send().await.expect("an answer").status() })
        });
        for post in posts.collect::<Vec<_>>() {
            assert_eq!(post.await.expect("no panic"), StatusCode::OK);
        }
        let paid = status(&app, &buyer, &started).await;
        assert_eq!((text(&paid, "status"), text(&paid, "outcome")), ("completed", "unlocked"));
        assert_eq!(app.balances(&tipster).await, (3_000, 0), "one credit");
        assert_eq!(app.count("SELECT COUNT(*) FROM purchases").await, 1);
        assert_eq!(app.count("SELECT COUNT(*) FROM transfers").await, 1);
        assert_eq!(app.count("SELECT COUNT(*) FROM callbacks").await, 20, "each body is kept");
        let completed_at = paid["completed_at"].clone();
        app.advance(60);
        assert_eq!(app.post_callback(&url, body).await, StatusCode::OK);
        assert_eq!(status(&app, &buyer, &started).await["completed_at"], completed_at);
        app.books_are_right().await;
    }

    async fn a_wrong_token_is_not_found_and_not_stored(app: TestApp) {
        let (_, _, buyer, started, url) = started(&app).await;
        let body = success(&started, &json!(50), "UKN1AB2CD3").to_string();
        let wrong = format!("{}{}", &url[..url.len() - 4], "0000");
        for url in [wrong.as_str(), app.at("/payments/api/callback/short").as_str(), app.at("/payments/api/callback/%F0%9F%92%A5").as_str()] {
            assert_eq!(app.post_callback(url, body.clone()).await, StatusCode::NOT_FOUND, "{url}");
        }
        assert_eq!(text(&status(&app, &buyer, &started).await, "status"), "pending");
        assert_eq!(app.count("SELECT COUNT(*) FROM callbacks").await, 0);
    }

    async fn what_cannot_be_stored_is_to_be_sent_again(app: TestApp) {
        let (_, _, _, started, url) = started(&app).await;
        app.db.close().await;
        let posted = app.post_callback(&url, success(&started, &json!(50), "UKN1AB2CD3").to_string()).await;
        assert_eq!(posted, StatusCode::SERVICE_UNAVAILABLE);
    }

    async fn the_bare_path_settles_nothing(app: TestApp) {
        let (tipster, _, buyer, started, _) = started(&app).await;
        let body = success(&started, &json!(50), "UKN1AB2CD3").to_string();
        let bare = app.at("/payments/api/callback/").to_string();
        let kept = "SELECT COUNT(*) FROM callbacks WHERE path = 'bare'";
        assert_eq!(app.post_callback(&bare, body.clone()).await, StatusCode::OK);
        assert_eq!(app.count(kept).await, 0, "the first query comes soon by itself");
        app.advance(36);
        assert_eq!(app.reconcile().await, 1);
        for _ in 0..5 {
            assert_eq!(app.post_callback(&bare, body.clone()).await, StatusCode::OK);
        }
        for junk in ["", "{}", "[]", "null", "\u{0}"] {
            assert_eq!(app.post_callback(&bare, junk).await, StatusCode::OK, "{junk:?}");
        }
        assert_eq!(text(&status(&app, &buyer, &started).await, "status"), "pending");
        assert_eq!(app.balances(&tipster).await, (0, 0));
        assert_eq!(app.count(kept).await, 1, "kept once per payment");
    }

    async fn another_amount_goes_to_a_person(app: TestApp) {
        let (tipster, _, buyer, started, url) = started(&app).await;
        for amount in [json!(1), json!(49.99), json!("500"), json!(-50), json!("fifty"), Value::Null] {
            assert_eq!(app.post_callback(&url, success(&started, &amount, "UKN1AB2CD3").to_string()).await, StatusCode::OK);
        }
        let reviewed = status(&app, &buyer, &started).await;
        assert_eq!((text(&reviewed, "status"), text(&reviewed, "outcome")), ("pending", "review"));
        assert_eq!(app.balances(&tipster).await, (0, 0));
        // A failure does not end a payment that a person must look at, but a fully matching success does.
        app.post_callback(&url, failure(&started, &json!(1032)).to_string()).await;
        assert_eq!(text(&status(&app, &buyer, &started).await, "status"), "pending");
        app.post_callback(&url, success(&started, &json!("50.00"), "UKN1AB2CD4").to_string()).await;
        let paid = status(&app, &buyer, &started).await;
        assert_eq!((text(&paid, "status"), text(&paid, "outcome")), ("completed", "unlocked"));
        app.books_are_right().await;
    }

    async fn another_payments_ids_go_to_a_person(app: TestApp) {
        let (tipster, _, buyer, started, url) = started(&app).await;
        let other_tip = app.tip(&tipster, 2, 50).await;
        let other = app.buyer("0712000555").await;
        let others = other.start(&app, other_tip).await;
        app.post_callback(&url, success(&others, &json!(50), "UKN1AB2CD3").to_string()).await;
        let reviewed = status(&app, &buyer, &started).await;
        assert_eq!((text(&reviewed, "status"), text(&reviewed, "outcome")), ("pending", "review"));
        assert_eq!(text(&status(&app, &other, &others).await, "status"), "pending", "the other one is not touched");
    }

    async fn one_receipt_settles_one_payment(app: TestApp) {
        let (tipster, _, buyer, first, url) = started(&app).await;
        let other_tip = app.tip(&tipster, 2, 50).await;
        let other = app.buyer("0712000555").await;
        let second = other.start(&app, other_tip).await;
        let second_url = app.callback_url(&second).await;
        app.post_callback(&url, success(&first, &json!(50), "UKN1AB2CD3").to_string()).await;
        app.post_callback(&second_url, success(&second, &json!(50), "UKN1AB2CD3").to_string()).await;
        assert_eq!(text(&status(&app, &buyer, &first).await, "status"), "completed");
        let reviewed = status(&app, &other, &second).await;
        assert_eq!((text(&reviewed, "status"), text(&reviewed, "outcome")), ("pending", "review"));
        app.books_are_right().await;
    }

    async fn success_after_cancel_heals(app: TestApp) {
        let (tipster, _, buyer, started, url) = started(&app).await;
        app.post_callback(&url, failure(&started, &json!("1032")).to_string()).await;
        assert_eq!(text(&status(&app, &buyer, &started).await, "status"), "cancelled");
        app.post_callback(&url, success(&started, &json!(50), "UKN1AB2CD3").to_string()).await;
        let healed = status(&app, &buyer, &started).await;
        assert_eq!((text(&healed, "status"), text(&healed, "outcome")), ("completed", "unlocked"));
        assert_eq!(app.balances(&tipster).await.0, 3_000);
        app.books_are_right().await;
    }

    async fn nothing_leaves_completed(app: TestApp) {
        let (tipster, _, buyer, started, url) = started(&app).await;
        app.post_callback(&url, success(&started, &json!(50), "UKN1AB2CD3").to_string()).await;
        for code in [json!(1032), json!(1), json!("2001"), json!(9999)] {
            assert_eq!(app.post_callback(&url, failure(&started, &code).to_string()).await, StatusCode::OK);
        }
        let paid = status(&app, &buyer, &started).await;
        assert_eq!((text(&paid, "status"), text(&paid, "outcome")), ("completed", "unlocked"));
        // A second receipt is money of its own, and no doubt about the first.
        app.post_callback(&url, success(&started, &json!(50), "UKN1ZZZZZZ").to_string()).await;
        assert_eq!(app.count("SELECT COUNT(*) FROM payments WHERE review_reason IS NULL AND receipt = 'UKN1AB2CD3'").await, 1);
        assert_eq!(app.count("SELECT COUNT(*) FROM debts WHERE receipt = 'UKN1ZZZZZZ'").await, 1);
        assert_eq!(app.balances(&tipster).await.0, 3_000);
        app.books_are_right().await;
    }

    async fn codes_and_metadata_in_any_shape(app: TestApp) {
        let tipster = app.tipster().await;
        let shapes: [fn(&mut Value); 4] = [
            |body| body["Body"]["stkCallback"]["ResultCode"] = json!("0"),
            |body| body["Body"]["stkCallback"]["CallbackMetadata"]["Item"].as_array_mut().expect("items").reverse(),
            |body| body["Body"]["stkCallback"]["CallbackMetadata"]["Item"][0]["Value"] = json!(50.0),
            |body| body["Body"]["stkCallback"]["CallbackMetadata"]["Item"][4]["Value"] = json!("254712***678"),
        ];
        for (at, shape) in shapes.into_iter().enumerate() {
            let tip = app.tip(&tipster, 3, 50).await;
            let buyer = app.buyer(&format!("071200030{at}")).await;
            let started = buyer.start(&app, tip).await;
            let mut body = success(&started, &json!(50), &format!("UKN1AB2CD{at}"));
            shape(&mut body);
            let bytes = [b"\xef\xbb\xbf".as_slice(), body.to_string().as_bytes()].concat();
            assert_eq!(app.post_callback(&app.callback_url(&started).await, bytes).await, StatusCode::OK);
            assert_eq!(text(&status(&app, &buyer, &started).await, "status"), "completed", "shape {at}");
        }
        app.books_are_right().await;
    }

    async fn what_is_no_evidence_changes_nothing(app: TestApp) {
        let (tipster, _, buyer, started, url) = started(&app).await;
        let mut without_code = success(&started, &json!(50), "UKN1AB2CD3");
        without_code["Body"]["stkCallback"].as_object_mut().expect("an object").remove("ResultCode");
        let mut without_metadata = success(&started, &json!(50), "UKN1AB2CD3");
        without_metadata["Body"]["stkCallback"]["CallbackMetadata"] = Value::Null;
        let mut with_nul = failure(&started, &json!(77_777));
        with_nul["Body"]["stkCallback"]["ResultDesc"] = json!("zero \u{0} inside");
        let long = failure(&started, &json!("x".repeat(5_000)));
        let bodies: Vec<Vec<u8>> = vec![
            without_code.to_string().into_bytes(),
            without_metadata.to_string().into_bytes(),
            with_nul.to_string().into_bytes(),
            long.to_string().into_bytes(),
            failure(&started, &json!(4999)).to_string().into_bytes(),
            success(&started, &json!(50), "").to_string().into_bytes(),
            b"{}".to_vec(),
            b"[]".to_vec(),
            b"null".to_vec(),
            b"".to_vec(),
            br#"{"Body":null}"#.to_vec(),
            br#"{"Body":{"stkCallback":[]}}"#.to_vec(),
            vec![0xff, 0xfe, 0x00, 0x01],
            vec![b'['; 100_000],
        ];
        for body in bodies {
            let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
            assert_eq!(app.post_callback(&url, body).await, StatusCode::OK, "{shown}");
            let now = status(&app, &buyer, &started).await;
            assert_eq!(text(&now, "status"), "pending", "{shown}");
        }
        assert_eq!(app.post_callback(&url, vec![b' '; 1024 * 1024]).await, StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(app.balances(&tipster).await, (0, 0));
        app.post_callback(&url, success(&started, &json!(50), "UKN1AB2CD3").to_string()).await;
        assert_eq!(text(&status(&app, &buyer, &started).await, "status"), "completed");
    }

    async fn facts_are_never_changed(app: TestApp) {
        let (_, tip, _, started, url) = started(&app).await;
        app.post_callback(&url, success(&started, &json!(50), "UKN1AB2CD3").to_string()).await;
        for statement in [
            "UPDATE mpesa_events SET kind = 'x' WHERE 1 = $1 OR TRUE",
            "DELETE FROM mpesa_events WHERE 1 = $1 OR TRUE",
            "UPDATE entries SET amount_cents = 1 WHERE 1 = $1 OR TRUE",
            "DELETE FROM entries WHERE 1 = $1 OR TRUE",
            "DELETE FROM transfers WHERE 1 = $1 OR TRUE",
        ] {
            let refused: Result<(), crate::platform::db::Failure> = crate::platform::db::transaction!(app.db, |tx| {
                Ok(crate::platform::db::on!(tx, |c| sqlx::query(statement).bind(tip).execute(c).await.map(|_| ()))?)
            });
            assert!(refused.expect_err("refused").to_string().contains("append-only"), "{statement}");
        }
    }
}
