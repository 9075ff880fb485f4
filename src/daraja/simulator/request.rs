//! What requests say, read as Safaricom reads them, and the checks that several of them share.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::NaiveDateTime;
use secrecy::ExposeSecret;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::reply::{ErrorReply, Problem};
use super::state::SimulatorState;
use crate::types::Msisdn;

pub const BODY_MAX_BYTES: usize = 64 * 1024;
/// Whole shillings in one payment (daraja §2).
pub const AMOUNT_MAX: i64 = 250_000;
const CALLBACK_URL_MAX: usize = 2_000;

impl SimulatorState {
    /// The gateway looks at the token before anything else.
    pub(super) fn check_token(&self, headers: &HeaderMap) -> Result<(), ErrorReply> {
        let authorization =
            headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let Some(token) = authorization.strip_prefix("Bearer ") else {
            return Err(ErrorReply::new(404, "404.001.04", "Invalid Authentication Header"));
        };
        let is_good = self.tokens().get(token).is_some_and(|ends_at| self.clock.now() < *ends_at);
        if is_good { Ok(()) } else { Err(ErrorReply::new(404, "404.001.03", "Invalid Access Token")) }
    }

    /// Short code, timestamp and password, which every request carries.
    pub(super) fn check_credentials(&self, body: &Value) -> Result<(), ErrorReply> {
        let short_code = field(body, "BusinessShortCode").filter(|code| is_digits(code, 5..=7));
        let short_code = short_code.ok_or_else(|| ErrorReply::invalid("BusinessShortCode"))?;
        let timestamp = field(body, "Timestamp").filter(|timestamp| is_digits(timestamp, 14..=14));
        let timestamp =
            timestamp.filter(|timestamp| NaiveDateTime::parse_from_str(timestamp, "%Y%m%d%H%M%S").is_ok());
        let timestamp = timestamp.ok_or_else(|| ErrorReply::invalid("Timestamp"))?;
        let password = field(body, "Password").ok_or_else(|| ErrorReply::invalid("Password"))?;
        if short_code != self.credentials.business_short_code() {
            return Err(ErrorReply::back_end("Merchant does not exist"));
        }
        let expected = format!("{short_code}{}{timestamp}", self.credentials.passkey.expose_secret());
        if STANDARD.decode(password).is_ok_and(|password| password == expected.as_bytes()) {
            Ok(())
        } else {
            Err(ErrorReply::back_end("[MerchantValidate] - Wrong credentials"))
        }
    }
}

pub fn parse(bytes: &[u8]) -> Result<Value, ErrorReply> {
    let body = serde_json::from_slice::<Value>(bytes).ok().filter(Value::is_object);
    body.ok_or_else(|| ErrorReply::new(400, "400.002.05", "Invalid Request Payload"))
}

/// A field as text, whether it was sent as a string or as a whole number.
pub fn field(body: &Value, name: &str) -> Option<String> {
    match body.get(name)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => number.as_u64().map(|number| number.to_string()),
        _ => None,
    }
}

pub fn is_digits(text: &str, length: std::ops::RangeInclusive<usize>) -> bool {
    length.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Plain http too, because this simulator runs beside what it calls.
pub fn is_callback_url(text: &str) -> bool {
    let url = text.parse::<reqwest::Url>().ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    text.len() <= CALLBACK_URL_MAX
        && !text.contains(char::is_whitespace)
        && url.is_some_and(|url| url.host_str().is_some())
}

/// JSON whatever the Content-Type says, so that a bare `curl -d` works too.
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(bytes).map_err(|error| Problem::bad_request(error.to_string()))
}

pub fn msisdn(text: &str) -> Result<Msisdn, Problem> {
    text.parse().map_err(|_| Problem::bad_request("that is not a Kenyan mobile number"))
}
