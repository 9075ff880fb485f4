//! What a statement asks of the money that came in.

use chrono::{DateTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use crate::mpesa::Subject;
use crate::platform::db::{Tx, on};
use crate::types::Kes;

/// Money under a receipt that a statement names.
#[derive(Debug, Clone, FromRow)]
pub struct Told {
    pub amount_cents: Kes,
    pub purpose: Option<String>,
    pub subject_id: Option<Uuid>,
}

/// The query of `by_receipt`; a test looks at its plan.
pub const BY_RECEIPT: &str = "SELECT amount_cents, purpose, subject_id FROM money_in WHERE receipt = $1";

/// The money under this receipt, if we know of it.
///
/// # Errors
/// A database error.
pub async fn by_receipt(tx: &mut Tx, receipt: &str) -> Result<Option<Told>, sqlx::Error> {
    on!(tx, |c| sqlx::query_as(BY_RECEIPT).bind(receipt).fetch_optional(c).await)
}

/// The query of `is_suspended`; a test looks at its plan.
pub const SUSPENDED: &str = "SELECT EXISTS (SELECT 1 FROM money_in WHERE state = 'suspense' \
    AND told_at >= $2 AND amount_cents = $1)";

/// Whether money of this amount, told since a moment, lies in suspense.
///
/// # Errors
/// A database error.
pub async fn is_suspended(tx: &mut Tx, amount: Kes, since: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    on!(tx, |c| sqlx::query_scalar(SUSPENDED).bind(amount).bind(since).fetch_one(c).await)
}

/// The query of `is_noted`; a test looks at its plan.
pub const NOTED: &str = "SELECT EXISTS (SELECT 1 FROM mpesa_events \
    WHERE purpose = $1 AND subject_id = $2 AND kind = $3 AND receipt = $4)";

/// Whether a fact of this kind is known of a subject and a receipt.
///
/// # Errors
/// A database error.
pub async fn is_noted(
    tx: &mut Tx,
    subject: Subject,
    kind: &str,
    receipt: &str,
) -> Result<bool, sqlx::Error> {
    on!(tx, |c| {
        let noted = sqlx::query_scalar(NOTED).bind(subject.purpose.as_str()).bind(subject.id);
        noted.bind(kind).bind(receipt).fetch_one(c).await
    })
}
