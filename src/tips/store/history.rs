//! What the demo's past writes: tips that are over, with the results of their matches.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{PersonId, TipId};
use crate::platform::db::{Db, Tx, on, read};

/// Whether anything of a tipster has settled.
pub async fn has_settled(db: &Db, tipster: PersonId) -> Result<bool, sqlx::Error> {
    const HAS: &str = "SELECT EXISTS (SELECT 1 FROM tips WHERE tipster_id = $1 AND result IS NOT NULL)";
    read!(db, c => sqlx::query_scalar(HAS).bind(tipster).fetch_one(c).await)
}

pub async fn set_status(tx: &mut Tx, tip: TipId, status: &str) -> Result<(), sqlx::Error> {
    const SET: &str = "UPDATE tips SET status = $2 WHERE id = $1";
    on!(tx, c => sqlx::query(SET).bind(tip).bind(status).execute(c).await.map(|_| ()))
}

/// What became of a tip, in thousandths of a unit.
pub async fn settle(tx: &mut Tx, tip: TipId, result: &str, units: i64, at: DateTime<Utc>) -> Result<(), sqlx::Error> {
    const SETTLE: &str = "UPDATE tips SET result = $2, units_thousandths = $3, settled_at = $4 WHERE id = $1";
    on!(tx, c => sqlx::query(SETTLE).bind(tip).bind(result).bind(units).bind(at).execute(c).await.map(|_| ()))
}

/// What became of one match, and who said so.
pub struct MatchResult<'a> {
    pub event: Uuid,
    pub tip: TipId,
    pub position: i64,
    pub result: &'a str,
    pub score: Option<&'a str>,
    pub reason: &'a str,
    pub operator: PersonId,
    pub at: DateTime<Utc>,
}

pub async fn set_match_result(tx: &mut Tx, new: &MatchResult<'_>) -> Result<(), sqlx::Error> {
    const SET: &str = "UPDATE tip_matches SET result = $3, score = $4 WHERE tip_id = $1 AND position = $2";
    const EVENT: &str = "INSERT INTO result_events (id, tip_id, position, result, score, reason, person_id, happened_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    on!(tx, c => sqlx::query(SET).bind(new.tip).bind(new.position).bind(new.result).bind(new.score).execute(c).await.map(|_| ()))?;
    on!(tx, c => {
        let insert = sqlx::query(EVENT).bind(new.event).bind(new.tip).bind(new.position).bind(new.result).bind(new.score);
        insert.bind(new.reason).bind(new.operator).bind(new.at).execute(c).await.map(|_| ())
    })
}
