//! The rate at which Safaricom is asked is one for all processes on a database, and so is a rest.

use std::time::Duration;

use serde_json::{Value, json};

use super::harness::{TestApp, both, text};
use crate::mpesa::rates::{Available, Limit, Rates};
use crate::payments::reconciler::{self, Reconciler};
use crate::platform::db::Db;
use crate::platform::random::Random;

/// Payments whose first query is due.
const DUE: usize = 9;
const ROWS: &str = "SELECT COUNT(*) FROM mpesa_rates";

fn rates(app: &TestApp, db: &Db) -> Rates {
    let all = Limit { name: "tries", per_minute: 60 };
    let others = Limit { name: "other tries", per_minute: 20 };
    Rates::new(db.clone(), app.clock.clone(), Random::System, all, others)
}

both! {
    with [("MPESA_QUERIES_PER_MINUTE", "60")];

    async fn two_reconcilers_together_keep_the_rate(app: TestApp) {
        let tipster = app.tipster().await;
        let tip = app.tip(&tipster, 1, 50).await;
        for number in 0..DUE {
            app.buyer(&format!("07120000{number:02}")).await.start(&app, tip).await;
        }
        let second = Db::connect(app.database_url()).await.expect("a second connection");
        let payments = &app.running.state.payments;
        let mut lease = reconciler::lease(payments);
        let reconcilers = || (Reconciler::new(payments.clone()), Reconciler::new(payments.on(second.clone())));
        assert_eq!(app.reconcile().await, 0);
        assert_eq!(app.count(ROWS).await, 0, "a round without work writes nothing");
        app.advance(36);
        let mut asked = 0;
        let held = lease.hold().await.expect("asked").expect("nobody else reconciles");
        for _ in 0..3 {
            // Each time they have just started, as after a take-over.
            let (one, other) = reconcilers();
            let (first, second) = tokio::join!(one.tick(held), other.tick(held));
            asked += first.expect("a round") + second.expect("a round");
        }
        assert_eq!(asked, 6, "a tenth of a minute's questions at once");
        app.advance(2);
        let (one, other) = reconcilers();
        let (first, second) = tokio::join!(one.tick(held), other.tick(held));
        assert_eq!(first.expect("a round") + second.expect("a round"), 2, "and then one a second");
        assert_eq!(app.count("SELECT COUNT(*) FROM mpesa_events WHERE source = 'query'").await, 8);
    }

    async fn others_take_their_part_and_urgent_ones_all(app: TestApp) {
        let rates = rates(&app, &app.db);
        assert_eq!(rates.available().await.expect("read"), Available { all: 6, others: 2 });
        let taken = rates.take(1, 5).await.expect("taken");
        assert_eq!((taken.urgent, taken.others), (1, 2));
        let taken = rates.take(9, 9).await.expect("taken");
        assert_eq!((taken.urgent, taken.others), (3, 0));
        assert_eq!(rates.available().await.expect("read"), Available { all: 0, others: 0 });
        app.advance(3);
        assert_eq!(rates.available().await.expect("read"), Available { all: 3, others: 1 });
    }

    async fn a_rest_holds_for_all_and_outlives_a_restart(app: TestApp) {
        let second = Db::connect(app.database_url()).await.expect("a second connection");
        let (one, other) = (rates(&app, &app.db), rates(&app, &second));
        one.take(1, 0).await.expect("taken");
        let before = other.take(1, 0).await.expect("taken");
        one.fail(Some(Duration::from_mins(1))).await.expect("kept");
        assert!(other.is_quiet().await.expect("read"));
        assert_eq!(other.available().await.expect("read"), Available { all: 0, others: 0 });
        assert_eq!(other.take(1, 0).await.expect("nothing").urgent, 0);
        // An answer to a question of before ends no rest, however the rests are counted by then.
        other.succeed(before).await.expect("written");
        app.advance(59);
        assert!(rates(&app, &second).is_quiet().await.expect("read"), "also for one that has just started");
        app.advance(14);
        let after = other.take(1, 0).await.expect("taken");
        assert_eq!(after.urgent, 1);
        // Two answers to questions of one round, and a new rest between them.
        one.succeed(after).await.expect("written");
        one.fail(None).await.expect("kept");
        other.succeed(after).await.expect("written");
        assert!(one.is_quiet().await.expect("read"), "a rest that began since then goes on");
        app.advance(10);
        let last = one.take(1, 0).await.expect("taken");
        one.succeed(last).await.expect("written");
        assert_eq!(app.count("SELECT failures FROM mpesa_rates WHERE name = 'tries'").await, 0);
    }

    async fn a_reconciler_that_has_just_started_keeps_the_rest(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        let started = buyer.start(&app, tip).await;
        app.fault("lose_callback", Value::Null).await;
        app.answer(text(&started, "checkout_request_id"), "pay").await;
        app.faults(json!({ "endpoint": "query" }), "spike_arrest", Value::Null, 1).await;
        app.advance(36);
        assert_eq!(app.reconcile().await, 1);
        assert_eq!(app.reconcile().await, 0, "it is still due, and Safaricom wants no questions");
        app.advance(3);
        assert_eq!(app.reconcile().await, 1);
        assert_eq!(app.count("SELECT failures FROM mpesa_rates WHERE name = 'questions'").await, 0, "it was answered");
    }
}
