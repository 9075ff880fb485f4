//! The reason for which Safaricom did not take a push is kept as a code, and told in the reader's language.

use reqwest::StatusCode;
use reqwest::header::ACCEPT_LANGUAGE;
use serde_json::json;

use super::harness::{TestApp, both};
use crate::payments::Refusal;
use crate::platform::db::{Failure, execute, read, transaction};

const MIGRATION: &str = include_str!("../../migrations/sqlite/0022_refusals.sql");
/// The sentences that the first release kept, and the code that each becomes.
const SENTENCES: [(&str, Refusal); 6] = [
    ("M-Pesa does not know this phone number. Check it, or use another one.", Refusal::UnknownNumber),
    (
        "Another M-Pesa request is open on this phone. Finish it, wait a minute and try again.",
        Refusal::PhoneLocked,
    ),
    ("M-Pesa is very busy right now. Please try again in a minute.", Refusal::Busy),
    ("We cannot reach our M-Pesa account right now. Please try again later.", Refusal::OurAccount),
    ("M-Pesa could not take the request. Please try again.", Refusal::Other),
    ("A sentence that was better once.", Refusal::Other),
];

async fn refusal_of_the_only_payment(app: &TestApp) -> (Option<Refusal>, Option<String>) {
    const KEPT: &str = "SELECT refusal, result_description FROM payments";
    read!(&app.db, |c| sqlx::query_as(KEPT).fetch_one(c).await).expect("one payment")
}

both! {
    async fn a_refusal_is_kept_as_a_code_and_told_in_the_readers_language(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        app.fault("refuse", json!("400.002.02")).await;
        assert_eq!(buyer.initiate(&app, &json!({ "tip_id": tip })).await.status(), StatusCode::BAD_GATEWAY);
        assert_eq!(refusal_of_the_only_payment(&app).await, (Some(Refusal::UnknownNumber), None));
        for (language, words) in [("en", "M-Pesa does not know this phone number"), ("sw", "M-Pesa haijui namba hii ya simu")] {
            let page = buyer.http.get(app.at(&format!("/tips/{tip}"))).header(ACCEPT_LANGUAGE, language).send().await;
            let page = page.expect("an answer").text().await.expect("a page");
            assert!(page.contains(words), "{language}: {page}");
        }
    }

    async fn sentences_of_the_first_release_become_codes(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        app.fault("refuse", json!("400.002.02")).await;
        buyer.initiate(&app, &json!({ "tip_id": tip })).await;
        let (_, update) = MIGRATION.split_once(";\n").expect("the column, then its values");
        for (sentence, refusal) in SENTENCES {
            let kept: Result<(), Failure> = transaction!(app.db, |tx| {
                const OLD: &str = "UPDATE payments SET refusal = NULL, result_description = $1";
                execute!(tx, sqlx::query(OLD).bind(sentence))?;
                execute!(tx, sqlx::query(update))?;
                Ok(())
            });
            kept.expect("migrated");
            assert_eq!(refusal_of_the_only_payment(&app).await, (Some(refusal), None), "{sentence}");
        }
    }
}
