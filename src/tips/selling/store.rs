//! The rows of drafts, and what a tipster's own list reads.

use chrono::{DateTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use crate::platform::db::{Db, ReadFrom, Tx, TxConnection, changes_one, execute, on, read, read_from};
use crate::tips::{Bookmaker, TipStatus};
use crate::types::{Kes, Odds, PersonId, TipId, TipResult};

/// A draft as it is stored.
#[derive(FromRow)]
pub struct DraftRow {
    pub id: Uuid,
    pub document: String,
    /// Rises by one with each change. A change is written only to the version that its maker read.
    pub version: i64,
    /// The tip that was published from it; `None` while the draft is open.
    pub tip_id: Option<TipId>,
    pub changed_at: DateTime<Utc>,
}

/// The document of a draft in which nothing is filled in.
pub const EMPTY: &str = "{}";

/// Begins an empty draft, with version 1.
///
/// # Errors
/// A database error.
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
///
/// # Errors
/// A database error.
pub async fn drafts(db: &Db, tipster: PersonId, limit: i64) -> Result<Vec<DraftRow>, sqlx::Error> {
    read!(db, |c| sqlx::query_as(DRAFTS).bind(tipster).bind(limit).fetch_all(c).await)
}

/// How many drafts are open, and one of them in which nothing is filled in yet.
///
/// # Errors
/// A database error.
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

/// A draft, open or published; `None` if this tipster has no such draft.
///
/// # Errors
/// A database error.
pub async fn draft(
    from: impl Into<ReadFrom<'_>>,
    id: Uuid,
    tipster: PersonId,
) -> Result<Option<DraftRow>, sqlx::Error> {
    read_from!(from, |c| sqlx::query_as(DRAFT).bind(id).bind(tipster).fetch_optional(c).await)
}

/// Writes a new document. Returns false, and writes nothing, if the draft is not open or not of this version
/// any more.
///
/// # Errors
/// A database error.
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

/// Notes which tip the draft became, and empties its document. Returns false, and writes nothing, if the
/// draft is not open or not of this version any more.
///
/// # Errors
/// A database error.
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

/// Deletes an open draft and gives its document; `None` if this tipster has no such open draft.
///
/// # Errors
/// A database error.
pub async fn delete_draft(tx: &mut Tx, id: Uuid, tipster: PersonId) -> Result<Option<String>, sqlx::Error> {
    const DELETE: &str =
        "DELETE FROM tip_drafts WHERE id = $1 AND tipster_id = $2 AND tip_id IS NULL RETURNING document";
    on!(tx, |c| sqlx::query_scalar(DELETE).bind(id).bind(tipster).fetch_optional(c).await)
}

/// Deletes every draft of a tipster whose account is closed. Gives their documents, which name the pictures
/// that the caller must delete.
///
/// # Errors
/// A database error.
pub async fn delete_drafts(tx: &mut Tx, tipster: PersonId) -> Result<Vec<String>, sqlx::Error> {
    const DELETE: &str = "DELETE FROM tip_drafts WHERE tipster_id = $1 RETURNING document";
    on!(tx, |c| sqlx::query_scalar(DELETE).bind(tipster).fetch_all(c).await)
}

/// Deletes the drafts of all closed accounts and gives their documents. Earlier versions kept these drafts
/// when an account was closed.
///
/// # Errors
/// A database error.
pub async fn delete_drafts_of_closed(tx: &mut Tx) -> Result<Vec<String>, sqlx::Error> {
    const DRAFTS: &str = "DELETE FROM tip_drafts WHERE tipster_id IN (SELECT id FROM people \
                          WHERE closed_at IS NOT NULL) RETURNING document";
    on!(tx, |c| sqlx::query_scalar(DRAFTS).fetch_all(c).await)
}

/// When the tipster published the tip after which `newer` more followed; `None` if there are not so many.
///
/// # Errors
/// A database error.
pub async fn published_before(
    tx: &mut Tx,
    tipster: PersonId,
    newer: i64,
) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    const BEFORE: &str =
        "SELECT created_at FROM tips WHERE tipster_id = $1 ORDER BY id DESC LIMIT 1 OFFSET $2";
    on!(tx, |c| sqlx::query_scalar(BEFORE).bind(tipster).bind(newer).fetch_optional(c).await)
}

/// Takes a tip out of the market. Returns false, and writes nothing, unless it is this tipster's own, waits
/// or is on sale, and has neither a purchase nor a pending payment.
///
/// # Errors
/// A database error.
pub async fn withdraw(
    tx: &mut Tx,
    tip: TipId,
    tipster: PersonId,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    // On PostgreSQL the second statement cannot see what other transactions have not committed yet. Payments
    // and purchases hold a lock on their tip's key while they are made. This statement waits for them, and
    // makes later ones wait. SQLite has only one writer and needs no lock.
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

/// Why a tip cannot be withdrawn: its status, whether it has been sold, and whether its sales have closed.
/// `None` if this tipster has no such tip.
///
/// # Errors
/// A database error.
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

/// One tip in its tipster's list.
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

/// The statement of [`mine`]. It is public so that a test can look at its query plan.
pub const MINE: &str = "SELECT t.id, t.bookmaker, t.odds_thousandths, t.price_cents, t.match_count, \
                        t.status, t.rejection_reason, t.result,
        t.units_thousandths, t.first_kick_off_at, t.sales_close_at, t.created_at, \
            COALESCE(v.view_count, 0) AS views,
        COALESCE(s.sale_count, 0) AS sales, COALESCE(s.earned_cents, 0) AS earned_cents
    FROM tips t LEFT JOIN tip_views v ON v.tip_id = t.id LEFT JOIN tip_sales s ON s.tip_id = t.id
    WHERE t.tipster_id = $1 AND t.id < $2 ORDER BY t.id DESC LIMIT $3";

/// The tipster's own tips with a lower number than `before`, newest first.
///
/// # Errors
/// A database error.
pub async fn mine(
    db: &Db,
    tipster: PersonId,
    before: TipId,
    limit: i64,
) -> Result<Vec<MineRow>, sqlx::Error> {
    read!(db, |c| sqlx::query_as(MINE).bind(tipster).bind(before).bind(limit).fetch_all(c).await)
}

/// Whether we know who this tipster is. Tips of verified tipsters need no approval.
///
/// # Errors
/// A database error.
pub async fn is_verified(tx: &mut Tx, person: PersonId) -> Result<bool, sqlx::Error> {
    const IS: &str = "SELECT is_verified FROM people WHERE id = $1";
    Ok(on!(tx, |c| sqlx::query_scalar(IS).bind(person).fetch_optional(c).await)?.unwrap_or(false))
}
