//! Lists of payments, for the people at the desk and for commands.

use chrono::{DateTime, Utc};

use super::columns;
use crate::payments::Payment;
use crate::platform::db::{Db, read};

/// The payments that a list is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    All,
    Review,
    Unresolved,
}

/// Pending payments that are old, the oldest first. A test looks at the plans of these three queries.
pub const UNRESOLVED: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM payments p WHERE p.status = 'pending' AND p.pushed_at < $2 ORDER BY p.pushed_at, p.id LIMIT $1"
);

/// Payments that a person must look at: those under review, and those whose buyer claims to have paid.
pub const REVIEW: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM payments p WHERE p.id IN (SELECT r.id FROM payments r WHERE r.review_reason IS NOT NULL
        UNION SELECT c.payment_id FROM payment_claims c JOIN payments r ON r.id = c.payment_id
            WHERE c.closed_at IS NULL AND r.status <> 'completed')
      AND $2 IS NOT NULL ORDER BY p.pushed_at DESC, p.id DESC LIMIT $1"
);

/// All payments, the newest first.
pub const ALL: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM payments p WHERE $2 IS NOT NULL ORDER BY p.pushed_at DESC, p.id DESC LIMIT $1"
);

/// One of the lists, `limit` payments at most. `unresolved_before` is when a pending payment is so old that
/// somebody should look; the other lists do not use it.
///
/// # Errors
/// A database error.
pub async fn list(
    db: &Db,
    which: Which,
    unresolved_before: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Payment>, sqlx::Error> {
    let list = match which {
        Which::All => ALL,
        Which::Review => REVIEW,
        Which::Unresolved => UNRESOLVED,
    };
    read!(db, |c| sqlx::query_as(list).bind(limit).bind(unresolved_before).fetch_all(c).await)
}

/// The payments pushed from `from` on and before `until`, the oldest first.
///
/// # Errors
/// A database error.
pub async fn between(
    db: &Db,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Vec<Payment>, sqlx::Error> {
    const BETWEEN: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM payments p WHERE p.pushed_at >= $1 AND p.pushed_at < $2 ORDER BY p.pushed_at, p.id"
    );
    read!(db, |c| sqlx::query_as(BETWEEN).bind(from).bind(until).fetch_all(c).await)
}
