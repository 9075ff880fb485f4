//! The rows of sends.

use chrono::{DateTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use crate::jobs::Waiting;
use crate::mpesa::Subject;
use crate::platform::db::{Db, Tx, changes, changes_one, on, read};
use crate::platform::lease::Held;
use crate::types::text_enum;

text_enum! {
    /// What is known of a send.
    pub enum SendCertainty {
        /// It may leave, or has left, and nobody has noted what came of it.
        Sending = "sending",
        /// Safaricom took it.
        Accepted = "accepted",
        /// Nobody knows whether Safaricom took it.
        Unknown = "unknown",
        /// It left and was certainly refused.
        Refused = "refused",
        /// It certainly never left.
        NotSent = "not_sent",
    }
}

/// A send whose row was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromRow)]
pub struct OpenSend {
    /// The id of its row.
    pub id: Uuid,
    /// The latest moment at which it may leave, by the database's clock.
    pub send_before: DateTime<Utc>,
}

/// The row of a send that is about to leave.
pub struct NewSend<'a> {
    /// Its id, made before the transaction.
    pub id: Uuid,
    /// What it is for.
    pub subject: Subject,
    /// The process that sends.
    pub server: &'a str,
    /// The lease under which it is sent, if it needs one.
    pub held: Option<Held>,
    /// When it was made, by the database's clock.
    pub made_at: DateTime<Utc>,
    /// Its latest moment.
    pub send_before: DateTime<Utc>,
}

/// Writes the next send of a subject. Returns false if another one took its number at the same time.
///
/// # Errors
/// A database error.
pub async fn insert(tx: &mut Tx, new: &NewSend<'_>) -> Result<bool, sqlx::Error> {
    const INSERT: &str = "INSERT INTO mpesa_sends (id, purpose, subject_id, number, certainty, server, \
        lease_epoch, made_at, send_before)
        VALUES ($1, $2, $3, COALESCE((SELECT MAX(number) FROM mpesa_sends WHERE purpose = $2 \
            AND subject_id = $3), 0) + 1, 'sending', $4, $5, $6, $7)
        ON CONFLICT DO NOTHING";
    changes_one!(tx, {
        let Subject { purpose, id } = new.subject;
        let insert = sqlx::query(INSERT).bind(new.id).bind(purpose.as_str()).bind(id).bind(new.server);
        insert.bind(new.held.map(|held| held.epoch)).bind(new.made_at).bind(new.send_before)
    })
}

/// A send by its id, whether it has been answered or not.
///
/// # Errors
/// A database error.
pub async fn by_id(tx: &mut Tx, send: Uuid) -> Result<Option<OpenSend>, sqlx::Error> {
    const FIND: &str = "SELECT id, send_before FROM mpesa_sends WHERE id = $1";
    on!(tx, |c| sqlx::query_as(FIND).bind(send).fetch_optional(c).await)
}

/// Writes what is known of a send now. Returns false if that or more was written before. A send that was
/// given up as unknown takes an answer that comes after all.
///
/// # Errors
/// A database error.
pub async fn close(
    tx: &mut Tx,
    send: Uuid,
    certainty: SendCertainty,
    at: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    const CLOSE: &str = "UPDATE mpesa_sends SET certainty = $2, answered_at = $3 \
        WHERE id = $1 AND certainty IN ('sending', 'unknown') AND certainty <> $2";
    changes_one!(tx, sqlx::query(CLOSE).bind(send).bind(certainty).bind(at))
}

/// The statement of `give_up`; a test looks at its plan.
pub const GIVE_UP: &str = "UPDATE mpesa_sends SET certainty = 'unknown', answered_at = $2 \
    WHERE certainty = 'sending' AND send_before < $1";

/// Calls unknown what had to leave before a moment and of which nobody noted what came of it. Returns how
/// many there were.
///
/// # Errors
/// A database error.
pub async fn give_up(tx: &mut Tx, before: DateTime<Utc>, now: DateTime<Utc>) -> Result<u64, sqlx::Error> {
    changes!(tx, sqlx::query(GIVE_UP).bind(before).bind(now))
}

/// The query of `waiting`; a test looks at its plan.
pub const WAITING: &str = "SELECT COUNT(CASE WHEN send_before < $1 THEN 1 END) AS due, \
        COUNT(CASE WHEN send_before >= $1 THEN 1 END) AS later, CAST(0 AS BIGINT) AS dead, \
        MIN(CASE WHEN send_before < $1 THEN send_before END) AS oldest_due_at
    FROM mpesa_sends WHERE certainty = 'sending'";

/// The sends of which nobody has noted what came of them: those that had to leave before a moment, and
/// others.
///
/// # Errors
/// A database error.
pub async fn waiting(db: &Db, before: DateTime<Utc>) -> Result<Waiting, sqlx::Error> {
    read!(db, |c| sqlx::query_as(WAITING).bind(before).fetch_one(c).await)
}
