//! The rows of spending limits, and the sums of what was spent.

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use crate::people::LimitPeriod;
use crate::platform::db::{ReadFrom, Tx, execute, on, read_from};
use crate::types::{Kes, Msisdn, PersonId};

/// The limit of one period. Cents of `None` are no limit.
#[derive(Debug, Clone, FromRow)]
pub struct LimitRow {
    pub period: LimitPeriod,
    pub limit_cents: Option<Kes>,
    /// The looser limit that holds from `next_at` on.
    pub next_cents: Option<Kes>,
    /// `None` if no other limit waits.
    pub next_at: Option<DateTime<Utc>>,
}

const LIMITS: &str = "SELECT period, limit_cents, next_cents, next_at FROM spend_limits WHERE person_id = $1";

/// The limits of a person. A period that never had a limit has no row.
///
/// # Errors
/// A database error.
pub async fn limits(from: impl Into<ReadFrom<'_>>, person: PersonId) -> Result<Vec<LimitRow>, sqlx::Error> {
    read_from!(from, |c| sqlx::query_as(LIMITS).bind(person).fetch_all(c).await)
}

/// Sets the limit of a period that holds now, and the one that waits, in place of what was there.
///
/// # Errors
/// A database error.
pub async fn set_limit(
    tx: &mut Tx,
    person: PersonId,
    period: LimitPeriod,
    limit: Option<Kes>,
    next: Option<(Option<Kes>, DateTime<Utc>)>,
) -> Result<(), sqlx::Error> {
    const SET: &str = "INSERT INTO spend_limits (person_id, period, limit_cents, next_cents, next_at) \
            VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (person_id, period) DO UPDATE SET limit_cents = $3, next_cents = $4, next_at = $5";
    let (next_cents, next_at) = next.map_or((None, None), |(cents, at)| (cents, Some(at)));
    execute!(tx, { sqlx::query(SET).bind(person).bind(period).bind(limit).bind(next_cents).bind(next_at) })
}

/// Copies a person's limits to the hash of the number that their closed account leaves, in place of older
/// ones.
///
/// # Errors
/// A database error.
pub async fn keep(
    tx: &mut Tx,
    person: PersonId,
    number_hash: &str,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    const KEEP: &str =
        "INSERT INTO kept_limits (number_hash, period, limit_cents, next_cents, next_at, kept_at)
        SELECT $2, period, limit_cents, next_cents, next_at, $3 FROM spend_limits WHERE person_id = $1
        ON CONFLICT (number_hash, period) DO UPDATE SET limit_cents = excluded.limit_cents, \
            next_cents = excluded.next_cents,
            next_at = excluded.next_at, kept_at = excluded.kept_at";
    execute!(tx, sqlx::query(KEEP).bind(person).bind(number_hash).bind(now))
}

/// Gives a new person the limits that were kept for their number, and deletes the kept ones.
///
/// # Errors
/// A database error.
pub async fn take_over(tx: &mut Tx, person: PersonId, number_hash: &str) -> Result<(), sqlx::Error> {
    const TAKE: &str = "INSERT INTO spend_limits (person_id, period, limit_cents, next_cents, next_at)
        SELECT $1, period, limit_cents, next_cents, next_at FROM kept_limits WHERE number_hash = $2";
    const DELETE: &str = "DELETE FROM kept_limits WHERE number_hash = $1";
    execute!(tx, sqlx::query(TAKE).bind(person).bind(number_hash))?;
    execute!(tx, sqlx::query(DELETE).bind(number_hash))
}

/// Deletes limits that were kept before a moment.
///
/// # Errors
/// A database error.
pub async fn purge_kept(tx: &mut Tx, before: DateTime<Utc>) -> Result<(), sqlx::Error> {
    const PURGE: &str = "DELETE FROM kept_limits WHERE kept_at < $1";
    execute!(tx, sqlx::query(PURGE).bind(before))
}

/// A person whose bounds a payment must keep; their row is locked until the transaction ends.
#[derive(Debug, FromRow)]
pub struct Bound {
    pub id: PersonId,
    pub msisdn: Msisdn,
    pub break_until: Option<DateTime<Utc>>,
}

/// Locks the buyer and whoever has the charged number. One row if they are the same person or nobody has the
/// number.
///
/// # Errors
/// A database error.
pub async fn lock_bounds(tx: &mut Tx, buyer: PersonId, charged: &Msisdn) -> Result<Vec<Bound>, sqlx::Error> {
    const LOCK: &str = "UPDATE people SET push_count = push_count WHERE id = $1 OR msisdn = $2 \
        RETURNING id, msisdn, break_until";
    on!(tx, |c| sqlx::query_as(LOCK).bind(buyer).bind(charged).fetch_all(c).await)
}

/// What a person spent since the day, the week and the month began: what they bought with any number, what
/// their number paid for anybody, and their own open payments. A payment that did not unlock a tip is not
/// counted. Open payments of others with their number are not counted either, so that nobody uses up somebody
/// else's limit by asking.
///
/// # Errors
/// A database error.
pub async fn spent(
    from: impl Into<ReadFrom<'_>>,
    person: PersonId,
    msisdn: &Msisdn,
    starts: Starts,
) -> Result<(Kes, Kes, Kes), sqlx::Error> {
    sums(from, SPENT, person, msisdn, starts).await
}

/// As `spent`, but with the open payments of everybody who asks the person's number to pay. Others are
/// checked against this sum, so that together they cannot pass the owner's limit.
///
/// # Errors
/// A database error.
pub async fn spent_by_number(
    tx: &mut Tx,
    person: PersonId,
    msisdn: &Msisdn,
    starts: Starts,
) -> Result<(Kes, Kes, Kes), sqlx::Error> {
    sums(tx, SPENT_BY_NUMBER, person, msisdn, starts).await
}

async fn sums(
    from: impl Into<ReadFrom<'_>>,
    sql: &'static str,
    person: PersonId,
    msisdn: &Msisdn,
    starts: Starts,
) -> Result<(Kes, Kes, Kes), sqlx::Error> {
    let (day, week, month) = starts;
    read_from!(from, |c| {
        let sums = sqlx::query_as(sql).bind(person).bind(msisdn).bind(day).bind(week).bind(month);
        sums.bind(week.min(month)).fetch_one(c).await
    })
}

/// When the day, the week and the month began.
pub type Starts = (DateTime<Utc>, DateTime<Utc>, DateTime<Utc>);

/// The SQL that sums what was paid and, of the open payments, those that fulfil a condition.
macro_rules! spent {
    ($open:literal) => {
        concat!(
            "SELECT CAST(COALESCE(SUM(CASE WHEN pushed_at >= $3 THEN price_cents ELSE 0 END), 0) AS BIGINT),
                CAST(COALESCE(SUM(CASE WHEN pushed_at >= $4 THEN price_cents ELSE 0 END), 0) AS BIGINT),
                CAST(COALESCE(SUM(CASE WHEN pushed_at >= $5 THEN price_cents ELSE 0 END), 0) AS BIGINT)
            FROM payments WHERE (buyer_id = $1 OR msisdn = $2) AND pushed_at >= $6
                AND ((status = 'completed' AND outcome = 'unlocked') OR (status = 'pending' AND open",
            $open,
            "))"
        )
    };
}

/// The SQL of `spent`; a test looks at its plan. `$6` is the earliest of the three starts.
pub const SPENT: &str = spent!(" AND buyer_id = $1");
/// The SQL of `spent_by_number`; a test looks at its plan.
pub const SPENT_BY_NUMBER: &str = spent!("");
