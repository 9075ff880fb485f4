//! The rows of notices.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{NewNotice, NoticeKind, NoticeRow};
use crate::platform::cursor::Before;
use crate::platform::db::{Db, Tx, execute, on, read};
use crate::platform::random::Random;
use crate::types::{PaymentId, PersonId, TipId};

/// How many notices one statement writes.
const AT_ONCE: usize = 200;

/// Writes a notice, in the transaction of the event that it tells of.
///
/// # Errors
/// A database error.
pub async fn insert(tx: &mut Tx, new: &NewNotice<'_>) -> Result<(), sqlx::Error> {
    const INSERT: &str = "INSERT INTO notices (id, person_id, kind, tip_id, payment_id, detail, noticed_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    execute!(tx, {
        let insert =
            sqlx::query(INSERT).bind(new.id).bind(new.person).bind(new.kind).bind(new.tip).bind(new.payment);
        insert.bind(new.detail).bind(new.at)
    })
}

/// The SQL of `list`; a test looks at its plan.
pub const LIST: &str = "SELECT n.id, n.kind, n.tip_id, n.payment_id, n.detail, n.noticed_at, n.read_at, \
        w.display_name AS tipster, t.result
    FROM notices n LEFT JOIN tips t ON t.id = n.tip_id LEFT JOIN people w ON w.id = t.tipster_id
    WHERE n.person_id = $1 AND (n.noticed_at, n.id) < ($2, $3)
    ORDER BY n.noticed_at DESC, n.id DESC LIMIT $4";

/// The notices of a person from a cursor on, newest first.
///
/// # Errors
/// A database error.
pub async fn list(
    db: &Db,
    person: PersonId,
    before: Before,
    limit: i64,
) -> Result<Vec<NoticeRow>, sqlx::Error> {
    read!(db, |c| sqlx::query_as(LIST)
        .bind(person)
        .bind(before.at)
        .bind(before.id)
        .bind(limit)
        .fetch_all(c)
        .await)
}

/// Marks one notice as read, and returns its kind and what it is about. `None`, and nothing is changed, if it
/// is not this person's. A notice that was read before keeps its time.
///
/// # Errors
/// A database error.
pub async fn mark_read(
    tx: &mut Tx,
    person: PersonId,
    notice: Uuid,
    at: DateTime<Utc>,
) -> Result<Option<(NoticeKind, Option<TipId>, Option<PaymentId>)>, sqlx::Error> {
    const MARK: &str = "UPDATE notices SET read_at = COALESCE(read_at, $3) \
        WHERE id = $1 AND person_id = $2 RETURNING kind, tip_id, payment_id";
    on!(tx, |c| sqlx::query_as(MARK).bind(notice).bind(person).bind(at).fetch_optional(c).await)
}

/// Marks every unread notice of a person that came up to `until` as read at `at`.
///
/// # Errors
/// A database error.
pub async fn mark_all_read(
    tx: &mut Tx,
    person: PersonId,
    until: DateTime<Utc>,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    const MARK: &str =
        "UPDATE notices SET read_at = $3 WHERE person_id = $1 AND noticed_at <= $2 AND read_at IS NULL";
    execute!(tx, sqlx::query(MARK).bind(person).bind(until).bind(at))
}

/// The SQL of `purge_read`; a test looks at its plan.
pub const PURGE_READ: &str = "DELETE FROM notices WHERE read_at < $1";
/// The SQL of `purge_unread`; a test looks at its plan.
pub const PURGE_UNREAD: &str = "DELETE FROM notices WHERE noticed_at < $1";

/// Deletes all notices of a person whose account is being closed.
///
/// # Errors
/// A database error.
pub async fn delete_all(tx: &mut Tx, person: PersonId) -> Result<(), sqlx::Error> {
    const DELETE: &str = "DELETE FROM notices WHERE person_id = $1";
    execute!(tx, sqlx::query(DELETE).bind(person))
}

/// Deletes notices that were read before a moment.
///
/// # Errors
/// A database error.
pub async fn purge_read(tx: &mut Tx, before: DateTime<Utc>) -> Result<(), sqlx::Error> {
    execute!(tx, sqlx::query(PURGE_READ).bind(before))
}

/// Deletes notices that came before a moment, whether or not anybody has read them.
///
/// # Errors
/// A database error.
pub async fn purge_unread(tx: &mut Tx, before: DateTime<Utc>) -> Result<(), sqlx::Error> {
    execute!(tx, sqlx::query(PURGE_UNREAD).bind(before))
}

/// Tells everybody who follows a tipster of a new tip, in the transaction that puts it on sale. People who
/// take a break from buying are not told.
///
/// # Errors
/// A database error.
pub async fn tell_followers(
    tx: &mut Tx,
    random: &Random,
    tipster: PersonId,
    tip: TipId,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    const FOLLOWERS: &str = "SELECT f.follower_id FROM follows f JOIN people p ON p.id = f.follower_id
        WHERE f.tipster_id = $1 AND p.closed_at IS NULL AND (p.break_until IS NULL OR p.break_until <= $2)";
    const INSERT: &str = "INSERT INTO notices (id, person_id, kind, tip_id, noticed_at) ";
    let followers: Vec<PersonId> =
        on!(tx, |c| sqlx::query_scalar(FOLLOWERS).bind(tipster).bind(at).fetch_all(c).await)?;
    for some in followers.chunks(AT_ONCE) {
        on!(tx, |c| {
            let mut insert = sqlx::QueryBuilder::new(INSERT);
            insert.push_values(some, |mut row, follower| {
                row.push_bind(random.uuid(at))
                    .push_bind(*follower)
                    .push_bind(NoticeKind::NewTip)
                    .push_bind(tip)
                    .push_bind(at);
            });
            insert.build().execute(c).await.map(|_| ())
        })?;
    }
    Ok(())
}

/// Writes several notices in one statement; `new` must not be empty.
///
/// # Errors
/// A database error.
pub async fn insert_all(tx: &mut Tx, new: &[NewNotice<'_>]) -> Result<(), sqlx::Error> {
    on!(tx, |c| {
        let mut insert = sqlx::QueryBuilder::new(
            "INSERT INTO notices (id, person_id, kind, tip_id, payment_id, detail, noticed_at) ",
        );
        insert.push_values(new, |mut row, notice| {
            row.push_bind(notice.id).push_bind(notice.person).push_bind(notice.kind).push_bind(notice.tip);
            row.push_bind(notice.payment).push_bind(notice.detail.map(str::to_owned)).push_bind(notice.at);
        });
        insert.build().execute(c).await.map(|_| ())
    })
}
