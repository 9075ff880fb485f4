//! Playing safe: limits and breaks are checked before any phone rings, for the buyer and for the number that
//! pays.

use reqwest::StatusCode;
use serde_json::json;

use super::harness::{PASSWORD, Person, TestApp, both, text};
use crate::types::TipId;

async fn limit(app: &TestApp, person: &Person, period: &str, limit: &str) -> StatusCode {
    person.post(app, "/api/accounts/limit", &[("period", period), ("limit", limit)]).await.status()
}

async fn rest(app: &TestApp, person: &Person, length: &str) -> StatusCode {
    person.post(app, "/api/accounts/break", &[("length", length)]).await.status()
}

async fn press(app: &TestApp, buyer: &Person, tip: TipId) -> StatusCode {
    buyer.initiate(app, &json!({ "tip_id": tip })).await.status()
}

async fn sign_in(app: &TestApp, person: &Person) {
    let form = [("phone_number", person.phone.as_str()), ("password", PASSWORD)];
    assert_eq!(person.post(app, "/api/accounts/sign-in", &form).await.status(), StatusCode::SEE_OTHER);
}

both! {
    async fn a_limit_counts_what_is_open_and_what_was_paid(app: TestApp) {
        let (tipster, tip, buyer) = app.shop().await;
        let (second, third) = (app.tip(&tipster, 1, 60).await, app.tip(&tipster, 1, 50).await);
        assert_eq!(limit(&app, &buyer, "day", "100").await, StatusCode::SEE_OTHER);
        let started = buyer.start(&app, tip).await;
        app.answer(text(&started, "checkout_request_id"), "pay").await;
        buyer.until_status(&app, text(&started, "payment_id"), "completed").await;
        let refused = buyer.initiate(&app, &json!({ "tip_id": second })).await;
        assert_eq!(refused.status(), StatusCode::CONFLICT, "50 are paid, 60 more are too many");
        assert!(refused.text().await.expect("JSON").contains("KES 100 a day"));
        assert_eq!(press(&app, &buyer, third).await, StatusCode::OK, "the limit itself is allowed");
        // The payment comes from another phone, because the first one rings.
        let fourth = app.tip(&tipster, 1, 10).await;
        let refused = buyer.initiate(&app, &json!({ "tip_id": fourth, "phone_number": "0799000111" })).await;
        assert_eq!(refused.status(), StatusCode::CONFLICT, "what is open counts too");
        assert!(refused.text().await.expect("JSON").contains("KES 100 a day"));
        assert_eq!(app.count("SELECT COUNT(*) FROM payments").await, 2, "no other phone rang");
        assert!(buyer.page(&app, "/account/limits").await.1.contains("Now KES 100. Spent today: KES 100"));
    }

    async fn lower_holds_at_once_and_higher_after_a_day(app: TestApp) {
        let (tipster, _, buyer) = app.shop().await;
        let tip = app.tip(&tipster, 1, 80).await;
        assert_eq!(limit(&app, &buyer, "week", "50").await, StatusCode::SEE_OTHER);
        assert_eq!(press(&app, &buyer, tip).await, StatusCode::CONFLICT);
        for looser in ["100", ""] {
            assert_eq!(limit(&app, &buyer, "week", looser).await, StatusCode::SEE_OTHER);
            assert_eq!(press(&app, &buyer, tip).await, StatusCode::CONFLICT, "{looser:?} does not hold yet");
        }
        assert_eq!(limit(&app, &buyer, "week", "100").await, StatusCode::SEE_OTHER);
        app.advance(24 * 3_600 - 10);
        let tip = app.tip(&tipster, 1, 80).await;
        assert_eq!(press(&app, &buyer, tip).await, StatusCode::CONFLICT);
        app.advance(20);
        assert_eq!(press(&app, &buyer, tip).await, StatusCode::OK);
        for odd in ["-1", "abc", "10.50", "99999999999"] {
            assert_eq!(limit(&app, &buyer, "week", odd).await, StatusCode::BAD_REQUEST, "{odd}");
        }
        assert_eq!(limit(&app, &buyer, "year", "100").await, StatusCode::BAD_REQUEST);
        assert_eq!(app.http.post(app.at("/api/accounts/limit")).form(&[("period", "day")]).send().await.expect("an answer").status(), StatusCode::UNAUTHORIZED);
    }

    async fn two_presses_at_once_stay_within_the_limit(app: TestApp) {
        let (tipster, tip, buyer) = app.shop().await;
        let second = app.tip(&tipster, 1, 50).await;
        limit(&app, &buyer, "day", "60").await;
        let friend = json!({ "tip_id": second, "phone_number": "0712000888" });
        let (one, two) = tokio::join!(press(&app, &buyer, tip), async { buyer.initiate(&app, &friend).await.status() });
        let accepted = [one, two].into_iter().filter(|status| *status == StatusCode::OK).count();
        assert_eq!(accepted, 1, "{one} {two}");
    }

    async fn a_break_holds_for_the_account_and_for_its_number(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        let other = app.buyer("0712000222").await;
        assert_eq!(rest(&app, &buyer, "7-days").await, StatusCode::SEE_OTHER);
        let refused = buyer.initiate(&app, &json!({ "tip_id": tip, "phone_number": "0712000999" })).await;
        assert_eq!(refused.status(), StatusCode::CONFLICT, "with any number");
        assert!(refused.text().await.expect("JSON").contains("taking a break"));
        let charged = other.initiate(&app, &json!({ "tip_id": tip, "phone_number": buyer.phone })).await;
        assert_eq!(charged.status(), StatusCode::BAD_GATEWAY, "from another account, as if M-Pesa refused the number");
        assert_eq!(app.prompts().await.len(), 0, "no phone rang");
        let (_, page) = buyer.page(&app, &format!("/tips/{tip}")).await;
        assert!(page.contains("taking a break") && !page.contains("name=\"phone_number\""));
        assert_eq!(rest(&app, &buyer, "24-hours").await, StatusCode::CONFLICT, "not shorter");
        assert_eq!(rest(&app, &buyer, "forever").await, StatusCode::BAD_REQUEST);
        assert_eq!(rest(&app, &buyer, "6-months").await, StatusCode::SEE_OTHER, "longer");
        let closing = buyer.post(&app, "/api/accounts/close", &[("password", PASSWORD)]).await;
        assert_eq!(closing.status(), StatusCode::CONFLICT, "closing is no way around it");
        assert!(buyer.page(&app, "/account/limits").await.1.contains("excluded yourself"));
    }

    async fn a_self_exclusion_that_is_made_longer_stays_one(app: TestApp) {
        let buyer = app.buyer("0712000111").await;
        assert_eq!(rest(&app, &buyer, "6-months").await, StatusCode::SEE_OTHER);
        app.advance(173 * 24 * 3_600);
        sign_in(&app, &buyer).await;
        assert_eq!(rest(&app, &buyer, "30-days").await, StatusCode::SEE_OTHER, "ten days were left");
        assert!(buyer.page(&app, "/account/limits").await.1.contains("excluded yourself"));
        app.advance(31 * 24 * 3_600);
        sign_in(&app, &buyer).await;
        assert_eq!(rest(&app, &buyer, "24-hours").await, StatusCode::SEE_OTHER, "after its end");
        assert!(!buyer.page(&app, "/account/limits").await.1.contains("excluded yourself"));
    }

    async fn a_break_ends_by_itself_and_keeps_notices_away(app: TestApp) {
        let (tipster, _, buyer) = app.shop().await;
        buyer.post(&app, &format!("/follows/{}", tipster.id), &[("want", "follow")]).await;
        rest(&app, &buyer, "24-hours").await;
        app.tip(&tipster, 1, 20).await;
        assert_eq!(app.count("SELECT COUNT(*) FROM notices").await, 0);
        app.advance(24 * 3_600 + 1);
        let tip = app.tip(&tipster, 1, 20).await;
        assert_eq!(app.count("SELECT COUNT(*) FROM notices").await, 1);
        assert_eq!(press(&app, &buyer, tip).await, StatusCode::OK);
    }

    async fn the_words_are_there_for_everybody(app: TestApp) {
        for path in ["/about", "/terms", "/privacy", "/help"] {
            let answer = app.http.get(app.at(path)).send().await.expect("an answer");
            assert_eq!(answer.status(), StatusCode::OK, "{path}");
            let page = answer.text().await.expect("HTML").to_lowercase();
            assert!(page.contains("18+") && page.contains("href=\"/help\""), "{path}");
            assert!(!page.contains("guarantee") && !page.contains("sure win"), "{path}");
        }
    }
}
