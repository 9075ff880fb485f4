//! An app for a test, with its own database, its own simulator and its own clock.

mod after_commits;
mod database;
mod person;
pub mod phone;
pub mod seller;
mod staff;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DurationRound, TimeDelta};
use leptos::config::LeptosOptions;
use reqwest::Url;
use serde_json::Value;

pub use after_commits::AfterCommits;
pub use database::{Engine, migrate_to};
pub use person::{Person, client};

use crate::books::{self, Extent};
use crate::payments::reconciler::{self, Reconciler};
use crate::platform::clock::Clock;
use crate::platform::db::Db;
use crate::platform::random::Random;
use crate::platform::settings::{Money, Settings, SettingsSource};
use crate::server::{self, RunningServer, Start};
use crate::tips::{Bookmaker, Match, NewTip};
use crate::types::{Kes, Odds, TipId};

/// Writes each test twice, once for SQLite and once for PostgreSQL. Settings may stand before the tests, as
/// in `with [("NAME", "value")];`.
macro_rules! both {
    (with $settings:tt; $($(#[$doc:meta])* async fn $name:ident($app:ident: TestApp) $body:block)+) => { $(
        mod $name {
            use super::*;
            async fn test($app: TestApp) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                test(TestApp::with($crate::tests::harness::Engine::Sqlite, &$settings).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                test(TestApp::with($crate::tests::harness::Engine::Postgres, &$settings).await).await;
            }
        }
    )+ };
    ($($tests:tt)+) => { $crate::tests::harness::both! { with []; $($tests)+ } };
}
pub(crate) use both;

pub const PASSWORD: &str = "correct horse";
/// The folder in which an app keeps its pictures.
const UPLOADS: &str = "uploads";
pub const BET_CODE: &str = "JYRCAV";

pub struct TestApp {
    pub url: Url,
    pub simulator: Url,
    pub clock: Clock,
    pub db: Db,
    pub running: RunningServer,
    pub http: reqwest::Client,
    database_url: String,
    folder: Arc<tempfile::TempDir>,
}

impl TestApp {
    pub async fn new(engine: Engine) -> Self {
        Self::with(engine, &[]).await
    }

    /// Starts an app with settings beside the usual ones.
    pub async fn with(engine: Engine, more: &[(&str, &str)]) -> Self {
        let folder = Arc::new(tempfile::tempdir().expect("a folder"));
        let (database_url, db) = engine.fresh(folder.path()).await;
        Self::serve(folder, database_url, db, Self::whole_minute(), more).await
    }

    /// On a database that is there already.
    pub async fn on(folder: tempfile::TempDir, (database_url, db): (String, Db)) -> Self {
        Self::serve(Arc::new(folder), database_url, db, Self::whole_minute(), &[]).await
    }

    /// Sales close at whole minutes; so does what tests count from now on.
    fn whole_minute() -> Clock {
        Clock::manual(Clock::system().now().duration_trunc(TimeDelta::minutes(1)).expect("a minute"))
    }

    /// Another app with a database of the same kind, at the same time.
    pub async fn twin(&self) -> Self {
        let engine = if self.is_sqlite() { Engine::Sqlite } else { Engine::Postgres };
        let folder = Arc::new(tempfile::tempdir().expect("a folder"));
        let (database_url, db) = engine.fresh(folder.path()).await;
        Self::serve(folder, database_url, db, Clock::manual(self.clock.now()), &[]).await
    }

    /// A second server with the same database, pictures, clock and simulator. Safaricom's callbacks come to
    /// the first.
    pub async fn beside(&self) -> Self {
        self.beside_on(Db::connect(&self.database_url).await.expect("a database")).await
    }

    /// The same, where the answer to each commit is lost once.
    pub async fn beside_losing_answers(&self) -> Self {
        let db = Db::connect(&self.database_url).await.expect("a database");
        self.beside_on(db.with_gate(AfterCommits::losing_answers())).await
    }

    async fn beside_on(&self, db: Db) -> Self {
        let more = [("SIMULATOR_URL", self.simulator.as_str()), ("SITE_URL", self.url.as_str())];
        Self::serve(self.folder.clone(), self.database_url.clone(), db, self.clock.clone(), &more).await
    }

    async fn serve(
        folder: Arc<tempfile::TempDir>,
        database_url: String,
        db: Db,
        clock: Clock,
        more: &[(&str, &str)],
    ) -> Self {
        let uploads = folder.path().join(UPLOADS).display().to_string();
        let mut values = vec![
            ("DATABASE_URL", database_url.as_str()),
            ("UPLOADS_DIR", &uploads),
            ("SIMULATOR_ADDR", "127.0.0.1:0"),
        ];
        values.extend(more);
        let source =
            SettingsSource::of(values.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())));
        let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let settings = Settings::load(&source, any_port).expect("settings");
        let simulated = match &settings.money {
            Money::Simulated(simulated) => simulated.url.clone(),
            Money::Live(_) => None,
        };
        let leptos = LeptosOptions::builder()
            .output_name("ligisoo")
            .site_root("target/site-of-tests")
            .site_addr(any_port)
            .build();
        let start = Start {
            settings,
            leptos,
            clock: clock.clone(),
            random: Random::System,
            db: db.clone(),
            is_reconciling: false,
        };
        let running = server::start(start).await.expect("a server");
        let url = format!("http://{}", running.addr).parse().expect("an address");
        let simulator =
            running.simulator.as_ref().map(|own| own.url.clone()).or(simulated).expect("a simulator");
        Self { url, simulator, clock, db, running, http: person::client(), database_url, folder }
    }

    pub async fn buyer(&self, phone: &str) -> Person {
        Person::register(self, phone, "Baraka Buyer", &["buyer"]).await
    }

    pub async fn tipster(&self) -> Person {
        Person::register(self, "0733000001", "Asha Tipster", &["tipster"]).await
    }

    /// A tip of `matches` legs that is on sale. Its first kick-off is in two hours.
    pub async fn tip(&self, tipster: &Person, matches: usize, price: i64) -> TipId {
        let legs: Vec<Match> = (0..matches).map(|leg| self.leg(leg)).collect();
        let tip = NewTip {
            tipster: tipster.id,
            bookmaker: Bookmaker::Betika,
            bet_code: BET_CODE,
            odds: Odds::from_thousandths(4_250).expect("odds"),
            price: Kes::from_shillings(price).expect("a price"),
            matches: &legs,
            created_at: self.clock.now(),
        };
        let slip = crate::demo::betslip::draw("Betika", BET_CODE, tip.odds, &legs).expect("a betslip");
        self.running.state.tips.publish(&tip, Some(slip)).await.expect("a tip")
    }

    fn leg(&self, number: usize) -> Match {
        Match {
            home_team: format!("Home{number}"),
            away_team: format!("Away{number}"),
            league: "Kenya Premier League".to_owned(),
            kick_off_at: self.clock.now() + TimeDelta::hours(2 + i64::try_from(number).expect("few")),
            market: "Secretmarket".to_owned(),
            selection: "Secretpick".to_owned(),
            odds: Odds::from_thousandths(1_777).expect("odds"),
        }
    }

    /// A tipster with a tip of three legs at KES 50, and a buyer.
    pub async fn shop(&self) -> (Person, TipId, Person) {
        let tipster = self.tipster().await;
        let tip = self.tip(&tipster, 3, 50).await;
        (tipster, tip, self.buyer("0712345678").await)
    }

    /// The folder of its pictures.
    pub fn uploads(&self) -> PathBuf {
        self.folder.path().join(UPLOADS)
    }

    pub fn is_sqlite(&self) -> bool {
        matches!(self.db.pools, crate::platform::db::Pools::Sqlite { .. })
    }

    pub fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// Runs one round of the reconciler, and returns how many queries it asked.
    pub async fn reconcile(&self) -> usize {
        let payments = &self.running.state.payments;
        let mut lease = reconciler::lease(payments);
        let held = lease.hold().await.expect("asked").expect("nobody else reconciles");
        let asked = Reconciler::new(payments.clone()).tick(held).await.expect("a round");
        lease.release().await.expect("given back");
        asked
    }

    /// The address of its database.
    pub fn database_url(&self) -> &str {
        &self.database_url
    }

    /// The folder of all its files.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn at(&self, path: &str) -> Url {
        self.url.join(path).expect("a path")
    }

    /// Asserts that the books are right, whatever the test did.
    pub async fn books_are_right(&self) {
        for extent in [Extent::OpenDays, Extent::All] {
            let report = books::check(&self.db, extent).await.expect("a report");
            assert_eq!(report.findings, vec![], "the ledger, {extent:?}");
        }
    }

    /// What the tipster's accounts hold, as `(held, available)` in cents.
    pub async fn balances(&self, tipster: &Person) -> (i64, i64) {
        let wallet = self.running.state.wallets.wallet(&tipster.viewer(), None).await.expect("a wallet");
        (wallet.held.cents(), wallet.available.cents())
    }

    pub async fn count(&self, query: &'static str) -> i64 {
        crate::platform::db::read!(&self.db, |c| sqlx::query_scalar(query).fetch_one(c).await)
            .expect("a count")
    }

    /// Runs SQL in place of another part of the product.
    pub async fn execute(&self, statement: &'static str, tip: TipId) {
        let done: Result<(), crate::platform::db::Failure> =
            crate::platform::db::transaction!(self.db, |tx| {
                Ok(crate::platform::db::on!(tx, |c| sqlx::query(statement)
                    .bind(tip)
                    .execute(c)
                    .await
                    .map(|_| ()))?)
            });
        done.expect("done");
    }

    /// Waits until `ready` is true, some seconds at the most.
    pub async fn until<F: Future<Output = bool>>(&self, what: &str, ready: impl Fn() -> F) {
        for _ in 0..200 {
            if ready().await {
                return;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("still waiting: {what}");
    }
}

/// The value of a JSON field as text.
pub fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_else(|| panic!("no text {field} in {value}"))
}
