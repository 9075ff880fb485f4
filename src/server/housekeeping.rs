//! What every server deletes once an hour, because it is too old.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::notices::Notices;
use crate::people::People;

const EVERY: Duration = Duration::from_hours(1);

/// Works until it is told to stop. An error is logged. Deleting twice does no harm, so no lease is needed.
pub async fn run(people: People, notices: Notices, stop: CancellationToken) {
    while !stop.is_cancelled() {
        if let Err(failure) = notices.purge().await {
            tracing::error!(%failure, "old notices could not be forgotten");
        }
        if let Err(failure) = people.purge_codes().await {
            tracing::error!(%failure, "old codes could not be forgotten");
        }
        if let Err(failure) = people.purge_attempts().await {
            tracing::error!(%failure, "old attempts could not be forgotten");
        }
        if let Err(failure) = people.purge_kept_limits().await {
            tracing::error!(%failure, "limits of closed accounts could not be forgotten");
        }
        people.forget_deleted().await;
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}
