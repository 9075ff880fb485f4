//! The rows of drafts, and what a tipster's own list reads.

use chrono::{DateTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use crate::platform::db::{Db, ReadFrom, Tx, TxConnection, changes_one, execute, on, read, read_from};
use crate::tips::{Bookmaker, TipStatus};
use crate::types::{Kes, Odds, PersonId, TipId, TipResult};

#[derive(FromRow)]
pub struct DraftRow {
    pub id: Uuid,
    pub document: String,
    pub version: i64,
    /// What it became.
    pub tip_id: Option<TipId>,
    pub changed_at: DateTime<Utc>,
}

/// A document in which nothing is filled in.
pub const EMPTY: &str = "{}";

pub async fn insert_draft(
    tx: &mut Tx,
    id: Uuid,
    tipster: PersonId,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    const INSERT: &str =
        "INSERT INTO tip_drafts (id, tipster_id, document, version, changed_at) VALUES ($1, $2, $3, 1, $4)";
    execute!(tx, sqlx::query(INSERT).bind(id).bind(tipster).bind(EMPTY).bind(at))
}

const DRAFTS: &str = "SELECT id, document, version, tip_id, changed_at FROM tip_drafts
    WHERE tipster_id = $1 AND tip_id IS NULL ORDER BY id DESC LIMIT $2";

/// The tipster's open drafts, newest first.
pub async fn drafts(db: &Db, tipster: PersonId, limit: i64) -> Result<Vec<DraftRow>, sqlx::Error> {
    read!(db, |c| sqlx::query_as(DRAFTS).bind(tipster).bind(limit).fetch_all(c).await)
}

/// How many drafts are open, and one in which nothing is filled in yet.
pub async fn count_drafts(tx: &mut Tx, tipster: PersonId) -> Result<(i64, Option<Uuid>), sqlx::Error> {
    const COUNT: &str = "SELECT COUNT(*) FROM tip_drafts WHERE tipster_id = $1 AND tip_id IS NULL";
    const UNUSED: &str =
        "SELECT id FROM tip_drafts WHERE tipster_id = $1 AND tip_id IS NULL AND document = $2 LIMIT 1";
    let count = on!(tx, |c| sqlx::query_scalar(COUNT).bind(tipster).fetch_one(c).await)?;
    let unused = on!(tx, |c| sqlx::query_scalar(UNUSED).bind(tipster).bind(EMPTY).fetch_optional(c).await)?;
    Ok((count, unused))
}

const DRAFT: &str =
    "SELECT id, document, version, tip_id, changed_at FROM tip_drafts WHERE id = $1 AND tipster_id = $2";

pub async fn draft(
    from: impl Into<ReadFrom<'_>>,
    id: Uuid,
    tipster: PersonId,
) -> Result<Option<DraftRow>, sqlx::Error> {
    read_from!(from, |c| sqlx::query_as(DRAFT).bind(id).bind(tipster).fetch_optional(c).await)
}

/// Whether the draft still was of this version.
pub async fn save_draft(
    tx: &mut Tx,
    row: &DraftRow,
    document: &str,
    at: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    const SAVE: &str = "UPDATE tip_drafts SET document = $3, version = version + 1, changed_at = $4
        WHERE id = $1 AND version = $2 AND tip_id IS NULL";
    changes_one!(tx, { sqlx::query(SAVE).bind(row.id).bind(row.version).bind(document).bind(at) })
}

/// Says what the draft became; whether it was still open and of this version.
pub async fn finish_draft(
    tx: &mut Tx,
    row: &DraftRow,
    tip: TipId,
    at: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    const FINISH: &str =
        "UPDATE tip_drafts SET tip_id = $3, document = $4, version = version + 1, changed_at = $5
        WHERE id = $1 AND version = $2 AND tip_id IS NULL";
    changes_one!(tx, { sqlx::query(FINISH).bind(row.id).bind(row.version).bind(tip).bind(EMPTY).bind(at) })
}

/// The document of the draft that was deleted, if there was one.
pub async fn delete_draft(tx: &mut Tx, id: Uuid, tipster: PersonId) -> Result<Option<String>, sqlx::Error> {
    const DELETE: &str =
        "DELETE FROM tip_drafts WHERE id = $1 AND tipster_id = $2 AND tip_id IS NULL RETURNING document";
    on!(tx, |c| sqlx::query_scalar(DELETE).bind(id).bind(tipster).fetch_optional(c).await)
}

/// Deletes every draft of a tipster whose account is closed; their documents, which name pictures.
pub async fn delete_drafts(tx: &mut Tx, tipster: PersonId) -> Result<Vec<String>, sqlx::Error> {
    const DELETE: &str = "DELETE FROM tip_drafts WHERE tipster_id = $1 RETURNING document";
    on!(tx, |c| sqlx::query_scalar(DELETE).bind(tipster).fetch_all(c).await)
}

/// Deletes drafts that people left behind whose accounts were closed when drafts stayed; their documents.
pub async fn delete_drafts_of_closed(tx: &mut Tx) -> Result<Vec<String>, sqlx::Error> {
    const DRAFTS: &str = "DELETE FROM tip_drafts WHERE tipster_id IN (SELECT id FROM people WHERE closed_at IS NOT NULL) RETURNING document";
    on!(tx, |c| sqlx::query_scalar(DRAFTS).fetch_all(c).await)
}

/// When the tipster published the tip that so many newer ones follow.
pub async fn published_before(
    tx: &mut Tx,
    tipster: PersonId,
    newer: i64,
) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    const BEFORE: &str =
        "SELECT created_at FROM tips WHERE tipster_id = $1 ORDER BY id DESC LIMIT 1 OFFSET $2";
    on!(tx, |c| sqlx::query_scalar(BEFORE).bind(tipster).bind(newer).fetch_optional(c).await)
}

/// Takes a tip out of the market; whether it could be: its own tipster's, still for sale or waiting, unsold
/// and with no payment on its way.
pub async fn withdraw(
    tx: &mut Tx,
    tip: TipId,
    tipster: PersonId,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    // On PostgreSQL the statement below cannot see what others have not committed yet. Payments and purchases
    // hold their tip's key while they are made: this waits for them, and makes later ones wait. SQLite has
    // one writer.
    const WAIT: &str = "SELECT id FROM tips WHERE id = $1 FOR UPDATE";
    const WITHDRAW: &str = "UPDATE tips SET status = 'withdrawn', decided_at = $3
        WHERE id = $1 AND tipster_id = $2 AND status IN ('active', 'pending_approval') AND sales_close_at > $3
            AND NOT EXISTS (SELECT 1 FROM purchases WHERE tip_id = $1)
            AND NOT EXISTS (SELECT 1 FROM payments WHERE tip_id = $1 AND status = 'pending')";
    if let TxConnection::Postgres(transaction) = &mut tx.connection {
        sqlx::query(WAIT).bind(tip).execute(&mut **transaction).await?;
    }
    changes_one!(tx, { sqlx::query(WITHDRAW).bind(tip).bind(tipster).bind(now) })
}

/// Why a tip cannot be withdrawn: `(status, has been sold, sales have closed)` of the tipster's own tip.
pub async fn standing(
    tx: &mut Tx,
    tip: TipId,
    tipster: PersonId,
    now: DateTime<Utc>,
) -> Result<Option<(TipStatus, bool, bool)>, sqlx::Error> {
    const STANDING: &str =
        "SELECT status, EXISTS (SELECT 1 FROM purchases WHERE tip_id = $1), sales_close_at <= $3
        FROM tips WHERE id = $1 AND tipster_id = $2";
    on!(tx, |c| sqlx::query_as(STANDING).bind(tip).bind(tipster).bind(now).fetch_optional(c).await)
}

#[derive(FromRow)]
pub struct MineRow {
    pub id: TipId,
    pub bookmaker: Bookmaker,
    pub odds_thousandths: Odds,
    #[sqlx(rename = "price_cents")]
    pub price: Kes,
    pub match_count: i64,
    pub status: TipStatus,
    pub rejection_reason: Option<String>,
    pub result: Option<TipResult>,
    pub units_thousandths: Option<i64>,
    pub first_kick_off_at: DateTime<Utc>,
    pub sales_close_at: DateTime<Utc>,
    pub created_at: DateTime<Utc>,
    pub views: i64,
    pub sales: i64,
    pub earned_cents: Kes,
}

pub const MINE: &str = "SELECT t.id, t.bookmaker, t.odds_thousandths, t.price_cents, t.match_count, t.status, t.rejection_reason, t.result,
        t.units_thousandths, t.first_kick_off_at, t.sales_close_at, t.created_at, COALESCE(v.view_count, 0) AS views,
        COALESCE(s.sale_count, 0) AS sales, COALESCE(s.earned_cents, 0) AS earned_cents
    FROM tips t LEFT JOIN tip_views v ON v.tip_id = t.id LEFT JOIN tip_sales s ON s.tip_id = t.id
    WHERE t.tipster_id = $1 AND t.id < $2 ORDER BY t.id DESC LIMIT $3";

/// The tipster's own tips, newest first, those before a number.
pub async fn mine(
    db: &Db,
    tipster: PersonId,
    before: TipId,
    limit: i64,
) -> Result<Vec<MineRow>, sqlx::Error> {
    read!(db, |c| sqlx::query_as(MINE).bind(tipster).bind(before).bind(limit).fetch_all(c).await)
}

/// Whether we know who this tipster is; such tips need no approval.
pub async fn is_verified(tx: &mut Tx, person: PersonId) -> Result<bool, sqlx::Error> {
    const IS: &str = "SELECT is_verified FROM people WHERE id = $1";
    Ok(on!(tx, |c| sqlx::query_scalar(IS).bind(person).fetch_optional(c).await)?.unwrap_or(false))
}
