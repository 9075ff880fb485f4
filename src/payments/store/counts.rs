//! Counting prompts for the limits. A push that was certainly not taken is no prompt.

use chrono::{DateTime, Utc};

use crate::platform::db::{Tx, TxConnection, on};
use crate::types::{Msisdn, PersonId};

/// Lets one transaction at a time count and send for a number. SQLite has one writer anyway.
pub async fn lock_number(tx: &mut Tx, msisdn: &Msisdn) -> Result<(), sqlx::Error> {
    const LOCK: &str = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";
    match &mut tx.connection {
        TxConnection::Sqlite(_) => Ok(()),
        TxConnection::Postgres(transaction) => {
            sqlx::query(LOCK).bind(msisdn).execute(&mut **transaction).await.map(|_| ())
        }
    }
}

/// When the newest pending push to a number was sent, if it is younger than `since`.
pub async fn newest_pending(
    tx: &mut Tx,
    msisdn: &Msisdn,
    since: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    const FIND: &str =
        "SELECT MAX(pushed_at) FROM payments WHERE msisdn = $1 AND pushed_at > $2 AND status = 'pending'";
    on!(tx, |c| sqlx::query_scalar(FIND).bind(msisdn).bind(since).fetch_one(c).await)
}

pub const PROMPTS_TO: &str = "SELECT
        COUNT(CASE WHEN pushed_at > $2 AND (status = 'pending' OR result_code IN ('1019', '1036', '1037')) THEN 1 END), COUNT(*)
    FROM payments WHERE msisdn = $1 AND pushed_at > $3 AND push <> 'not_taken' AND ($4 IS NULL OR buyer_id = $4)";

/// `(unanswered, all)` prompts to a number, for one buyer or for everybody: unanswered since `recent`, all
/// since `day`.
pub async fn prompts_to(
    tx: &mut Tx,
    msisdn: &Msisdn,
    buyer: Option<PersonId>,
    recent: DateTime<Utc>,
    day: DateTime<Utc>,
) -> Result<(i64, i64), sqlx::Error> {
    on!(tx, |c| sqlx::query_as(PROMPTS_TO).bind(msisdn).bind(recent).bind(day).bind(buyer).fetch_one(c).await)
}

pub const HAS_EVER_PAID: &str =
    "SELECT EXISTS (SELECT 1 FROM payments WHERE msisdn = $1 AND status = 'completed')";

pub async fn has_ever_paid(tx: &mut Tx, msisdn: &Msisdn) -> Result<bool, sqlx::Error> {
    on!(tx, |c| sqlx::query_scalar(HAS_EVER_PAID).bind(msisdn).fetch_one(c).await)
}

/// Everything a buyer started, also what Safaricom refused.
pub async fn starts_of_buyer(tx: &mut Tx, buyer: PersonId, since: DateTime<Utc>) -> Result<i64, sqlx::Error> {
    const COUNT: &str = "SELECT COUNT(*) FROM payments WHERE buyer_id = $1 AND pushed_at > $2";
    on!(tx, |c| sqlx::query_scalar(COUNT).bind(buyer).bind(since).fetch_one(c).await)
}

pub const PROMPTS_OF_BUYER: &str =
    "SELECT COUNT(*) FROM payments WHERE buyer_id = $1 AND pushed_at > $2 AND push <> 'not_taken'";

pub async fn prompts_of_buyer(
    tx: &mut Tx,
    buyer: PersonId,
    since: DateTime<Utc>,
) -> Result<i64, sqlx::Error> {
    on!(tx, |c| sqlx::query_scalar(PROMPTS_OF_BUYER).bind(buyer).bind(since).fetch_one(c).await)
}
