//! How matches ended. An operator says it with a reason, match by match. The tip's own result follows from
//! its matches in the same transaction, and its tipster and buyers are told.

mod service;
pub mod store;

use chrono::TimeDelta;

use crate::types::{TipId, TipResult};

/// A match counts as over this long after its kick-off; half-time and injury time are included.
pub const SETTLED_AFTER: TimeDelta = TimeDelta::hours(2);

/// The word that stands for "no result" in forms and notices.
pub const OPEN: &str = "open";

/// What an operator says of one match.
#[derive(Debug, Clone, Copy)]
pub struct MatchVerdict<'a> {
    pub tip: TipId,
    /// The number of the match within its tip; the first is 1.
    pub position: i64,
    /// The result that the operator saw. If it has changed since, the operator must look again.
    pub was: Option<TipResult>,
    /// The new result. `None` opens the match again.
    pub result: Option<TipResult>,
    pub score: Option<&'a str>,
    pub reason: &'a str,
}
