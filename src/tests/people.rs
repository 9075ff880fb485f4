//! Registering, signing in and signing out, as browsers and programs do it.

use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Response, StatusCode};

use uuid::Uuid;

use super::harness::{PASSWORD, TestApp, both, client, text};
use crate::people::store::NewPerson;
use crate::types::PersonId;

async fn post(app: &TestApp, path: &str, form: &[(&str, &str)]) -> Response {
    let http = client();
    http.post(app.at(path)).form(form).send().await.expect("an answer")
}

async fn sign_in(app: &TestApp, phone: &str, password: &str, next: &str) -> Response {
    post(app, "/api/accounts/sign-in", &[("phone_number", phone), ("password", password), ("next", next)])
        .await
}

both! {
    async fn any_spelling_signs_in(app: TestApp) {
        app.buyer("0712345678").await;
        for phone in ["0712345678", "712345678", "254712345678", "+254 712-345-678", "00254712345678"] {
            let answer = sign_in(&app, phone, PASSWORD, "/tips/1").await;
            assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{phone}");
            assert_eq!(answer.headers()[LOCATION], "/tips/1");
            let cookie = answer.headers()[SET_COOKIE].to_str().expect("text").to_owned();
            assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && !cookie.contains("Secure"), "{cookie}");
        }
    }

    async fn one_number_is_one_person(app: TestApp) {
        app.buyer("0712345678").await;
        let again = [("phone_number", "+254712345678"), ("password", PASSWORD), ("display_name", "Another"), ("birth_date", "1990-01-01"), ("buyer", "on")];
        let answer = post(&app, "/api/accounts/register", &again).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "nobody is told that the number is known");
        assert!(answer.headers()[LOCATION].to_str().expect("text").starts_with("/code/"));
        app.until("the SMS", || async { app.inbox("0712345678").await[0].contains("account already") }).await;
        assert_eq!(app.count("SELECT COUNT(*) FROM people").await, 1);
    }

    async fn a_wrong_password_and_an_unknown_number_look_the_same(app: TestApp) {
        app.buyer("0712345678").await;
        let wrong = sign_in(&app, "0712345678", "wrong password", "").await;
        let unknown = sign_in(&app, "0712000999", PASSWORD, "").await;
        assert_eq!((wrong.status(), unknown.status()), (StatusCode::UNAUTHORIZED, StatusCode::UNAUTHORIZED));
        assert_eq!(wrong.text().await.expect("words"), unknown.text().await.expect("words"));
    }

    async fn failures_are_limited_and_success_is_not(app: TestApp) {
        app.buyer("0712345678").await;
        for _ in 0..8 {
            assert_eq!(sign_in(&app, "0712345678", PASSWORD, "").await.status(), StatusCode::SEE_OTHER, "only failures count");
        }
        for _ in 0..5 {
            assert_eq!(sign_in(&app, "0712345678", "wrong password", "").await.status(), StatusCode::UNAUTHORIZED);
        }
        let locked = sign_in(&app, "0712345678", PASSWORD, "").await;
        assert_eq!(locked.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(locked.headers()["retry-after"], "900");
        app.advance(901);
        assert_eq!(sign_in(&app, "0712345678", PASSWORD, "").await.status(), StatusCode::SEE_OTHER);
    }

    async fn a_browser_gets_the_form_again(app: TestApp) {
        let form = [("phone_number", "0712345678"), ("password", "Xk29!vmq"), ("display_name", "Asha <b>"), ("birth_date", "2015-01-01"), ("buyer", "on")];
        let answer = app.http.post(app.at("/api/accounts/register")).header("accept", "text/html").form(&form).send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
        let page = answer.text().await.expect("HTML");
        assert!(page.contains("18 or older"), "the reason");
        assert!(page.contains("0712345678") && page.contains("Asha &lt;b&gt;"), "what was typed, escaped");
        assert!(!page.contains("name=\"password\"") && !page.contains("Xk29!vmq"), "a password is neither asked for nor shown");
    }

    async fn nobody_is_sent_away(app: TestApp) {
        app.buyer("0712345678").await;
        for next in ["https://evil.example/", "//evil.example", "/\\evil.example"] {
            assert_eq!(sign_in(&app, "0712345678", PASSWORD, next).await.headers()[LOCATION], "/tips", "{next}");
        }
    }

    async fn signing_out_ends_the_session(app: TestApp) {
        let buyer = app.buyer("0712345678").await;
        assert_eq!(buyer.page(&app, "/purchases").await.0, StatusCode::OK);
        let by_get = buyer.http.get(app.at("/api/accounts/sign-out")).send().await.expect("an answer");
        assert_eq!(by_get.status(), StatusCode::METHOD_NOT_ALLOWED);
        let out = buyer.http.post(app.at("/api/accounts/sign-out")).send().await.expect("an answer");
        assert_eq!(out.status(), StatusCode::SEE_OTHER);
        let page = buyer.http.get(app.at("/purchases")).send().await.expect("an answer");
        assert!(page.status().is_redirection(), "{}", page.status());
        assert_eq!(page.headers()[LOCATION], "/sign-in?next=%2Fpurchases");
        assert_eq!(app.count("SELECT COUNT(*) FROM sessions").await, 0);
    }

    async fn a_planted_session_id_is_worth_nothing(app: TestApp) {
        app.buyer("0712345678").await;
        let planted = sign_in(&app, "0712345678", PASSWORD, "").await;
        let cookie = planted.headers()[SET_COOKIE].to_str().expect("text").split(';').next().expect("a pair").to_owned();
        let form = [("phone_number", "0712345678"), ("password", PASSWORD)];
        let answer = app.http.post(app.at("/api/accounts/sign-in")).header(COOKIE, &cookie).form(&form).send().await.expect("an answer");
        let fresh = answer.headers()[SET_COOKIE].to_str().expect("text");
        assert!(!fresh.starts_with(&cookie), "a new id at each sign-in");
    }

    async fn other_sites_cannot_post(app: TestApp) {
        let buyer = app.buyer("0712345678").await;
        for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
            let answer = buyer.http.post(app.at("/api/accounts/sign-out")).header(name, value).send().await.expect("an answer");
            assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{name}");
        }
        assert_eq!(buyer.page(&app, "/purchases").await.0, StatusCode::OK, "still signed in");
    }

    async fn a_registration_whose_commits_answer_was_lost_is_no_taken_number(app: TestApp) {
        let second = app.beside_losing_answers().await;
        for (number, is_tipster) in [("254712000001", false), ("254712000002", true)] {
            let add = async |id: u128| {
                let person = NewPerson {
                    id: PersonId(Uuid::from_u128(id)),
                    msisdn: &number.parse().expect("a number"),
                    display_name: "Amina Otieno",
                    password_hash: "",
                    birth_date: "1995-04-30".parse().expect("a date"),
                    is_buyer: !is_tipster,
                    is_tipster,
                    is_verified: false,
                    staff: None,
                    created_at: app.clock.now(),
                };
                second.running.state.people.add(&person).await.expect("asked")
            };
            assert!(add(1 + u128::from(is_tipster)).await, "{number}");
            assert!(!add(3).await, "{number} is taken now");
        }
    }

    async fn anonymous_pages_and_polls_write_nothing(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        let started = buyer.start(&app, tip).await;
        let sessions = app.count("SELECT COUNT(*) FROM sessions").await;
        for path in ["/", "/tips", &format!("/tips/{tip}"), "/sign-in"] {
            let answer = client().get(app.at(path)).send().await.expect("an answer");
            assert_eq!(answer.status(), StatusCode::OK, "{path}");
            assert!(!answer.headers().contains_key(SET_COOKIE), "{path} sets no cookie");
        }
        buyer.status(&app, text(&started, "payment_id")).await;
        assert_eq!(app.count("SELECT COUNT(*) FROM sessions").await, sessions);
    }
}
