//! The rows of what was done.

use super::Deed;
use crate::platform::db::{Tx, execute};
use crate::platform::random::Random;

/// Writes a deed, in the transaction that does it.
///
/// # Errors
/// A database error.
pub async fn record(tx: &mut Tx, random: &Random, deed: &Deed<'_>) -> Result<(), sqlx::Error> {
    const INSERT: &str = "INSERT INTO audit (id, at, person_id, actor, action, subject_kind, subject_id, before, after, reason)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    execute!(tx, {
        let insert = sqlx::query(INSERT)
            .bind(random.uuid(deed.at))
            .bind(deed.at)
            .bind(deed.by.person())
            .bind(deed.by.as_str())
            .bind(deed.action);
        let insert =
            insert.bind(deed.subject.kind()).bind(deed.subject.id()).bind(deed.before).bind(deed.after);
        insert.bind(deed.reason)
    })
}
