//! Messages: each is there with what it tells or not at all, none is lost with a process or a gateway, and
//! what was given up is listed until a person decides.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use chrono::TimeDelta;
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::harness::{TestApp, both, client};
use super::security::stranger::{PROXY, PUBLIC, Stranger};
use crate::commands::jobs;
use crate::context::Foundation;
use crate::jobs::{Work, scheduler};
use crate::outbox::{
    AfricasTalking, JsonGateway, MessageText, NewMessage, NotSent, Outbox, Sms, TextValues, code_digits,
};
use crate::platform::db::{Failure, transaction};
use crate::platform::lease::Held;
use crate::platform::random::Random;
use crate::platform::secret_key::SecretKey;
use crate::platform::settings::{GatewayForm, GatewaySettings};
use crate::types::{AppError, Language, Msisdn};

const PHONE: &str = "0712345678";
const CODE: Uuid = Uuid::from_u128(7);
const HELD: Held = Held { name: "none", epoch: 0 };

/// A gateway that a test holds in its hand.
#[derive(Default)]
struct Hand {
    /// What it answers; nothing, for ever, if there is no answer.
    answer: Mutex<Option<Result<(), NotSent>>>,
    asked: AtomicUsize,
    texts: Mutex<Vec<String>>,
}

impl Hand {
    fn answers(&self, answer: Result<(), NotSent>) {
        *self.answer.lock().expect("a lock") = Some(answer);
    }

    fn is_down(&self) {
        self.answers(Err(NotSent::ForNow("it is down".to_owned())));
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Sms for Hand {
    async fn send(&self, _to: &Msisdn, text: &str) -> Result<(), NotSent> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.texts.lock().expect("a lock").push(text.to_owned());
        let answer = self.answer.lock().expect("a lock").clone();
        match answer {
            Some(answer) => answer,
            None => std::future::pending().await,
        }
    }
}

fn key() -> SecretKey {
    SecretKey::random(&Random::seeded(1))
}

fn outbox(app: &TestApp) -> (Arc<Hand>, Outbox) {
    let hand = Arc::new(Hand::default());
    (hand.clone(), Outbox::new(app.db.clone(), app.clock.clone(), key(), Some(hand)))
}

/// Writes a message that is good for a day. With `is_undone` its transaction fails.
async fn put(app: &TestApp, outbox: &Outbox, is_undone: bool) -> Result<Uuid, Failure> {
    let (id, made_at, to) =
        (Random::System.uuid(app.clock.now()), app.clock.now(), PHONE.parse().expect("one"));
    let message = NewMessage {
        id,
        to: Some(&to),
        text: MessageText::YourCode,
        values: TextValues { code: CODE },
        language: Language::Swahili,
        made_at,
        expires_at: made_at + TimeDelta::days(1),
    };
    transaction!(app.db, |tx| {
        outbox.put(tx, &message).await?;
        if is_undone { Err(AppError::Internal.into()) } else { Ok(id) }
    })
}

async fn round(outbox: &Outbox) -> usize {
    outbox.round(HELD).await.expect("a round")
}

async fn in_state(app: &TestApp, state: &str) -> i64 {
    let count = "SELECT COUNT(*) FROM messages WHERE state = $1";
    crate::platform::db::read!(app.db, |c| sqlx::query_scalar(count).bind(state).fetch_one(c).await)
        .expect("a count")
}

both! {
    with [PROXY, PUBLIC];

    async fn a_code_is_sent_though_its_server_died_after_the_commit(app: TestApp) {
        let browser = Stranger::at("203.0.113.7");
        let id = browser.begin_to_join(&app, PHONE, "").await;
        assert_eq!(in_state(&app, "due").await, 1);
        let other = app.beside().await;
        assert_eq!((other.deliver().await, other.deliver().await), (1, 0));
        assert_eq!(app.count("SELECT COUNT(*) FROM messages WHERE recipient IS NULL AND text_values IS NULL").await, 1, "nothing of it is kept");
        let code = app.code_on(PHONE).await;
        assert_eq!(browser.enter_code(&app, &id, &code, "mvua ya masika").await, StatusCode::SEE_OTHER);
    }

    async fn a_code_that_is_good_no_more_is_not_sent(app: TestApp) {
        Stranger::at("203.0.113.7").begin_to_join(&app, PHONE, "").await;
        app.advance(600);
        assert_eq!(app.deliver().await, 0);
        assert_eq!(in_state(&app, "expired").await, 1);
        assert!(app.inbox(PHONE).await.is_empty());
        app.advance(2 * 24 * 3_600 + 1);
        assert_eq!(app.running.state.people.outbox.purge().await.expect("purged"), 1);
    }
}

both! {
    async fn a_message_is_there_with_what_it_tells_or_not_at_all(app: TestApp) {
        let (_, outbox) = outbox(&app);
        assert!(put(&app, &outbox, true).await.is_err());
        assert_eq!(app.count("SELECT COUNT(*) FROM messages").await, 0);
        for _ in 0..6 {
            let _ = client().post(app.at("/api/accounts/reset")).form(&[("phone_number", PHONE)]).send().await.expect("an answer");
        }
        let codes = app.count("SELECT COUNT(*) FROM codes").await;
        assert!((1..6).contains(&codes), "a limit refused the last");
        assert_eq!(in_state(&app, "nobody").await, codes, "a row for each, also for a number that nobody has");
        assert_eq!(app.deliver().await, 0);
        assert!(app.inbox(PHONE).await.is_empty());
    }

    async fn a_gateway_that_is_down_gets_it_when_it_is_back(app: TestApp) {
        let (hand, outbox) = outbox(&app);
        hand.is_down();
        put(&app, &outbox, false).await.expect("written");
        assert_eq!((round(&outbox).await, round(&outbox).await), (0, 0));
        assert_eq!(hand.asked(), 1, "not at once again");
        app.advance(2);
        round(&outbox).await;
        app.advance(3);
        round(&outbox).await;
        assert_eq!(hand.asked(), 2, "later and later");
        hand.answers(Ok(()));
        app.advance(1);
        assert_eq!((round(&outbox).await, round(&outbox).await), (1, 0));
        let code = code_digits(&key(), CODE);
        assert!(hand.texts.lock().expect("a lock").iter().all(|text| text.contains(&format!("{code} ni code yako"))));
        assert_eq!(in_state(&app, "sent").await, 1);
    }

    async fn what_is_given_up_is_listed_until_somebody_retries_it(app: TestApp) {
        let (hand, outbox) = outbox(&app);
        hand.is_down();
        let id = put(&app, &outbox, false).await.expect("written");
        for _ in 0..12 {
            round(&outbox).await;
            app.advance(60);
        }
        assert_eq!(hand.asked(), 10);
        let state = &app.running.state;
        let on = || Foundation::for_command((*state.settings).clone(), state.leptos.clone(), app.db.clone()).expect("a foundation");
        let shown = serde_json::to_value(jobs::look(&on()).await.expect("a report")).expect("JSON");
        let messages = shown["jobs"].as_array().expect("jobs").iter().find(|job| job["kind"] == "messages").expect("messages");
        assert_eq!((&messages["waiting"]["dead"], &shown["is_held"]), (&1.into(), &false.into()));
        let dead = &shown["dead_messages"][0];
        assert_eq!((&dead["id"], &dead["attempts"], &dead["last_error"]), (&id.to_string().into(), &10.into(), &"it is down".into()));
        assert!(!shown.to_string().contains("712345678"), "{shown}");
        hand.answers(Ok(()));
        assert_eq!(round(&outbox).await, 0, "it waits for a person");
        let by = app.acts("0744000001").await;
        jobs::retry(&on(), id, &by).await.expect("due again");
        assert_eq!(round(&outbox).await, 1);
        assert!(matches!(jobs::retry(&on(), id, &by).await, Err(Failure::App(AppError::NotFound(_)))));
        hand.answers(Err(NotSent::ForGood("no such number".to_owned())));
        let id = put(&app, &outbox, false).await.expect("written");
        round(&outbox).await;
        assert_eq!((hand.asked(), in_state(&app, "dead").await), (12, 1), "at once");
        app.advance(24 * 3_600);
        jobs::retry(&on(), id, &by).await.expect("due again");
        assert_eq!((round(&outbox).await, in_state(&app, "expired").await), (0, 1), "too late");
    }

    async fn a_message_whose_sender_died_at_it_is_sent_by_the_next(app: TestApp) {
        let (silent, first) = outbox(&app);
        put(&app, &first, false).await.expect("written");
        let dying = tokio::spawn(async move { first.round(HELD).await });
        app.until("it is asked", || async { silent.asked() == 1 }).await;
        dying.abort();
        let (hand, second) = outbox(&app);
        hand.answers(Ok(()));
        app.advance(19);
        assert_eq!(round(&second).await, 0, "the gateway may be at it");
        app.advance(1);
        assert_eq!(round(&second).await, 1);
    }

    async fn the_scheduler_sends_at_once_what_its_own_process_wrote(app: TestApp) {
        let (hand, outbox) = outbox(&app);
        hand.answers(Ok(()));
        let lease = scheduler::lease(&app.db, &app.clock, &Random::System);
        let works: Vec<Arc<dyn Work>> = vec![Arc::new(outbox.clone())];
        let stop = CancellationToken::new();
        let running = tokio::spawn(scheduler::run(lease, app.db.clone(), app.clock.clone(), works, stop.clone()));
        for sent in 1..=3 {
            put(&app, &outbox, false).await.expect("written");
            outbox.ring();
            // The clock stands still: no round is due but by the bell.
            app.until("it is sent", || async { hand.asked() == sent }).await;
        }
        stop.cancel();
        running.await.expect("it stops");
    }
}

/// A gateway over HTTP: what it was asked, and what it answers.
type Heard = Arc<Mutex<Vec<(HeaderMap, String)>>>;

async fn gateway(status: u16, body: &'static str) -> (reqwest::Url, Heard) {
    let heard = Heard::default();
    let answer = move |State(heard): State<Heard>, headers: HeaderMap, asked: String| async move {
        heard.lock().expect("a lock").push((headers, asked));
        (StatusCode::from_u16(status).expect("a status"), body)
    };
    let router = Router::new().route("/messages", post(answer)).with_state(heard.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/messages", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url.parse().expect("an address"), heard)
}

fn settings(url: reqwest::Url, form: GatewayForm) -> GatewaySettings {
    GatewaySettings { url, token: SecretString::from("s3cret"), sender: Some("LIGISOO".to_owned()), form }
}

async fn send(sms: &dyn Sms) -> Result<(), NotSent> {
    let sent = sms.send(&PHONE.parse().expect("a number"), "Ligisoo: 1 & 2").await;
    if let Err(NotSent::ForNow(why) | NotSent::ForGood(why)) = &sent {
        assert!(!["712345678", "Ligisoo", "s3cret"].iter().any(|secret| why.contains(secret)), "{why}");
    }
    sent
}

#[tokio::test]
async fn a_gateway_gets_json_with_a_bearer_token() {
    let (url, heard) = gateway(202, "").await;
    let sms = JsonGateway::new(settings(url, GatewayForm::Json)).expect("a gateway");
    assert_eq!(send(&sms).await, Ok(()));
    let (headers, body) = heard.lock().expect("a lock").pop().expect("a request");
    assert_eq!(headers["authorization"], "Bearer s3cret");
    let body: serde_json::Value = serde_json::from_str(&body).expect("JSON");
    let wanted = serde_json::json!({ "to": "+254712345678", "message": "Ligisoo: 1 & 2", "from": "LIGISOO" });
    assert_eq!(body, wanted);
    let (url, _) = gateway(503, "").await;
    let sms = JsonGateway::new(settings(url, GatewayForm::Json)).expect("a gateway");
    assert_eq!(send(&sms).await, Err(NotSent::ForNow("the gateway answered 503".to_owned())));
    let (url, _) = gateway(302, "").await;
    let sms = JsonGateway::new(settings(url, GatewayForm::Json)).expect("a gateway");
    assert_eq!(
        send(&sms).await,
        Err(NotSent::ForNow("the gateway answered 302".to_owned())),
        "nobody took it"
    );
    let nowhere = "http://127.0.0.1:1/".parse().expect("an address");
    let sms = JsonGateway::new(settings(nowhere, GatewayForm::Json)).expect("a gateway");
    assert_eq!(send(&sms).await, Err(NotSent::ForNow("the gateway cannot be reached".to_owned())));
}

#[tokio::test]
async fn africas_talking_gets_its_form() {
    let form = GatewayForm::AfricasTalking { username: "ligisoo".to_owned() };
    let talking =
        |url| AfricasTalking::new(settings(url, form.clone()), "ligisoo".to_owned()).expect("a gateway");
    let taken = r#"{"SMSMessageData":{"Message":"Sent to 1/1","Recipients":[{"statusCode":101,"number":"+254712345678"}]}}"#;
    let (url, heard) = gateway(201, taken).await;
    assert_eq!(send(&talking(url)).await, Ok(()));
    let (headers, body) = heard.lock().expect("a lock").pop().expect("a request");
    let header = |name| headers[name].to_str().expect("text").to_owned();
    assert_eq!((header("apikey"), header("accept")), ("s3cret".to_owned(), "application/json".to_owned()));
    assert_eq!(header("content-type"), "application/x-www-form-urlencoded");
    let fields: Vec<(String, String)> = serde_urlencoded::from_str(&body).expect("a form");
    let wanted = [
        ("username", "ligisoo"),
        ("to", "+254712345678"),
        ("message", "Ligisoo: 1 & 2"),
        ("from", "LIGISOO"),
    ];
    assert_eq!(fields, wanted.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let refused = r#"{"SMSMessageData":{"Message":"Sent to 0/1","Recipients":[{"statusCode":403,"number":"+254712345678"}]}}"#;
    let (url, _) = gateway(201, refused).await;
    assert_eq!(
        send(&talking(url)).await,
        Err(NotSent::ForGood("the gateway refused it with 403".to_owned()))
    );
    let (url, _) = gateway(401, "The supplied authentication is invalid").await;
    assert_eq!(send(&talking(url)).await, Err(NotSent::ForNow("the gateway answered 401".to_owned())));
}
