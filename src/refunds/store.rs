//! The rows of debts.

use chrono::{DateTime, Utc};

use super::Debt;
use crate::platform::db::{Tx, changes_one, on};
use crate::types::{Kes, Msisdn, PaymentId};

/// Writes a debt. Returns false if the payment has one: it is owed at most once.
///
/// # Errors
/// A database error.
pub async fn insert_debt(tx: &mut Tx, debt: &Debt) -> Result<bool, sqlx::Error> {
    const INSERT: &str = "INSERT INTO debts (payment_id, msisdn, owed_cents, status, reason, owed_at, due_at)
        VALUES ($1, $2, $3, 'owed', $4, $5, $6) ON CONFLICT DO NOTHING";
    changes_one!(tx, {
        let insert =
            sqlx::query(INSERT).bind(debt.payment).bind(&debt.msisdn).bind(debt.owed).bind(debt.reason);
        insert.bind(debt.owed_at).bind(debt.due_at)
    })
}

/// What is owed for a payment, and to which number; `None` if nothing is, or not any more.
///
/// # Errors
/// A database error.
pub async fn owed(tx: &mut Tx, payment: PaymentId) -> Result<Option<(Kes, Msisdn)>, sqlx::Error> {
    const OWED: &str = "SELECT owed_cents, msisdn FROM debts WHERE payment_id = $1 AND status = 'owed'";
    on!(tx, |c| sqlx::query_as(OWED).bind(payment).fetch_optional(c).await)
}

/// Marks a debt as paid back with this M-Pesa receipt, and returns what was owed. `None` if nothing is owed
/// for the payment, or not any more; then nothing is written.
///
/// # Errors
/// A database error.
pub async fn mark_paid(
    tx: &mut Tx,
    payment: PaymentId,
    receipt: &str,
    at: DateTime<Utc>,
) -> Result<Option<Kes>, sqlx::Error> {
    const MARK: &str = "UPDATE debts SET status = 'paid', receipt = $2, paid_at = $3 WHERE payment_id = $1 AND status = 'owed' RETURNING owed_cents";
    on!(tx, |c| sqlx::query_scalar(MARK).bind(payment).bind(receipt).bind(at).fetch_optional(c).await)
}

/// Whether this receipt belongs to a refund already.
///
/// # Errors
/// A database error.
pub async fn is_used(tx: &mut Tx, receipt: &str) -> Result<bool, sqlx::Error> {
    const USED: &str = "SELECT EXISTS (SELECT 1 FROM debts WHERE receipt = $1)";
    on!(tx, |c| sqlx::query_scalar(USED).bind(receipt).fetch_one(c).await)
}
