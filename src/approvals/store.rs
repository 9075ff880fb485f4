//! The rows of approvals.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{ApprovalKind, Matter};
use crate::platform::db::{Tx, changes_one, on};
use crate::types::PersonId;

/// An approval to be written.
pub struct NewApproval {
    pub id: Uuid,
    pub person: PersonId,
    pub asked_by: Option<PersonId>,
    pub kind: ApprovalKind,
    pub at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

/// Writes an approval. Returns false if this person has given one of this matter that still counts, or that
/// was used.
///
/// # Errors
/// A database error.
pub async fn insert(tx: &mut Tx, matter: &Matter, new: &NewApproval) -> Result<bool, sqlx::Error> {
    const INSERT: &str = "INSERT INTO approvals (id, subject_kind, subject_id, version, person_id, asked_by,
            kind, amount_cents, msisdn, at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        ON CONFLICT (subject_kind, subject_id, version, person_id) DO UPDATE SET
            asked_by = excluded.asked_by, kind = excluded.kind, amount_cents = excluded.amount_cents,
            msisdn = excluded.msisdn, at = excluded.at, expires_at = excluded.expires_at
        WHERE approvals.used_at IS NULL AND (approvals.expires_at <= excluded.at
            OR approvals.kind <> excluded.kind OR approvals.amount_cents <> excluded.amount_cents
            OR approvals.msisdn <> excluded.msisdn)";
    changes_one!(tx, {
        let insert = sqlx::query(INSERT).bind(new.id).bind(matter.kind).bind(&matter.id);
        let insert = insert.bind(matter.version).bind(new.person).bind(new.asked_by).bind(new.kind);
        insert.bind(matter.amount).bind(&matter.payee).bind(new.at).bind(new.expires_at)
    })
}

/// Uses one approval of this matter that counts for `person` at `now`; the oldest first. Somebody else's
/// counts, of whoever still is staff; their own counts only as a second look that was given at
/// `looked_before` at the latest. Returns false if there is none.
///
/// # Errors
/// A database error.
pub async fn use_one(
    tx: &mut Tx,
    matter: &Matter,
    (person, used_for): (PersonId, &str),
    looked_before: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    const USE: &str = "UPDATE approvals SET used_at = $6, used_for = $8, asked_by = COALESCE(asked_by, $7)
        WHERE used_at IS NULL AND id = (SELECT a.id FROM approvals a
            JOIN people p ON p.id = a.person_id AND p.staff IN ('operator', 'admin') AND p.closed_at IS NULL
            WHERE a.subject_kind = $1 AND a.subject_id = $2 AND a.version = $3 AND a.amount_cents = $4
            AND a.msisdn = $5 AND a.used_at IS NULL AND a.expires_at > $6
            AND ((a.kind = 'second' AND a.person_id <> $7)
                OR (a.kind = 'second_look' AND a.person_id = $7 AND a.at <= $9))
            ORDER BY a.at, a.id LIMIT 1)";
    changes_one!(tx, {
        let used = sqlx::query(USE).bind(matter.kind).bind(&matter.id).bind(matter.version);
        let used = used.bind(matter.amount).bind(&matter.payee).bind(now).bind(person);
        used.bind(used_for).bind(looked_before)
    })
}

/// Whether there is an admin.
///
/// # Errors
/// A database error.
pub async fn is_any_admin(tx: &mut Tx) -> Result<bool, sqlx::Error> {
    const ADMIN: &str = "SELECT EXISTS (SELECT 1 FROM people WHERE staff = 'admin' AND closed_at IS NULL)";
    on!(tx, |c| sqlx::query_scalar(ADMIN).fetch_one(c).await)
}

/// How many members of staff may act.
///
/// # Errors
/// A database error.
pub async fn acting_staff(tx: &mut Tx) -> Result<i64, sqlx::Error> {
    const COUNT: &str = "SELECT CAST(COUNT(*) AS BIGINT) FROM people
        WHERE staff IN ('operator', 'admin') AND closed_at IS NULL";
    on!(tx, |c| sqlx::query_scalar(COUNT).fetch_one(c).await)
}
