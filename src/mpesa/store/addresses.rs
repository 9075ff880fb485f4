//! The rows of secret addresses. One is never changed: whose address it is stays as it was written.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::mpesa::{Purpose, Subject};
use crate::platform::db::{ReadFrom, Tx, execute, read_from};

/// Writes an address of a row, in the transaction that writes the row.
///
/// # Errors
/// A database error.
pub async fn insert(
    tx: &mut Tx,
    token_hash: &[u8],
    subject: Subject,
    made_at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    const INSERT: &str =
        "INSERT INTO mpesa_addresses (token_hash, purpose, subject_id, made_at) VALUES ($1, $2, $3, $4)";
    execute!(tx, {
        let insert = sqlx::query(INSERT).bind(token_hash).bind(subject.purpose.as_str());
        insert.bind(subject.id).bind(made_at)
    })
}

/// The query of `subject_of`; a test looks at its plan.
pub const SUBJECT_OF: &str = "SELECT subject_id FROM mpesa_addresses WHERE token_hash = $1 AND purpose = $2";

/// The row of this purpose whose address holds the token with this hash.
///
/// # Errors
/// A database error.
pub async fn subject_of<'a>(
    from: impl Into<ReadFrom<'a>>,
    token_hash: &[u8],
    purpose: Purpose,
) -> Result<Option<Uuid>, sqlx::Error> {
    read_from!(from, |c| {
        sqlx::query_scalar(SUBJECT_OF).bind(token_hash).bind(purpose.as_str()).fetch_optional(c).await
    })
}
