//! What everybody sees of a betslip: one drawing for all. A picture that is calculated from the betslip,
//! blurred or not, can be compared with every betslip that is possible, and so be read. Those that earlier
//! versions kept are deleted.

use tokio_util::sync::CancellationToken;

use super::catalogue::Tips;
use crate::platform::money_mode;

/// A betslip with a lock on it, as JPEG; drawn from `preview.svg` beside it.
pub const PREVIEW: &[u8] = include_bytes!("preview.jpg");

/// What the names of blurred pictures ended with.
const BLURRED: &str = "-blurred.jpg";
/// The fact that this database's have been deleted.
const FACT: &str = "blurred_previews_deleted";

/// Deletes what earlier versions blurred, once for each database. What fails is tried again at the next
/// start; no page needs it, as no address leads to these files any more.
pub async fn run(tips: Tips, stop: CancellationToken) {
    if let Some(Err(error)) = stop.run_until_cancelled(delete_blurred(&tips)).await {
        tracing::error!(%error, "old blurred betslips could not be deleted");
    }
}

/// Several servers may do this at once: a file that is gone is as good as deleted.
async fn delete_blurred(tips: &Tips) -> anyhow::Result<()> {
    if money_mode::is_done(&tips.db, FACT).await? {
        return Ok(());
    }
    let deleted = tips.files.delete_all(|key| key.ends_with(BLURRED)).await?;
    tracing::info!(deleted, "no blurred betslip is kept any more");
    money_mode::mark_done(&tips.db, FACT).await
}
