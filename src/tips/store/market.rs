//! What is on sale, narrowed and ordered as a visitor asked, with one statement for a page. The statements
//! are public so that a test can look at their query plans.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};

use super::CardRow;
use crate::platform::db::{Db, read};
use crate::tips::Bookmaker;
use crate::tips::filter::{Filter, SortOrder};
use crate::types::{PersonId, TipId};

/// The columns of a card.
const COLUMNS: &str = "SELECT t.id, t.tipster_id, p.display_name AS tipster, p.handle AS tipster_handle, \
        p.is_verified AS tipster_is_verified,
        t.bookmaker, t.public_odds_thousandths, t.price_cents, t.match_count, t.sales_close_at,
        COALESCE(s.sale_count, 0) AS sales";

/// What is joined to a tip for its card.
const JOINED: &str = "t JOIN people p ON p.id = t.tipster_id LEFT JOIN tip_sales s ON s.tip_id = t.id";

/// A statement for one page of cards. The tips are chosen and cut to a page first, so that only the tips of
/// the page are joined.
fn cards(condition: &str, order: &str) -> String {
    format!(
        "{COLUMNS} FROM (SELECT t.* FROM tips t WHERE {condition} ORDER BY {order} \
         LIMIT $2 OFFSET $3) {JOINED} ORDER BY {order}"
    )
}

/// Sales close after `$1`. This form is for the order by closing time.
const OPEN: &str = "t.sales_close_at > $1";
/// The same condition for any other order. `IS TRUE` keeps SQLite from using another index than that of the
/// order, which would make it sort everything. That index holds only tips without a result, and no tip on
/// sale has one, so the second condition costs nothing.
const OPEN_IN_ORDER: &str = "(t.sales_close_at > $1) IS TRUE AND t.result IS NULL";

/// The condition of the filter; it reads only what is public (`tips::public`). Every parameter is always
/// bound, with the widest limits where nothing was asked, so that each order has one text and one plan.
fn on_sale(is_open: &str) -> String {
    let words = ["$4", "$5", "$6"].map(found).join(" AND ");
    format!(
        "t.status = 'active' AND {is_open} AND t.bookmaker LIKE $7
        AND (t.public_odds_thousandths BETWEEN $8 AND $9) IS TRUE \
            AND (t.price_cents BETWEEN $10 AND $11) IS TRUE
        AND t.match_count BETWEEN $12 AND $13 \
            AND (t.sales_close_at >= $14 AND t.sales_close_at < $15) IS TRUE AND {words}"
    )
}

/// Whether a word is found in the tip or in its tipster's name. The pattern `%` of a missing word reads
/// neither.
fn found(word: &str) -> String {
    format!(
        "({word} = '%' OR t.search_text LIKE {word} ESCAPE '!'
            OR (SELECT LOWER(w.display_name) FROM people w WHERE w.id = t.tipster_id) LIKE {word} ESCAPE '!')"
    )
}

/// Binds the parameters that `on_sale` and `cards` number.
macro_rules! bind_question {
    ($query:expr, $filter:expr, $now:expr, $limit:expr, $offset:expr) => {{
        let (words, (from, until)) = ($filter.patterns(), $filter.closings($now));
        let find = $query.bind($now).bind($limit).bind($offset);
        let find = words.into_iter().fold(find, |find, word| find.bind(word));
        let find = find.bind($filter.bookmaker.map_or("%", Bookmaker::as_str));
        let find = find.bind($filter.odds.0).bind($filter.odds.1).bind($filter.price.0).bind($filter.price.1);
        find.bind($filter.matches.0).bind($filter.matches.1).bind(from).bind(until)
    }};
}

/// A page of the market in the order of closing times.
pub static CLOSING: LazyLock<String> = LazyLock::new(|| cards(&on_sale(OPEN), "t.sales_close_at, t.id"));
/// A page of the market, newest first.
pub static NEWEST: LazyLock<String> =
    LazyLock::new(|| cards(&on_sale(OPEN_IN_ORDER), "t.created_at DESC, t.id DESC"));
/// A page of the market, highest odds first.
pub static ODDS: LazyLock<String> =
    LazyLock::new(|| cards(&on_sale(OPEN_IN_ORDER), "t.public_odds_thousandths DESC, t.id"));
/// A page of the market, lowest price first.
pub static PRICE: LazyLock<String> = LazyLock::new(|| cards(&on_sale(OPEN_IN_ORDER), "t.price_cents, t.id"));

/// A page of tips on sale. The database does not know the order by record; for it the tips come closing
/// soonest first.
///
/// # Errors
/// A database error.
pub async fn market(
    db: &Db,
    filter: &Filter,
    now: DateTime<Utc>,
    limit: i64,
    offset: i64,
) -> Result<Vec<CardRow>, sqlx::Error> {
    let statement = match filter.order {
        SortOrder::Closing | SortOrder::Record => &CLOSING,
        SortOrder::Newest => &NEWEST,
        SortOrder::Odds => &ODDS,
        SortOrder::Price => &PRICE,
    };
    read!(db, |c| bind_question!(sqlx::query_as(statement.as_str()), filter, now, limit, offset)
        .fetch_all(c)
        .await)
}

/// The ids of the filtered tips and of their tipsters, in the order of closing times.
pub static CLOSING_BY: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT t.id, t.tipster_id FROM tips t WHERE {} ORDER BY t.sales_close_at, t.id LIMIT $2 OFFSET $3",
        on_sale(OPEN)
    )
});

/// Which tips are on sale, and by whom, closing soonest first. The caller orders them by their tipsters'
/// records, which only it knows.
///
/// # Errors
/// A database error.
pub async fn closing_by(
    db: &Db,
    filter: &Filter,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<(TipId, PersonId)>, sqlx::Error> {
    read!(db, |c| bind_question!(sqlx::query_as(CLOSING_BY.as_str()), filter, now, limit, 0_i64)
        .fetch_all(c)
        .await)
}

/// The cards of these tips, in no order. Tips that are not on sale any more are left out.
///
/// # Errors
/// A database error.
pub async fn cards_of(db: &Db, tips: &[TipId], now: DateTime<Utc>) -> Result<Vec<CardRow>, sqlx::Error> {
    if tips.is_empty() {
        return Ok(Vec::new());
    }
    read!(db, |c| {
        let mut find = sqlx::QueryBuilder::new(COLUMNS);
        find.push(" FROM tips ").push(JOINED).push(" WHERE t.status = 'active' AND t.sales_close_at > ");
        find.push_bind(now).push(" AND t.id IN (");
        let mut ids = find.separated(", ");
        for tip in tips {
            ids.push_bind(*tip);
        }
        ids.push_unseparated(")");
        find.build_query_as().fetch_all(c).await
    })
}

/// A page of one tipster's tips on sale.
pub static ON_SALE_OF: LazyLock<String> = LazyLock::new(|| {
    let tipster = "(SELECT id FROM people WHERE handle = $4 AND is_tipster)";
    cards(&format!("t.status = 'active' AND {OPEN} AND t.tipster_id = {tipster}"), "t.sales_close_at, t.id")
});

/// What one tipster has on sale, closing soonest first.
///
/// # Errors
/// A database error.
pub async fn on_sale_of(
    db: &Db,
    handle: &str,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<CardRow>, sqlx::Error> {
    read!(db, |c| sqlx::query_as(ON_SALE_OF.as_str())
        .bind(now)
        .bind(limit)
        .bind(0_i64)
        .bind(handle)
        .fetch_all(c)
        .await)
}
