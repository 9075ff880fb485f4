//! Logs: one line an event, to standard error; `LOG` filters, `LOG_FORMAT=json` for machines.

use tracing_subscriber::EnvFilter;

pub fn start(filter: &str, json: bool) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(filter)?;
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = if json { subscriber.json().try_init() } else { subscriber.with_target(false).try_init() };
    started.map_err(|error| anyhow::anyhow!("the log could not be started: {error}"))
}
