//! The rows of who follows which tipster.

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use crate::platform::cursor::Before;
use crate::platform::db::{Db, Tx, changes_one, execute, on, read};
use crate::types::PersonId;

/// A followed tipster, as the list shows them.
#[derive(Debug, Clone, FromRow)]
pub struct Followed {
    pub tipster_id: PersonId,
    pub display_name: String,
    pub is_verified: bool,
    /// When the person began to follow them.
    pub since: DateTime<Utc>,
    /// How many of their tips are on sale.
    pub on_sale: i64,
}

/// Whether this person is a tipster whose account is open.
///
/// # Errors
/// A database error.
pub async fn is_tipster(tx: &mut Tx, person: PersonId) -> Result<bool, sqlx::Error> {
    const IS: &str =
        "SELECT EXISTS (SELECT 1 FROM people WHERE id = $1 AND is_tipster AND closed_at IS NULL)";
    on!(tx, |c| sqlx::query_scalar(IS).bind(person).fetch_one(c).await)
}

/// How many tipsters a person follows.
///
/// # Errors
/// A database error.
pub async fn count(tx: &mut Tx, follower: PersonId) -> Result<i64, sqlx::Error> {
    const COUNT: &str = "SELECT COUNT(*) FROM follows WHERE follower_id = $1";
    on!(tx, |c| sqlx::query_scalar(COUNT).bind(follower).fetch_one(c).await)
}

/// Writes that a person follows a tipster from `at` on. Returns `false`, and changes nothing, if they do
/// already.
///
/// # Errors
/// A database error.
pub async fn insert(
    tx: &mut Tx,
    follower: PersonId,
    tipster: PersonId,
    at: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    const INSERT: &str = "INSERT INTO follows (follower_id, tipster_id, followed_at) VALUES ($1, $2, $3) \
        ON CONFLICT DO NOTHING";
    changes_one!(tx, sqlx::query(INSERT).bind(follower).bind(tipster).bind(at))
}

/// Deletes that a person follows a tipster. If they do not, nothing changes.
///
/// # Errors
/// A database error.
pub async fn delete(tx: &mut Tx, follower: PersonId, tipster: PersonId) -> Result<(), sqlx::Error> {
    const DELETE: &str = "DELETE FROM follows WHERE follower_id = $1 AND tipster_id = $2";
    execute!(tx, sqlx::query(DELETE).bind(follower).bind(tipster))
}

/// Whether a person follows a tipster.
///
/// # Errors
/// A database error.
pub async fn is_following(db: &Db, follower: PersonId, tipster: PersonId) -> Result<bool, sqlx::Error> {
    const IS: &str = "SELECT EXISTS (SELECT 1 FROM follows WHERE follower_id = $1 AND tipster_id = $2)";
    read!(db, |c| sqlx::query_scalar(IS).bind(follower).bind(tipster).fetch_one(c).await)
}

/// The SQL of `list`; a test looks at its plan.
pub const LIST: &str = "SELECT f.tipster_id, p.display_name, p.is_verified, f.followed_at AS since,
        (SELECT COUNT(*) FROM tips t \
            WHERE t.tipster_id = f.tipster_id AND t.status = 'active' AND t.sales_close_at > $2) AS on_sale
    FROM follows f JOIN people p ON p.id = f.tipster_id
    WHERE f.follower_id = $1 AND p.closed_at IS NULL AND (f.followed_at, f.tipster_id) < ($3, $4)
    ORDER BY f.followed_at DESC, f.tipster_id DESC LIMIT $5";

/// The open tipsters whom a person follows, from a cursor on, the last followed first.
///
/// # Errors
/// A database error.
pub async fn list(
    db: &Db,
    follower: PersonId,
    now: DateTime<Utc>,
    before: Before,
    limit: i64,
) -> Result<Vec<Followed>, sqlx::Error> {
    read!(db, |c| {
        let list = sqlx::query_as(LIST).bind(follower).bind(now).bind(before.at).bind(before.id);
        list.bind(limit).fetch_all(c).await
    })
}
