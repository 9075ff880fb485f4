//! The installation's own secret (`SECRET_KEY`). What is hashed under it is worth nothing to somebody who has
//! a copy of the database alone.
//!
//! The key is never in the database, in a log or in a backup of rows. To lose it opens nothing: counters and
//! one-time codes start anew.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use anyhow::{Context, bail};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::private;
use super::random::{Random, hex};

const LENGTH: usize = 32;

/// A key of 32 bytes, written as 64 hex digits. `Debug` shows nothing of it.
#[derive(Clone)]
pub struct SecretKey(Arc<[u8; LENGTH]>);

impl SecretKey {
    /// A new key, for the key file of play money.
    pub fn random(random: &Random) -> Self {
        Self(Arc::new(random.bytes()))
    }

    /// The key in a file. If the file is absent, it is made with a new key, readable by its owner alone.
    ///
    /// # Errors
    /// The file cannot be read or made, or holds something else than a key.
    pub fn from_file(file: &Path, random: &Random) -> anyhow::Result<Self> {
        private::keep_others_out();
        private::tighten(file);
        if let Some(key) = Self::read(file)? {
            return Ok(key);
        }
        let key = Self::random(random);
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        if let Some(folder) = folder {
            fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        }
        // The key is written to another file, which is then linked under the right name. So of two servers
        // that start at the same time one makes the key, and the other reads it.
        let aside = file.with_extension(format!("{}.new", hex(&random.bytes::<8>())));
        let made = Self::write_aside(&key, &aside).and_then(|()| fs::hard_link(&aside, file));
        let _ = fs::remove_file(&aside);
        match made {
            Ok(()) => Ok(key),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                Self::read(file)?.context("the secret key went away")
            }
            Err(error) => Err(error).with_context(|| format!("{} cannot be made", file.display())),
        }
    }

    fn write_aside(key: &Self, aside: &Path) -> std::io::Result<()> {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(aside)?;
        file.write_all(hex(&*key.0).as_bytes())?;
        file.sync_all()
    }

    /// The key in a file; `None` if there is no such file.
    ///
    /// # Errors
    /// The file cannot be read, or holds something else than a key.
    pub fn read(file: &Path) -> anyhow::Result<Option<Self>> {
        match fs::read_to_string(file) {
            Ok(text) => text.trim().parse().map(Some).with_context(|| file.display().to_string()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| file.display().to_string()),
        }
    }

    /// HMAC-SHA-256 of a value under this key, as 64 hex digits. The label says what kind of value it is, so
    /// that the hashes of two kinds are never the same.
    pub fn hash(&self, label: &str, value: &str) -> String {
        hex(&self.mac(label, value).finalize().into_bytes())
    }

    /// Whether a hash is of this value. The comparison takes the same time wherever the two differ.
    pub fn is_hash_of(&self, label: &str, value: &str, hash: &str) -> bool {
        unhex(hash).is_some_and(|bytes| self.mac(label, value).verify_slice(&bytes).is_ok())
    }

    /// Six decimal digits that nobody can tell without this key, the same ones for the same label and value.
    pub fn digits(&self, label: &str, value: &str) -> String {
        let mac = self.mac(label, value).finalize().into_bytes();
        let number = mac.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        // A million is so small a part of 2⁶⁴ that all numbers are equally likely.
        format!("{:06}", number % 1_000_000)
    }

    fn mac(&self, label: &str, value: &str) -> Hmac<Sha256> {
        // HMAC itself would fill the key with zeros up to the length of a block.
        let mut block = [0; 2 * LENGTH];
        block[..LENGTH].copy_from_slice(&*self.0);
        // The zero byte separates label and value: a label has none, so no two pairs give the same bytes.
        Hmac::<Sha256>::new(&block.into()).chain_update(label).chain_update([0]).chain_update(value)
    }
}

impl FromStr for SecretKey {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let Some(bytes) = unhex(text).and_then(|bytes| bytes.try_into().ok()) else {
            bail!("must be 64 hex digits, as `openssl rand -hex 32` prints them");
        };
        Ok(Self(Arc::new(bytes)))
    }
}

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretKey")
    }
}

/// The bytes of hex digits; `None` if the text is something else.
fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let bytes = pairs
        .iter()
        .map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?))
        .collect::<Option<Vec<u8>>>()?;
    rest.is_empty().then_some(bytes)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_key_is_sixty_four_hex_digits() {
        for wrong in ["", "00", &"0".repeat(63), &"0".repeat(65), &"g".repeat(64), &"é".repeat(32)] {
            let error = wrong.parse::<SecretKey>().expect_err(wrong);
            assert!(error.to_string().contains("64 hex digits"), "{wrong}: {error}");
        }
        let key: SecretKey = "0123456789abcdefABCDEF".repeat(3)[..64].parse().expect("a key");
        assert_eq!(format!("{key:?}"), "SecretKey", "nothing of it is told");
    }

    #[test]
    fn hashes_depend_on_key_label_and_value() {
        let keys = [0, 1].map(|seed| SecretKey::random(&Random::seeded(seed)));
        let hash = keys[0].hash("phone", "254712000001");
        assert!(keys[0].is_hash_of("phone", "254712000001", &hash));
        assert_ne!(hash, keys[1].hash("phone", "254712000001"));
        for (label, value) in [("own", "254712000001"), ("phone", "254712000002"), ("phone2", "54712000001")]
        {
            assert!(!keys[0].is_hash_of(label, value, &hash), "{label} {value}");
        }
        assert!(!keys[0].is_hash_of("phone", "254712000001", "no hash"));
    }

    #[test]
    fn digits_are_six_and_depend_on_key_label_and_value() {
        let keys = [0, 1].map(|seed| SecretKey::random(&Random::seeded(seed)));
        let all = [(0, "code", "1"), (1, "code", "1"), (0, "other", "1"), (0, "code", "2")];
        let made = all.map(|(key, label, value)| keys[key].digits(label, value));
        assert!(
            made.iter().all(|digits| digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit()))
        );
        assert_eq!(made.iter().collect::<std::collections::BTreeSet<_>>().len(), made.len(), "{made:?}");
        assert_eq!(keys[0].digits("code", "1"), made[0]);
    }

    #[test]
    fn a_key_is_made_once_and_readable_by_its_owner_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("data/secret.key");
        let keys = [0, 1].map(|seed| SecretKey::from_file(&file, &Random::seeded(seed)).expect("a key"));
        assert_eq!(keys[0].0, keys[1].0, "the second start reads the first one's");
        assert_eq!(fs::metadata(&file).expect("a file").permissions().mode() & 0o777, 0o600);
        assert_eq!(
            fs::read_dir(folder.path().join("data")).expect("a folder").count(),
            1,
            "nothing is left beside it"
        );
        fs::write(&file, "spoiled").expect("written");
        assert!(
            SecretKey::from_file(&file, &Random::System).is_err(),
            "a spoiled key is not silently replaced"
        );
    }
}
