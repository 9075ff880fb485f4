//! What several servers agree on: who works, and what time it is.

use std::sync::Arc;

use chrono::TimeDelta;

use super::harness::{TestApp, both, text};
use crate::payments::reconciler::{self, Reconciler};
use crate::platform::clock::{Clock, Offset, own_now};
use crate::platform::database_clock::{compare, database_now};
use crate::platform::lease::{Held, Lease};
use crate::platform::random::Random;

const NAME: &str = "test";

fn lease(app: &TestApp, clock: &Clock) -> Lease {
    Lease::new(app.db.clone(), clock.clone(), &Random::System, NAME)
}

async fn hold(lease: &mut Lease) -> Option<i64> {
    lease.hold().await.expect("asked").map(|held| held.epoch)
}

/// A clock that is set by how far the database's was said to be ahead.
fn clock_with(offset: &Arc<Offset>, ahead: TimeDelta) -> Clock {
    offset.measure(own_now(), own_now() + ahead, own_now());
    Clock::System(offset.clone())
}

both! {
    async fn the_lease_has_one_holder(app: TestApp) {
        let (mut first, mut second) = (lease(&app, &app.clock), lease(&app, &app.clock));
        assert_eq!(hold(&mut first).await, Some(1));
        assert_eq!(hold(&mut second).await, None);
        app.advance(10);
        assert_eq!(hold(&mut first).await, Some(1), "renewed");
        app.advance(10);
        assert_eq!(hold(&mut second).await, None);
        app.advance(6);
        assert_eq!(hold(&mut second).await, Some(2), "the first one died");
        assert_eq!(hold(&mut first).await, None);
        second.release().await.expect("given back");
        assert_eq!(hold(&mut first).await, Some(3), "at once");
    }

    async fn who_lets_a_lease_lapse_takes_it_anew(app: TestApp) {
        let mut first = lease(&app, &app.clock);
        assert_eq!(hold(&mut first).await, Some(1));
        app.advance(16);
        assert_eq!(hold(&mut first).await, Some(2), "somebody else may have held it in between");
    }

    async fn a_lease_that_is_lost_is_not_given_back(app: TestApp) {
        let (mut first, mut second) = (lease(&app, &app.clock), lease(&app, &app.clock));
        assert_eq!(hold(&mut first).await, Some(1));
        app.advance(16);
        assert_eq!(hold(&mut second).await, Some(2));
        first.release().await.expect("nothing to give");
        assert_eq!((hold(&mut first).await, hold(&mut second).await), (None, Some(2)));
    }

    async fn a_holder_that_slept_past_its_lease_asks_nothing(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        let started = buyer.start(&app, tip).await;
        app.fault("lose_callback", serde_json::Value::Null).await;
        app.answer(text(&started, "checkout_request_id"), "pay").await;
        app.advance(40);
        let payments = &app.running.state.payments;
        let tick = async |held: Held| Reconciler::new(payments.clone()).tick(held).await.expect("a round");
        let (mut first, mut second) = (reconciler::lease(payments), reconciler::lease(payments));
        let slept = first.hold().await.expect("asked").expect("free");
        app.advance(16);
        let held = second.hold().await.expect("asked").expect("it has lapsed");
        assert_eq!(tick(slept).await, 0, "it does not know that it lost the lease");
        assert_eq!(app.count("SELECT check_count FROM payments").await, 0);
        assert_eq!(tick(held).await, 1);
        assert_eq!(text(&buyer.status(&app, text(&started, "payment_id")).await, "status"), "completed");
    }

    async fn reconciling_by_hand_keeps_to_the_lease(app: TestApp) {
        let payments = &app.running.state.payments;
        let mut server = reconciler::lease(payments);
        assert!(server.hold().await.expect("asked").is_some());
        assert_eq!(reconciler::run_once(payments.clone()).await.expect("asked"), None);
        server.release().await.expect("given back");
        assert_eq!(reconciler::run_once(payments.clone()).await.expect("asked"), Some(0));
        assert!(server.hold().await.expect("asked").is_some(), "the command gave it back");
    }

    async fn a_clock_in_doubt_holds_no_lease(app: TestApp) {
        let offset = Arc::new(Offset::default());
        let clock = clock_with(&offset, TimeDelta::zero());
        let other = clock_with(&Arc::default(), TimeDelta::zero());
        let (mut doubtful, mut other) = (lease(&app, &clock), lease(&app, &other));
        assert_eq!(hold(&mut doubtful).await, Some(1));
        clock_with(&offset, TimeDelta::seconds(3));
        assert_eq!(hold(&mut doubtful).await, None, "and it gives back what it held");
        assert_eq!(hold(&mut other).await, Some(2), "at once");
    }

    async fn the_databases_clock_is_asked_where_there_is_one(app: TestApp) {
        let offset = Arc::new(Offset::default());
        let clock = clock_with(&offset, TimeDelta::hours(1));
        let mut tx = app.db.begin().await.expect("a transaction");
        let ahead = database_now(&mut tx, &clock).await.expect("a time") - own_now();
        let is_asked = ahead < TimeDelta::minutes(30);
        assert_eq!(is_asked, !app.is_sqlite(), "{ahead} ahead");
        let by_hand = database_now(&mut tx, &app.clock).await.expect("a time");
        assert_eq!(by_hand, app.clock.now(), "a test's clock is the database's");
    }

    async fn a_clock_is_compared_with_the_databases(app: TestApp) {
        let clock = Clock::system();
        // An answer that takes too long says nothing.
        app.until("a comparison", || async { compare(&app.db, &clock).await.is_ok() && !clock.is_doubtful() }).await;
        assert!(clock.is_surely_before(own_now() + TimeDelta::seconds(2)));
        assert!((clock.now() - own_now()).abs() < TimeDelta::seconds(1), "both are this machine's");
        app.db.close().await;
        let failed = compare(&app.db, &clock).await.is_err();
        assert_eq!(failed, !app.is_sqlite(), "SQLite has no clock to ask");
        let unasked = Clock::system();
        let _ = compare(&app.db, &unasked).await;
        assert_eq!(unasked.is_doubtful(), failed, "a server that was never told the time sends nothing");
    }
}
