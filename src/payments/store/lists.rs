//! Lists of payments, for the people at the desk and for commands.

use chrono::{DateTime, Utc};

use super::columns;
use crate::payments::Payment;
use crate::platform::db::{Db, Tx, on, read};
use crate::types::{Kes, PaymentId};

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

/// The query of `open_at_price`; a test looks at its plan.
pub const OPEN_AT_PRICE: &str = "SELECT id, account_reference FROM payments
    WHERE pushed_at > $1 AND price_cents = $2 AND status <> 'completed'";

/// The payments at a price that were pushed after `since` and are not completed, with their references.
///
/// # Errors
/// A database error.
pub async fn open_at_price(
    db: &Db,
    price: Kes,
    since: DateTime<Utc>,
) -> Result<Vec<(PaymentId, String)>, sqlx::Error> {
    read!(db, |c| sqlx::query_as(OPEN_AT_PRICE).bind(since).bind(price).fetch_all(c).await)
}

/// The query of `with_suspense`; a test looks at its plan.
pub const WITH_SUSPENSE: &str =
    "SELECT p.id FROM payments p JOIN tips t ON t.id = p.tip_id JOIN people b ON b.id = p.buyer_id
    WHERE p.suspense_cents > 0 AND (p.status = 'completed' OR t.status <> 'active' OR t.first_kick_off_at <= $2
        OR b.closed_at IS NOT NULL
        OR EXISTS (SELECT 1 FROM purchases o WHERE o.tip_id = p.tip_id AND o.buyer_id = p.buyer_id))
    ORDER BY p.pushed_at LIMIT $1";

/// The payments under which money lies in suspense and which can buy nothing any more, the oldest first.
///
/// # Errors
/// A database error.
pub async fn with_suspense(db: &Db, now: DateTime<Utc>, limit: i64) -> Result<Vec<PaymentId>, sqlx::Error> {
    read!(db, |c| sqlx::query_scalar(WITH_SUSPENSE).bind(limit).bind(now).fetch_all(c).await)
}

/// The query of `is_awaited`; a test looks at its plan.
pub const IS_AWAITED: &str =
    "SELECT EXISTS (SELECT 1 FROM payments WHERE awaits_receipt AND price_cents = $1)";

/// Whether a completed payment of this price awaits its receipt.
///
/// # Errors
/// A database error.
pub async fn is_awaited(tx: &mut Tx, price: Kes) -> Result<bool, sqlx::Error> {
    on!(tx, |c| sqlx::query_scalar(IS_AWAITED).bind(price).fetch_one(c).await)
}

/// The query of `count_awaiting`; a test looks at its plan.
pub const COUNT_AWAITING: &str = "SELECT COUNT(*) FROM payments WHERE awaits_receipt AND ended_at <= $1";

/// How many payments completed at a moment or before and still await their receipt.
///
/// # Errors
/// A database error.
pub async fn count_awaiting(db: &Db, at: DateTime<Utc>) -> Result<i64, sqlx::Error> {
    read!(db, |c| sqlx::query_scalar(COUNT_AWAITING).bind(at).fetch_one(c).await)
}
