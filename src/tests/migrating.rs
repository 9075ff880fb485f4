//! What older databases held is there after a migration, on both databases.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::harness::{Engine, migrate_to};
use crate::mpesa::Purpose;
use crate::mpesa::addresses::token_hash;
use crate::mpesa::store::{addresses, bodies};
use crate::payments::PURPOSE;
use crate::platform::db::{Db, Failure, Pools, execute, read, transaction};

/// The migration that moves addresses out of `payments`.
const ADDRESSES: i64 = 23;
const PEOPLE: &str = "INSERT INTO people (id, msisdn, display_name, password_hash, birth_date, is_buyer,
        is_tipster, created_at)
    VALUES ($1, '254712345678', 'Wanjiru Buyer', '', '1990-05-01', TRUE, FALSE, $3),
           ($2, '254733000001', 'Asha Tipster', '', '1990-05-01', FALSE, TRUE, $3)";
const TIP: &str = "INSERT INTO tips (id, tipster_id, bookmaker, bet_code, odds_thousandths, price_cents,
        status, match_count, first_kick_off_at, last_kick_off_at, sales_close_at, created_at)
    VALUES (17, $1, 'betika', 'JYRCAV', 2000, 5000, 'active', 1, $2, $2, $2, $2)";
const PAYMENT: &str =
    "INSERT INTO payments (id, buyer_id, tip_id, tipster_id, price_cents, share_bps, msisdn,
        account_reference, callback_token_hash, status, outcome, open, push, checkout_request_id, receipt,
        waiting_receipt, first_operator, hinted, check_count, next_check_at, pushed_at, ended_at,
        asked_again_at, refusal)
    SELECT $1, b.id, 17, t.id, 5000, 6000, b.msisdn, $2, $3, $4, $5, $4 = 'pending', 'accepted', $2, $6,
        'UKN1WAITED', 'Halima', TRUE, 3, $7, $7, $7, $7, 'busy'
    FROM people b, people t WHERE b.is_buyer AND t.is_tipster";
const COLUMNS: &str =
    "id buyer_id tip_id tipster_id price_cents share_bps msisdn account_reference status outcome
    review_reason open push merchant_request_id checkout_request_id result_code result_description receipt
    callback_succeeded_at query_succeeded_at statement_succeeded_at first_operator second_operator
    waiting_receipt hinted check_count next_check_at pushed_at ended_at asked_again_at refusal";
const BODIES: &str = "INSERT INTO callbacks (id, payment_id, path, is_from_elsewhere, body, received_at,
        processed_at)
    SELECT id, id, 'token', TRUE, callback_token_hash, pushed_at,
        CASE WHEN status = 'completed' THEN pushed_at END FROM payments";
/// Every table that refers to payments, and a row of it for each payment.
const CHILDREN: [(&str, &str); 7] = [
    ("receipts", "INSERT INTO receipts (receipt, payment_id) SELECT account_reference, id FROM payments"),
    (
        "purchases",
        "INSERT INTO purchases (payment_id, tip_id, buyer_id, tipster_id, price_cents, share_cents,
                bought_at, release_after)
            SELECT id, tip_id, CASE WHEN open THEN tipster_id ELSE buyer_id END, tipster_id, price_cents,
                3000, pushed_at, pushed_at FROM payments",
    ),
    (
        "debts",
        "INSERT INTO debts (payment_id, msisdn, owed_cents, status, reason, owed_at, due_at)
            SELECT id, msisdn, price_cents, 'owed', 'withdrawn', pushed_at, pushed_at FROM payments",
    ),
    (
        "payment_events",
        "INSERT INTO payment_events (id, payment_id, happened_at, source, kind, callback_id)
            SELECT id, id, pushed_at, 'callback', 'paid', id FROM payments",
    ),
    (
        "transfers",
        "INSERT INTO transfers (id, kind, payment_id, made_at, day)
            SELECT id, 'sale', id, pushed_at, 1 FROM payments",
    ),
    (
        "payment_claims",
        "INSERT INTO payment_claims (id, payment_id, person_id, receipt, claimed_at)
            SELECT id, id, buyer_id, 'UKN1AB2CD3', pushed_at FROM payments",
    ),
    (
        "notices",
        "INSERT INTO notices (id, person_id, kind, tip_id, payment_id, noticed_at)
            SELECT id, tipster_id, 'sale', tip_id, id, pushed_at FROM payments",
    ),
];

struct OldPayment {
    id: Uuid,
    token_hash: [u8; 32],
}

/// A buyer's completed payment and a pending one, with what belongs to them.
async fn old_payments(db: &Db) -> [OldPayment; 2] {
    let at = DateTime::<Utc>::from_timestamp(1_790_000_000, 0).expect("a moment");
    let payments =
        [1, 2].map(|n| OldPayment { id: Uuid::from_u128(n), token_hash: token_hash(&format!("{n:064x}")) });
    let written: Result<(), Failure> = transaction!(db, |tx| {
        let (buyer, tipster) = (Uuid::from_u128(8), Uuid::from_u128(9));
        execute!(tx, sqlx::query(PEOPLE).bind(buyer).bind(tipster).bind(at))?;
        execute!(tx, sqlx::query(TIP).bind(tipster).bind(at))?;
        let states = [("completed", Some("unlocked"), Some("UKN1AB2CD3")), ("pending", None, None)];
        for (payment, (status, outcome, receipt)) in payments.iter().zip(states) {
            execute!(tx, {
                let insert = sqlx::query(PAYMENT).bind(payment.id).bind(status.to_uppercase());
                insert.bind(&payment.token_hash[..]).bind(status).bind(outcome).bind(receipt).bind(at)
            })?;
        }
        for (_, insert) in CHILDREN {
            execute!(tx, sqlx::query(insert))?;
        }
        Ok(execute!(tx, sqlx::query(BODIES))?)
    });
    written.expect("old rows");
    payments
}

/// Each column of the payments that stays, as text.
async fn columns(db: &Db) -> Vec<Vec<Option<String>>> {
    let mut columns = Vec::new();
    for column in COLUMNS.split_whitespace() {
        let query = format!("SELECT CAST({column} AS TEXT) FROM payments ORDER BY account_reference");
        columns.push(
            read!(db, |c| sqlx::query_scalar(AssertSqlSafe(query.as_str())).fetch_all(c).await)
                .expect("a column"),
        );
    }
    columns
}

/// How many rows of a table find their payment.
async fn count(db: &Db, table: &str) -> i64 {
    let query = format!("SELECT COUNT(*) FROM {table} c JOIN payments p ON p.id = c.payment_id");
    read!(db, |c| sqlx::query_scalar(AssertSqlSafe(query.as_str())).fetch_one(c).await).expect("a count")
}

/// What SQLite says of its tables, indexes and triggers, but for what the migration changes on purpose.
#[derive(Debug, Default, PartialEq, Eq)]
struct Schema {
    texts: BTreeSet<String>,
    /// `(table, row, the table that it refers to, which of its references)`, where there is no such row.
    dangling: Vec<(String, i64, String, i64)>,
}

impl Schema {
    async fn of(db: &Db) -> Self {
        const TEXTS: &str = "SELECT sql FROM sqlite_master
            WHERE sql IS NOT NULL AND tbl_name NOT IN ('callbacks', 'mpesa_addresses')";
        const CHECK: &str = "PRAGMA foreign_key_check";
        // PostgreSQL changes a table in its place.
        let Pools::Sqlite { writer, .. } = &db.pools else { return Self::default() };
        let texts: Vec<String> = sqlx::query_scalar(TEXTS).fetch_all(writer).await.expect("a schema");
        let texts = texts.iter().map(|text| without_what_goes(text)).collect();
        Self { texts, dangling: sqlx::query_as(CHECK).fetch_all(writer).await.expect("a check") }
    }
}

/// Without comments, the way in which it was written down, and the column that goes.
fn without_what_goes(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with("--"));
    lines.collect::<Vec<_>>().join(" ").replace(" callback_token_hash BLOB NOT NULL UNIQUE,", "")
}

async fn addresses_leave_payments(engine: Engine) {
    const KEPT: &str = "SELECT COUNT(*) FROM callbacks WHERE is_from_elsewhere";
    let folder = tempfile::tempdir().expect("a folder");
    let (_, db) = engine.empty(folder.path()).await;
    migrate_to(ADDRESSES - 1, &db).await;
    let payments = old_payments(&db).await;
    let before = (columns(&db).await, Schema::of(&db).await);
    migrate_to(ADDRESSES, &db).await;
    assert_eq!((columns(&db).await, Schema::of(&db).await), before);
    for (table, _) in CHILDREN {
        assert_eq!(count(&db, table).await, 2, "{table}");
    }
    references_hold(&db).await;
    db.migrate().await.expect("migrated");
    for payment in &payments {
        let whose = |purpose| addresses::subject_of(&db, &payment.token_hash, purpose);
        assert_eq!(whose(PURPOSE).await.expect("an answer"), Some(payment.id));
        assert_eq!(whose(Purpose::new("payout")).await.expect("an answer"), None, "of another purpose");
    }
    let kept: i64 = read!(db, |c| sqlx::query_scalar(KEPT).fetch_one(c).await).expect("a count");
    let waiting = bodies::unprocessed(&db, PURPOSE, 10).await.expect("bodies");
    assert_eq!((kept, waiting.len()), (2, 1));
    assert_eq!((waiting[0].subject_id, &waiting[0].body[..]), (payments[1].id, &payments[1].token_hash[..]));
}

/// The tables that refer to payments still do.
async fn references_hold(db: &Db) {
    const STRAY: &str = "INSERT INTO receipts (receipt, payment_id) VALUES ('UKN1STRAY1', $1)";
    let stray: Result<(), Failure> =
        transaction!(db, |tx| Ok(execute!(tx, sqlx::query(STRAY).bind(Uuid::from_u128(77)))?));
    stray.expect_err("no such payment");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn addresses_leave_payments_on_sqlite() {
    addresses_leave_payments(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn addresses_leave_payments_on_postgres() {
    addresses_leave_payments(Engine::Postgres).await;
}
