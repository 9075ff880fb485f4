//! What is on sale, narrowed and ordered as a visitor asked: one statement a page.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};

use super::CardRow;
use crate::platform::db::{Db, read};
use crate::tips::Bookmaker;
use crate::tips::filter::{Filter, SortOrder};
use crate::types::{PersonId, TipId};

/// A card's columns.
const COLUMNS: &str =
    "SELECT t.id, t.tipster_id, p.display_name AS tipster, p.handle AS tipster_handle, p.is_verified AS tipster_is_verified,
        t.bookmaker, t.public_odds_thousandths, t.price_cents, t.match_count, t.sales_close_at,
        COALESCE(s.sale_count, 0) AS sales";

/// What is joined to a tip for its card.
const JOINED: &str = "t JOIN people p ON p.id = t.tipster_id LEFT JOIN tip_sales s ON s.tip_id = t.id";

/// Cards of tips that are chosen and cut to a page first, so that only the page's own tips are joined.
fn cards(condition: &str, order: &str) -> String {
    format!(
        "{COLUMNS} FROM (SELECT t.* FROM tips t WHERE {condition} ORDER BY {order} LIMIT $2 OFFSET $3) {JOINED} ORDER BY {order}"
    )
}

/// Sales close after `$1`; for the order of closing times.
const OPEN: &str = "t.sales_close_at > $1";
/// The same for any other order. `IS TRUE` keeps SQLite from walking along another index than the order's
/// own, and sorting all of it. That index holds what has no result, as nothing on sale has.
const OPEN_IN_ORDER: &str = "(t.sales_close_at > $1) IS TRUE AND t.result IS NULL";

/// On sale, and as the filter says, which reads nothing but what is public (`tips::public`). Every parameter
/// always stands, wide open where nothing was asked, so that there is one text, and one plan, for each order.
fn on_sale(is_open: &str) -> String {
    let words = ["$4", "$5", "$6"].map(found).join(" AND ");
    format!(
        "t.status = 'active' AND {is_open} AND t.bookmaker LIKE $7
        AND (t.public_odds_thousandths BETWEEN $8 AND $9) IS TRUE AND (t.price_cents BETWEEN $10 AND $11) IS TRUE
        AND t.match_count BETWEEN $12 AND $13 AND (t.sales_close_at >= $14 AND t.sales_close_at < $15) IS TRUE AND {words}"
    )
}

/// Whether a word is found; nothing is read where none was asked.
fn found(word: &str) -> String {
    format!(
        "({word} = '%' OR t.search_text LIKE {word} ESCAPE '!'
            OR (SELECT LOWER(w.display_name) FROM people w WHERE w.id = t.tipster_id) LIKE {word} ESCAPE '!')"
    )
}

/// Binds what `on_sale` and `cards` number.
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

pub static CLOSING: LazyLock<String> = LazyLock::new(|| cards(&on_sale(OPEN), "t.sales_close_at, t.id"));
pub static NEWEST: LazyLock<String> =
    LazyLock::new(|| cards(&on_sale(OPEN_IN_ORDER), "t.created_at DESC, t.id DESC"));
pub static ODDS: LazyLock<String> =
    LazyLock::new(|| cards(&on_sale(OPEN_IN_ORDER), "t.public_odds_thousandths DESC, t.id"));
pub static PRICE: LazyLock<String> = LazyLock::new(|| cards(&on_sale(OPEN_IN_ORDER), "t.price_cents, t.id"));

/// A page of tips on sale, in an order that the database knows: by record they come closing soonest first.
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

pub static CLOSING_BY: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT t.id, t.tipster_id FROM tips t WHERE {} ORDER BY t.sales_close_at, t.id LIMIT $2 OFFSET $3",
        on_sale(OPEN)
    )
});

/// Which tips are on sale, and by whom, closing soonest first: enough to put them in order by what only we
/// know.
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

/// The cards of some tips, in no order, if they are still on sale.
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

pub static ON_SALE_OF: LazyLock<String> = LazyLock::new(|| {
    let tipster = "(SELECT id FROM people WHERE handle = $4 AND is_tipster)";
    cards(&format!("t.status = 'active' AND {OPEN} AND t.tipster_id = {tipster}"), "t.sales_close_at, t.id")
});

/// What one tipster has on sale, closing soonest first.
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
