//! Forms speak the reader's language: our own page says what is missing, beside its field, and the browser
//! never says it in its own language.

use reqwest::StatusCode;

use super::market::Market;
use crate::tests::harness::{TestApp, both};

both! {
    async fn no_form_leaves_its_words_to_the_browser(app: TestApp) {
        let market = Market::fill(&app, "Written").await;
        for (reader, http) in market.readers() {
            for page in market.pages() {
                let answer = http.get(app.at(&page)).header("accept", "text/html").send().await.expect("an answer");
                let html = answer.text().await.expect("HTML");
                for form in html.split("<form").skip(1).filter_map(|form| form.split('>').next()) {
                    assert!(form.contains("novalidate") || form.contains("method=\"get\""), "{form} on {page} for the {reader}");
                }
            }
        }
    }

    async fn what_is_missing_is_said_in_swahili_at_its_field(app: TestApp) {
        let buyer = app.buyer("0712345678").await;
        let whole = [("phone_number", "0745000003"), ("display_name", "Asha"), ("birth_date", "30/04/1995")];
        for missing in ["phone_number", "display_name", "birth_date"] {
            let form: Vec<_> = whole.iter().map(|(name, value)| (*name, if *name == missing { "" } else { value })).chain([("buyer", "on")]).collect();
            let request = app.http.post(app.at("/api/accounts/register")).header("accept", "text/html").header("accept-language", "sw");
            let answer = request.form(&form).send().await.expect("an answer");
            assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{missing}");
            let html = answer.text().await.expect("HTML");
            assert!(html.contains("lang=\"sw\"") && html.contains(&format!("id=\"{missing}-problem\"")), "{missing}: {html}");
            for (name, value) in whole.iter().filter(|(name, _)| *name != missing) {
                assert!(html.contains(&format!("value=\"{value}\"")), "{name} was typed: {html}");
            }
        }
        for (path, field, person) in [
            ("/api/accounts/sign-in", "password-problem", &app.http),
            ("/api/accounts/password", "old_password-problem", &buyer.http),
            ("/api/accounts/close", "Andika nenosiri lako.", &buyer.http),
        ] {
            let form = [("phone_number", "0712345678"), ("password", ""), ("old_password", "")];
            let request = person.post(app.at(path)).header("accept", "text/html").header("accept-language", "sw");
            let answer = request.form(&form).send().await.expect("an answer");
            assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{path}");
            let html = answer.text().await.expect("HTML");
            assert!(html.contains(field) && html.contains("Andika nenosiri lako."), "{path}: {html}");
        }
    }

    async fn a_birth_date_is_written_as_kenyans_write_it(app: TestApp) {
        for (phone, date) in [("0745000003", "30/04/1995"), ("0745000004", "30041995"), ("0745000005", "1995-04-30")] {
            let form = [("phone_number", phone), ("display_name", "Asha"), ("birth_date", date), ("buyer", "on")];
            let answer = app.http.post(app.at("/api/accounts/register")).form(&form).send().await.expect("an answer");
            assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{date}");
        }
    }

    /// With scripts the page then gets its own address, where a reload sends nothing again. The reasons are
    /// there without scripts too, and no address carries them.
    async fn a_refused_form_names_its_own_page(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        let tip_page = format!("/tips/{tip}");
        let number = tip.to_string();
        let long = format!("/tips?text={}", "%F0%9F%98%80".repeat(60));
        for (path, form, page) in [
            ("/api/accounts/register", vec![("phone_number", "12"), ("next", "/tips?text=\"><b>&page=2")], "/register?next=%2Ftips%3Ftext%3D%22%3E%3Cb%3E%26page%3D2"),
            ("/api/accounts/sign-in", vec![("phone_number", "0712000000"), ("password", "not the one")], "/sign-in"),
            ("/api/accounts/sign-in", vec![("phone_number", "0712000000"), ("password", "not the one"), ("next", long.as_str())], "/sign-in"),
            ("/api/accounts/limit", vec![("period", "day"), ("limit", "much")], "/account/limits"),
            ("/api/payments/start", vec![("tip_id", number.as_str()), ("phone_number", "12")], tip_page.as_str()),
        ] {
            let http = if path.ends_with("register") || path.ends_with("sign-in") { &app.http } else { &buyer.http };
            let send = |accept: &'static str| http.post(app.at(path)).header("accept", accept).form(&form).send();
            let answer = send("text/html").await.expect("an answer");
            let status = answer.status();
            assert!(status.is_client_error() && !answer.headers().contains_key("location"), "{path}: {status}");
            let policy = answer.headers()["content-security-policy"].to_str().expect("text").to_owned();
            let html = answer.text().await.expect("HTML");
            let (_, script) = html.split_once("<script nonce=\"").expect("a script");
            let (nonce, rest) = script.split_once('"').expect("a nonce");
            assert!(policy.contains(&format!("'nonce-{nonce}'")), "{policy}");
            assert!(rest.starts_with(&format!(" data-page=\"{page}\">history.replaceState(null,'',document.currentScript.dataset.page)</script>")), "{path}: {rest}");
            assert!(html.contains("class=\"wrong\"") || html.contains("role=\"alert\""), "{path}: {html}");
            let program = send("application/json").await.expect("an answer");
            assert_eq!(program.status(), status, "{path}");
            let said: serde_json::Value = program.json().await.expect("JSON");
            assert!(said["error"].is_string() && said.as_object().is_some_and(|said| said.len() == 1), "{path}: {said}");
        }
        let page = app.http.get(app.at("/sign-in")).header("accept", "text/html").send().await.expect("an answer");
        assert!(!page.text().await.expect("HTML").contains("replaceState"), "only after a refusal");
    }
}
