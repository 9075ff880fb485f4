//! What every server sees to by itself, because it is about its own files.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::payments::Payments;
use crate::people::People;

/// Rows that are too old are deleted once an hour; a few minutes later nothing of them is left on disk.
const EVERY: Duration = Duration::from_mins(10);
/// How soon after the database is back spooled bodies are stored.
const DRAINED_EVERY: Duration = Duration::from_secs(10);

/// Takes what was deleted out of SQLite's log, until it is told to stop.
pub async fn run(people: People, stop: CancellationToken) {
    while !stop.is_cancelled() {
        people.forget_deleted().await;
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// Stores the bodies that the database could not take when they came, at the start and from then on, whoever
/// holds the lease: they lie on this machine.
pub async fn drain(payments: Payments, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match payments.drain_spool().await {
            Ok(0) => {}
            Ok(stored) => tracing::info!(stored, "spooled callbacks are stored"),
            Err(error) => {
                tracing::warn!(error = format!("{error:#}"), "spooled callbacks wait");
            }
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(DRAINED_EVERY) => {}
        }
    }
}
