//! The rows of tips, matches and purchases.

pub mod history;
pub mod market;
pub mod record;

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use super::{Bookmaker, Match};
use crate::platform::db::{Db, Tx, on, read};
use crate::types::{Kes, Odds, PaymentId, PersonId, TipId};

/// One tip of the market.
#[derive(FromRow)]
pub struct CardRow {
    pub id: TipId,
    pub tipster_id: PersonId,
    pub tipster: String,
    pub tipster_handle: Option<String>,
    pub tipster_is_verified: bool,
    pub bookmaker: String,
    pub odds_thousandths: Odds,
    pub price_cents: Kes,
    pub match_count: i64,
    pub first_kick_off_at: DateTime<Utc>,
    pub sales_close_at: DateTime<Utc>,
    pub sales: i64,
}

/// One match of a tip's page, with the tip's own columns beside it.
#[derive(FromRow)]
pub struct DetailRow {
    #[sqlx(flatten)]
    pub card: CardRow,
    pub status: String,
    pub bet_code: String,
    pub has_picture: bool,
    pub earned_cents: Kes,
    pub is_bought: bool,
    pub home_team: String,
    pub away_team: String,
    pub league: String,
    pub kick_off_at: DateTime<Utc>,
    pub market: String,
    pub selection: String,
    pub match_odds: Odds,
}

/// What a payment must know of a tip.
#[derive(FromRow)]
pub struct SaleTerms {
    pub tipster_id: PersonId,
    pub status: String,
    pub price_cents: Kes,
    pub sales_close_at: DateTime<Utc>,
}

/// A tip with its matches, what it sold, and whether this person bought it; in one round trip. Empty if there is no such tip.
pub async fn detail(db: &Db, tip: TipId, viewer: Option<PersonId>) -> Result<Vec<DetailRow>, sqlx::Error> {
    const DETAIL: &str = "SELECT t.id, p.display_name AS tipster, p.handle AS tipster_handle, p.is_verified AS tipster_is_verified, t.bookmaker,
            t.odds_thousandths, t.price_cents, t.match_count, t.first_kick_off_at, t.sales_close_at, s.sales, s.earned_cents,
            t.tipster_id, t.status, t.bet_code, t.has_picture, b.payment_id IS NOT NULL AS is_bought,
            m.home_team, m.away_team, m.league, m.kick_off_at, m.market, m.selection, m.odds_thousandths AS match_odds
        FROM tips t JOIN people p ON p.id = t.tipster_id
        JOIN tip_matches m ON m.tip_id = t.id
        LEFT JOIN purchases b ON b.tip_id = t.id AND b.buyer_id = $2
        CROSS JOIN (SELECT COUNT(*) AS sales, CAST(COALESCE(SUM(share_cents), 0) AS BIGINT) AS earned_cents FROM purchases WHERE tip_id = $1) s
        WHERE t.id = $1 ORDER BY m.position";
    read!(db, c => sqlx::query_as(DETAIL).bind(tip).bind(viewer).fetch_all(c).await)
}

/// `(tipster, has a picture, bought by the viewer)` of a tip.
pub async fn picture_right(db: &Db, tip: TipId, viewer: PersonId) -> Result<Option<(PersonId, bool, bool)>, sqlx::Error> {
    const RIGHT: &str = "SELECT t.tipster_id, t.has_picture, b.payment_id IS NOT NULL FROM tips t
        LEFT JOIN purchases b ON b.tip_id = t.id AND b.buyer_id = $2 WHERE t.id = $1";
    read!(db, c => sqlx::query_as(RIGHT).bind(tip).bind(viewer).fetch_optional(c).await)
}

/// Whether everybody may see the blurred picture of a tip: it was offered and has one.
pub async fn has_public_picture(db: &Db, tip: TipId) -> Result<bool, sqlx::Error> {
    const HAS: &str = "SELECT EXISTS (SELECT 1 FROM tips WHERE id = $1 AND has_picture AND status IN ('active', 'withdrawn', 'void'))";
    read!(db, c => sqlx::query_scalar(HAS).bind(tip).fetch_one(c).await)
}

pub async fn sale_terms(tx: &mut Tx, tip: TipId) -> Result<Option<SaleTerms>, sqlx::Error> {
    const TERMS: &str = "SELECT tipster_id, status, price_cents, sales_close_at FROM tips WHERE id = $1";
    on!(tx, c => sqlx::query_as(TERMS).bind(tip).fetch_optional(c).await)
}

pub async fn has_bought(tx: &mut Tx, tip: TipId, buyer: PersonId) -> Result<bool, sqlx::Error> {
    const BOUGHT: &str = "SELECT EXISTS (SELECT 1 FROM purchases WHERE tip_id = $1 AND buyer_id = $2)";
    on!(tx, c => sqlx::query_scalar(BOUGHT).bind(tip).bind(buyer).fetch_one(c).await)
}

pub struct NewPurchase {
    pub payment: PaymentId,
    pub tip: TipId,
    pub buyer: PersonId,
    pub tipster: PersonId,
    pub price: Kes,
    pub share: Kes,
    pub bought_at: DateTime<Utc>,
    pub release_after: DateTime<Utc>,
}

/// Whether the purchase is new: a buyer has a tip at most once.
pub async fn insert_purchase(tx: &mut Tx, purchase: &NewPurchase) -> Result<bool, sqlx::Error> {
    const INSERT: &str =
        "INSERT INTO purchases (payment_id, tip_id, buyer_id, tipster_id, price_cents, share_cents, bought_at, release_after)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING";
    on!(tx, c => {
        let insert = sqlx::query(INSERT).bind(purchase.payment).bind(purchase.tip).bind(purchase.buyer).bind(purchase.tipster);
        let insert = insert.bind(purchase.price).bind(purchase.share).bind(purchase.bought_at).bind(purchase.release_after);
        insert.execute(c).await.map(|done| done.rows_affected() == 1)
    })
}

pub struct NewTip<'a> {
    pub tipster: PersonId,
    pub bookmaker: Bookmaker,
    pub bet_code: &'a str,
    pub odds: Odds,
    pub price: Kes,
    pub matches: &'a [Match],
    pub created_at: DateTime<Utc>,
}

/// An active tip with its matches; its number.
pub async fn insert_tip(tx: &mut Tx, tip: &NewTip<'_>) -> Result<TipId, sqlx::Error> {
    const INSERT: &str = "INSERT INTO tips (tipster_id, bookmaker, bet_code, odds_thousandths, price_cents, status, match_count,
            first_kick_off_at, last_kick_off_at, sales_close_at, created_at)
        VALUES ($1, $2, $3, $4, $5, 'active', $6, $7, $8, $9, $10) RETURNING id";
    const INSERT_MATCHES: &str =
        "INSERT INTO tip_matches (tip_id, position, home_team, away_team, league, kick_off_at, market, selection, odds_thousandths) ";
    let first = tip.matches.iter().map(|leg| leg.kick_off_at).min().unwrap_or(tip.created_at);
    let last = tip.matches.iter().map(|leg| leg.kick_off_at).max().unwrap_or(tip.created_at);
    let close = first - super::SALES_CLOSE_BEFORE_KICK_OFF;
    let count = i64::try_from(tip.matches.len()).unwrap_or(i64::MAX);
    let id: TipId = on!(tx, c => {
        let insert = sqlx::query_scalar(INSERT).bind(tip.tipster).bind(tip.bookmaker.as_str()).bind(tip.bet_code).bind(tip.odds);
        insert.bind(tip.price).bind(count).bind(first).bind(last).bind(close).bind(tip.created_at).fetch_one(c).await
    })?;
    on!(tx, c => {
        let mut insert = sqlx::QueryBuilder::new(INSERT_MATCHES);
        insert.push_values(tip.matches.iter().zip(1_i64..), |mut row, (leg, position)| {
            row.push_bind(id).push_bind(position).push_bind(&leg.home_team).push_bind(&leg.away_team).push_bind(&leg.league);
            row.push_bind(leg.kick_off_at).push_bind(&leg.market).push_bind(&leg.selection).push_bind(leg.odds);
        });
        insert.build().execute(c).await.map(|_| ())
    })?;
    market::index_for_search(tx, id).await?;
    Ok(id)
}

pub async fn set_has_picture(tx: &mut Tx, tip: TipId) -> Result<(), sqlx::Error> {
    const SET: &str = "UPDATE tips SET has_picture = TRUE WHERE id = $1";
    on!(tx, c => sqlx::query(SET).bind(tip).execute(c).await.map(|_| ()))
}

pub async fn count_on_sale(db: &Db, now: DateTime<Utc>) -> Result<i64, sqlx::Error> {
    const COUNT: &str = "SELECT COUNT(*) FROM tips WHERE status = 'active' AND sales_close_at > $1";
    read!(db, c => sqlx::query_scalar(COUNT).bind(now).fetch_one(c).await)
}

/// The code, for operators.
pub async fn bet_code(db: &Db, tip: TipId) -> Result<Option<String>, sqlx::Error> {
    const CODE: &str = "SELECT bet_code FROM tips WHERE id = $1";
    read!(db, c => sqlx::query_scalar(CODE).bind(tip).fetch_optional(c).await)
}

/// A tip with everything in it, for operators.
#[derive(Debug, serde::Serialize)]
pub struct FullTip {
    pub tip_id: TipId,
    pub tipster: String,
    pub status: String,
    pub bookmaker: String,
    pub bet_code: String,
    pub odds: String,
    pub price: String,
    pub sales: i64,
    pub sales_close_at: DateTime<Utc>,
    pub matches: Vec<String>,
}

pub async fn full(db: &Db, tip: TipId) -> Result<Option<FullTip>, sqlx::Error> {
    let rows = detail(db, tip, None).await?;
    let matches =
        rows.iter().map(|row| format!("{} - {} ({}): {} @ {}", row.home_team, row.away_team, row.market, row.selection, row.match_odds));
    let matches = matches.collect();
    Ok(rows.into_iter().next().map(|row| FullTip {
        tip_id: row.card.id,
        tipster: row.card.tipster,
        status: row.status,
        bookmaker: row.card.bookmaker,
        bet_code: row.bet_code,
        odds: row.card.odds_thousandths.to_string(),
        price: row.card.price_cents.to_decimal_string(),
        sales: row.card.sales,
        sales_close_at: row.card.sales_close_at,
        matches,
    }))
}
