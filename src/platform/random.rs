//! The one source of randomness, so that a simulation can be repeated from its seed.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use uuid::{Builder, Uuid};

/// A source of random bytes. Clones of a seeded one continue the same sequence.
#[derive(Debug, Clone)]
pub enum Random {
    /// The operating system's random source, which secrets need.
    System,
    /// A sequence that is the same for the same seed, for tests and simulations.
    Seeded(Arc<Mutex<StdRng>>),
}

impl Random {
    /// The sequence of a seed.
    pub fn seeded(seed: u64) -> Self {
        Self::Seeded(Arc::new(Mutex::new(StdRng::seed_from_u64(seed))))
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        match self {
            #[expect(
                clippy::disallowed_methods,
                reason = "this is the one place that asks the system for randomness"
            )]
            Self::System => rand::rng().fill_bytes(&mut bytes),
            Self::Seeded(random) => {
                random.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut bytes);
            }
        }
        bytes
    }

    /// A number below `bound`, which must be above zero. For the small bounds used here its bias is below
    /// 2⁻³².
    pub fn below(&self, bound: u64) -> u64 {
        u64::from_le_bytes(self.bytes()) % bound
    }

    /// A version 7 UUID, so that ids sort by `at`.
    pub fn uuid(&self, at: DateTime<Utc>) -> Uuid {
        let millis = u64::try_from(at.timestamp_millis()).unwrap_or(0);
        Builder::from_unix_timestamp_millis(millis, &self.bytes()).into_uuid()
    }

    /// A text of `length` characters of `alphabet`, which must be ASCII.
    pub fn text(&self, alphabet: &[u8], length: usize) -> String {
        (0..length)
            .map(|_| char::from(alphabet[usize::try_from(self.below(alphabet.len() as u64)).unwrap_or(0)]))
            .collect()
    }
}

/// Bytes as lower-case hex digits.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
