//! The simulated world as a JSON file beside the database. The file is written under another name and
//! renamed, so that a reader never sees half of it.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;

use super::state::SimulatorState;
use super::world::Saved;
use crate::platform::private;

/// How long changes are gathered before they are written together.
const SAVE_PAUSE: Duration = Duration::from_millis(200);

/// Reads the saved world. It is an empty world if there is no file yet.
///
/// # Errors
/// The file cannot be read, or is no state of the simulator.
pub async fn load(file: &Path) -> anyhow::Result<Saved> {
    private::keep_others_out();
    private::tighten(file);
    match tokio::fs::read(file).await {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .with_context(|| format!("{} is not a state of the simulator", file.display())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Saved::default()),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", file.display())),
    }
}

/// Saves the world after changes until the simulator stops, and then once more.
pub(super) async fn keep(shared: Arc<SimulatorState>, file: PathBuf) {
    loop {
        let is_stopping = tokio::select! {
            () = shared.changed.notified() => false,
            () = shared.stopping.cancelled() => true,
        };
        if is_stopping {
            shared.tasks.wait().await;
        }
        if let Err(error) = save(&shared, &file).await {
            tracing::error!(error = format!("{error:#}"), "the simulator's state was not saved");
        }
        if is_stopping {
            return;
        }
        tokio::select! {
            () = tokio::time::sleep(SAVE_PAUSE) => {}
            () = shared.stopping.cancelled() => {}
        }
    }
}

async fn save(shared: &SimulatorState, file: &Path) -> anyhow::Result<()> {
    let saved = shared.world().to_saved();
    let bytes = serde_json::to_vec(&saved)?;
    if let Some(folder) = file.parent() {
        tokio::fs::create_dir_all(folder)
            .await
            .with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let draft = file.with_extension("draft");
    tokio::fs::write(&draft, bytes).await.with_context(|| format!("cannot write {}", draft.display()))?;
    tokio::fs::rename(&draft, file).await.with_context(|| format!("cannot replace {}", file.display()))
}
