//! The rows of messages.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::FromRow;
use uuid::Uuid;

use super::{MessageKind, MessageState, NewMessage};
use crate::jobs::Waiting;
use crate::platform::db::{Db, Tx, changes, changes_one, execute, read};
use crate::types::{Language, Msisdn};

/// Writes a message. Running again with the same id changes nothing.
///
/// # Errors
/// A database error.
pub async fn insert(tx: &mut Tx, new: &NewMessage<'_>, values: &str) -> Result<(), sqlx::Error> {
    const INSERT: &str = "INSERT INTO messages (id, kind, state, recipient, text, text_values, language, \
            due_at, attempts, expires_at, ended_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $10) ON CONFLICT DO NOTHING";
    let (state, ended_at) = match new.to {
        Some(_) => (MessageState::Due, None),
        None => (MessageState::Nobody, Some(new.made_at)),
    };
    execute!(tx, {
        let insert = sqlx::query(INSERT).bind(new.id).bind(MessageKind::Sms).bind(state).bind(new.to);
        let insert = insert.bind(new.text.as_str()).bind(new.to.map(|_| values)).bind(new.language);
        insert.bind(new.made_at).bind(new.expires_at).bind(ended_at)
    })
}

/// A message whose time has come.
#[derive(FromRow)]
pub struct DueMessage {
    pub id: Uuid,
    pub recipient: Msisdn,
    pub text: String,
    pub text_values: String,
    pub language: Language,
    pub attempts: i64,
    pub expires_at: DateTime<Utc>,
}

/// The query of `due`; a test looks at its plan.
pub const DUE: &str = "SELECT id, recipient, text, text_values, language, attempts, expires_at FROM messages
    WHERE state = 'due' AND due_at <= $1 ORDER BY due_at LIMIT $2";

/// Messages whose time has come, the longest due first.
///
/// # Errors
/// A database error.
pub async fn due(db: &Db, now: DateTime<Utc>, limit: i64) -> Result<Vec<DueMessage>, sqlx::Error> {
    read!(db, |c| sqlx::query_as(DUE).bind(now).bind(limit).fetch_all(c).await)
}

/// Takes a message to be sent, and says when it is due again if nobody notes what came of it. Returns false
/// if another process has taken it.
///
/// # Errors
/// A database error.
pub async fn take(tx: &mut Tx, message: &DueMessage, again_at: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    const TAKE: &str = "UPDATE messages SET attempts = attempts + 1, due_at = $3 \
        WHERE id = $1 AND state = 'due' AND attempts = $2";
    changes_one!(tx, sqlx::query(TAKE).bind(message.id).bind(message.attempts).bind(again_at))
}

/// Puts a message off that could not be sent at this attempt.
///
/// # Errors
/// A database error.
pub async fn put_off(
    tx: &mut Tx,
    id: Uuid,
    attempt: i64,
    at: DateTime<Utc>,
    error: &str,
) -> Result<bool, sqlx::Error> {
    const PUT_OFF: &str = "UPDATE messages SET due_at = $3, last_error = $4 \
        WHERE id = $1 AND state = 'due' AND attempts = $2";
    changes_one!(tx, sqlx::query(PUT_OFF).bind(id).bind(attempt).bind(at).bind(error))
}

/// Ends a message that waits, after so many attempts. Whom it was for and what it said is forgotten, unless a
/// person may have it sent again.
///
/// # Errors
/// A database error.
pub async fn end(
    tx: &mut Tx,
    id: Uuid,
    attempts: i64,
    state: MessageState,
    at: DateTime<Utc>,
    error: Option<&str>,
) -> Result<bool, sqlx::Error> {
    const END: &str = "UPDATE messages SET state = $3, ended_at = $4, \
            last_error = COALESCE($5, last_error), \
            recipient = CASE WHEN $6 THEN recipient END, text_values = CASE WHEN $6 THEN text_values END
        WHERE id = $1 AND state = 'due' AND attempts = $2";
    let is_kept = state == MessageState::Dead;
    changes_one!(tx, {
        let end = sqlx::query(END).bind(id).bind(attempts).bind(state).bind(at);
        end.bind(error).bind(is_kept)
    })
}

/// Makes a dead message due once more, with all its attempts. Returns false if it is not dead.
///
/// # Errors
/// A database error.
pub async fn revive(tx: &mut Tx, id: Uuid, now: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    const REVIVE: &str = "UPDATE messages SET state = 'due', ended_at = NULL, due_at = $2, attempts = 0 \
        WHERE id = $1 AND state = 'dead'";
    changes_one!(tx, sqlx::query(REVIVE).bind(id).bind(now))
}

/// The statement of `purge`; a test looks at its plan.
pub const PURGE: &str = "DELETE FROM messages WHERE ended_at < $1";

/// Deletes messages that ended before a moment. Returns how many there were.
///
/// # Errors
/// A database error.
pub async fn purge(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64, sqlx::Error> {
    changes!(tx, sqlx::query(PURGE).bind(before))
}

/// The query of `waiting`; a test looks at its plan. Those that wait and those that are dead are found by one
/// index each.
pub const WAITING: &str = "SELECT COUNT(CASE WHEN due_at <= $1 THEN 1 END) AS due, \
        COUNT(CASE WHEN due_at > $1 THEN 1 END) AS later, \
        (SELECT COUNT(*) FROM messages WHERE state = 'dead') AS dead, \
        MIN(CASE WHEN due_at <= $1 THEN due_at END) AS oldest_due_at
    FROM messages WHERE state = 'due'";

/// How many messages wait.
///
/// # Errors
/// A database error.
pub async fn waiting(db: &Db, now: DateTime<Utc>) -> Result<Waiting, sqlx::Error> {
    read!(db, |c| sqlx::query_as(WAITING).bind(now).fetch_one(c).await)
}

/// A message that was given up, without whom it was for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub struct DeadMessage {
    pub id: Uuid,
    pub text: String,
    pub attempts: i64,
    pub last_error: Option<String>,
    pub ended_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

/// The query of `dead`; a test looks at its plan.
pub const DEAD: &str = "SELECT id, text, attempts, last_error, ended_at, expires_at FROM messages
    WHERE state = 'dead' ORDER BY ended_at DESC LIMIT $1";

/// Messages that were given up, the newest first.
///
/// # Errors
/// A database error.
pub async fn dead(db: &Db, limit: i64) -> Result<Vec<DeadMessage>, sqlx::Error> {
    read!(db, |c| sqlx::query_as(DEAD).bind(limit).fetch_all(c).await)
}
