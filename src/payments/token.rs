//! The secret in the address under which Safaricom tells of one payment.

use sha2::{Digest, Sha256};

/// 32 random bytes as lower-case hex: base64 can spell words that Safaricom filters (MONEY §1).
pub const TOKEN_LENGTH: usize = 64;

/// SHA-256 of the token's text: only this is stored.
pub fn token_hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}
