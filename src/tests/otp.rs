//! One-time codes, new passwords, all devices and closing an account, as the owner uses them and as somebody
//! else tries to.

use reqwest::header::LOCATION;
use reqwest::{Client, Response, StatusCode};

use super::harness::{BET_CODE, PASSWORD, Person, TestApp, both, client, text};
use crate::outbox::Outbox;
use crate::people::browser::Browser;
use crate::people::otp::{Begun, CodeAsker};
use crate::people::{AttemptLimits, Caller, People, Registration};
use crate::platform::db::{Failure, on, transaction};
use crate::platform::random::Random;
use crate::platform::secret_key::SecretKey;
use crate::types::Language;

const PHONE: &str = "0712345678";
const NEW_PASSWORD: &str = "battery staple";

async fn post(app: &TestApp, browser: &Client, path: &str, form: &[(&str, &str)]) -> Response {
    browser.post(app.at(path)).form(form).send().await.expect("an answer")
}

async fn begin_registration(app: &TestApp, browser: &Client, phone: &str) -> Response {
    let form = [
        ("phone_number", phone),
        ("display_name", "Another Name"),
        ("birth_date", "1990-01-01"),
        ("buyer", "on"),
    ];
    post(app, browser, "/api/accounts/register", &form).await
}

fn cookies(answer: &Response) -> String {
    answer.headers().get_all("set-cookie").iter().map(|cookie| cookie.to_str().expect("text")).collect()
}

/// The id in the address of a code's page.
fn id_of(answer: &Response) -> String {
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    answer.headers()[LOCATION]
        .to_str()
        .expect("text")
        .strip_prefix("/code/")
        .expect("the page of a code")
        .to_owned()
}

async fn enter(app: &TestApp, browser: &Client, id: &str, code: &str, password: &str) -> StatusCode {
    post(app, browser, "/api/accounts/code", &[("id", id), ("code", code), ("password", password)])
        .await
        .status()
}

async fn sign_in(app: &TestApp, phone: &str, password: &str) -> StatusCode {
    post(app, &client(), "/api/accounts/sign-in", &[("phone_number", phone), ("password", password)])
        .await
        .status()
}

async fn is_signed_in(app: &TestApp, person: &Person) -> bool {
    person.page(app, "/purchases").await.0 == StatusCode::OK
}

async fn execute(app: &TestApp, statement: &'static str) {
    let done: Result<(), Failure> =
        transaction!(app.db, |tx| Ok(on!(tx, |c| sqlx::query(statement).execute(c).await.map(|_| ()))?));
    done.expect("done");
}

/// A code that is not this one.
fn wrong(code: &str) -> &'static str {
    if code == "111111" { "222222" } else { "111111" }
}

both! {
    async fn a_number_is_proven_before_there_is_an_account(app: TestApp) {
        let browser = client();
        let begun = begin_registration(&app, &browser, PHONE).await;
        assert!(!cookies(&begun).contains("ligisoo_session"), "nobody is signed in yet");
        let id = id_of(&begun);
        assert_eq!(app.count("SELECT COUNT(*) FROM people").await, 0);
        assert_eq!(sign_in(&app, PHONE, PASSWORD).await, StatusCode::UNAUTHORIZED);
        let page = browser.get(app.at(&format!("/code/{id}"))).header("accept", "text/html").send().await.expect("an answer");
        let page = page.text().await.expect("HTML");
        assert!(page.contains("0712•••678") && !page.contains("Another Name"));
        let code = app.code_on(PHONE).await;
        assert_eq!(enter(&app, &browser, &id, wrong(&code), PASSWORD).await, StatusCode::BAD_REQUEST);
        for odd in ["", "12345", "1234567", "12345x"] {
            assert_eq!(enter(&app, &browser, &id, odd, PASSWORD).await, StatusCode::BAD_REQUEST, "{odd:?} is no try");
        }
        assert_eq!(enter(&app, &browser, &id, &format!("{} {}", &code[..3], &code[3..]), PASSWORD).await, StatusCode::SEE_OTHER);
        assert_eq!(enter(&app, &browser, &id, &code, PASSWORD).await, StatusCode::CONFLICT, "once");
        assert_eq!(sign_in(&app, PHONE, PASSWORD).await, StatusCode::SEE_OTHER);
        assert_eq!(app.count("SELECT COUNT(*) FROM people WHERE number_proven_at IS NOT NULL").await, 1);
        assert_eq!(app.count("SELECT COUNT(*) FROM codes WHERE registration IS NOT NULL").await, 0, "nothing of it is kept");
        for odd in ["x", "00000000-0000-0000-0000-000000000000"] {
            assert_eq!(enter(&app, &browser, odd, &code, PASSWORD).await, StatusCode::NOT_FOUND);
        }
    }

    async fn five_tries_and_ten_minutes(app: TestApp) {
        let browser = client();
        let id = id_of(&begin_registration(&app, &browser, PHONE).await);
        let code = app.code_on(PHONE).await;
        for _ in 0..4 {
            assert_eq!(enter(&app, &browser, &id, wrong(&code), PASSWORD).await, StatusCode::BAD_REQUEST);
        }
        assert_eq!(enter(&app, &browser, &id, wrong(&code), PASSWORD).await, StatusCode::CONFLICT);
        assert_eq!(enter(&app, &browser, &id, &code, PASSWORD).await, StatusCode::CONFLICT, "the right one comes too late");
        let again = post(&app, &browser, "/api/accounts/code/again", &[("id", &id)]).await;
        let id = id_of(&again);
        let code = app.code_on(PHONE).await;
        app.advance(601);
        assert_eq!(enter(&app, &browser, &id, &code, PASSWORD).await, StatusCode::CONFLICT, "it is over");
        assert_eq!(app.count("SELECT COUNT(*) FROM people").await, 0);
    }

    async fn whoever_proves_a_number_gets_its_account(app: TestApp) {
        let browser = client();
        let before = app.buyer(PHONE).await;
        assert!(is_signed_in(&app, &before).await);
        let id = id_of(&begin_registration(&app, &browser, "+254 712 345 678").await);
        assert!(is_signed_in(&app, &before).await, "asking alone changes nothing");
        assert_eq!(sign_in(&app, PHONE, NEW_PASSWORD).await, StatusCode::UNAUTHORIZED);
        let code = app.code_on(PHONE).await;
        assert_eq!(enter(&app, &browser, &id, &code, NEW_PASSWORD).await, StatusCode::SEE_OTHER);
        assert!(!is_signed_in(&app, &before).await, "every older session has ended");
        assert_eq!(sign_in(&app, PHONE, PASSWORD).await, StatusCode::UNAUTHORIZED);
        assert_eq!(sign_in(&app, PHONE, NEW_PASSWORD).await, StatusCode::SEE_OTHER);
        assert_eq!(app.count("SELECT COUNT(*) FROM people WHERE display_name = 'Baraka Buyer'").await, 1, "it is the same account");
    }

    async fn a_reset_does_not_tell_who_is_known(app: TestApp) {
        let browser = client();
        let before = app.buyer(PHONE).await;
        let known = post(&app, &browser, "/api/accounts/reset", &[("phone_number", PHONE)]).await;
        let unknown = post(&app, &browser, "/api/accounts/reset", &[("phone_number", "0712000999")]).await;
        let (known, unknown) = (id_of(&known), id_of(&unknown));
        let mut pages = Vec::new();
        for id in [&known, &unknown] {
            let page = browser.get(app.at(&format!("/code/{id}"))).send().await.expect("an answer").text().await.expect("HTML");
            pages.push(page.replace("0712•••678", "N").replace("0712•••999", "N").len());
        }
        assert_eq!(pages[0].abs_diff(pages[1]), 0, "the same page");
        let code = app.code_on(PHONE).await;
        assert!(app.inbox("0712000999").await.is_empty(), "nobody is written to who has no account");
        assert_eq!(enter(&app, &browser, &unknown, "123456", NEW_PASSWORD).await, enter(&app, &browser, &known, wrong(&code), NEW_PASSWORD).await);
        assert_eq!(enter(&app, &browser, &known, &code, "short").await, StatusCode::BAD_REQUEST);
        assert_eq!(enter(&app, &browser, &known, &code, NEW_PASSWORD).await, StatusCode::SEE_OTHER);
        assert!(!is_signed_in(&app, &before).await);
        assert_eq!(sign_in(&app, PHONE, NEW_PASSWORD).await, StatusCode::SEE_OTHER);
        assert_eq!(enter(&app, &browser, &known, &code, "something else").await, StatusCode::CONFLICT);
        let odd = post(&app, &browser, "/api/accounts/reset", &[("phone_number", "12")]).await;
        assert_eq!(odd.status(), StatusCode::BAD_REQUEST);
    }

    async fn codes_to_a_number_are_limited(app: TestApp) {
        let browser = client();
        app.buyer(PHONE).await;
        for phone in [PHONE, "0712000999"] {
            let mut answers = Vec::new();
            for _ in 0..4 {
                answers.push(post(&app, &browser, "/api/accounts/reset", &[("phone_number", phone)]).await.status());
            }
            // The known number got a code to join too.
            let sent = answers.iter().filter(|status| **status == StatusCode::SEE_OTHER).count();
            assert_eq!(sent, if phone == PHONE { 2 } else { 3 }, "{phone}: {answers:?}");
            assert_eq!(answers[3], StatusCode::TOO_MANY_REQUESTS);
        }
        app.advance(601);
        assert_eq!(post(&app, &browser, "/api/accounts/reset", &[("phone_number", PHONE)]).await.status(), StatusCode::SEE_OTHER);
    }

    async fn a_code_is_used_once_also_at_once(app: TestApp) {
        let browser = client();
        let id = id_of(&begin_registration(&app, &browser, PHONE).await);
        let code = app.code_on(PHONE).await;
        let enter = || enter(&app, &browser, &id, &code, PASSWORD);
        let (one, two, three) = tokio::join!(enter(), enter(), enter());
        let entered = [one, two, three].into_iter().filter(|status| *status == StatusCode::SEE_OTHER).count();
        assert_eq!(entered, 1);
        assert_eq!(app.count("SELECT COUNT(*) FROM people").await, 1);
    }

    async fn a_stolen_sim_does_not_open_the_desk(app: TestApp) {
        let browser = client();
        app.buyer(PHONE).await;
        execute(&app, "UPDATE people SET staff = 'operator'").await;
        let id = id_of(&post(&app, &browser, "/api/accounts/reset", &[("phone_number", PHONE)]).await);
        assert!(app.inbox(PHONE).await.iter().all(|message| !message.contains("new password")));
        assert_ne!(enter(&app, &browser, &id, "123456", NEW_PASSWORD).await, StatusCode::SEE_OTHER);
        assert_eq!(sign_in(&app, PHONE, PASSWORD).await, StatusCode::SEE_OTHER);
    }

    async fn an_unproven_number_pays_only_for_itself_until_it_is_proven(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        execute(&app, "UPDATE people SET number_proven_at = NULL").await;
        let other = buyer.initiate(&app, &serde_json::json!({ "tip_id": tip, "phone_number": "0712000777" })).await;
        assert_eq!(other.status(), StatusCode::CONFLICT);
        assert!(buyer.page(&app, "/account").await.1.contains("Not proven"));
        let id = id_of(&buyer.post(&app, "/api/accounts/prove", &[]).await);
        let code = app.code_on(PHONE).await;
        let proven = buyer.post(&app, "/api/accounts/code", &[("id", &id), ("code", &code)]).await;
        assert_eq!((proven.status(), proven.headers()[LOCATION].to_str().expect("text")), (StatusCode::SEE_OTHER, "/account"));
        assert!(!buyer.page(&app, "/account").await.1.contains("Not proven"));
        let other = buyer.initiate(&app, &serde_json::json!({ "tip_id": tip, "phone_number": "0712000777" })).await;
        assert_eq!(other.status(), StatusCode::OK);
        assert_eq!(app.http.post(app.at("/api/accounts/prove")).send().await.expect("an answer").status(), StatusCode::UNAUTHORIZED);
    }

    async fn a_new_password_asks_for_the_old_one_and_ends_other_sessions(app: TestApp) {
        let buyer = app.buyer(PHONE).await;
        let elsewhere = client();
        let form = [("phone_number", PHONE), ("password", PASSWORD)];
        elsewhere.post(app.at("/api/accounts/sign-in")).form(&form).send().await.expect("an answer");
        let wrong = buyer.post(&app, "/api/accounts/password", &[("old_password", "not it"), ("password", NEW_PASSWORD)]).await;
        assert_eq!(wrong.status(), StatusCode::BAD_REQUEST);
        let short = buyer.post(&app, "/api/accounts/password", &[("old_password", PASSWORD), ("password", "short")]).await;
        assert_eq!(short.status(), StatusCode::BAD_REQUEST);
        let changed = buyer.post(&app, "/api/accounts/password", &[("old_password", PASSWORD), ("password", NEW_PASSWORD)]).await;
        assert_eq!(changed.status(), StatusCode::SEE_OTHER);
        assert!(is_signed_in(&app, &buyer).await, "this device stays");
        let page = elsewhere.get(app.at("/purchases")).send().await.expect("an answer");
        assert_eq!(page.status(), StatusCode::FOUND, "the other one does not");
        assert_eq!((sign_in(&app, PHONE, PASSWORD).await, sign_in(&app, PHONE, NEW_PASSWORD).await), (StatusCode::UNAUTHORIZED, StatusCode::SEE_OTHER));
        let out = buyer.post(&app, "/api/accounts/sign-out-everywhere", &[]).await;
        assert_eq!(out.status(), StatusCode::SEE_OTHER);
        assert!(!is_signed_in(&app, &buyer).await);
        assert_eq!(app.count("SELECT COUNT(*) FROM sessions").await, 0);
    }

    async fn without_messages_a_registration_enters_at_once_with_its_password(app: TestApp) {
        let key = SecretKey::random(&Random::System);
        let outbox = Outbox::new(app.db.clone(), app.clock.clone(), key.clone(), None);
        let people = People::new(app.db.clone(), app.clock.clone(), Random::System, key, AttemptLimits::default(), outbox).expect("accounts");
        let caller = Caller { address: [203, 0, 113, 7].into(), browser: &Browser::default() };
        let asker = CodeAsker { caller, language: Language::English };
        let form = |password: &str| Registration {
            phone_number: PHONE.to_owned(),
            password: password.to_owned(),
            display_name: "Another Name".to_owned(),
            birth_date: "1990-01-01".to_owned(),
            buyer: Some("on".to_owned()),
            ..Registration::default()
        };
        for weak in ["short", "0712345678", "another name"] {
            let refused = people.begin_registration(&form(weak), asker).await.err().expect("refused");
            assert_eq!(refused.0, Some("password"), "{weak}");
        }
        let begun = people.begin_registration(&form(PASSWORD), asker).await;
        assert!(matches!(begun, Ok(Begun::Entered(entrant)) if entrant.viewer.msisdn.as_str() == "254712345678"));
        assert_eq!(app.count("SELECT COUNT(*) FROM people WHERE number_proven_at IS NULL").await, 1);
        assert_eq!(sign_in(&app, PHONE, PASSWORD).await, StatusCode::SEE_OTHER);
        let hashes = people.hash_count();
        let taken = people.begin_registration(&form(NEW_PASSWORD), asker).await.err().expect("refused");
        assert_eq!((taken.0, taken.1.status()), (Some("phone_number"), StatusCode::CONFLICT));
        assert_eq!(people.hash_count(), hashes, "a refusal costs no hash");
    }

    async fn a_profile_is_checked_and_seen_at_once(app: TestApp) {
        let buyer = app.buyer(PHONE).await;
        let long = "x".repeat(501);
        for (name, bio) in [("x", ""), ("0712345678", ""), ("Fine Name", long.as_str())] {
            let form = [("display_name", name), ("bio", bio)];
            let refused = buyer.http.post(app.at("/api/accounts/profile")).header("accept", "text/html").form(&form).send().await.expect("an answer");
            assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
        }
        let saved = buyer.post(&app, "/api/accounts/profile", &[("display_name", "New Name"), ("bio", "I follow <b>\nKPL.")]).await;
        assert_eq!(saved.status(), StatusCode::SEE_OTHER);
        let (_, page) = buyer.page(&app, "/account?done=profile").await;
        assert!(page.contains("New Name") && page.contains("I follow &lt;b&gt;\nKPL."), "escaped, and in the header too");
    }

    async fn an_account_is_closed_when_nothing_is_left(app: TestApp) {
        let (tipster, tip, buyer) = app.shop().await;
        let started = buyer.start(&app, tip).await;
        let close = async |person: &Person, password: &str| person.post(&app, "/api/accounts/close", &[("password", password)]).await;
        assert_eq!(close(&buyer, PASSWORD).await.status(), StatusCode::CONFLICT, "a payment is pending");
        app.answer(text(&started, "checkout_request_id"), "pay").await;
        buyer.until_status(&app, text(&started, "payment_id"), "completed").await;
        assert_eq!(close(&tipster, PASSWORD).await.status(), StatusCode::CONFLICT, "money is held");
        assert_eq!(close(&buyer, "not it").await.status(), StatusCode::BAD_REQUEST);
        assert_eq!(close(&buyer, PASSWORD).await.status(), StatusCode::SEE_OTHER);
        assert!(!is_signed_in(&app, &buyer).await);
        assert_eq!(sign_in(&app, PHONE, PASSWORD).await, StatusCode::UNAUTHORIZED);
        assert_eq!(app.count("SELECT COUNT(*) FROM purchases").await, 1, "the books are untouched");
        app.books_are_right().await;
        let next = app.buyer(PHONE).await;
        assert_ne!(next.id, buyer.id, "the number is free for a new account");
        assert!(!next.page(&app, "/purchases").await.1.contains(BET_CODE), "which has nothing of the old one");
    }
}
