//! The service of tips. What it can do stands in the files that use this one.

use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;

use super::filter::Filter;
use super::record::Span;
use super::standings::Standings;
use super::view_counts::Views;
use crate::platform::clock::Clock;
use crate::platform::db::Db;
use crate::platform::files::Files;
use crate::platform::random::Random;
use crate::types::TipId;

/// How old the sums over all tipsters may be, and an order that is made of them.
const FRESH_FOR: Duration = Duration::from_secs(10);
/// Orders of so many questions are kept; each takes 8 KB at most.
const ORDERS_KEPT: u64 = 200;

/// The rules of tips.
#[derive(Clone)]
pub struct Tips {
    pub db: Db,
    pub clock: Clock,
    pub random: Random,
    pub(super) files: Files,
    /// All tipsters by their records: made at most once in `FRESH_FOR`, however many ask.
    pub(super) standings: Cache<Span, Arc<Standings>>,
    /// Which tips come first by record, of each question: likewise.
    pub(super) record_order: Cache<Filter, Arc<Vec<TipId>>>,
    pub views: Views,
}

impl Tips {
    pub fn new(db: Db, clock: Clock, random: Random, files: Files) -> Self {
        let standings = Cache::builder().max_capacity(Span::ALL.len() as u64).time_to_live(FRESH_FOR).build();
        let record_order = Cache::builder().max_capacity(ORDERS_KEPT).time_to_live(FRESH_FOR).build();
        let views = Views::new(clock.clone());
        Self { db, clock, random, files, standings, record_order, views }
    }
}
