//! The SQL of the demo's past: settled tips, the results of their matches, and purchases.

use chrono::{DateTime, Utc};
use sqlx::{FromRow, QueryBuilder};
use uuid::Uuid;

use crate::payments::store::purchases::NewPurchase;
use crate::platform::db::{Db, Tx, execute, on, read};
use crate::tips::{TipOutcome, TipStatus};
use crate::types::{Kes, PersonId, TipId, TipResult};

/// Whether any tip of a tipster has a result.
///
/// # Errors
/// A database error.
pub async fn has_settled(db: &Db, tipster: PersonId) -> Result<bool, sqlx::Error> {
    const HAS: &str = "SELECT EXISTS (SELECT 1 FROM tips WHERE tipster_id = $1 AND result IS NOT NULL)";
    read!(db, |c| sqlx::query_scalar(HAS).bind(tipster).fetch_one(c).await)
}

/// Sets the status of a tip.
///
/// # Errors
/// A database error.
pub async fn set_status(tx: &mut Tx, tip: TipId, status: TipStatus) -> Result<(), sqlx::Error> {
    const SET: &str = "UPDATE tips SET status = $2 WHERE id = $1";
    execute!(tx, sqlx::query(SET).bind(tip).bind(status))
}

/// Sets the result of a tip, its units, and when it was settled.
///
/// # Errors
/// A database error.
pub async fn settle(
    tx: &mut Tx,
    tip: TipId,
    outcome: TipOutcome,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    const SETTLE: &str = "UPDATE tips SET result = $2, units_thousandths = $3, settled_at = $4 WHERE id = $1";
    execute!(tx, sqlx::query(SETTLE).bind(tip).bind(outcome.result).bind(outcome.units_thousandths).bind(at))
}

/// The result of one match of a tip, and the operator who is named as its source. `position` counts from 1;
/// `event` is the id of the new event.
pub struct PastResult<'a> {
    pub event: Uuid,
    pub tip: TipId,
    pub position: i64,
    pub result: TipResult,
    pub score: Option<&'a str>,
    pub reason: &'a str,
    pub operator: PersonId,
    pub at: DateTime<Utc>,
}

/// Sets the result of a match, and writes the event that says who set it and why.
///
/// # Errors
/// A database error.
pub async fn set_match_result(tx: &mut Tx, new: &PastResult<'_>) -> Result<(), sqlx::Error> {
    const SET: &str = "UPDATE tip_matches SET result = $3, score = $4 WHERE tip_id = $1 AND position = $2";
    const EVENT: &str =
        "INSERT INTO result_events (id, tip_id, position, result, score, reason, person_id, happened_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    execute!(tx, sqlx::query(SET).bind(new.tip).bind(new.position).bind(new.result).bind(new.score))?;
    execute!(tx, {
        let insert = sqlx::query(EVENT)
            .bind(new.event)
            .bind(new.tip)
            .bind(new.position)
            .bind(new.result)
            .bind(new.score);
        insert.bind(new.reason).bind(new.operator).bind(new.at)
    })
}

/// A tip that can get made-up sales.
#[derive(Debug, Clone, FromRow)]
pub struct SoldTip {
    pub id: TipId,
    pub tipster_id: PersonId,
    #[sqlx(rename = "price_cents")]
    pub price: Kes,
    pub created_at: DateTime<Utc>,
    pub sales_close_at: DateTime<Utc>,
    pub last_kick_off_at: DateTime<Utc>,
}

/// Settled tips whose last match kicked off before a moment, in the order of their ids.
///
/// # Errors
/// A database error.
pub async fn settled_before(db: &Db, kicked_off_before: DateTime<Utc>) -> Result<Vec<SoldTip>, sqlx::Error> {
    const SETTLED: &str =
        "SELECT id, tipster_id, price_cents, created_at, sales_close_at, last_kick_off_at FROM tips
        WHERE status = 'active' AND result IS NOT NULL AND last_kick_off_at < $1 ORDER BY id";
    read!(db, |c| sqlx::query_as(SETTLED).bind(kicked_off_before).fetch_all(c).await)
}

/// Tips on sale, those whose sale closes soonest first.
///
/// # Errors
/// A database error.
pub async fn closing_soonest(db: &Db, now: DateTime<Utc>, limit: i64) -> Result<Vec<SoldTip>, sqlx::Error> {
    const SOONEST: &str =
        "SELECT id, tipster_id, price_cents, created_at, sales_close_at, last_kick_off_at FROM tips
        WHERE status = 'active' AND sales_close_at > $1 ORDER BY sales_close_at, id LIMIT $2";
    read!(db, |c| sqlx::query_as(SOONEST).bind(now).bind(limit).fetch_all(c).await)
}

/// Writes purchases whose shares are held. The list must not be empty.
///
/// # Errors
/// A database error.
pub async fn insert_purchases(tx: &mut Tx, purchases: &[&NewPurchase]) -> Result<(), sqlx::Error> {
    const INSERT: &str = "INSERT INTO purchases (payment_id, tip_id, buyer_id, tipster_id, price_cents, \
        share_cents, bought_at, release_after) ";
    on!(tx, |c| {
        let mut insert = QueryBuilder::new(INSERT);
        insert.push_values(purchases, |mut row, purchase| {
            row.push_bind(purchase.payment)
                .push_bind(purchase.tip)
                .push_bind(purchase.buyer)
                .push_bind(purchase.tipster);
            row.push_bind(purchase.price)
                .push_bind(purchase.share)
                .push_bind(purchase.bought_at)
                .push_bind(purchase.release_after);
        });
        insert.build().execute(c).await.map(|_| ())
    })
}
