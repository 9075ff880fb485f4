//! What the reconciler has to do: payments to ask about, and shares to release.

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use crate::jobs::Waiting;
use crate::payments::Status;
use crate::platform::db::{Db, Tx, changes_one, execute, read};
use crate::platform::lease::Held;
use crate::types::{Kes, PaymentId, PersonId};

/// A payment whose next query is due, with what decides when it is asked the next time.
#[derive(Debug, Clone, FromRow)]
pub struct Due {
    pub id: PaymentId,
    pub status: Status,
    pub checkout_request_id: String,
    pub check_count: i64,
    pub next_check_at: DateTime<Utc>,
    pub pushed_at: DateTime<Utc>,
}

/// The query of `due` for payments that are old or not pending. A test looks at its plan.
pub const OLD: &str = "SELECT id, status, checkout_request_id, check_count, next_check_at, pushed_at \
    FROM payments
    WHERE next_check_at <= $1 AND checkout_request_id IS NOT NULL \
    AND NOT (status = 'pending' AND pushed_at > $2)
    ORDER BY CASE WHEN status = 'pending' THEN 0 ELSE 1 END, next_check_at, id LIMIT $3";

/// The query of `due` for pending payments that are young. A test looks at its plan.
pub const YOUNG: &str =
    "SELECT id, status, checkout_request_id, check_count, next_check_at, pushed_at FROM payments
    WHERE next_check_at <= $1 AND checkout_request_id IS NOT NULL AND status = 'pending' AND pushed_at > $2
    ORDER BY next_check_at, id LIMIT $3";

/// Payments whose next query is due, `limit` at most. With `is_young`, the pending ones pushed after
/// `young_since`; else all others, the pending ones first.
///
/// # Errors
/// A database error.
pub async fn due(
    db: &Db,
    now: DateTime<Utc>,
    young_since: DateTime<Utc>,
    is_young: bool,
    limit: i64,
) -> Result<Vec<Due>, sqlx::Error> {
    let find = if is_young { YOUNG } else { OLD };
    read!(db, |c| sqlx::query_as(find).bind(now).bind(young_since).bind(limit).fetch_all(c).await)
}

/// The query of `is_any`; a test looks at its plan.
pub const ANY: &str =
    "SELECT EXISTS (SELECT 1 FROM payments WHERE next_check_at <= $1 AND checkout_request_id IS NOT NULL)";

/// Whether any payment's next query is due.
///
/// # Errors
/// A database error.
pub async fn is_any(db: &Db, now: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    read!(db, |c| sqlx::query_scalar(ANY).bind(now).fetch_one(c).await)
}

/// The query of `waiting_questions`; a test looks at its plan.
pub const WAITING_QUESTIONS: &str = "SELECT COUNT(CASE WHEN next_check_at <= $1 THEN 1 END) AS due, \
        COUNT(CASE WHEN next_check_at > $1 THEN 1 END) AS later, CAST(0 AS BIGINT) AS dead, \
        MIN(CASE WHEN next_check_at <= $1 THEN next_check_at END) AS oldest_due_at
    FROM payments WHERE next_check_at IS NOT NULL AND checkout_request_id IS NOT NULL";

/// The questions that wait.
///
/// # Errors
/// A database error.
pub async fn waiting_questions(db: &Db, now: DateTime<Utc>) -> Result<Waiting, sqlx::Error> {
    read!(db, |c| sqlx::query_as(WAITING_QUESTIONS).bind(now).fetch_one(c).await)
}

/// Takes one due query by moving its time on to `next`. Returns false if the time was moved by somebody else,
/// or if another process has taken the lease since `held`.
///
/// The lease guards Safaricom's rate, which one process counts: a holder that was paused past its lease wakes
/// with a list of what was due, and asks nothing of it. That nothing is asked twice at a time does not hang on
/// the lease: whoever takes a query writes the row that this statement compares.
///
/// # Errors
/// A database error.
pub async fn take(
    tx: &mut Tx,
    due: &Due,
    next: Option<DateTime<Utc>>,
    held: Held,
) -> Result<bool, sqlx::Error> {
    const TAKE: &str = "UPDATE payments SET next_check_at = $3, check_count = check_count + 1 WHERE id = $1 \
        AND next_check_at = $2 AND EXISTS (SELECT 1 FROM leases WHERE name = $4 AND epoch = $5)";
    changes_one!(tx, {
        let take = sqlx::query(TAKE).bind(due.id).bind(due.next_check_at).bind(next);
        take.bind(held.name).bind(held.epoch)
    })
}

/// Undoes `take`, so that the query is due at `at`, unless something else has moved the time or the status
/// meanwhile.
///
/// # Errors
/// A database error.
pub async fn put_back(
    tx: &mut Tx,
    due: &Due,
    next: Option<DateTime<Utc>>,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    const PUT_BACK: &str = "UPDATE payments SET next_check_at = $2, check_count = $3
        WHERE id = $1 AND status = $4 AND (next_check_at = $5 OR (next_check_at IS NULL AND $5 IS NULL))";
    execute!(tx, {
        let put_back = sqlx::query(PUT_BACK).bind(due.id).bind(at).bind(due.check_count).bind(due.status);
        put_back.bind(next)
    })
}

/// Moves the next query of a pending payment to `at`, once in the payment's life and not before its first
/// query was asked. Returns whether it did.
///
/// # Errors
/// A database error.
pub async fn hint(tx: &mut Tx, payment: PaymentId, at: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    const HINT: &str = "UPDATE payments SET hinted = TRUE, next_check_at = $2 WHERE id = $1 \
        AND status = 'pending' AND check_count > 0 AND NOT hinted";
    changes_one!(tx, sqlx::query(HINT).bind(payment).bind(at))
}

/// A share that can be released.
#[derive(Debug, Clone, FromRow)]
pub struct Releasable {
    pub payment_id: PaymentId,
    pub tipster_id: PersonId,
    pub share_cents: Kes,
}

/// The query of `releasable`; a test looks at its plan. The payment is a subquery, so that the index of held
/// shares is walked row by row: with a join, PostgreSQL would expect most shares to be due and read all
/// payments. Of each receipt that was matched two sources must agree; what an operator claimed is one only
/// while no machine has named the receipt.
pub const RELEASABLE: &str = "SELECT b.payment_id, b.tipster_id, b.share_cents FROM purchases b
    WHERE b.released_at IS NULL AND b.release_after <= $1 \
    AND (SELECT p.receipt IS NOT NULL AND p.review_reason IS NULL
        AND EXISTS (SELECT 1 FROM money_in o WHERE o.receipt = p.receipt AND o.state = 'matched')
        AND NOT EXISTS (SELECT 1 FROM money_in m
            WHERE m.purpose = 'payment' AND m.subject_id = p.id AND m.state = 'matched'
                AND (m.named_at IS NOT NULL OR p.awaits_receipt)
                AND NOT COALESCE((m.callback_at IS NOT NULL OR m.c2b_at IS NOT NULL) AND m.query_at IS NOT NULL
                    OR (m.callback_at IS NOT NULL OR m.c2b_at IS NOT NULL) AND m.statement_at IS NOT NULL
                    OR m.query_at IS NOT NULL AND m.statement_at IS NOT NULL
                    OR m.callback_at IS NOT NULL AND m.c2b_at IS NOT NULL AND $3
                    OR p.first_operator IS NOT NULL AND m.operator_at IS NOT NULL
                        AND COALESCE(m.callback_at, m.query_at, m.c2b_at, m.statement_at) > p.ended_at
                    OR p.first_operator_id <> p.second_operator_id AND m.operator_at IS NOT NULL
                        AND COALESCE(m.callback_at, m.query_at, m.c2b_at, m.statement_at) IS NOT NULL, FALSE))
        FROM payments p WHERE p.id = b.payment_id)
    ORDER BY b.release_after, b.payment_id LIMIT $2";

/// Purchases whose hold is over, whose receipt is known, which nobody must look at, and of which two sources
/// agree (MONEY §4). A callback and a confirmation are two only if both must come from Safaricom's addresses.
/// The longest due come first.
///
/// # Errors
/// A database error.
pub async fn releasable(
    db: &Db,
    now: DateTime<Utc>,
    limit: i64,
    is_enforcing: bool,
) -> Result<Vec<Releasable>, sqlx::Error> {
    read!(db, |c| {
        let due = sqlx::query_as(RELEASABLE).bind(now).bind(limit);
        due.bind(is_enforcing).fetch_all(c).await
    })
}

/// The query of `waiting_releases`; a test looks at its plan.
pub const WAITING_RELEASES: &str = "SELECT COUNT(CASE WHEN release_after <= $1 THEN 1 END) AS due, \
        COUNT(CASE WHEN release_after > $1 THEN 1 END) AS later, CAST(0 AS BIGINT) AS dead, \
        MIN(CASE WHEN release_after <= $1 THEN release_after END) AS oldest_due_at
    FROM purchases WHERE released_at IS NULL";

/// The shares that are held. Those whose hold is over are due, also if they wait for a second source.
///
/// # Errors
/// A database error.
pub async fn waiting_releases(db: &Db, now: DateTime<Utc>) -> Result<Waiting, sqlx::Error> {
    read!(db, |c| sqlx::query_as(WAITING_RELEASES).bind(now).fetch_one(c).await)
}

/// Marks a purchase as released. Returns false if another call did.
///
/// # Errors
/// A database error.
pub async fn mark_released(tx: &mut Tx, payment: PaymentId, at: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    const MARK: &str = "UPDATE purchases SET released_at = $2 WHERE payment_id = $1 AND released_at IS NULL";
    changes_one!(tx, sqlx::query(MARK).bind(payment).bind(at))
}
