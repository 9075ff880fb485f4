//! A tipster's own tips and drafts, and how each of them is doing.

use chrono::{DateTime, Utc};

use super::draft::Draft;
use super::service::Selling;
use super::store::{self, MineRow};
use super::{DRAFTS, DraftLine};
use crate::platform::cursor::{no_such_page, one_more};
use crate::platform::db::Failure;
use crate::platform::viewer::Viewer;
use crate::tips::view::TipState;
use crate::tips::{Bookmaker, TipOutcome};
use crate::types::{Kes, Odds, TipId};

const PAGE: usize = 20;

/// One page of a tipster's own tips.
#[derive(Debug, Clone)]
pub struct MyTips {
    /// All open drafts, on the first page only. There are at most `DRAFTS`.
    pub drafts: Vec<DraftLine>,
    /// Published tips, newest first.
    pub tips: Vec<MyTip>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<String>,
}

/// One published tip in its tipster's list.
#[derive(Debug, Clone)]
pub struct MyTip {
    pub number: TipId,
    pub bookmaker: Bookmaker,
    pub odds: Odds,
    pub price: Kes,
    pub match_count: i64,
    pub state: TipState,
    pub rejection_reason: Option<String>,
    pub outcome: Option<TipOutcome>,
    pub first_kick_off_at: DateTime<Utc>,
    pub published_at: DateTime<Utc>,
    /// How many people looked at it, each counted once a day.
    pub views: i64,
    pub sales: i64,
    /// The tipster's share of all sales.
    pub earned: Kes,
}

impl MyTip {
    /// Whether the button to withdraw is shown. A payment under way may still forbid it.
    pub fn may_withdraw(&self) -> bool {
        self.sales == 0 && matches!(self.state, TipState::Waiting | TipState::OnSale)
    }
}

impl Selling {
    /// A page of the tipster's own tips: those older than the tip whose number `after` names, or the newest
    /// ones.
    ///
    /// # Errors
    /// `AppError::Invalid` if `after` is no number; a database error.
    pub async fn mine(&self, tipster: &Viewer, after: Option<&str>) -> Result<MyTips, Failure> {
        let after = after.filter(|text| !text.is_empty());
        let before = match after {
            None => TipId(i64::MAX),
            Some(text) => text.parse().map_err(|_| no_such_page())?,
        };
        let now = self.tips.clock.now();
        let drafts = match after {
            None => {
                store::drafts(&self.tips.db, tipster.id, i64::try_from(DRAFTS).unwrap_or(i64::MAX)).await?
            }
            Some(_) => Vec::new(),
        };
        let mut rows = store::mine(&self.tips.db, tipster.id, before, one_more(PAGE)).await?;
        let has_more = rows.len() > PAGE;
        rows.truncate(PAGE);
        let next = rows.last().filter(|_| has_more).map(|row| row.id.to_string());
        let tips = rows.into_iter().map(|row| my_tip(row, now)).collect();
        Ok(MyTips { drafts: drafts.iter().map(draft_line).collect(), tips, next })
    }
}

fn draft_line(row: &store::DraftRow) -> DraftLine {
    let Draft { bookmaker, price, legs, .. } = Draft::read(&row.document);
    DraftLine { id: row.id, bookmaker, price, match_count: legs.len(), changed_at: row.changed_at }
}

fn my_tip(row: MineRow, now: DateTime<Utc>) -> MyTip {
    MyTip {
        number: row.id,
        bookmaker: row.bookmaker,
        odds: row.odds_thousandths,
        price: row.price,
        match_count: row.match_count,
        state: TipState::of(row.status, row.sales_close_at, now),
        rejection_reason: row.rejection_reason,
        outcome: TipOutcome::kept(row.result, row.units_thousandths),
        first_kick_off_at: row.first_kick_off_at,
        published_at: row.created_at,
        views: row.views,
        sales: row.sales,
        earned: row.earned_cents,
    }
}
