//! The rows of tips, matches and purchases, as the tip's own page and the payments read them.

pub mod approval;
pub mod market;
pub mod record;

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use super::public::public;
use super::{Bookmaker, NewTip, TipStatus};
use crate::platform::db::{Db, Tx, on, read};
use crate::types::{Kes, Odds, PersonId, TipId, TipResult};

/// The end of a query for the matches of several tips: it closes the list of ids and gives the order in which
/// lists show matches. A tip's own page gets its matches in the order in which they were sealed instead.
pub const IN_ORDER: &str = ") ORDER BY tip_id, kick_off_at, position";

/// One tip in a list.
#[derive(FromRow)]
pub struct CardRow {
    pub id: TipId,
    pub tipster_id: PersonId,
    pub tipster: String,
    pub tipster_handle: Option<String>,
    pub tipster_is_verified: bool,
    pub bookmaker: Bookmaker,
    /// Already rounded down by `tips::public`, as `sales_close_at` is.
    pub public_odds_thousandths: i64,
    #[sqlx(rename = "price_cents")]
    pub price: Kes,
    pub match_count: i64,
    pub sales_close_at: DateTime<Utc>,
    pub sales: i64,
}

/// One match of a tip, with all columns of the tip beside it.
#[derive(FromRow)]
pub struct DetailRow {
    #[sqlx(flatten)]
    pub card: CardRow,
    pub status: TipStatus,
    pub bet_code: String,
    pub odds_thousandths: Odds,
    pub has_picture: bool,
    pub picture_hash: Option<String>,
    pub note: Option<String>,
    pub seal: Option<String>,
    pub seal_salt: Option<String>,
    pub created_at: DateTime<Utc>,
    pub rejection_reason: Option<String>,
    pub result: Option<TipResult>,
    pub units_thousandths: Option<i64>,
    pub earned_cents: Kes,
    pub is_bought: bool,
    pub home_team: String,
    pub away_team: String,
    pub league: String,
    pub kick_off_at: DateTime<Utc>,
    pub market: String,
    pub selection: String,
    pub match_odds: Odds,
    pub match_result: Option<TipResult>,
    pub score: Option<String>,
}

/// What a payment must know of a tip.
#[derive(FromRow)]
pub struct SaleTerms {
    pub tipster_id: PersonId,
    pub status: TipStatus,
    #[sqlx(rename = "price_cents")]
    pub price: Kes,
    pub sales_close_at: DateTime<Utc>,
}

/// The statement of [`detail`]. It is public so that a test can look at its query plan.
pub const DETAIL: &str = "SELECT t.id, p.display_name AS tipster, p.handle AS tipster_handle, \
        p.is_verified AS tipster_is_verified, t.bookmaker,
        t.public_odds_thousandths, t.odds_thousandths, t.price_cents, t.match_count, t.sales_close_at,
        COALESCE(s.sale_count, 0) AS sales, COALESCE(s.earned_cents, 0) AS earned_cents,
        t.tipster_id, t.status, t.bet_code, t.has_picture, t.picture_hash, t.note, t.seal, t.seal_salt, \
            t.created_at,
        t.rejection_reason, t.result, t.units_thousandths, b.payment_id IS NOT NULL AS is_bought,
        m.home_team, m.away_team, m.league, m.kick_off_at, m.market, m.selection, \
            m.odds_thousandths AS match_odds,
        m.result AS match_result, m.score
    FROM tips t JOIN people p ON p.id = t.tipster_id
    JOIN tip_matches m ON m.tip_id = t.id
    LEFT JOIN purchases b ON b.tip_id = t.id AND b.buyer_id = $2
    LEFT JOIN tip_sales s ON s.tip_id = t.id
    WHERE t.id = $1 ORDER BY m.position";

/// A tip with its matches, what it sold, and whether `viewer` bought it, in one round trip: one row for each
/// match, in the order of their positions. Empty if there is no such tip.
///
/// # Errors
/// A database error.
pub async fn detail(db: &Db, tip: TipId, viewer: Option<PersonId>) -> Result<Vec<DetailRow>, sqlx::Error> {
    read!(db, |c| sqlx::query_as(DETAIL).bind(tip).bind(viewer).fetch_all(c).await)
}

/// Whose picture it is, where it lies, and whether the viewer bought the tip.
#[derive(FromRow)]
pub struct PictureRow {
    pub tipster_id: PersonId,
    pub is_bought: bool,
    /// `None` for pictures of the first days, which are named by the tip's number.
    pub picture: Option<String>,
}

/// Where a tip's picture lies. `None` if there is no such tip or it has no picture.
///
/// # Errors
/// A database error.
pub async fn picture(
    db: &Db,
    tip: TipId,
    viewer: Option<PersonId>,
) -> Result<Option<PictureRow>, sqlx::Error> {
    const PICTURE: &str = "SELECT t.tipster_id, b.payment_id IS NOT NULL AS is_bought, t.picture
        FROM tips t LEFT JOIN purchases b ON b.tip_id = t.id AND b.buyer_id = $2 WHERE t.id = $1 \
            AND t.has_picture";
    read!(db, |c| sqlx::query_as(PICTURE).bind(tip).bind(viewer).fetch_optional(c).await)
}

/// A tip's state; `None` if there is no such tip.
///
/// # Errors
/// A database error.
pub async fn status(db: &Db, tip: TipId) -> Result<Option<TipStatus>, sqlx::Error> {
    const STATUS: &str = "SELECT status FROM tips WHERE id = $1";
    read!(db, |c| sqlx::query_scalar(STATUS).bind(tip).fetch_optional(c).await)
}

/// The terms of a sale, read in the transaction that starts a payment. `None` if there is no such tip.
///
/// # Errors
/// A database error.
pub async fn sale_terms(tx: &mut Tx, tip: TipId) -> Result<Option<SaleTerms>, sqlx::Error> {
    const TERMS: &str = "SELECT tipster_id, status, price_cents, sales_close_at FROM tips WHERE id = $1";
    on!(tx, |c| sqlx::query_as(TERMS).bind(tip).fetch_optional(c).await)
}

/// Whether a buyer has the tip already. Pending payments do not count.
///
/// # Errors
/// A database error.
pub async fn has_bought(tx: &mut Tx, tip: TipId, buyer: PersonId) -> Result<bool, sqlx::Error> {
    const BOUGHT: &str = "SELECT EXISTS (SELECT 1 FROM purchases WHERE tip_id = $1 AND buyer_id = $2)";
    on!(tx, |c| sqlx::query_scalar(BOUGHT).bind(tip).bind(buyer).fetch_one(c).await)
}

/// What a tip has beside its [`NewTip`] when it is published.
pub struct Publication<'a> {
    pub status: TipStatus,
    pub note: Option<&'a str>,
    /// Where the picture lies, and its SHA-256.
    pub picture: Option<(&'a str, &'a str)>,
    /// The hash and its salt.
    pub seal: Option<(&'a str, &'a str)>,
}

impl Publication<'_> {
    /// A publication without a note, a picture or a seal.
    pub const fn of(status: TipStatus) -> Self {
        Self { status, note: None, picture: None, seal: None }
    }
}

/// Inserts an active tip without a picture, a note or a seal.
///
/// # Errors
/// A database error.
#[cfg(test)]
pub async fn insert_tip(tx: &mut Tx, tip: &NewTip<'_>) -> Result<TipId, sqlx::Error> {
    publish(tx, tip, &Publication::of(TipStatus::Active)).await
}

/// Inserts a tip with its matches, and gives its number. The public columns are calculated by `tips::public`.
///
/// # Errors
/// A database error.
pub async fn publish(
    tx: &mut Tx,
    tip: &NewTip<'_>,
    publication: &Publication<'_>,
) -> Result<TipId, sqlx::Error> {
    const INSERT: &str = "INSERT INTO tips (tipster_id, bookmaker, bet_code, odds_thousandths, price_cents, \
                          status, match_count,
            first_kick_off_at, last_kick_off_at, sales_close_at, created_at, has_picture, picture, \
                picture_hash, note, seal, seal_salt,
            public_odds_thousandths, search_text)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19) \
            RETURNING id";
    const INSERT_MATCHES: &str = "INSERT INTO tip_matches (tip_id, position, home_team, away_team, league, \
                                  kick_off_at, market, selection, odds_thousandths) ";
    let first = tip.matches.iter().map(|leg| leg.kick_off_at).min().unwrap_or(tip.created_at);
    let last = tip.matches.iter().map(|leg| leg.kick_off_at).max().unwrap_or(tip.created_at);
    let public = public(tip);
    let (picture, picture_hash) = publication.picture.unzip();
    let (seal, salt) = publication.seal.unzip();
    let id: TipId = on!(tx, |c| {
        let insert = sqlx::query_scalar(INSERT)
            .bind(tip.tipster)
            .bind(public.bookmaker)
            .bind(tip.bet_code)
            .bind(tip.odds);
        let insert = insert
            .bind(public.price)
            .bind(publication.status)
            .bind(public.match_count())
            .bind(first)
            .bind(last);
        let insert = insert
            .bind(public.sales_close_at)
            .bind(tip.created_at)
            .bind(picture.is_some())
            .bind(picture)
            .bind(picture_hash);
        let insert = insert
            .bind(publication.note)
            .bind(seal)
            .bind(salt)
            .bind(public.odds.thousandths())
            .bind(public.search_text());
        insert.fetch_one(c).await
    })?;
    on!(tx, |c| {
        let mut insert = sqlx::QueryBuilder::new(INSERT_MATCHES);
        insert.push_values(tip.matches.iter().zip(1_i64..), |mut row, (leg, position)| {
            row.push_bind(id)
                .push_bind(position)
                .push_bind(&leg.home_team)
                .push_bind(&leg.away_team)
                .push_bind(&leg.league);
            row.push_bind(leg.kick_off_at)
                .push_bind(&leg.market)
                .push_bind(&leg.selection)
                .push_bind(leg.odds);
        });
        insert.build().execute(c).await.map(|_| ())
    })?;
    Ok(id)
}

/// How many tips are on sale; the demo data fills the market up to a number.
///
/// # Errors
/// A database error.
pub async fn count_on_sale(db: &Db, now: DateTime<Utc>) -> Result<i64, sqlx::Error> {
    const COUNT: &str = "SELECT COUNT(*) FROM tips WHERE status = 'active' AND sales_close_at > $1";
    read!(db, |c| sqlx::query_scalar(COUNT).bind(now).fetch_one(c).await)
}

/// A tip with everything in it, for the command line of operators.
#[derive(Debug, serde::Serialize)]
pub struct FullTip {
    pub tip_id: TipId,
    pub tipster: String,
    pub status: TipStatus,
    pub bookmaker: Bookmaker,
    pub bet_code: String,
    pub odds: String,
    pub price: String,
    pub sales: i64,
    pub sales_close_at: DateTime<Utc>,
    pub matches: Vec<String>,
}

/// A tip with everything in it; `None` if there is no such tip. Nobody's right to see it is checked.
///
/// # Errors
/// A database error.
pub async fn full(db: &Db, tip: TipId) -> Result<Option<FullTip>, sqlx::Error> {
    let rows = detail(db, tip, None).await?;
    let matches = rows.iter().map(|row| {
        format!(
            "{} - {} ({}): {} @ {}",
            row.home_team, row.away_team, row.market, row.selection, row.match_odds
        )
    });
    let matches = matches.collect();
    Ok(rows.into_iter().next().map(|row| FullTip {
        tip_id: row.card.id,
        tipster: row.card.tipster,
        status: row.status,
        bookmaker: row.card.bookmaker,
        bet_code: row.bet_code,
        odds: row.odds_thousandths.to_string(),
        price: row.card.price.to_decimal_string(),
        sales: row.card.sales,
        sales_close_at: row.card.sales_close_at,
        matches,
    }))
}

/// Adds views to those of each tip. `views` must be in the order of the tips' numbers, so that two servers
/// that write at the same time cannot lock each other out.
///
/// # Errors
/// A database error.
pub async fn add_views(tx: &mut Tx, views: &[(TipId, i64)]) -> Result<(), sqlx::Error> {
    on!(tx, |c| {
        let mut insert = sqlx::QueryBuilder::new("INSERT INTO tip_views (tip_id, view_count) ");
        insert.push_values(views, |mut row, (tip, count)| {
            row.push_bind(*tip).push_bind(*count);
        });
        insert.push(
            " ON CONFLICT (tip_id) DO UPDATE SET view_count = tip_views.view_count + excluded.view_count",
        );
        insert.build().execute(c).await.map(|_| ())
    })
}
