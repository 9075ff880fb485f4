//! The market: what is on sale, as a visitor asked for it, a page at a time.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};

use super::find::{Filter, Order};
use super::record::Span;
use super::service::card;
use super::store::{self, CardRow};
use super::{TipCard, Tips};
use crate::platform::db::Failure;

/// How many tips a page shows.
pub const PAGE: u32 = 24;
/// By record, so many tips that close soonest are put in order.
const ORDERED_BY_RECORD: i64 = 1_000;

/// A page of what is on sale.
#[derive(Debug, Clone)]
pub struct Market {
    pub cards: Vec<TipCard>,
    /// When the page was made, for "closes in 2 h".
    pub now: DateTime<Utc>,
    pub has_more: bool,
}

impl Tips {
    pub async fn market(&self, filter: &Filter) -> Result<Market, Failure> {
        let now = self.clock.now();
        let (page, first) = (i64::from(PAGE), i64::from(PAGE) * i64::from(filter.page.max(1) - 1));
        let standings = self.standings(Span::All).await?;
        let is_by_record = filter.order == Order::Record;
        // One row more tells whether there is another page.
        let (limit, offset) = if is_by_record { (ORDERED_BY_RECORD, 0) } else { (page + 1, first) };
        let mut rows = store::market::market(&self.db, filter, now, limit, offset).await?;
        if is_by_record {
            rows.sort_by_key(|row| Reverse(standings.score(row.tipster_id)));
            let first = usize::try_from(first).unwrap_or(usize::MAX);
            rows = rows.into_iter().skip(first).take(usize::try_from(page + 1).unwrap_or(0)).collect();
        }
        let shown = usize::try_from(PAGE).unwrap_or(0);
        let has_more = rows.len() > shown;
        rows.truncate(shown);
        let with_record = |row: CardRow| {
            let tipster_record = standings.tally(row.tipster_id);
            TipCard { tipster_record, ..card(row) }
        };
        Ok(Market { cards: rows.into_iter().map(with_record).collect(), now, has_more })
    }
}
