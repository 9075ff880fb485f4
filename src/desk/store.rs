//! What the desk reads and decides.

use chrono::{DateTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use crate::platform::db::{Db, Tx, on, read};
use crate::platform::viewer::Staff;
use crate::tips::store::IN_ORDER;
use crate::tips::{Bookmaker, TipStatus};
use crate::types::{Kes, Odds, PersonId, TipId, TipResult};

#[derive(FromRow)]
pub struct TipRow {
    pub id: TipId,
    pub tipster: String,
    pub bookmaker: Bookmaker,
    pub bet_code: String,
    pub odds_thousandths: Odds,
    pub price_cents: Kes,
    pub note: Option<String>,
    pub has_picture: bool,
    pub created_at: DateTime<Utc>,
    pub first_kick_off_at: DateTime<Utc>,
    pub sales_close_at: DateTime<Utc>,
    pub result: Option<TipResult>,
    pub units_thousandths: Option<i64>,
}

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
            "SELECT t.id, p.display_name AS tipster, t.bookmaker, t.bet_code, t.odds_thousandths, t.price_cents, t.note, t.has_picture,
                t.created_at, t.first_kick_off_at, t.sales_close_at, t.result, t.units_thousandths
             FROM tips t JOIN people p ON p.id = t.tipster_id WHERE ",
            $condition
        )
    };
}

/// What the person may do at the desk, as the database says now.
pub async fn staff(db: &Db, person: PersonId) -> Result<Option<Staff>, sqlx::Error> {
    const STAFF: &str = "SELECT staff FROM people WHERE id = $1";
    Ok(read!(db, |c| sqlx::query_scalar::<_, Option<Staff>>(STAFF).bind(person).fetch_optional(c).await)?
        .flatten())
}

pub const WAITING: &str = tips!(
    "t.status = 'pending_approval' AND t.sales_close_at >= $1 AND (t.sales_close_at > $1 OR t.id > $2)
     ORDER BY t.sales_close_at, t.id LIMIT $3"
);

/// Tips that wait and can still be approved at `now`, those after `(close, tip)`.
pub async fn waiting(db: &Db, after: (DateTime<Utc>, TipId), limit: i64) -> Result<Vec<TipRow>, sqlx::Error> {
    read!(db, |c| sqlx::query_as(WAITING).bind(after.0).bind(after.1).bind(limit).fetch_all(c).await)
}

pub const UNSETTLED: &str = tips!(
    "t.result IS NULL AND t.status = 'active' AND t.first_kick_off_at <= $3
     AND t.first_kick_off_at >= $1 AND (t.first_kick_off_at > $1 OR t.id > $2)
     AND EXISTS (SELECT 1 FROM tip_matches m WHERE m.tip_id = t.id AND m.result IS NULL AND m.kick_off_at <= $3)
     ORDER BY t.first_kick_off_at, t.id LIMIT $4"
);

/// Tips that are open with a match that began by `over_since` and has no result, those after `(first
/// kick-off, tip)`.
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

/// One tip that was offered.
pub async fn offered(db: &Db, tip: TipId) -> Result<Option<TipRow>, sqlx::Error> {
    const OFFERED: &str = tips!("t.id = $1 AND t.status = 'active'");
    read!(db, |c| sqlx::query_as(OFFERED).bind(tip).fetch_optional(c).await)
}

/// The matches of these tips, tip by tip.
pub async fn legs(db: &Db, tips: &[TipId]) -> Result<Vec<LegRow>, sqlx::Error> {
    const LEGS: &str =
        "SELECT tip_id, position, home_team, away_team, league, kick_off_at, market, selection, odds_thousandths, result, score
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

/// The newest things that were said of a tip's matches, oldest first.
pub async fn history(db: &Db, tip: TipId, limit: i64) -> Result<Vec<MatchEventRow>, sqlx::Error> {
    const HISTORY: &str = "SELECT e.position, e.result, e.score, e.reason, p.display_name AS by, e.happened_at
        FROM result_events e JOIN people p ON p.id = e.person_id WHERE e.tip_id = $1 ORDER BY e.id DESC LIMIT $2";
    let mut events: Vec<MatchEventRow> =
        read!(db, |c| sqlx::query_as(HISTORY).bind(tip).bind(limit).fetch_all(c).await)?;
    events.reverse();
    Ok(events)
}

/// The tipster, if the tip was waiting, was not the operator's own, and can still be sold.
pub async fn approve(
    tx: &mut Tx,
    tip: TipId,
    by: PersonId,
    now: DateTime<Utc>,
) -> Result<Option<PersonId>, sqlx::Error> {
    const APPROVE: &str = "UPDATE tips SET status = 'active', decided_by = $2, decided_at = $3
        WHERE id = $1 AND status = 'pending_approval' AND sales_close_at > $3 AND tipster_id <> $2 RETURNING tipster_id";
    on!(tx, |c| sqlx::query_scalar(APPROVE).bind(tip).bind(by).bind(now).fetch_optional(c).await)
}

/// The tipster, if the tip was waiting.
pub async fn reject(
    tx: &mut Tx,
    tip: TipId,
    by: PersonId,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<Option<PersonId>, sqlx::Error> {
    const REJECT: &str =
        "UPDATE tips SET status = 'rejected', rejection_reason = $4, decided_by = $2, decided_at = $3
        WHERE id = $1 AND status = 'pending_approval' RETURNING tipster_id";
    on!(tx, |c| sqlx::query_scalar(REJECT).bind(tip).bind(by).bind(now).bind(reason).fetch_optional(c).await)
}

/// `(status, tipster, sales have closed)`.
pub async fn standing(
    tx: &mut Tx,
    tip: TipId,
    now: DateTime<Utc>,
) -> Result<Option<(TipStatus, PersonId, bool)>, sqlx::Error> {
    const STANDING: &str = "SELECT status, tipster_id, sales_close_at <= $2 FROM tips WHERE id = $1";
    on!(tx, |c| sqlx::query_as(STANDING).bind(tip).bind(now).fetch_optional(c).await)
}

/// Whether a tip waits for approval and can still be approved.
pub async fn is_waiting(db: &Db, tip: TipId, now: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    const IS: &str = "SELECT EXISTS (SELECT 1 FROM tips WHERE id = $1 AND status = 'pending_approval' AND sales_close_at > $2)";
    read!(db, |c| sqlx::query_scalar(IS).bind(tip).bind(now).fetch_one(c).await)
}

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

pub struct ResultSaid<'a> {
    pub tip: TipId,
    pub position: i64,
    /// What the operator saw, and what they say now; nothing is open.
    pub was: Option<TipResult>,
    pub result: Option<TipResult>,
    pub score: Option<&'a str>,
}

/// Whether the match was over and still as the operator saw it.
pub async fn settle_leg(
    tx: &mut Tx,
    said: &ResultSaid<'_>,
    over_since: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    const SETTLE: &str = "UPDATE tip_matches SET result = $4, score = $5
        WHERE tip_id = $1 AND position = $2 AND COALESCE(result, '') = $3 AND kick_off_at <= $6";
    on!(tx, |c| {
        let settle = sqlx::query(SETTLE)
            .bind(said.tip)
            .bind(said.position)
            .bind(said.was.map_or("", TipResult::as_str));
        let settle = settle.bind(said.result).bind(said.score).bind(over_since);
        settle.execute(c).await.map(|done| done.rows_affected() == 1)
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
    said: &ResultSaid<'_>,
    reason: &str,
    by: PersonId,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    const INSERT: &str =
        "INSERT INTO result_events (id, tip_id, position, result, score, reason, person_id, happened_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    on!(tx, |c| {
        let insert = sqlx::query(INSERT).bind(id).bind(said.tip).bind(said.position).bind(said.result);
        insert.bind(said.score).bind(reason).bind(by).bind(at).execute(c).await.map(|_| ())
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
    outcome: Option<crate::tips::odds::TipOutcome>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    const SET: &str = "UPDATE tips SET result = $2, units_thousandths = $3, settled_at = $4 WHERE id = $1";
    on!(tx, |c| {
        let set = sqlx::query(SET).bind(tip).bind(outcome.map(|outcome| outcome.result));
        let set = set.bind(outcome.map(|outcome| outcome.units_thousandths)).bind(outcome.map(|_| now));
        set.execute(c).await.map(|_| ())
    })
}

/// Everybody who bought a tip.
pub async fn buyers(tx: &mut Tx, tip: TipId) -> Result<Vec<PersonId>, sqlx::Error> {
    const BUYERS: &str = "SELECT buyer_id FROM purchases WHERE tip_id = $1";
    on!(tx, |c| sqlx::query_scalar(BUYERS).bind(tip).fetch_all(c).await)
}
