//! What tipsters' records are made of: settled tips, read from an index alone.

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use crate::platform::db::{Db, read};
use crate::tips::record::{SettledTip, Tally};
use crate::types::PersonId;

/// A tipster as the public sees them: never with the phone number or with money.
#[derive(Debug, Clone, FromRow)]
pub struct TipsterRow {
    pub id: PersonId,
    pub handle: String,
    pub display_name: String,
    pub is_verified: bool,
    pub created_at: DateTime<Utc>,
}

/// A tipster, and the sums of the tips that were settled since a moment.
#[derive(Debug, Clone, FromRow)]
pub struct TallyRow {
    #[sqlx(flatten)]
    pub tipster: TipsterRow,
    #[sqlx(flatten)]
    pub tally: Tally,
}

/// A tipster, and what they show of themself.
#[derive(FromRow)]
pub struct ProfileRow {
    #[sqlx(flatten)]
    pub tipster: TipsterRow,
    pub bio: String,
    /// The file name of the portrait.
    pub picture: Option<String>,
}

/// The tipster with this handle; `None` if nobody who sells tips has it.
///
/// # Errors
/// A database error.
pub async fn tipster(db: &Db, handle: &str) -> Result<Option<ProfileRow>, sqlx::Error> {
    const FIND: &str = "SELECT id, handle, display_name, is_verified, created_at, bio, picture FROM people \
                        WHERE handle = $1 AND is_tipster";
    read!(db, |c| sqlx::query_as(FIND).bind(handle).fetch_optional(c).await)
}

/// The statement of [`settled`]. It is public so that a test can look at its query plan.
pub const SETTLED: &str =
    "SELECT id, settled_at, result, COALESCE(units_thousandths, 0) AS units_thousandths, odds_thousandths, \
     match_count
    FROM tips WHERE tipster_id = (SELECT id FROM people WHERE handle = $1 AND is_tipster) \
        AND settled_at >= $2 AND result IS NOT NULL
    ORDER BY settled_at DESC, id DESC LIMIT $3";

/// At most `limit` settled tips of a tipster since a moment, newest first.
///
/// # Errors
/// A database error.
pub async fn settled(
    db: &Db,
    handle: &str,
    since: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<SettledTip>, sqlx::Error> {
    read!(db, |c| sqlx::query_as(SETTLED).bind(handle).bind(since).bind(limit).fetch_all(c).await)
}

/// The sums of every tipster who had a tip settled since a moment. Closed accounts have no handle and are
/// left out.
///
/// # Errors
/// A database error.
pub async fn tallies(db: &Db, since: DateTime<Utc>) -> Result<Vec<TallyRow>, sqlx::Error> {
    const TALLIES: &str = "SELECT p.id, p.handle, p.display_name, p.is_verified, p.created_at,
            s.won, s.lost, s.void, s.units_thousandths, s.squares, s.odds_thousandths
        FROM (SELECT tipster_id, COUNT(CASE WHEN result = 'won' THEN 1 END) AS won, \
            COUNT(CASE WHEN result = 'lost' THEN 1 END) AS lost,
                COUNT(CASE WHEN result = 'void' THEN 1 END) AS void,
                CAST(COALESCE(SUM(units_thousandths), 0) AS BIGINT) AS units_thousandths,
                COALESCE(SUM(CASE WHEN result <> 'void' THEN CAST(units_thousandths AS DOUBLE PRECISION) * \
                    units_thousandths / 1000000 END), 0.0)
                    AS squares,
                CAST(COALESCE(SUM(CASE WHEN result <> 'void' THEN odds_thousandths END), 0) AS BIGINT) \
                    AS odds_thousandths
            FROM tips WHERE result IS NOT NULL AND settled_at >= $1 GROUP BY tipster_id) s
        JOIN people p ON p.id = s.tipster_id WHERE p.handle IS NOT NULL";
    read!(db, |c| sqlx::query_as(TALLIES).bind(since).fetch_all(c).await)
}
