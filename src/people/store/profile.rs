//! The rows behind a person's own account page, and what stands in the way of closing an account.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::FromRow;

use crate::platform::db::{Db, Tx, changes_one, execute, on, read};
use crate::types::{Kes, Msisdn, PersonId};

/// What a person's own account page shows.
#[derive(Debug, Clone, FromRow)]
pub struct AccountProfile {
    pub display_name: String,
    pub bio: String,
    /// The name of the portrait; `None` without one.
    pub picture: Option<String>,
    pub msisdn: Msisdn,
    /// Whether the number was proven by a code.
    pub is_proven: bool,
    pub created_at: DateTime<Utc>,
}

/// The profile of a person; `None` if there is no such person.
///
/// # Errors
/// A database error.
pub async fn profile(db: &Db, person: PersonId) -> Result<Option<AccountProfile>, sqlx::Error> {
    const FIND: &str = "SELECT display_name, bio, picture, msisdn, \
        number_proven_at IS NOT NULL AS is_proven, created_at FROM people WHERE id = $1";
    read!(db, |c| sqlx::query_as(FIND).bind(person).fetch_optional(c).await)
}

/// The hash of a person's password; `None` if the account is closed or there is none.
///
/// # Errors
/// A database error.
pub async fn password_hash(db: &Db, person: PersonId) -> Result<Option<String>, sqlx::Error> {
    const FIND: &str = "SELECT password_hash FROM people WHERE id = $1 AND closed_at IS NULL";
    read!(db, |c| sqlx::query_scalar(FIND).bind(person).fetch_optional(c).await)
}

/// Sets the password if its hash is still `old_hash`. Returns `false` if it was changed meanwhile.
///
/// # Errors
/// A database error.
pub async fn replace_password(
    tx: &mut Tx,
    person: PersonId,
    old_hash: &str,
    new_hash: &str,
) -> Result<bool, sqlx::Error> {
    const REPLACE: &str = "UPDATE people SET password_hash = $3 WHERE id = $1 AND password_hash = $2";
    changes_one!(tx, { sqlx::query(REPLACE).bind(person).bind(old_hash).bind(new_hash) })
}

/// Sets the name, its skeleton and the words about themself.
///
/// # Errors
/// A database error, which is a unique violation if another tipster has the skeleton (`names::taken`).
pub async fn set_profile(
    tx: &mut Tx,
    person: PersonId,
    display_name: &str,
    skeleton: Option<&str>,
    bio: &str,
) -> Result<(), sqlx::Error> {
    const SET: &str = "UPDATE people SET display_name = $2, name_skeleton = $3, bio = $4 WHERE id = $1";
    execute!(tx, sqlx::query(SET).bind(person).bind(display_name).bind(skeleton).bind(bio))
}

/// Sets the name of a person's portrait, and returns the name before. The caller has locked the person's row.
/// For a closed account it changes nothing and returns `None`.
///
/// # Errors
/// A database error.
pub async fn swap_picture(
    tx: &mut Tx,
    person: PersonId,
    name: Option<&str>,
) -> Result<Option<Option<String>>, sqlx::Error> {
    const BEFORE: &str = "SELECT picture FROM people WHERE id = $1 AND closed_at IS NULL";
    const SET: &str = "UPDATE people SET picture = $2 WHERE id = $1 AND closed_at IS NULL";
    let before = on!(tx, |c| sqlx::query_scalar(BEFORE).bind(person).fetch_optional(c).await)?;
    execute!(tx, sqlx::query(SET).bind(person).bind(name))?;
    Ok(before)
}

/// What stands in the way of closing a person's account.
#[derive(Debug, FromRow)]
pub struct Unfinished {
    /// The person's balances of the ledger, held and available together.
    pub balance_cents: Kes,
    /// What must come back from them: zero or below.
    pub clawback_cents: Kes,
    /// Payments of theirs that are owed to their payer and not paid back yet.
    pub owed_count: i64,
    /// Pending payments in which they buy or sell.
    pub pending_count: i64,
    pub on_sale_count: i64,
    pub break_until: Option<DateTime<Utc>>,
}

/// Reads what stands in the way of closing a person's account.
///
/// # Errors
/// A database error, also if there is no such person.
pub async fn unfinished(
    tx: &mut Tx,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<Unfinished, sqlx::Error> {
    const FIND: &str = "SELECT
            CAST((SELECT COALESCE(SUM(a.balance_cents), 0) FROM accounts a WHERE a.person_id = $1 \
                AND a.balance_cents > 0) AS BIGINT) AS balance_cents,
            CAST((SELECT COALESCE(SUM(a.balance_cents), 0) FROM accounts a WHERE a.person_id = $1 \
                AND a.balance_cents < 0) AS BIGINT) AS clawback_cents,
            (SELECT COUNT(*) FROM payments p JOIN debts d ON d.payment_id = p.id \
                WHERE p.buyer_id = $1 AND d.status <> 'paid') AS owed_count,
            (SELECT COUNT(*) FROM payments p \
                WHERE p.status = 'pending' AND (p.buyer_id = $1 OR p.tipster_id = $1)) AS pending_count,
            (SELECT COUNT(*) FROM tips t \
                WHERE t.tipster_id = $1 AND t.status = 'active' AND t.sales_close_at > $2) AS on_sale_count,
            w.break_until
        FROM people w WHERE w.id = $1";
    on!(tx, |c| sqlx::query_as(FIND).bind(person).bind(now).fetch_one(c).await)
}

/// Closes an account: deletes what is personal, and frees the number and the handle. The row stays, because
/// the books name it.
///
/// # Errors
/// A database error.
pub async fn close(
    tx: &mut Tx,
    person: PersonId,
    msisdn: &Msisdn,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    const CLOSE: &str =
        "UPDATE people SET display_name = 'Closed account', handle = NULL, name_skeleton = NULL, \
            name_doubted_at = NULL, bio = '',
            picture = NULL, password_hash = 'closed', msisdn = $2, birth_date = $3, is_verified = FALSE, \
            number_proven_at = NULL,
            break_until = NULL, break_kind = NULL, closed_at = $4 WHERE id = $1";
    const UNFOLLOW: &str = "DELETE FROM follows WHERE follower_id = $1 OR tipster_id = $1";
    const LIMITS: &str = "DELETE FROM spend_limits WHERE person_id = $1";
    const CLAIMS: &str = "DELETE FROM payment_claims WHERE person_id = $1";
    const CODES: &str = "DELETE FROM codes WHERE msisdn = $1 OR person_id = $2";
    let (freed, no_day) =
        (format!("closed:{person}"), NaiveDate::from_ymd_opt(1900, 1, 1).unwrap_or_default());
    execute!(tx, sqlx::query(CLOSE).bind(person).bind(freed).bind(no_day).bind(now))?;
    for delete in [UNFOLLOW, LIMITS, CLAIMS] {
        execute!(tx, sqlx::query(delete).bind(person))?;
    }
    execute!(tx, sqlx::query(CODES).bind(msisdn).bind(person))
}
