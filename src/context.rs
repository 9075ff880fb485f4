//! All services of the program, built once, for everything that asks.

use std::sync::Arc;

use anyhow::Context;
use axum::extract::FromRef;
use leptos::config::LeptosOptions;
use reqwest::Url;

use crate::app::Site;
use crate::daraja::{Client, Credentials, Daraja};
use crate::desk::Desk;
use crate::follows::Follows;
use crate::mpesa::spool::Spool;
use crate::notices::Notices;
use crate::outbox::{Outbox, SmsPort};
use crate::payments::Payments;
use crate::payments::engine::Parts;
use crate::people::portraits::Portraits;
use crate::people::{AttemptLimits, People};
use crate::platform::clock::Clock;
use crate::platform::db::Db;
use crate::platform::files::Files;
use crate::platform::money_mode::MoneyMode;
use crate::platform::random::Random;
use crate::platform::secret_key::SecretKey;
use crate::platform::settings::{Money, Settings};
use crate::platform::uploads::Uploads;
use crate::purchases::Purchases;
use crate::tips::{Selling, Tips};
use crate::wallet::Wallets;

/// Everything that handlers, pages and loops ask. Clones share it.
#[derive(Clone, FromRef)]
pub struct App {
    pub settings: Arc<Settings>,
    pub db: Db,
    pub clock: Clock,
    pub people: People,
    pub portraits: Portraits,
    pub uploads: Uploads,
    pub tips: Tips,
    pub selling: Selling,
    pub payments: Payments,
    pub wallets: Wallets,
    pub purchases: Purchases,
    pub notices: Notices,
    pub follows: Follows,
    pub desk: Desk,
    pub leptos: LeptosOptions,
    pub site: Site,
}

/// What an `App` is built on. Commands build only the services that they need from it.
pub struct Foundation {
    pub settings: Settings,
    pub leptos: LeptosOptions,
    pub clock: Clock,
    pub random: Random,
    pub db: Db,
    pub secret_key: SecretKey,
    pub daraja: Arc<dyn Daraja>,
    /// Where Safaricom reaches us.
    pub callback_base: Url,
    /// Where the simulator's phones are, with play money.
    pub simulator_url: Option<String>,
    /// What carries one-time codes; `None` if nothing does.
    pub sms: SmsPort,
}

/// The client of Safaricom with real money, or of the simulator at this address with play money.
///
/// # Errors
/// An error if play money has no simulator's address, or the client cannot be made.
pub fn daraja_client(money: &Money, simulator: Option<&Url>, clock: &Clock) -> anyhow::Result<Client> {
    let (url, credentials) = match money {
        Money::Live(live) => (live.environment.base_url().parse()?, Credentials::from(live)),
        Money::Simulated(_) => (simulator.context("no simulator")?.clone(), Credentials::simulator()),
    };
    Client::new(url, credentials, clock.clone())
}

impl Foundation {
    /// The foundation of a command, which runs beside the servers or without one. It sends nobody a message,
    /// and opens only what commands need.
    ///
    /// # Errors
    /// An error if an address cannot be read, the client cannot be made, or the secret key cannot be opened
    /// or made.
    pub fn for_command(settings: Settings, leptos: LeptosOptions, db: Db) -> anyhow::Result<Self> {
        let (clock, random) = (Clock::system(), Random::System);
        let (simulator, callback_base) = match &settings.money {
            Money::Live(live) => (None, live.callback_base.clone()),
            Money::Simulated(simulated) => {
                let own = format!("http://{}", simulated.addr).parse()?;
                (Some(simulated.url.clone().unwrap_or(own)), settings.site_url.clone())
            }
        };
        Ok(Self {
            daraja: Arc::new(daraja_client(&settings.money, simulator.as_ref(), &clock)?),
            secret_key: settings.open_secret_key(&random)?,
            simulator_url: simulator.as_ref().map(ToString::to_string),
            callback_base,
            settings,
            leptos,
            clock,
            random,
            db,
            sms: None,
        })
    }

    /// The short codes to which money for us is paid.
    fn short_codes(&self) -> Vec<String> {
        match &self.settings.money {
            Money::Live(live) => live.account.short_codes(),
            Money::Simulated(_) => Credentials::simulator().account.short_codes(),
        }
    }

    /// The payment engine alone, for commands that need no more.
    pub fn payments(&self) -> Payments {
        Payments::new(Parts {
            db: self.db.clone(),
            clock: self.clock.clone(),
            random: self.random.clone(),
            secret_key: self.secret_key.clone(),
            daraja: self.daraja.clone(),
            rules: self.settings.rules.clone(),
            limits: self.settings.limits.clone(),
            callbacks: self.settings.callbacks.clone(),
            desk: self.settings.desk.clone(),
            callback_base: self.callback_base.clone(),
            short_codes: self.short_codes(),
            money: MoneyMode::from(&self.settings.money),
            spool: Spool::new(self.settings.spool_dir.clone()),
        })
    }

    /// The service for people alone, for commands that need no more.
    ///
    /// # Errors
    /// The error of `People::new`.
    pub fn people(&self) -> anyhow::Result<People> {
        let limits = AttemptLimits {
            sign_in_address: self.settings.limits.sign_in_address,
            codes_address: self.settings.limits.codes_address,
            sms_minute: self.settings.limits.sms_minute,
            sms_day: self.settings.limits.sms_day,
        };
        let (db, clock, random) = (self.db.clone(), self.clock.clone(), self.random.clone());
        let key = self.secret_key.clone();
        let outbox = Outbox::new(db.clone(), clock.clone(), key.clone(), self.sms.clone());
        People::new(db, clock, random, key, limits, outbox)
    }

    /// The service for tips alone, with its pictures in `files`.
    pub fn tips(&self, files: Files) -> Tips {
        Tips::new(self.db.clone(), self.clock.clone(), self.random.clone(), files)
    }
}

impl App {
    /// Builds every service. It starts no task and opens no port.
    ///
    /// # Errors
    /// An error if the folder or the store of pictures, the folder of uploads, or the service for people
    /// cannot be opened.
    pub fn build(on: Foundation) -> anyhow::Result<Self> {
        let files = Files::open(&on.settings)?;
        let incoming = match &on.settings.uploads_s3 {
            Some(_) => std::env::temp_dir().join("ligisoo-incoming"),
            None => on.settings.uploads_dir.join(".incoming"),
        };
        let (payments, people, tips) = (on.payments(), on.people()?, on.tips(files.clone()));
        let Foundation { settings, leptos, clock, random, db, simulator_url, .. } = on;
        Ok(Self {
            portraits: Portraits::new(people.clone(), files, random.clone()),
            uploads: Uploads::open(&incoming, random.clone())?,
            people,
            selling: Selling::new(tips.clone(), &settings.rules),
            desk: Desk::new(db.clone(), clock.clone(), random),
            wallets: Wallets::new(db.clone(), clock.clone()),
            purchases: Purchases::new(db.clone(), clock.clone(), payments.clone()),
            notices: Notices::new(db.clone(), clock.clone()),
            follows: Follows::new(db.clone(), clock.clone()),
            tips,
            payments,
            leptos,
            site: Site { simulator_url, origin: settings.origin(), contact: settings.contact.clone() },
            settings: Arc::new(settings),
            clock,
            db,
        })
    }
}
