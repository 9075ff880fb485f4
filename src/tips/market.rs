//! The market: what is on sale, as a visitor asked for it, a page at a time.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};

use super::find::{Filter, Order};
use super::record::Span;
use super::service::card;
use super::standings::Standings;
use super::store::{self, CardRow};
use super::{TipCard, Tips};
use crate::platform::db::Failure;
use crate::types::TipId;

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
        let standings = self.standings(Span::All).await?;
        // One tip more tells whether there is another page.
        let (limit, first) = (i64::from(PAGE) + 1, i64::from(PAGE) * i64::from(filter.page.max(1) - 1));
        let mut rows = match filter.order {
            Order::Record => self.by_record(filter, now, &standings, (first, limit)).await?,
            _ => store::market::market(&self.db, filter, now, limit, first).await?,
        };
        let shown = usize::try_from(PAGE).unwrap_or(0);
        let has_more = rows.len() > shown;
        rows.truncate(shown);
        let with_record = |row: CardRow| {
            let tipster_record = standings.tally(row.tipster_id);
            TipCard { tipster_record, ..card(row) }
        };
        Ok(Market { cards: rows.into_iter().map(with_record).collect(), now, has_more })
    }

    /// What a record is, the database does not know: which tips there are is asked first, then for the cards of this page.
    async fn by_record(
        &self,
        filter: &Filter,
        now: DateTime<Utc>,
        standings: &Standings,
        (first, limit): (i64, i64),
    ) -> Result<Vec<CardRow>, Failure> {
        let mut tips = store::market::closing_by(&self.db, filter, now, ORDERED_BY_RECORD).await?;
        tips.sort_by_key(|(_, tipster)| Reverse(standings.score(*tipster)));
        let (first, limit) = (usize::try_from(first).unwrap_or(usize::MAX), usize::try_from(limit).unwrap_or(0));
        let page: Vec<TipId> = tips.into_iter().map(|(tip, _)| tip).skip(first).take(limit).collect();
        let mut rows = store::market::cards_of(&self.db, &page).await?;
        rows.sort_by_key(|row| page.iter().position(|tip| *tip == row.id));
        Ok(rows)
    }
}
