//! The rows of one-time codes, and the changes that a right code makes.

use chrono::{DateTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use super::PersonRow;
use crate::people::CodePurpose;
use crate::platform::db::{Db, Tx, changes_one, execute, on, read};
use crate::types::{Msisdn, PersonId};

/// A code to be inserted. Only hashes of the code and of the browser's secret are kept.
pub struct NewCode<'a> {
    pub id: Uuid,
    pub purpose: CodePurpose,
    pub msisdn: &'a Msisdn,
    /// The signed-in person whose number is proven; `None` for other purposes.
    pub person: Option<PersonId>,
    pub code_hash: &'a str,
    pub browser_hash: &'a str,
    /// The `PendingRegistration` as JSON.
    pub registration: Option<&'a str>,
    pub sent_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

/// A code that was asked for. The code itself is not kept.
#[derive(FromRow)]
pub struct CodeRow {
    pub id: Uuid,
    pub purpose: CodePurpose,
    pub msisdn: Msisdn,
    pub person_id: Option<PersonId>,
    pub code_hash: String,
    pub browser_hash: String,
    pub registration: Option<String>,
    /// When it was used, or ended because another code of its number was used.
    pub used_at: Option<DateTime<Utc>>,
}

/// Inserts a code. Running again with the same id changes nothing.
///
/// # Errors
/// A database error.
pub async fn insert(tx: &mut Tx, new: &NewCode<'_>) -> Result<(), sqlx::Error> {
    const INSERT: &str = "INSERT INTO codes (id, purpose, msisdn, person_id, code_hash, browser_hash, \
        registration, sent_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING";
    execute!(tx, {
        let insert = sqlx::query(INSERT)
            .bind(new.id)
            .bind(new.purpose)
            .bind(new.msisdn)
            .bind(new.person)
            .bind(new.code_hash);
        insert.bind(new.browser_hash).bind(new.registration).bind(new.sent_at).bind(new.expires_at)
    })
}

/// The code of this id, used or not.
///
/// # Errors
/// A database error.
pub async fn by_id(db: &Db, id: Uuid) -> Result<Option<CodeRow>, sqlx::Error> {
    const FIND: &str = "SELECT id, purpose, msisdn, person_id, code_hash, browser_hash, \
        registration, used_at FROM codes WHERE id = $1";
    read!(db, |c| sqlx::query_as(FIND).bind(id).fetch_optional(c).await)
}

/// Counts a try before it is judged, and returns how many there were with it. `None` if the code is used, has
/// expired, or had `tries` tries already.
///
/// # Errors
/// A database error.
pub async fn count_try(
    tx: &mut Tx,
    id: Uuid,
    tries: i64,
    now: DateTime<Utc>,
) -> Result<Option<i64>, sqlx::Error> {
    const COUNT: &str = "UPDATE codes SET try_count = try_count + 1
        WHERE id = $1 AND try_count < $2 AND used_at IS NULL AND expires_at > $3 RETURNING try_count";
    on!(tx, |c| sqlx::query_scalar(COUNT).bind(id).bind(tries).bind(now).fetch_optional(c).await)
}

/// Uses a code up. Returns `false` if it was used before or has expired. When it is used, every other code of
/// its number ends as well, because a code that was asked for earlier must not set another password later.
///
/// # Errors
/// A database error.
pub async fn mark_used(tx: &mut Tx, id: Uuid, now: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    const USE: &str = "UPDATE codes SET used_at = $2, registration = NULL \
        WHERE id = $1 AND used_at IS NULL AND expires_at > $2";
    const END_OTHERS: &str = "UPDATE codes SET used_at = $2, registration = NULL
        WHERE msisdn = (SELECT msisdn FROM codes WHERE id = $1) AND used_at IS NULL";
    let is_used = changes_one!(tx, sqlx::query(USE).bind(id).bind(now))?;
    if is_used {
        execute!(tx, sqlx::query(END_OTHERS).bind(id).bind(now))?;
    }
    Ok(is_used)
}

/// Deletes codes that were sent before a moment.
///
/// # Errors
/// A database error.
pub async fn purge(tx: &mut Tx, before: DateTime<Utc>) -> Result<(), sqlx::Error> {
    const PURGE: &str = "DELETE FROM codes WHERE sent_at < $1";
    execute!(tx, sqlx::query(PURGE).bind(before))
}

/// The person who has this number, inside a transaction.
///
/// # Errors
/// A database error.
pub async fn person_of(tx: &mut Tx, msisdn: &Msisdn) -> Result<Option<PersonRow>, sqlx::Error> {
    const FIND: &str =
        "SELECT id, msisdn, display_name, password_hash, is_buyer, is_tipster, staff, session_generation
        FROM people WHERE msisdn = $1";
    on!(tx, |c| sqlx::query_as(FIND).bind(msisdn).fetch_optional(c).await)
}

/// Notes that a person has proven their number. Returns `false` if they do not have this number any more.
///
/// # Errors
/// A database error.
pub async fn prove(
    tx: &mut Tx,
    person: PersonId,
    msisdn: &Msisdn,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    const PROVE: &str =
        "UPDATE people SET number_proven_at = $3 WHERE id = $1 AND msisdn = $2 AND closed_at IS NULL";
    changes_one!(tx, sqlx::query(PROVE).bind(person).bind(msisdn).bind(now))
}

/// Sets the password that was chosen with a code, and notes when.
///
/// # Errors
/// A database error.
pub async fn reset_password(
    tx: &mut Tx,
    person: PersonId,
    password_hash: &str,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    const SET: &str = "UPDATE people SET password_hash = $2, password_reset_at = $3 WHERE id = $1";
    execute!(tx, sqlx::query(SET).bind(person).bind(password_hash).bind(now))
}
