//! The rows of results: what was said of each match, and what its tip came to.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::MatchVerdict;
use crate::platform::db::{Tx, changes_one, execute, on};
use crate::tips::TipOutcome;
use crate::types::{Odds, PersonId, TipId, TipResult};

/// Whether a person bought a tip, or may still have, with a payment that has not ended.
pub async fn has_bought(tx: &mut Tx, tip: TipId, person: PersonId) -> Result<bool, sqlx::Error> {
    const HAS: &str = "SELECT EXISTS (SELECT 1 FROM purchases WHERE tip_id = $1 AND buyer_id = $2)
        OR EXISTS (SELECT 1 FROM payments WHERE tip_id = $1 AND buyer_id = $2 AND status = 'pending')";
    on!(tx, |c| sqlx::query_scalar(HAS).bind(tip).bind(person).fetch_one(c).await)
}

/// Takes the tip's row, under which its results are changed one at a time: its tipster and result, if it was
/// offered.
pub async fn hold(tx: &mut Tx, tip: TipId) -> Result<Option<(PersonId, Option<TipResult>)>, sqlx::Error> {
    const HOLD: &str = "UPDATE tips SET settled_at = settled_at WHERE id = $1 AND status = 'active' RETURNING tipster_id, result";
    on!(tx, |c| sqlx::query_as(HOLD).bind(tip).fetch_optional(c).await)
}

/// Whether the match was over and still as the operator saw it.
pub async fn settle_leg(
    tx: &mut Tx,
    said: &MatchVerdict<'_>,
    over_since: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    const SETTLE: &str = "UPDATE tip_matches SET result = $4, score = $5
        WHERE tip_id = $1 AND position = $2 AND COALESCE(result, '') = $3 AND kick_off_at <= $6";
    changes_one!(tx, {
        let settle = sqlx::query(SETTLE)
            .bind(said.tip)
            .bind(said.position)
            .bind(said.was.map_or("", TipResult::as_str));
        settle.bind(said.result).bind(said.score).bind(over_since)
    })
}

/// Whether a match of a tip began by then.
pub async fn has_one_over(tx: &mut Tx, tip: TipId, over_since: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    const HAS: &str = "SELECT EXISTS (SELECT 1 FROM tip_matches WHERE tip_id = $1 AND kick_off_at <= $2)";
    on!(tx, |c| sqlx::query_scalar(HAS).bind(tip).bind(over_since).fetch_one(c).await)
}

/// When a match began, and its result.
pub async fn leg(
    tx: &mut Tx,
    tip: TipId,
    position: i64,
) -> Result<Option<(DateTime<Utc>, Option<TipResult>)>, sqlx::Error> {
    const LEG: &str = "SELECT kick_off_at, result FROM tip_matches WHERE tip_id = $1 AND position = $2";
    on!(tx, |c| sqlx::query_as(LEG).bind(tip).bind(position).fetch_optional(c).await)
}

pub async fn insert_event(
    tx: &mut Tx,
    id: Uuid,
    said: &MatchVerdict<'_>,
    by: PersonId,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    const INSERT: &str =
        "INSERT INTO result_events (id, tip_id, position, result, score, reason, person_id, happened_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    execute!(tx, {
        let insert = sqlx::query(INSERT).bind(id).bind(said.tip).bind(said.position).bind(said.result);
        insert.bind(said.score).bind(said.reason).bind(by).bind(at)
    })
}

/// Odds and result of each match of a tip.
pub async fn leg_results(tx: &mut Tx, tip: TipId) -> Result<Vec<(Odds, Option<TipResult>)>, sqlx::Error> {
    const LEGS: &str = "SELECT odds_thousandths, result FROM tip_matches WHERE tip_id = $1 ORDER BY position";
    on!(tx, |c| sqlx::query_as(LEGS).bind(tip).fetch_all(c).await)
}

pub async fn set_outcome(
    tx: &mut Tx,
    tip: TipId,
    outcome: Option<TipOutcome>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    const SET: &str = "UPDATE tips SET result = $2, units_thousandths = $3, settled_at = $4 WHERE id = $1";
    execute!(tx, {
        let set = sqlx::query(SET).bind(tip).bind(outcome.map(|outcome| outcome.result));
        set.bind(outcome.map(|outcome| outcome.units_thousandths)).bind(outcome.map(|_| now))
    })
}

/// Everybody who bought a tip.
pub async fn buyers(tx: &mut Tx, tip: TipId) -> Result<Vec<PersonId>, sqlx::Error> {
    const BUYERS: &str = "SELECT buyer_id FROM purchases WHERE tip_id = $1";
    on!(tx, |c| sqlx::query_scalar(BUYERS).bind(tip).fetch_all(c).await)
}
