//! Logs go to standard error, one line for each event. `LOG` filters them, and `LOG_FORMAT=json` writes them
//! for programs.

use tracing_subscriber::EnvFilter;

/// Starts the log for the whole process.
///
/// # Errors
/// The filter cannot be read, or the log runs already.
pub fn start(filter: &str, json: bool) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(filter)?;
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = if json { subscriber.json().try_init() } else { subscriber.with_target(false).try_init() };
    started.map_err(|error| anyhow::anyhow!("the log could not be started: {error}"))
}
