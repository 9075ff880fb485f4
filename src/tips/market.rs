//! The market: what is on sale, filtered and ordered as a visitor asked, one page at a time.

use std::cmp::Reverse;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::catalogue::Tips;
use super::filter::{Filter, SortOrder};
use super::record::Span;
use super::store::{self, CardRow};
use super::view::TipCard;
use crate::platform::db::Failure;
use crate::types::{AppError, TipId};

/// How many tips a page shows.
pub const PAGE: u32 = 24;
/// In the order by record, at most this many tips are ordered: those that close soonest.
const ORDERED_BY_RECORD: i64 = 1_000;
/// One page of what is on sale.
#[derive(Debug, Clone)]
pub struct MarketListing {
    pub cards: Vec<TipCard>,
    /// When the page was made; "closes in 2 h" is counted from it.
    pub now: DateTime<Utc>,
    pub has_more: bool,
}

impl Tips {
    /// The page of the market that `filter` asks for. An empty page is no error: the caller decides whether
    /// that means an empty market or a page number that is too high.
    ///
    /// # Errors
    /// `AppError::Busy` if the records of all tipsters could not be read; a database error.
    pub async fn market(&self, filter: &Filter) -> Result<MarketListing, Failure> {
        let now = self.clock.now();
        let first = PAGE * (filter.page.max(1) - 1);
        let (mut rows, has_more) = if filter.order == SortOrder::Record {
            self.by_record(filter, now, first).await?
        } else {
            // One tip more than a page shows is read, to know whether there is another page.
            let rows =
                store::market::market(&self.db, filter, now, i64::from(PAGE) + 1, i64::from(first)).await?;
            let has_more = rows.len() > index(PAGE);
            (rows, has_more)
        };
        rows.truncate(index(PAGE));
        let standings = self.standings(Span::All).await?;
        let with_record = |row: CardRow| {
            let tipster_record = standings.tally(row.tipster_id);
            TipCard { tipster_record, ..row.into() }
        };
        Ok(MarketListing { cards: rows.into_iter().map(with_record).collect(), now, has_more })
    }

    /// A page in the order by record, and whether there is another one. The score of a record is calculated
    /// in Rust, so the database cannot order by it. The database is asked twice: first for the ids of the
    /// matching tips and their tipsters, which are ordered here and cached, then for the cards of one page.
    async fn by_record(
        &self,
        filter: &Filter,
        now: DateTime<Utc>,
        first: u32,
    ) -> Result<(Vec<CardRow>, bool), Failure> {
        let order = async {
            let tips =
                async { Ok(store::market::closing_by(&self.db, filter, now, ORDERED_BY_RECORD).await?) };
            let (standings, mut tips) = tokio::try_join!(self.standings(Span::All), tips)?;
            tips.sort_by_key(|(_, tipster)| Reverse(standings.score(*tipster)));
            Ok::<_, Failure>(Arc::new(tips.into_iter().map(|(tip, _)| tip).collect::<Vec<TipId>>()))
        };
        let question = Filter { page: 1, ..filter.clone() };
        let tips = self.record_order.try_get_with(question, order).await.map_err(|error| {
            tracing::warn!(%error, "tips could not be put in order");
            AppError::Busy
        })?;
        let page = tips.get(index(first)..).unwrap_or_default();
        let has_more = page.len() > index(PAGE);
        let page = &page[..page.len().min(index(PAGE))];
        let mut rows = store::market::cards_of(&self.db, page, now).await?;
        rows.sort_by_key(|row| page.iter().position(|tip| *tip == row.id));
        Ok((rows, has_more))
    }
}

fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
