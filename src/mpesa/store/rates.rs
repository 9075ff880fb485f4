//! The rows of buckets and rests. Each is written by compare-and-set, so that two servers that ask at once do
//! not take the same token.

use sqlx::FromRow;

use crate::mpesa::rate::{BackOff, TokenBucket};
use crate::platform::db::{ReadFrom, Tx, changes_one, read_from};

/// A row of `mpesa_rates`.
#[derive(Debug, Clone, FromRow)]
pub struct Rate {
    /// What it limits.
    pub name: String,
    /// What may be asked.
    #[sqlx(flatten)]
    pub bucket: TokenBucket,
    /// When nothing may be asked.
    #[sqlx(flatten)]
    pub back_off: BackOff,
}

/// The rows of these names, as far as there are any yet.
///
/// # Errors
/// A database error.
pub async fn find(from: impl Into<ReadFrom<'_>>, names: [&str; 2]) -> Result<Vec<Rate>, sqlx::Error> {
    const FIND: &str =
        "SELECT name, parts, filled_at, failures, quiet_until FROM mpesa_rates WHERE name IN ($1, $2)";
    let [first, second] = names;
    read_from!(from, |c| sqlx::query_as(FIND).bind(first).bind(second).fetch_all(c).await)
}

/// Writes what a bucket holds `after` something was taken, if it still holds what it held `before`; a bucket
/// without a row begins with `after`. Returns whether it did.
///
/// # Errors
/// A database error.
pub async fn put_bucket(
    tx: &mut Tx,
    name: &str,
    before: TokenBucket,
    after: TokenBucket,
) -> Result<bool, sqlx::Error> {
    const PUT: &str = "INSERT INTO mpesa_rates (name, parts, filled_at, failures) VALUES ($1, $2, $3, 0)
        ON CONFLICT (name) DO UPDATE SET parts = excluded.parts, filled_at = excluded.filled_at
        WHERE mpesa_rates.parts = $4 AND mpesa_rates.filled_at = $5";
    changes_one!(tx, {
        let put = sqlx::query(PUT).bind(name).bind(after.parts).bind(after.filled_at);
        put.bind(before.parts).bind(before.filled_at)
    })
}

/// Writes a rest, if the row still says what it said `before`. Returns whether it did.
///
/// # Errors
/// A database error.
pub async fn put_back_off(
    tx: &mut Tx,
    name: &str,
    before: BackOff,
    after: BackOff,
) -> Result<bool, sqlx::Error> {
    const PUT: &str = "UPDATE mpesa_rates SET failures = $2, quiet_until = $3 WHERE name = $1 \
        AND failures = $4 AND (quiet_until = $5 OR (quiet_until IS NULL AND $5 IS NULL))";
    changes_one!(tx, {
        let put = sqlx::query(PUT).bind(name).bind(after.failures).bind(after.quiet_until);
        put.bind(before.failures).bind(before.quiet_until)
    })
}

/// Ends the rests of a name, unless there was another one since `before` was read.
///
/// # Errors
/// A database error.
pub async fn end_back_off(tx: &mut Tx, name: &str, before: BackOff) -> Result<(), sqlx::Error> {
    put_back_off(tx, name, before, BackOff::default()).await.map(|_| ())
}
