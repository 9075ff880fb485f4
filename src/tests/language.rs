//! The site in two languages: the browser's, or the one that was chosen.

use reqwest::StatusCode;
use reqwest::header::{ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};

use super::harness::{TestApp, both, text};

async fn page(app: &TestApp, path: &str, accept: &str, cookie: &str) -> String {
    let request = app.http.get(app.at(path)).header(ACCEPT, "text/html").header(ACCEPT_LANGUAGE, accept).header(COOKIE, cookie);
    request.send().await.expect("an answer").text().await.expect("a page")
}

both! {
    async fn a_page_speaks_the_browsers_language(app: TestApp) {
        let (_, tip, _) = app.shop().await;
        let path = format!("/tips/{tip}");
        let english = page(&app, &path, "en-KE,en;q=0.9", "").await;
        let swahili = page(&app, &path, "sw,en;q=0.5", "").await;
        assert!(english.contains("<html lang=\"en\"") && english.contains("Sign in to pay"));
        assert!(swahili.contains("<html lang=\"sw\"") && swahili.contains("Ingia ili ulipe"));
        // Copies of a page are kept for each language.
        assert!(page(&app, &path, "en", "").await.contains("Sign in to pay"));
        assert!(page(&app, &path, "en", "language=sw").await.contains("Ingia ili ulipe"), "a choice counts more");
    }

    async fn a_choice_is_kept_and_leads_back(app: TestApp) {
        let choose = |body: &'static str| {
            let request = app.http.post(app.at("/api/language")).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
            request.body(body).send()
        };
        let chosen = choose("language=sw&next=%2Ftips").await.expect("an answer");
        assert_eq!(chosen.status(), StatusCode::SEE_OTHER);
        assert_eq!(chosen.headers()[LOCATION], "/tips");
        assert!(chosen.headers()[SET_COOKIE].to_str().expect("text").starts_with("language=sw; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax"));
        let evil = choose("language=sw&next=https%3A%2F%2Fevil.example").await.expect("an answer");
        assert_eq!(evil.headers()[LOCATION], "/tips");
        assert_eq!(choose("language=klingon").await.expect("an answer").status(), StatusCode::BAD_REQUEST);
        assert!(choose("x=y").await.expect("an answer").status().is_client_error());
    }

    async fn a_payment_and_its_errors_speak_it_too(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        let ask = |body: String| {
            let request = buyer.http.post(app.at("/api/payments/start")).header(ACCEPT_LANGUAGE, "sw");
            request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body).send()
        };
        let refused = ask(format!("tip_id={tip}&phone_number=12")).await.expect("an answer");
        assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
        assert!(refused.text().await.expect("JSON").contains("Hiyo si namba ya simu ya Kenya"));
        let started: serde_json::Value = ask(format!("tip_id={tip}")).await.expect("an answer").json().await.expect("JSON");
        assert_eq!(text(&started, "title"), "Angalia simu yako");
        assert!(text(&started, "message").contains("Weka PIN yako"), "{started}");
    }
}
