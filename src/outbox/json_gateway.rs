//! A gateway that takes JSON, as the small programs do that people put before their own.

use async_trait::async_trait;
use secrecy::ExposeSecret;
use serde_json::json;

use super::sms::{NotSent, Sms, client, send};
use crate::platform::settings::GatewaySettings;
use crate::types::Msisdn;

/// Sends a `POST` of `{"to": "+2547…", "message": "…", "from": "…"}` with the token as bearer. Any 2xx means
/// that the gateway took the text.
pub struct JsonGateway {
    settings: GatewaySettings,
    http: reqwest::Client,
}

impl JsonGateway {
    /// Sends by the gateway of the settings.
    ///
    /// # Errors
    /// The HTTP client cannot be built.
    pub fn new(settings: GatewaySettings) -> anyhow::Result<Self> {
        Ok(Self { settings, http: client()? })
    }
}

#[async_trait]
impl Sms for JsonGateway {
    async fn send(&self, to: &Msisdn, text: &str) -> Result<(), NotSent> {
        let body = json!({ "to": format!("+{to}"), "message": text, "from": self.settings.sender });
        let request = self
            .http
            .post(self.settings.url.clone())
            .bearer_auth(self.settings.token.expose_secret())
            .json(&body);
        send(request).await.map(|_| ())
    }
}
