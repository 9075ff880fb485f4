//! The payment engine: what it is made of. What it does stands in the files that add to it.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::pace::RefusalPace;
use super::watches::Watches;
use crate::daraja::Daraja;
use crate::platform::clock::Clock;
use crate::platform::db::Db;
use crate::platform::random::Random;
use crate::platform::secret_key::SecretKey;
use crate::platform::settings::{CallbackPolicy, Limits, Rules};

/// The payment engine.
#[derive(Clone)]
pub struct Payments {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) random: Random,
    pub(super) secret_key: SecretKey,
    pub(super) daraja: Arc<dyn Daraja>,
    pub(super) rules: Rules,
    pub(super) limits: Limits,
    pub(super) callbacks: CallbackPolicy,
    /// The address under which Safaricom reaches us, without a slash at the end.
    pub(super) callback_base: String,
    /// Real money, or play money.
    pub(super) is_live: bool,
    pub(super) watches: Watches,
    pub(super) pace: RefusalPace,
}

/// What a payment engine is made of.
pub struct Parts {
    pub db: Db,
    pub clock: Clock,
    pub random: Random,
    /// Keys what limits remember of addresses.
    pub secret_key: SecretKey,
    pub daraja: Arc<dyn Daraja>,
    pub rules: Rules,
    pub limits: Limits,
    pub callbacks: CallbackPolicy,
    pub callback_base: reqwest::Url,
    pub is_live: bool,
}

impl Payments {
    pub fn new(parts: Parts) -> Self {
        let Parts { db, clock, random, secret_key, daraja, rules, limits, callbacks, callback_base, is_live } =
            parts;
        let callback_base = callback_base.as_str().trim_end_matches('/').to_owned();
        let pace = RefusalPace::new(random.clone());
        Self {
            db,
            clock,
            random,
            secret_key,
            daraja,
            rules,
            limits,
            callbacks,
            callback_base,
            is_live,
            watches: Watches::default(),
            pace,
        }
    }

    /// The same engine on a database under a test's hand.
    #[cfg(test)]
    pub fn on(&self, db: Db) -> Self {
        Self { db, ..self.clone() }
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}
