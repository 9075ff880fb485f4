//! The books by days: what a closing says, that nothing is booked on a closed day, and which check finds what
//! was tampered with.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;

use super::harness::{Person, TestApp, both, text};
use crate::books::{self, CheckReport, Extent};
use crate::ledger::{self, AccountKind, Movement, SubjectKind, Symbol, TransferKind};
use crate::payments::store::schedule;
use crate::platform::clock::{Clock, Offset, kenyan_day, own_now, start_of_day};
use crate::platform::db::{Failure, on, transaction};
use crate::platform::random::Random;
use crate::types::{Kes, PaymentId};

const CLOSINGS: &str = "SELECT COUNT(*) FROM closings";

/// A new buyer buys a new tip for KES 50. Returns the payment.
pub(super) async fn sell(app: &TestApp, tipster: &Person, phone: &str) -> PaymentId {
    let (tip, buyer) = (app.tip(tipster, 1, 50).await, app.buyer(phone).await);
    let started = buyer.start(app, tip).await;
    app.answer(text(&started, "checkout_request_id"), "pay").await;
    buyer.until_status(app, text(&started, "payment_id"), "completed").await;
    text(&started, "payment_id").parse().expect("an id")
}

pub(super) fn until_midnight(app: &TestApp) -> u64 {
    let now = app.clock.now();
    u64::try_from((start_of_day(kenyan_day(now) + 1) - now).num_seconds()).expect("ahead") + 1
}

pub(super) async fn close(app: &TestApp) -> usize {
    ledger::close_days(&app.db, &app.clock, 10).await.expect("closed")
}

async fn check(app: &TestApp, extent: Extent) -> CheckReport {
    books::check(&app.db, extent).await.expect("a report")
}

pub(super) async fn rules(app: &TestApp, extent: Extent) -> Vec<&'static str> {
    let mut rules: Vec<_> =
        check(app, extent).await.findings.into_iter().map(|finding| finding.rule).collect();
    rules.dedup();
    rules
}

pub(super) async fn execute(app: &TestApp, statement: &'static str) {
    let done: Result<(), Failure> =
        transaction!(app.db, |tx| Ok(on!(tx, |c| sqlx::query(statement).execute(c).await.map(|_| ()))?));
    done.unwrap_or_else(|failure| panic!("{statement}: {failure}"));
}

/// Removes the trigger that protects a table from changes.
async fn unlock(app: &TestApp, sqlite: &'static str, postgres: &'static str) {
    execute(app, if app.is_sqlite() { sqlite } else { postgres }).await;
}

/// The release of a sale's share, in a transaction that has not ended yet.
pub(super) async fn release(app: &TestApp, tipster: &Person, payment: PaymentId) -> crate::platform::db::Tx {
    let now = app.clock.now();
    // A query has agreed with the callback.
    execute(app, "UPDATE money_in SET query_at = callback_at").await;
    let mut tx = app.db.begin().await.expect("a transaction");
    assert!(schedule::mark_released(&mut tx, payment, now).await.expect("marked"));
    let release = Movement {
        id: Random::System.uuid(now),
        kind: TransferKind::Release,
        first: AccountKind::TipsterHeld,
        subject: (SubjectKind::Release, payment.0),
        owner: Some(tipster.id),
        amounts: vec![(Symbol::S, Kes::from_cents(3_000))],
        made_at: now,
    };
    ledger::book(&mut tx, &release).await.expect("booked");
    tx
}

both! {
    async fn a_day_is_closed_an_hour_after_its_end(app: TestApp) {
        let asha = app.tipster().await;
        sell(&app, &asha, "0712000101").await;
        sell(&app, &asha, "0712000102").await;
        let today = kenyan_day(app.clock.now());
        assert_eq!(close(&app).await, 0, "the day goes on");
        app.advance(until_midnight(&app) + 3_590);
        assert_eq!(close(&app).await, 0, "not an hour ago");
        app.advance(20);
        let (one, other) = tokio::join!(close(&app), close(&app));
        assert_eq!((one.max(other), app.count(CLOSINGS).await), (1, 3), "closed once, whoever does it: collections, revenue, held");
        assert_eq!(close(&app).await, 0, "closed already");
        let report = check(&app, Extent::OpenDays).await;
        assert_eq!((report.first_day, report.transfers, report.entries, report.completed_payments), (Some(today + 1), 0, 0, 0));
        let balance = |name: &str| report.balances.iter().find(|balance| balance.account == name).map(|balance| balance.balance_cents);
        assert_eq!((balance("mpesa_collections"), balance("platform_revenue")), (Some(-10_000), Some(4_000)));

        // Days on which nothing moved need no closing. The next closing continues from the last one.
        app.advance(3 * 86_400);
        sell(&app, &asha, "0712000103").await;
        let report = check(&app, Extent::OpenDays).await;
        assert_eq!((report.transfers, report.entries, report.completed_payments), (1, 3, 1));
        let all = check(&app, Extent::All).await;
        assert_eq!((report.balances, all.transfers, all.first_day), (all.balances, 3, None));
        app.advance(until_midnight(&app) + 3_600);
        assert_eq!((close(&app).await, app.count(CLOSINGS).await), (1, 6));
        app.books_are_right().await;
    }

    async fn the_databases_clock_closes_days(app: TestApp) {
        let asha = app.tipster().await;
        sell(&app, &asha, "0712000101").await;
        let offset = Arc::new(Offset::default());
        offset.measure(own_now(), own_now() + TimeDelta::hours(26), own_now());
        // Whoever thinks that it is tomorrow asks; with SQLite there is nobody else to ask.
        let closed = ledger::close_days(&app.db, &Clock::System(offset), 10).await.expect("asked");
        assert_eq!(closed, usize::from(app.is_sqlite()));
    }

    async fn a_closed_day_takes_no_entry(app: TestApp) {
        let asha = app.tipster().await;
        sell(&app, &asha, "0712000101").await;
        // A server whose clock is a day ahead closes today.
        let ahead = Clock::manual(app.clock.now() + TimeDelta::hours(26));
        assert_eq!(ledger::close_days(&app.db, &ahead, 10).await.expect("closed"), 1);
        sell(&app, &asha, "0712000102").await;
        let report = check(&app, Extent::OpenDays).await;
        assert_eq!((report.transfers, report.first_day), (1, Some(kenyan_day(app.clock.now()) + 1)), "booked on the first open day");
        app.books_are_right().await;
        app.advance(until_midnight(&app) + 86_400 + 3_600);
        assert_eq!((close(&app).await, app.count(CLOSINGS).await), (1, 6));
        app.books_are_right().await;
    }

    async fn a_closing_waits_for_who_is_booking(app: TestApp) {
        let asha = app.tipster().await;
        let payment = sell(&app, &asha, "0712000101").await;
        let booking = release(&app, &asha, payment).await;
        // The transaction began on the day, and sleeps for hours before it commits.
        app.advance(until_midnight(&app) + 7_200);
        let (db, clock) = (app.db.clone(), app.clock.clone());
        let closing = tokio::spawn(async move { ledger::close_days(&db, &clock, 10).await });
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert!(!closing.is_finished(), "the day may still gain an entry");
        booking.commit().await.expect("committed");
        assert_eq!(closing.await.expect("no panic").expect("closed"), 1);
        assert_eq!(app.count(CLOSINGS).await, 4, "with what was available in the end");
        app.books_are_right().await;
    }

    async fn closings_are_never_changed(app: TestApp) {
        let asha = app.tipster().await;
        sell(&app, &asha, "0712000101").await;
        app.advance(until_midnight(&app) + 3_600);
        assert_eq!(close(&app).await, 1);
        for statement in ["UPDATE closings SET balance_cents = 0", "DELETE FROM closings"] {
            let done: Result<(), Failure> =
                transaction!(app.db, |tx| Ok(on!(tx, |c| sqlx::query(statement).execute(c).await.map(|_| ()))?));
            assert!(done.expect_err(statement).to_string().contains("append-only"), "{statement}");
        }
    }

    async fn a_closing_that_was_changed_is_found(app: TestApp) {
        let asha = app.tipster().await;
        sell(&app, &asha, "0712000101").await;
        app.advance(until_midnight(&app) + 3_600);
        close(&app).await;
        unlock(&app, "DROP TRIGGER closings_no_update", "DROP TRIGGER closings_no_update ON closings").await;
        execute(&app, "UPDATE closings SET balance_cents = balance_cents + 1 WHERE balance_cents < 0").await;
        assert_eq!(rules(&app, Extent::OpenDays).await, ["the closings before the open days must sum to zero, as the entries do"]);
        assert_eq!(rules(&app, Extent::All).await, ["a closing must be the one before it and the entries of its day"]);
        // Two balances that were changed against each other look right together. One of them is a tipster's,
        // whose account keeps a running balance.
        execute(&app, "UPDATE closings SET balance_cents = balance_cents - 1 WHERE balance_cents = 3000").await;
        assert_eq!(rules(&app, Extent::OpenDays).await, ["a balance must be the sum of its account's entries"]);
        assert_eq!(rules(&app, Extent::All).await, ["a closing must be the one before it and the entries of its day"]);
    }

    async fn a_closing_that_is_missing_is_found(app: TestApp) {
        let asha = app.tipster().await;
        sell(&app, &asha, "0712000101").await;
        app.advance(until_midnight(&app) + 3_600);
        close(&app).await;
        unlock(&app, "DROP TRIGGER closings_no_delete", "DROP TRIGGER closings_no_delete ON closings").await;
        execute(&app, "DELETE FROM closings WHERE balance_cents < 0").await;
        assert_eq!(rules(&app, Extent::All).await, ["an account that moved on a closed day must have a closing of it"]);
        assert_eq!(rules(&app, Extent::OpenDays).await, ["the closings before the open days must sum to zero, as the entries do"]);
    }

    async fn entries_that_were_changed_are_found(app: TestApp) {
        let asha = app.tipster().await;
        sell(&app, &asha, "0712000101").await;
        unlock(&app, "DROP TRIGGER entries_no_update", "DROP TRIGGER entries_no_update ON entries").await;
        execute(&app, "UPDATE entries SET amount_cents = amount_cents - 1 WHERE balance_after_cents IS NOT NULL").await;
        let wrong = [
            "a transfer's entries must sum to zero",
            "a balance must be the sum of its account's entries",
            "an entry's balance must be the one before it and its amount",
            "a sale must take the price, hold its tipster's share and earn the rest",
        ];
        assert_eq!(rules(&app, Extent::OpenDays).await, wrong, "on an open day");
        execute(&app, "UPDATE entries SET amount_cents = amount_cents + 1 WHERE balance_after_cents IS NOT NULL").await;
        app.books_are_right().await;

        app.advance(until_midnight(&app) + 3_600);
        close(&app).await;
        execute(&app, "UPDATE entries SET amount_cents = amount_cents - 1 WHERE balance_after_cents IS NOT NULL").await;
        assert_eq!(rules(&app, Extent::OpenDays).await, [""; 0], "a closed day is not read again");
        let closing = "a closing must be the one before it and the entries of its day";
        let wrong = [wrong[0], wrong[1], wrong[2], closing, wrong[3]];
        assert_eq!(rules(&app, Extent::All).await, wrong, "and is proven by the whole check");
    }

    async fn balances_and_counters_that_were_changed_are_found(app: TestApp) {
        let asha = app.tipster().await;
        sell(&app, &asha, "0712000101").await;
        execute(&app, "UPDATE tip_sales SET earned_cents = earned_cents + 1").await;
        for extent in [Extent::OpenDays, Extent::All] {
            assert_eq!(rules(&app, extent).await, ["what a tip has sold must be its purchases"], "{extent:?}");
        }
        execute(&app, "UPDATE tip_sales SET earned_cents = earned_cents - 1").await;
        app.advance(until_midnight(&app) + 3_600);
        close(&app).await;
        execute(&app, "UPDATE accounts SET balance_cents = balance_cents + 1 WHERE kind = 'tipster_held'").await;
        for extent in [Extent::OpenDays, Extent::All] {
            let wrong = ["a balance must be the sum of its account's entries", "what a tipster's account holds must be the shares that are not released"];
            assert_eq!(rules(&app, extent).await, wrong, "{extent:?}");
        }
    }
}
