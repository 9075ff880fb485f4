//! Selling: a tipster drafts a tip, checks it and publishes it. A draft may be anything; what is published is
//! whole, sealed and never changed again.

pub mod api;
mod draft;
mod form;
mod my_tips;
mod service;
pub mod store;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

pub use draft::{Draft, draft_picture};
pub use form::{FormName, NOTE_LENGTH};
pub use my_tips::{MyTip, MyTipState, MyTips};
pub use service::Selling;

use crate::types::{Kes, Odds, Text};

/// Drafts of one tipster at a time.
pub const DRAFTS: usize = 10;
/// Tips that one tipster publishes in 24 hours at the most: the market and the desk are for everybody.
pub const TIPS_PER_DAY: i64 = 30;
/// Matches of one tip.
pub const LEGS: usize = 30;
/// A tip is for sale at least this long.
pub const LEAST_SALE: TimeDelta = TimeDelta::minutes(10);
/// Nobody knows the odds of later matches.
pub const KICK_OFF_WITHIN: TimeDelta = TimeDelta::days(30);

/// A draft as its page shows it.
#[derive(Debug, Clone)]
pub struct DraftView {
    pub id: Uuid,
    /// What was seen: only this is published.
    pub version: i64,
    pub draft: Draft,
    pub now: DateTime<Utc>,
    pub price_min: Kes,
    pub price_max: Kes,
    /// What the tipster gets of each sale, in basis points.
    pub share_bps: i64,
    /// The product of the matches' odds.
    pub product: Option<Odds>,
    /// When sales will close.
    pub sales_close_at: Option<DateTime<Utc>>,
    /// What is missing or wrong; nothing if it can be published.
    pub todo: Vec<Todo>,
}

/// One thing to do before a draft can be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Todo {
    pub form: FormName,
    pub text: Text,
}

/// A draft in the list of a tipster's own tips.
#[derive(Debug, Clone)]
pub struct DraftLine {
    pub id: Uuid,
    pub bookmaker: Option<super::Bookmaker>,
    pub price: Option<Kes>,
    pub match_count: usize,
    pub changed_at: DateTime<Utc>,
}
