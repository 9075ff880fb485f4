//! How the databases find what lists and background tasks ask for: by the index that was made for it, and
//! never by reading a large table from its beginning. The statements are those of the stores.

mod books;
mod housework;
mod jobs;
mod mpesa;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{AssertSqlSafe, Row};
use uuid::Uuid;

use super::harness::{TestApp, both};
use crate::payments::store::{counts, lists, schedule};
use crate::platform::db::{Failure, on, read, transaction};
use crate::platform::random::Random;
use crate::types::{PersonId, TipId};
use crate::{audit, desk, ledger, notices, payments, people, refunds, tips, wallet};

/// Indexes that hold only rows which are open, and so stay small: reading one from its beginning is right.
const OF_FEW: [&str; 3] = ["money_in_suspense", "payments_awaiting", "payments_suspense"];
const BUYERS: u32 = 400;
const SALES: usize = 4_000;
const TIPS_ON_SALE: i64 = 400;
/// The tables that grow with the sales and the tips.
const LARGE: &[&str] = &[
    "payments",
    "purchases",
    "money_in",
    "mpesa_events",
    "transfers",
    "entries",
    "tips",
    "tip_matches",
    "notices",
    "callbacks",
    "mpesa_addresses",
    "mpesa_sends",
    "messages",
    "sessions",
    "follows",
    "attempts",
    "audit",
];

/// SQL that adds the other rows of a market that has been open for a while, made from its sales.
const MORE: &[&str] = &[
    "INSERT INTO notices (id, person_id, kind, tip_id, payment_id, noticed_at, read_at)
        SELECT payment_id, tipster_id, 'sale', tip_id, payment_id, bought_at, CASE WHEN released_at IS NOT NULL THEN bought_at END
        FROM purchases",
    "INSERT INTO sessions (id, person_id, data, browser, signed_in_at, seen_at, expires_at, ends_at)
        SELECT account_reference, buyer_id, token_hash, '', pushed_at, pushed_at, ended_at, ended_at
        FROM payments JOIN mpesa_addresses ON subject_id = id",
    "INSERT INTO follows (follower_id, tipster_id, followed_at) SELECT buyer_id, tipster_id, MIN(bought_at) FROM purchases
        GROUP BY buyer_id, tipster_id",
    "INSERT INTO audit (seq, id, at, person_id, actor, action, subject_kind, subject_id, reason, body, hash)
        SELECT ROW_NUMBER() OVER (ORDER BY id) + (SELECT seq FROM audit_head), id, pushed_at, buyer_id, 'server', 'x', 'payment',
            account_reference, 'x', 'x', 'x' FROM payments ORDER BY id",
    "INSERT INTO attempts (id, key, made_at) SELECT id, account_reference, pushed_at FROM payments",
    "UPDATE people SET is_tipster = TRUE, handle = msisdn WHERE is_buyer AND NOT is_tipster",
    "INSERT INTO tips (tipster_id, bookmaker, bet_code, odds_thousandths, price_cents, status, match_count, first_kick_off_at,
            last_kick_off_at, sales_close_at, created_at, public_odds_thousandths)
        SELECT p.id, t.bookmaker, t.bet_code, t.odds_thousandths, t.price_cents, t.status, t.match_count, t.first_kick_off_at,
            t.last_kick_off_at, t.sales_close_at, t.created_at, t.public_odds_thousandths
        FROM people p, (SELECT * FROM tips WHERE status = 'active' AND result IS NULL ORDER BY id DESC LIMIT 5) t WHERE p.handle = p.msisdn",
    "INSERT INTO tip_matches (tip_id, position, home_team, away_team, league, kick_off_at, market, selection, odds_thousandths)
        SELECT t.id, m.position, m.home_team, m.away_team, m.league, t.first_kick_off_at, m.market, m.selection, m.odds_thousandths
        FROM tips t, (SELECT * FROM tip_matches WHERE tip_id = (SELECT MIN(id) FROM tips WHERE match_count = 3)) m
        WHERE NOT EXISTS (SELECT 1 FROM tip_matches o WHERE o.tip_id = t.id)",
];

enum Value {
    Int(i64),
    Flag(bool),
    At(DateTime<Utc>),
    Id(Uuid),
    Text(&'static str),
    Bytes(&'static [u8]),
}

use Value::{At, Bytes, Flag, Id, Int, Text};

/// A statement, and the index that must answer it.
struct PlanCase {
    name: &'static str,
    sql: String,
    values: Vec<Value>,
    index: &'static str,
    order: PlanOrder,
}

/// Whether the index also has the order, so that nothing is sorted to find a page.
#[derive(PartialEq, Eq)]
enum PlanOrder {
    Any,
    /// The table has so few rows here that PostgreSQL sorts them.
    Few,
    Many,
}

fn page(name: &'static str, sql: &str, values: Vec<Value>, index: &'static str) -> PlanCase {
    PlanCase { name, sql: sql.to_owned(), values, index, order: PlanOrder::Many }
}

fn few(name: &'static str, sql: &str, values: Vec<Value>, index: &'static str) -> PlanCase {
    PlanCase { order: PlanOrder::Few, ..page(name, sql, values, index) }
}

fn some(name: &'static str, sql: &str, values: Vec<Value>, index: &'static str) -> PlanCase {
    PlanCase { order: PlanOrder::Any, ..page(name, sql, values, index) }
}

async fn plan(app: &TestApp, case: &PlanCase) -> Vec<String> {
    let (explain, column) = if app.is_sqlite() { ("EXPLAIN QUERY PLAN", 3) } else { ("EXPLAIN", 0) };
    let sql = format!("{explain} {}", case.sql);
    let lines: Result<Vec<String>, sqlx::Error> = read!(app.db, |c| {
        let mut query = sqlx::query(AssertSqlSafe(sql.clone()));
        for value in &case.values {
            query = match value {
                Int(value) => query.bind(*value),
                Flag(value) => query.bind(*value),
                At(value) => query.bind(*value),
                Id(value) => query.bind(*value),
                Text(value) => query.bind(*value),
                Bytes(value) => query.bind(*value),
            };
        }
        query.fetch_all(c).await.map(|rows| rows.iter().map(|row| row.get::<String, _>(column)).collect())
    });
    lines.unwrap_or_else(|error| panic!("{}: {error}", case.name))
}

/// Whether a line of a plan reads a large table as a whole. SQLite names tables by their alias.
fn reads_all(line: &str, sql: &str) -> bool {
    let line = line.trim_start_matches([' ', '-', '>']);
    if let Some(table) =
        line.strip_prefix("Seq Scan on ").or_else(|| line.strip_prefix("Parallel Seq Scan on "))
    {
        return LARGE.contains(&table.split(' ').next().unwrap_or_default());
    }
    if OF_FEW.iter().any(|index| line.ends_with(&format!("INDEX {index}"))) {
        return false;
    }
    let Some(name) = line.strip_prefix("SCAN ").and_then(|rest| rest.split(' ').next()) else { return false };
    LARGE.iter().any(|table| name == *table || sql.contains(&format!("{table} {name}")))
}

/// Whether a line reads rows that another line made, such as those of a page.
fn is_made(line: &str, plan: &[String]) -> bool {
    line.strip_prefix("SCAN ")
        .is_some_and(|name| plan.iter().any(|other| *other == format!("CO-ROUTINE {name}")))
}

/// What is wrong with the plan of a case; `None` if nothing is.
async fn fault(app: &TestApp, case: &PlanCase) -> Option<String> {
    let plan = plan(app, case).await;
    let sorts = |line: &String| match case.order {
        PlanOrder::Any => false,
        _ if app.is_sqlite() => line.contains("TEMP B-TREE FOR ORDER BY"),
        PlanOrder::Few => false,
        PlanOrder::Many => line.trim_start_matches([' ', '-', '>']).starts_with("Sort  ("),
    };
    let fault = if !plan.iter().any(|line| line.contains(case.index)) {
        format!("does not use {}", case.index)
    } else if plan
        .iter()
        .any(|line| reads_all(line, &case.sql) && !line.contains(case.index) && !is_made(line, &plan))
    {
        "reads a whole table".to_owned()
    } else if plan.iter().any(sorts) {
        "sorts".to_owned()
    } else {
        return None;
    };
    Some(format!("\n{} {fault}:\n{}", case.name, plan.join("\n")))
}

/// Fills the database with demo people and tips, sales of months, and the rows that belong to them.
async fn fill(app: &TestApp) {
    let (state, random) = (&app.running.state, Random::System);
    crate::demo::tips::load(&state.people, &state.tips, &random, &app.clock, TIPS_ON_SALE, BUYERS)
        .await
        .expect("seeded");
    let new = crate::demo::payments::sales(&app.db, &random, &state.settings.rules, app.clock.now(), SALES)
        .await
        .expect("sales");
    assert_eq!(new, SALES);
    ledger::close_days(&app.db, &app.clock, usize::MAX).await.expect("closed");
    app.books_are_right().await;
    for statement in MORE.iter().chain(jobs::MORE).chain(books::MORE) {
        execute(app, statement).await;
    }
}

async fn execute(app: &TestApp, statement: &'static str) {
    let done: Result<(), Failure> =
        transaction!(app.db, |tx| Ok(on!(tx, |c| sqlx::query(statement).execute(c).await.map(|_| ()))?));
    done.unwrap_or_else(|failure| panic!("{statement}: {failure}"));
}

async fn faults(app: &TestApp) -> String {
    let mut faults = String::new();
    let (moving, waiting, proofs) = (mpesa::cases(app), jobs::cases(app), books::cases(app));
    let cases = [lists(app).await, work(app).await, housework::cases(app).await, moving, waiting, proofs];
    for case in cases.into_iter().flatten() {
        faults.extend(fault(app, &case).await);
    }
    faults
}

/// The buyer and the tipster of the first purchase, and its tip.
async fn somebody(app: &TestApp) -> (PersonId, PersonId, TipId) {
    const FIRST: &str = "SELECT buyer_id, tipster_id, tip_id FROM purchases ORDER BY bought_at LIMIT 1";
    read!(app.db, |c| sqlx::query_as(FIRST).fetch_one(c).await).expect("a purchase")
}

fn market(sql: &'static str, name: &'static str, index: &'static str, now: DateTime<Utc>) -> PlanCase {
    let words = [Text("%"), Text("%"), Text("%"), Text("%")];
    let limits = [Int(0), Int(1_000_000_000), Int(0), Int(1_000_000_000), Int(1), Int(1_000)];
    let times = [At(DateTime::UNIX_EPOCH), At(now + TimeDelta::days(100))];
    let values = [At(now), Int(25), Int(0)].into_iter().chain(words).chain(limits).chain(times);
    some(name, sql, values.collect(), index)
}

async fn lists(app: &TestApp) -> Vec<PlanCase> {
    let ((buyer, tipster, tip), now) = (somebody(app).await, app.clock.now());
    let (buyer, tipster) = (buyer.0, tipster.0);
    // The pages are small because the tables are small.
    let before = |person: Uuid| vec![Id(person), At(now), Id(Uuid::max()), Int(8)];
    vec![
        market(&tips::store::market::CLOSING, "market, closing first", "tips_on_sale", now),
        market(&tips::store::market::NEWEST, "market, newest first", "tips_newest", now),
        market(&tips::store::market::ODDS, "market by odds", "tips_by_odds", now),
        market(&tips::store::market::CLOSING_BY, "market by record", "tips_on_sale", now),
        market(&tips::store::market::PRICE, "market by price", "tips_by_price", now),
        some(
            "tip",
            tips::store::DETAIL,
            vec![Int(tip.0), Id(buyer)],
            if app.is_sqlite() { "SEARCH s USING INTEGER PRIMARY KEY" } else { "tip_sales" },
        ),
        some(
            "a tipster's tips on sale",
            &tips::store::market::ON_SALE_OF,
            vec![At(now), Int(12), Int(0), Text("asha-odhiambo")],
            "tips_tipster_on_sale",
        ),
        page(
            "a tipster's record",
            tips::store::record::SETTLED,
            vec![Text("asha-odhiambo"), At(now), Int(100)],
            "tips_record",
        ),
        some("sales in the wallet", wallet::store::SALES, before(tipster), "purchases_tipster"),
        few("purchases", crate::purchases::store::ALL, before(buyer), "payments_buyer"),
        page("notices", notices::store::LIST, before(tipster), "notices_person"),
        some(
            "following",
            crate::follows::store::LIST,
            vec![Id(buyer), At(now), At(now), Id(Uuid::max()), Int(31)],
            "follows_",
        ),
        few("my tips", tips::selling::store::MINE, vec![Id(buyer), Int(i64::MAX), Int(21)], "tips_tipster"),
        few("desk, tips that wait", desk::store::WAITING, vec![At(now), Int(0), Int(11)], "tips_waiting"),
        page(
            "desk, results",
            desk::store::UNSETTLED,
            vec![At(DateTime::UNIX_EPOCH), Int(0), At(now), Int(11)],
            "tips_to_settle",
        ),
        page("payments, all", lists::ALL, vec![Int(50), At(now)], "payments_pushed"),
        some("payments, to review", lists::REVIEW, vec![Int(50), At(now)], "payments_review"),
        few("audit of a person", audit::store::OF_PERSON, vec![Id(buyer), Int(8)], "audit_person"),
        few(
            "audit of a payment",
            audit::store::OF_SUBJECT,
            vec![Text("payment"), Text("x"), Int(8)],
            "audit_subject",
        ),
        page("the chain of the audit", audit::store::PAGE, vec![Int(7), Int(8)], "audit_seq"),
        some(
            "sources of a tipster's sales",
            payments::store::SOURCE,
            vec![Id(buyer), Id(tipster), At(now)],
            "payments_first_operator",
        ),
        some("debts that are not paid", refunds::store::UNPAID, vec![Int(50)], "debts_open"),
        some("payments, unresolved", lists::UNRESOLVED, vec![Int(50), At(now)], "payments_pending"),
    ]
}

async fn work(app: &TestApp) -> Vec<PlanCase> {
    let ((buyer, _, tip), now) = (somebody(app).await, app.clock.now());
    let ended = format!("{}$1, $2)", payments::store::ENDED);
    let named = format!("{}$1, $2)", payments::store::statements::BY_REFERENCES);
    // The time goes back to the beginning, because otherwise the newest payments of all people would be few
    // enough to read.
    let by_number =
        || vec![Text("254722000001"), At(DateTime::UNIX_EPOCH), At(DateTime::UNIX_EPOCH), Id(buyer.0)];
    vec![
        some("payments that a line names", &named, vec![Text("A"), Text("B")], "account_reference"),
        // Young payments are found among those that are due, or among those that are pending.
        some("due, young", schedule::YOUNG, vec![At(now), At(now), Int(8)], "payments_"),
        some("due, old", schedule::OLD, vec![At(now), At(now), Int(8)], "payments_due"),
        some("is any due", schedule::ANY, vec![At(now)], "payments_due"),
        some(
            "shares to release",
            schedule::RELEASABLE,
            vec![At(now), Int(500), Flag(false)],
            "purchases_unreleased",
        ),
        some("open payment", payments::store::OPEN, vec![Id(buyer.0), Int(tip.0)], "payments_open"),
        some(
            "current payment",
            payments::store::CURRENT,
            vec![Id(buyer.0), Int(tip.0)],
            "payments_buyer_tip",
        ),
        some(
            "watched payments",
            &ended,
            vec![Id(buyer.0), Id(buyer.0)],
            if app.is_sqlite() { "autoindex_payments" } else { "payments_pkey" },
        ),
        // The prompts that one buyer asked for are found by the number or by the buyer.
        some("prompts to a number", counts::PROMPTS_TO, by_number(), "payments_"),
        some("has a number paid", counts::HAS_EVER_PAID, vec![Text("254722000001")], "payments_msisdn"),
        some(
            "prompts of a buyer",
            counts::PROMPTS_OF_BUYER,
            vec![Id(buyer.0), At(DateTime::UNIX_EPOCH)],
            "payments_buyer",
        ),
        some(
            "spent",
            people::store::spending_limits::SPENT,
            vec![Id(buyer.0), Text("254722000001"), At(now), At(now), At(now), At(now)],
            "payments_msisdn",
        ),
        some(
            "spent by a number",
            people::store::spending_limits::SPENT_BY_NUMBER,
            vec![Id(buyer.0), Text("254722000001"), At(now), At(now), At(now), At(now)],
            "payments_msisdn",
        ),
    ]
}

both! {
    async fn nothing_reads_a_large_table_from_its_beginning(app: TestApp) {
        fill(&app).await;
        // PostgreSQL counts the rows of its tables by itself, SQLite only if it is told to.
        if app.is_sqlite() {
            assert_eq!(faults(&app).await, "", "not counted");
        }
        execute(&app, "ANALYZE").await;
        assert_eq!(faults(&app).await, "");
    }

    async fn a_plan_without_an_index_is_noticed(app: TestApp) {
        for sql in ["SELECT * FROM payments p WHERE p.price_cents = 1", "SELECT * FROM payments WHERE price_cents = 1"] {
            let case = some("by price", sql, Vec::new(), "none");
            let plan = plan(&app, &case).await;
            assert!(plan.iter().any(|line| reads_all(line, sql)), "{plan:?}");
        }
    }
}
