//! The rows of what was done, the end of their chain, and who is staff.

use chrono::{DateTime, Utc};
use sqlx::{FromRow, QueryBuilder};

use super::body::{AuditRow, hash};
use super::{Actor, Deed, Subject};
use crate::platform::db::{Db, Tx, on, read};
use crate::platform::random::Random;
use crate::platform::viewer::Staff;
use crate::types::{Msisdn, PersonId};

macro_rules! rows {
    ($condition:literal) => {
        concat!(
            "SELECT seq, id, at, person_id, actor, action, subject_kind, subject_id, before, after, reason,
                body, hash
            FROM audit WHERE ",
            $condition
        )
    };
}

/// The last row of the chain: its number, which is 0 before the first, and its hash.
#[derive(Debug, Clone, Default, PartialEq, Eq, FromRow)]
pub struct Head {
    pub seq: i64,
    pub hash: String,
}

/// Writes deeds, in the transaction that does them. It is the last that a transaction does before its commit:
/// the end of the chain is locked from here on, and everybody who acts waits for it (MONEY §3).
///
/// # Errors
/// A database error.
pub async fn record(tx: &mut Tx, random: &Random, deeds: &[Deed<'_>]) -> Result<(), sqlx::Error> {
    const LOCK: &str = "UPDATE audit_head SET seq = seq WHERE id = 1 RETURNING seq, hash";
    let Some(first) = deeds.first() else { return Ok(()) };
    let mut head: Head = on!(tx, |c| sqlx::query_as(LOCK).fetch_one(c).await)?;
    let mut rows = Vec::with_capacity(deeds.len() + 1);
    if head.seq == 0 {
        let count = count(tx).await?.to_string();
        rows.push(chained(&mut head, random, &beginning(first.at, &count)));
    }
    rows.extend(deeds.iter().map(|deed| chained(&mut head, random, deed)));
    insert(tx, &rows).await
}

/// The first row of the chain, which says how many rows are older than it.
const fn beginning(at: DateTime<Utc>, count: &str) -> Deed<'_> {
    let (by, subject) = (Actor::Server, Subject::Chain);
    Deed { at, by, action: "began", subject, before: None, after: Some(count), reason: "older rows" }
}

/// The deed as the next row of the chain, which is its end then.
fn chained(head: &mut Head, random: &Random, deed: &Deed<'_>) -> AuditRow {
    let mut row = AuditRow {
        seq: Some(head.seq + 1),
        id: random.uuid(deed.at),
        at: deed.at,
        person_id: deed.by.person(),
        actor: deed.by.as_str().to_owned(),
        action: deed.action.to_owned(),
        subject_kind: deed.subject.kind().to_owned(),
        subject_id: deed.subject.id(),
        before: deed.before.map(str::to_owned),
        after: deed.after.map(str::to_owned),
        reason: deed.reason.to_owned(),
        body: None,
        hash: None,
    };
    let body = row.text();
    *head = Head { seq: head.seq + 1, hash: hash(&head.hash, &body) };
    (row.body, row.hash) = (Some(body), Some(head.hash.clone()));
    row
}

async fn insert(tx: &mut Tx, rows: &[AuditRow]) -> Result<(), sqlx::Error> {
    const INSERT: &str = "INSERT INTO audit (seq, id, at, person_id, actor, action, subject_kind, \
        subject_id, before, after, reason, body, hash) ";
    on!(tx, |c| {
        let mut insert = QueryBuilder::new(INSERT);
        insert.push_values(rows, |mut values, row| {
            values.push_bind(row.seq).push_bind(row.id).push_bind(row.at).push_bind(row.person_id);
            values.push_bind(&row.actor).push_bind(&row.action);
            values.push_bind(&row.subject_kind).push_bind(&row.subject_id);
            values.push_bind(&row.before).push_bind(&row.after).push_bind(&row.reason);
            values.push_bind(&row.body).push_bind(&row.hash);
        });
        insert.build().execute(c).await.map(|_| ())
    })
}

/// How many rows there are.
///
/// # Errors
/// A database error.
pub async fn count(tx: &mut Tx) -> Result<i64, sqlx::Error> {
    const COUNT: &str = "SELECT CAST(COUNT(*) AS BIGINT) FROM audit";
    on!(tx, |c| sqlx::query_scalar(COUNT).fetch_one(c).await)
}

/// The end of the chain; `None` if its row is gone.
///
/// # Errors
/// A database error.
pub async fn head(tx: &mut Tx) -> Result<Option<Head>, sqlx::Error> {
    const HEAD: &str = "SELECT seq, hash FROM audit_head";
    on!(tx, |c| sqlx::query_as(HEAD).fetch_optional(c).await)
}

/// The query of `page`; a test looks at its plan.
pub const PAGE: &str = rows!("seq > $1 ORDER BY seq LIMIT $2");

/// The next rows of the chain after a number.
///
/// # Errors
/// A database error.
pub async fn page(tx: &mut Tx, after: i64, limit: i64) -> Result<Vec<AuditRow>, sqlx::Error> {
    on!(tx, |c| sqlx::query_as(PAGE).bind(after).bind(limit).fetch_all(c).await)
}

/// The query of `of_subject`; a test looks at its plan.
pub const OF_SUBJECT: &str = rows!("subject_kind = $1 AND subject_id = $2 ORDER BY id DESC LIMIT $3");

/// What was done to something, the newest first.
///
/// # Errors
/// A database error.
pub async fn of_subject(db: &Db, subject: Subject, limit: i64) -> Result<Vec<AuditRow>, sqlx::Error> {
    read!(db, |c| sqlx::query_as(OF_SUBJECT)
        .bind(subject.kind())
        .bind(subject.id())
        .bind(limit)
        .fetch_all(c)
        .await)
}

/// The query of `of_person`; a test looks at its plan.
pub const OF_PERSON: &str = rows!("person_id = $1 ORDER BY id DESC LIMIT $2");

/// What a person did, and what the shell did in their name, the newest first.
///
/// # Errors
/// A database error.
pub async fn of_person(db: &Db, person: PersonId, limit: i64) -> Result<Vec<AuditRow>, sqlx::Error> {
    read!(db, |c| sqlx::query_as(OF_PERSON).bind(person).bind(limit).fetch_all(c).await)
}

/// A member of staff as the database has them now.
#[derive(FromRow)]
pub struct StaffRow {
    pub id: PersonId,
    pub display_name: String,
    pub msisdn: Msisdn,
    pub staff: Staff,
}

/// The member of staff with this id; `None` if they are none, or none any more.
///
/// # Errors
/// A database error.
pub async fn staff_by_id(db: &Db, person: PersonId) -> Result<Option<StaffRow>, sqlx::Error> {
    const FIND: &str = "SELECT id, display_name, msisdn, staff FROM people \
        WHERE id = $1 AND staff IS NOT NULL AND closed_at IS NULL";
    read!(db, |c| sqlx::query_as(FIND).bind(person).fetch_optional(c).await)
}

/// The member of staff with this number; `None` if they are none, or none any more.
///
/// # Errors
/// A database error.
pub async fn staff_by_msisdn(db: &Db, msisdn: &Msisdn) -> Result<Option<StaffRow>, sqlx::Error> {
    const FIND: &str = "SELECT id, display_name, msisdn, staff FROM people \
        WHERE msisdn = $1 AND staff IS NOT NULL AND closed_at IS NULL";
    read!(db, |c| sqlx::query_as(FIND).bind(msisdn).fetch_optional(c).await)
}
