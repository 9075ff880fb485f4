//! What carries short texts: with play money the simulator's phones, with real money a gateway over HTTP.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use async_trait::async_trait;
use serde_json::json;

use crate::types::Msisdn;

/// How long a gateway may take; one that takes longer is as good as down.
pub(super) const WITHIN: Duration = Duration::from_secs(10);

/// Something that sends short texts to phones.
#[async_trait]
pub trait Sms: Send + Sync {
    /// Hands a text over. It may still get lost, so nothing may depend on its arrival.
    ///
    /// # Errors
    /// Why it was not taken, as far as is known: without an answer it may have been.
    async fn send(&self, to: &Msisdn, text: &str) -> Result<(), NotSent>;
}

/// What sends messages. `None` where none can be sent: features that need them then say so.
pub type SmsPort = Option<Arc<dyn Sms>>;

/// Why a gateway did not take a text: words that hold neither the number nor the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotSent {
    /// It may do so later.
    ForNow(String),
    /// It never will.
    ForGood(String),
}

/// The words of an error leave out the address, since that may hold a number.
impl From<reqwest::Error> for NotSent {
    fn from(error: reqwest::Error) -> Self {
        let why = if error.is_timeout() {
            "the gateway took too long"
        } else if error.is_connect() {
            "the gateway cannot be reached"
        } else {
            "the gateway's answer did not come whole"
        };
        Self::ForNow(why.to_owned())
    }
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
    async fn send(&self, to: &Msisdn, text: &str) -> Result<(), NotSent> {
        let Ok(url) = self.simulator.join(&format!("/phones/{to}/sms")) else {
            return Err(NotSent::ForGood("the simulator has no such address".to_owned()));
        };
        send(self.http.post(url).json(&json!({ "text": text }))).await.map(|_| ())
    }
}

/// Sends a request to a gateway, and returns its answer if that is a success. A redirect is none: nothing
/// follows it.
pub(super) async fn send(request: reqwest::RequestBuilder) -> Result<reqwest::Response, NotSent> {
    let answer = request.send().await?;
    if answer.status().is_success() {
        return Ok(answer);
    }
    Err(NotSent::ForNow(format!("the gateway answered {}", answer.status().as_u16())))
}

/// A client for a gateway.
///
/// # Errors
/// It cannot be built.
pub(super) fn client() -> anyhow::Result<reqwest::Client> {
    let builder =
        reqwest::Client::builder().timeout(WITHIN).redirect(reqwest::redirect::Policy::none()).no_proxy();
    builder.build().context("cannot build the HTTP client for messages")
}
