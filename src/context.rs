//! One `App`: every service, built once, for whatever asks.

use std::sync::Arc;

use axum::extract::FromRef;
use leptos::config::LeptosOptions;

use crate::app::Site;
use crate::daraja::Daraja;
use crate::desk::Desk;
use crate::follows::Follows;
use crate::notices::Notices;
use crate::payments::Payments;
use crate::payments::service::Parts;
use crate::people::portraits::Portraits;
use crate::people::{AttemptLimits, People};
use crate::platform::clock::Clock;
use crate::platform::db::Db;
use crate::platform::files::Files;
use crate::platform::random::Random;
use crate::platform::secret_key::SecretKey;
use crate::platform::settings::Settings;
use crate::platform::sms::SmsPort;
use crate::platform::uploads::Uploads;
use crate::purchases::Purchases;
use crate::tips::{Selling, Tips};
use crate::wallet::Wallets;

/// Everything that handlers, pages and loops ask.
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

/// What an `App` is built on.
pub struct Foundation {
    pub settings: Settings,
    pub leptos: LeptosOptions,
    pub clock: Clock,
    pub random: Random,
    pub db: Db,
    pub secret_key: SecretKey,
    pub daraja: Arc<dyn Daraja>,
    /// The address under which Safaricom reaches us.
    pub callback_base: reqwest::Url,
    /// Where the phones of play money are.
    pub simulator_url: Option<String>,
    /// What carries one-time codes.
    pub sms: SmsPort,
}

impl App {
    pub fn build(on: Foundation) -> anyhow::Result<Self> {
        let Foundation {
            settings,
            leptos,
            clock,
            random,
            db,
            secret_key,
            daraja,
            callback_base,
            simulator_url,
            sms,
        } = on;
        let files = Files::open(&settings)?;
        let incoming = match &settings.uploads_s3 {
            Some(_) => std::env::temp_dir().join("ligisoo-incoming"),
            None => settings.uploads_dir.join(".incoming"),
        };
        let tips = Tips::new(db.clone(), clock.clone(), random.clone(), files.clone());
        let payments = Payments::new(Parts {
            db: db.clone(),
            clock: clock.clone(),
            random: random.clone(),
            secret_key: secret_key.clone(),
            daraja,
            rules: settings.rules.clone(),
            limits: settings.limits.clone(),
            callbacks: settings.callbacks.clone(),
            callback_base,
            is_live: settings.money.is_live(),
        });
        let limits = AttemptLimits {
            sign_in_address: settings.limits.sign_in_address,
            codes_address: settings.limits.codes_address,
            sms_minute: settings.limits.sms_minute,
            sms_day: settings.limits.sms_day,
        };
        let people = People::new(db.clone(), clock.clone(), random.clone(), secret_key, limits, sms)?;
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
