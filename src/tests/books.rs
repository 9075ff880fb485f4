//! Whatever is changed in the books by one statement is found, under the name of the rule that it breaks.

use super::closings::{close, execute, release, rules, sell, until_midnight};
use super::conflicts::Case;
use super::harness::{Person, TestApp, both};
use crate::books::{self, Extent};
use crate::ledger::{self, AccountKind, Movement, SubjectKind, Symbol, TransferKind};
use crate::platform::db::{Failure, transaction};
use crate::platform::random::Random;
use crate::types::{Kes, PaymentId};
use crate::{people, refunds};

/// The triggers that keep the ledger from being changed.
const TRIGGERS: [(&str, &str); 2] = [
    ("DROP TRIGGER transfers_no_update", "DROP TRIGGER transfers_no_update ON transfers"),
    ("DROP TRIGGER entries_no_update", "DROP TRIGGER entries_no_update ON entries"),
];

/// A rule, a statement that breaks it, and one that puts right again what was changed.
const CORRUPTIONS: [(&str, &str, &str); 20] = [
    (
        "an entry's account must be one of its transfer's template",
        "UPDATE entries SET account_id = (SELECT id FROM accounts WHERE kind = 'fees')
            WHERE account_id = (SELECT id FROM accounts WHERE kind = 'platform_revenue')",
        "UPDATE entries SET account_id = (SELECT id FROM accounts WHERE kind = 'platform_revenue')
            WHERE account_id = (SELECT id FROM accounts WHERE kind = 'fees')",
    ),
    (
        "the entries of a tipster's account must be numbered without a gap",
        "UPDATE entries SET seq = seq + 10
            WHERE account_id = (SELECT id FROM accounts WHERE kind = 'tipster_available' AND seq > 0)",
        "UPDATE entries SET seq = seq - 10 WHERE seq > 10",
    ),
    (
        "the entries of a tipster's account must be numbered without a gap",
        "UPDATE accounts SET seq = seq + 1 WHERE kind = 'tipster_held'",
        "UPDATE accounts SET seq = seq - 1 WHERE kind = 'tipster_held'",
    ),
    (
        "the entries of a tipster's account must be numbered without a gap",
        "UPDATE entries SET seq = NULL, balance_after_cents = NULL
            WHERE account_id = (SELECT id FROM accounts WHERE kind = 'tipster_available' AND seq > 0)",
        "UPDATE entries SET seq = 1, balance_after_cents = amount_cents
            WHERE account_id = (SELECT id FROM accounts WHERE kind = 'tipster_available' AND seq > 0)",
    ),
    (
        "the days of a tipster's account must not fall",
        "UPDATE transfers SET day = day + 1 WHERE id = (SELECT e.transfer_id FROM entries e
            JOIN accounts a ON a.id = e.account_id WHERE a.kind = 'tipster_held' AND a.seq = 3 AND e.seq = 1)",
        "UPDATE transfers SET day = day - 1 WHERE id = (SELECT e.transfer_id FROM entries e
            JOIN accounts a ON a.id = e.account_id WHERE a.kind = 'tipster_held' AND a.seq = 3 AND e.seq = 1)",
    ),
    (
        "a tipster's account must know the day of its last entry",
        "UPDATE accounts SET last_day = last_day + 1 WHERE kind = 'tipster_held'",
        "UPDATE accounts SET last_day = last_day - 1 WHERE kind = 'tipster_held'",
    ),
    (
        "an entry's balance must be the one before it and its amount",
        "UPDATE entries SET balance_after_cents = balance_after_cents + 1 WHERE seq = 2",
        "UPDATE entries SET balance_after_cents = balance_after_cents - 1 WHERE seq = 2",
    ),
    (
        "a payment's receipt must be one of its own, and of its own it must name one",
        "UPDATE money_in SET receipt = 'X' || receipt",
        "UPDATE money_in SET receipt = SUBSTR(receipt, 2)",
    ),
    (
        "a completed payment must have exactly one transfer, of its outcome's kind and its price",
        "UPDATE transfers SET kind = 'reversed' WHERE kind = 'owed'",
        "UPDATE transfers SET kind = 'owed' WHERE kind = 'reversed'",
    ),
    (
        "a purchase must be what was paid for, and its share that of the price",
        "UPDATE purchases SET share_cents = share_cents - 100",
        "UPDATE purchases SET share_cents = share_cents + 100",
    ),
    (
        "a purchase must be what was paid for, and its share that of the price",
        "UPDATE payments SET share_bps = 5000",
        "UPDATE payments SET share_bps = 6000",
    ),
    (
        "a sale must take the price, hold its tipster's share and earn the rest",
        "UPDATE entries SET account_id = (SELECT id FROM accounts WHERE kind = 'tipster_held' AND seq = 0)
            WHERE seq = 1 AND account_id = (SELECT id FROM accounts WHERE kind = 'tipster_held' AND seq = 3)",
        "UPDATE entries SET account_id = (SELECT id FROM accounts WHERE kind = 'tipster_held' AND seq = 3)
            WHERE account_id = (SELECT id FROM accounts WHERE kind = 'tipster_held' AND seq = 0)",
    ),
    (
        "a release must take its sale's share from its tipster, and give all of it to them",
        "UPDATE entries SET account_id = (SELECT id FROM accounts WHERE kind = 'tipster_available' AND seq = 0)
            WHERE account_id = (SELECT id FROM accounts WHERE kind = 'tipster_available' AND seq = 1)",
        "UPDATE entries SET account_id = (SELECT id FROM accounts WHERE kind = 'tipster_available' AND seq = 1)
            WHERE account_id = (SELECT id FROM accounts WHERE kind = 'tipster_available' AND seq = 0)",
    ),
    (
        "what is owed must be the whole debt of its payment",
        "UPDATE debts SET owed_cents = owed_cents + 100 WHERE status = 'payable'",
        "UPDATE debts SET owed_cents = owed_cents - 100 WHERE status = 'payable'",
    ),
    (
        "a refund by hand must be its debt",
        "UPDATE debts SET owed_cents = owed_cents + 100 WHERE status = 'paid'",
        "UPDATE debts SET owed_cents = owed_cents - 100 WHERE status = 'paid'",
    ),
    (
        "a debt must be paid exactly when its refund was booked",
        "UPDATE debts SET status = 'paid' WHERE status = 'payable'",
        "UPDATE debts SET status = 'payable' WHERE refund_receipt IS NULL",
    ),
    (
        "a debt must be of its receipt's or its payment's money, and go to whoever paid it",
        "UPDATE debts SET receipt = NULL WHERE status = 'payable'",
        "UPDATE debts SET receipt = (SELECT p.receipt FROM payments p WHERE p.id = payment_id)",
    ),
    (
        "a debt must be of its receipt's or its payment's money, and go to whoever paid it",
        "UPDATE debts SET msisdn = '254799999999'",
        "UPDATE debts SET msisdn = (SELECT p.msisdn FROM payments p WHERE p.id = payment_id)",
    ),
    (
        "what a tipster's account holds must be the shares that are not released",
        "UPDATE purchases SET released_at = bought_at WHERE released_at IS NULL",
        "UPDATE purchases SET released_at = NULL
            WHERE payment_id NOT IN (SELECT subject_id FROM transfers WHERE kind = 'release')",
    ),
    (
        "what is owed to payers must be the debts that are not paid",
        "UPDATE debts SET owed_cents = owed_cents + 100 WHERE status = 'payable'",
        "UPDATE debts SET owed_cents = owed_cents - 100 WHERE status = 'payable'",
    ),
];

/// The debt of a payment is sent back by hand.
async fn refund(app: &TestApp, payment: PaymentId) {
    let now = app.clock.now();
    let done: Result<(), Failure> = transaction!(app.db, |tx| {
        let debt = refunds::store::open(tx, payment.0).await?.swap_remove(0).id;
        let owed = refunds::store::mark_paid(tx, debt, "UKN1REFUND", now).await?.expect("a debt");
        let refund = Movement {
            id: Random::System.uuid(now),
            kind: TransferKind::RefundByHand,
            first: AccountKind::RefundsOwed,
            subject: (SubjectKind::Refund, debt),
            owner: None,
            amounts: vec![(Symbol::X, owed)],
            made_at: now,
        };
        ledger::book(tx, &refund).await
    });
    done.expect("sent back");
}

/// A tipster with a sale that is held and one that is released, another one without any, a debt, and one that
/// was sent back.
async fn market(app: &TestApp) -> Person {
    let asha = app.tipster().await;
    Person::register(app, "0733000002", "Kip Tipster", &["tipster"]).await;
    let released = sell(app, &asha, "0712000101").await;
    sell(app, &asha, "0712000102").await;
    release(app, &asha, released).await.commit().await.expect("released");
    for (number, fact) in [(1, "callback paid"), (2, "callback paid with R2")] {
        let case = Case::new(app, &asha, number).await;
        case.book(app, "withdrawn").await;
        case.book(app, fact).await;
        if number == 2 {
            refund(app, case.id()).await;
        }
    }
    app.books_are_right().await;
    asha
}

/// A payout that was paid twice opens a clawback.
async fn open_clawback(app: &TestApp, tipster: &Person, cents: i64) {
    let now = app.clock.now();
    let paid_twice = Movement {
        id: Random::System.uuid(now),
        kind: TransferKind::PayoutPaidTwice,
        first: AccountKind::TipsterAvailable,
        subject: (SubjectKind::Payout, Random::System.uuid(now)),
        owner: Some(tipster.id),
        amounts: vec![(Symbol::A, Kes::ZERO), (Symbol::X, Kes::from_cents(cents)), (Symbol::G, Kes::ZERO)],
        made_at: now,
    };
    let done: Result<(), Failure> = transaction!(app.db, |tx| ledger::book(tx, &paid_twice).await);
    done.expect("opened");
}

both! {
    async fn what_is_corrupted_is_found_by_its_name(app: TestApp) {
        market(&app).await;
        for (sqlite, postgres) in TRIGGERS {
            execute(&app, if app.is_sqlite() { sqlite } else { postgres }).await;
        }
        for (rule, corrupt, mend) in CORRUPTIONS {
            execute(&app, corrupt).await;
            for extent in [Extent::OpenDays, Extent::All] {
                let found = rules(&app, extent).await;
                assert!(found.contains(&rule), "{extent:?}: {corrupt}: {rule}: {found:?}");
            }
            execute(&app, mend).await;
            let report = books::check(&app.db, Extent::All).await.expect("a report");
            assert_eq!(report.findings, vec![], "{mend}");
        }
    }

    async fn open_days_go_on_from_closed_ones(app: TestApp) {
        let asha = market(&app).await;
        app.advance(until_midnight(&app) + 3_600);
        assert_eq!(close(&app).await, 1);
        sell(&app, &asha, "0712000103").await;
        app.books_are_right().await;
        execute(&app, if app.is_sqlite() { TRIGGERS[1].0 } else { TRIGGERS[1].1 }).await;
        // The fourth entry is on the open day, and the third one on the closed day.
        execute(&app, "UPDATE entries SET seq = 5 WHERE seq = 4").await;
        let gap = "the entries of a tipster's account must be numbered without a gap";
        assert_eq!(rules(&app, Extent::OpenDays).await[0], gap);
    }

    async fn a_release_fills_an_open_clawback_first(app: TestApp) {
        let asha = app.tipster().await;
        let sales = [sell(&app, &asha, "0712000101").await, sell(&app, &asha, "0712000102").await];
        open_clawback(&app, &asha, 4_000).await;
        let clawback = "SELECT balance_cents FROM accounts WHERE kind = 'tipster_clawback'";
        for (sale, left) in sales.into_iter().zip([(-1_000, (3_000, 0)), (0, (0, 2_000))]) {
            release(&app, &asha, sale).await.commit().await.expect("released");
            assert_eq!((app.count(clawback).await, app.balances(&asha).await), left);
        }
        assert_eq!(app.count("SELECT seq FROM accounts WHERE kind = 'tipster_clawback'").await, 3);
        app.books_are_right().await;
    }

    async fn a_tipster_who_owes_us_stays(app: TestApp) {
        let asha = app.tipster().await;
        let now = app.clock.now();
        open_clawback(&app, &asha, 1_000).await;
        let left: Result<_, Failure> =
            transaction!(app.db, |tx| Ok(people::store::profile::unfinished(tx, asha.id, now).await?));
        let left = left.expect("an answer");
        assert_eq!((left.balance_cents, left.clawback_cents), (Kes::ZERO, Kes::from_cents(-1_000)));
    }

    async fn days_do_not_fall_though_clocks_do(app: TestApp) {
        let asha = app.tipster().await;
        let sales = [sell(&app, &asha, "0712000101").await, sell(&app, &asha, "0712000102").await];
        let day = "SELECT MAX(day) - MIN(day) FROM transfers WHERE kind = 'release'";
        app.advance(until_midnight(&app));
        release(&app, &asha, sales[0]).await.commit().await.expect("released");
        // A server whose clock is behind books for the same tipster afterwards.
        let behind = app.clock.now() - chrono::TimeDelta::days(1);
        let mut tx = app.db.begin().await.expect("a transaction");
        assert!(crate::payments::store::schedule::mark_released(&mut tx, sales[1], behind).await.expect("marked"));
        let late = Movement {
            id: Random::System.uuid(behind),
            kind: TransferKind::Release,
            first: AccountKind::TipsterHeld,
            subject: (SubjectKind::Release, sales[1].0),
            owner: Some(asha.id),
            amounts: vec![(Symbol::S, Kes::from_cents(3_000))],
            made_at: behind,
        };
        ledger::book(&mut tx, &late).await.expect("booked");
        tx.commit().await.expect("committed");
        assert_eq!(app.count(day).await, 0, "on the day of the account's last entry");
        app.books_are_right().await;
    }
}
