//! The columns of names. A unique index on the skeleton keeps two tipsters from having names that look the
//! same.

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use crate::platform::db::{Db, Tx, changes_one, execute, on, read};
use crate::types::{Msisdn, PersonId};

/// A tipster without a skeleton: their name was never compared, or it looks like an older tipster's.
#[derive(FromRow)]
pub struct Unnamed {
    pub id: PersonId,
    pub created_at: DateTime<Utc>,
}

/// Tipsters without a skeleton, the oldest first, from behind `(created_at, id)` on.
///
/// # Errors
/// A database error.
pub async fn unnamed(
    db: &Db,
    after: (DateTime<Utc>, PersonId),
    limit: i64,
) -> Result<Vec<Unnamed>, sqlx::Error> {
    const UNNAMED: &str = "SELECT id, created_at FROM people
        WHERE is_tipster AND closed_at IS NULL AND name_skeleton IS NULL AND (created_at, id) > ($1, $2)
        ORDER BY created_at, id LIMIT $3";
    read!(db, |c| sqlx::query_as(UNNAMED).bind(after.0).bind(after.1).bind(limit).fetch_all(c).await)
}

/// Whether a tipster has a name with this skeleton.
///
/// # Errors
/// A database error.
pub async fn is_taken(tx: &mut Tx, skeleton: &str) -> Result<bool, sqlx::Error> {
    const TAKEN: &str =
        "SELECT EXISTS (SELECT 1 FROM people WHERE name_skeleton = $1 AND is_tipster AND closed_at IS NULL)";
    on!(tx, |c| sqlx::query_scalar(TAKEN).bind(skeleton).fetch_one(c).await)
}

/// As [`is_taken`], outside of a transaction.
///
/// # Errors
/// A database error.
pub async fn is_taken_now(db: &Db, skeleton: &str) -> Result<bool, sqlx::Error> {
    const TAKEN: &str =
        "SELECT EXISTS (SELECT 1 FROM people WHERE name_skeleton = $1 AND is_tipster AND closed_at IS NULL)";
    read!(db, |c| sqlx::query_scalar(TAKEN).bind(skeleton).fetch_one(c).await)
}

/// Sets the skeleton of a person's name.
///
/// # Errors
/// A database error, which is a unique violation if another tipster has the skeleton.
pub async fn set_skeleton(tx: &mut Tx, person: PersonId, skeleton: &str) -> Result<(), sqlx::Error> {
    const SET: &str = "UPDATE people SET name_skeleton = $2 WHERE id = $1";
    execute!(tx, sqlx::query(SET).bind(person).bind(skeleton))
}

/// Gives a handle to a person. Returns `false`, and changes nothing, if somebody else has it.
///
/// # Errors
/// A database error, which is a unique violation if another transaction takes the handle at this moment.
pub async fn set_handle(tx: &mut Tx, person: PersonId, handle: &str) -> Result<bool, sqlx::Error> {
    const SET: &str = "UPDATE people SET handle = $2 \
        WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM people WHERE handle = $2 AND id <> $1)";
    changes_one!(tx, sqlx::query(SET).bind(person).bind(handle))
}

/// Notes that somebody at the desk must look at a name, and takes its badge. Returns whether it had the
/// badge.
///
/// # Errors
/// A database error.
pub async fn doubt(tx: &mut Tx, person: PersonId, at: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    const HAS: &str = "SELECT is_verified FROM people WHERE id = $1";
    const DOUBT: &str = "UPDATE people SET name_doubted_at = $2, is_verified = FALSE WHERE id = $1";
    let had: Option<bool> = on!(tx, |c| sqlx::query_scalar(HAS).bind(person).fetch_optional(c).await)?;
    execute!(tx, sqlx::query(DOUBT).bind(person).bind(at))?;
    Ok(had.unwrap_or(false))
}

/// The name of a person whose row is locked until the transaction ends.
#[derive(FromRow)]
pub struct Named {
    pub display_name: String,
    pub name_skeleton: Option<String>,
    pub is_tipster: bool,
    pub is_verified: bool,
    pub name_doubted_at: Option<DateTime<Utc>>,
}

/// Locks a person's row until the transaction ends, and reads their name. `None` if the account is closed.
///
/// # Errors
/// A database error.
pub async fn hold(tx: &mut Tx, person: PersonId) -> Result<Option<Named>, sqlx::Error> {
    const HOLD: &str = "UPDATE people SET push_count = push_count WHERE id = $1 AND closed_at IS NULL
        RETURNING display_name, name_skeleton, is_tipster, is_verified, name_doubted_at";
    on!(tx, |c| sqlx::query_as(HOLD).bind(person).fetch_optional(c).await)
}

/// A tipster whose name waits for the desk.
#[derive(FromRow)]
pub struct Doubted {
    pub msisdn: Msisdn,
    pub display_name: String,
    pub handle: Option<String>,
    /// Whether an older tipster's name looks the same, so that this tipster must choose another one.
    pub is_double: bool,
    pub name_doubted_at: DateTime<Utc>,
}

/// The SQL of `doubted`.
pub const DOUBTED: &str =
    "SELECT msisdn, display_name, handle, name_skeleton IS NULL AS is_double, name_doubted_at FROM people
    WHERE name_doubted_at IS NOT NULL AND closed_at IS NULL ORDER BY name_doubted_at LIMIT $1";

/// Tipsters whose names wait for the desk, those that wait longest first.
///
/// # Errors
/// A database error.
pub async fn doubted(db: &Db, limit: i64) -> Result<Vec<Doubted>, sqlx::Error> {
    read!(db, |c| sqlx::query_as(DOUBTED).bind(limit).fetch_all(c).await)
}
