//! The rows of sends.

use chrono::{DateTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use crate::mpesa::Subject;
use crate::platform::db::{Tx, changes_one, on};
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

/// Writes what is known of a send now. Returns false if that was written before.
///
/// # Errors
/// A database error.
pub async fn close(
    tx: &mut Tx,
    send: Uuid,
    certainty: SendCertainty,
    at: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    const CLOSE: &str =
        "UPDATE mpesa_sends SET certainty = $2, answered_at = $3 WHERE id = $1 AND certainty = 'sending'";
    changes_one!(tx, sqlx::query(CLOSE).bind(send).bind(certainty).bind(at))
}
