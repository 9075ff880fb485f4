//! How often each tip was looked at: counted in memory, written down every ten seconds, without a word about who looked.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{Tips, store};
use crate::platform::db::{Failure, transaction};
use crate::types::TipId;

const FLUSH_EVERY: Duration = Duration::from_secs(10);
/// Tips whose views go into one statement.
const BATCH: usize = 500;

/// Views that are not written down yet, by tip.
#[derive(Debug, Clone, Default)]
pub struct Views {
    counts: Arc<Mutex<BTreeMap<TipId, i64>>>,
}

impl Views {
    /// Counts one view of a tip that exists.
    pub fn count(&self, tip: TipId) {
        self.add([(tip, 1)]);
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
}

impl Tips {
    /// Writes the counted views down. Those that could not be written are counted again next time.
    pub async fn flush_views(&self) {
        for batch in self.views.take().chunks(BATCH) {
            let written: Result<(), Failure> = transaction!(self.db, tx => Ok(store::add_views(tx, batch).await?));
            if let Err(failure) = written {
                tracing::warn!(%failure, "views of tips could not be written down");
                self.views.add(batch.iter().copied());
            }
        }
    }
}

/// Flushes until the server stops; what is counted after that, the stop flushes.
pub async fn run(tips: Tips, stop: CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(FLUSH_EVERY)).await.is_some() {
        tips.flush_views().await;
    }
}
