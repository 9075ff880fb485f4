//! Walks the table of contradicting facts (`conflicts.md`) row by row, and tests evidence that comes by no
//! callback.

use serde_json::{Value, json};

use super::harness::phone::{failure, success};
use super::harness::{Engine, Person, TestApp, both, text};
use crate::daraja::{QueryAnswer, ResultCode};
use crate::mpesa::events::EvidenceSource;
use crate::payments::evidence::Listed;
use crate::payments::listed::Placed;
use crate::payments::store::schedule::Due;
use crate::payments::{Outcome, Payment, ReviewReason};
use crate::types::{Kes, PaymentId, TipId};

const TABLE: &str = include_str!("../payments/conflicts.md");
const R1: &str = "UKN1AB2CD3";
const R2: &str = "UKN1ZZZZZ9";

struct Row {
    facts: Vec<&'static str>,
    status: &'static str,
    outcome: &'static str,
    review: &'static str,
}

fn rows() -> Vec<Row> {
    let lines = TABLE.lines().filter(|line| line.starts_with("| ")).skip(2);
    let cells = lines.map(|line| line.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>());
    cells
        .map(|cells| Row {
            facts: cells[0].split(", ").collect(),
            status: cells[1],
            outcome: cells[2],
            review: cells[3],
        })
        .collect()
}

/// One payment under test.
pub(super) struct Case {
    tip: TipId,
    buyer: Person,
    started: Value,
    url: String,
}

impl Case {
    pub(super) async fn new(app: &TestApp, tipster: &Person, number: usize) -> Self {
        let tip = app.tip(tipster, 2, 50).await;
        let buyer = app.buyer(&format!("0741{number:06}")).await;
        let started = buyer.start(app, tip).await;
        let url = app.callback_url(&started).await;
        // The phone's own answer would disturb the row, so its callback is lost.
        app.faults(json!({ "phone_number": buyer.phone }), "lose_callback", Value::Null, 100).await;
        Self { tip, buyer, started, url }
    }

    pub(super) fn id(&self) -> PaymentId {
        text(&self.started, "payment_id").parse().expect("an id")
    }

    async fn listed(&self, app: &TestApp, receipt: &str, shillings: i64) -> Placed {
        let payment = self.payment(app).await;
        let amount = Kes::from_shillings(shillings).expect("an amount");
        let listed = Listed {
            receipt: receipt.to_owned(),
            amount,
            account_reference: payment.account_reference,
            short_code: None,
            payer: String::new(),
        };
        app.running
            .state
            .payments
            .book_listed(EvidenceSource::Statement, &listed, true, None)
            .await
            .expect("booked")
    }

    /// Answers a query that was asked before the other facts came.
    async fn query(&self, app: &TestApp, code: &str, seconds: u64) {
        app.advance(seconds);
        let (now, payment) = (app.clock.now(), self.payment(app).await);
        let checkout_request_id = payment.checkout_request_id.expect("accepted");
        let due = Due {
            id: payment.id,
            status: payment.status,
            checkout_request_id,
            check_count: 0,
            next_check_at: now,
            pushed_at: payment.pushed_at,
        };
        let answer = QueryAnswer {
            checkout_request_id: due.checkout_request_id.clone(),
            result: ResultCode::from_text(code).expect("a code"),
            description: String::new(),
        };
        app.running.state.payments.book_answer(&due, &Ok(answer), now).await.expect("booked");
    }

    pub(super) async fn payment(&self, app: &TestApp) -> Payment {
        crate::payments::store::by_id(&app.db, self.id()).await.expect("a row").expect("the payment")
    }

    async fn post(&self, app: &TestApp, body: String) {
        assert_eq!(app.post_callback(&self.url, body).await, 200);
    }

    pub(super) async fn book(&self, app: &TestApp, fact: &str) {
        let paid = |amount: Value, receipt: &str| success(&self.started, &amount, receipt).to_string();
        let operator = app.acts("0744000001").await;
        let payments = &app.running.state.payments;
        match fact {
            "callback paid" => self.post(app, paid(json!(50), R1)).await,
            "callback paid with R2" => self.post(app, paid(json!(50), R2)).await,
            "callback paid with another amount" => self.post(app, paid(json!(5), R1)).await,
            "callback without receipt" => self.post(app, paid(json!(50), "")).await,
            "callback cancelled" => self.post(app, failure(&self.started, &json!(1032)).to_string()).await,
            "callback with an unknown code" => {
                self.post(app, failure(&self.started, &json!(31337)).to_string()).await;
            }
            "callback unreadable" => self.post(app, "{\"Body\":".to_owned()).await,
            "callback with other ids" => {
                let other = json!({ "merchant_request_id": "x", "checkout_request_id": "ws_CO_other" });
                self.post(app, success(&other, &json!(50), R1).to_string()).await;
            }
            "query paid" => self.query(app, "0", 200).await,
            "query cancelled" => self.query(app, "1032", 200).await,
            "query cancelled early" => self.query(app, "1032", 40).await,
            "listed" => assert_eq!(self.listed(app, R1, 50).await, Placed::Matched),
            "listed with R2" => {
                assert!(matches!(self.listed(app, R2, 50).await, Placed::Owed | Placed::Matched));
            }
            "listed with another amount" => {
                assert_eq!(self.listed(app, R1, 7).await, Placed::AmountUnder);
            }
            "listed with R2 and the rest" => {
                assert_eq!(self.listed(app, R2, 45).await, Placed::Matched);
            }
            "not listed" => assert!(payments.book_unlisted(self.id(), None).await.expect("booked")),
            "operator vouches" => {
                payments.vouch(self.id(), (R1, Kes::from_cents(5_000)), &operator).await.expect("booked");
            }
            "operator ends it" => payments.end_unpaid(self.id(), &operator).await.expect("booked"),
            "kick-off" => app.advance(2 * 3600),
            "withdrawn" => app.execute("UPDATE tips SET status = 'withdrawn' WHERE id = $1", self.tip).await,
            "bought meanwhile" => self.buy_again(app).await,
            "receipt used elsewhere" => self.use_receipt(app).await,
            other => panic!("the table has an unknown fact: {other}"),
        }
    }

    /// The same buyer pays for the same tip by another prompt.
    async fn buy_again(&self, app: &TestApp) {
        app.advance(181);
        // The simulator frees the phone a moment after the first prompt's life.
        tokio::time::sleep(std::time::Duration::from_millis(400)).await;
        let again = json!({ "tip_id": self.tip, "send_again": true });
        let second: Value = self.buyer.initiate(app, &again).await.json().await.expect("JSON");
        let url = app.callback_url(&second).await;
        assert_eq!(app.post_callback(&url, success(&second, &json!(50), R2).to_string()).await, 200);
    }

    /// Settles another person's payment with our receipt.
    async fn use_receipt(&self, app: &TestApp) {
        let other = app.buyer("0742999999").await;
        let started = other.start(app, self.tip).await;
        let url = app.callback_url(&started).await;
        assert_eq!(app.post_callback(&url, success(&started, &json!(50), R1).to_string()).await, 200);
    }
}

async fn walk(app: &TestApp, row: &Row) {
    let tipster = app.tipster().await;
    let case = Case::new(app, &tipster, 1).await;
    for fact in &row.facts {
        case.book(app, fact).await;
    }
    let payment = case.payment(app).await;
    let found = (
        payment.status.as_str(),
        payment.outcome.map_or("-", Outcome::as_str),
        payment.review_reason.map_or("-", ReviewReason::as_str),
    );
    assert_eq!(found, (row.status, row.outcome, row.review), "{:?}", row.facts);
    let events = crate::payments::events::events(&app.db, case.id()).await.expect("events");
    let booked = row
        .facts
        .iter()
        .filter(|fact| {
            !matches!(**fact, "kick-off" | "withdrawn" | "bought meanwhile" | "receipt used elsewhere")
        })
        .count();
    let facts = events.iter().filter(|event| !matches!(event.source.as_str(), "buyer" | "push")).count();
    assert_eq!(facts, booked, "each fact is kept: {events:?}");
    app.books_are_right().await;
}

/// Walks all rows. On PostgreSQL they are divided between several tests, which run at the same time.
async fn walk_all(engine: Engine, part: usize, parts: usize) {
    let rows = rows();
    assert!(rows.len() >= 38, "the table was read");
    for row in rows.iter().skip(part).step_by(parts) {
        walk(&TestApp::new(engine).await, row).await;
    }
}

macro_rules! parts {
    ($($name:ident: $engine:ident $part:literal),+) => { $(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            walk_all(Engine::$engine, $part, 4).await;
        }
    )+ };
}
parts!(sqlite_0: Sqlite 0, sqlite_1: Sqlite 1, sqlite_2: Sqlite 2, sqlite_3: Sqlite 3);
parts!(postgres_0: Postgres 0, postgres_1: Postgres 1, postgres_2: Postgres 2, postgres_3: Postgres 3);

both! {
    async fn listed_money_of_nobody_is_theirs(app: TestApp) {
        let listed = Listed { receipt: R1.to_owned(), amount: Kes::from_cents(5_000), account_reference: "NOTHING".to_owned(), short_code: None, payer: String::new() };
        assert_eq!(app.running.state.payments.book_listed(EvidenceSource::C2b, &listed, true, None).await.expect("booked"), Placed::Unknown);
    }

    async fn listed_twice_is_known(app: TestApp) {
        let tipster = app.tipster().await;
        let case = Case::new(&app, &tipster, 1).await;
        case.book(&app, "callback paid").await;
        assert_eq!(case.listed(&app, R1, 50).await, Placed::Known);
        assert_eq!(case.listed(&app, R1, 50).await, Placed::Known);
        assert_eq!(app.balances(&tipster).await.0, 3_000);
        // Callback and statement agree, so the share is released without a query.
        app.advance(60 * 3600);
        assert_eq!(app.running.state.payments.release_due().await.expect("a round"), 1);
        app.books_are_right().await;
    }

    async fn two_operators_release_what_one_source_unlocked(app: TestApp) {
        let tipster = app.tipster().await;
        let case = Case::new(&app, &tipster, 1).await;
        case.book(&app, "callback paid").await;
        app.advance(60 * 3600);
        let payments = &app.running.state.payments;
        for (phone, released) in [("0744000001", 0), ("0744000001", 0), ("0744000002", 1)] {
            payments.vouch(case.id(), (R1, Kes::from_cents(5_000)), &app.acts(phone).await).await.expect("booked");
            assert_eq!(payments.release_due().await.expect("a round"), released, "{phone}");
        }
    }

    async fn an_operator_and_a_query_are_two_sources(app: TestApp) {
        let tipster = app.tipster().await;
        let case = Case::new(&app, &tipster, 1).await;
        case.book(&app, "operator vouches").await;
        app.advance(60 * 3600);
        let payments = &app.running.state.payments;
        assert_eq!(payments.release_due().await.expect("a round"), 0, "one source");
        case.query(&app, "0", 1).await;
        assert_eq!(payments.release_due().await.expect("a round"), 1);
        app.books_are_right().await;
    }

    async fn a_review_ends_by_a_person(app: TestApp) {
        let tipster = app.tipster().await;
        let case = Case::new(&app, &tipster, 1).await;
        for fact in ["callback paid", "callback without receipt"] {
            case.book(&app, fact).await;
        }
        case.query(&app, "0", 40).await;
        app.advance(60 * 3600);
        let payments = &app.running.state.payments;
        assert_eq!(payments.release_due().await.expect("a round"), 0, "a person must look first");
        let operator = app.acts("0744000001").await;
        payments.clear_review(case.id(), &operator).await.expect("cleared");
        payments.clear_review(case.id(), &operator).await.expect_err("nothing left to clear");
        assert_eq!(payments.release_due().await.expect("a round"), 1);
        app.books_are_right().await;
    }

    async fn old_bodies_are_forgotten_and_facts_are_not(app: TestApp) {
        let tipster = app.tipster().await;
        let case = Case::new(&app, &tipster, 1).await;
        case.book(&app, "callback paid").await;
        let payments = &app.running.state.payments;
        assert_eq!(payments.bodies.purge().await.expect("a round"), 0);
        app.advance(91 * 24 * 3600);
        assert_eq!(payments.bodies.purge().await.expect("a round"), 1);
        assert_eq!(app.count("SELECT COUNT(*) FROM mpesa_events WHERE source = 'callback' AND receipt IS NOT NULL").await, 1);
    }

    async fn a_debt_is_sent_back_once(app: TestApp) {
        let tipster = app.tipster().await;
        let case = Case::new(&app, &tipster, 1).await;
        case.book(&app, "withdrawn").await;
        case.book(&app, "callback paid").await;
        let operator = app.acts("0744000001").await;
        let payments = &app.running.state.payments;
        payments.refunded(case.id(), "UKN1REFUND", &operator).await.expect("booked");
        app.advance(1);
        payments.refunded(case.id(), "UKN1REFUND", &operator).await.expect_err("once");
        assert_eq!(app.count("SELECT COUNT(*) FROM debts WHERE status = 'paid' AND refund_receipt = 'UKN1REFUND'").await, 1);
        app.books_are_right().await;
    }

    async fn a_callback_that_may_not_decide_waits_for_a_query(app: TestApp) {
        let engine = if app.is_sqlite() { Engine::Sqlite } else { Engine::Postgres };
        let strict = TestApp::with(engine, &[("MPESA_CALLBACK_IP_CHECK", "enforce")]).await;
        let tipster = strict.tipster().await;
        let case = Case::new(&strict, &tipster, 1).await;
        for fact in ["callback cancelled", "callback paid"] {
            case.book(&strict, fact).await;
            assert_eq!(text(&case.buyer.status(&strict, text(&case.started, "payment_id")).await, "status"), "pending", "{fact}");
        }
        case.query(&strict, "0", 36).await;
        let paid = case.buyer.status(&strict, text(&case.started, "payment_id")).await;
        assert_eq!((text(&paid, "status"), text(&paid, "mpesa_receipt_number")), ("completed", R1), "the receipt that waited");
        strict.advance(60 * 3600);
        assert_eq!(strict.running.state.payments.release_due().await.expect("a round"), 1, "callback and query are two sources");
        strict.books_are_right().await;
    }

    async fn a_c2b_confirmation_finds_what_was_lost_twice(app: TestApp) {
        let token = "c2b0secret0of0thirty0two0letters0";
        let engine = if app.is_sqlite() { Engine::Sqlite } else { Engine::Postgres };
        let shop = TestApp::with(engine, &[("MPESA_C2B_TOKEN", token)]).await;
        assert!(shop.running.state.payments.register_c2b(&shop.acts("0744000001").await).await.expect("registered"));
        let (tipster, tip, buyer) = shop.shop().await;
        // The push's answer and the callback are both lost, so there is neither an id nor a callback.
        shop.fault("lose_answer", Value::Null).await;
        shop.fault("lose_callback", Value::Null).await;
        let unknown: Value = buyer.initiate(&shop, &json!({ "tip_id": tip })).await.json().await.expect("JSON");
        let prompt = shop.prompts().await.remove(0);
        shop.answer(text(&prompt, "checkout_request_id"), "pay").await;
        let paid = buyer.until_status(&shop, text(&unknown, "payment_id"), "completed").await;
        assert_eq!(text(&paid, "outcome"), "unlocked");
        assert_eq!(text(&paid, "mpesa_receipt_number").len(), 10);
        assert_eq!(shop.balances(&tipster).await.0, 3_000);
        for address in ["wrong0wrong0wrong0wrong0wrong0wrong", ""] {
            let url = shop.at(&format!("/payments/api/c2b/{address}/confirmation"));
            assert_eq!(shop.post_callback(url.as_str(), "{}").await, 404);
        }
        for junk in ["", "{}", "[]", "\u{0}"] {
            assert_eq!(shop.post_callback(shop.at(&format!("/payments/api/c2b/{token}/confirmation")).as_str(), junk).await, 200);
        }
        shop.books_are_right().await;
    }
}
