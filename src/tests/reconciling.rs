//! Callbacks that never came, and what a query may and may not decide.

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::harness::phone::success;
use super::harness::{TestApp, both, text};

both! {
    async fn a_lost_callback_is_found_without_a_browser(app: TestApp) {
        let (tipster, tip, buyer) = app.shop().await;
        let started = buyer.start(&app, tip).await;
        let url = app.callback_url(&started).await;
        app.fault("lose_callback", Value::Null).await;
        app.answer(text(&started, "checkout_request_id"), "pay").await;
        assert_eq!(app.reconcile().await, 0, "nothing is asked before 35 s");
        app.advance(35);
        assert_eq!(app.reconcile().await, 1);
        let paid = buyer.status(&app, text(&started, "payment_id")).await;
        assert_eq!((text(&paid, "status"), text(&paid, "outcome")), ("completed", "unlocked"));
        assert_eq!(paid["mpesa_receipt_number"], Value::Null, "a query knows no receipt");
        assert_eq!(app.balances(&tipster).await.0, 3_000);
        // The callback comes late: it adds the receipt and books nothing.
        assert_eq!(app.post_callback(&url, success(&started, &json!(50), "UKN1AB2CD3").to_string()).await, StatusCode::OK);
        let filled = buyer.status(&app, text(&started, "payment_id")).await;
        assert_eq!(text(&filled, "mpesa_receipt_number"), "UKN1AB2CD3");
        assert_eq!(app.balances(&tipster).await.0, 3_000);
        app.books_are_right().await;
    }

    async fn a_final_code_counts_only_when_the_push_is_old(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        let started = buyer.start(&app, tip).await;
        app.fault("lose_callback", Value::Null).await;
        app.answer(text(&started, "checkout_request_id"), "cancel").await;
        for (step, asked, status) in [(35, 1, "pending"), (25, 1, "pending"), (60, 1, "pending"), (65, 1, "cancelled"), (600, 0, "cancelled")] {
            app.advance(step);
            assert_eq!(app.reconcile().await, asked, "after {step} more seconds");
            assert_eq!(text(&buyer.status(&app, text(&started, "payment_id")).await, "status"), status, "after {step} more seconds");
        }
        assert_eq!(app.count("SELECT COUNT(*) FROM mpesa_events WHERE source = 'query' AND kind = 'too_early'").await, 3);
    }

    async fn an_unanswered_query_is_no_evidence(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        let started = buyer.start(&app, tip).await;
        app.faults(json!({}), "query_says", json!("4999"), 20).await;
        app.fault("lose_callback", Value::Null).await;
        for step in [35, 25, 60, 65, 115, 600, 2_700, 10_800, 28_800, 43_200] {
            app.advance(step);
            assert_eq!(app.reconcile().await, 1, "the ladder's next step");
            assert_eq!(text(&buyer.status(&app, text(&started, "payment_id")).await, "status"), "pending");
        }
        app.advance(86_400);
        assert_eq!(app.reconcile().await, 0, "then it is the operator's");
        assert_eq!(text(&buyer.status(&app, text(&started, "payment_id")).await, "status"), "pending", "no timer ends a payment");
    }

    async fn an_outage_uses_up_no_step_of_the_ladder(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        let started = buyer.start(&app, tip).await;
        app.fault("lose_callback", Value::Null).await;
        app.answer(text(&started, "checkout_request_id"), "pay").await;
        // A day passes, which is longer than the schedule of queries.
        app.faults(json!({ "endpoint": "query" }), "lose_answer", Value::Null, 6).await;
        for step in [35, 60, 3_600, 14_400, 43_200, 86_400] {
            app.advance(step);
            assert_eq!(app.reconcile().await, 1, "asked after {step} more seconds");
            assert_eq!(app.reconcile().await, 0, "and not at once again");
        }
        assert_eq!(app.count("SELECT check_count FROM payments").await, 0);
        // The rest after so many failures is a minute and up to a fifth.
        app.advance(72);
        assert_eq!(app.reconcile().await, 1);
        assert_eq!(text(&buyer.status(&app, text(&started, "payment_id")).await, "status"), "completed");
    }

    async fn a_hint_asks_sooner_but_not_before_its_time(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        let started = buyer.start(&app, tip).await;
        let bare = app.at("/payments/api/callback/").to_string();
        app.advance(36);
        assert_eq!(app.reconcile().await, 1);
        app.fault("lose_callback", Value::Null).await;
        app.answer(text(&started, "checkout_request_id"), "pay").await;
        assert_eq!(app.reconcile().await, 0, "the next step is at 60 s");
        app.post_callback(&bare, success(&started, &json!(50), "UKN1AB2CD3").to_string()).await;
        assert_eq!(app.reconcile().await, 1, "the hint");
        let paid = buyer.status(&app, text(&started, "payment_id")).await;
        assert_eq!(text(&paid, "status"), "completed");
        assert_eq!(paid["mpesa_receipt_number"], Value::Null, "nothing of the forged body was believed");
    }

    async fn a_share_is_released_when_two_sources_agree(app: TestApp) {
        let (tipster, tip, buyer) = app.shop().await;
        let started = buyer.start(&app, tip).await;
        app.answer(text(&started, "checkout_request_id"), "pay").await;
        buyer.until_status(&app, text(&started, "payment_id"), "completed").await;
        let payments = &app.running.state.payments;
        // The last kick-off is in four hours, and the hold takes two days more.
        app.advance(53 * 3600);
        assert_eq!(payments.release_due().await.expect("a round"), 0, "one source is not enough");
        assert_eq!(app.reconcile().await, 1, "the second source is asked");
        assert_eq!(payments.release_due().await.expect("a round"), 1);
        assert_eq!(payments.release_due().await.expect("a round"), 0, "once");
        assert_eq!(app.balances(&tipster).await, (0, 3_000));
        app.books_are_right().await;
    }

    async fn a_query_does_not_clear_a_doubt(app: TestApp) {
        let (tipster, tip, buyer) = app.shop().await;
        let started = buyer.start(&app, tip).await;
        let url = app.callback_url(&started).await;
        app.fault("lose_callback", Value::Null).await;
        app.answer(text(&started, "checkout_request_id"), "pay").await;
        app.post_callback(&url, success(&started, &json!(1), "UKN1AB2CD3").to_string()).await;
        app.advance(36);
        assert_eq!(app.reconcile().await, 1);
        let reviewed = buyer.status(&app, text(&started, "payment_id")).await;
        assert_eq!((text(&reviewed, "status"), text(&reviewed, "outcome")), ("pending", "review"));
        assert_eq!(app.balances(&tipster).await.0, 0);
    }

    async fn a_stored_callback_is_settled_later(app: TestApp) {
        let (tipster, tip, buyer) = app.shop().await;
        let started = buyer.start(&app, tip).await;
        let body = success(&started, &json!(50), "UKN1AB2CD3").to_string();
        let payment: crate::types::PaymentId = text(&started, "payment_id").parse().expect("an id");
        let now = app.clock.now();
        let stored: Result<(), crate::platform::db::Failure> = crate::platform::db::transaction!(app.db, |tx| {
            use crate::mpesa::store::bodies::{CallbackPath, Mark, NewBody, insert};
            let id = crate::types::CallbackId(crate::platform::random::Random::System.uuid(now));
            let subject = crate::payments::subject(payment);
            Ok(insert(tx, &NewBody { id, subject, path: CallbackPath::Token, is_from_elsewhere: false, body: body.as_bytes(), received_at: now, processed_at: None, mark: Mark::default() }).await.map(|_| ())?)
        });
        stored.expect("stored");
        app.reconcile().await;
        assert_eq!(text(&buyer.status(&app, text(&started, "payment_id")).await, "status"), "completed");
        app.reconcile().await;
        assert_eq!(app.balances(&tipster).await.0, 3_000);
        assert_eq!(app.count("SELECT COUNT(*) FROM callbacks WHERE processed_at IS NULL").await, 0);
        app.books_are_right().await;
    }
}
