//! What the desk reads.

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use crate::platform::db::{Db, read};
use crate::tips::Bookmaker;
use crate::tips::store::IN_ORDER;
use crate::types::{Kes, Odds, TipId, TipResult};

/// A tip, with its clear content.
#[derive(FromRow)]
pub struct TipRow {
    pub id: TipId,
    pub tipster: String,
    pub bookmaker: Bookmaker,
    pub bet_code: String,
    pub odds_thousandths: Odds,
    #[sqlx(rename = "price_cents")]
    pub price: Kes,
    pub note: Option<String>,
    pub has_picture: bool,
    pub created_at: DateTime<Utc>,
    pub first_kick_off_at: DateTime<Utc>,
    pub sales_close_at: DateTime<Utc>,
    pub result: Option<TipResult>,
    pub units_thousandths: Option<i64>,
}

/// One match of a tip, with its pick.
#[derive(FromRow)]
pub struct LegRow {
    pub tip_id: TipId,
    pub position: i64,
    pub home_team: String,
    pub away_team: String,
    pub league: String,
    pub kick_off_at: DateTime<Utc>,
    pub market: String,
    pub selection: String,
    pub odds_thousandths: Odds,
    pub result: Option<TipResult>,
    pub score: Option<String>,
}

/// One time that a match was settled or opened again.
#[derive(FromRow)]
pub struct MatchEventRow {
    pub position: i64,
    pub result: Option<TipResult>,
    pub score: Option<String>,
    pub reason: String,
    pub by: String,
    pub happened_at: DateTime<Utc>,
}

macro_rules! tips {
    ($condition:literal) => {
        concat!(
            "SELECT t.id, p.display_name AS tipster, t.bookmaker, t.bet_code, t.odds_thousandths, \
                t.price_cents, t.note, t.has_picture,
                t.created_at, t.first_kick_off_at, t.sales_close_at, t.result, t.units_thousandths
             FROM tips t JOIN people p ON p.id = t.tipster_id WHERE ",
            $condition
        )
    };
}

/// The query of `waiting`; a test looks at its plan.
pub const WAITING: &str = tips!(
    "t.status = 'pending_approval' AND t.sales_close_at >= $1 AND (t.sales_close_at > $1 OR t.id > $2)
     ORDER BY t.sales_close_at, t.id LIMIT $3"
);

/// Tips that wait and whose sales close after the cursor `(close, tip)`, those that close soonest first.
///
/// # Errors
/// A database error.
pub async fn waiting(db: &Db, after: (DateTime<Utc>, TipId), limit: i64) -> Result<Vec<TipRow>, sqlx::Error> {
    read!(db, |c| sqlx::query_as(WAITING).bind(after.0).bind(after.1).bind(limit).fetch_all(c).await)
}

/// The query of `unsettled`; a test looks at its plan.
pub const UNSETTLED: &str = tips!(
    "t.result IS NULL AND t.status = 'active' AND t.first_kick_off_at <= $3
     AND t.first_kick_off_at >= $1 AND (t.first_kick_off_at > $1 OR t.id > $2)
     AND EXISTS (SELECT 1 FROM tip_matches m WHERE m.tip_id = t.id AND m.result IS NULL \
     AND m.kick_off_at <= $3)
     ORDER BY t.first_kick_off_at, t.id LIMIT $4"
);

/// Tips on sale or sold, after the cursor `(first kick-off, tip)`, of which a match began by `over_since` and
/// has no result. The first kick-off comes first.
///
/// # Errors
/// A database error.
pub async fn unsettled(
    db: &Db,
    after: (DateTime<Utc>, TipId),
    over_since: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<TipRow>, sqlx::Error> {
    read!(db, |c| sqlx::query_as(UNSETTLED)
        .bind(after.0)
        .bind(after.1)
        .bind(over_since)
        .bind(limit)
        .fetch_all(c)
        .await)
}

/// A tip that was approved; `None` for one that waits, was rejected or was withdrawn.
///
/// # Errors
/// A database error.
pub async fn offered(db: &Db, tip: TipId) -> Result<Option<TipRow>, sqlx::Error> {
    const OFFERED: &str = tips!("t.id = $1 AND t.status = 'active'");
    read!(db, |c| sqlx::query_as(OFFERED).bind(tip).fetch_optional(c).await)
}

/// The matches of these tips, tip by tip.
///
/// # Errors
/// A database error.
pub async fn legs(db: &Db, tips: &[TipId]) -> Result<Vec<LegRow>, sqlx::Error> {
    const LEGS: &str =
        "SELECT tip_id, position, home_team, away_team, league, kick_off_at, market, selection, \
            odds_thousandths, result, score
        FROM tip_matches WHERE tip_id IN (";
    if tips.is_empty() {
        return Ok(Vec::new());
    }
    read!(db, |c| {
        let mut legs = sqlx::QueryBuilder::new(LEGS);
        let mut list = legs.separated(", ");
        for tip in tips {
            list.push_bind(*tip);
        }
        legs.push(IN_ORDER);
        legs.build_query_as().fetch_all(c).await
    })
}

/// The newest `limit` things that were said of a tip's matches, the oldest of them first.
///
/// # Errors
/// A database error.
pub async fn history(db: &Db, tip: TipId, limit: i64) -> Result<Vec<MatchEventRow>, sqlx::Error> {
    const HISTORY: &str =
        "SELECT e.position, e.result, e.score, e.reason, p.display_name AS by, e.happened_at
        FROM result_events e JOIN people p ON p.id = e.person_id WHERE e.tip_id = $1 ORDER BY e.id DESC \
        LIMIT $2";
    let mut events: Vec<MatchEventRow> =
        read!(db, |c| sqlx::query_as(HISTORY).bind(tip).bind(limit).fetch_all(c).await)?;
    events.reverse();
    Ok(events)
}

/// Whether a tip waits for approval and can still be approved.
///
/// # Errors
/// A database error.
pub async fn is_waiting(db: &Db, tip: TipId, now: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    const IS: &str = "SELECT EXISTS (SELECT 1 FROM tips WHERE id = $1 AND status = 'pending_approval' \
        AND sales_close_at > $2)";
    read!(db, |c| sqlx::query_scalar(IS).bind(tip).bind(now).fetch_one(c).await)
}
