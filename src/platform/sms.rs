//! Sends text messages: with play money to the simulator's phones, with real money by an HTTP gateway.
//! Without a gateway none are sent.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use crate::types::Msisdn;

/// How long a gateway may take; one that takes longer is as good as down.
const WITHIN: Duration = Duration::from_secs(10);

/// Something that sends short texts to phones.
#[async_trait]
pub trait Sms: Send + Sync {
    /// Hands a text over. The text may still get lost, so nothing may depend on its arrival.
    async fn send(&self, to: &Msisdn, text: &str) -> anyhow::Result<()>;
}

/// What sends messages. `None` where none can be sent: features that need them then say so.
pub type SmsPort = Option<Arc<dyn Sms>>;

/// Where the gateway is and how it knows us (`SMS_GATEWAY_URL`, `SMS_GATEWAY_TOKEN`, `SMS_SENDER`).
#[derive(Debug, Clone)]
pub struct GatewaySettings {
    pub url: reqwest::Url,
    pub token: SecretString,
    pub sender: Option<String>,
}

/// Sends texts to the phones of the simulator.
pub struct Handsets {
    simulator: reqwest::Url,
    http: reqwest::Client,
}

impl Handsets {
    /// Sends to the simulator at this address.
    ///
    /// # Errors
    /// The HTTP client cannot be built.
    pub fn new(simulator: reqwest::Url) -> anyhow::Result<Self> {
        Ok(Self { simulator, http: client()? })
    }
}

#[async_trait]
impl Sms for Handsets {
    async fn send(&self, to: &Msisdn, text: &str) -> anyhow::Result<()> {
        let url = self.simulator.join(&format!("/phones/{to}/sms"))?;
        self.http.post(url).json(&json!({ "text": text })).send().await?.error_for_status()?;
        Ok(())
    }
}

/// Sends a `POST` of `{"to": "+2547…", "message": "…", "from": "…"}` with the token as bearer. Any 2xx means
/// that the gateway took the text.
pub struct Gateway {
    settings: GatewaySettings,
    http: reqwest::Client,
}

impl Gateway {
    /// Sends by the gateway of the settings.
    ///
    /// # Errors
    /// The HTTP client cannot be built.
    pub fn new(settings: GatewaySettings) -> anyhow::Result<Self> {
        Ok(Self { settings, http: client()? })
    }
}

#[async_trait]
impl Sms for Gateway {
    async fn send(&self, to: &Msisdn, text: &str) -> anyhow::Result<()> {
        let body = json!({ "to": format!("+{to}"), "message": text, "from": self.settings.sender });
        let request = self
            .http
            .post(self.settings.url.clone())
            .bearer_auth(self.settings.token.expose_secret())
            .json(&body);
        // The error shows the address, which holds neither the token nor a number.
        request.send().await?.error_for_status()?;
        Ok(())
    }
}

fn client() -> anyhow::Result<reqwest::Client> {
    let builder =
        reqwest::Client::builder().timeout(WITHIN).redirect(reqwest::redirect::Policy::none()).no_proxy();
    builder.build().context("cannot build the HTTP client for messages")
}
