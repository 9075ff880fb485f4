//! The columns of breaks from buying.

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use crate::people::BreakKind;
use crate::platform::db::{Db, Tx, changes_one, read};
use crate::types::PersonId;

/// The break of a person. Both are `None` if there never was one; `break_until` may be past.
#[derive(Debug, Clone, FromRow)]
pub struct BreakRow {
    pub break_until: Option<DateTime<Utc>>,
    pub break_kind: Option<BreakKind>,
}

/// The break of a person; `None` if there is no such person.
///
/// # Errors
/// A database error.
pub async fn break_of(db: &Db, person: PersonId) -> Result<Option<BreakRow>, sqlx::Error> {
    const FIND: &str = "SELECT break_until, break_kind FROM people WHERE id = $1";
    read!(db, |c| sqlx::query_as(FIND).bind(person).fetch_optional(c).await)
}

/// Begins a break, or makes one longer. Returns `false`, and changes nothing, if the present one is longer.
/// A self-exclusion that is made longer stays one, whatever made it longer: a break never gets weaker.
///
/// # Errors
/// A database error.
pub async fn begin_break(
    tx: &mut Tx,
    person: PersonId,
    kind: BreakKind,
    until: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    const BEGIN: &str = "UPDATE people SET break_until = $2,
            break_kind = CASE WHEN break_until > $4 AND break_kind = 'self_exclusion' THEN break_kind ELSE $3 END
        WHERE id = $1 AND (break_until IS NULL OR break_until <= $2)";
    changes_one!(tx, sqlx::query(BEGIN).bind(person).bind(until).bind(kind).bind(now))
}
