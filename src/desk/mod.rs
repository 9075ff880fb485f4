//! The operator's desk: tips that wait for approval, and results. Only staff see it, and whether somebody is
//! staff is asked of the database at each request.

pub mod api;
mod results;
mod service;
pub mod store;

use chrono::{DateTime, Utc};

pub use service::Desk;

use crate::tips::{Bookmaker, MatchResult, TipOutcome};
use crate::types::{Kes, Odds, TipId, TipResult};

/// A page of the tips that wait for approval. Those whose sales close soonest come first.
#[derive(Debug, Clone)]
pub struct ApprovalQueue {
    pub tips: Vec<DeskTip>,
    pub next: Option<String>,
}

/// A page of the tips with matches that are over and not settled, the oldest first.
#[derive(Debug, Clone)]
pub struct Unsettled {
    pub tips: Vec<DeskTip>,
    pub next: Option<String>,
}

/// A tip as far as the desk must see it: all of it while it waits for approval, later only the picks of
/// matches that are over.
#[derive(Debug, Clone)]
pub struct DeskTip {
    pub number: TipId,
    pub tipster: String,
    pub bookmaker: Bookmaker,
    pub odds: Odds,
    pub price: Kes,
    /// Only while the tip waits for approval.
    pub whole: Option<WholeTip>,
    pub published_at: DateTime<Utc>,
    pub sales_close_at: DateTime<Utc>,
    /// When the page was made, for "closes in 2 h".
    pub now: DateTime<Utc>,
    pub outcome: Option<TipOutcome>,
    pub legs: Vec<DeskLeg>,
}

/// What is sold beside the picks.
#[derive(Debug, Clone)]
pub struct WholeTip {
    pub bet_code: String,
    pub note: Option<String>,
    pub has_picture: bool,
}

/// One match of a tip. Its pick is there only if the desk may see it.
#[derive(Debug, Clone)]
pub struct DeskLeg {
    pub position: i64,
    pub home_team: String,
    pub away_team: String,
    pub league: String,
    pub kick_off_at: DateTime<Utc>,
    pub pick: Option<DeskPick>,
    pub result: MatchResult,
    /// Whether so much time has passed since the kick-off that the match can be settled.
    pub is_over: bool,
}

/// What the tipster picked for a match.
#[derive(Debug, Clone)]
pub struct DeskPick {
    pub market: String,
    pub selection: String,
    pub odds: Odds,
}

/// One tip's results, with the newest 200 things that were said of them.
#[derive(Debug, Clone)]
pub struct TipResults {
    pub tip: DeskTip,
    /// The oldest first.
    pub history: Vec<ResultEvent>,
}

/// One time that a match was settled, or opened again.
#[derive(Debug, Clone)]
pub struct ResultEvent {
    pub position: i64,
    /// `None` if the match was opened again.
    pub result: Option<TipResult>,
    pub score: Option<String>,
    pub reason: String,
    pub by: String,
    pub at: DateTime<Utc>,
}
