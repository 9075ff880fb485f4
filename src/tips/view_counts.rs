//! How often each tip was looked at. Views are counted in memory, once a day for each viewer, and the numbers
//! are written every ten seconds. Nothing about the viewers is written.

use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::header::USER_AGENT;
use axum::http::{HeaderMap, HeaderValue};
use tokio_util::sync::CancellationToken;

use super::store;
use crate::platform::clock::Clock;
use crate::platform::db::{Db, Failure, transaction};
use crate::types::{PersonId, TipId};

const FLUSH_EVERY: Duration = Duration::from_secs(10);
/// How many tips one statement updates.
const BATCH: usize = 500;
const DAY_SECONDS: i64 = 24 * 3_600;

/// How many views of a day are remembered, at 8 bytes each. When there are more, all are forgotten, and each
/// may be counted once more.
const REMEMBERED: usize = 100_000;

/// Who looks at a tip: a signed-in person, or a browser at an address.
#[derive(Debug, Hash)]
pub enum Looker {
    Person(PersonId),
    /// The address, and the browser's `User-Agent`.
    Visitor(IpAddr, Option<HeaderValue>),
}

impl Looker {
    /// Somebody who is not signed in, told apart by address and browser.
    pub fn visitor(address: IpAddr, headers: &HeaderMap) -> Self {
        Self::Visitor(address, headers.get(USER_AGENT).cloned())
    }
}

/// Views that are not written yet, by tip. Clones share them.
#[derive(Debug, Clone)]
pub struct Views {
    clock: Clock,
    counts: Arc<Mutex<BTreeMap<TipId, i64>>>,
    seen: Arc<Mutex<Seen>>,
}

/// Hashes of what was seen on one day. The key is random and lives only in this process, so that nobody can
/// find out from the hashes who looked.
#[derive(Debug, Default)]
struct Seen {
    day: i64,
    key: RandomState,
    views: HashSet<u64>,
}

impl Seen {
    /// Whether this is the first such view of the day.
    fn note(&mut self, day: i64, tip: TipId, looker: &Looker) -> bool {
        if self.day != day || self.views.len() >= REMEMBERED {
            *self = Self { day, ..Self::default() };
        }
        self.views.insert(self.key.hash_one((tip, looker)))
    }
}

impl Views {
    /// Starts with no views.
    pub fn new(clock: Clock) -> Self {
        Self { clock, counts: Arc::default(), seen: Arc::default() }
    }

    /// Counts a view of a tip that exists, unless the same viewer was counted today. Days are those of UTC.
    pub fn count(&self, tip: TipId, looker: &Looker) {
        let day = self.clock.now().timestamp().div_euclid(DAY_SECONDS);
        let is_first = self.seen.lock().unwrap_or_else(PoisonError::into_inner).note(day, tip, looker);
        if is_first {
            self.add([(tip, 1)]);
        }
    }

    fn add(&self, views: impl IntoIterator<Item = (TipId, i64)>) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        for (tip, more) in views {
            *counts.entry(tip).or_default() += more;
        }
    }

    fn take(&self) -> Vec<(TipId, i64)> {
        std::mem::take(&mut *self.counts.lock().unwrap_or_else(PoisonError::into_inner)).into_iter().collect()
    }

    /// Writes the counted views. Views that could not be written are kept and written next time.
    pub async fn flush(&self, db: &Db) {
        for batch in self.take().chunks(BATCH) {
            let written: Result<(), Failure> = transaction!(db, |tx| Ok(store::add_views(tx, batch).await?));
            if let Err(failure) = written {
                tracing::warn!(%failure, "views of tips could not be written down");
                self.add(batch.iter().copied());
            }
        }
    }
}

/// Writes views until the server stops. The stop itself writes what is counted after that.
pub async fn run(views: Views, db: Db, stop: CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(FLUSH_EVERY)).await.is_some() {
        views.flush(&db).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_bounded() {
        let views = Views::new(Clock::system());
        for number in 0..i64::try_from(REMEMBERED).expect("few") + 10 {
            views.count(TipId(number), &Looker::Person(PersonId(uuid::Uuid::nil())));
        }
        assert!(views.seen.lock().expect("a lock").views.len() <= REMEMBERED);
    }
}
