//! The rows of raw callbacks.

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use crate::platform::db::{Db, Tx, changes, changes_one, execute, read};
use crate::types::{CallbackId, PaymentId, text_enum};

text_enum! {
    /// The address at which a body came.
    pub enum CallbackPath {
        /// The payment's own address, with its secret.
        Token = "token",
        /// The address without a secret, which everybody knows.
        Bare = "bare",
    }
}

/// A body as it came, and how.
pub struct NewCallback<'a> {
    pub id: CallbackId,
    pub payment: PaymentId,
    pub path: CallbackPath,
    pub is_from_elsewhere: bool,
    pub body: &'a [u8],
    pub received_at: DateTime<Utc>,
    pub processed_at: Option<DateTime<Utc>>,
}

/// Keeps a body. Without `processed_at` the reconciler will settle it.
///
/// # Errors
/// A database error.
pub async fn insert(tx: &mut Tx, callback: &NewCallback<'_>) -> Result<(), sqlx::Error> {
    const INSERT: &str =
        "INSERT INTO callbacks (id, payment_id, path, is_from_elsewhere, body, received_at, processed_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    execute!(tx, {
        let insert = sqlx::query(INSERT)
            .bind(callback.id)
            .bind(callback.payment)
            .bind(callback.path)
            .bind(callback.is_from_elsewhere)
            .bind(callback.body);
        insert.bind(callback.received_at).bind(callback.processed_at)
    })
}

/// A body that is stored but not settled.
#[derive(FromRow)]
pub struct Unprocessed {
    pub id: CallbackId,
    pub payment_id: PaymentId,
    pub is_from_elsewhere: bool,
    pub body: Vec<u8>,
}

/// The query of `unprocessed`; a test looks at its plan.
pub const UNPROCESSED: &str = "SELECT id, payment_id, is_from_elsewhere, body FROM callbacks \
    WHERE processed_at IS NULL ORDER BY received_at, id LIMIT $1";

/// Bodies that are stored but not settled, the oldest first.
///
/// # Errors
/// A database error.
pub async fn unprocessed(db: &Db, limit: i64) -> Result<Vec<Unprocessed>, sqlx::Error> {
    read!(db, |c| sqlx::query_as(UNPROCESSED).bind(limit).fetch_all(c).await)
}

/// Takes a body to be settled. Returns false if another process settled it meanwhile.
///
/// # Errors
/// A database error.
pub async fn mark_processed(
    tx: &mut Tx,
    callback: CallbackId,
    at: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    const MARK: &str = "UPDATE callbacks SET processed_at = $2 WHERE id = $1 AND processed_at IS NULL";
    changes_one!(tx, sqlx::query(MARK).bind(callback).bind(at))
}

/// The payment whose callback's address holds the token with this hash.
///
/// # Errors
/// A database error.
pub async fn payment_of_token(db: &Db, token_hash: &[u8]) -> Result<Option<PaymentId>, sqlx::Error> {
    const FIND: &str = "SELECT id FROM payments WHERE callback_token_hash = $1";
    read!(db, |c| sqlx::query_scalar(FIND).bind(token_hash).fetch_optional(c).await)
}

/// The statement of `purge`; a test looks at its plan.
pub const PURGE: &str = "DELETE FROM callbacks WHERE received_at < $1 AND processed_at IS NOT NULL";

/// Deletes settled bodies that came before a moment, and returns how many.
///
/// # Errors
/// A database error.
pub async fn purge(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64, sqlx::Error> {
    changes!(tx, sqlx::query(PURGE).bind(before))
}
