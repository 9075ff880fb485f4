//! The rows of M-Pesa codes that buyers typed.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::platform::db::{Tx, changes, changes_one, execute, on};
use crate::types::{PaymentId, PersonId};

/// Keeps a code that a buyer typed for a payment; it stays open until an operator has looked.
///
/// # Errors
/// A database error.
pub async fn insert(
    tx: &mut Tx,
    id: Uuid,
    payment: PaymentId,
    person: PersonId,
    receipt: &str,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    const INSERT: &str = "INSERT INTO payment_claims (id, payment_id, person_id, receipt, claimed_at) \
        VALUES ($1, $2, $3, $4, $5)";
    execute!(tx, sqlx::query(INSERT).bind(id).bind(payment).bind(person).bind(receipt).bind(at))
}

/// How many codes a person has typed since a moment, for all their payments.
///
/// # Errors
/// A database error.
pub async fn count_since(tx: &mut Tx, person: PersonId, since: DateTime<Utc>) -> Result<i64, sqlx::Error> {
    const COUNT: &str = "SELECT COUNT(*) FROM payment_claims WHERE person_id = $1 AND claimed_at > $2";
    on!(tx, |c| sqlx::query_scalar(COUNT).bind(person).bind(since).fetch_one(c).await)
}

/// Closes all claims of a payment, because an operator has looked. Returns whether one was open.
///
/// # Errors
/// A database error.
pub async fn close(tx: &mut Tx, payment: PaymentId, at: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    const CLOSE: &str =
        "UPDATE payment_claims SET closed_at = $2 WHERE payment_id = $1 AND closed_at IS NULL";
    changes!(tx, sqlx::query(CLOSE).bind(payment).bind(at)).map(|rows| rows > 0)
}

/// Moves the next query of a payment forward to `at`, because its payer asks for it `now`. Returns whether it
/// did. It does not if the payer asked after `last_before`, if the first query of a pending payment is still to
/// come by itself, or if the payment ended unpaid and was pushed before `ended_since`.
///
/// # Errors
/// A database error.
pub async fn ask_again(
    tx: &mut Tx,
    payment: PaymentId,
    now: DateTime<Utc>,
    at: DateTime<Utc>,
    last_before: DateTime<Utc>,
    ended_since: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    const ASK: &str = "UPDATE payments SET asked_again_at = $2,
            next_check_at = CASE WHEN next_check_at IS NULL OR next_check_at > $3 THEN $3 \
            ELSE next_check_at END
        WHERE id = $1 AND checkout_request_id IS NOT NULL AND (asked_again_at IS NULL OR asked_again_at <= $4)
            AND ((status = 'pending' AND check_count > 0) \
            OR (status IN ('failed', 'cancelled') AND pushed_at > $5))";
    changes_one!(tx, {
        sqlx::query(ASK).bind(payment).bind(now).bind(at).bind(last_before).bind(ended_since)
    })
}
