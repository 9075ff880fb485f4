//! A payment tells nothing about other people's phones, and takes nothing from their limits.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use crate::tests::harness::{Person, TestApp, both, text};
use crate::types::TipId;

const STRANGER: &str = "0712000222";

/// Asks to pay with this number.
async fn ask(app: &TestApp, buyer: &Person, tip: TipId, phone: &str) -> Response {
    buyer.initiate(app, &json!({ "tip_id": tip, "phone_number": phone })).await
}

async fn told(answer: Response) -> (StatusCode, String) {
    (answer.status(), answer.text().await.expect("JSON"))
}

/// Leaves a prompt unanswered, and its callback lost.
async fn leave_open(app: &TestApp, buyer: &Person, tip: TipId, phone: &str) -> Value {
    app.faults(json!({ "phone_number": phone }), "lose_callback", Value::Null, 1).await;
    let started = ask(app, buyer, tip, phone).await;
    assert_eq!(started.status(), StatusCode::OK, "{:?}", started.text().await);
    started.json().await.expect("JSON")
}

async fn limit_of_a_day(app: &TestApp, person: &Person, most: &str) {
    let set = person.post(app, "/api/accounts/limit", &[("period", "day"), ("limit", most)]).await;
    assert_eq!(set.status(), StatusCode::SEE_OTHER);
}

both! {
    with [("PUSH_LIMIT_BUYER", "2")];

    async fn over_ones_own_limit_nothing_is_told_of_a_foreign_phone(app: TestApp) {
        let (tipster, tip, owner) = app.shop().await;
        let asker = app.buyer(STRANGER).await;
        for _ in 0..2 {
            asker.start(&app, app.tip(&tipster, 1, 10).await).await;
            app.advance(61);
        }
        owner.start(&app, tip).await;
        let busy = told(ask(&app, &asker, tip, &owner.phone).await).await;
        assert_eq!(busy.0, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(told(ask(&app, &asker, tip, "0712000777").await).await, busy, "of a free one in the same words");
        // A buyer's own limit of money comes first too.
        let thrifty = app.buyer("0712000333").await;
        limit_of_a_day(&app, &thrifty, "10").await;
        let busy = told(ask(&app, &thrifty, tip, &owner.phone).await).await;
        assert_eq!(busy.0, StatusCode::CONFLICT);
        assert_eq!(told(ask(&app, &thrifty, tip, "0712000777").await).await, busy);
    }

    async fn a_number_that_was_never_proven_is_a_foreign_one(app: TestApp) {
        let (_, tip, payer) = app.shop().await;
        let pretender = app.buyer(STRANGER).await;
        app.set(&pretender, "UPDATE people SET number_proven_at = NULL WHERE id = $1").await;
        assert_eq!(ask(&app, &payer, tip, STRANGER).await.status(), StatusCode::OK);
        let mut answers = Vec::new();
        for _ in 0..8 {
            answers.push(pretender.initiate(&app, &json!({ "tip_id": tip })).await.status());
        }
        let (told, refused) = answers.split_at(6);
        assert!(told.iter().all(|status| *status == StatusCode::CONFLICT), "{answers:?}");
        assert!(refused.iter().all(|status| *status == StatusCode::TOO_MANY_REQUESTS), "{answers:?}");
    }

    async fn looking_whether_a_foreign_phone_pays_counts_as_a_start(app: TestApp) {
        let (tipster, tip, owner) = app.shop().await;
        let (asker, other_tip) = (app.buyer(STRANGER).await, app.tip(&tipster, 1, 10).await);
        owner.start(&app, tip).await;
        let answers = join_all((0..20).map(|_| ask(&app, &asker, tip, &owner.phone))).await;
        let count = |status| answers.iter().filter(|answer| answer.status() == status).count();
        assert_eq!((count(StatusCode::CONFLICT), count(StatusCode::TOO_MANY_REQUESTS)), (6, 14), "three starts for each of two prompts");
        assert!(answers.iter().all(|answer| answer.headers().contains_key("retry-after")));
        let refused = told(ask(&app, &asker, tip, "0712000777").await).await;
        assert!(refused.0 == StatusCode::TOO_MANY_REQUESTS && refused.1.contains("Too many of your requests were refused"), "{refused:?}");
        assert_eq!(app.count("SELECT COUNT(*) FROM payments").await, 1, "nothing was started");
        // What people are told about their own phones tells nothing about others, and does not count.
        for _ in 0..10 {
            assert_eq!(owner.initiate(&app, &json!({ "tip_id": other_tip })).await.status(), StatusCode::CONFLICT);
        }
        app.advance(61);
        owner.start(&app, other_tip).await;
        app.advance(3_601);
        assert_eq!(ask(&app, &asker, tip, "0712000777").await.status(), StatusCode::OK, "after an hour again");
    }

    async fn a_busy_phone_takes_nothing_away_from_an_open_payment(app: TestApp) {
        let (tipster, tip, owner) = app.shop().await;
        let asker = app.buyer(STRANGER).await;
        leave_open(&app, &asker, tip, &asker.phone).await;
        app.advance(181);
        let other_tip = app.tip(&tipster, 1, 10).await;
        owner.start(&app, other_tip).await;
        let again = asker.initiate(&app, &json!({ "tip_id": tip, "phone_number": owner.phone, "send_again": true })).await;
        assert_eq!(again.status(), StatusCode::CONFLICT);
        assert_eq!(app.count("SELECT COUNT(*) FROM payments WHERE open").await, 2, "theirs is not set aside");
        assert_eq!(app.count("SELECT COUNT(*) FROM mpesa_events WHERE kind = 'set_aside'").await, 0);
    }
}

both! {
    async fn what_strangers_let_a_phone_ring_keeps_its_owner_from_nothing(app: TestApp) {
        let (tipster, tip, owner) = app.shop().await;
        let strangers = [app.buyer(STRANGER).await, app.buyer("0712000333").await];
        // A number gets three unanswered prompts in ten minutes, and ten on a day if it never paid.
        for round in 0..4 {
            for prompt in 0..3 {
                let (stranger, tip) = (&strangers[prompt % 2], app.tip(&tipster, 1, 10).await);
                let asked = ask(&app, stranger, tip, &owner.phone).await;
                let wanted = if round * 3 + prompt < 10 { StatusCode::OK } else { StatusCode::TOO_MANY_REQUESTS };
                assert_eq!(asked.status(), wanted, "{round} {prompt}: {:?}", asked.text().await);
                app.advance(61);
                app.until("its end", || async { app.count("SELECT COUNT(*) FROM payments WHERE open").await == 0 }).await;
            }
            let last = ask(&app, &strangers[0], tip, &owner.phone).await;
            assert_eq!(last.status(), StatusCode::TOO_MANY_REQUESTS, "{round}");
            app.advance(601);
        }
        let on_sale = app.tip(&tipster, 1, 10).await;
        owner.start(&app, on_sale).await;
        // The owner's own presses count for the owner.
        for prompt in 0..3 {
            app.advance(61);
            app.until("its end", || async { app.count("SELECT COUNT(*) FROM payments WHERE open").await == 0 }).await;
            let pressed = owner.initiate(&app, &json!({ "tip_id": on_sale })).await;
            assert_eq!(pressed.status(), if prompt < 2 { StatusCode::OK } else { StatusCode::TOO_MANY_REQUESTS }, "{prompt}");
        }
    }
}

both! {
    with [("PUSH_LIMIT_PHONE", "0")];

    async fn a_strangers_open_prompt_takes_nothing_of_the_owners_limit(app: TestApp) {
        let (tipster, tip, owner) = app.shop().await;
        let stranger = app.buyer(STRANGER).await;
        let tips = [app.tip(&tipster, 1, 50).await, app.tip(&tipster, 1, 20).await];
        limit_of_a_day(&app, &owner, "60").await;
        let strangers = leave_open(&app, &stranger, tip, &owner.phone).await;
        let callback = app.callback_url(&strangers).await;
        app.advance(61);
        assert!(owner.page(&app, "/account/limits").await.1.contains("Spent today: KES 0"));
        let own = leave_open(&app, &owner, tips[0], &owner.phone).await;
        app.advance(61);
        // With their open prompts several strangers would go over the limit, and so would the owner with
        // another one.
        assert_eq!(ask(&app, &stranger, tips[1], &owner.phone).await.status(), StatusCode::BAD_GATEWAY);
        assert_eq!(owner.initiate(&app, &json!({ "tip_id": tips[1] })).await.status(), StatusCode::CONFLICT);
        // What the number paid counts, whoever asked for the prompt.
        let paid = crate::tests::harness::phone::success(&strangers, &json!(50), "UKN1AB2CD3");
        assert_eq!(app.post_callback(&callback, paid.to_string()).await, StatusCode::OK);
        stranger.until_status(&app, text(&strangers, "payment_id"), "completed").await;
        assert!(owner.page(&app, "/account/limits").await.1.contains("Spent today: KES 100"), "{own}");
        app.books_are_right().await;
    }

    async fn strangers_together_stay_within_the_limit_of_a_number(app: TestApp) {
        let (tipster, tip, owner) = app.shop().await;
        limit_of_a_day(&app, &owner, "60").await;
        let strangers = [app.buyer(STRANGER).await, app.buyer("0712000333").await];
        leave_open(&app, &strangers[0], tip, &owner.phone).await;
        app.advance(61);
        let other = app.tip(&tipster, 1, 50).await;
        assert_eq!(ask(&app, &strangers[1], other, &owner.phone).await.status(), StatusCode::BAD_GATEWAY);
        assert_eq!(app.count("SELECT COUNT(*) FROM payments WHERE status = 'pending'").await, 1, "no second prompt");
    }

    async fn foreign_breaks_and_true_refusals_look_alike_however_often(app: TestApp) {
        let (_, tip, owner) = app.shop().await;
        let asker = app.buyer(STRANGER).await;
        owner.post(&app, "/api/accounts/break", &[("length", "7-days")]).await;
        let (mut breaks, mut refusals) = (BTreeSet::new(), BTreeSet::new());
        for number in 0..8 {
            app.fault("refuse", json!("400.002.02")).await;
            let refused = told(ask(&app, &asker, tip, &format!("071200077{number}")).await).await;
            refusals.insert((refused.0.as_u16(), refused.1));
            let resting = told(ask(&app, &asker, tip, &owner.phone).await).await;
            breaks.insert((resting.0.as_u16(), resting.1));
        }
        assert_eq!((breaks.len(), &breaks), (1, &refusals));
        assert_eq!(app.count("SELECT COUNT(*) FROM payments WHERE push = 'not_taken'").await, 16, "each is counted");
        assert_eq!(app.prompts().await.len(), 0, "no phone rang");
    }
}
