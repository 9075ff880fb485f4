//! Starting and stopping: settings, database, simulator, the guard between play money and real money, and the
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
use super::{door, housekeeping, jobs};
use crate::app;
use crate::approvals;
use crate::context::{App, Foundation, daraja_client};
use crate::daraja::Client;
use crate::daraja::simulator::{RunningSimulator, Simulator, SimulatorOptions};
use crate::demo::tips;
use crate::jobs::scheduler;
use crate::outbox::{AfricasTalking, Handsets, JsonGateway, SmsPort};
use crate::payments::{adoption, live};
use crate::people::names;
use crate::platform::clock::Clock;
use crate::platform::database_clock;
use crate::platform::db::Db;
use crate::platform::money_mode;
use crate::platform::random::Random;
use crate::platform::settings::{GatewayForm, Money, Settings, SimulatorSettings};
use crate::tips::{previews, view_counts};

/// How long open requests may take to finish after SIGTERM.
const STOP_WITHIN: Duration = Duration::from_secs(7);
/// How long the simulator and the database may take to close after that. The sum is less than the ten seconds
/// that service managers wait.
const CLOSE_WITHIN: Duration = Duration::from_millis(2_500);

/// What a server is started from. Tests give it their own clock and randomness.
pub struct Start {
    pub settings: Settings,
    pub leptos: LeptosOptions,
    pub clock: Clock,
    pub random: Random,
    pub db: Db,
    /// Whether the scheduler and the housekeeping run.
    pub is_reconciling: bool,
}

/// A server that answers until `stop` is called.
pub struct RunningServer {
    pub addr: SocketAddr,
    pub state: App,
    pub simulator: Option<RunningSimulator>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl RunningServer {
    /// Takes no new connection, lets open requests and the loops finish, and closes the simulator and the
    /// database. Each of the two parts has its time limit; what takes longer is not waited for.
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

/// `ligisoo serve`: runs until SIGTERM or Ctrl-C. A second signal ends the program at once.
///
/// # Errors
/// An error if the browser's files are missing, if the database does not answer or cannot be migrated, those
/// of `start`, or if the program was told twice to stop.
pub async fn run(settings: Settings, leptos: LeptosOptions) -> anyhow::Result<()> {
    if leptos.hash_files && !app::are_hashed(&leptos) {
        bail!("{} is missing beside the program: build with `make build`", leptos.hash_file);
    }
    let db =
        Db::connect(&settings.database_url).await.context("the database (DATABASE_URL) does not answer")?;
    db.migrate().await.context("the database could not be migrated")?;
    let (clock, random) = (Clock::system(), Random::System);
    adoption::adopt(&db, &clock, &random).await?;
    let running = start(Start { settings, leptos, clock, random, db, is_reconciling: true }).await?;
    tracing::info!(address = %running.addr, "Ligisoo answers");
    let mut signals = Signals::listen()?;
    signals.next().await;
    tracing::info!("stopping");
    tokio::select! {
        () = running.stop() => Ok(()),
        () = signals.next() => bail!("told twice to stop: open requests were not waited for"),
    }
}

/// Opens the port, then checks the database, builds the services and starts the loops.
///
/// # Errors
/// An error if the port is taken, the database fails or holds the other kind of money, a setting or the
/// secret key cannot be used, the simulator does not start, or a service cannot be built.
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
    approvals::check_one_person(&db, settings.desk.is_one_person).await?;
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
            "this is another SECRET_KEY than the database knew: counters and codes begin anew; all servers \
                need the same"
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
            // The password is told here and nowhere else. It is for play money only.
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
        door(&state)?,
        Patience::default(),
        crowd(&state.settings),
        stop.clone(),
    ));
    tasks.spawn(live::run(state.payments.clone(), stop.clone()));
    tasks.spawn(view_counts::run(state.tips.views.clone(), state.db.clone(), stop.clone()));
    tasks.spawn(previews::run(state.tips.clone(), stop.clone()));
    tasks.spawn(database_clock::run(state.db.clone(), state.clock.clone(), stop.clone()));
    if is_reconciling {
        let App { db, clock, payments, people, notices, .. } = &state;
        let kinds = jobs::kinds((db, clock), payments, people, notices, &stop);
        let lease = scheduler::lease(db, clock, &random);
        tasks.spawn(scheduler::run(lease, db.clone(), clock.clone(), kinds, stop.clone()));
        tasks.spawn(housekeeping::run(people.clone(), stop.clone()));
    }
    Ok(RunningServer { addr, state, simulator, stop, tasks })
}

/// The crowd of this server. Proxies, this machine and Safaricom stand for many and are not counted.
fn crowd(settings: &Settings) -> Arc<Crowd> {
    let this_machine =
        [IpNet::from(IpAddr::V4(Ipv4Addr::LOCALHOST)), IpNet::from(IpAddr::V6(Ipv6Addr::LOCALHOST))];
    let uncounted =
        settings.trusted_proxies.iter().chain(&settings.callbacks.networks).copied().chain(this_machine);
    Crowd::new(settings.connections_per_address, connections::room(), uncounted.collect())
}

/// The client of Safaricom or of a simulator, which is started here unless one runs already, and the address
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
            // Our own simulator reaches us where we listen, whatever address people type. A simulator that
            // serves several servers calls the address that they have in common.
            let callback_base = match &simulator {
                Some(_) => format!("http://{}", reachable(addr)).parse()?,
                None => settings.site_url.clone(),
            };
            Ok((client, simulator, callback_base))
        }
    }
}

/// What carries one-time codes: the gateway if one is set, else the simulator's phones with play money, else
/// nothing, which is logged.
fn connect_sms(settings: &Settings, simulator_url: Option<&str>) -> anyhow::Result<SmsPort> {
    if let Some(gateway) = &settings.sms {
        return Ok(Some(match &gateway.form {
            GatewayForm::Json => Arc::new(JsonGateway::new(gateway.clone())?),
            GatewayForm::AfricasTalking { username } => {
                Arc::new(AfricasTalking::new(gateway.clone(), username.clone())?)
            }
        }));
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

/// The options of a simulator as the settings want it. It answers under the host name in `SIMULATOR_URL`, and
/// under the site's host name if it is public.
///
/// # Errors
/// An error if `SIMULATOR_AUTOPILOT` cannot be read.
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

/// The file in which the simulator remembers its phones, beside our own data.
fn state_file(settings: &Settings) -> PathBuf {
    settings.uploads_dir.with_file_name("simulator.json")
}

fn reachable(addr: SocketAddr) -> SocketAddr {
    if addr.ip().is_unspecified() { SocketAddr::from(([127, 0, 0, 1], addr.port())) } else { addr }
}

/// The signals that end a server, SIGTERM and Ctrl-C. Once somebody listens to them, they do nothing else.
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
