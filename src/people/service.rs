//! The rules of people: what they need, and how they are built. The files beside this one add to them.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use super::hashing::Hashing;
use crate::platform::clock::Clock;
use crate::platform::db::Db;
use crate::platform::random::Random;
use crate::platform::secret_key::SecretKey;
use crate::platform::sms::SmsPort;
use crate::types::{AppError, Msisdn};

/// The rules of accounts.
#[derive(Clone)]
pub struct People {
    pub db: Db,
    pub clock: Clock,
    pub random: Random,
    /// Keys what limits remember of numbers and networks, codes, and the marks of browsers.
    pub secret_key: SecretKey,
    pub limits: AttemptLimits,
    pub sms: SmsPort,
    /// Until when the limit of all messages says nothing more.
    pub sms_alarm: Arc<AtomicI64>,
    pub hashing: Hashing,
    /// Verified when the number is unknown, so that both answers take the same time.
    pub decoy: Arc<str>,
}

/// How often; 0 is off.
#[derive(Debug, Clone, Copy, Default)]
pub struct AttemptLimits {
    /// Failed sign-ins from one address in 15 minutes.
    pub sign_in_address: i64,
    /// Codes asked for from one address in an hour.
    pub codes_address: i64,
    /// Messages to everybody together.
    pub sms_minute: i64,
    pub sms_day: i64,
}

impl People {
    pub fn new(
        db: Db,
        clock: Clock,
        random: Random,
        secret_key: SecretKey,
        limits: AttemptLimits,
        sms: SmsPort,
    ) -> anyhow::Result<Self> {
        let hashing = Hashing::new(random.clone());
        let decoy = hashing.decoy()?.into();
        Ok(Self { db, clock, random, secret_key, limits, sms, sms_alarm: Arc::default(), hashing, decoy })
    }

    /// Under what the limits of a closed account wait for its number to come back.
    pub fn kept_limits_key(&self, msisdn: &Msisdn) -> String {
        self.secret_key.hash("kept limits", msisdn.as_str())
    }

    /// For commands and seeds, which wait in no line.
    pub async fn hash_password(&self, password: &str) -> Result<String, AppError> {
        self.hashing.hash_now(password).await
    }

    /// For seeds too.
    pub async fn is_password(&self, password: &str, known_hash: &str) -> Result<bool, AppError> {
        self.hashing.verify_now(password, known_hash).await
    }

    /// How many passwords were hashed since the start.
    #[cfg(test)]
    pub fn hash_count(&self) -> u64 {
        self.hashing.count()
    }
}
