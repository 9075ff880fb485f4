//! The rows of people, and in the files below this one what belongs to them.

pub mod attempts;
pub mod devices;
pub mod names;
pub mod otp;
pub mod profile;
pub mod self_exclusion;
pub mod spending_limits;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::FromRow;

use super::Entrant;
use crate::platform::db::{Db, Tx, changes_one, execute, on, read};
use crate::platform::sessions;
use crate::platform::viewer::{Staff, Viewer, ViewerState};
use crate::types::name::skeleton;
use crate::types::{Msisdn, PersonId};

/// A person to be inserted.
pub struct NewPerson<'a> {
    pub id: PersonId,
    pub msisdn: &'a Msisdn,
    pub display_name: &'a str,
    pub password_hash: &'a str,
    /// Of a registration only the year is right.
    pub birth_date: NaiveDate,
    pub is_buyer: bool,
    pub is_tipster: bool,
    /// Whether the person has the badge.
    pub is_verified: bool,
    pub staff: Option<Staff>,
    pub created_at: DateTime<Utc>,
}

/// A person with what signing in needs.
#[derive(FromRow)]
pub struct PersonRow {
    pub id: PersonId,
    pub msisdn: Msisdn,
    pub display_name: String,
    pub password_hash: String,
    is_buyer: bool,
    is_tipster: bool,
    staff: Option<Staff>,
    pub session_generation: i64,
}

impl PersonRow {
    /// Whether the person may enter the desk; codes do not open such an account.
    pub const fn is_staff(&self) -> bool {
        self.staff.is_some()
    }

    /// The person as they enter with a new session.
    pub fn into_entrant(self) -> Entrant {
        let generation = self.session_generation;
        Entrant { viewer: self.into_viewer(), generation }
    }

    /// The person as a session keeps them. `standing` is empty here; the next request reads it.
    pub fn into_viewer(self) -> Viewer {
        Viewer {
            id: self.id,
            display_name: self.display_name,
            msisdn: self.msisdn,
            is_buyer: self.is_buyer,
            is_tipster: self.is_tipster,
            staff: self.staff,
            standing: ViewerState::default(),
        }
    }
}

/// Inserts a person. Returns `false`, and writes nothing, if the number, the handle or a tipster's name
/// belongs to somebody already.
///
/// # Errors
/// A database error.
pub async fn insert_person(
    tx: &mut Tx,
    person: &NewPerson<'_>,
    is_proven: bool,
    handle: Option<&str>,
) -> Result<bool, sqlx::Error> {
    const INSERT: &str =
        "INSERT INTO people (id, msisdn, display_name, password_hash, birth_date, is_buyer, is_tipster, \
            is_verified, staff,
            created_at, number_proven_at, handle, name_skeleton)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING";
    let proven_at = is_proven.then_some(person.created_at);
    let skeleton = person.is_tipster.then(|| skeleton(person.display_name));
    changes_one!(tx, {
        let insert = sqlx::query(INSERT)
            .bind(person.id)
            .bind(person.msisdn)
            .bind(person.display_name)
            .bind(person.password_hash);
        let insert = insert
            .bind(person.birth_date)
            .bind(person.is_buyer)
            .bind(person.is_tipster)
            .bind(person.is_verified);
        let insert = insert.bind(person.staff).bind(person.created_at).bind(proven_at).bind(handle);
        insert.bind(skeleton)
    })
}

/// Inserts buyers in one statement, with their numbers proven, for load. A buyer whose number is taken is
/// left out. `buyers` must not be empty.
///
/// # Errors
/// A database error.
pub async fn insert_buyers(tx: &mut Tx, buyers: &[NewPerson<'_>]) -> Result<(), sqlx::Error> {
    const INSERT: &str =
        "INSERT INTO people (id, msisdn, display_name, password_hash, birth_date, is_buyer, is_tipster, \
        created_at,
        number_proven_at) ";
    on!(tx, |c| {
        let mut insert = sqlx::QueryBuilder::new(INSERT);
        insert.push_values(buyers, |mut row, buyer| {
            row.push_bind(buyer.id)
                .push_bind(buyer.msisdn)
                .push_bind(buyer.display_name)
                .push_bind(buyer.password_hash);
            row.push_bind(buyer.birth_date)
                .push("TRUE, FALSE")
                .push_bind(buyer.created_at)
                .push_bind(buyer.created_at);
        });
        insert.push(" ON CONFLICT DO NOTHING");
        insert.build().execute(c).await.map(|_| ())
    })
}

/// Everybody who buys and does not sell, sorted by number.
///
/// # Errors
/// A database error.
pub async fn buyers(db: &Db) -> Result<Vec<(PersonId, Msisdn)>, sqlx::Error> {
    const BUYERS: &str = "SELECT id, msisdn FROM people \
        WHERE is_buyer AND NOT is_tipster AND closed_at IS NULL ORDER BY msisdn";
    read!(db, |c| sqlx::query_as(BUYERS).fetch_all(c).await)
}

/// Whether somebody has this number.
///
/// # Errors
/// A database error.
pub async fn is_registered(tx: &mut Tx, msisdn: &Msisdn) -> Result<bool, sqlx::Error> {
    const REGISTERED: &str = "SELECT EXISTS (SELECT 1 FROM people WHERE msisdn = $1)";
    on!(tx, |c| sqlx::query_scalar(REGISTERED).bind(msisdn).fetch_one(c).await)
}

/// Whether a number is registered as this person's.
///
/// # Errors
/// A database error.
pub async fn is_registered_as(tx: &mut Tx, msisdn: &Msisdn, id: PersonId) -> Result<bool, sqlx::Error> {
    const REGISTERED: &str = "SELECT EXISTS (SELECT 1 FROM people WHERE msisdn = $1 AND id = $2)";
    on!(tx, |c| sqlx::query_scalar(REGISTERED).bind(msisdn).bind(id).fetch_one(c).await)
}

/// The person who has this number. Closed accounts have none, so they are not found.
///
/// # Errors
/// A database error.
pub async fn person_by_msisdn(db: &Db, msisdn: &Msisdn) -> Result<Option<PersonRow>, sqlx::Error> {
    const FIND: &str =
        "SELECT id, msisdn, display_name, password_hash, is_buyer, is_tipster, staff, session_generation
        FROM people WHERE msisdn = $1";
    read!(db, |c| sqlx::query_as(FIND).bind(msisdn).fetch_optional(c).await)
}

/// Counts a push of this person. That locks the person's row until the transaction ends, and under this lock
/// all limits that count by buyer are checked. Returns `false` if the account is closed or there is none.
///
/// # Errors
/// A database error.
pub async fn count_push(tx: &mut Tx, person: PersonId) -> Result<bool, sqlx::Error> {
    const COUNT: &str = "UPDATE people SET push_count = push_count + 1 WHERE id = $1 AND closed_at IS NULL";
    changes_one!(tx, sqlx::query(COUNT).bind(person))
}

/// Locks the person's row until the transaction ends, without changing it; an `UPDATE` is a lock on both
/// databases. Returns `false` if there is no such person.
///
/// # Errors
/// A database error.
pub async fn lock_person(tx: &mut Tx, person: PersonId) -> Result<bool, sqlx::Error> {
    const LOCK: &str = "UPDATE people SET push_count = push_count WHERE id = $1";
    changes_one!(tx, sqlx::query(LOCK).bind(person))
}

/// Ends every session of a person, and returns the new generation. A session that is being made at this
/// moment with the old password has the old generation, so it is not accepted either.
///
/// # Errors
/// A database error.
pub async fn end_sessions(tx: &mut Tx, person: PersonId) -> Result<i64, sqlx::Error> {
    const COUNT: &str = "UPDATE people SET session_generation = session_generation + 1 \
        WHERE id = $1 RETURNING session_generation";
    let generation = on!(tx, |c| sqlx::query_scalar(COUNT).bind(person).fetch_one(c).await)?;
    sessions::end_all(tx, person).await?;
    Ok(generation)
}

/// A person whom `ligisoo users set` is about.
#[derive(FromRow)]
pub struct Known {
    pub id: PersonId,
    pub display_name: String,
    pub is_tipster: bool,
    pub is_verified: bool,
    pub staff: Option<Staff>,
    /// Whether no other tipster's name looks the same.
    pub has_own_name: bool,
}

/// The person who has this number, for a command.
///
/// # Errors
/// A database error.
pub async fn known(tx: &mut Tx, msisdn: &Msisdn) -> Result<Option<Known>, sqlx::Error> {
    const FIND: &str = "SELECT id, display_name, is_tipster, is_verified, staff, \
        name_skeleton IS NOT NULL AS has_own_name FROM people WHERE msisdn = $1";
    on!(tx, |c| sqlx::query_as(FIND).bind(msisdn).fetch_optional(c).await)
}

/// Gives the badge to a person's name, which somebody has looked at, and ends any doubt about it. Returns
/// `false`, and changes nothing, if the person has another name by now, or another tipster has one that looks
/// like it.
///
/// # Errors
/// A database error.
pub async fn give_badge(tx: &mut Tx, person: PersonId, name: &str) -> Result<bool, sqlx::Error> {
    const GIVE: &str = "UPDATE people SET is_verified = TRUE, name_doubted_at = NULL
        WHERE id = $1 AND display_name = $2 AND (name_skeleton IS NOT NULL OR NOT is_tipster)";
    changes_one!(tx, sqlx::query(GIVE).bind(person).bind(name))
}

/// Takes the badge from a person. Whoever does so has looked at the name, so it does not wait for the desk
/// any more.
///
/// # Errors
/// A database error.
pub async fn take_badge(tx: &mut Tx, person: PersonId) -> Result<(), sqlx::Error> {
    const TAKE: &str = "UPDATE people SET is_verified = FALSE, name_doubted_at = NULL WHERE id = $1";
    execute!(tx, sqlx::query(TAKE).bind(person))
}

/// Sets what a person may do at the desk; `None` is nothing.
///
/// # Errors
/// A database error.
pub async fn set_staff(tx: &mut Tx, person: PersonId, staff: Option<Staff>) -> Result<(), sqlx::Error> {
    const SET: &str = "UPDATE people SET staff = $2 WHERE id = $1";
    execute!(tx, sqlx::query(SET).bind(person).bind(staff))
}
