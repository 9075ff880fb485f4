//! The rows of attempts that limits count. The key of a row is a keyed hash, or the word for all messages.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::platform::db::{Tx, TxConnection, execute, on};

/// Lets one transaction at a time count under a key, until it ends. On SQLite it does nothing, because SQLite
/// has one writer anyway.
///
/// # Errors
/// A database error.
pub async fn lock(tx: &mut Tx, key: &str) -> Result<(), sqlx::Error> {
    const LOCK: &str = "SELECT pg_advisory_xact_lock(hashtextextended($1, 2))";
    match &mut tx.connection {
        TxConnection::Sqlite(_) => Ok(()),
        TxConnection::Postgres(transaction) => {
            sqlx::query(LOCK).bind(key).execute(&mut **transaction).await.map(|_| ())
        }
    }
}

/// The SQL of `count`; a test looks at its plan.
pub const COUNT: &str = "SELECT COUNT(*), MAX(made_at) FROM attempts WHERE key = $1 AND made_at > $2";

/// How many attempts were made under a key after a moment, and when the newest was made.
///
/// # Errors
/// A database error.
pub async fn count(
    tx: &mut Tx,
    key: &str,
    since: DateTime<Utc>,
) -> Result<(i64, Option<DateTime<Utc>>), sqlx::Error> {
    on!(tx, |c| sqlx::query_as(COUNT).bind(key).bind(since).fetch_one(c).await)
}

/// Counts an attempt under a key. The same attempt counts once under it.
///
/// # Errors
/// A database error.
pub async fn insert(tx: &mut Tx, attempt: Uuid, key: &str, at: DateTime<Utc>) -> Result<(), sqlx::Error> {
    const INSERT: &str = "INSERT INTO attempts (id, key, made_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    execute!(tx, sqlx::query(INSERT).bind(attempt).bind(key).bind(at))
}

/// Takes back an attempt under all of its keys.
///
/// # Errors
/// A database error.
pub async fn delete(tx: &mut Tx, attempt: Uuid) -> Result<(), sqlx::Error> {
    const DELETE: &str = "DELETE FROM attempts WHERE id = $1";
    execute!(tx, sqlx::query(DELETE).bind(attempt))
}

/// Takes back an attempt under one of its keys only.
///
/// # Errors
/// A database error.
pub async fn delete_under(tx: &mut Tx, attempt: Uuid, key: &str) -> Result<(), sqlx::Error> {
    const DELETE: &str = "DELETE FROM attempts WHERE id = $1 AND key = $2";
    execute!(tx, sqlx::query(DELETE).bind(attempt).bind(key))
}

/// Deletes all attempts under a key, so that counting begins anew.
///
/// # Errors
/// A database error.
pub async fn forget(tx: &mut Tx, key: &str) -> Result<(), sqlx::Error> {
    const FORGET: &str = "DELETE FROM attempts WHERE key = $1";
    execute!(tx, sqlx::query(FORGET).bind(key))
}

/// The SQL of `purge`; a test looks at its plan.
pub const PURGE: &str = "DELETE FROM attempts WHERE made_at < $1";

/// Deletes attempts that were made before a moment.
///
/// # Errors
/// A database error.
pub async fn purge(tx: &mut Tx, before: DateTime<Utc>) -> Result<(), sqlx::Error> {
    execute!(tx, sqlx::query(PURGE).bind(before))
}
