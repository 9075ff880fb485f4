//! The program with which the engine on SQLite is compared: it runs the statements of one success callback
//! with sqlx alone, one payment after the other. `bare sqlite:PATH FIRST COUNT` reads the statements as JSON
//! from its input (`statements.mjs` takes them from the engine) and prints how long each transaction took, in
//! microseconds.

use std::str::FromStr;
use std::time::Instant;

use anyhow::Context;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use sqlx::sqlite::{
    SqliteArguments, SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteRow, SqliteSynchronous,
};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Row, TypeInfo, ValueRef};
use uuid::Uuid;

/// The most new ids of one payment; those of the next payment follow them.
const FRESH_MOST: u128 = 8;

#[derive(Deserialize)]
struct Statement {
    sql: String,
    has_rows: bool,
    values: Vec<Value>,
}

/// Where a value of a statement comes from.
#[derive(Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
enum Value {
    Null,
    Text {
        text: String,
    },
    Number {
        number: i64,
    },
    Bytes {
        hex: String,
    },
    TokenHash,
    Receipt,
    /// A new id of this payment.
    Fresh {
        number: u8,
    },
    /// A value that an earlier statement returned.
    Column {
        row: usize,
        column: String,
    },
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, first, count] = arguments.as_slice() else {
        anyhow::bail!("usage: bare sqlite:PATH FIRST COUNT")
    };
    let (first, count): (u32, u32) = (first.parse()?, count.parse()?);
    let statements: Vec<Statement> = serde_json::from_reader(std::io::stdin().lock())?;
    // These are the server's own settings.
    let options = SqliteConnectOptions::from_str(url)?
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .disable_statement_logging();
    let mut connection = options.connect().await?;
    let mut micros = Vec::new();
    for n in first..first + count {
        let began = Instant::now();
        settle(&mut connection, &statements, n).await.with_context(|| format!("payment {n}"))?;
        micros.push(began.elapsed().as_micros());
    }
    println!("{}", serde_json::to_string(&micros)?);
    Ok(())
}

async fn settle(connection: &mut SqliteConnection, statements: &[Statement], n: u32) -> anyhow::Result<()> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    let mut rows: Vec<Option<SqliteRow>> = Vec::with_capacity(statements.len());
    for statement in statements {
        let query = statement
            .values
            .iter()
            .try_fold(sqlx::query(AssertSqlSafe(statement.sql.as_str())), |query, value| {
                bind(query, value, n, &rows)
            })?;
        if statement.has_rows {
            rows.push(Some(query.fetch_one(&mut *transaction).await?));
        } else {
            let done = query.execute(&mut *transaction).await?;
            anyhow::ensure!(done.rows_affected() > 0, "nothing was changed by {}", statement.sql);
            rows.push(None);
        }
    }
    Ok(transaction.commit().await?)
}

type Query<'q> = sqlx::query::Query<'q, sqlx::Sqlite, SqliteArguments>;

fn bind<'q>(
    query: Query<'q>,
    value: &'q Value,
    n: u32,
    rows: &[Option<SqliteRow>],
) -> anyhow::Result<Query<'q>> {
    Ok(match value {
        Value::Null => query.bind(None::<String>),
        Value::Text { text } => query.bind(text),
        Value::Number { number } => query.bind(number),
        Value::Bytes { hex } => query.bind(bytes(hex)?),
        Value::TokenHash => query.bind(Sha256::digest(format!("{n:064x}")).to_vec()),
        Value::Receipt => query.bind(format!("R{n:09}")),
        Value::Fresh { number } => {
            query.bind(Uuid::from_u128(u128::from(n) * FRESH_MOST + u128::from(*number)))
        }
        Value::Column { row, column } => {
            let row =
                rows.get(*row).and_then(Option::as_ref).context("a value is from a row that is not there")?;
            match row.try_get_raw(column.as_str())?.type_info().name() {
                "BLOB" => query.bind(row.try_get::<Vec<u8>, _>(column.as_str())?),
                "INTEGER" => query.bind(row.try_get::<i64, _>(column.as_str())?),
                _ => query.bind(row.try_get::<String, _>(column.as_str())?),
            }
        }
    })
}

fn bytes(hex: &str) -> anyhow::Result<Vec<u8>> {
    (0..hex.len())
        .step_by(2)
        .map(|at| Ok(u8::from_str_radix(hex.get(at..at + 2).context("half a byte")?, 16)?))
        .collect()
}
