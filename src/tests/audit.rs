//! The audit's chain: what was changed in it is found, whoever acts at once does not break it, and what was
//! rolled back is not in it.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::harness::{Engine, TestApp, both, migrate_to, text};
use crate::audit::{self, Actor, Deed, Subject};
use crate::platform::db::{Db, Failure, Pools, execute, read, transaction};
use crate::platform::random::Random;
use crate::types::{Kes, TipId};

/// The migration that makes the chain.
const CHAIN: i64 = 30;
const OLD: &str = "INSERT INTO audit (id, at, actor, action, subject_kind, subject_id, reason)
    VALUES ($1, $2, 'shell', 'badge_set', 'person', 'x', 'by command')";
/// What protects the chain, for those who have the database in their hands.
const UNLOCK: [&str; 7] = [
    "DROP TRIGGER audit_no_update{on}",
    "DROP TRIGGER audit_no_delete{on}",
    "DROP TRIGGER audit_moves_head{on}",
    "DROP TRIGGER audit_{more}",
    "DROP INDEX audit_seq",
    "CREATE TABLE kept AS SELECT * FROM audit",
    "CREATE TABLE kept_head AS SELECT * FROM audit_head",
];
const PUT_BACK: [&str; 4] = [
    "DELETE FROM audit",
    "INSERT INTO audit SELECT * FROM kept",
    "DELETE FROM audit_head",
    "INSERT INTO audit_head SELECT * FROM kept_head",
];
/// What somebody did to the chain, and how many of its rows are still right.
const CORRUPTIONS: [(&str, i64); 12] = [
    ("UPDATE audit SET reason = 'another' WHERE seq = 3", 2),
    ("UPDATE audit SET actor = 'admin' WHERE seq = 4", 3),
    ("UPDATE audit SET before = NULL, after = before WHERE seq = 2", 1),
    ("UPDATE audit SET at = (SELECT at FROM audit WHERE seq = 6) WHERE seq = 3", 2),
    ("UPDATE audit SET body = REPLACE(body, 'a test', 'another'), reason = 'another' WHERE seq = 3", 2),
    ("UPDATE audit SET hash = (SELECT hash FROM audit WHERE seq = 2) WHERE seq = 3", 2),
    ("DELETE FROM audit WHERE seq = 3", 2),
    ("DELETE FROM audit WHERE seq = 6", 5),
    ("DELETE FROM audit WHERE seq IS NULL", 6),
    ("UPDATE audit SET seq = CASE seq WHEN 4 THEN 5 ELSE 4 END WHERE seq IN (4, 5)", 3),
    ("UPDATE audit_head SET seq = 5", 6),
    ("DELETE FROM audit_head", 6),
];

fn deed(at: DateTime<Utc>, tip: i64) -> Deed<'static> {
    let (by, subject) = (Actor::Server, Subject::Tip(TipId(tip)));
    Deed { at, by, action: "tried", subject, before: Some("was"), after: Some("is"), reason: "a test" }
}

async fn note(db: &Db, at: DateTime<Utc>, tip: i64) {
    let noted: Result<(), Failure> =
        transaction!(db, |tx| Ok(audit::record(tx, &Random::System, &[deed(at, tip)]).await?));
    noted.expect("noted");
}

async fn run(db: &Db, statement: &str) {
    let done: Result<(), Failure> =
        transaction!(db, |tx| Ok(execute!(tx, sqlx::query(AssertSqlSafe(statement.to_owned())))?));
    done.unwrap_or_else(|failure| panic!("{statement}: {failure}"));
}

/// How many rows are right, and whether that is all.
async fn checked(db: &Db) -> (i64, bool) {
    let report = audit::check(db).await.expect("a report");
    assert!(report.broken.as_ref().is_none_or(|broken| broken.seq == report.rows + 1));
    (report.rows, report.broken.is_none())
}

/// A chain of six rows after an older one that has no place in it.
async fn chain(engine: Engine, folder: &std::path::Path) -> Db {
    let (_, db) = engine.empty(folder).await;
    migrate_to(CHAIN - 1, &db).await;
    let at = DateTime::from_timestamp(1_793_000_000, 123_456_789).expect("a moment");
    let old: Result<(), Failure> =
        transaction!(db, |tx| Ok(execute!(tx, sqlx::query(OLD).bind(Uuid::from_u128(1)).bind(at))?));
    old.expect("an old row");
    db.migrate().await.expect("migrated");
    assert_eq!(checked(&db).await, (0, true), "nothing was done since");
    for tip in 0..5 {
        note(&db, at + TimeDelta::milliseconds(tip), tip).await;
    }
    assert_eq!(checked(&db).await, (6, true));
    db
}

async fn what_was_changed_is_found(engine: Engine) {
    let folder = tempfile::tempdir().expect("a folder");
    let db = chain(engine, folder.path()).await;
    let is_sqlite = matches!(db.pools, Pools::Sqlite { .. });
    let (on, more) = if is_sqlite { ("", "no_replace") } else { (" ON audit", "no_truncate ON audit") };
    for statement in UNLOCK {
        run(&db, &statement.replace("{on}", on).replace("{more}", more)).await;
    }
    if is_sqlite {
        run(&db, "DROP TRIGGER audit_follows_head").await;
    }
    let id = if is_sqlite { "RANDOMBLOB(16)" } else { "gen_random_uuid()" };
    let inserted = |seq: &str| {
        format!(
            "INSERT INTO audit (id, seq, at, actor, action, subject_kind, subject_id, reason, body, hash)
            SELECT {id}, {seq}, at, actor, action, subject_kind, subject_id, reason, body, hash
            FROM audit WHERE seq = 3"
        )
    };
    let mut corruptions = CORRUPTIONS.map(|(statement, right)| (statement.to_owned(), right)).to_vec();
    corruptions.extend([(inserted("NULL"), 6), (inserted("7"), 6)]);
    for (statement, right) in corruptions {
        run(&db, &statement).await;
        assert_eq!(checked(&db).await, (right, false), "{statement}");
        for statement in PUT_BACK {
            run(&db, statement).await;
        }
        assert_eq!(checked(&db).await, (6, true));
    }
    run(&db, &inserted("3")).await;
    assert!(!checked(&db).await.1, "a row is there twice");
    for statement in PUT_BACK {
        run(&db, statement).await;
    }
    // A chain that is cut at both of its ends is one, but it has not the hash that was told before.
    let told = audit::check(&db).await.expect("a report").hash;
    run(&db, "DELETE FROM audit WHERE seq = 6").await;
    run(&db, "UPDATE audit_head SET seq = 5, hash = (SELECT hash FROM audit WHERE seq = 5)").await;
    let cut = audit::check(&db).await.expect("a report");
    assert!(cut.broken.is_none() && cut.hash != told);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_changed_is_found_on_sqlite() {
    what_was_changed_is_found(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_changed_is_found_on_postgres() {
    what_was_changed_is_found(Engine::Postgres).await;
}

both! {
    async fn whoever_acts_at_once_keeps_the_chain(app: TestApp) {
        let at = app.clock.now();
        let tasks: Vec<_> = (0..8).map(|task| {
            let db = app.db.clone();
            tokio::spawn(async move {
                for number in 0..5 {
                    note(&db, at, task * 10 + number).await;
                }
            })
        }).collect();
        for task in tasks {
            task.await.expect("no panic");
        }
        assert_eq!(checked(&app.db).await, (41, true));
    }

    async fn what_is_rolled_back_leaves_neither_row_nor_gap(app: TestApp) {
        let at = app.clock.now();
        note(&app.db, at, 1).await;
        let mut tx = app.db.begin().await.expect("a transaction");
        audit::record(&mut tx, &Random::System, &[deed(at, 2), deed(at, 3)]).await.expect("written");
        drop(tx);
        assert_eq!(checked(&app.db).await, (2, true));
        note(&app.db, at, 4).await;
        assert_eq!(checked(&app.db).await, (3, true));
        let listed = audit::of_subject(&app.db, Subject::Tip(TipId(4)), 10).await.expect("rows");
        assert_eq!(listed.iter().map(|row| row.seq).collect::<Vec<_>>(), [Some(3)]);
    }

    async fn the_database_takes_no_row_but_the_next(app: TestApp) {
        const ROW: &str = "INSERT INTO audit (id, seq, at, actor, action, subject_kind, subject_id, reason, body, hash)
            VALUES ($1, $2, $3, 'server', 'x', 'tip', '1', 'x', 'x', 'x')";
        note(&app.db, app.clock.now(), 1).await;
        for seq in [None, Some(1_i64), Some(2), Some(4)] {
            let tried: Result<(), Failure> = transaction!(app.db, |tx| {
                Ok(execute!(tx, {
                    sqlx::query(ROW).bind(Uuid::from_u128(1)).bind(seq).bind(app.clock.now())
                })?)
            });
            tried.expect_err("not the next row");
        }
        assert_eq!(checked(&app.db).await, (2, true));
    }

    async fn each_deed_and_each_look_is_a_row(app: TestApp) {
        const DEEDS: &str = "SELECT action, subject_kind FROM audit ORDER BY seq";
        let (tipster, tip) = app.waiting().await;
        let operator = app.operator().await;
        operator.page(&app, "/desk/tips").await;
        operator.submit(&app, &format!("/api/desk/tips/{tip}/approve"), &[]).await;
        let buyer = app.buyer("0712345678").await;
        let started = buyer.start(&app, tip).await;
        app.execute("UPDATE tips SET status = 'withdrawn' WHERE id = $1", tip).await;
        let (payments, id) = (&app.running.state.payments, text(&started, "payment_id").parse().expect("an id"));
        let halima = app.acts("0744000002").await;
        payments.end_unpaid(id, &halima).await.expect("ended");
        app.advance(1);
        payments.vouch(id, ("UKN1AB2CD3", Kes::from_cents(5_000)), &halima).await.expect("vouched");
        payments.clear_review(id, &halima).await.expect_err("nothing to look at");
        app.advance(1);
        payments.refunded(id, "UKN1REFUND", &halima).await.expect_err("nobody but Halima saw the money come");
        payments.approve_refund(id, &app.acts("0744000003").await).await.expect("approved");
        app.advance(1);
        payments.refunded(id, "UKN1REFUND", &halima).await.expect("sent back");
        let deeds: Vec<(String, String)> = read!(&app.db, |c| sqlx::query_as(DEEDS).fetch_all(c).await).expect("deeds");
        let deeds: Vec<(&str, &str)> = deeds.iter().map(|(action, kind)| (action.as_str(), kind.as_str())).collect();
        let [began, seen, approved] = [("began", "audit"), ("tip_seen", "tip"), ("tip_approved", "tip")];
        assert_eq!(deeds, [began, seen, approved, ("ended_unpaid", "payment"), ("settled", "payment"), ("refund_approved", "payment"), ("refunded", "payment")]);
        assert_eq!(checked(&app.db).await, (7, true));
        let of_halima = audit::of_person(&app.db, halima.person().id(), 2).await.expect("rows");
        assert_eq!(of_halima.iter().map(|row| row.action.as_str()).collect::<Vec<_>>(), ["refunded", "settled"], "the newest first");
        drop(tipster);
        app.books_are_right().await;
    }
}
