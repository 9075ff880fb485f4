//! The service of people and its constructor. The other files of this room add its methods.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use super::hashing::Hashing;
use crate::outbox::Outbox;
use crate::platform::clock::Clock;
use crate::platform::db::Db;
use crate::platform::random::Random;
use crate::platform::secret_key::SecretKey;
use crate::types::{AppError, Msisdn};

/// The service of accounts: registering, signing in, codes, profiles, and limits. A clone is cheap.
#[derive(Clone)]
pub struct People {
    pub db: Db,
    pub clock: Clock,
    pub random: Random,
    /// The key of all hashes here: of numbers and networks in limits, of codes, and of browsers' marks.
    pub secret_key: SecretKey,
    pub limits: AttemptLimits,
    /// Where messages are written, if any can be sent.
    pub outbox: Outbox,
    /// The Unix second until which the alarm that the limit of all messages is reached stays silent.
    pub sms_alarm: Arc<AtomicI64>,
    pub hashing: Hashing,
    /// The hash that is verified when a number is unknown, so that both answers take the same time.
    pub decoy: Arc<str>,
}

/// The limits that are settings; 0 turns one off.
#[derive(Debug, Clone, Copy, Default)]
pub struct AttemptLimits {
    /// Failed sign-ins from one address in 15 minutes.
    pub sign_in_address: i64,
    /// Codes asked for from one address in an hour.
    pub codes_address: i64,
    /// SMS to everybody together in a minute.
    pub sms_minute: i64,
    /// SMS to everybody together in 24 hours.
    pub sms_day: i64,
}

impl People {
    /// Makes the service, with empty lines for hashing.
    ///
    /// # Errors
    /// An error if the decoy's password cannot be hashed.
    pub fn new(
        db: Db,
        clock: Clock,
        random: Random,
        secret_key: SecretKey,
        limits: AttemptLimits,
        outbox: Outbox,
    ) -> anyhow::Result<Self> {
        let hashing = Hashing::new(random.clone());
        let decoy = hashing.decoy()?.into();
        Ok(Self { db, clock, random, secret_key, limits, outbox, sms_alarm: Arc::default(), hashing, decoy })
    }

    /// The key under which the spending limits of a closed account are kept until its number registers again.
    /// It is a keyed hash, so the number itself is not kept.
    pub fn kept_limits_key(&self, msisdn: &Msisdn) -> String {
        self.secret_key.hash("kept limits", msisdn.as_str())
    }

    /// Hashes a password for commands and seeds, which have no client address.
    ///
    /// # Errors
    /// [`AppError::Busy`] or [`AppError::Internal`] if it cannot be hashed.
    pub async fn hash_password(&self, password: &str) -> Result<String, AppError> {
        self.hashing.hash_now(password).await
    }

    /// Whether a password is the one of a known hash, for seeds.
    ///
    /// # Errors
    /// [`AppError::Busy`] or [`AppError::Internal`] if it cannot be compared.
    pub async fn is_password(&self, password: &str, known_hash: &str) -> Result<bool, AppError> {
        self.hashing.verify_now(password, known_hash).await
    }

    /// How many passwords were hashed since the start.
    #[cfg(test)]
    pub fn hash_count(&self) -> u64 {
        self.hashing.count()
    }
}
