//! Selling: a tipster drafts a tip, checks it and publishes it. A draft may be incomplete. What is published
//! is complete, sealed, and never changed again.

pub mod api;
mod draft;
mod form;
mod kick_off;
mod my_tips;
mod pictures;
mod service;
pub mod store;

use chrono::{DateTime, Utc};
use uuid::Uuid;

pub use draft::{DraftView, draft_picture};
pub use form::NOTE_LENGTH;
pub use my_tips::{MyTip, MyTips};
pub use service::Selling;

use crate::types::{Kes, Text};

/// How many open drafts a tipster may have.
pub const DRAFTS: usize = 10;
/// How many tips a tipster may publish in 24 hours. The market and the time of the desk are for everybody.
pub const TIPS_PER_DAY: i64 = 30;
/// How many matches a tip may have.
pub const LEGS: usize = 30;

/// A form on the draft's page. Its name is also the anchor that leads to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormName {
    Details,
    Leg,
    Picture,
    /// The page as a whole, for problems that belong to no single form.
    Whole,
}

impl FormName {
    /// The form's id in the page and its name in a refusal.
    pub const fn anchor(self) -> &'static str {
        match self {
            Self::Details => "details",
            Self::Leg => "matches",
            Self::Picture => "picture",
            Self::Whole => "main",
        }
    }
}

/// One thing that must be done before a draft can be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Todo {
    /// The form in which it is done.
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
