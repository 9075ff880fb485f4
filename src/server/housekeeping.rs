//! What every server sees to by itself, because it is about its own files.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::people::People;

/// Rows that are too old are deleted once an hour; a few minutes later nothing of them is left on disk.
const EVERY: Duration = Duration::from_mins(10);

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
