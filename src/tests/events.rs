//! The facts about money that moves: kept apart by what it moves for, and taken over from the table that knew
//! payments alone.

use chrono::{DateTime, Utc};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::harness::phone::success;
use super::harness::{TestApp, both, text};
use crate::mpesa::events::{EvidenceSource, NewEvent};
use crate::mpesa::store::events;
use crate::mpesa::{Purpose, Subject};
use crate::payments;
use crate::platform::db::{Failure, execute, on, read, transaction};
use crate::platform::random::Random;
use crate::types::{Kes, PaymentId};

/// The migrations with the old table and with the new one, for each database.
const SQLITE: [&str; 2] = [
    include_str!("../../migrations/sqlite/0003_payments.sql"),
    include_str!("../../migrations/sqlite/0025_events.sql"),
];
const POSTGRES: [&str; 2] = [
    include_str!("../../migrations/postgres/0003_payments.sql"),
    include_str!("../../migrations/postgres/0025_events.sql"),
];
const BACK: &str = "INSERT INTO payment_events
        (id, payment_id, happened_at, source, kind, result_code, receipt, amount_cents, detail, callback_id)
    SELECT id, subject_id, happened_at, source, kind, result_code, receipt, amount_cents, detail, body_id
    FROM mpesa_events";
const ALL: &str = "SELECT id, purpose, subject_id, happened_at, source, kind, result_code, receipt, \
    amount_cents, detail, body_id FROM mpesa_events ORDER BY id";

type Row = (
    Uuid,
    String,
    Uuid,
    DateTime<Utc>,
    String,
    String,
    Option<String>,
    Option<String>,
    Option<i64>,
    Option<String>,
    Option<Uuid>,
);

async fn all(app: &TestApp) -> Vec<Row> {
    read!(&app.db, |c| sqlx::query_as(ALL).fetch_all(c).await).expect("facts")
}

/// The table of the first release with the facts of now in it, and then its migration.
async fn migrate_again(app: &TestApp) {
    let [first, migration] = if app.is_sqlite() { SQLITE } else { POSTGRES };
    let (_, old) = first.split_once("CREATE TABLE payment_events").expect("the old table");
    let old =
        format!("CREATE TABLE payment_events{old}").replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION");
    let done: Result<(), Failure> = transaction!(app.db, |tx| {
        for script in [old.as_str(), BACK, "DROP TABLE mpesa_events", migration] {
            on!(tx, |c| sqlx::raw_sql(AssertSqlSafe(script)).execute(c).await.map(|_| ()))?;
        }
        Ok(())
    });
    done.expect("migrated");
}

both! {
    async fn facts_of_before_are_kept_with_all_that_they_say(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        let started = buyer.start(&app, tip).await;
        // The list is in the order of time.
        app.advance(1);
        let url = app.callback_url(&started).await;
        app.post_callback(&url, success(&started, &serde_json::json!(50), "UKN1AB2CD3").to_string()).await;
        let before = all(&app).await;
        assert!(before.iter().any(|row| row.7.is_some() && row.8.is_some() && row.10.is_some()), "{before:?}");
        migrate_again(&app).await;
        assert_eq!(all(&app).await, before);
        let payment: PaymentId = text(&started, "payment_id").parse().expect("an id");
        let shown = payments::events::events(&app.db, payment).await.expect("facts");
        assert_eq!(shown.len(), before.len());
        assert_eq!(shown.last().expect("a fact").kind, payments::evidence::EventKind::Unlocked);
        let changed: Result<(), Failure> =
            transaction!(app.db, |tx| Ok(execute!(tx, sqlx::query("DELETE FROM mpesa_events"))?));
        assert!(changed.is_err(), "they are only added to, as before");
        let old: Result<i64, sqlx::Error> =
            read!(&app.db, |c| sqlx::query_scalar("SELECT COUNT(*) FROM payment_events").fetch_one(c).await);
        assert!(old.is_err(), "the old table is gone");
    }

    async fn facts_are_kept_apart_by_what_money_moves_for(app: TestApp) {
        let (now, random) = (app.clock.now(), Random::System);
        let id = random.uuid(now);
        let subjects = ["payment", "made_up"].map(|word| Subject { purpose: Purpose::new(word), id });
        let told: Result<[bool; 2], Failure> = transaction!(app.db, |tx| {
            let event = NewEvent {
                id: random.uuid(now),
                subject: subjects[1],
                at: now,
                source: EvidenceSource::Statement,
                kind: "listed",
                code: None,
                receipt: Some("UKN1AB2CD3"),
                amount: Some(Kes::from_cents(5_000)),
                detail: None,
                body: None,
            };
            events::insert(tx, &event).await?;
            let [payment, other] = subjects;
            Ok([events::is_told(tx, payment, "UKN1AB2CD3").await?, events::is_told(tx, other, "UKN1AB2CD3").await?])
        });
        assert_eq!(told.expect("written"), [false, true]);
        let [payment, other] = subjects;
        assert!(events::list(&app.db, payment).await.expect("facts").is_empty());
        let listed = events::list(&app.db, other).await.expect("facts");
        assert_eq!((listed.len(), listed[0].kind.as_str(), listed[0].amount_cents), (1, "listed", Some(5_000)));
    }
}
