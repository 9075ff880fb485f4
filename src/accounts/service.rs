//! Registering and signing in: passwords hashed with Argon2 away from the async threads, failures limited, no hint given.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::form::{Registration, SignIn};
use super::names::name_taken;
use super::store::{self, NewPerson};
use super::{Standing, Viewer, handle};
use crate::ledger;
use crate::platform::address::counted_as;
use crate::platform::clock::{Clock, delta, nairobi};
use crate::platform::db::{Db, Failure, Tx, transaction};
use crate::platform::random::Random;
use crate::platform::secret_key::SecretKey;
use crate::platform::sms::SmsPort;
use crate::types::name::skeleton;
use crate::types::{AppError, PersonId, words};

words! {
    number_taken { "This number is registered already. Sign in instead." "Namba hii imeshasajiliwa. Ingia kwenye akaunti." }
    wrong_sign_in { "The phone number or the password is wrong." "Namba ya simu au nenosiri si sahihi." }
    too_many_failures {
        "Too many wrong sign-ins. Please wait 15 minutes and try again."
        "Umekosea kuingia mara nyingi mno. Tafadhali subiri dakika 15 kisha ujaribu tena."
    }
}

/// Failed sign-ins to one number in `FAILURE_WINDOW` before it must wait.
const FAILURES_PER_PHONE: i64 = 5;
const FAILURE_WINDOW: Duration = Duration::from_mins(15);
/// How many handles are tried for a new tipster: the last ones are random.
const HANDLES_TRIED: u64 = 20;
/// How many passwords are hashed at once: each takes 19 MiB.
const HASHERS: usize = 2;
/// How many may wait for a hasher before the server says it is busy.
const HASHERS_WAITING: usize = 64;

/// The rules of accounts.
#[derive(Clone)]
pub struct Accounts {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) random: Random,
    /// Keys what limits remember of numbers and addresses.
    pub(super) secret_key: SecretKey,
    limit_address: i64,
    pub(super) limit_codes: i64,
    pub(super) sms: SmsPort,
    hashers: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    /// Verified when the number is unknown, so that both answers take the same time.
    decoy: Arc<str>,
}

/// From one address; 0 is off.
#[derive(Debug, Clone, Copy, Default)]
pub struct AccountLimits {
    /// Failed sign-ins in 15 minutes.
    pub sign_in_address: i64,
    /// Codes asked for in an hour.
    pub codes_address: i64,
}

/// Who signs in, and to which generation of their sessions the new one belongs.
pub struct Entrant {
    pub viewer: Viewer,
    pub generation: i64,
}

impl Accounts {
    pub fn new(db: Db, clock: Clock, random: Random, secret_key: SecretKey, limits: AccountLimits, sms: SmsPort) -> anyhow::Result<Self> {
        let decoy = hash(&random.bytes::<16>(), &random.bytes::<16>())
            .map_err(|error| anyhow::anyhow!("a password could not be hashed: {error}"))?;
        let (hashers, waiting) = (Arc::new(Semaphore::new(HASHERS)), Arc::new(Semaphore::new(HASHERS_WAITING)));
        let AccountLimits { sign_in_address: limit_address, codes_address: limit_codes } = limits;
        Ok(Self { db, clock, random, secret_key, limit_address, limit_codes, sms, hashers, waiting, decoy: decoy.into() })
    }

    /// Registers a person whose number cannot be proven; `(field, error)` if a rule is broken.
    pub(super) async fn register(&self, form: &Registration) -> Result<Entrant, (Option<&'static str>, AppError)> {
        let today = nairobi(self.clock.now()).date_naive();
        let registrant = form.parse(today).map_err(|(field, reason)| (Some(field), AppError::invalid(reason)))?;
        let is_free = self.check_new_name(&registrant.display_name, registrant.is_tipster).await;
        is_free.map_err(|error| (Some("display_name"), error))?;
        let password_hash = self.hash_password(&form.password).await.map_err(|error| (None, error))?;
        let now = self.clock.now();
        let person = NewPerson {
            id: PersonId(self.random.uuid(now)),
            msisdn: &registrant.msisdn,
            display_name: &registrant.display_name,
            password_hash: &password_hash,
            birth_date: registrant.birth_date,
            is_buyer: registrant.is_buyer,
            is_tipster: registrant.is_tipster,
            is_verified: false,
            staff: None,
            created_at: now,
        };
        if self.insert(&person, false).await.map_err(|error| (None, AppError::from(error)))? {
            return Ok(Entrant { viewer: viewer_of(&person), generation: 0 });
        }
        Err((Some("phone_number"), AppError::conflict(number_taken())))
    }

    /// Adds a person of any role, by command, which vouches for the number; `false` if the number is taken.
    pub async fn add(&self, person: &NewPerson<'_>) -> Result<bool, Failure> {
        self.insert(person, true).await
    }

    async fn insert(&self, person: &NewPerson<'_>, is_proven: bool) -> Result<bool, Failure> {
        transaction!(self.db, tx => insert(tx, person, is_proven, &self.random).await)
    }

    /// Signs in by any spelling of the number. An unknown number and a wrong password get the same answer.
    pub async fn sign_in(&self, form: &SignIn, address: IpAddr) -> Result<Entrant, AppError> {
        let wrong = || AppError::SignIn(wrong_sign_in());
        let msisdn = form.phone_number.parse().map_err(|error: crate::types::NotMsisdn| AppError::invalid(error))?;
        let keys =
            (self.secret_key.hash("phone", crate::types::Msisdn::as_str(&msisdn)), self.secret_key.hash("address", &counted_as(address)));
        // Only as many guesses run at once as there are hashers, and each is counted before the next one begins.
        let permits = self.permits().await?;
        self.check_failures(&keys).await?;
        let row = store::person_by_msisdn(&self.db, &msisdn).await.map_err(Failure::from)?;
        let known_hash = row.as_ref().map_or(&*self.decoy, |row| &row.password_hash).to_owned();
        let is_right = verify_password(&form.password, known_hash, permits).await?;
        match row {
            Some(row) if is_right => {
                self.forget_failures(&keys.0).await?;
                Ok(row.into_entrant())
            }
            _ => {
                self.remember_failure(&keys).await?;
                Err(wrong())
            }
        }
    }

    pub(super) async fn check_failures(&self, (phone, address): &(String, String)) -> Result<(), AppError> {
        let since = self.clock.now() - delta(FAILURE_WINDOW);
        let (by_phone, by_address) = store::sign_in_failures(&self.db, phone, address, since).await.map_err(Failure::from)?;
        if by_phone >= FAILURES_PER_PHONE || (self.limit_address > 0 && by_address >= self.limit_address) {
            return Err(AppError::TooMany { message: too_many_failures(), retry_after: FAILURE_WINDOW });
        }
        Ok(())
    }

    pub(super) async fn remember_failure(&self, (phone, address): &(String, String)) -> Result<(), Failure> {
        let now = self.clock.now();
        let ids = (self.random.uuid(now), self.random.uuid(now));
        transaction!(self.db, tx => {
            store::insert_sign_in_failure(tx, ids.0, phone, now).await?;
            store::insert_sign_in_failure(tx, ids.1, address, now).await?;
            Ok(())
        })
    }

    async fn forget_failures(&self, phone: &str) -> Result<(), Failure> {
        let before = self.clock.now() - delta(FAILURE_WINDOW);
        transaction!(self.db, tx => {
            store::forget_sign_in_failures(tx, before, Some(phone)).await?;
            Ok(())
        })
    }

    pub async fn hash_password(&self, password: &str) -> Result<String, AppError> {
        let (password, salt) = (password.as_bytes().to_vec(), self.random.bytes::<16>());
        in_hasher(self.permits().await?, move || hash(&password, &salt)).await
    }

    pub(super) async fn permits(&self) -> Result<Permits, AppError> {
        let waiting = Arc::clone(&self.waiting).try_acquire_owned().map_err(|_| AppError::Busy)?;
        let hasher = Arc::clone(&self.hashers).acquire_owned().await.map_err(|_| AppError::Busy)?;
        Ok(Permits { _waiting: waiting, _hasher: hasher })
    }
}

/// Adds a person, a tipster with the first handle that is free and with two accounts of the ledger; `false` if the number is taken.
pub(super) async fn insert(tx: &mut Tx, person: &NewPerson<'_>, is_proven: bool, random: &Random) -> Result<bool, Failure> {
    if !person.is_tipster {
        return Ok(store::insert_person(tx, person, is_proven, None).await?);
    }
    let slug = handle::slug(person.display_name);
    for taken in 0..HANDLES_TRIED {
        if store::insert_person(tx, person, is_proven, Some(&handle::candidate(&slug, taken, random))).await? {
            let (held, available) = (random.uuid(person.created_at), random.uuid(person.created_at));
            ledger::open_accounts(tx, person.id, held, available).await?;
            return Ok(true);
        }
        if store::is_registered(tx, person.msisdn).await? {
            return Ok(false);
        }
        if store::names::is_taken(tx, &skeleton(person.display_name)).await? {
            return Err(AppError::conflict(name_taken()).into());
        }
    }
    Err(Failure::Changed)
}

/// The right to hash one password.
pub(super) struct Permits {
    _waiting: OwnedSemaphorePermit,
    _hasher: OwnedSemaphorePermit,
}

pub(super) async fn verify_password(password: &str, known_hash: String, permits: Permits) -> Result<bool, AppError> {
    let password = password.as_bytes().to_vec();
    let verify = move || {
        let known = PasswordHash::new(&known_hash)?;
        Ok(Argon2::default().verify_password(&password, &known).is_ok())
    };
    in_hasher(permits, verify).await
}

/// Runs slow work on a blocking thread. The permits go with the work: it goes on when the asker goes away.
async fn in_hasher<T: Send + 'static>(
    permits: Permits,
    work: impl FnOnce() -> Result<T, argon2::password_hash::Error> + Send + 'static,
) -> Result<T, AppError> {
    let hash = move || {
        let done = work();
        drop(permits);
        done
    };
    let done = tokio::task::spawn_blocking(hash).await.map_err(|_| AppError::Internal)?;
    done.map_err(|error| {
        tracing::error!(%error, "a password could not be hashed");
        AppError::Internal
    })
}

fn hash(password: &[u8], salt: &[u8]) -> Result<String, argon2::password_hash::Error> {
    let hash: PasswordHash = Argon2::default().hash_password_with_salt(password, salt)?;
    Ok(hash.to_string())
}

fn viewer_of(person: &NewPerson<'_>) -> Viewer {
    Viewer {
        id: person.id,
        display_name: person.display_name.to_owned(),
        msisdn: person.msisdn.clone(),
        is_buyer: person.is_buyer,
        is_tipster: person.is_tipster,
        staff: person.staff,
        standing: Standing::default(),
    }
}
