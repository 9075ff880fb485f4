//! Rows that are only ever added stay as they are, whatever statement attacks them.

use sqlx::AssertSqlSafe;

use crate::audit::{self, Actor, Deed, Subject};
use crate::ledger;
use crate::platform::db::{Failure, on, read, transaction};
use crate::platform::random::Random;
use crate::tests::harness::{Person, TestApp, both, text};
use crate::tips::results::MatchVerdict;
use crate::tips::results::store::insert_event;
use crate::types::TipId;

/// The tables in which a trigger forbids to delete.
const SQLITE_TABLES: &str =
    "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%\\_no\\_delete' ESCAPE '\\'";
const POSTGRES_TABLES: &str = "SELECT CAST(event_object_table AS TEXT) FROM information_schema.triggers WHERE trigger_name LIKE '%\\_no\\_delete'";
/// The columns of a table, with their types and their places in its key.
const SQLITE_COLUMNS: &str = "SELECT name, type, CAST(pk AS BIGINT) FROM pragma_table_info($1)";

/// Writes at least two rows into each table whose rows are only added.
async fn fill(app: &TestApp) {
    let (tipster, tip, buyer) = app.shop().await;
    let second = app.tip(&tipster, 2, 60).await;
    for tip in [tip, second] {
        let started = buyer.start(app, tip).await;
        app.answer(text(&started, "checkout_request_id"), "pay").await;
        buyer.until_status(app, text(&started, "payment_id"), "completed").await;
    }
    for _ in 0..2 {
        say_something(app, &buyer, tip).await;
        app.advance(24 * 3_600);
    }
    ledger::close_days(&app.db, &app.clock, 10).await.expect("closed");
}

async fn say_something(app: &TestApp, by: &Person, tip: TipId) {
    let (now, random) = (app.clock.now(), Random::System);
    let said = MatchVerdict { tip, position: 1, was: None, result: None, score: None, reason: "a test" };
    let (subject, before, after) = (Subject::Tip(tip), None, None);
    let deed = Deed { at: now, by: Actor::Server, action: "tried", subject, before, after, reason: "a test" };
    let done: Result<(), Failure> = transaction!(app.db, |tx| {
        insert_event(tx, random.uuid(now), &said, by.id, now).await?;
        Ok(audit::record(tx, &random, &[deed]).await?)
    });
    done.expect("said");
}

async fn tables(app: &TestApp) -> Vec<String> {
    let query = if app.is_sqlite() { SQLITE_TABLES } else { POSTGRES_TABLES };
    read!(&app.db, |c| sqlx::query_scalar(query).fetch_all(c).await).expect("tables")
}

async fn rows(app: &TestApp, table: &str) -> i64 {
    let query = format!("SELECT COUNT(*) FROM {table}");
    read!(&app.db, |c| sqlx::query_scalar(AssertSqlSafe(query)).fetch_one(c).await).expect("a count")
}

async fn run(app: &TestApp, statement: &str) -> Result<(), Failure> {
    transaction!(app.db, |tx| Ok(on!(tx, |c| sqlx::query(AssertSqlSafe(statement))
        .execute(c)
        .await
        .map(|_| ()))?))
}

/// All ways in which SQLite can replace a row: by its own key, by a key that it shares with another row, or
/// by its row number.
async fn sqlite_attacks(app: &TestApp, table: &str) -> Vec<String> {
    let columns: Vec<(String, String, i64)> =
        read!(&app.db, |c| sqlx::query_as(SQLITE_COLUMNS).bind(table).fetch_all(c).await).expect("columns");
    let names: Vec<&str> = columns.iter().map(|(name, ..)| name.as_str()).collect();
    let last_of_key = columns.iter().map(|(.., key)| *key).max().unwrap_or_default();
    let with_another_key = columns.iter().map(|(name, kind, key)| match kind.as_str() {
        _ if *key != last_of_key => name.clone(),
        "BLOB" => "RANDOMBLOB(16)".to_owned(),
        _ => format!("{name} + 1000"),
    });
    let (names, with_another_key) = (names.join(", "), with_another_key.collect::<Vec<_>>().join(", "));
    let mut attacks = vec![
        format!("INSERT OR REPLACE INTO {table} SELECT * FROM {table} LIMIT 1"),
        format!("REPLACE INTO {table} ({names}) SELECT {names} FROM {table} LIMIT 1"),
        format!(
            "UPDATE OR REPLACE {table} SET rowid = (SELECT MIN(rowid) FROM {table}) WHERE rowid = (SELECT MAX(rowid) FROM {table})"
        ),
    ];
    // The key of `tips` is the row number itself.
    if table != "tips" {
        attacks.push(format!("INSERT OR REPLACE INTO {table} (rowid, {names}) SELECT rowid, {with_another_key} FROM {table} LIMIT 1"));
    }
    // They have another key beside their first; that of entries is a tipster's account and the number in it.
    if ["transfers", "entries"].contains(&table) {
        let row = if table == "entries" { "WHERE seq IS NOT NULL" } else { "" };
        attacks.push(format!(
            "INSERT OR REPLACE INTO {table} ({names}) SELECT {with_another_key} FROM {table} {row} LIMIT 1"
        ));
    }
    attacks
}

both! {
    async fn what_is_only_added_to_is_not_replaced_either(app: TestApp) {
        fill(&app).await;
        let tables = tables(&app).await;
        for known in ["audit", "closings", "entries", "mpesa_events", "result_events", "tip_matches", "tips", "transfers"] {
            assert!(tables.iter().any(|table| table == known), "{known}: {tables:?}");
        }
        for table in tables {
            let before = rows(&app, &table).await;
            assert!(before >= 2, "{table}");
            let mut attacks = vec![format!("DELETE FROM {table}"), format!("INSERT INTO {table} SELECT * FROM {table} LIMIT 1")];
            if app.is_sqlite() {
                attacks.extend(sqlite_attacks(&app, &table).await);
            } else {
                attacks.extend([format!("TRUNCATE {table}"), format!("TRUNCATE {table} CASCADE")]);
            }
            for attack in attacks {
                assert!(run(&app, &attack).await.is_err(), "{attack}");
            }
            assert_eq!(rows(&app, &table).await, before, "{table}");
        }
        assert!(run(&app, "UPDATE tips SET id = id + 1000").await.is_err() && run(&app, "UPDATE tip_matches SET position = position + 10").await.is_err());
        app.books_are_right().await;
    }
}
