//! What the page of purchases reads.

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use super::{BoughtPick, DebtView, Show};
use crate::payments::Payment;
use crate::platform::cursor::Before;
use crate::platform::db::{Db, read};
use crate::tips::Bookmaker;
use crate::tips::store::IN_ORDER;
use crate::types::{Kes, Odds, PaymentId, PersonId, TipId, TipResult};

/// A payment, its tip, and what it bought. Every row repeats the buyer's sums.
#[derive(FromRow)]
pub struct PurchaseRow {
    #[sqlx(flatten)]
    pub payment: Payment,
    pub tipster: String,
    pub bookmaker: Bookmaker,
    pub match_count: i64,
    pub odds_thousandths: Odds,
    /// The tip's bet code, if this payment bought it.
    pub bet_code: Option<String>,
    pub result: Option<TipResult>,
    pub spent_cents: Kes,
    pub bought_count: i64,
    pub won_count: i64,
    pub lost_count: i64,
}

macro_rules! purchases {
    ($condition:literal) => {
        concat!(
            "SELECT p.*, w.display_name AS tipster, t.bookmaker, t.match_count, t.odds_thousandths,
                CASE WHEN b.payment_id IS NOT NULL THEN t.bet_code END AS bet_code,
                CASE WHEN b.payment_id IS NOT NULL THEN t.result END AS result,
                s.spent_cents, s.bought_count, s.won_count, s.lost_count
            FROM payments p JOIN tips t ON t.id = p.tip_id JOIN people w ON w.id = p.tipster_id
            LEFT JOIN purchases b ON b.payment_id = p.id
            CROSS JOIN (SELECT CAST(COALESCE(SUM(o.price_cents), 0) AS BIGINT) AS spent_cents, COUNT(*) AS bought_count,
                    COUNT(CASE WHEN ot.result = 'won' THEN 1 END) AS won_count, COUNT(CASE WHEN ot.result = 'lost' THEN 1 END) AS lost_count
                FROM purchases o JOIN tips ot ON ot.id = o.tip_id WHERE o.buyer_id = $1) s
            WHERE p.buyer_id = $1 AND (p.pushed_at, p.id) < ($2, $3) AND ",
            $condition,
            " ORDER BY p.pushed_at DESC, p.id DESC LIMIT $4"
        )
    };
}

/// The query of all payments of a buyer; a test looks at its plan.
pub const ALL: &str = purchases!("TRUE");
const OPEN: &str = purchases!("b.payment_id IS NOT NULL AND t.result IS NULL");
const SETTLED: &str = purchases!("b.payment_id IS NOT NULL AND t.result IS NOT NULL");
const UNPAID: &str = purchases!("b.payment_id IS NULL");

/// Payments of a buyer that were pushed before a cursor, the newest first, `limit` at most.
///
/// # Errors
/// A database error.
pub async fn payments(
    db: &Db,
    buyer: PersonId,
    show: Show,
    before: Before,
    limit: i64,
) -> Result<Vec<PurchaseRow>, sqlx::Error> {
    let find = match show {
        Show::All => ALL,
        Show::Open => OPEN,
        Show::Settled => SETTLED,
        Show::Unpaid => UNPAID,
    };
    read!(db, |c| sqlx::query_as(find)
        .bind(buyer)
        .bind(before.at)
        .bind(before.id)
        .bind(limit)
        .fetch_all(c)
        .await)
}

/// One match of a bought tip.
#[derive(FromRow)]
pub struct PickRow {
    pub tip_id: TipId,
    home_team: String,
    away_team: String,
    kick_off_at: DateTime<Utc>,
    market: String,
    selection: String,
    odds_thousandths: Odds,
    result: Option<TipResult>,
    score: Option<String>,
}

impl From<PickRow> for BoughtPick {
    fn from(row: PickRow) -> Self {
        Self {
            home_team: row.home_team,
            away_team: row.away_team,
            kick_off_at: row.kick_off_at,
            market: row.market,
            selection: row.selection,
            odds: row.odds_thousandths,
            result: row.result,
            score: row.score,
        }
    }
}

/// The matches of those of these tips that the buyer has bought. Other tips in the list give nothing.
///
/// # Errors
/// A database error.
pub async fn picks(db: &Db, buyer: PersonId, tips: &[TipId]) -> Result<Vec<PickRow>, sqlx::Error> {
    const PICKS: &str =
        "SELECT m.tip_id AS tip_id, m.home_team, m.away_team, m.kick_off_at, m.market, m.selection, m.odds_thousandths, m.result, m.score
        FROM purchases b JOIN tip_matches m ON m.tip_id = b.tip_id WHERE b.buyer_id = ";
    if tips.is_empty() {
        return Ok(Vec::new());
    }
    read!(db, |c| {
        let mut find = sqlx::QueryBuilder::new(PICKS);
        find.push_bind(buyer).push(" AND b.tip_id IN (");
        let mut list = find.separated(", ");
        for tip in tips {
            list.push_bind(*tip);
        }
        find.push(IN_ORDER);
        find.build_query_as().fetch_all(c).await
    })
}

/// The beginning of the query of `debts`; a test looks at its plan.
pub const DEBTS: &str = "SELECT payment_id, owed_cents, status = 'paid' AS is_paid, due_at, paid_at, \
    refund_receipt AS receipt, receipt AS came_under, reason IN ('further_receipt', 'returned') AS is_further
    FROM debts WHERE payment_id IN (";

/// A debt of a payment.
#[derive(FromRow)]
pub struct DebtRow {
    pub payment_id: PaymentId,
    #[sqlx(flatten)]
    pub debt: DebtView,
}

/// All that is or was owed of what came under these payments, the oldest first.
///
/// # Errors
/// A database error.
pub async fn debts(db: &Db, payments: &[PaymentId]) -> Result<Vec<DebtRow>, sqlx::Error> {
    if payments.is_empty() {
        return Ok(Vec::new());
    }
    read!(db, |c| {
        let mut find = sqlx::QueryBuilder::new(DEBTS);
        let mut ids = find.separated(", ");
        for payment in payments {
            ids.push_bind(*payment);
        }
        find.push(") ORDER BY owed_at, id");
        find.build_query_as().fetch_all(c).await
    })
}
