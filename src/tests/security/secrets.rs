//! Nothing public is computed from a secret: somebody who has not paid gets the same answers about two tips
//! that differ only in what is sold.

mod sales;

use std::collections::BTreeMap;

use reqwest::header::{ACCEPT, ACCEPT_ENCODING, ACCEPT_LANGUAGE, CONTENT_TYPE};
use reqwest::{Client, Method, StatusCode};
use serde_json::json;
use uuid::Uuid;

use super::super::harness::{Person, TestApp, both, text};
use crate::app::ROUTES;
use crate::server::routes;
use crate::tips::HIDDEN_CODE;
use crate::types::TipId;
use sales::{SecretSale, WORLDS};

/// The status, the headers and the body of one answer, as far as they can be the same twice.
#[derive(Debug, PartialEq)]
struct Told {
    status: StatusCode,
    headers: Vec<String>,
    body: Vec<u8>,
}

/// One of the two worlds, and what differs in it by chance.
struct TwinWorld {
    app: TestApp,
    tipster: Person,
    buyer: Person,
    /// The texts that differ by chance, and what replaces each.
    chance: Vec<(String, &'static str)>,
    payment: String,
    told: BTreeMap<String, Told>,
}

impl TwinWorld {
    async fn new(app: TestApp, tips: &[SecretSale; 3]) -> Self {
        let (tipster, buyer) = (app.verified_tipster().await, app.buyer("0712345678").await);
        for sold in tips {
            tipster.sell(&app, sold).await;
        }
        let authority = |url: &reqwest::Url| url.authority().to_owned();
        let chance = vec![(authority(&app.url), "OURS"), (authority(&app.simulator), "SIMULATOR")];
        Self { app, tipster, buyer, chance, payment: Uuid::nil().to_string(), told: BTreeMap::new() }
    }

    /// Starts to pay for the first tip through the HTTP interface.
    async fn pay(&mut self) {
        let answer = self.buyer.initiate(&self.app, &json!({ "tip_id": 1 })).await;
        let started: serde_json::Value = answer.json().await.expect("JSON");
        assert_eq!(text(&started, "tip_code"), HIDDEN_CODE);
        let prompt = self.app.prompt_of(text(&started, "checkout_request_id")).await;
        self.payment = text(&started, "payment_id").to_owned();
        let ids = [
            text(&started, "payment_id"),
            text(&started, "checkout_request_id"),
            text(&started, "merchant_request_id"),
            text(&prompt, "account_reference"),
        ];
        self.chance.extend(ids.map(|id| (id.to_owned(), "ID")));
        let body = self.steady(&started.to_string()).into_bytes();
        self.told.insert("initiate".to_owned(), Told { status: StatusCode::OK, headers: vec![], body });
    }

    /// Keeps what people who have not paid are told at this path: a visitor and a buyer, as page and as data,
    /// in both languages.
    async fn ask(&mut self, path: &str) {
        let visitor = self.app.http.clone();
        for (who, http) in [("visitor", visitor), ("buyer", self.buyer.http.clone())] {
            for (kind, language) in [("text/html", "en"), ("text/html", "sw"), ("application/json", "en")] {
                let told = self.answer(&http, path, kind, language).await;
                self.told.insert(format!("{who} {kind} {language} {}", self.steady(path)), told);
            }
        }
    }

    /// Keeps what the market answers to a search, which is the same for everybody.
    async fn search(&mut self, path: &str) {
        let told = self.answer(&self.app.http, path, "text/html", "en").await;
        self.told.insert(format!("visitor text/html en {path}"), told);
    }

    async fn answer(&self, http: &Client, path: &str, kind: &str, language: &str) -> Told {
        let request = http.get(self.app.at(path)).header(ACCEPT, kind).header(ACCEPT_LANGUAGE, language);
        let answer = request.header(ACCEPT_ENCODING, "identity").send().await.expect("an answer");
        let header = |(name, value): (&reqwest::header::HeaderName, &reqwest::header::HeaderValue)| match name
            .as_str()
        {
            "date" => None,
            // One is a hash of the page, the other a new secret.
            "etag" | "set-cookie" => Some(name.to_string()),
            _ => Some(format!("{name}: {}", self.steady(&String::from_utf8_lossy(value.as_bytes())))),
        };
        let mut headers: Vec<String> = answer.headers().iter().filter_map(header).collect();
        headers.sort();
        let status = answer.status();
        let kind = answer
            .headers()
            .get(CONTENT_TYPE)
            .map(|kind| kind.to_str().expect("text").to_owned())
            .unwrap_or_default();
        let body = match kind.as_str() {
            // The stream says nothing before the payment ends.
            kind if kind.starts_with("text/event-stream") => Vec::new(),
            kind if kind.starts_with("image/") => answer.bytes().await.expect("a picture").to_vec(),
            _ => self.steady(&answer.text().await.expect("a body")).into_bytes(),
        };
        Told { status, headers, body }
    }

    /// The text without what differs by chance: ids, seals, nonces, ports.
    fn steady(&self, text: &str) -> String {
        let text = self.chance.iter().fold(text.to_owned(), |text, (found, name)| text.replace(found, name));
        let text = replaced(&replaced(&text, "'nonce-", "'"), "nonce=\"", "\"");
        let is_of_word = |character: char| character.is_ascii_alphanumeric() || character == '-';
        let mut steady = String::new();
        for word in text.split_inclusive(|character| !is_of_word(character)) {
            let (word, end) = word.split_at(word.rfind(is_of_word).map_or(0, |last| last + 1));
            let is_seal = word.len() == 64 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
            steady += if is_seal || Uuid::parse_str(word).is_ok() { "ID" } else { word };
            steady += end;
        }
        steady
    }

    /// Every page of the router and every other address that can be read, filled in so that it exists.
    fn addresses(&self, handle: &str) -> Vec<String> {
        let programs = routes()
            .into_iter()
            .filter(|route| route.method == Method::GET)
            .map(|route| route.path.to_owned());
        let pages = ROUTES.iter().map(|route| route.path().to_owned());
        let mut addresses: Vec<String> = Vec::new();
        for path in programs.chain(pages) {
            let path = path.replace("{id}", &self.payment).replace("{draft}", &Uuid::nil().to_string());
            let path =
                path.replace("{handle}", handle).replace("{name}", "0123456789abcdef0123456789abcdef.webp");
            addresses.extend((1..=3).map(|tip| path.replace("{number}", &tip.to_string())));
        }
        addresses.dedup();
        assert!(addresses.len() > 40, "the walk finds the routes: {addresses:?}");
        assert!(
            !addresses.iter().any(|path| path.contains('{')),
            "say here what to put into it: {addresses:?}"
        );
        addresses
    }
}

/// The text in which each part between `start` and `end` is replaced.
pub(super) fn replaced(text: &str, start: &str, end: &str) -> String {
    let mut parts = text.split(start);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        format!("{text}{start}NONCE{}", part.find(end).map_or("", |at| &part[at..]))
    })
}

/// Searches in every way that the market has.
fn questions() -> Vec<String> {
    let words = WORLDS.iter().flatten().flat_map(|sold| {
        let legs = sold
            .legs
            .iter()
            .flat_map(|(home, league, _, market, pick, odds)| [*home, *league, *market, *pick, *odds]);
        legs.chain([sold.code, sold.note, sold.odds]).collect::<Vec<_>>()
    });
    let orders = ["closing", "newest", "odds", "price", "record"].map(|order| format!("order={order}"));
    let odds = [
        "1.7", "1.72", "1.75", "1.799", "1.8", "4", "4.005", "4.01", "8.66", "8.661", "8.665", "8.669",
        "8.67",
    ];
    let odds = odds.iter().flat_map(|odds| [format!("min_odds={odds}"), format!("max_odds={odds}")]);
    let kick_offs = ["soon", "today", "tomorrow"].map(|when| format!("kick_off={when}"));
    let others = [
        "bookmaker=betika",
        "bookmaker=odibets",
        "matches=1",
        "matches=2-3",
        "matches=4-6",
        "min_price=50",
        "max_price=49",
    ];
    let query = |text: &str| serde_urlencoded::to_string([("text", text)]).expect("a query");
    let words: Vec<String> = words.map(query).collect();
    words
        .into_iter()
        .chain(orders)
        .chain(odds)
        .chain(kick_offs)
        .chain(others.map(str::to_owned))
        .map(|query| format!("/tips?{query}"))
        .collect()
}

both! {
    async fn two_tips_that_differ_only_in_secrets_answer_alike(app: TestApp) {
        let twin = app.twin().await;
        let mut worlds = [TwinWorld::new(app, &WORLDS[0]).await, TwinWorld::new(twin, &WORLDS[1]).await];
        let handle = handle(&worlds[0]).await;
        assert_eq!(handle, self::handle(&worlds[1]).await);
        for world in &mut worlds {
            world.pay().await;
            for path in world.addresses(&handle) {
                world.ask(&path).await;
            }
            for path in questions() {
                world.search(&path).await;
            }
            for path in [format!("/tipsters/{handle}?days=7"), format!("/api/payments/state?payment_id={}", world.payment)] {
                world.ask(&path).await;
            }
        }
        let [one, other] = &worlds;
        assert_eq!(one.told.keys().collect::<Vec<_>>(), other.told.keys().collect::<Vec<_>>());
        for (asked, told) in &one.told {
            alike(asked, told, &other.told[asked]);
        }
        // The comparison means something: the pages exist, they tell what is public, and what is sold does
        // differ.
        let page = &one.told["visitor text/html en /tips/1"];
        let html = String::from_utf8_lossy(&page.body);
        for public in ["Zebras", "Ants", "La Liga", "Serie A", "8.66<", HIDDEN_CODE] {
            assert!(html.contains(public), "{public}: {html}");
        }
        for tip in 1..=3 {
            let path = format!("/tips/{tip}");
            let (own, others) = (one.tipster.page(&one.app, &path).await.1, other.tipster.page(&other.app, &path).await.1);
            assert!(one.steady(&own) != other.steady(&others) && own.contains(WORLDS[0][tip - 1].code), "its tipster sees tip {tip} whole");
        }
        assert_eq!(listed(&one.told, "/tips?text=Zebras"), 1);
        assert_eq!(listed(&one.told, "/tips?text=Ligue+1"), 1, "the league of a match is public");
        assert_eq!(listed(&one.told, "/tips?text=Hiddenalpha"), 0);
        assert_eq!(listed(&one.told, "/tips?min_odds=8.661"), 0, "a third decimal is not searched");
    }

    async fn a_blurred_betslip_tells_nothing(app: TestApp) {
        let (tipster, first, _) = app.shop().await;
        let sold = [app.tip(&tipster, 1, 50).await, app.tip(&tipster, 7, 100).await];
        let get = async |tip: TipId| {
            let answer = app.http.get(app.at(&format!("/tips/{tip}/preview.jpg"))).send().await.expect("an answer");
            assert_eq!(answer.status(), StatusCode::OK);
            assert_eq!(answer.headers()[CONTENT_TYPE], "image/jpeg");
            answer.bytes().await.expect("a picture")
        };
        let preview = get(first).await;
        assert!(image::load_from_memory(&preview).is_ok() && preview.len() < 4_000, "a small picture of {} bytes", preview.len());
        for tip in sold {
            assert_eq!(get(tip).await, preview, "one drawing for all");
        }
        let kept = files(&app);
        assert_eq!(kept.len(), 3, "one file for each betslip: {kept:?}");
        assert!(kept.iter().all(|name| name.rsplit('.').next() == Some("webp")), "nothing is made of a betslip: {kept:?}");
        app.execute("UPDATE tips SET status = 'pending_approval' WHERE id = $1", first).await;
        for nothing in [first.to_string(), "999".to_owned(), "x".to_owned()] {
            let answer = app.http.get(app.at(&format!("/tips/{nothing}/preview.jpg"))).send().await.expect("an answer");
            assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{nothing}");
        }
    }

    async fn no_old_preview_is_left_after_the_start(app: TestApp) {
        const DONE: &str = "SELECT COUNT(*) FROM facts WHERE name = 'blurred_previews_deleted'";
        let (_, tip, _) = app.shop().await;
        app.until("the first start is over", || async { app.count(DONE).await == 1 }).await;
        let clear = files(&app);
        // The database and its pictures are as earlier versions left them: with tips of the first days, later
        // ones, and drafts.
        app.execute("DELETE FROM facts WHERE name = 'blurred_previews_deleted' AND $1 > 0", tip).await;
        for name in ["betslip-7-blurred.jpg", "betslips/0a1b-blurred.jpg", "betslips/ffff-blurred.jpg"] {
            std::fs::write(app.uploads().join(name), b"old").expect("written");
        }
        assert_eq!(files(&app).len(), clear.len() + 3);
        let (_one, _other) = tokio::join!(app.beside(), app.beside());
        app.until("done and remembered", || async { app.count(DONE).await == 1 }).await;
        assert_eq!(files(&app), clear, "the clear ones stay");
    }
}

/// Asserts that two answers are the same, or shows the first place at which they differ.
fn alike(asked: &str, one: &Told, other: &Told) {
    if one == other {
        return;
    }
    let [a, b] = [one, other]
        .map(|told| format!("{} {:#?}\n{}", told.status, told.headers, String::from_utf8_lossy(&told.body)));
    let at = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    let around = |text: &str| text.bytes().skip(at.saturating_sub(200)).take(400).collect::<Vec<u8>>();
    let [a, b] = [a, b].map(|text| String::from_utf8_lossy(&around(&text)).into_owned());
    panic!("{asked} tells two tips apart:\n{a}\n--- and ---\n{b}");
}

async fn handle(world: &TwinWorld) -> String {
    let (_, page) = world.tipster.page(&world.app, "/tips").await;
    page.split("/tipsters/").nth(1).and_then(|rest| rest.split('"').next()).expect("a tipster").to_owned()
}

/// How many tips a visitor found.
fn listed(told: &BTreeMap<String, Told>, path: &str) -> usize {
    String::from_utf8_lossy(&told[&format!("visitor text/html en {path}")].body)
        .matches("href=\"/tips/")
        .count()
}

/// The names of all stored pictures.
fn files(app: &TestApp) -> Vec<String> {
    let mut folders = vec![app.uploads()];
    let mut names = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() { folders.push(path) } else { names.push(path.display().to_string()) }
        }
    }
    names.sort();
    names
}
