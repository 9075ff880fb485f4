//! Eleven days of a market as the first release left them, made by its own program through its own doors
//! (`make first-release`), and brought to this version: nothing of it is lost, and its people go on.

mod totals;

use std::collections::BTreeMap;
use std::io::Read;

use flate2::read::GzDecoder;
use reqwest::StatusCode;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::harness::{Engine, TestApp, client};
use crate::payments::adoption;
use crate::platform::clock::Clock;
use crate::platform::db::{Db, read};
use crate::platform::random::Random;
use crate::types::Kes;
use totals::{NAMES, TOTALS};

const SQLITE: &str = "src/tests/fixtures/first-release.sqlite.sql.gz";
const POSTGRES: &str = "src/tests/fixtures/first-release.postgres.sql.gz";
const PASSWORD: &str = "ligisoo-demo";

/// What the fixture must have twenty of, so that no kind is migrated by chance only.
const KINDS: [(&str, &str); 20] = [
    ("owed: already bought", "SELECT COUNT(*) FROM debts WHERE reason = 'already_bought'"),
    ("owed: withdrawn", "SELECT COUNT(*) FROM debts WHERE reason = 'withdrawn'"),
    ("owed: kicked off", "SELECT COUNT(*) FROM debts WHERE reason = 'kicked_off'"),
    ("refunds", "SELECT COUNT(*) FROM debts WHERE status = 'paid'"),
    ("under review", "SELECT COUNT(*) FROM payments WHERE review_reason IS NOT NULL"),
    ("failed", "SELECT COUNT(*) FROM payments WHERE status = 'failed'"),
    ("cancelled", "SELECT COUNT(*) FROM payments WHERE status = 'cancelled'"),
    ("pending", "SELECT COUNT(*) FROM payments WHERE status = 'pending' AND review_reason IS NULL"),
    (
        "second receipts",
        "SELECT COUNT(*) FROM payment_events e JOIN payments p ON p.id = e.payment_id
            WHERE e.receipt <> p.receipt AND e.source <> 'operator'",
    ),
    (
        "callbacks of another amount that name a receipt",
        "SELECT COUNT(*) FROM payment_events
            WHERE source = 'callback' AND kind = 'amount' AND receipt IS NOT NULL",
    ),
    (
        "listed money that does not fit",
        "SELECT COUNT(*) FROM payment_events WHERE source IN ('c2b', 'statement') AND kind = 'amount'",
    ),
    (
        "told by a callback",
        "SELECT COUNT(*) FROM payment_events WHERE source = 'callback' AND kind = 'unlocked'",
    ),
    ("told by a query", "SELECT COUNT(*) FROM payment_events WHERE source = 'query' AND kind = 'unlocked'"),
    ("told by C2B", "SELECT COUNT(*) FROM payment_events WHERE source = 'c2b' AND kind = 'unlocked'"),
    (
        "told by a statement",
        "SELECT COUNT(*) FROM payment_events WHERE source = 'statement' AND kind = 'unlocked'",
    ),
    (
        "told by one operator",
        "SELECT COUNT(*) FROM payments WHERE first_operator IS NOT NULL AND second_operator IS NULL",
    ),
    ("told by two operators", "SELECT COUNT(*) FROM payments WHERE second_operator IS NOT NULL"),
    ("releases", "SELECT COUNT(*) FROM transfers WHERE kind = 'release'"),
    ("claims", "SELECT COUNT(*) FROM payment_claims"),
    ("times twenty-four: sales", "SELECT COUNT(*) / 24 FROM purchases"),
];

/// The entries of tipsters' accounts in the order of their numbers, with what the account says of itself.
const NUMBERED: &str = "SELECT a.id, e.seq, e.amount_cents, e.balance_after_cents, t.day,
        a.balance_cents, a.seq, a.last_day
    FROM entries e JOIN transfers t ON t.id = e.transfer_id JOIN accounts a ON a.id = e.account_id
    WHERE a.person_id IS NOT NULL ORDER BY a.id, e.seq";
/// Who may take out most.
const SELLER: &str = "SELECT p.msisdn, a.balance_cents FROM accounts a JOIN people p ON p.id = a.person_id
    WHERE a.kind = 'tipster_available' AND p.closed_at IS NULL ORDER BY a.balance_cents DESC LIMIT 1";
/// The first tip that anybody bought.
const BOUGHT: &str =
    "SELECT p.msisdn, b.tip_id, t.bet_code FROM purchases b JOIN people p ON p.id = b.buyer_id
    JOIN tips t ON t.id = b.tip_id WHERE p.closed_at IS NULL ORDER BY b.bought_at LIMIT 1";
const BROKEN_REFERENCES: &str = "SELECT COUNT(*) FROM pragma_foreign_key_check";

type Totals = BTreeMap<(&'static str, String), (i64, i64)>;

fn unpacked(dump: &str) -> String {
    let mut text = String::new();
    let file = std::fs::File::open(dump).expect(dump);
    GzDecoder::new(file).read_to_string(&mut text).expect("a compressed dump");
    text
}

/// `name_of` chooses between what a thing was called then and what it is called now.
async fn totals(db: &Db, name_of: impl Fn(&(&str, &'static str, &'static str)) -> &'static str) -> Totals {
    let mut totals = Totals::new();
    for (kind, query) in TOTALS {
        let query = NAMES.iter().fold(query.to_owned(), |query, name| query.replace(name.0, name_of(name)));
        let rows: Vec<(String, i64, i64)> =
            read!(db, |c| sqlx::query_as(AssertSqlSafe(query.as_str())).fetch_all(c).await)
                .unwrap_or_else(|error| panic!("{kind}: {error}"));
        assert!(!rows.is_empty(), "{kind}");
        totals.extend(rows.into_iter().map(|(key, count, sum)| ((kind, key), (count, sum))));
    }
    totals
}

async fn one<T>(db: &Db, query: &'static str) -> T
where
    T: Send
        + Unpin
        + for<'r> sqlx::FromRow<'r, sqlx::sqlite::SqliteRow>
        + for<'r> sqlx::FromRow<'r, sqlx::postgres::PgRow>,
{
    read!(db, |c| sqlx::query_as(query).fetch_one(c).await).expect("a row")
}

/// Somebody of then signs in; their page.
async fn page_of(app: &TestApp, phone: &str, path: &str) -> String {
    let http = client();
    let form = [("phone_number", phone), ("password", PASSWORD)];
    let entered = http.post(app.at("/api/accounts/sign-in")).form(&form).send().await.expect("an answer");
    assert_eq!(entered.status(), StatusCode::SEE_OTHER, "{}", entered.text().await.unwrap_or_default());
    let answer = http.get(app.at(path)).header("accept", "text/html").send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK, "{path}");
    answer.text().await.expect("a page")
}

async fn goes_on(engine: Engine, dump: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let (url, db) = engine.restored(folder.path(), &unpacked(dump)).await;
    for (kind, query) in KINDS {
        let (count,): (i64,) = one(&db, query).await;
        assert!(count >= 20, "{kind}: {count}");
    }
    let before = totals(&db, |name| name.1).await;
    db.migrate().await.expect("today's migrations");
    assert_eq!(db.pending_migrations().await.expect("a count"), 0);
    let after = totals(&db, |name| name.2).await;
    for (key, figures) in &before {
        assert_eq!(after.get(key), Some(figures), "{key:?}");
    }
    assert_eq!(
        before.len(),
        after.len(),
        "{:?}",
        after.keys().filter(|key| !before.contains_key(*key)).collect::<Vec<_>>()
    );
    receipts_are_rows(&db).await;
    receipts_are_adopted(&db).await;
    let app = TestApp::on(folder, (url, db)).await;
    app.books_are_right().await;
    entries_are_numbered(&app).await;
    people_go_on(&app).await;
}

/// Each claimed receipt is a row at its price, which a machine named or an operator alone.
async fn receipts_are_rows(db: &Db) {
    const ODD: &str = "SELECT COUNT(*) FROM money_in r JOIN payments p ON p.id = r.subject_id
        WHERE r.amount_cents <> p.price_cents OR r.state <> 'matched' OR r.purpose <> 'payment'
            OR (r.named_at IS NULL) <> (COALESCE(r.callback_at, r.c2b_at, r.statement_at) IS NULL)
            OR (r.named_at IS NULL AND r.operator_at IS NULL) OR r.told_at > COALESCE(r.named_at, r.told_at)
            OR r.told_at > COALESCE(r.operator_at, r.told_at)";
    const KINDS: [&str; 4] = [
        "SELECT COUNT(*) FROM money_in WHERE named_at IS NULL",
        "SELECT COUNT(*) FROM money_in WHERE c2b_at IS NOT NULL",
        "SELECT COUNT(*) FROM money_in WHERE statement_at IS NOT NULL",
        "SELECT COUNT(*) FROM money_in WHERE callback_at IS NOT NULL AND query_at IS NOT NULL",
    ];
    assert_eq!(one::<(i64,)>(db, ODD).await, (0,));
    for kind in KINDS {
        let (count,): (i64,) = one(db, kind).await;
        assert!(count >= 20, "{kind}: {count}");
    }
}

/// What was booked before a machine named its receipt is awaited, and what was told and not booked lies in
/// suspense. Two servers that start at once, and a third one, do it once.
async fn receipts_are_adopted(db: &Db) {
    const AWAITING: &str = "SELECT COUNT(*), (SELECT COUNT(*) FROM transfers WHERE kind = 'receipt_awaited'),
            CAST(COALESCE(SUM(price_cents), 0) AS BIGINT),
            (SELECT CAST(SUM(e.amount_cents) AS BIGINT) FROM entries e JOIN accounts a ON a.id = e.account_id
                WHERE a.kind = 'receipts_awaited')
        FROM payments WHERE awaits_receipt";
    const SUSPENSE: &str = "SELECT COUNT(*), (SELECT COUNT(*) FROM transfers WHERE kind = 'unplaced'),
            CAST(SUM(amount_cents) AS BIGINT),
            (SELECT CAST(SUM(e.amount_cents) AS BIGINT) FROM entries e JOIN accounts a ON a.id = e.account_id
                WHERE a.kind = 'suspense')
        FROM money_in WHERE state = 'suspense'";
    const LEFT: &str =
        "SELECT COUNT(*) FROM mpesa_events e WHERE e.receipt IS NOT NULL AND e.amount_cents > 0
        AND e.source <> 'operator' AND e.kind <> 'waits_for_second_source'
        AND NOT EXISTS (SELECT 1 FROM money_in r WHERE r.receipt = e.receipt)";
    let (clock, random) = (Clock::system(), Random::System);
    let adopt = || adoption::adopt(db, &clock, &random);
    let (first, second) = tokio::join!(adopt(), adopt());
    first.and(second).expect("adopted");
    adopt().await.expect("done already");
    let (payments, transfers, prices, balance): (i64, i64, i64, i64) = one(db, AWAITING).await;
    assert!(payments >= 20, "{payments}");
    assert_eq!((payments, prices), (transfers, -balance));
    let (receipts, transfers, cents, balance): (i64, i64, i64, i64) = one(db, SUSPENSE).await;
    assert!(receipts >= 40, "{receipts}");
    assert_eq!((receipts, cents), (transfers, balance));
    assert_eq!(one::<(i64,)>(db, LEFT).await, (0,));
}

/// In each tipster's account without a gap, along days that do not fall, each with the sum so far.
async fn entries_are_numbered(app: &TestApp) {
    type Row = (Uuid, i64, i64, Option<i64>, i64, i64, i64, i64);
    let rows: Vec<Row> = read!(app.db, |c| sqlx::query_as(NUMBERED).fetch_all(c).await).expect("entries");
    let mut accounts: BTreeMap<Uuid, Vec<&Row>> = BTreeMap::new();
    for row in &rows {
        accounts.entry(row.0).or_default().push(row);
    }
    assert!(accounts.len() > 10, "{} accounts of tipsters that moved", accounts.len());
    for rows in accounts.values() {
        let (mut sum, mut day) = (0, 0);
        for (number, row) in (1..).zip(rows) {
            let &(_, seq, amount, balance_after, on, ..) = *row;
            sum += amount;
            assert_eq!((seq, balance_after), (number, Some(sum)), "{row:?}");
            assert!(on >= day, "{row:?} is before {day}");
            day = on;
        }
        let &(_, seq, _, _, _, balance, count, last_day) = *rows.last().expect("a row");
        assert_eq!((balance, count, last_day), (sum, seq, day), "what the account says of itself");
    }
    let without_clawback = "SELECT COUNT(*) FROM accounts h WHERE h.kind = 'tipster_held' AND NOT EXISTS
        (SELECT 1 FROM accounts a WHERE a.person_id = h.person_id AND a.kind = 'tipster_clawback')";
    assert_eq!(app.count(without_clawback).await, 0);
}

async fn people_go_on(app: &TestApp) {
    let (seller, available): (String, Kes) = one(&app.db, SELLER).await;
    assert!(available > Kes::ZERO);
    let wallet = page_of(app, &seller, "/wallet").await;
    assert!(wallet.contains(&available.to_string()), "{available} is not in the wallet: {wallet}");

    let (buyer, tip, code): (String, i64, String) = one(&app.db, BOUGHT).await;
    let page = page_of(app, &buyer, &format!("/tips/{tip}")).await;
    assert!(page.contains(&code), "{code} is not on the page of tip {tip}: {page}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_first_release_left_goes_on_in_sqlite() {
    goes_on(Engine::Sqlite, SQLITE).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_first_release_left_goes_on_in_postgres() {
    goes_on(Engine::Postgres, POSTGRES).await;
}

/// SQLite checks references only when they are written, and not at all while a migration has them off.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_reference_of_the_first_release_leads_nowhere() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, db) = Engine::Sqlite.restored(folder.path(), &unpacked(SQLITE)).await;
    assert_eq!(one::<(i64,)>(&db, BROKEN_REFERENCES).await, (0,));
    db.migrate().await.expect("today's migrations");
    assert_eq!(one::<(i64,)>(&db, BROKEN_REFERENCES).await, (0,));
}
