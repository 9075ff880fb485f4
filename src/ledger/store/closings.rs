//! The rows of closings.

use chrono::{DateTime, Utc};

use crate::platform::db::{ReadFrom, Tx, TxConnection, execute, on, read_from};

/// The query of `next`: the first day that has transfers and is not closed.
pub const NEXT: &str =
    "SELECT MIN(day) FROM transfers WHERE day > COALESCE((SELECT MAX(day) FROM closings), -1)";

/// Waits, two seconds at most, for the transactions that have inserted a transfer, and lets no other one
/// insert before this transaction ends. The wait is short because whoever wants to book waits behind it. On
/// SQLite, which has one writer, it does nothing.
///
/// # Errors
/// A database error, also if the lock was not got in time.
pub async fn lock(tx: &mut Tx) -> Result<(), sqlx::Error> {
    const WAIT_A_MOMENT: &str = "SET LOCAL lock_timeout = '2s'";
    const LOCK: &str = "LOCK TABLE transfers IN SHARE ROW EXCLUSIVE MODE";
    let TxConnection::Postgres(transaction) = &mut tx.connection else { return Ok(()) };
    sqlx::query(WAIT_A_MOMENT).execute(&mut **transaction).await?;
    sqlx::query(LOCK).execute(&mut **transaction).await.map(|_| ())
}

/// Makes PostgreSQL follow indexes from row to row for the rest of this transaction. It takes the last days
/// of its tables to be fuller than they are; without this it would read whole tables beside them, or compile
/// and share out what takes a millisecond to run.
///
/// # Errors
/// A database error.
pub async fn walk_along_indexes(tx: &mut Tx) -> Result<(), sqlx::Error> {
    const OTHER_WAYS: [&str; 5] = [
        "SET LOCAL enable_seqscan = off",
        "SET LOCAL enable_hashjoin = off",
        "SET LOCAL enable_mergejoin = off",
        "SET LOCAL jit = off",
        "SET LOCAL max_parallel_workers_per_gather = 0",
    ];
    if let TxConnection::Postgres(transaction) = &mut tx.connection {
        for without in OTHER_WAYS {
            sqlx::query(without).execute(&mut **transaction).await?;
        }
    }
    Ok(())
}

/// The first Kenyan day that has transfers and is not closed, counted from 1 January 1970; `None` if there is
/// none.
///
/// # Errors
/// A database error.
pub async fn next(from: impl Into<ReadFrom<'_>>) -> Result<Option<i64>, sqlx::Error> {
    read_from!(from, |c| sqlx::query_scalar(NEXT).fetch_one(c).await)
}

/// Writes the day's closings: for each account that moved on the day, its last closing and the day's entries.
///
/// # Errors
/// A database error.
pub async fn insert(tx: &mut Tx, day: i64, at: DateTime<Utc>) -> Result<(), sqlx::Error> {
    const INSERT: &str = "INSERT INTO closings (account_id, day, balance_cents, closed_at)
        SELECT e.account_id, $1, CAST(SUM(e.amount_cents) + COALESCE((SELECT c.balance_cents FROM closings c
                WHERE c.account_id = e.account_id AND c.day < $1 ORDER BY c.day DESC LIMIT 1), 0) \
                AS BIGINT), $2
        FROM transfers t CROSS JOIN entries e WHERE e.transfer_id = t.id AND t.day = $1 \
        GROUP BY e.account_id";
    execute!(tx, sqlx::query(INSERT).bind(day).bind(at))
}

/// The last day that is closed, counted from 1 January 1970; `None` before the first closing.
///
/// # Errors
/// A database error.
pub async fn last(tx: &mut Tx) -> Result<Option<i64>, sqlx::Error> {
    const LAST: &str = "SELECT MAX(day) FROM closings";
    on!(tx, |c| sqlx::query_scalar(LAST).fetch_one(c).await)
}
