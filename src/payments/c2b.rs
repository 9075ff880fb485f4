//! C2B confirmations: Safaricom tells of each payment that reached our short code, under the account
//! reference that our push named or the payer typed (daraja §5.2). Their address holds a secret, the setting
//! `MPESA_C2B_TOKEN`; without that setting there is no such address.

use secrecy::ExposeSecret;
use uuid::Uuid;

use super::engine::Payments;
use super::evidence::Listed;
use super::listed::Placed;
use crate::audit::{self, Operator, Subject};
use crate::daraja::{Unreadable, parse_c2b_confirmation};
use crate::mpesa::Purpose;
use crate::mpesa::addresses::token_hash;
use crate::mpesa::bodies::{Received, Receiver};
use crate::mpesa::events::EvidenceSource;
use crate::mpesa::store::bodies::Mark;
use crate::platform::db::{Failure, Tx, transaction};
use crate::platform::paths;
use crate::platform::settings::AddressCheck;

/// Confirmations among the purposes that are told something. What one is about is known only when it is
/// booked, so its body is its own subject.
pub const PURPOSE: Purpose = Purpose::new("c2b");

/// Why a body cannot be read as a confirmation; `None` if it can.
pub fn why_unreadable(body: &[u8]) -> Option<String> {
    parse_c2b_confirmation(body).err().map(|unreadable| unreadable.to_string())
}

/// Books confirmations.
pub struct Confirmations(pub Payments);

impl Receiver for Confirmations {
    type Said = Result<Listed, Unreadable>;
    const PURPOSE: Purpose = PURPOSE;

    fn read(&self, body: &[u8]) -> Self::Said {
        parse_c2b_confirmation(body).map(|told| Listed {
            receipt: told.receipt,
            amount: told.amount,
            account_reference: told.account_reference,
            short_code: told.short_code,
            payer: told.payer,
        })
    }

    fn mark<'a>(&self, said: &'a Self::Said) -> Mark<'a> {
        Mark {
            receipt: said.as_ref().ok().map(|listed| listed.receipt.as_str()),
            is_unreadable: said.is_err(),
        }
    }

    async fn book(&self, tx: &mut Tx, _: Uuid, received: &Received<Self::Said>) -> Result<(), Failure> {
        let Ok(listed) = &received.said else { return Ok(()) };
        let must_wait = received.is_from_elsewhere && self.0.callbacks.check == AddressCheck::Enforce;
        let source = EvidenceSource::C2b;
        if self.0.place_listed(tx, source, listed, !must_wait, Some(received.id), None).await?
            == Placed::Unknown
        {
            tracing::warn!("money came under a reference that is not ours");
        }
        Ok(())
    }

    fn booked(&self, _: Uuid, received: &Received<Self::Said>) {
        if received.is_from_elsewhere {
            tracing::warn!("a C2B confirmation came from an address that is not Safaricom's");
        }
        if let Err(error) = &received.said {
            let body = received.id;
            // `payments show` prints it.
            tracing::error!(%body, %error, alarm = true, "a C2B confirmation could not be read");
        }
    }
}

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
