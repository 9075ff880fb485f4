//! The payment engine's parts. Its work stands in the other files of this folder, each of which adds methods
//! to it.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::pace::RefusalPace;
use super::watches::Watches;
use crate::daraja::Daraja;
use crate::mpesa::bodies::Bodies;
use crate::mpesa::sends::Sends;
use crate::mpesa::spool::Spool;
use crate::platform::clock::Clock;
use crate::platform::db::Db;
use crate::platform::money_mode::MoneyMode;
use crate::platform::random::Random;
use crate::platform::secret_key::SecretKey;
use crate::platform::settings::{CallbackPolicy, DeskRules, Limits, Rules};

/// The payment engine. Clones share one set of watchers and one memory of how long M-Pesa takes to refuse.
#[derive(Clone)]
pub struct Payments {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) random: Random,
    pub(super) secret_key: SecretKey,
    pub(super) daraja: Arc<dyn Daraja>,
    pub(super) sends: Sends,
    pub(super) rules: Rules,
    pub(super) limits: Limits,
    pub(super) callbacks: CallbackPolicy,
    pub(super) desk: DeskRules,
    /// Where Safaricom reaches us: scheme and host, without a slash at the end.
    pub(super) callback_base: String,
    /// The short codes to which money for us is paid.
    pub(super) short_codes: Vec<String>,
    /// Which money it moves (MONEY §5).
    pub(super) money: MoneyMode,
    /// What Safaricom posted about payments.
    pub bodies: Bodies,
    pub(super) watches: Watches,
    pub(super) pace: RefusalPace,
}

/// What `Payments::new` is made of.
pub struct Parts {
    pub db: Db,
    pub clock: Clock,
    pub random: Random,
    /// The key with which network addresses are hashed before the limits remember them.
    pub secret_key: SecretKey,
    pub daraja: Arc<dyn Daraja>,
    pub rules: Rules,
    pub limits: Limits,
    pub callbacks: CallbackPolicy,
    pub desk: DeskRules,
    pub callback_base: reqwest::Url,
    pub short_codes: Vec<String>,
    pub money: MoneyMode,
    /// Where bodies wait that the database could not take.
    pub spool: Spool,
}

impl Payments {
    /// Puts the engine together. It starts no task: the scheduler and `live::run` do the work in the
    /// background.
    pub fn new(parts: Parts) -> Self {
        let Parts { db, clock, random, secret_key, daraja, rules, limits, .. } = parts;
        let (callbacks, desk, callback_base) = (parts.callbacks, parts.desk, parts.callback_base);
        let callback_base = callback_base.as_str().trim_end_matches('/').to_owned();
        let pace = RefusalPace::new(random.clone());
        let sends = Sends::new(clock.clone(), &random);
        Self {
            bodies: Bodies::new(db.clone(), clock.clone(), random.clone(), parts.spool),
            db,
            clock,
            random,
            secret_key,
            daraja,
            sends,
            rules,
            limits,
            callbacks,
            desk,
            callback_base,
            short_codes: parts.short_codes,
            money: parts.money,
            watches: Watches::default(),
            pace,
        }
    }

    /// The same engine on another database, which a test controls.
    #[cfg(test)]
    pub fn on(&self, db: Db) -> Self {
        let bodies = self.bodies.on(db.clone(), self.clock.clone());
        Self { db, bodies, ..self.clone() }
    }

    /// The same engine by another clock.
    #[cfg(test)]
    pub fn by(&self, clock: Clock) -> Self {
        Self { sends: Sends::new(clock.clone(), &self.random), clock, ..self.clone() }
    }

    /// The engine's time, which tests can set.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}
