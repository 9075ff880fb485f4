//! The rows of raw bodies, in the table `callbacks`.

use chrono::{DateTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use crate::jobs::Waiting;
use crate::mpesa::{Purpose, Subject};
use crate::platform::db::{Db, Tx, changes, changes_one, read};
use crate::types::{CallbackId, text_enum};

text_enum! {
    /// The address at which a body came.
    pub enum CallbackPath {
        /// An address with a secret, which names what the body is about.
        Token = "token",
        /// The address without a secret, which everybody knows.
        Bare = "bare",
    }
}

/// A body as it came, and how.
pub struct NewBody<'a> {
    /// The id that it is kept under.
    pub id: CallbackId,
    /// What it is about.
    pub subject: Subject,
    /// The kind of address at which it came.
    pub path: CallbackPath,
    /// Whether its sender's network address is none of Safaricom's.
    pub is_from_elsewhere: bool,
    /// The bytes.
    pub body: &'a [u8],
    /// When it came.
    pub received_at: DateTime<Utc>,
    /// When it was booked; none if that is still to be done.
    pub processed_at: Option<DateTime<Utc>>,
}

/// Keeps a body. Returns false if it is kept already, which happens only if a commit's answer was lost.
///
/// # Errors
/// A database error.
pub async fn insert(tx: &mut Tx, body: &NewBody<'_>) -> Result<bool, sqlx::Error> {
    const INSERT: &str = "INSERT INTO callbacks (id, purpose, subject_id, path, is_from_elsewhere, body, \
            received_at, processed_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING";
    changes_one!(tx, {
        let insert = sqlx::query(INSERT)
            .bind(body.id)
            .bind(body.subject.purpose.as_str())
            .bind(body.subject.id)
            .bind(body.path)
            .bind(body.is_from_elsewhere);
        insert.bind(body.body).bind(body.received_at).bind(body.processed_at)
    })
}

/// A body that is stored but not booked.
#[derive(FromRow)]
pub struct Unprocessed {
    /// The id that it is kept under.
    pub id: CallbackId,
    /// The id of the row that it is about.
    pub subject_id: Uuid,
    /// Whether its sender's network address is none of Safaricom's.
    pub is_from_elsewhere: bool,
    /// The bytes.
    pub body: Vec<u8>,
}

/// The query of `unprocessed`; a test looks at its plan.
pub const UNPROCESSED: &str = "SELECT id, subject_id, is_from_elsewhere, body FROM callbacks \
    WHERE purpose = $1 AND processed_at IS NULL ORDER BY received_at, id LIMIT $2";

/// Bodies of this purpose that are stored but not booked, the oldest first.
///
/// # Errors
/// A database error.
pub async fn unprocessed(db: &Db, purpose: Purpose, limit: i64) -> Result<Vec<Unprocessed>, sqlx::Error> {
    read!(db, |c| sqlx::query_as(UNPROCESSED).bind(purpose.as_str()).bind(limit).fetch_all(c).await)
}

/// The query of `waiting`; a test looks at its plan. The time leads SQLite to the index of what waits.
pub const WAITING: &str = "SELECT COUNT(*) AS due, CAST(0 AS BIGINT) AS later, CAST(0 AS BIGINT) AS dead, \
    MIN(received_at) AS oldest_due_at FROM callbacks
    WHERE purpose = $1 AND processed_at IS NULL AND received_at <= $2";

/// How many bodies of this purpose are stored but not booked.
///
/// # Errors
/// A database error.
pub async fn waiting(db: &Db, purpose: Purpose, now: DateTime<Utc>) -> Result<Waiting, sqlx::Error> {
    read!(db, |c| sqlx::query_as(WAITING).bind(purpose.as_str()).bind(now).fetch_one(c).await)
}

/// Takes a body to be booked. Returns false if another process booked it meanwhile.
///
/// # Errors
/// A database error.
pub async fn mark_processed(tx: &mut Tx, body: CallbackId, at: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    const MARK: &str = "UPDATE callbacks SET processed_at = $2 WHERE id = $1 AND processed_at IS NULL";
    changes_one!(tx, sqlx::query(MARK).bind(body).bind(at))
}

/// The statement of `purge`; a test looks at its plan.
pub const PURGE: &str = "DELETE FROM callbacks WHERE received_at < $1 AND processed_at IS NOT NULL";

/// Deletes booked bodies of every purpose that came before a moment, and returns how many.
///
/// # Errors
/// A database error.
pub async fn purge(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64, sqlx::Error> {
    changes!(tx, sqlx::query(PURGE).bind(before))
}
