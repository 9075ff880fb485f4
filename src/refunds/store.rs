//! The rows of debts.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Debt, DebtStatus, KnownDebt, OpenDebt};
use crate::platform::db::{Db, Tx, changes_one, execute, on, read};
use crate::types::{Kes, Msisdn, PaymentId};

/// Writes a debt, which is payable as soon as the receipt of its money is known. Returns false if there is
/// one of this receipt and reason, or one of this payment without a receipt.
///
/// # Errors
/// A database error.
pub async fn insert_debt(tx: &mut Tx, debt: &Debt) -> Result<bool, sqlx::Error> {
    const INSERT: &str =
        "INSERT INTO debts (id, payment_id, receipt, msisdn, owed_cents, status, reason, owed_at, due_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING";
    let status = if debt.receipt.is_some() { DebtStatus::Payable } else { DebtStatus::Waiting };
    changes_one!(tx, {
        let insert = sqlx::query(INSERT).bind(debt.id).bind(debt.payment).bind(&debt.receipt);
        let insert = insert.bind(&debt.msisdn).bind(debt.owed).bind(status).bind(debt.reason);
        insert.bind(debt.owed_at).bind(debt.due_at)
    })
}

/// The debts of a payment that may be paid, the oldest first; or the debt of this id, if it is of no payment.
///
/// # Errors
/// A database error.
pub async fn open(tx: &mut Tx, of: Uuid) -> Result<Vec<OpenDebt>, sqlx::Error> {
    const OPEN: &str = "SELECT id, receipt, msisdn, owed_cents, reason FROM debts
        WHERE (payment_id = $1 OR (id = $1 AND payment_id IS NULL)) AND status IN ('waiting', 'payable') ORDER BY owed_at, id";
    on!(tx, |c| sqlx::query_as(OPEN).bind(of).fetch_all(c).await)
}

/// The query of `unpaid`; a test looks at its plan.
pub const UNPAID: &str = "SELECT id, payment_id, receipt, owed_cents, msisdn, status, reason, due_at
    FROM debts WHERE status <> 'paid' ORDER BY due_at, id LIMIT $1";

/// The debts that are not paid, the first due date first, `limit` at most.
///
/// # Errors
/// A database error.
pub async fn unpaid(db: &Db, limit: i64) -> Result<Vec<KnownDebt>, sqlx::Error> {
    read!(db, |c| sqlx::query_as(UNPAID).bind(limit).fetch_all(c).await)
}

/// The debt of this id, whatever it is of and wherever it stands.
///
/// # Errors
/// A database error.
pub async fn find(db: &Db, id: Uuid) -> Result<Option<KnownDebt>, sqlx::Error> {
    const FIND: &str = "SELECT id, payment_id, receipt, owed_cents, msisdn, status, reason, due_at
        FROM debts WHERE id = $1";
    read!(db, |c| sqlx::query_as(FIND).bind(id).fetch_optional(c).await)
}

/// Names the receipt of a payment's money, if it is owed and had none, or `was` only claimed, and the number that
/// surely paid it. It may be paid back already.
///
/// # Errors
/// A database error, also if the receipt is owed for the same reason elsewhere.
pub async fn name_receipt(
    tx: &mut Tx,
    payment: PaymentId,
    was: Option<&str>,
    (receipt, msisdn): (&str, Option<&Msisdn>),
) -> Result<(), sqlx::Error> {
    const NAME: &str =
        "UPDATE debts SET receipt = $2, msisdn = CASE WHEN status = 'paid' THEN msisdn ELSE $4 END,
            status = CASE status WHEN 'waiting' THEN 'payable' ELSE status END
        WHERE payment_id = $1 AND (receipt IS NULL OR receipt = $3)";
    execute!(tx, sqlx::query(NAME).bind(payment).bind(receipt).bind(was).bind(msisdn))
}

/// Names the number that surely paid a receipt, where it is owed and nobody knew.
///
/// # Errors
/// A database error.
pub async fn name_payer(tx: &mut Tx, receipt: &str, msisdn: &Msisdn) -> Result<(), sqlx::Error> {
    const NAME: &str = "UPDATE debts SET msisdn = $2
        WHERE receipt = $1 AND msisdn IS NULL AND status IN ('waiting', 'payable')";
    execute!(tx, sqlx::query(NAME).bind(receipt).bind(msisdn))
}

/// Takes the receipt from a payment's debt, which then waits for another one. It may be paid back already.
///
/// # Errors
/// A database error.
pub async fn unname_receipt(tx: &mut Tx, payment: PaymentId, receipt: &str) -> Result<(), sqlx::Error> {
    const UNNAME: &str = "UPDATE debts SET receipt = NULL,
            status = CASE status WHEN 'payable' THEN 'waiting' ELSE status END
        WHERE payment_id = $1 AND receipt = $2 AND reason NOT IN ('further_receipt', 'returned')";
    execute!(tx, sqlx::query(UNNAME).bind(payment).bind(receipt))
}

/// Marks a debt as paid back with this M-Pesa receipt, and returns what was owed. `None` if it is not owed any
/// more; then nothing is written.
///
/// # Errors
/// A database error.
pub async fn mark_paid(
    tx: &mut Tx,
    debt: Uuid,
    receipt: &str,
    at: DateTime<Utc>,
) -> Result<Option<Kes>, sqlx::Error> {
    const MARK: &str = "UPDATE debts SET status = 'paid', refund_receipt = $2, paid_at = $3
        WHERE id = $1 AND status IN ('waiting', 'payable') RETURNING owed_cents";
    on!(tx, |c| sqlx::query_scalar(MARK).bind(debt).bind(receipt).bind(at).fetch_optional(c).await)
}

/// Whether a debt of the payment, or the debt of this id, was marked paid with this receipt at this very moment: by a transaction of
/// which the answer was lost.
///
/// # Errors
/// A database error.
pub async fn is_marked_paid(
    tx: &mut Tx,
    of: Uuid,
    receipt: &str,
    at: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    const MARKED: &str = "SELECT EXISTS (SELECT 1 FROM debts
        WHERE (payment_id = $1 OR id = $1) AND refund_receipt = $2 AND paid_at = $3)";
    on!(tx, |c| sqlx::query_scalar(MARKED).bind(of).bind(receipt).bind(at).fetch_one(c).await)
}

/// Whether this receipt belongs to a refund already.
///
/// # Errors
/// A database error.
pub async fn is_used(tx: &mut Tx, receipt: &str) -> Result<bool, sqlx::Error> {
    const USED: &str = "SELECT EXISTS (SELECT 1 FROM debts WHERE refund_receipt = $1)";
    on!(tx, |c| sqlx::query_scalar(USED).bind(receipt).fetch_one(c).await)
}
