//! Every column of the books is changed, swapped with another row's, deleted and doubled, and pairs are changed
//! so that their sum stays. The check must find each (MONEY §10). What cannot be found is listed with the reason
//! why the money is right all the same.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::AssertSqlSafe;

use super::closings::{close, execute, release, sell, until_midnight};
use super::conflicts::Case;
use super::harness::{Person, TestApp, both};
use crate::books::{self, Extent};
use crate::ledger::{AccountKind, SubjectKind, TransferKind};
use crate::mpesa::events::EvidenceSource;
use crate::payments::evidence::Listed;
use crate::payments::{Outcome, Status};
use crate::platform::db::{on, read};
use crate::refunds::{DebtReason, DebtStatus};
use crate::types::Kes;

/// What a column holds, which says how it is changed.
#[derive(Clone, Copy)]
enum What {
    Cents,
    Number,
    /// One of a list.
    Word(fn() -> Vec<&'static str>),
    /// A receipt or a number of a phone.
    Text,
    /// The id of another row.
    Link,
    Time,
    Flag,
}

use What::{Cents, Flag, Link, Number, Text, Time, Word};

macro_rules! words_of {
    ($kind:ident) => {
        Word(|| $kind::ALL.iter().map(|word| word.as_str()).collect())
    };
}

/// The columns that hold money, owner, state, receipt, day or link.
const COLUMNS: &[(&str, &[(&str, What)])] = &[
    (
        "money_in",
        &[
            ("receipt", Text),
            ("id", Link),
            ("amount_cents", Cents),
            ("named_at", Time),
            ("state", Word(|| vec!["matched", "suspense", "owed", "returned"])),
            ("purpose", Text),
            ("subject_id", Link),
        ],
    ),
    (
        "payments",
        &[
            ("id", Link),
            ("buyer_id", Link),
            ("tip_id", Number),
            ("tipster_id", Link),
            ("price_cents", Cents),
            ("share_bps", Number),
            ("status", words_of!(Status)),
            ("outcome", words_of!(Outcome)),
            ("receipt", Text),
            ("suspense_cents", Cents),
            ("awaits_receipt", Flag),
        ],
    ),
    (
        "purchases",
        &[
            ("payment_id", Link),
            ("tip_id", Number),
            ("buyer_id", Link),
            ("tipster_id", Link),
            ("price_cents", Cents),
            ("share_cents", Cents),
            ("released_at", Time),
        ],
    ),
    (
        "debts",
        &[
            ("id", Link),
            ("payment_id", Link),
            ("receipt", Text),
            ("msisdn", Text),
            ("owed_cents", Cents),
            ("status", words_of!(DebtStatus)),
            ("reason", words_of!(DebtReason)),
            ("refund_receipt", Text),
            ("paid_at", Time),
        ],
    ),
    (
        "transfers",
        &[
            ("id", Link),
            ("subject_kind", words_of!(SubjectKind)),
            ("subject_id", Link),
            ("kind", words_of!(TransferKind)),
            ("day", Number),
        ],
    ),
    (
        "entries",
        &[
            ("transfer_id", Link),
            ("account_id", Link),
            ("amount_cents", Cents),
            ("balance_after_cents", Cents),
            ("seq", Number),
        ],
    ),
    (
        "accounts",
        &[
            ("id", Link),
            ("kind", words_of!(AccountKind)),
            ("person_id", Link),
            ("balance_cents", Cents),
            ("seq", Number),
            ("last_day", Number),
        ],
    ),
    ("closings", &[("account_id", Link), ("day", Number), ("balance_cents", Cents)]),
    ("tip_sales", &[("tip_id", Number), ("sale_count", Number), ("earned_cents", Cents)]),
];

/// How a row is doubled: what stands in its copy instead of what must differ.
const COPIES: &[(&str, &[(&str, &str)])] = &[
    ("money_in", &[("receipt", "'UKN1DOUBLE'"), ("id", "{id}")]),
    ("debts", &[("id", "{id}"), ("receipt", "'UKN1DOUBLE'"), ("refund_receipt", "NULL")]),
    ("entries", &[("line", "line + 10")]),
    ("transfers", &[("id", "{id}"), ("subject_id", "{id}")]),
    ("closings", &[("day", "day - 10")]),
];

/// What may stay unseen: what was done, a part of the statement, and why that is no corruption.
const HARMLESS: &[(&str, &str, &str)] = &[
    ("closings.* doubled", "", "a closing of nothing says nothing"),
    ("debts.reason changed", "", "why it bought nothing moves no money"),
    ("debts.reason swapped", "", "why it bought nothing moves no money"),
    ("debts.status changed", "'by_hand'", "it is owed all the same while a person has it in hand"),
    ("money_in.named_at changed", "MIN(made_at)", "when it was named first moves no money"),
    ("money_in.named_at swapped", "", "when it was named first moves no money"),
    ("money_in.receipt changed", "", "nothing else names money that nobody could place"),
    ("payments.buyer_id changed", "", "nothing else says who wanted what was not bought"),
    ("payments.buyer_id swapped", "", "nothing else says who wanted what was not bought"),
    ("payments.outcome changed", "'review'", "that a person must look moves no money"),
    ("payments.price_cents changed", "", "nothing came yet for which the price counts"),
    ("payments.share_bps changed", "", "what was not bought is shared with nobody"),
    ("payments.tip_id changed", "", "nothing else says what was not bought"),
    ("payments.tip_id swapped", "", "nothing else says what was not bought"),
];

/// One statement that corrupts the books.
struct Corruption {
    /// The table and its column, and what is done to it.
    kind: String,
    sql: String,
}

/// How a database names a row without regard to what is in it.
fn row_id(app: &TestApp) -> &'static str {
    if app.is_sqlite() { "rowid" } else { "ctid" }
}

async fn texts(app: &TestApp, query: &str) -> Vec<String> {
    read!(app.db, |c| sqlx::query_scalar(AssertSqlSafe(query)).fetch_all(c).await)
        .unwrap_or_else(|error| panic!("{query}: {error}"))
}

/// What can stand in a column instead.
fn others(table: &str, column: &str, what: What) -> Vec<String> {
    let mut others = match what {
        Cents => vec![format!("{column} + 100"), format!("{column} - 100")],
        Number => vec![format!("{column} + 1"), format!("{column} - 1")],
        Word(words) => words().iter().map(|word| format!("'{word}'")).collect(),
        Text => vec!["'UKN1OTHER9'".to_owned()],
        Link => vec![format!(
            "(SELECT o.{column} FROM {table} o WHERE o.{column} <> {table}.{column} ORDER BY o.{column} LIMIT 1)"
        )],
        Time => vec!["(SELECT MIN(made_at) FROM transfers)".to_owned()],
        Flag => vec![format!("NOT {column}")],
    };
    if !matches!(what, Flag) {
        others.push("NULL".to_owned());
    }
    others
}

/// Every corruption of a table.
async fn corruptions(app: &TestApp, table: &str, columns: &[(&str, What)]) -> Vec<Corruption> {
    let id = row_id(app);
    let rows = texts(app, &format!("SELECT CAST({id} AS TEXT) FROM {table} ORDER BY {id}")).await;
    let mut all = Vec::new();
    let mut add = |column: &str, done: &str, sql: String| {
        all.push(Corruption { kind: format!("{table}.{column} {done}"), sql });
    };
    for (at, row) in rows.iter().enumerate() {
        let here = format!("CAST({table}.{id} AS TEXT) = '{row}'");
        add("*", "deleted", format!("DELETE FROM {table} WHERE {here}"));
        for (column, what) in columns {
            for other in others(table, column, *what) {
                let changes = format!("{table}.{column} IS DISTINCT FROM ({other})");
                let sql = format!("UPDATE {table} SET {column} = {other} WHERE {here} AND {changes}");
                add(column, "changed", sql);
            }
            for partner in rows[at + 1..].iter().take(2) {
                let both = format!("CAST({table}.{id} AS TEXT) IN ('{row}', '{partner}')");
                let pair = format!(
                    "(SELECT x.{column} AS one, y.{column} AS two FROM {table} x, {table} y
                        WHERE CAST(x.{id} AS TEXT) = '{row}' AND CAST(y.{id} AS TEXT) = '{partner}'
                        AND x.{column} IS DISTINCT FROM y.{column}) pair"
                );
                let swapped = format!(
                    "UPDATE {table} SET {column} = CASE WHEN {here} THEN pair.two ELSE pair.one END
                        FROM {pair} WHERE {both}"
                );
                add(column, "swapped", swapped);
                if matches!(what, Cents) {
                    let balanced = format!(
                        "UPDATE {table} SET {column} = {column} + CASE WHEN {here} THEN 100 ELSE -100 END
                            WHERE {both} AND {column} IS NOT NULL"
                    );
                    add(column, "moved to another", balanced);
                }
            }
        }
        if let Some((_, differ)) = COPIES.iter().find(|(of, _)| *of == table) {
            let names = texts(app, &columns_of(app, table)).await;
            let values = names.iter().map(|name| {
                let other = differ.iter().find(|(column, _)| column == name);
                other.map_or(name.as_str(), |(_, value)| value).to_owned()
            });
            let values = values.collect::<Vec<_>>().join(", ");
            let sql = format!(
                "INSERT INTO {table} ({}) SELECT {values} FROM {table} WHERE {here}",
                names.join(", ")
            );
            add("*", "doubled", sql);
        }
    }
    let fresh = if app.is_sqlite() { "RANDOMBLOB(16)" } else { "gen_random_uuid()" };
    for corruption in &mut all {
        corruption.sql = corruption.sql.replace("{id}", fresh);
    }
    all
}

fn columns_of(app: &TestApp, table: &str) -> String {
    if app.is_sqlite() {
        format!("SELECT name FROM pragma_table_info('{table}')")
    } else {
        format!(
            "SELECT CAST(column_name AS TEXT) FROM information_schema.columns
                WHERE table_schema = 'public' AND table_name = '{table}' ORDER BY ordinal_position"
        )
    }
}

/// The names of the rules that a corruption breaks; `None` if the database refuses it, or nothing changes.
async fn broken(app: &TestApp, corruption: &Corruption) -> Option<BTreeSet<&'static str>> {
    let mut tx = app.db.begin().await.expect("a transaction");
    let tx = &mut tx;
    let sql = corruption.sql.as_str();
    let done = on!(tx, |c| sqlx::query(AssertSqlSafe(sql)).execute(c).await.map(|done| done.rows_affected()));
    if done.is_ok_and(|rows| rows > 0) {
        let report = books::inspect(tx, Extent::All).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        return Some(report.findings.into_iter().map(|finding| finding.rule).collect());
    }
    None
}

/// Safaricom lists money under a reference.
async fn list(app: &TestApp, receipt: &str, reference: &str, shillings: i64) {
    let listed = Listed {
        receipt: receipt.to_owned(),
        amount: Kes::from_shillings(shillings).expect("an amount"),
        account_reference: reference.to_owned(),
        short_code: None,
        payer: String::new(),
    };
    let payments = &app.running.state.payments;
    payments.book_listed(EvidenceSource::Statement, &listed, true, None).await.expect("booked");
}

/// Sales, debts and money in suspense of every kind, on a closed day and on an open one.
async fn market(app: &TestApp) {
    let asha = app.tipster().await;
    let kip = Person::register(app, "0733000002", "Kip Tipster", &["tipster"]).await;
    let released = sell(app, &asha, "0712000101").await;
    release(app, &asha, released).await.commit().await.expect("released");
    sell(app, &kip, "0712000102").await;
    let kinds = [
        (1, &["withdrawn"][..], &[("UKN1CASE01", 50)][..]),
        (2, &["withdrawn", "query paid"], &[]),
        (3, &["query paid"], &[]),
        (4, &["operator vouches"], &[]),
        (5, &[], &[("UKN1CASE05", 50), ("UKN1CASE06", 50), ("UKN1CASE07", 20)]),
        (6, &["query paid"], &[("UKN1CASE08", 50)]),
        (7, &[], &[("UKN1PART01", 20), ("UKN1PART02", 30)]),
    ];
    for (number, facts, money) in kinds {
        let case = Case::new(app, &asha, number).await;
        for fact in facts {
            case.book(app, fact).await;
        }
        let reference = case.payment(app).await.account_reference;
        for (receipt, shillings) in money {
            list(app, receipt, &reference, *shillings).await;
        }
    }
    app.advance(until_midnight(app) + 3_600);
    assert_eq!(close(app).await, 1);
    sell(app, &asha, "0712000103").await;
    let waiting = Case::new(app, &kip, 8).await.payment(app).await.account_reference;
    for (receipt, reference, shillings) in
        [("UKN1LONE01", "NOTHING", 30), ("UKN1LONE02", "NOTHING", 40), ("UKN1PART03", &*waiting, 20)]
    {
        list(app, receipt, reference, shillings).await;
    }
    app.books_are_right().await;
}

async fn without_triggers(app: &TestApp) {
    const SQLITE: &str = "SELECT 'DROP TRIGGER ' || name FROM sqlite_master WHERE type = 'trigger'";
    const POSTGRES: &str =
        "SELECT DISTINCT CAST('ALTER TABLE ' || event_object_table || ' DISABLE TRIGGER USER' AS TEXT)
            FROM information_schema.triggers WHERE trigger_schema = 'public'";
    for statement in texts(app, if app.is_sqlite() { SQLITE } else { POSTGRES }).await {
        execute(app, statement.leak()).await;
    }
}

both! {
    async fn whatever_is_corrupted_is_found(app: TestApp) {
        market(&app).await;
        without_triggers(&app).await;
        let (mut made, mut unseen) = (BTreeMap::new(), BTreeMap::new());
        for (table, columns) in COLUMNS {
            for corruption in corruptions(&app, table, columns).await {
                let Some(rules) = broken(&app, &corruption).await else { continue };
                *made.entry(corruption.kind.clone()).or_insert(0) += 1;
                if rules.is_empty() {
                    unseen.entry(corruption.kind).or_insert_with(Vec::new).push(corruption.sql);
                }
            }
        }
        let count: usize = made.values().sum();
        let missed: usize = unseen.values().map(Vec::len).sum();
        println!("{} of {count} corruptions of {} kinds are found", count - missed, made.len());
        assert!(made.len() >= 40, "{made:#?}");
        let is_harmless = |kind: &str, sql: &str| {
            HARMLESS.iter().any(|(harmless, part, _)| *harmless == kind && sql.contains(part))
        };
        unseen.retain(|kind, statements| {
            statements.retain(|sql| !is_harmless(kind, sql));
            !statements.is_empty()
        });
        assert!(unseen.is_empty(), "{unseen:#?}");
    }
}
