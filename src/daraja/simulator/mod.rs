//! A twin of Daraja for development and tests: the same API over real HTTP, with phones that a person or a
//! test answers.

mod c2b;
mod control_api;
mod daraja_api;
mod deliver;
mod deliveries;
mod fault;
mod gateway;
mod guard;
mod ids;
mod inspector;
mod message;
mod page;
mod phone;
mod prompt;
mod push;
mod received;
mod redact;
mod state_file;
mod stats;
mod world;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

pub use self::ids::receipt_day;
use self::inspector::Timeline;
#[cfg(test)]
pub use self::state_file::load as load_state;
use self::stats::Stats;
use self::world::World;
use crate::daraja::Credentials;
use crate::platform::clock::Clock;
use crate::platform::random::Random;
use crate::platform::settings::MpesaAccount;
use guard::OwnHosts;
pub use prompt::OwnerAnswer;

/// How long a prompt stays on the screen unless the options say otherwise.
const PROMPT_LIFE: Duration = Duration::from_mins(1);
/// How often prompts are looked at whose life may be over.
const EXPIRY_CHECK: Duration = Duration::from_millis(100);
/// How long connections get to finish when the simulator stops.
const STOP_TIMEOUT: Duration = Duration::from_secs(2);
/// An autopilot waits no longer than this.
const AUTOPILOT_DELAY_MAX: Duration = Duration::from_mins(10);

pub struct Simulator;

/// How a simulator behaves. [`SimulatorOptions::new`] has the defaults.
#[derive(Debug, Clone)]
pub struct SimulatorOptions {
    pub clock: Clock,
    pub random: Random,
    /// Answers every prompt by itself; without it, a person or a test does.
    pub autopilot: Option<Autopilot>,
    /// Balances, messages and prompts, kept over restarts; without it they live in memory.
    pub state_file: Option<PathBuf>,
    pub prompt_life: Duration,
    /// Under which names it answers, beside those of this machine.
    pub names: Vec<String>,
    /// The account that is paid; pushes for another are refused.
    pub account: MpesaAccount,
}

/// One answer for all prompts, given after a delay of real time. Written `pay:500ms`, `cancel:2s` or `pay`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Autopilot {
    pub answer: OwnerAnswer,
    pub delay: Duration,
}

/// A simulator that serves. Stops when dropped; [`RunningSimulator::stop`] also waits until its state is
/// saved.
pub struct RunningSimulator {
    /// Where it really listens: `http://127.0.0.1:41234/`.
    pub url: reqwest::Url,
    stopping: CancellationToken,
    server: JoinHandle<()>,
    _guard: DropGuard,
}

/// What all requests share.
struct SimulatorState {
    world: Mutex<World>,
    /// Tokens and when they end.
    tokens: Mutex<HashMap<String, DateTime<Utc>>>,
    stats: Stats,
    /// What was said lately, for the inspector.
    timeline: Mutex<Timeline>,
    clock: Clock,
    random: Random,
    autopilot: Option<Autopilot>,
    credentials: Credentials,
    callbacks: reqwest::Client,
    /// Tasks that deliver, answer and save; none outlives the simulator.
    tasks: TaskTracker,
    stopping: CancellationToken,
    /// The world differs from its file.
    changed: Notify,
}

impl SimulatorOptions {
    /// No autopilot, no file, a prompt life of 60 s, the `PayBill` of [`Credentials::simulator`].
    pub fn new(clock: Clock, random: Random) -> Self {
        let account = Credentials::simulator().account;
        Self {
            clock,
            random,
            autopilot: None,
            state_file: None,
            prompt_life: PROMPT_LIFE,
            names: Vec::new(),
            account,
        }
    }
}

impl Simulator {
    /// Opens the simulator at `addr`; port 0 takes any that is free.
    ///
    /// # Errors
    /// If the address is taken or the state file cannot be read.
    pub async fn start(addr: SocketAddr, options: SimulatorOptions) -> anyhow::Result<RunningSimulator> {
        let saved = match &options.state_file {
            Some(file) => state_file::load(file).await?,
            None => world::Saved::default(),
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

/// Serves until stopped, then saves.
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
    let app = app.layer(axum::middleware::from_fn_with_state(hosts, guard::own_hosts_only));
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

impl SimulatorState {
    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tokens(&self) -> MutexGuard<'_, HashMap<String, DateTime<Utc>>> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the prompts whose life is over.
    fn expire(self: &Arc<Self>) {
        let expired = self.world().expire(self.clock.now(), &self.random);
        for ended in expired {
            self.deliver(ended.batches);
        }
    }

    /// Runs a task that ends with the simulator.
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let stopping = self.stopping.clone();
        self.tasks.spawn(async move {
            tokio::select! {
                () = stopping.cancelled() => {}
                () = task => {}
            }
        });
    }

    /// A phone's owner answers; the callback leaves at once.
    fn answer(
        self: &Arc<Self>,
        checkout_request_id: &str,
        answer: OwnerAnswer,
    ) -> Result<(), world::CannotAnswer> {
        let ended = self.world().answer(checkout_request_id, answer, self.clock.now(), &self.random)?;
        self.changed.notify_one();
        if let Some(ended) = ended {
            self.deliver(ended.batches);
        }
        Ok(())
    }

    /// Lets the autopilot answer a new prompt, if there is one.
    fn wake_autopilot(self: &Arc<Self>, checkout_request_id: String) {
        let Some(autopilot) = self.autopilot else { return };
        let shared = self.clone();
        self.spawn(async move {
            tokio::time::sleep(autopilot.delay).await;
            // Somebody may have been faster, or the prompt's life is over.
            let _ = shared.answer(&checkout_request_id, autopilot.answer);
        });
    }
}

impl RunningSimulator {
    /// Closes the port, ends open deliveries and saves the state.
    pub async fn stop(self) {
        self.stopping.cancel();
        let _ = self.server.await;
    }
}

impl FromStr for Autopilot {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let (answer, delay) = text.trim().split_once(':').unwrap_or((text.trim(), "0ms"));
        let (number, unit) =
            delay.split_at(delay.find(|character: char| !character.is_ascii_digit()).unwrap_or(delay.len()));
        let number: u64 = number.parse().context("an autopilot is written like pay:500ms or cancel:2s")?;
        let delay = match unit {
            "ms" => Duration::from_millis(number),
            "s" => Duration::from_secs(number),
            _ => bail!("the autopilot's delay ends in ms or s, like pay:500ms"),
        };
        if delay > AUTOPILOT_DELAY_MAX {
            bail!("the autopilot's delay is at most 600s");
        }
        Ok(Self { answer: answer.parse()?, delay })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_autopilot_is_read() {
        let read =
            |text: &str| text.parse::<Autopilot>().ok().map(|autopilot| (autopilot.answer, autopilot.delay));
        assert_eq!(read("pay:500ms"), Some((OwnerAnswer::Pay, Duration::from_millis(500))));
        assert_eq!(read("wrong_pin:2s"), Some((OwnerAnswer::WrongPin, Duration::from_secs(2))));
        assert_eq!(read("cancel"), Some((OwnerAnswer::Cancel, Duration::ZERO)));
        for text in ["", "pay:", "pay:5", "pay:ms", "buy:5s", "pay:5h", "pay:99999s", "pay:-1s"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
