//! The rows of one-time codes, and what a code that came back changes.

use chrono::{DateTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use super::PersonRow;
use crate::people::CodePurpose;
use crate::platform::db::{Db, Tx, changes_one, execute, on, read};
use crate::types::{Msisdn, PersonId};

pub struct NewCode<'a> {
    pub id: Uuid,
    pub purpose: CodePurpose,
    pub msisdn: &'a Msisdn,
    pub person: Option<PersonId>,
    pub code_hash: &'a str,
    pub browser_hash: &'a str,
    pub registration: Option<&'a str>,
    pub sent_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

/// A code that was sent, without the code.
#[derive(FromRow)]
pub struct CodeRow {
    pub id: Uuid,
    pub purpose: CodePurpose,
    pub msisdn: Msisdn,
    pub person_id: Option<PersonId>,
    pub code_hash: String,
    pub browser_hash: String,
    pub registration: Option<String>,
    pub used_at: Option<DateTime<Utc>>,
}

pub async fn insert(tx: &mut Tx, new: &NewCode<'_>) -> Result<(), sqlx::Error> {
    const INSERT: &str = "INSERT INTO codes (id, purpose, msisdn, person_id, code_hash, browser_hash, registration, sent_at, expires_at)
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

pub async fn by_id(db: &Db, id: Uuid) -> Result<Option<CodeRow>, sqlx::Error> {
    const FIND: &str = "SELECT id, purpose, msisdn, person_id, code_hash, browser_hash, registration, used_at FROM codes WHERE id = $1";
    read!(db, |c| sqlx::query_as(FIND).bind(id).fetch_optional(c).await)
}

/// Counts a try before it is judged: which one it is; nothing if the code is used, over, or was tried too
/// often.
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

/// Whether this call was the one that used the code. With it every other code of its number ends: one that
/// was asked for earlier must not set another password later.
pub async fn mark_used(tx: &mut Tx, id: Uuid, now: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    const USE: &str = "UPDATE codes SET used_at = $2, registration = NULL WHERE id = $1 AND used_at IS NULL AND expires_at > $2";
    const END_OTHERS: &str = "UPDATE codes SET used_at = $2, registration = NULL
        WHERE msisdn = (SELECT msisdn FROM codes WHERE id = $1) AND used_at IS NULL";
    let is_used = changes_one!(tx, sqlx::query(USE).bind(id).bind(now))?;
    if is_used {
        execute!(tx, sqlx::query(END_OTHERS).bind(id).bind(now))?;
    }
    Ok(is_used)
}

/// Forgets codes sent before a moment.
pub async fn purge(tx: &mut Tx, before: DateTime<Utc>) -> Result<(), sqlx::Error> {
    const PURGE: &str = "DELETE FROM codes WHERE sent_at < $1";
    execute!(tx, sqlx::query(PURGE).bind(before))
}

/// The person of a number, inside a transaction.
pub async fn person_of(tx: &mut Tx, msisdn: &Msisdn) -> Result<Option<PersonRow>, sqlx::Error> {
    const FIND: &str =
        "SELECT id, msisdn, display_name, password_hash, is_buyer, is_tipster, staff, session_generation
        FROM people WHERE msisdn = $1";
    on!(tx, |c| sqlx::query_as(FIND).bind(msisdn).fetch_optional(c).await)
}

/// Notes that a number was proven; whether the person still has this number.
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

/// Sets the password by a code, and notes when.
pub async fn reset_password(
    tx: &mut Tx,
    person: PersonId,
    password_hash: &str,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    const SET: &str = "UPDATE people SET password_hash = $2, password_reset_at = $3 WHERE id = $1";
    execute!(tx, sqlx::query(SET).bind(person).bind(password_hash).bind(now))
}
