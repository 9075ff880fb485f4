//! The service of tips. Its methods are in the files that read and change tips, such as `market.rs` and
//! `service.rs`.

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

/// How old the cached sums over all tipsters, and the orders made from them, may be.
const FRESH_FOR: Duration = Duration::from_secs(10);
/// This many questions keep their order in memory; each takes at most 8 KB.
const ORDERS_KEPT: u64 = 200;

/// The rules of tips. A clone shares its caches and counters with the original.
#[derive(Clone)]
pub struct Tips {
    pub db: Db,
    pub clock: Clock,
    pub random: Random,
    pub(super) files: Files,
    /// All tipsters ordered by record, per span. They are read at most once in `FRESH_FOR`, however many ask.
    pub(super) standings: Cache<Span, Arc<Standings>>,
    /// For each question, the tips in the order of their tipsters' records. Cached like `standings`.
    pub(super) record_order: Cache<Filter, Arc<Vec<TipId>>>,
    pub views: Views,
}

impl Tips {
    /// Starts with empty caches and no counted views; called once per server. `files` holds the betslips.
    pub fn new(db: Db, clock: Clock, random: Random, files: Files) -> Self {
        let standings = Cache::builder().max_capacity(Span::ALL.len() as u64).time_to_live(FRESH_FOR).build();
        let record_order = Cache::builder().max_capacity(ORDERS_KEPT).time_to_live(FRESH_FOR).build();
        let views = Views::new(clock.clone());
        Self { db, clock, random, files, standings, record_order, views }
    }
}
