//! Opens a simulator, serves, and saves its state when it stops.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use super::guard::{OwnHosts, own_hosts_only};
use super::state::SimulatorState;
use super::stats::Stats;
use super::world::{Saved, World};
use super::{SimulatorOptions, control_api, daraja_api, deliver, inspector, page, state_file};
use crate::daraja::Credentials;

/// How often the simulator looks for prompts whose life is over.
const EXPIRY_CHECK: Duration = Duration::from_millis(100);
/// How long connections have to finish when the simulator stops.
const STOP_TIMEOUT: Duration = Duration::from_secs(2);

/// The entry to the simulator: see [`Simulator::start`].
pub struct Simulator;

/// A simulator that serves. It stops when it is dropped; [`RunningSimulator::stop`] also waits until its
/// state is saved.
pub struct RunningSimulator {
    /// The address at which it really listens: `http://127.0.0.1:41234/`.
    pub url: reqwest::Url,
    stopping: CancellationToken,
    server: JoinHandle<()>,
    _guard: DropGuard,
}

impl Simulator {
    /// Opens the simulator at `addr`. Port 0 takes any free port.
    ///
    /// # Errors
    /// The address is taken, or the state file cannot be read.
    pub async fn start(addr: SocketAddr, options: SimulatorOptions) -> anyhow::Result<RunningSimulator> {
        let saved = match &options.state_file {
            Some(file) => state_file::load(file).await?,
            None => Saved::default(),
        };
        let listener = TcpListener::bind(addr)
            .await
            .with_context(|| format!("the simulator cannot listen at {addr}"))?;
        let listens_at = listener.local_addr()?;
        let url = format!("http://{listens_at}/").parse()?;
        let hosts = OwnHosts::new(listens_at, options.names);
        let stopping = CancellationToken::new();
        let shared = Arc::new(SimulatorState {
            world: Mutex::new(World::new(saved, options.prompt_life)),
            tokens: Mutex::default(),
            stats: Stats::default(),
            timeline: Mutex::default(),
            clock: options.clock,
            random: options.random,
            autopilot: options.autopilot,
            credentials: Credentials { account: options.account, ..Credentials::simulator() },
            callbacks: deliver::client()?,
            tasks: TaskTracker::new(),
            stopping: stopping.clone(),
            changed: Notify::new(),
        });
        let server = tokio::spawn(serve(listener, hosts, shared, options.state_file));
        tracing::info!(%url, "the simulator of M-Pesa is open");
        Ok(RunningSimulator { url, _guard: stopping.clone().drop_guard(), stopping, server })
    }
}

/// Serves until the simulator is stopped, then saves.
async fn serve(
    listener: TcpListener,
    hosts: OwnHosts,
    shared: Arc<SimulatorState>,
    state_file: Option<PathBuf>,
) {
    shared.spawn(expire_prompts(shared.clone()));
    let saver = state_file.map(|file| tokio::spawn(state_file::keep(shared.clone(), file)));
    let daraja =
        daraja_api::routes().layer(axum::middleware::from_fn_with_state(shared.clone(), inspector::record));
    let own = control_api::routes().merge(page::routes()).merge(inspector::routes());
    let app = daraja.merge(own).fallback(daraja_api::not_found).with_state(shared.clone());
    let app = app.layer(axum::middleware::from_fn_with_state(hosts, own_hosts_only));
    let stopping = shared.stopping.clone();
    let server = axum::serve(listener, app).with_graceful_shutdown(async move { stopping.cancelled().await });
    let stopped_in_time = async {
        shared.stopping.cancelled().await;
        tokio::time::sleep(STOP_TIMEOUT).await;
    };
    tokio::select! {
        result = server.into_future() => if let Err(error) = result { tracing::error!(%error, "the simulator broke") },
        () = stopped_in_time => {}
    }
    shared.stopping.cancel();
    shared.tasks.close();
    shared.tasks.wait().await;
    if let Some(saver) = saver {
        let _ = saver.await;
    }
}

async fn expire_prompts(shared: Arc<SimulatorState>) {
    loop {
        tokio::time::sleep(EXPIRY_CHECK).await;
        shared.expire();
    }
}

impl RunningSimulator {
    /// Closes the port, ends deliveries that are under way, and saves the state.
    pub async fn stop(self) {
        self.stopping.cancel();
        let _ = self.server.await;
    }
}
