//! The secret addresses at which Safaricom tells of one row of a room above. A row may have several: each
//! holds a token of its own, and whoever knows it is heard.

use sha2::{Digest, Sha256};

use crate::platform::random::{Random, hex};

/// The token's length: 32 random bytes as lower-case hexadecimal. Base64 could spell words that Safaricom's
/// filter refuses (MONEY §1).
pub const TOKEN_LENGTH: usize = 64;

/// The token of a new address.
pub fn new_token(random: &Random) -> String {
    hex(&random.bytes::<{ TOKEN_LENGTH / 2 }>())
}

/// The SHA-256 of the token's text. Only this is stored, so that nobody who reads the database can write
/// callbacks.
pub fn token_hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}
