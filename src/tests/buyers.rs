//! The buyer's side: purchases and receipts, asking us to look again, codes typed by hand, notices, and
//! following.

use chrono::TimeDelta;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use super::harness::phone::success;
use super::harness::{BET_CODE, Person, TestApp, both, text};
use crate::mpesa::events::EvidenceSource;
use crate::payments::evidence::Listed;
use crate::payments::store::lists;
use crate::platform::clock::day;
use crate::types::{Language, PaymentId, TipId};
use lists::Which;

impl Person {
    pub async fn post(&self, app: &TestApp, path: &str, form: &[(&str, &str)]) -> Response {
        self.http.post(app.at(path)).form(form).send().await.expect("an answer")
    }

    /// Pays for a tip, and returns the payment's id.
    pub async fn buy(&self, app: &TestApp, tip: TipId) -> String {
        let started = self.start(app, tip).await;
        app.answer(text(&started, "checkout_request_id"), "pay").await;
        self.until_status(app, text(&started, "payment_id"), "completed").await;
        text(&started, "payment_id").to_owned()
    }
}

async fn in_review(app: &TestApp) -> Vec<PaymentId> {
    let payments = lists::list(&app.db, Which::Review, app.clock.now(), 10).await.expect("a list");
    payments.into_iter().map(|payment| payment.id).collect()
}

/// A payment of `buyer` that was asked about once and is still pending.
async fn pending(app: &TestApp, buyer: &Person, tip: TipId) -> Value {
    app.faults(json!({ "phone_number": buyer.phone }), "lose_callback", json!(null), 1).await;
    let started = buyer.start(app, tip).await;
    app.advance(36);
    app.reconcile().await;
    started
}

both! {
    async fn purchases_show_code_picks_and_result(app: TestApp) {
        let (tipster, tip, buyer) = app.shop().await;
        let other = app.tip(&tipster, 2, 30).await;
        buyer.buy(&app, tip).await;
        let started = buyer.start(&app, other).await;
        app.answer(text(&started, "checkout_request_id"), "cancel").await;
        buyer.until_status(&app, text(&started, "payment_id"), "cancelled").await;
        let (status, page) = buyer.page(&app, "/purchases").await;
        assert_eq!(status, StatusCode::OK);
        assert!(page.contains(&format!("data-copy=\"{BET_CODE}\"")) && page.matches("Secretpick").count() == 3, "the picks of the bought one only");
        assert!(page.contains("KES 50") && page.contains("Cancelled") && page.contains("Receipt to print"));
        app.execute("UPDATE tips SET result = 'won' WHERE id = $1", tip).await;
        app.execute("UPDATE tip_matches SET result = 'won', score = '2-1' WHERE tip_id = $1", tip).await;
        let (_, settled) = buyer.page(&app, "/purchases?show=settled").await;
        assert!(settled.contains("Won") && settled.contains("2-1") && !settled.contains("Cancelled"));
        let (_, open) = buyer.page(&app, "/purchases?show=open").await;
        assert!(open.contains("Nothing here") && !open.contains(BET_CODE));
        let (_, unpaid) = buyer.page(&app, "/purchases?show=unpaid").await;
        assert!(unpaid.contains("Cancelled") && !unpaid.contains(BET_CODE) && unpaid.contains("I paid but see nothing"));
        let stranger = app.buyer("0712000222").await;
        assert!(!stranger.page(&app, "/purchases").await.1.contains(BET_CODE));
    }

    async fn a_receipt_is_its_payers_and_says_nothing_of_the_tip(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        let started = buyer.start(&app, tip).await;
        let path = format!("/purchases/{}/receipt", text(&started, "payment_id"));
        assert_eq!(buyer.page(&app, &path).await.0, StatusCode::CONFLICT, "nothing is paid yet");
        app.answer(text(&started, "checkout_request_id"), "pay").await;
        let paid = buyer.until_status(&app, text(&started, "payment_id"), "completed").await;
        let (status, page) = buyer.page(&app, &path).await;
        assert_eq!(status, StatusCode::OK);
        assert!(page.contains(text(&paid, "mpesa_receipt_number")) && page.contains("KES 50") && page.contains("0712•••678"));
        assert!(page.contains("Baraka Buyer") && page.contains(&format!("number {tip}")));
        for secret in [BET_CODE, "Secretpick", "Secretmarket", "Home0"] {
            assert!(!page.contains(secret), "{secret}");
        }
        let stranger = app.buyer("0712000222").await;
        assert_eq!(stranger.page(&app, &path).await.0, StatusCode::NOT_FOUND);
        assert_eq!(app.http.get(app.at(&path)).send().await.expect("an answer").status(), StatusCode::FOUND);
        let by_checkout = format!("/purchases/{}/receipt", text(&started, "checkout_request_id"));
        assert_eq!(buyer.page(&app, &by_checkout).await.0, StatusCode::NOT_FOUND);
    }

    async fn owed_money_is_named_with_its_date_until_it_is_sent(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        let started = buyer.start(&app, tip).await;
        app.execute("UPDATE tips SET status = 'withdrawn' WHERE id = $1", tip).await;
        app.answer(text(&started, "checkout_request_id"), "pay").await;
        buyer.until_status(&app, text(&started, "payment_id"), "completed").await;
        let due = day(app.clock.now() + TimeDelta::days(3));
        let due = due.as_str(Language::English);
        let (_, page) = buyer.page(&app, "/purchases").await;
        assert!(page.contains("Owed to you") && page.contains(due), "{due}");
        assert!(page.contains("<dd class=\"price\">KES 0</dd>"), "nothing was spent");
        let operator = app.acts("0744000001").await;
        let id: PaymentId = text(&started, "payment_id").parse().expect("an id");
        app.running.state.payments.refunded(id, "UKREFUND01", &operator).await.expect("refunded");
        let (_, page) = buyer.page(&app, "/purchases").await;
        assert!(page.contains("Sent back") && page.contains("UKREFUND01"));
        app.books_are_right().await;
    }

    async fn what_was_paid_twice_is_shown_beside_the_tip(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        let id = buyer.buy(&app, tip).await;
        let payment: PaymentId = id.parse().expect("an id");
        let payment = crate::payments::store::by_id(&app.db, payment).await.expect("a row").expect("a payment");
        let listed = Listed {
            receipt: "UKN1TWICE1".to_owned(),
            amount: payment.price,
            account_reference: payment.account_reference,
            short_code: None,
            payer: String::new(),
        };
        let payments = &app.running.state.payments;
        payments.book_listed(EvidenceSource::C2b, &listed, true, None).await.expect("booked");
        let due = day(app.clock.now() + TimeDelta::days(3));
        for (language, words) in [(Language::English, "You paid more than the price"), (Language::Swahili, "Umelipa zaidi ya bei")] {
            let due = due.as_str(language);
            for path in ["/purchases".to_owned(), format!("/payments/{id}"), format!("/purchases/{id}/receipt")] {
                let page = buyer.http.get(app.at(&path)).header("accept", "text/html").header("accept-language", language.as_str());
                let page = page.send().await.expect("an answer").text().await.expect("a page");
                assert!(page.contains(words) && page.contains("UKN1TWICE1") && page.contains(due), "{path}: {page}");
            }
        }
        let operator = app.acts("0744000001").await;
        payments.refunded(payment.id, "UKREFUND01", &operator).await.expect("the only debt");
        let (_, page) = buyer.page(&app, "/purchases").await;
        assert!(page.contains("UKREFUND01") && !page.contains("You paid more than the price"), "{page}");
        app.books_are_right().await;
    }

    async fn looking_again_only_moves_the_next_query(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        app.fault("lose_callback", json!(null)).await;
        let started = buyer.start(&app, tip).await;
        let path = format!("/api/payments/{}/check", text(&started, "payment_id"));
        assert_eq!(buyer.post(&app, &path, &[]).await.status(), StatusCode::CONFLICT, "never before 35 s");
        assert_eq!(app.reconcile().await, 0);
        app.advance(36);
        assert_eq!(app.reconcile().await, 1, "the first query");
        let sent = buyer.post(&app, &path, &[]).await;
        assert_eq!((sent.status(), sent.headers()["location"].to_str().expect("text").contains("asked=yes")), (StatusCode::SEE_OTHER, true));
        app.advance(1);
        assert_eq!(app.reconcile().await, 1, "asked sooner than the ladder says");
        assert_eq!(buyer.post(&app, &path, &[]).await.status(), StatusCode::TOO_MANY_REQUESTS, "once a minute");
        let browser = buyer.http.post(app.at(&path)).header("accept", "text/html").send().await.expect("an answer");
        assert_eq!(browser.status(), StatusCode::TOO_MANY_REQUESTS);
        assert!(browser.text().await.expect("HTML").contains("less than a minute ago"));
        let stranger = app.buyer("0712000222").await;
        assert_eq!(stranger.post(&app, &path, &[]).await.status(), StatusCode::NOT_FOUND);
        assert_eq!(app.http.post(app.at(&path)).send().await.expect("an answer").status(), StatusCode::UNAUTHORIZED);
    }

    async fn a_payment_that_ended_at_once_is_asked_about_again(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        let started = buyer.start(&app, tip).await;
        app.answer(text(&started, "checkout_request_id"), "cancel").await;
        let id = text(&started, "payment_id");
        buyer.until_status(&app, id, "cancelled").await;
        let path = format!("/api/payments/{id}/check");
        assert_eq!(buyer.post(&app, &path, &[]).await.status(), StatusCode::SEE_OTHER);
        assert_eq!(app.reconcile().await, 0, "not before 35 s");
        app.advance(36);
        assert_eq!(app.reconcile().await, 1, "what was promised is done");
    }

    async fn a_typed_code_is_never_evidence(app: TestApp) {
        let (tipster, tip, buyer) = app.shop().await;
        let started = pending(&app, &buyer, tip).await;
        let path = format!("/api/payments/{}/claim", text(&started, "payment_id"));
        for odd in ["", "short", "UKOLRIYZ3!", "UKOLRIYZ3VX"] {
            let refused = buyer.http.post(app.at(&path)).header("accept", "text/html").form(&[("receipt", odd)]).send().await.expect("an answer");
            assert_eq!(refused.status(), StatusCode::BAD_REQUEST, "{odd}");
            assert!(refused.text().await.expect("HTML").contains("ten letters and digits"));
        }
        // Somebody else's receipt and an invented one get the same answer.
        let other = app.buyer("0712000333").await;
        let known = other.buy(&app, app.tip(&tipster, 1, 20).await).await;
        let theirs = text(&other.status(&app, &known).await, "mpesa_receipt_number").to_owned();
        let mut answers = Vec::new();
        for receipt in [theirs.as_str(), "UKZZZZZZZZ"] {
            let answer = buyer.post(&app, &path, &[("receipt", receipt)]).await;
            answers.push((answer.status(), answer.headers()["location"].clone()));
        }
        assert_eq!(answers[0], answers[1]);
        assert_eq!(answers[0].0, StatusCode::SEE_OTHER);
        let after = buyer.status(&app, text(&started, "payment_id")).await;
        assert_eq!(text(&after, "status"), "pending", "nothing is settled by a code");
        let id: PaymentId = text(&started, "payment_id").parse().expect("an id");
        assert_eq!(in_review(&app).await, vec![id], "a person will look");
        // The claim must not prevent what Safaricom says from settling the payment.
        app.answer(text(&started, "checkout_request_id"), "pay").await;
        app.advance(200);
        app.reconcile().await;
        assert_eq!(text(&buyer.status(&app, text(&started, "payment_id")).await, "status"), "completed");
        assert_eq!(in_review(&app).await, vec![]);
        assert_eq!(buyer.post(&app, &path, &[("receipt", "UKZZZZZZZZ")]).await.status(), StatusCode::CONFLICT);
        app.books_are_right().await;
    }

    async fn codes_are_limited_and_owned(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        let started = pending(&app, &buyer, tip).await;
        let path = format!("/api/payments/{}/claim", text(&started, "payment_id"));
        let stranger = app.buyer("0712000222").await;
        assert_eq!(stranger.post(&app, &path, &[("receipt", "UKZZZZZZZZ")]).await.status(), StatusCode::NOT_FOUND);
        let tries = (0..7).map(|number| { let code = format!("UKAAAAAAA{number}"); let (app, buyer, path) = (&app, &buyer, &path); async move { buyer.post(app, path, &[("receipt", code.as_str())]).await.status() } });
        let mut answers = Vec::new();
        for one in tries {
            answers.push(one.await);
        }
        assert_eq!(answers.iter().filter(|status| **status == StatusCode::SEE_OTHER).count(), 5);
        assert_eq!(answers.iter().filter(|status| **status == StatusCode::TOO_MANY_REQUESTS).count(), 2);
        app.advance(3_601);
        assert_eq!(buyer.post(&app, &path, &[("receipt", "UKAAAAAAA9")]).await.status(), StatusCode::SEE_OTHER);
    }

    async fn a_code_that_safaricom_named_for_this_payment_is_recognised(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        let started = buyer.start(&app, tip).await;
        let callback = app.callback_url(&started).await;
        // With another amount the payment is kept for review with its receipt, and is not settled.
        app.post_callback(&callback, success(&started, &json!(49), "UKRIGHT001").to_string()).await;
        let path = format!("/api/payments/{}/claim", text(&started, "payment_id"));
        let told = buyer.post(&app, &path, &[("receipt", "ukright001")]).await;
        assert_eq!(told.headers()["location"].to_str().expect("text").split('?').nth(1), Some("claim=told"));
        assert_eq!(text(&buyer.status(&app, text(&started, "payment_id")).await, "status"), "pending");
    }

    async fn notices_are_counted_read_and_forgotten(app: TestApp) {
        let (tipster, tip, buyer) = app.shop().await;
        buyer.buy(&app, tip).await;
        let (_, page) = tipster.page(&app, "/tips").await;
        assert!(page.contains("Notices, 1 unread"), "the badge");
        assert!(!buyer.page(&app, "/tips").await.1.contains("unread"));
        let (_, list) = tipster.page(&app, "/notices").await;
        assert!(list.contains(&format!("Tip {tip} was sold")));
        let (_, rest) = list.split_once("action=\"/notices/").filter(|(_, rest)| !rest.starts_with("read\"")).or_else(|| {
            let (_, rest) = list.split_once("action=\"/notices/read\"")?;
            rest.split_once("action=\"/notices/")
        }).expect("a form");
        let id = rest.split('/').next().expect("an id");
        let path = format!("/notices/{id}/read");
        assert_eq!(buyer.post(&app, &path, &[]).await.status(), StatusCode::NOT_FOUND, "somebody else's");
        for odd in ["/notices/x/read", "/notices/00000000-0000-0000-0000-000000000000/read"] {
            assert_eq!(buyer.post(&app, odd, &[]).await.status(), StatusCode::NOT_FOUND, "{odd}");
        }
        let opened = tipster.post(&app, &path, &[]).await;
        assert_eq!((opened.status(), opened.headers()["location"].to_str().expect("text")), (StatusCode::SEE_OTHER, "/wallet"));
        assert!(!tipster.page(&app, "/tips").await.1.contains("unread"));
        app.running.state.notices.purge().await.expect("purged");
        assert_eq!(app.count("SELECT COUNT(*) FROM notices").await, 1, "kept for 90 days");
        app.advance(91 * 86_400);
        app.running.state.notices.purge().await.expect("purged");
        assert_eq!(app.count("SELECT COUNT(*) FROM notices").await, 0);
    }

    async fn all_that_was_shown_is_read_at_once(app: TestApp) {
        let (tipster, tip, buyer) = app.shop().await;
        buyer.buy(&app, tip).await;
        let shown = app.clock.now().timestamp_micros().to_string();
        app.advance(5);
        app.buyer("0712000222").await.buy(&app, tip).await;
        assert!(tipster.page(&app, "/tips").await.1.contains("Notices, 2 unread"));
        assert_eq!(tipster.post(&app, "/notices/read", &[("until", &shown)]).await.status(), StatusCode::SEE_OTHER);
        assert!(tipster.page(&app, "/tips").await.1.contains("Notices, 1 unread"), "what came since is still new");
        assert_eq!(tipster.post(&app, "/notices/read", &[("until", "abc")]).await.status(), StatusCode::BAD_REQUEST);
    }

    async fn followers_hear_of_new_tips(app: TestApp) {
        let (tipster, _, buyer) = app.shop().await;
        let path = format!("/follows/{}", tipster.id);
        assert_eq!(app.http.post(app.at(&path)).form(&[("want", "follow")]).send().await.expect("an answer").status(), StatusCode::UNAUTHORIZED);
        let browser = app.http.post(app.at(&path)).header("accept", "text/html").header("referer", app.at("/tips/1").as_str());
        let sent = browser.form(&[("want", "follow")]).send().await.expect("an answer");
        assert_eq!(sent.headers()["location"].to_str().expect("text"), "/sign-in?next=%2Ftips%2F1");
        for _ in 0..2 {
            let followed = buyer.post(&app, &path, &[("want", "follow"), ("next", "https://evil.example")]).await;
            assert_eq!((followed.status(), followed.headers()["location"].to_str().expect("text")), (StatusCode::SEE_OTHER, "/tips"));
        }
        assert!(buyer.page(&app, "/following").await.1.contains("Asha Tipster"));
        let tip = app.tip(&tipster, 2, 20).await;
        assert!(buyer.page(&app, "/notices").await.1.contains(&format!("Asha Tipster posted tip {tip}")));
        assert_eq!(buyer.post(&app, &path, &[("want", "unfollow")]).await.status(), StatusCode::SEE_OTHER);
        app.tip(&tipster, 2, 20).await;
        assert_eq!(app.count("SELECT COUNT(*) FROM notices WHERE kind = 'new_tip'").await, 1);
        assert_eq!(tipster.post(&app, &path, &[("want", "follow")]).await.status(), StatusCode::CONFLICT, "oneself");
        assert_eq!(buyer.post(&app, &path, &[("want", "both")]).await.status(), StatusCode::BAD_REQUEST);
        for nobody in [buyer.id.to_string(), "x".to_owned()] {
            assert_eq!(tipster.post(&app, &format!("/follows/{nobody}"), &[("want", "follow")]).await.status(), StatusCode::NOT_FOUND);
        }
    }
}
