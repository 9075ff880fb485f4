//! The rows of results: what was said of each match, and how its tip ended.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::MatchVerdict;
use crate::platform::db::{Tx, changes_one, execute, on};
use crate::tips::TipOutcome;
use crate::types::{Odds, PersonId, TipId, TipResult};

/// Whether a person bought a tip, or still may because a payment of theirs is pending.
///
/// # Errors
/// A database error.
pub async fn has_bought(tx: &mut Tx, tip: TipId, person: PersonId) -> Result<bool, sqlx::Error> {
    const HAS: &str = "SELECT EXISTS (SELECT 1 FROM purchases WHERE tip_id = $1 AND buyer_id = $2)
        OR EXISTS (SELECT 1 FROM payments WHERE tip_id = $1 AND buyer_id = $2 AND status = 'pending')";
    on!(tx, |c| sqlx::query_scalar(HAS).bind(tip).bind(person).fetch_one(c).await)
}

/// Locks the tip's row, so that its results are changed by one transaction at a time. Gives its tipster and
/// its result; `None` unless the tip is active.
///
/// # Errors
/// A database error.
pub async fn hold(tx: &mut Tx, tip: TipId) -> Result<Option<(PersonId, Option<TipResult>)>, sqlx::Error> {
    const HOLD: &str = "UPDATE tips SET settled_at = settled_at WHERE id = $1 AND status = 'active' \
                        RETURNING tipster_id, result";
    on!(tx, |c| sqlx::query_as(HOLD).bind(tip).fetch_optional(c).await)
}

/// Writes a match's new result and score. Returns false, and writes nothing, unless the match kicked off by
/// `over_since` and still has the result that the operator saw.
///
/// # Errors
/// A database error.
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

/// Whether any match of the tip kicked off by `over_since`.
///
/// # Errors
/// A database error.
pub async fn has_one_over(tx: &mut Tx, tip: TipId, over_since: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    const HAS: &str = "SELECT EXISTS (SELECT 1 FROM tip_matches WHERE tip_id = $1 AND kick_off_at <= $2)";
    on!(tx, |c| sqlx::query_scalar(HAS).bind(tip).bind(over_since).fetch_one(c).await)
}

/// A match's kick-off and result; `None` if there is no such match.
///
/// # Errors
/// A database error.
pub async fn leg(
    tx: &mut Tx,
    tip: TipId,
    position: i64,
) -> Result<Option<(DateTime<Utc>, Option<TipResult>)>, sqlx::Error> {
    const LEG: &str = "SELECT kick_off_at, result FROM tip_matches WHERE tip_id = $1 AND position = $2";
    on!(tx, |c| sqlx::query_as(LEG).bind(tip).bind(position).fetch_optional(c).await)
}

/// Adds a line to the history of results: what was said, by whom, and why. Lines are never changed.
///
/// # Errors
/// A database error.
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

/// The odds and the result of each match of a tip, in the order of their positions.
///
/// # Errors
/// A database error.
pub async fn leg_results(tx: &mut Tx, tip: TipId) -> Result<Vec<(Odds, Option<TipResult>)>, sqlx::Error> {
    const LEGS: &str = "SELECT odds_thousandths, result FROM tip_matches WHERE tip_id = $1 ORDER BY position";
    on!(tx, |c| sqlx::query_as(LEGS).bind(tip).fetch_all(c).await)
}

/// Writes how a tip ended, with `now` as the moment when it was settled. `None` opens the tip again.
///
/// # Errors
/// A database error.
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
///
/// # Errors
/// A database error.
pub async fn buyers(tx: &mut Tx, tip: TipId) -> Result<Vec<PersonId>, sqlx::Error> {
    const BUYERS: &str = "SELECT buyer_id FROM purchases WHERE tip_id = $1";
    on!(tx, |c| sqlx::query_scalar(BUYERS).bind(tip).fetch_all(c).await)
}
