//! What the payment engine needs from Safaricom. The client does it over HTTP, and the simulation of
//! `src/tests` in its own way.

use async_trait::async_trait;

use super::{Client, DarajaError, Push, PushAccepted, QueryAnswer};

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
}
