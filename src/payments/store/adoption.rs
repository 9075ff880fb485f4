//! The SQL that brings payments of older versions under the rules of money that has a receipt.

use chrono::{DateTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use crate::platform::db::{Db, Tx, changes_one, on, read};
use crate::types::{Kes, PaymentId};

/// A completed payment whose money was booked as collected.
#[derive(Debug, Clone, FromRow)]
pub struct Unnamed {
    pub id: PaymentId,
    #[sqlx(rename = "price_cents")]
    pub price: Kes,
}

/// Completed payments that have no receipt which a machine named and do not await one, after the payment
/// `after` in the order of their ids, `limit` at most.
///
/// # Errors
/// A database error.
pub async fn unnamed(db: &Db, after: Uuid, limit: i64) -> Result<Vec<Unnamed>, sqlx::Error> {
    const FIND: &str = "SELECT p.id, p.price_cents FROM payments p
        WHERE p.id > $1 AND p.status = 'completed' AND NOT p.awaits_receipt
            AND NOT EXISTS (SELECT 1 FROM money_in m
                WHERE m.purpose = 'payment' AND m.subject_id = p.id AND m.state = 'matched' AND m.named_at IS NOT NULL)
        ORDER BY p.id LIMIT $2";
    read!(db, |c| sqlx::query_as(FIND).bind(after).bind(limit).fetch_all(c).await)
}

/// Has a payment await its receipt. Returns false if it does already, or if a machine named the receipt
/// meanwhile.
///
/// Whoever names a receipt writes the payment's row, so that is locked first: the second statement sees
/// everything that was committed before.
///
/// # Errors
/// A database error.
pub async fn await_receipt(tx: &mut Tx, payment: PaymentId) -> Result<bool, sqlx::Error> {
    const LOCK: &str = "UPDATE payments SET awaits_receipt = awaits_receipt WHERE id = $1 \
        AND status = 'completed' AND NOT awaits_receipt";
    const AWAIT: &str = "UPDATE payments SET awaits_receipt = TRUE WHERE id = $1
        AND NOT EXISTS (SELECT 1 FROM money_in m
            WHERE m.purpose = 'payment' AND m.subject_id = payments.id AND m.state = 'matched'
                AND m.named_at IS NOT NULL)";
    if !changes_one!(tx, sqlx::query(LOCK).bind(payment))? {
        return Ok(false);
    }
    changes_one!(tx, sqlx::query(AWAIT).bind(payment))
}

/// The payment's reference, and whether money of this amount may lie under it: it is not completed, can still buy
/// its tip, and its price is another one. The price itself completes it when it is told again.
///
/// # Errors
/// A database error.
pub async fn home(
    tx: &mut Tx,
    payment: PaymentId,
    amount: Kes,
    now: DateTime<Utc>,
) -> Result<(String, bool), sqlx::Error> {
    const FIND: &str = "SELECT p.account_reference,
            p.status <> 'completed' AND p.price_cents <> $3 AND t.status = 'active' AND t.first_kick_off_at > $2
                AND b.closed_at IS NULL AND NOT EXISTS (SELECT 1 FROM purchases o
                    WHERE o.tip_id = p.tip_id AND o.buyer_id = p.buyer_id)
        FROM payments p JOIN tips t ON t.id = p.tip_id JOIN people b ON b.id = p.buyer_id WHERE p.id = $1";
    on!(tx, |c| sqlx::query_as(FIND).bind(payment).bind(now).bind(amount).fetch_one(c).await)
}

/// Adds to what lies in suspense under a payment. Returns false if it is completed.
///
/// # Errors
/// A database error.
pub async fn add_suspense(tx: &mut Tx, payment: PaymentId, amount: Kes) -> Result<bool, sqlx::Error> {
    const ADD: &str = "UPDATE payments SET suspense_cents = suspense_cents + $2
        WHERE id = $1 AND status <> 'completed'";
    changes_one!(tx, sqlx::query(ADD).bind(payment).bind(amount))
}
