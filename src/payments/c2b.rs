//! C2B confirmations: Safaricom tells of each payment that reached our short code, under the account
//! reference that our push named. The address holds a secret (`MPESA_C2B_TOKEN`); without that setting there
//! is no such address.

use secrecy::ExposeSecret;

use super::engine::Payments;
use super::token::token_hash;
use crate::daraja::DarajaError;
use crate::platform::paths;

impl Payments {
    /// Compared by hash, so that the time it takes tells nothing.
    pub(super) fn knows_c2b_token(&self, token: &str) -> bool {
        self.callbacks
            .c2b_token
            .as_ref()
            .is_some_and(|known| token_hash(known.expose_secret()) == token_hash(token))
    }

    /// The two addresses for Safaricom: `(confirmation, validation)`, if there is a secret for them.
    pub fn c2b_addresses(&self) -> Option<(String, String)> {
        let token = self.callbacks.c2b_token.as_ref()?.expose_secret();
        let address = |path: String| format!("{}{path}", self.callback_base);
        Some((address(paths::c2b_confirmation(token)), address(paths::c2b_validation(token))))
    }

    /// Tells Safaricom where to confirm. In production this is possible once for a short code.
    pub async fn register_c2b(&self) -> Result<bool, DarajaError> {
        let Some((confirmation, validation)) = self.c2b_addresses() else { return Ok(false) };
        self.daraja.register_c2b_urls(&confirmation, &validation).await.map(|()| true)
    }
}
