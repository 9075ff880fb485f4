//! Counts prompts for the limits. A push that was certainly not taken is no prompt.

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use crate::platform::db::{Tx, TxConnection, on};
use crate::types::{Kes, Msisdn, PersonId};

/// Waits until no other transaction counts and sends for this number. It does nothing on SQLite, which has
/// one writer.
///
/// # Errors
/// A database error.
pub async fn lock_number(tx: &mut Tx, msisdn: &Msisdn) -> Result<(), sqlx::Error> {
    const LOCK: &str = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";
    match &mut tx.connection {
        TxConnection::Sqlite(_) => Ok(()),
        TxConnection::Postgres(transaction) => {
            sqlx::query(LOCK).bind(msisdn).execute(&mut **transaction).await.map(|_| ())
        }
    }
}

/// When the newest pending push to a number was made; `None` if there is none after `since`.
///
/// # Errors
/// A database error.
pub async fn newest_pending(
    tx: &mut Tx,
    msisdn: &Msisdn,
    since: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    const FIND: &str =
        "SELECT MAX(pushed_at) FROM payments WHERE msisdn = $1 AND pushed_at > $2 AND status = 'pending'";
    on!(tx, |c| sqlx::query_scalar(FIND).bind(msisdn).bind(since).fetch_one(c).await)
}

/// The query of `prompts_to`; a test looks at its plan.
pub const PROMPTS_TO: &str = "SELECT
        COUNT(CASE WHEN pushed_at > $2 AND (status = 'pending' OR result_code IN ('1019', '1036', '1037')) \
        THEN 1 END), COUNT(*)
    FROM payments WHERE msisdn = $1 AND pushed_at > $3 AND push <> 'not_taken' \
    AND ($4 IS NULL OR buyer_id = $4)";

/// Counts the prompts to a number, of one buyer or of everybody, as `(unanswered, all)`: the unanswered ones
/// since `recent`, and all since `day`.
///
/// # Errors
/// A database error.
pub async fn prompts_to(
    tx: &mut Tx,
    msisdn: &Msisdn,
    buyer: Option<PersonId>,
    recent: DateTime<Utc>,
    day: DateTime<Utc>,
) -> Result<(i64, i64), sqlx::Error> {
    on!(tx, |c| sqlx::query_as(PROMPTS_TO).bind(msisdn).bind(recent).bind(day).bind(buyer).fetch_one(c).await)
}

/// The query of `has_ever_paid`; a test looks at its plan.
pub const HAS_EVER_PAID: &str =
    "SELECT EXISTS (SELECT 1 FROM payments WHERE msisdn = $1 AND status = 'completed')";

/// Whether a payment from this number was ever completed, whoever bought.
///
/// # Errors
/// A database error.
pub async fn has_ever_paid(tx: &mut Tx, msisdn: &Msisdn) -> Result<bool, sqlx::Error> {
    on!(tx, |c| sqlx::query_scalar(HAS_EVER_PAID).bind(msisdn).fetch_one(c).await)
}

/// How many payments a buyer started since a moment, also those that Safaricom refused.
///
/// # Errors
/// A database error.
pub async fn starts_of_buyer(tx: &mut Tx, buyer: PersonId, since: DateTime<Utc>) -> Result<i64, sqlx::Error> {
    const COUNT: &str = "SELECT COUNT(*) FROM payments WHERE buyer_id = $1 AND pushed_at > $2";
    on!(tx, |c| sqlx::query_scalar(COUNT).bind(buyer).bind(since).fetch_one(c).await)
}

/// The query of `prompts_of_buyer`; a test looks at its plan.
pub const PROMPTS_OF_BUYER: &str =
    "SELECT COUNT(*) FROM payments WHERE buyer_id = $1 AND pushed_at > $2 AND push <> 'not_taken'";

/// How many payments a buyer started since a moment, without those that Safaricom certainly did not take.
///
/// # Errors
/// A database error.
pub async fn prompts_of_buyer(
    tx: &mut Tx,
    buyer: PersonId,
    since: DateTime<Utc>,
) -> Result<i64, sqlx::Error> {
    on!(tx, |c| sqlx::query_scalar(PROMPTS_OF_BUYER).bind(buyer).bind(since).fetch_one(c).await)
}

/// What stands in a database.
#[derive(Debug, FromRow)]
pub struct Holds {
    /// All payments.
    pub payments: i64,
    /// Those of which the money is accounted for.
    pub completed: i64,
    /// What they cost together.
    #[sqlx(rename = "sum_cents")]
    pub sum: Kes,
}

/// How many payments there are, for somebody who decides what becomes of the database. It reads them all.
///
/// # Errors
/// A database error.
pub async fn holds(tx: &mut Tx) -> Result<Holds, sqlx::Error> {
    const COUNT: &str = "SELECT COUNT(*) AS payments,
            CAST(COALESCE(SUM(CASE WHEN status = 'completed' THEN 1 ELSE 0 END), 0) AS BIGINT) AS completed,
            CAST(COALESCE(SUM(CASE WHEN status = 'completed' THEN price_cents ELSE 0 END), 0) AS BIGINT)
                AS sum_cents
        FROM payments";
    on!(tx, |c| sqlx::query_as(COUNT).fetch_one(c).await)
}
