//! Forms speak the reader's language: what is missing is told by us, at its field, and never by the browser
//! in its own.

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
}
