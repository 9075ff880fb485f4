//! The rows of what was done.

use uuid::Uuid;

use super::Deed;
use crate::platform::db::{Tx, execute};

pub async fn insert(tx: &mut Tx, id: Uuid, deed: &Deed<'_>) -> Result<(), sqlx::Error> {
    const INSERT: &str = "INSERT INTO audit (id, at, person_id, actor, action, subject_kind, subject_id, before, after, reason)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    execute!(tx, {
        let insert = sqlx::query(INSERT)
            .bind(id)
            .bind(deed.at)
            .bind(deed.by.person())
            .bind(deed.by.as_str())
            .bind(deed.action);
        let insert =
            insert.bind(deed.subject.kind()).bind(deed.subject.id()).bind(deed.before).bind(deed.after);
        insert.bind(deed.reason)
    })
}
