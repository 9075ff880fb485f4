//! What became of matches. A person says it with a reason, match by match; the tip's own result follows from
//! its matches in the same transaction, and whoever sold or bought it is told.

mod service;
pub mod store;

use chrono::TimeDelta;

use crate::types::{TipId, TipResult};

/// A match is over so long after its kick-off, with half-time and injuries.
pub const SETTLED_AFTER: TimeDelta = TimeDelta::hours(2);

/// The word of no result, in forms and notices.
pub const OPEN: &str = "open";

/// What a person says of one match. Without a result it is open.
#[derive(Debug, Clone, Copy)]
pub struct MatchVerdict<'a> {
    pub tip: TipId,
    pub position: i64,
    /// What they saw: if it is another one by now, they must look again.
    pub was: Option<TipResult>,
    pub result: Option<TipResult>,
    pub score: Option<&'a str>,
    pub reason: &'a str,
}
