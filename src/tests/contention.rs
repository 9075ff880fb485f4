//! Sales of different tipsters share no lock on PostgreSQL (SQLite has one writer), and what loses or lasts
//! too long has an end.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::json;
use tokio::sync::Barrier;
use tokio::time::timeout;

use super::harness::phone::success;
use super::harness::{Engine, Person, TestApp, text};
use crate::mpesa::addresses::token_hash;
use crate::mpesa::bodies::{Posted, To};
use crate::payments::Payments;
use crate::platform::db::{Db, Failure, Gate, GatePoint, read, transaction};
use crate::types::TipId;

/// Longer than any transaction of this test takes that waits for no other.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long the test waits before it concludes that two transactions wait for each other.
const HANGS_FOR: Duration = Duration::from_secs(1);

/// Two phones, because a phone rings for one payment at a time.
const PHONES: [&str; 2] = ["0712345678", "0712345679"];

/// Lets two transactions meet before either may commit, and then counts which platform accounts a third one
/// could lock.
struct Meeting {
    barrier: Barrier,
    db: Db,
    free_accounts: AtomicI64,
}

#[async_trait]
impl Gate for Meeting {
    async fn pass(&self, point: GatePoint) {
        const FREE: &str = "SELECT COUNT(*) FROM (SELECT 1 FROM accounts WHERE person_id IS NULL FOR UPDATE SKIP LOCKED) free";
        if point == GatePoint::Commit {
            if self.barrier.wait().await.is_leader() {
                let free: i64 =
                    read!(self.db, |c| sqlx::query_scalar(FREE).fetch_one(c).await).expect("a count");
                self.free_accounts.store(free, Ordering::SeqCst);
            }
            self.barrier.wait().await;
        }
    }

    fn statement(&self) -> Result<(), sqlx::Error> {
        Ok(())
    }
}

/// Starts a payment and leaves it pending. Returns the hash of its token, and its success callback.
async fn pending(
    app: &TestApp,
    buyer: &Person,
    tip: TipId,
    phone: &str,
    receipt: &str,
) -> ([u8; 32], String) {
    let started = buyer
        .initiate(app, &json!({ "tip_id": tip, "phone_number": phone }))
        .await
        .json()
        .await
        .expect("JSON");
    let url = app.callback_url(&started).await;
    let token = url.rsplit('/').next().expect("a token");
    assert_eq!(text(&started, "amount"), "50.00");
    (token_hash(token), success(&started, &json!(50), receipt).to_string())
}

fn meeting(app: &TestApp) -> (Arc<Meeting>, Payments) {
    let meeting =
        Arc::new(Meeting { barrier: Barrier::new(2), db: app.db.clone(), free_accounts: AtomicI64::new(-1) });
    (meeting.clone(), app.running.state.payments.on(app.db.with_gate(meeting)))
}

async fn settle_both(payments: &Payments, [a, b]: [([u8; 32], String); 2]) -> Result<((), ()), Failure> {
    let [a, b] = [&a, &b].map(|(token_hash, body)| Posted {
        id: payments.bodies.new_id(),
        to: To::Row(*token_hash),
        body: body.as_bytes(),
        is_from_elsewhere: false,
    });
    tokio::try_join!(payments.bodies.settle(payments, &a), payments.bodies.settle(payments, &b))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sales_of_two_tipsters_are_open_at_once() {
    let app = TestApp::new(Engine::Postgres).await;
    let (_, tip, buyer) = app.shop().await;
    let other = Person::register(&app, "0733000002", "Kip Tipster", &["tipster"]).await;
    let other_tip = app.tip(&other, 3, 50).await;
    // They share no lock even if the buyer is the same.
    let sales = [
        pending(&app, &buyer, tip, PHONES[0], "UKN1AB2CD3").await,
        pending(&app, &buyer, other_tip, PHONES[1], "UKN1AB2CD4").await,
    ];
    let (meeting, payments) = meeting(&app);
    timeout(PATIENCE, settle_both(&payments, sales))
        .await
        .expect("neither waits for the other")
        .expect("both are settled");
    let people = app.count("SELECT COUNT(*) FROM accounts WHERE person_id IS NULL").await;
    assert_eq!(
        meeting.free_accounts.load(Ordering::SeqCst),
        people,
        "no sale locks an account of the platform"
    );
    assert_eq!(app.count("SELECT COUNT(*) FROM purchases").await, 2);
    app.books_are_right().await;
}

/// The same meeting cannot take place where the sales share a lock: both change one balance.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sales_of_one_tipster_follow_each_other() {
    let app = TestApp::new(Engine::Postgres).await;
    let (_, tip, buyer) = app.shop().await;
    let sales = [
        pending(&app, &buyer, tip, PHONES[0], "UKN1AB2CD3").await,
        pending(&app, &app.buyer(PHONES[1]).await, tip, PHONES[1], "UKN1AB2CD4").await,
    ];
    let (_, payments) = meeting(&app);
    assert!(timeout(HANGS_FOR, settle_both(&payments, sales)).await.is_err(), "one waits for the other");
    assert_eq!(app.count("SELECT COUNT(*) FROM purchases").await, 0, "given up, both are rolled back");
    app.books_are_right().await;
}

#[tokio::test]
async fn a_transaction_that_loses_runs_again_three_times_at_most() {
    let app = TestApp::new(Engine::Sqlite).await;
    for (wins_at, is_won) in [(4, true), (5, false)] {
        let mut runs = 0;
        let done: Result<(), Failure> = transaction!(app.db, |_tx| {
            runs += 1;
            if runs < wins_at { Err(Failure::Changed) } else { Ok(()) }
        });
        assert_eq!((done.is_ok(), runs), (is_won, 4));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_ends_what_takes_over_thirty_seconds() {
    const LIMITS: &str = "SELECT COUNT(*) FROM pg_settings WHERE setting = '30000' AND unit = 'ms'
        AND name IN ('statement_timeout', 'idle_in_transaction_session_timeout')";
    let app = TestApp::new(Engine::Postgres).await;
    assert_eq!(app.count(LIMITS).await, 2);
}
