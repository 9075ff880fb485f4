//! The operator's desk: tips that wait for approval, and results. Only staff see it, by what the database
//! says at each request.

pub mod api;
mod results;
mod service;
pub mod store;

use chrono::{DateTime, Utc};

pub use service::Desk;

use crate::tips::{Bookmaker, MatchResult, TipOutcome};
use crate::types::{Kes, Odds, TipId, TipResult};

/// Tips that wait for approval, closing soonest first.
#[derive(Debug, Clone)]
pub struct ApprovalQueue {
    pub tips: Vec<DeskTip>,
    pub next: Option<String>,
}

/// Tips with matches that are over and not settled, oldest first.
#[derive(Debug, Clone)]
pub struct Unsettled {
    pub tips: Vec<DeskTip>,
    pub next: Option<String>,
}

/// A tip as far as the desk must see it: whole while it waits for approval, later only the picks of matches
/// that are over.
#[derive(Debug, Clone)]
pub struct DeskTip {
    pub number: TipId,
    pub tipster: String,
    pub bookmaker: Bookmaker,
    pub odds: Odds,
    pub price: Kes,
    /// While it waits.
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

#[derive(Debug, Clone)]
pub struct DeskLeg {
    pub position: i64,
    pub home_team: String,
    pub away_team: String,
    pub league: String,
    pub kick_off_at: DateTime<Utc>,
    pub pick: Option<DeskPick>,
    pub result: MatchResult,
    /// The match is over.
    pub is_over: bool,
}

#[derive(Debug, Clone)]
pub struct DeskPick {
    pub market: String,
    pub selection: String,
    pub odds: Odds,
}

/// One tip's results, with everything that was ever said of them.
#[derive(Debug, Clone)]
pub struct TipResults {
    pub tip: DeskTip,
    /// Oldest first.
    pub history: Vec<ResultEvent>,
}

#[derive(Debug, Clone)]
pub struct ResultEvent {
    pub position: i64,
    /// Nothing where the match was opened again.
    pub result: Option<TipResult>,
    pub score: Option<String>,
    pub reason: String,
    pub by: String,
    pub at: DateTime<Utc>,
}
