//! What is on sale, narrowed and ordered as a visitor asked: one statement a page.

use chrono::{DateTime, Utc};

use super::{CardRow, TipId};
use crate::platform::db::{Db, read};
use crate::tips::filter::{Filter, SortOrder};
use crate::types::PersonId;

/// The columns of a card.
macro_rules! columns {
    () => {
        "SELECT t.id, t.tipster_id, p.display_name AS tipster, p.handle AS tipster_handle, p.is_verified AS tipster_is_verified,
            t.bookmaker, t.public_odds_thousandths, t.price_cents, t.match_count, t.sales_close_at,
            COALESCE(s.sale_count, 0) AS sales "
    };
}

/// What is joined to a tip for its card.
macro_rules! joined {
    () => {
        " t JOIN people p ON p.id = t.tipster_id LEFT JOIN tip_sales s ON s.tip_id = t.id "
    };
}

/// Cards around the tips that the inner query picks, so that only the page's own tips are joined.
macro_rules! cards {
    ($tips:expr, $order:expr) => {
        concat!(
            columns!(),
            "FROM (SELECT t.* FROM ",
            $tips,
            " ORDER BY ",
            $order,
            " LIMIT $2 OFFSET $3)",
            joined!(),
            "ORDER BY ",
            $order
        )
    };
}

/// Whether a word is found; nothing is read where none was asked.
macro_rules! found {
    ($word:literal) => {
        concat!(
            "(",
            $word,
            " = '%' OR t.search_text LIKE ",
            $word,
            " ESCAPE '!' OR (SELECT LOWER(w.display_name) FROM people w WHERE w.id = t.tipster_id) LIKE ",
            $word,
            " ESCAPE '!')"
        )
    };
}

/// On sale at `$1`, and as the filter says, which reads nothing but what is public (`tips::public`). Every
/// parameter always stands, wide open where nothing was asked, so that there is one text, and one plan, for
/// each order.
macro_rules! on_sale {
    ($is_open:literal) => {
        concat!(
            "tips t WHERE t.status = 'active' AND ",
            $is_open,
            " AND t.bookmaker LIKE $7
            AND (t.public_odds_thousandths BETWEEN $8 AND $9) IS TRUE AND (t.price_cents BETWEEN $10 AND $11) IS TRUE
            AND t.match_count BETWEEN $12 AND $13 AND (t.sales_close_at >= $14 AND t.sales_close_at < $15) IS TRUE AND ",
            found!("$4"),
            " AND ",
            found!("$5"),
            " AND ",
            found!("$6")
        )
    };
}

/// For an order that is not that of closing times. `IS TRUE` keeps SQLite from walking along another index
/// than the order's own, and sorting all of it. That index holds what has no result, as nothing on sale has.
macro_rules! on_sale_in_order {
    () => {
        on_sale!("(t.sales_close_at > $1) IS TRUE AND t.result IS NULL")
    };
}

/// Binds what `on_sale` asks.
macro_rules! asked {
    ($query:expr, $filter:expr, $now:expr, $limit:expr, $offset:expr) => {{
        let (words, (from, until)) = ($filter.patterns(), $filter.closings($now));
        let find = $query.bind($now).bind($limit).bind($offset);
        let find = words.into_iter().fold(find, |find, word| find.bind(word));
        let find = find.bind($filter.bookmaker.map_or("%", super::Bookmaker::as_str));
        let find = find.bind($filter.odds.0).bind($filter.odds.1).bind($filter.price.0).bind($filter.price.1);
        find.bind($filter.matches.0).bind($filter.matches.1).bind(from).bind(until)
    }};
}

pub const CLOSING: &str = cards!(on_sale!("t.sales_close_at > $1"), "t.sales_close_at, t.id");
pub const NEWEST: &str = cards!(on_sale_in_order!(), "t.created_at DESC, t.id DESC");
pub const ODDS: &str = cards!(on_sale_in_order!(), "t.public_odds_thousandths DESC, t.id");
pub const PRICE: &str = cards!(on_sale_in_order!(), "t.price_cents, t.id");

/// A page of tips on sale, in an order that the database knows: by record they come closing soonest first.
pub async fn market(
    db: &Db,
    filter: &Filter,
    now: DateTime<Utc>,
    limit: i64,
    offset: i64,
) -> Result<Vec<CardRow>, sqlx::Error> {
    let statement = match filter.order {
        SortOrder::Closing | SortOrder::Record => CLOSING,
        SortOrder::Newest => NEWEST,
        SortOrder::Odds => ODDS,
        SortOrder::Price => PRICE,
    };
    read!(db, |c| asked!(sqlx::query_as(statement), filter, now, limit, offset).fetch_all(c).await)
}

pub const CLOSING_BY: &str = concat!(
    "SELECT t.id, t.tipster_id FROM ",
    on_sale!("t.sales_close_at > $1"),
    " ORDER BY t.sales_close_at, t.id LIMIT $2 OFFSET $3"
);

/// Which tips are on sale, and by whom, closing soonest first: enough to put them in order by what only we
/// know.
pub async fn closing_by(
    db: &Db,
    filter: &Filter,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<(TipId, PersonId)>, sqlx::Error> {
    read!(db, |c| asked!(sqlx::query_as(CLOSING_BY), filter, now, limit, 0_i64).fetch_all(c).await)
}

/// The cards of some tips, in no order, if they are still on sale.
pub async fn cards_of(db: &Db, tips: &[TipId], now: DateTime<Utc>) -> Result<Vec<CardRow>, sqlx::Error> {
    if tips.is_empty() {
        return Ok(Vec::new());
    }
    read!(db, |c| {
        let mut find = sqlx::QueryBuilder::new(concat!(
            columns!(),
            "FROM tips",
            joined!(),
            "WHERE t.status = 'active' AND t.sales_close_at > "
        ));
        find.push_bind(now).push(" AND t.id IN (");
        let mut ids = find.separated(", ");
        for tip in tips {
            ids.push_bind(*tip);
        }
        ids.push_unseparated(")");
        find.build_query_as().fetch_all(c).await
    })
}

pub const ON_SALE_OF: &str = cards!(
    "tips t WHERE t.status = 'active' AND t.sales_close_at > $1 AND t.tipster_id = (SELECT id FROM people WHERE handle = $4 AND is_tipster)",
    "t.sales_close_at, t.id"
);

/// What one tipster has on sale, closing soonest first.
pub async fn on_sale_of(
    db: &Db,
    handle: &str,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<CardRow>, sqlx::Error> {
    read!(db, |c| sqlx::query_as(ON_SALE_OF)
        .bind(now)
        .bind(limit)
        .bind(0_i64)
        .bind(handle)
        .fetch_all(c)
        .await)
}
