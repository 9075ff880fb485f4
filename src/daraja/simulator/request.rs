//! Reads requests as Safaricom reads them, with the checks that several endpoints share.

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

/// The most bytes of a request's or an answer's body.
pub const BODY_MAX_BYTES: usize = 64 * 1024;
/// The most whole shillings of one payment (daraja §2).
pub const AMOUNT_MAX: i64 = 250_000;
const CALLBACK_URL_MAX: usize = 2_000;

impl SimulatorState {
    /// Checks the token, which the gateway does before anything else.
    pub(super) fn check_token(&self, headers: &HeaderMap) -> Result<(), ErrorReply> {
        let authorization =
            headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let Some(token) = authorization.strip_prefix("Bearer ") else {
            return Err(ErrorReply::new(404, "404.001.04", "Invalid Authentication Header"));
        };
        let is_good = self.tokens().get(token).is_some_and(|ends_at| self.clock.now() < *ends_at);
        if is_good { Ok(()) } else { Err(ErrorReply::new(404, "404.001.03", "Invalid Access Token")) }
    }

    /// Checks the short code, the timestamp and the password, which every push and query carries.
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

/// The body as a JSON object.
///
/// # Errors
/// [`ErrorReply`] 400.002.05 if it is none.
pub fn parse(bytes: &[u8]) -> Result<Value, ErrorReply> {
    let body = serde_json::from_slice::<Value>(bytes).ok().filter(Value::is_object);
    body.ok_or_else(|| ErrorReply::new(400, "400.002.05", "Invalid Request Payload"))
}

/// A field as text, whether it was sent as a string or as a whole number. `None` if it is absent or something
/// else.
pub fn field(body: &Value, name: &str) -> Option<String> {
    match body.get(name)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => number.as_u64().map(|number| number.to_string()),
        _ => None,
    }
}

/// Whether a text has only digits, and as many as `length` allows.
pub fn is_digits(text: &str, length: std::ops::RangeInclusive<usize>) -> bool {
    length.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether something can be posted to this address. Plain http is allowed too, because the simulator runs
/// beside the app that it calls.
pub fn is_callback_url(text: &str) -> bool {
    let url = text.parse::<reqwest::Url>().ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    text.len() <= CALLBACK_URL_MAX
        && !text.contains(char::is_whitespace)
        && url.is_some_and(|url| url.host_str().is_some())
}

/// The body of a request to the simulator's own endpoints. It is read as JSON whatever the Content-Type says,
/// so that a bare `curl -d` works.
///
/// # Errors
/// [`Problem`] 400 if it is not the JSON that is wanted.
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(bytes).map_err(|error| Problem::bad_request(error.to_string()))
}

/// A phone number in any form that people write (daraja §8).
///
/// # Errors
/// [`Problem`] 400 if it is no Kenyan mobile number.
pub fn msisdn(text: &str) -> Result<Msisdn, Problem> {
    text.parse().map_err(|_| Problem::bad_request("that is not a Kenyan mobile number"))
}
