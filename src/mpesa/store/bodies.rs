//! The rows of raw bodies, in the table `callbacks`.

use chrono::{DateTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use crate::jobs::Waiting;
use crate::mpesa::{Purpose, Subject};
use crate::platform::db::{Db, Tx, changes, changes_one, execute, read};
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
    /// What it is kept and found by once it is booked.
    pub mark: Mark<'a>,
}

/// What a body is kept and found by once it is booked.
#[derive(Debug, Clone, Copy, Default)]
pub struct Mark<'a> {
    /// The receipt that it told: it is kept as long as that money lies in suspense.
    pub receipt: Option<&'a str>,
    /// Whether it could not be read: then it is kept, and a person looks at it.
    pub is_unreadable: bool,
}

/// Keeps a body. Returns false if it is kept already, which happens only if a commit's answer was lost.
///
/// # Errors
/// A database error.
pub async fn insert(tx: &mut Tx, body: &NewBody<'_>) -> Result<bool, sqlx::Error> {
    const INSERT: &str = "INSERT INTO callbacks (id, purpose, subject_id, path, is_from_elsewhere, body, \
            received_at, processed_at, receipt, is_unreadable)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (id) DO NOTHING";
    changes_one!(tx, {
        let insert = sqlx::query(INSERT)
            .bind(body.id)
            .bind(body.subject.purpose.as_str())
            .bind(body.subject.id)
            .bind(body.path)
            .bind(body.is_from_elsewhere);
        let insert = insert.bind(body.body).bind(body.received_at).bind(body.processed_at);
        insert.bind(body.mark.receipt).bind(body.mark.is_unreadable)
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
    WHERE purpose = $1 AND processed_at IS NULL ORDER BY tries, received_at, id LIMIT $2";

/// Bodies of this purpose that are stored but not booked: those that failed least often first, of these the
/// oldest.
///
/// # Errors
/// A database error.
pub async fn unprocessed(db: &Db, purpose: Purpose, limit: i64) -> Result<Vec<Unprocessed>, sqlx::Error> {
    read!(db, |c| sqlx::query_as(UNPROCESSED).bind(purpose.as_str()).bind(limit).fetch_all(c).await)
}

/// The query of `waiting`; a test looks at its plan. The tries lead SQLite to the index of what waits.
pub const WAITING: &str = "SELECT COUNT(*) AS due, CAST(0 AS BIGINT) AS later, CAST(0 AS BIGINT) AS dead, \
    MIN(received_at) AS oldest_due_at FROM callbacks
    WHERE purpose = $1 AND processed_at IS NULL AND tries >= 0 AND received_at <= $2";

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
pub async fn mark_processed(
    tx: &mut Tx,
    body: CallbackId,
    at: DateTime<Utc>,
    mark: Mark<'_>,
) -> Result<bool, sqlx::Error> {
    const MARK: &str = "UPDATE callbacks SET processed_at = $2, receipt = $3, is_unreadable = $4
        WHERE id = $1 AND processed_at IS NULL";
    changes_one!(tx, { sqlx::query(MARK).bind(body).bind(at).bind(mark.receipt).bind(mark.is_unreadable) })
}

/// Notes that a body could not be booked, so that others come before it the next time.
///
/// # Errors
/// A database error.
pub async fn count_try(tx: &mut Tx, body: CallbackId) -> Result<(), sqlx::Error> {
    const COUNT: &str = "UPDATE callbacks SET tries = tries + 1 WHERE id = $1 AND processed_at IS NULL";
    execute!(tx, sqlx::query(COUNT).bind(body))
}

/// A body for a person to look at.
#[derive(FromRow)]
pub struct KeptBody {
    /// The id that it is kept under.
    pub id: CallbackId,
    /// When it came.
    pub received_at: DateTime<Utc>,
    /// The bytes.
    pub body: Vec<u8>,
}

/// The query of `unreadable`; a test looks at its plan.
pub const UNREADABLE: &str = "SELECT id, received_at, body FROM callbacks WHERE is_unreadable \
    ORDER BY received_at DESC, id DESC LIMIT $1";

/// The newest bodies that could not be read.
///
/// # Errors
/// A database error.
pub async fn unreadable(db: &Db, limit: i64) -> Result<Vec<KeptBody>, sqlx::Error> {
    read!(db, |c| sqlx::query_as(UNREADABLE).bind(limit).fetch_all(c).await)
}

/// The body that is kept under this id.
///
/// # Errors
/// A database error.
pub async fn by_id(db: &Db, id: CallbackId) -> Result<Option<KeptBody>, sqlx::Error> {
    const FIND: &str = "SELECT id, received_at, body FROM callbacks WHERE id = $1";
    read!(db, |c| sqlx::query_as(FIND).bind(id).fetch_optional(c).await)
}

/// The statement of `purge`; a test looks at its plan.
pub const PURGE: &str = "DELETE FROM callbacks WHERE received_at < $1 AND processed_at IS NOT NULL \
    AND NOT is_unreadable AND NOT EXISTS (SELECT 1 FROM money_in m \
        WHERE m.receipt = callbacks.receipt AND m.state = 'suspense')
    AND (purpose <> 'c2b' OR EXISTS (SELECT 1 FROM money_in m WHERE m.receipt = callbacks.receipt))";

/// Deletes bodies of every purpose that came before a moment, and returns how many. What is not booked, what
/// could not be read, and what told of money that lies in suspense or that nobody believed stays.
///
/// # Errors
/// A database error.
pub async fn purge(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64, sqlx::Error> {
    changes!(tx, sqlx::query(PURGE).bind(before))
}
