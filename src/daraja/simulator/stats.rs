//! Counts what the simulator was asked and did, for tests and load runs.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

/// The counters, which any request may raise.
#[derive(Default)]
pub struct Stats {
    pub token_requests: AtomicU64,
    pub pushes: AtomicU64,
    pub pushes_accepted: AtomicU64,
    pub queries: AtomicU64,
    pub callbacks_sent: AtomicU64,
    pub callbacks_answered_200: AtomicU64,
    pub confirmations_sent: AtomicU64,
    pub confirmations_answered_200: AtomicU64,
    pub validations_sent: AtomicU64,
    pub validations_answered_200: AtomicU64,
}

/// The body of `GET /stats`: the counts since the start.
#[derive(Serialize)]
pub struct RequestCounts {
    token_requests: u64,
    pushes: u64,
    pushes_accepted: u64,
    queries: u64,
    callbacks_sent: u64,
    callbacks_answered_200: u64,
    confirmations_sent: u64,
    confirmations_answered_200: u64,
    validations_sent: u64,
    validations_answered_200: u64,
}

impl Stats {
    /// The counts as they are now.
    pub fn counts(&self) -> RequestCounts {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        RequestCounts {
            token_requests: count(&self.token_requests),
            pushes: count(&self.pushes),
            pushes_accepted: count(&self.pushes_accepted),
            queries: count(&self.queries),
            callbacks_sent: count(&self.callbacks_sent),
            callbacks_answered_200: count(&self.callbacks_answered_200),
            confirmations_sent: count(&self.confirmations_sent),
            confirmations_answered_200: count(&self.confirmations_answered_200),
            validations_sent: count(&self.validations_sent),
            validations_answered_200: count(&self.validations_answered_200),
        }
    }
}

/// Raises a counter by one.
pub fn count_one(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}
