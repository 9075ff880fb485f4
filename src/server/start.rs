//! Starting and stopping: settings, database, simulator, the guard between play money and real money, the
//! loops.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use ipnet::IpNet;
use leptos::config::LeptosOptions;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::connections::{self, Crowd, Patience};
use super::housekeeping;
use super::router;
use crate::app;
use crate::context::{App, Foundation, daraja_client};
use crate::daraja::Client;
use crate::daraja::simulator::{RunningSimulator, Simulator, SimulatorOptions};
use crate::demo::tips;
use crate::payments::{live, reconciler};
use crate::people::names;
use crate::platform::clock::Clock;
use crate::platform::database_clock;
use crate::platform::db::Db;
use crate::platform::money_mode;
use crate::platform::random::Random;
use crate::platform::settings::{Money, Settings, SimulatorSettings};
use crate::platform::sms::{Gateway, Handsets, SmsPort};
use crate::tips::{previews, view_counts};

/// Open requests may finish for so long after SIGTERM.
const STOP_WITHIN: Duration = Duration::from_secs(7);
/// So long simulator and database may take to close after that. Together it is less than the ten seconds that
/// service managers wait.
const CLOSE_WITHIN: Duration = Duration::from_millis(2_500);

/// What a server is started from; tests hand in their own clock and randomness.
pub struct Start {
    pub settings: Settings,
    pub leptos: LeptosOptions,
    pub clock: Clock,
    pub random: Random,
    pub db: Db,
    /// Whether the reconciler works by itself.
    pub is_reconciling: bool,
}

/// A server that answers.
pub struct RunningServer {
    pub addr: SocketAddr,
    pub state: App,
    pub simulator: Option<RunningSimulator>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl RunningServer {
    /// No new work, open requests finish, then the loops and the database close.
    pub async fn stop(self) {
        self.stop.cancel();
        self.tasks.close();
        if tokio::time::timeout(STOP_WITHIN, self.tasks.wait()).await.is_err() {
            tracing::warn!("some requests did not finish in time");
        }
        let close = async {
            // The last requests have counted views too.
            self.state.tips.views.flush(&self.state.db).await;
            if let Some(simulator) = self.simulator {
                simulator.stop().await;
            }
            self.state.db.close().await;
        };
        if tokio::time::timeout(CLOSE_WITHIN, close).await.is_err() {
            tracing::warn!("the database did not close in time");
        }
    }
}

/// `ligisoo serve`: runs until SIGTERM or Ctrl-C; a second one ends it at once.
pub async fn run(settings: Settings, leptos: LeptosOptions) -> anyhow::Result<()> {
    if leptos.hash_files && !app::are_hashed(&leptos) {
        bail!("{} is missing beside the program: build with `make build`", leptos.hash_file);
    }
    let db =
        Db::connect(&settings.database_url).await.context("the database (DATABASE_URL) does not answer")?;
    db.migrate().await.context("the database could not be migrated")?;
    let running = start(Start {
        settings,
        leptos,
        clock: Clock::system(),
        random: Random::System,
        db,
        is_reconciling: true,
    })
    .await?;
    tracing::info!(address = %running.addr, "Ligisoo answers");
    let mut signals = Signals::listen()?;
    signals.next().await;
    tracing::info!("stopping");
    tokio::select! {
        () = running.stop() => Ok(()),
        () = signals.next() => bail!("told twice to stop: open requests were not waited for"),
    }
}

/// Opens the port and starts the loops.
pub async fn start(start: Start) -> anyhow::Result<RunningServer> {
    let Start { settings, mut leptos, clock, random, db, is_reconciling } = start;
    let listener = TcpListener::bind(leptos.site_addr)
        .await
        .with_context(|| format!("cannot listen on {}", leptos.site_addr))?;
    let addr = listener.local_addr()?;
    leptos.site_addr = addr;
    money_mode::check_money(&db, settings.money.is_live()).await?;
    database_clock::compare(&db, &clock).await.context("the database does not say what time it is")?;
    names::compare_all(&db, &clock, &random).await?;
    let (daraja, simulator, callback_base) = connect_money(&settings, &clock, &random, addr).await?;
    let simulator_url = match (&settings.money, &simulator) {
        (Money::Simulated(_), Some(simulator)) => Some(simulator.url.to_string()),
        (Money::Simulated(simulated), None) => simulated.url.as_ref().map(ToString::to_string),
        (Money::Live(_), _) => None,
    };
    let secret_key = settings.open_secret_key(&random).context("the secret key (SECRET_KEY)")?;
    if !money_mode::claim_secret_key(&db, &secret_key).await? {
        tracing::error!(
            alarm = true,
            "this is another SECRET_KEY than the database knew: counters and codes begin anew; all servers need the same"
        );
    }
    let sms = connect_sms(&settings, simulator_url.as_deref())?;
    let foundation = Foundation {
        settings,
        leptos,
        clock,
        random: random.clone(),
        db,
        secret_key,
        daraja: Arc::new(daraja),
        callback_base,
        simulator_url,
        sms,
    };
    let state = App::build(foundation)?;
    state.portraits.finish_closings().await?;
    if state.settings.money.is_public_simulation() {
        let new =
            tips::close_desk(&state.people, &state.tips, &random, &state.clock, state.settings.seed_demo)
                .await?;
        if let (Some(password), Some(operator)) = (new, tips::operator()) {
            // The one place where it is told, and it is play money.
            tracing::warn!(
                phone = operator.phone,
                password,
                "the demo's operator has a new password, since the simulation is public"
            );
        }
    }
    if state.settings.seed_demo {
        money_mode::claim_money(&state.db, false).await?;
        tips::demo(&state.people, &state.tips, &random, &state.clock).await?;
    }
    let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
    tasks.spawn(connections::serve(
        listener,
        router(&state)?,
        Patience::default(),
        crowd(&state.settings),
        stop.clone(),
    ));
    tasks.spawn(live::run(state.payments.clone(), stop.clone()));
    tasks.spawn(view_counts::run(state.tips.views.clone(), state.db.clone(), stop.clone()));
    tasks.spawn(previews::run(state.tips.clone(), stop.clone()));
    tasks.spawn(database_clock::run(state.db.clone(), state.clock.clone(), stop.clone()));
    if is_reconciling {
        tasks.spawn(reconciler::run(state.payments.clone(), stop.clone()));
        tasks.spawn(housekeeping::run(state.people.clone(), state.notices.clone(), stop.clone()));
    }
    Ok(RunningServer { addr, state, simulator, stop, tasks })
}

/// Nobody is counted who stands for many: proxies, this machine, and Safaricom.
fn crowd(settings: &Settings) -> Arc<Crowd> {
    let this_machine =
        [IpNet::from(IpAddr::V4(Ipv4Addr::LOCALHOST)), IpNet::from(IpAddr::V6(Ipv6Addr::LOCALHOST))];
    let uncounted =
        settings.trusted_proxies.iter().chain(&settings.callbacks.networks).copied().chain(this_machine);
    Crowd::new(settings.connections_per_address, connections::room(), uncounted.collect())
}

/// The client of Safaricom or of a simulator, which is started here unless one runs already; and the address
/// for callbacks.
async fn connect_money(
    settings: &Settings,
    clock: &Clock,
    random: &Random,
    addr: SocketAddr,
) -> anyhow::Result<(Client, Option<RunningSimulator>, reqwest::Url)> {
    match &settings.money {
        Money::Live(live) => {
            Ok((daraja_client(&settings.money, None, clock)?, None, live.callback_base.clone()))
        }
        Money::Simulated(simulated) => {
            let simulator = match &simulated.url {
                Some(_) => None,
                None => Some(open_simulator(settings, simulated, clock, random).await?),
            };
            let url = simulator.as_ref().map(|running| &running.url).or(simulated.url.as_ref());
            let client = daraja_client(&settings.money, url, clock)?;
            // Our own simulator reaches us where we listen, whatever people type. One for several servers
            // asks at the common door.
            let callback_base = match &simulator {
                Some(_) => format!("http://{}", reachable(addr)).parse()?,
                None => settings.site_url.clone(),
            };
            Ok((client, simulator, callback_base))
        }
    }
}

/// What carries one-time codes: the simulator's phones with play money, else the gateway, else nothing, which
/// is said.
fn connect_sms(settings: &Settings, simulator_url: Option<&str>) -> anyhow::Result<SmsPort> {
    if let Some(gateway) = &settings.sms {
        return Ok(Some(Arc::new(Gateway::new(gateway.clone())?)));
    }
    if let Some(url) = simulator_url {
        return Ok(Some(Arc::new(Handsets::new(url.parse()?)?)));
    }
    tracing::warn!(
        "no SMS gateway is set: numbers cannot be proven and passwords cannot be reset (SMS_GATEWAY_URL)"
    );
    Ok(None)
}

async fn open_simulator(
    settings: &Settings,
    simulated: &SimulatorSettings,
    clock: &Clock,
    random: &Random,
) -> anyhow::Result<RunningSimulator> {
    let options = simulator_options(settings, simulated, clock, random)?;
    Simulator::start(simulated.addr, options)
        .await
        .with_context(|| format!("the simulator cannot listen on {} (SIMULATOR_ADDR)", simulated.addr))
}

/// A simulator as the settings want it. It is found under the name in `SIMULATOR_URL`, and in public under
/// the site's.
pub fn simulator_options(
    settings: &Settings,
    simulated: &SimulatorSettings,
    clock: &Clock,
    random: &Random,
) -> anyhow::Result<SimulatorOptions> {
    let mut options = SimulatorOptions::new(clock.clone(), random.clone());
    options.autopilot =
        simulated.autopilot.as_deref().map(str::parse).transpose().context("SIMULATOR_AUTOPILOT")?;
    options.state_file = Some(state_file(settings));
    let addresses = simulated.url.iter().chain(simulated.is_public.then_some(&settings.site_url));
    options.names = addresses.filter_map(|address| address.host_str().map(str::to_owned)).collect();
    Ok(options)
}

/// Where the simulator remembers its phones: beside our own data.
fn state_file(settings: &Settings) -> PathBuf {
    settings.uploads_dir.with_file_name("simulator.json")
}

fn reachable(addr: SocketAddr) -> SocketAddr {
    if addr.ip().is_unspecified() { SocketAddr::from(([127, 0, 0, 1], addr.port())) } else { addr }
}

/// What ends a server: SIGTERM and Ctrl-C. Once listened to, they do nothing else.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> anyhow::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
