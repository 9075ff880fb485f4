//! Where passwords are hashed: on blocking threads, two at a time, because one hash takes 19 MiB and a core.
//!
//! Sign-ins, registrations and changes of a password wait in three separate lines, and at most one asker of
//! each line waits for a hasher at a time. An address has four places in a line. More askers from the same
//! address wait for one of those four, so that an address with many askers (an attacker's, or a mobile
//! network's) delays nobody but itself. Within a line the networks take turns (`turns.rs`), so that however
//! many askers each network sends, a newcomer waits for one turn of each.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::turns::{Rounds, Turns};
use crate::platform::address::networks;
use crate::platform::random::Random;
use crate::types::AppError;

/// How many passwords are hashed at once.
const HASHERS: usize = 2;
/// How many places one address has in a line.
const PLACES: usize = 4;
/// How many askers from one address there may be at once, with a place or waiting for one.
const WAITING: usize = 512;
/// How many places a line has altogether. When all are taken, everybody else is told to come again. An
/// attacker needs some hundreds of networks to take them all, and a place that waits costs us a few
/// kilobytes.
const LINE: usize = 1_024;
/// An asker who waits longer than this for a place is told to come again.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a password is hashed for: it decides in which line the asker waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Errand {
    SignIn,
    Join,
    Change,
}

/// Hashes and verifies passwords (Argon2id) for all of the server; a clone shares the same lines.
#[derive(Clone)]
pub struct Hashing {
    random: Random,
    hashers: Arc<Semaphore>,
    sign_in: Arc<HashingQueue>,
    join: Arc<HashingQueue>,
    change: Arc<HashingQueue>,
    #[cfg(test)]
    done: Arc<std::sync::atomic::AtomicU64>,
}

/// The line of one kind of errand.
struct HashingQueue {
    /// The holder of the turn is the one of this line that waits for a hasher.
    turns: Arc<Turns>,
    places: Arc<Semaphore>,
    /// The shares of the line that are in use, by the widest network of their address.
    addresses: Mutex<HashMap<String, Weak<Share>>>,
}

/// The part of a line that one address has.
struct Share {
    places: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    rounds: Rounds,
}

/// A place in a line: the right to hash or verify one password. Dropping it frees the place.
pub struct HashingPlace {
    line: Arc<HashingQueue>,
    share: Arc<Share>,
    _permits: [OwnedSemaphorePermit; 3],
}

impl Default for HashingQueue {
    fn default() -> Self {
        Self { turns: Arc::default(), places: Arc::new(Semaphore::new(LINE)), addresses: Mutex::default() }
    }
}

impl HashingQueue {
    fn share_of(&self, address: IpAddr) -> Arc<Share> {
        // The widest network is the key, because an attacker has plenty of narrow ones. Sharing a place with
        // neighbours only makes a customer wait.
        let key = networks(address).pop().map(|(network, _)| network).unwrap_or_default();
        let mut addresses = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        addresses.retain(|_, share| share.strong_count() > 0);
        let known = addresses.get(&key).and_then(Weak::upgrade);
        known.unwrap_or_else(|| {
            let semaphore = |permits| Arc::new(Semaphore::new(permits));
            let share = Arc::new(Share {
                places: semaphore(PLACES),
                waiting: semaphore(WAITING),
                rounds: Rounds::default(),
            });
            addresses.insert(key, Arc::downgrade(&share));
            share
        })
    }
}

impl Hashing {
    /// Makes the hashers with empty lines; salts come from `random`.
    pub fn new(random: Random) -> Self {
        Self {
            random,
            hashers: Arc::new(Semaphore::new(HASHERS)),
            sign_in: Arc::default(),
            join: Arc::default(),
            change: Arc::default(),
            #[cfg(test)]
            done: Arc::default(),
        }
    }

    /// Waits for a place of this address in the line of this errand.
    ///
    /// # Errors
    /// [`AppError::Busy`] if no place of the address is free within ten seconds, too many askers from it wait
    /// already, or the whole line is full.
    pub async fn place(&self, errand: Errand, address: IpAddr) -> Result<HashingPlace, AppError> {
        let line = Arc::clone(match errand {
            Errand::SignIn => &self.sign_in,
            Errand::Join => &self.join,
            Errand::Change => &self.change,
        });
        let share = line.share_of(address);
        let waiting = Arc::clone(&share.waiting).try_acquire_owned().map_err(|_| AppError::Busy)?;
        let own = tokio::time::timeout(PATIENCE, Arc::clone(&share.places).acquire_owned()).await;
        let own = own.map_err(|_| AppError::Busy)?.map_err(|_| AppError::Busy)?;
        let place = Arc::clone(&line.places).try_acquire_owned().map_err(|_| AppError::Busy)?;
        Ok(HashingPlace { line, share, _permits: [waiting, own, place] })
    }

    /// Hashes a password with a new salt, as a PHC string, when it is the place's turn.
    ///
    /// # Errors
    /// [`AppError::Internal`] if hashing fails or panics.
    pub async fn hash(&self, place: HashingPlace, password: &str) -> Result<String, AppError> {
        let (password, salt) = (password.as_bytes().to_vec(), self.random.bytes::<16>());
        self.run(place, move || hash(&password, &salt)).await
    }

    /// Whether a password is the one of a known hash, computed when it is the place's turn.
    ///
    /// # Errors
    /// [`AppError::Internal`] if the known hash cannot be read or the work panics.
    pub async fn verify(
        &self,
        place: HashingPlace,
        password: &str,
        known_hash: String,
    ) -> Result<bool, AppError> {
        let password = password.as_bytes().to_vec();
        let verify = move || {
            let known = PasswordHash::new(&known_hash)?;
            Ok(Argon2::default().verify_password(&password, &known).is_ok())
        };
        self.run(place, verify).await
    }

    /// Hashes a password for commands and seeds, which have no client: it takes a place of 127.0.0.1 in the
    /// line of password changes.
    ///
    /// # Errors
    /// As [`Hashing::place`] and [`Hashing::hash`].
    pub async fn hash_now(&self, password: &str) -> Result<String, AppError> {
        self.hash(self.place(Errand::Change, IpAddr::from([127, 0, 0, 1])).await?, password).await
    }

    /// Verifies a password as [`Hashing::hash_now`] hashes one.
    ///
    /// # Errors
    /// As [`Hashing::place`] and [`Hashing::verify`].
    pub async fn verify_now(&self, password: &str, known_hash: &str) -> Result<bool, AppError> {
        self.verify(
            self.place(Errand::Change, IpAddr::from([127, 0, 0, 1])).await?,
            password,
            known_hash.to_owned(),
        )
        .await
    }

    /// The hash of a random password that nobody knows. It is made once at start, without a line.
    ///
    /// # Errors
    /// An error if Argon2 refuses to hash.
    pub fn decoy(&self) -> anyhow::Result<String> {
        hash(&self.random.bytes::<16>(), &self.random.bytes::<16>())
            .map_err(|error| anyhow::anyhow!("a password could not be hashed: {error}"))
    }

    /// How many passwords were hashed since the start.
    #[cfg(test)]
    pub fn count(&self) -> u64 {
        self.done.load(std::sync::atomic::Ordering::SeqCst)
    }

    /// Runs slow work on a blocking thread when it is the place's turn. The work keeps the place and the
    /// hasher until it is done, because it goes on even if the asker has gone away.
    async fn run<T: Send + 'static>(
        &self,
        place: HashingPlace,
        work: impl FnOnce() -> Result<T, argon2::password_hash::Error> + Send + 'static,
    ) -> Result<T, AppError> {
        let turn = place.line.turns.wait(&place.share.rounds).await.ok_or(AppError::Busy)?;
        let hasher = Arc::clone(&self.hashers).acquire_owned().await.map_err(|_| AppError::Busy)?;
        drop(turn);
        #[cfg(test)]
        self.done.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let work = move || {
            let done = work();
            drop((place, hasher));
            done
        };
        let done = tokio::task::spawn_blocking(work).await.map_err(|_| AppError::Internal)?;
        done.map_err(|error| {
            tracing::error!(%error, "a password could not be hashed");
            AppError::Internal
        })
    }
}

fn hash(password: &[u8], salt: &[u8]) -> Result<String, argon2::password_hash::Error> {
    let hash: PasswordHash = Argon2::default().hash_password_with_salt(password, salt)?;
    Ok(hash.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[tokio::test]
    async fn an_address_has_four_places_of_a_line_and_keeps_nobody_else_waiting() {
        let hashing = Hashing::new(Random::seeded(1));
        let mut held = Vec::new();
        for _ in 0..PLACES {
            held.push(hashing.place(Errand::SignIn, address("203.0.113.7")).await.expect("a place"));
        }
        let fifth = tokio::spawn({
            let hashing = hashing.clone();
            async move { hashing.place(Errand::SignIn, address("203.0.113.7")).await.is_ok() }
        });
        tokio::task::yield_now().await;
        assert!(!fifth.is_finished(), "it waits for one of its own");
        hashing.place(Errand::SignIn, address("198.51.100.9")).await.expect("another address does not wait");
        hashing.place(Errand::Join, address("203.0.113.7")).await.expect("another line neither");
        held.pop();
        assert!(fifth.await.expect("done"));
    }

    #[tokio::test]
    async fn one_network_of_ipv6_is_one_address() {
        let hashing = Hashing::new(Random::seeded(1));
        let mut held = Vec::new();
        for network in 0..PLACES {
            let place = hashing.place(Errand::SignIn, address(&format!("2001:db8:1:{network}::1"))).await;
            held.push(place.expect("a place"));
        }
        let more = tokio::time::timeout(
            Duration::from_millis(50),
            hashing.place(Errand::SignIn, address("2001:db8:1:ffff::1")),
        )
        .await;
        assert!(more.is_err(), "it waits");
        hashing.place(Errand::SignIn, address("2001:db8:2::1")).await.expect("another network does not");
    }
}
