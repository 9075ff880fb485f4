//! Selling: a tipster drafts a tip, checks it and publishes it. A draft may be anything; what is published is
//! whole, sealed and never changed again.

pub mod api;
mod draft;
mod form;
mod kick_off;
mod my_tips;
mod service;
pub mod store;

use chrono::{DateTime, Utc};
use uuid::Uuid;

pub use draft::{DraftView, draft_picture};
pub use form::NOTE_LENGTH;
pub use my_tips::{MyTip, MyTips};
pub use service::Selling;

use crate::types::{Kes, Text};

/// Drafts of one tipster at a time.
pub const DRAFTS: usize = 10;
/// Tips that one tipster publishes in 24 hours at the most: the market and the desk are for everybody.
pub const TIPS_PER_DAY: i64 = 30;
/// Matches of one tip.
pub const LEGS: usize = 30;

/// A form of the draft's page; also the anchor that leads to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormName {
    Details,
    Leg,
    Picture,
    /// The page as a whole.
    Whole,
}

impl FormName {
    pub const fn anchor(self) -> &'static str {
        match self {
            Self::Details => "details",
            Self::Leg => "matches",
            Self::Picture => "picture",
            Self::Whole => "main",
        }
    }
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
