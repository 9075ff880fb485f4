//! C2B confirmations: Safaricom tells of each payment that reached our short code, under the account
//! reference that our push named (daraja §5.2). Their address holds a secret, the setting `MPESA_C2B_TOKEN`;
//! without that setting there is no such address.

use secrecy::ExposeSecret;

use super::engine::Payments;
use crate::audit::{self, Operator, Subject};
use crate::mpesa::addresses::token_hash;
use crate::platform::db::{Failure, transaction};
use crate::platform::paths;

impl Payments {
    /// Whether this is the secret of the C2B addresses. Hashes are compared, so that the time it takes tells
    /// nothing.
    pub(super) fn knows_c2b_token(&self, token: &str) -> bool {
        self.callbacks
            .c2b_token
            .as_ref()
            .is_some_and(|known| token_hash(known.expose_secret()) == token_hash(token))
    }

    /// The addresses `(confirmation, validation)` to give to Safaricom; `None` without `MPESA_C2B_TOKEN`.
    pub fn c2b_addresses(&self) -> Option<(String, String)> {
        let token = self.callbacks.c2b_token.as_ref()?.expose_secret();
        let address = |path: String| format!("{}{path}", self.callback_base);
        Some((address(paths::c2b_confirmation(token)), address(paths::c2b_validation(token))))
    }

    /// Registers the two addresses with Safaricom. In production a short code can be registered once (daraja
    /// §5.2), so who wants it is noted before. Returns false, and asks nothing, without `MPESA_C2B_TOKEN`.
    ///
    /// # Errors
    /// The `DarajaError` with which the call ended, or a database error.
    pub async fn register_c2b(&self, operator: &Operator) -> anyhow::Result<bool> {
        let Some((confirmation, validation)) = self.c2b_addresses() else { return Ok(false) };
        let deed = operator.deed(self.clock.now(), "c2b_registered", Subject::C2bAddresses, (None, None));
        let noted: Result<(), Failure> =
            transaction!(self.db, |tx| Ok(audit::record(tx, &self.random, &[deed]).await?));
        noted?;
        self.daraja.register_c2b_urls(&confirmation, &validation).await?;
        Ok(true)
    }
}
