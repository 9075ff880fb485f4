//! What the payment engine needs from Safaricom. The client does it over HTTP, and the simulation of
//! `src/tests` in its own way.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{Client, DarajaError, PulledPage, Push, PushAccepted, QueryAnswer};
use crate::types::Msisdn;

/// The requests that the payment engine makes.
#[async_trait]
pub trait Daraja: Send + Sync {
    /// Asks for a prompt on the payer's phone. See [`Client::push`].
    async fn push(&self, push: &Push) -> Result<PushAccepted, DarajaError>;
    /// Asks what became of a push. See [`Client::query`].
    async fn query(&self, checkout_request_id: &str) -> Result<QueryAnswer, DarajaError>;
    /// Tells where C2B payments are to be confirmed and validated.
    async fn register_c2b_urls(
        &self,
        confirmation_url: &str,
        validation_url: &str,
    ) -> Result<(), DarajaError>;
    /// Has Safaricom answer what came in. See [`Client::register_pull`].
    async fn register_pull(&self, phone: &Msisdn, callback_url: &str) -> Result<(), DarajaError>;
    /// Asks what came in. See [`Client::pull`].
    async fn pull(
        &self,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
        offset: usize,
    ) -> Result<PulledPage, DarajaError>;
}

#[async_trait]
impl Daraja for Client {
    async fn push(&self, push: &Push) -> Result<PushAccepted, DarajaError> {
        Self::push(self, push).await
    }

    async fn query(&self, checkout_request_id: &str) -> Result<QueryAnswer, DarajaError> {
        Self::query(self, checkout_request_id).await
    }

    async fn register_c2b_urls(
        &self,
        confirmation_url: &str,
        validation_url: &str,
    ) -> Result<(), DarajaError> {
        Self::register_c2b_urls(self, confirmation_url, validation_url).await
    }

    async fn register_pull(&self, phone: &Msisdn, callback_url: &str) -> Result<(), DarajaError> {
        Self::register_pull(self, phone, callback_url).await
    }

    async fn pull(
        &self,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
        offset: usize,
    ) -> Result<PulledPage, DarajaError> {
        Self::pull(self, from, until, offset).await
    }
}
