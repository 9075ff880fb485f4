//! What everybody sees instead of a betslip: one drawing for all tips. A picture calculated from the betslip,
//! even a blurred one, can be compared with every possible betslip and so be read. The blurred pictures of
//! earlier versions are deleted.

use tokio_util::sync::CancellationToken;

use super::catalogue::Tips;
use crate::platform::money_mode;

/// A betslip with a lock on it, as JPEG. It is drawn from `preview.svg` in this folder.
pub const PREVIEW: &[u8] = include_bytes!("preview.jpg");

/// The ending of the names of blurred pictures.
const BLURRED: &str = "-blurred.jpg";
/// The name under which a database remembers that its blurred pictures are deleted.
const FACT: &str = "blurred_previews_deleted";

/// Deletes the blurred pictures of earlier versions, once for each database. After a failure the next start
/// tries again. Nothing waits for it, because no address leads to these files any more.
pub async fn run(tips: Tips, stop: CancellationToken) {
    if let Some(Err(error)) = stop.run_until_cancelled(delete_blurred(&tips)).await {
        tracing::error!(%error, "old blurred betslips could not be deleted");
    }
}

/// Several servers may do this at once, since deleting a file that is already gone is no error.
async fn delete_blurred(tips: &Tips) -> anyhow::Result<()> {
    if money_mode::is_done(&tips.db, FACT).await? {
        return Ok(());
    }
    let deleted = tips.files.delete_all(|key| key.ends_with(BLURRED)).await?;
    tracing::info!(deleted, "no blurred betslip is kept any more");
    money_mode::mark_done(&tips.db, FACT).await
}
