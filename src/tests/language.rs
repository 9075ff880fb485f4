//! The site in two languages: the browser's, or the one that the visitor chose. The tests ask for what people
//! see in both. A text that is the same in both must be a name, a code or a word that Kenyans use in both.

use std::collections::HashSet;

use reqwest::header::{ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE, COOKIE, LOCATION, REFERER, SET_COOKIE};
use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::json;

use super::harness::phone::success;
use super::harness::seller::png;
use super::harness::{PASSWORD, Person, TestApp, both, client, text};
use crate::types::{Language, TipId};

async fn page(app: &TestApp, path: &str, accept: &str, cookie: &str) -> String {
    let request = app
        .http
        .get(app.at(path))
        .header(ACCEPT, "text/html")
        .header(ACCEPT_LANGUAGE, accept)
        .header(COOKIE, cookie);
    request.send().await.expect("an answer").text().await.expect("a page")
}

/// Names, and texts that people typed.
const NAMES: &str = "Asha Tipster Baraka Buyer Kenya Premier League KPL Home Away Tusker Bandari Sofapaka Secretmarket Secretpick \
    Secretnote Small stake Betika SportPesa Betin Mozzart Odibets Ligisoo Safaricom M-Pesa Wambui asha tipster";
/// Words that Kenyans use in both languages. Markets and picks have English names on every betslip.
const LOANS: &str =
    "tip tips odds betslip units Units Tip Tips Odds Betslip Pesa English Kiswahili Full-time result win";
/// English words that are in no Swahili text.
const ENGLISH: &str = "the and you your is are was of for with not this that from by when it be will can cannot have has to or if";

fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// The texts of a page without its tags, with those that are only read out or shown on demand.
fn texts(page: &str) -> HashSet<String> {
    const SPOKEN: [&str; 7] =
        ["aria-label", "alt", "placeholder", "content", "data-copied", "data-sending", "data-offline"];
    // A sealed text is what was hashed, and is the same for everybody. A script is no text.
    const UNSEEN: [&str; 4] = ["script", "style", "pre", "textarea"];
    let (mut found, mut text, mut rest) = (HashSet::new(), String::new(), page);
    while let Some((before, after)) = rest.split_once('<') {
        text.push_str(before);
        let (tag, after) = after.split_once('>').expect("a tag ends");
        rest = after;
        // Leptos puts comments between the parts of one text.
        if tag.starts_with('!') {
            continue;
        }
        found.insert(std::mem::take(&mut text).trim().to_owned());
        for name in SPOKEN {
            let value = tag.split_once(&format!(" {name}=\"")).and_then(|(_, value)| value.split('"').next());
            found.extend(
                value
                    .filter(|_| name != "content" || tag.contains("name=\"description\""))
                    .map(str::to_owned),
            );
        }
        let name = tag.split(|character: char| !character.is_alphanumeric()).next().unwrap_or_default();
        if UNSEEN.contains(&name) {
            rest = rest.split_once(&format!("</{name}>")).map_or("", |(_, after)| after);
        }
    }
    found
}

/// The texts of a page in Swahili that are still English.
fn forgotten(what: &str, english: &str, swahili: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    if !english.contains("<html lang=\"en\"") || !swahili.contains("<html lang=\"sw\"") {
        wrong.push(format!("{what}: not a page in its language"));
    }
    let known: HashSet<&str> = words_of(NAMES).chain(words_of(LOANS)).collect();
    let other = texts(english);
    for text in texts(swahili) {
        let is_word = |word: &&str| {
            word.len() > 1 && word.chars().all(char::is_alphabetic) && word.chars().any(char::is_lowercase)
        };
        let is_same =
            other.contains(&text) && words_of(&text).filter(is_word).any(|word| !known.contains(word));
        let is_english =
            words_of(&text).any(|word| words_of(ENGLISH).any(|one| one.eq_ignore_ascii_case(word)));
        if is_same || is_english {
            wrong.push(format!("{what}: {text}"));
        }
    }
    wrong
}

#[test]
fn what_was_forgotten_is_found() {
    let page = |language: &str, body: &str| format!("<html lang=\"{language}\"><body>{body}</body></html>");
    let found =
        |english: &str, swahili: &str| forgotten("/", &page("en", english), &page("sw", swahili)).len();
    assert_eq!(found("<p>Tip <!>7</p><b>Won</b>", "<p>Tip <!>7</p><b>Imeshinda</b>"), 0);
    assert_eq!(
        found("<b>Won</b><pre>Salt</pre>", "<b>Won</b><pre>Salt</pre>"),
        1,
        "the same word, seals aside"
    );
    assert_eq!(
        found("<p>By Asha</p>", "<p>Ya Asha, the tipster</p>"),
        1,
        "an English word in a Swahili sentence"
    );
    assert_eq!(
        found("<i aria-label=\"Pages\"></i>", "<i aria-label=\"Pages\"></i>"),
        1,
        "what is only read out"
    );
    assert_eq!(forgotten("/", &page("en", ""), &page("en", "")).len(), 1, "the page's own language");
}

async fn in_language(request: RequestBuilder, language: Language) -> String {
    let answer = request
        .header(ACCEPT, "text/html")
        .header(ACCEPT_LANGUAGE, language.as_str())
        .send()
        .await
        .expect("an answer");
    assert!(
        !answer.status().is_redirection(),
        "{} leads to {:?}",
        answer.url(),
        answer.headers().get(LOCATION)
    );
    answer.text().await.expect("HTML")
}

/// Reads pages in both languages, and posts forms that are refused in both.
struct Reader<'a> {
    app: &'a TestApp,
    http: &'a Client,
    wrong: Vec<String>,
}

impl<'a> Reader<'a> {
    fn new(app: &'a TestApp, http: &'a Client) -> Self {
        Self { app, http, wrong: Vec::new() }
    }

    async fn read(&mut self, path: &str) {
        let page = |language| in_language(self.http.get(self.app.at(path)), language);
        self.wrong.extend(forgotten(path, &page(Language::English).await, &page(Language::Swahili).await));
    }

    async fn post(&mut self, path: &str, form: &[(&str, &str)]) {
        let page = |language| {
            in_language(
                self.http.post(self.app.at(path)).header(REFERER, self.app.at("/tips/1").as_str()).form(form),
                language,
            )
        };
        self.wrong.extend(forgotten(
            &format!("{path} {form:?}"),
            &page(Language::English).await,
            &page(Language::Swahili).await,
        ));
    }

    fn found_none(self) {
        assert!(self.wrong.is_empty(), "English in Swahili pages:\n{}", self.wrong.join("\n"));
    }
}

/// Makes a payment in each of its states, and returns their ids.
async fn payments_in_every_state(app: &TestApp, tipster: &Person, buyer: &Person) -> Vec<String> {
    let mut ids = vec![buyer.buy(app, app.tip(tipster, 3, 50).await).await];
    for answer in ["cancel", "wrong_pin"] {
        let started = buyer.start(app, app.tip(tipster, 2, 30).await).await;
        app.answer(text(&started, "checkout_request_id"), answer).await;
        app.until("an end", || async {
            buyer.status(app, text(&started, "payment_id")).await["status"] != "pending"
        })
        .await;
        ids.push(text(&started, "payment_id").to_owned());
    }
    let late: TipId = app.tip(tipster, 2, 40).await;
    let owed = buyer.start(app, late).await;
    app.execute("UPDATE tips SET status = 'withdrawn' WHERE id = $1", late).await;
    app.answer(text(&owed, "checkout_request_id"), "pay").await;
    buyer.until_status(app, text(&owed, "payment_id"), "completed").await;
    let doubtful = buyer.start(app, app.tip(tipster, 1, 50).await).await;
    let callback = app.callback_url(&doubtful).await;
    app.post_callback(&callback, success(&doubtful, &json!(49), "UKRIGHT001").to_string()).await;
    app.answer(text(&doubtful, "checkout_request_id"), "cancel").await;
    app.advance(65);
    app.fault("lose_callback", json!(null)).await;
    let silent = buyer.start(app, app.tip(tipster, 1, 20).await).await;
    app.advance(70);
    ids.extend([owed, doubtful, silent].iter().map(|started| text(started, "payment_id").to_owned()));
    ids
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

    async fn visitors_read_swahili(app: TestApp) {
        let (tipster, tip, _) = app.shop().await;
        let lost = app.tip(&tipster, 2, 20).await;
        app.execute("UPDATE tips SET result = 'lost', units_thousandths = -1000, settled_at = created_at WHERE id = $1", lost).await;
        let stranger = client();
        let mut reader = Reader::new(&app, &stranger);
        for path in ["/", "/tips", "/tips?min_odds=abc", "/tips?text=nothing", "/tips?page=7", "/tips?order=record&matches=2-3", "/leaderboard",
            "/leaderboard?days=30", "/leaderboard?days=5", "/about", "/terms", "/privacy", "/help", "/sign-in", "/register", "/reset",
            "/nowhere", "/tips/999", "/tipsters/nobody", "/tipsters/asha-tipster", "/tipsters/asha-tipster?page=9"] {
            reader.read(path).await;
        }
        reader.read(&format!("/tips/{tip}")).await;
        reader.read(&format!("/tips/{lost}")).await;
        reader.found_none();
    }

    async fn buyers_read_swahili(app: TestApp) {
        let (tipster, tip, buyer) = app.shop().await;
        buyer.post(&app, &format!("/follows/{}", tipster.id), &[("want", "follow")]).await;
        let payments = payments_in_every_state(&app, &tipster, &buyer).await;
        let mut reader = Reader::new(&app, &buyer.http);
        for path in ["/", "/tips", "/purchases", "/purchases?show=settled", "/account", "/account?done=profile", "/account?done=password",
            "/account/limits?done=limit", "/notices", "/following", "/tipsters/asha-tipster", "/help"] {
            reader.read(path).await;
        }
        reader.read(&format!("/tips/{tip}")).await;
        for id in &payments {
            for query in ["", "?asked=yes", "?claim=kept", "?claim=told"] {
                reader.read(&format!("/payments/{id}{query}")).await;
            }
            reader.read(&format!("/purchases/{id}/receipt")).await;
        }
        buyer.post(&app, "/api/accounts/limit", &[("period", "day"), ("limit", "100")]).await;
        buyer.post(&app, "/api/accounts/limit", &[("period", "day"), ("limit", "")]).await;
        buyer.post(&app, "/api/accounts/break", &[("length", "6-months")]).await;
        reader.read("/account/limits?done=break").await;
        reader.read(&format!("/tips/{tip}")).await;
        reader.found_none();
    }

    async fn refused_forms_answer_in_swahili(app: TestApp) {
        let (tipster, _, buyer) = app.shop().await;
        let payment = payments_in_every_state(&app, &tipster, &buyer).await.pop().expect("the last is silent");
        let stranger = client();
        let mut reader = Reader::new(&app, &stranger);
        let person = [("phone_number", "0712999999"), ("display_name", "Wambui"), ("birth_date", "1990-05-01"), ("buyer", "on")];
        let odd = [("phone_number", "12"), ("display_name", "W"), ("display_name", "0712345678"), ("birth_date", "never"), ("birth_date", "2020-01-01"), ("buyer", "no")];
        for (field, value) in odd {
            let form = person.map(|(name, good)| if name == field { (name, value) } else { (name, good) });
            reader.post("/api/accounts/register", &form).await;
        }
        reader.post("/api/accounts/sign-in", &[("phone_number", "0712999999"), ("password", "wrong")]).await;
        reader.post("/api/accounts/reset", &[("phone_number", "12")]).await;
        let wrong = std::mem::take(&mut reader.wrong);
        let mut reader = Reader { wrong, ..Reader::new(&app, &buyer.http) };
        let long = "x".repeat(600);
        for (path, form) in [
            ("profile", vec![("display_name", "Baraka Buyer"), ("bio", long.as_str())]),
            ("password", vec![("old_password", "wrong"), ("password", "long enough")]),
            ("limit", vec![("period", "week"), ("limit", "much")]),
            ("break", vec![("length", "forever")]),
            ("close", vec![("password", PASSWORD)]),
        ] {
            reader.post(&format!("/api/accounts/{path}"), &form).await;
        }
        reader.post(&format!("/api/payments/{payment}/check"), &[]).await;
        reader.post(&format!("/api/payments/{payment}/claim"), &[("receipt", "short")]).await;
        reader.post("/notices/x/read", &[]).await;
        reader.post("/api/payments/start", &[("tip_id", "1"), ("phone_number", "12")]).await;
        reader.found_none();
    }

    async fn tipsters_read_swahili(app: TestApp) {
        let tipster = app.verified_tipster().await;
        app.buyer("0712345678").await.buy(&app, app.tip(&tipster, 2, 50).await).await;
        let (whole, empty) = (tipster.whole_draft(&app).await, tipster.begin(&app).await);
        let mut reader = Reader::new(&app, &tipster.http);
        for draft in [&whole, &empty] {
            reader.read(&format!("/sell/{draft}")).await;
            reader.read(&format!("/sell/{draft}/check")).await;
            reader.post(&format!("/api/selling/drafts/{draft}/matches"), &[("home_team", "x"), ("kick_off", "now"), ("leg_odds", "1")]).await;
            let details = [("bookmaker", "none"), ("bet_code", "?"), ("odds", "0"), ("price", "1"), ("note", "")];
            reader.post(&format!("/api/selling/drafts/{draft}/details"), &details).await;
        }
        tipster.publish(&app, &whole).await;
        for path in ["/my-tips", "/wallet", "/notices", "/tips/1", "/tips/2"] {
            reader.read(path).await;
        }
        assert_eq!(tipster.upload(&app, &empty, "slip.png", png(20, 20)).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
        reader.found_none();
    }

    async fn the_code_comes_in_the_language_of_who_asked(app: TestApp) {
        let form = [("phone_number", "0712345678"), ("display_name", "Wambui"), ("birth_date", "1990-05-01"), ("buyer", "on")];
        let asked = app.http.post(app.at("/api/accounts/register")).header(ACCEPT_LANGUAGE, "sw").form(&form).send().await.expect("an answer");
        assert_eq!(asked.status(), StatusCode::SEE_OTHER);
        app.until("the SMS", || async { app.inbox("0712345678").await.first().is_some_and(|sms| sms.contains("ni code yako ya kujiunga")) }).await;
        let page = asked.headers()[LOCATION].to_str().expect("text").to_owned();
        let mut reader = Reader::new(&app, &app.http);
        reader.read(&page).await;
        let id = page.trim_start_matches("/code/");
        for (code, password) in [("abc", PASSWORD), ("123456", "short"), ("123456", "12345678"), ("123456", PASSWORD)] {
            reader.post("/api/accounts/code", &[("id", id), ("code", code), ("password", password)]).await;
        }
        reader.found_none();
    }
}
