//! The rows of closings.

use chrono::{DateTime, Utc};

use crate::platform::db::{ReadFrom, Tx, TxConnection, execute, on, read_from};

/// The first day that has transfers and is not closed.
pub const NEXT: &str =
    "SELECT MIN(day) FROM transfers WHERE day > COALESCE((SELECT MAX(day) FROM closings), -1)";

/// Waits for the transactions that have a transfer in them, and lets no other one in before this transaction
/// ends. It waits a moment only: whoever wants to book waits behind it. SQLite has one writer anyway.
pub async fn lock(tx: &mut Tx) -> Result<(), sqlx::Error> {
    const WAIT_A_MOMENT: &str = "SET LOCAL lock_timeout = '2s'";
    const LOCK: &str = "LOCK TABLE transfers IN SHARE ROW EXCLUSIVE MODE";
    let TxConnection::Postgres(transaction) = &mut tx.connection else { return Ok(()) };
    sqlx::query(WAIT_A_MOMENT).execute(&mut **transaction).await?;
    sqlx::query(LOCK).execute(&mut **transaction).await.map(|_| ())
}

/// For this transaction: from each row that is found, along an index to the next. PostgreSQL takes the last
/// days of its tables to be fuller than they are, and would read whole tables beside them, or compile and
/// share out what takes a millisecond to run.
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

pub async fn next(from: impl Into<ReadFrom<'_>>) -> Result<Option<i64>, sqlx::Error> {
    read_from!(from, |c| sqlx::query_scalar(NEXT).fetch_one(c).await)
}

/// The last closing and the day's entries, for each account that moved on the day.
pub async fn insert(tx: &mut Tx, day: i64, at: DateTime<Utc>) -> Result<(), sqlx::Error> {
    const INSERT: &str = "INSERT INTO closings (account_id, day, balance_cents, closed_at)
        SELECT e.account_id, $1, CAST(SUM(e.amount_cents) + COALESCE((SELECT c.balance_cents FROM closings c
                WHERE c.account_id = e.account_id AND c.day < $1 ORDER BY c.day DESC LIMIT 1), 0) AS BIGINT), $2
        FROM transfers t CROSS JOIN entries e WHERE e.transfer_id = t.id AND t.day = $1 GROUP BY e.account_id";
    execute!(tx, sqlx::query(INSERT).bind(day).bind(at))
}

/// The last day that is closed.
pub async fn last(tx: &mut Tx) -> Result<Option<i64>, sqlx::Error> {
    const LAST: &str = "SELECT MAX(day) FROM closings";
    on!(tx, |c| sqlx::query_scalar(LAST).fetch_one(c).await)
}
