//! The settings of the gateway that carries messages.

use anyhow::bail;
use secrecy::SecretString;

use super::source::SettingsSource;
use crate::platform::hosts::is_loopback;

/// Where Africa's Talking takes messages, unless `SMS_GATEWAY_URL` says another place, such as its sandbox.
const AFRICAS_TALKING: &str = "https://api.africastalking.com/version1/messaging";

/// Where the gateway is and how it knows us.
#[derive(Debug, Clone)]
pub struct GatewaySettings {
    /// `SMS_GATEWAY_URL`.
    pub url: reqwest::Url,
    /// `SMS_GATEWAY_TOKEN`.
    pub token: SecretString,
    /// `SMS_SENDER`: who messages are from.
    pub sender: Option<String>,
    /// `SMS_GATEWAY_FORM`.
    pub form: GatewayForm,
}

/// How a gateway wants to be spoken to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GatewayForm {
    /// JSON with a bearer token.
    Json,
    /// Africa's Talking's form, for the application `SMS_GATEWAY_USERNAME`.
    AfricasTalking { username: String },
}

impl GatewaySettings {
    /// The gateway, if all that it needs is set; `None` if nothing of it is.
    pub(super) fn load(source: &SettingsSource) -> anyhow::Result<Option<Self>> {
        let form = source.choice("SMS_GATEWAY_FORM", &["json", "africastalking"])?;
        let (token, username) = (source.text("SMS_GATEWAY_TOKEN"), source.text("SMS_GATEWAY_USERNAME"));
        let mut url = source.parse::<reqwest::Url>("SMS_GATEWAY_URL")?;
        let form = match (form.as_deref(), username) {
            (Some("africastalking"), Some(username)) => {
                url = url.map_or_else(|| AFRICAS_TALKING.parse().map(Some), |url| Ok(Some(url)))?;
                GatewayForm::AfricasTalking { username }
            }
            (Some("africastalking"), None) => {
                bail!("SMS_GATEWAY_FORM=africastalking needs SMS_GATEWAY_USERNAME")
            }
            (_, Some(_)) => bail!("SMS_GATEWAY_USERNAME is for SMS_GATEWAY_FORM=africastalking"),
            (Some(_), None) if url.is_none() => bail!("SMS_GATEWAY_FORM is set without SMS_GATEWAY_URL"),
            (_, None) => GatewayForm::Json,
        };
        let (url, token) = match (url, token) {
            (Some(url), Some(token)) => (url, token),
            (None, None) => return Ok(None),
            (None, Some(_)) => bail!("SMS_GATEWAY_TOKEN is set without SMS_GATEWAY_URL"),
            (Some(_), None) => bail!("the SMS gateway is set without SMS_GATEWAY_TOKEN"),
        };
        if url.scheme() != "https" && !is_loopback(&url) {
            bail!("SMS_GATEWAY_URL must be https: codes pass through it");
        }
        let (token, sender) = (SecretString::from(token), source.text("SMS_SENDER"));
        Ok(Some(Self { url, token, sender, form }))
    }
}
