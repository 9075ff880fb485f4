//! The rows of the kinds of work.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::FromRow;

use crate::platform::db::{Db, Tx, changes_one, on, read};
use crate::platform::lease::Held;

/// What a new owner must know of a kind.
#[derive(Debug, Clone, Copy, FromRow)]
pub struct Claimed {
    pub due_at: DateTime<Utc>,
    pub attempts: i64,
}

/// Takes a kind under a lease; a kind without a row is due `now`. `None` if it was taken under a younger
/// lease, or by another owner under this one. Who has taken it takes it again, since the answer to a commit
/// may have been lost.
///
/// # Errors
/// A database error.
pub async fn claim(
    tx: &mut Tx,
    kind: &str,
    owner: &str,
    held: Held,
    now: DateTime<Utc>,
) -> Result<Option<Claimed>, sqlx::Error> {
    const CLAIM: &str = "INSERT INTO jobs (kind, owner, epoch, due_at, attempts, done_count)
        VALUES ($1, $2, $3, $4, 0, 0)
        ON CONFLICT (kind) DO UPDATE SET owner = excluded.owner, epoch = excluded.epoch, begun_at = NULL
        WHERE jobs.epoch < excluded.epoch OR (jobs.epoch = excluded.epoch AND jobs.owner = excluded.owner)
        RETURNING due_at, attempts";
    on!(tx, |c| {
        let claim = sqlx::query_as(CLAIM).bind(kind).bind(owner).bind(held.epoch).bind(now);
        claim.fetch_optional(c).await
    })
}

/// Notes that a round runs. Returns false if the kind has another owner by now.
///
/// # Errors
/// A database error.
pub async fn begin(
    tx: &mut Tx,
    kind: &str,
    owner: &str,
    held: Held,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    const BEGIN: &str = "UPDATE jobs SET begun_at = $4 WHERE kind = $1 AND owner = $2 AND epoch = $3";
    changes_one!(tx, sqlx::query(BEGIN).bind(kind).bind(owner).bind(held.epoch).bind(now))
}

/// How rounds ended since the last note.
pub struct Ended<'a> {
    pub due_at: DateTime<Utc>,
    /// Failures in a row by now.
    pub attempts: i64,
    /// Why the last round failed, if it did.
    pub error: Option<&'a str>,
    /// When the last good round ended, if there was one.
    pub done_at: Option<DateTime<Utc>>,
    /// How much was done.
    pub done: i64,
}

/// Notes how rounds ended. Returns false if the kind has another owner by now, who knows better.
///
/// # Errors
/// A database error.
pub async fn end(
    tx: &mut Tx,
    kind: &str,
    owner: &str,
    held: Held,
    ended: &Ended<'_>,
) -> Result<bool, sqlx::Error> {
    const END: &str = "UPDATE jobs SET due_at = $4, begun_at = NULL, attempts = $5, last_error = $6, \
            done_at = COALESCE($7, done_at), done_count = done_count + $8
        WHERE kind = $1 AND owner = $2 AND epoch = $3";
    changes_one!(tx, {
        let end = sqlx::query(END).bind(kind).bind(owner).bind(held.epoch).bind(ended.due_at);
        end.bind(ended.attempts).bind(ended.error).bind(ended.done_at).bind(ended.done)
    })
}

/// What is remembered of a kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub struct JobRow {
    #[serde(skip)]
    pub kind: String,
    /// Who took it last: a holder of the lease.
    pub owner: String,
    /// The lease's epoch then.
    pub epoch: i64,
    /// When its next round is due. A kind that is due every second and does nothing is not noted each time.
    pub due_at: DateTime<Utc>,
    /// Since when a round runs.
    pub begun_at: Option<DateTime<Utc>>,
    /// Failures in a row.
    pub attempts: i64,
    /// Why the last round failed.
    pub last_error: Option<String>,
    /// When a round last did something.
    pub done_at: Option<DateTime<Utc>>,
    /// How much was done in all.
    pub done_count: i64,
}

/// What is remembered of each kind.
///
/// # Errors
/// A database error.
pub async fn list(db: &Db) -> Result<Vec<JobRow>, sqlx::Error> {
    const LIST: &str = "SELECT kind, owner, epoch, due_at, begun_at, attempts, last_error, done_at, \
        done_count FROM jobs ORDER BY kind";
    read!(db, |c| sqlx::query_as(LIST).fetch_all(c).await)
}
