//! Africa's Talking, the gateway that most in Kenya use. It answers 201 to what it understood, and says in the
//! body for each number whether it took the text.

use async_trait::async_trait;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use secrecy::ExposeSecret;
use serde::Deserialize;

use super::sms::{NotSent, Sms, client, send};
use crate::platform::settings::GatewaySettings;
use crate::types::Msisdn;

/// An answer is some hundred bytes; more than this is not read.
const ANSWER_MAX_BYTES: usize = 64 * 1024;

/// Sends the form `username`, `to`, `message` and `from` with the key in the header `apiKey`
/// (<https://developers.africastalking.com/docs/sms/sending/bulk>).
pub struct AfricasTalking {
    settings: GatewaySettings,
    username: String,
    http: reqwest::Client,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "SMSMessageData")]
    data: MessageData,
}

#[derive(Deserialize)]
struct MessageData {
    #[serde(rename = "Recipients", default)]
    recipients: Vec<Recipient>,
}

#[derive(Deserialize)]
struct Recipient {
    #[serde(rename = "statusCode")]
    status_code: u16,
}

impl AfricasTalking {
    /// Sends as the application `username` of the account whose key the settings hold.
    ///
    /// # Errors
    /// The HTTP client cannot be built.
    pub fn new(settings: GatewaySettings, username: String) -> anyhow::Result<Self> {
        Ok(Self { settings, username, http: client()? })
    }
}

#[async_trait]
impl Sms for AfricasTalking {
    async fn send(&self, to: &Msisdn, text: &str) -> Result<(), NotSent> {
        let to = format!("+{to}");
        let mut form = vec![("username", self.username.as_str()), ("to", &to), ("message", text)];
        form.extend(self.settings.sender.as_deref().map(|sender| ("from", sender)));
        let form = serde_urlencoded::to_string(form)
            .map_err(|_| NotSent::ForGood("the form cannot be written".to_owned()))?;
        let request = self
            .http
            .post(self.settings.url.clone())
            .header("apiKey", self.settings.token.expose_secret())
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form);
        let mut answer = send(request).await?;
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            if body.len() + chunk.len() > ANSWER_MAX_BYTES {
                return Err(NotSent::ForNow("the gateway's answer is too long".to_owned()));
            }
            body.extend_from_slice(&chunk);
        }
        read(&body)
    }
}

/// What an answer says of its one number.
fn read(body: &[u8]) -> Result<(), NotSent> {
    let Ok(Answer { data }) = serde_json::from_slice(body) else {
        return Err(NotSent::ForNow("the gateway's answer cannot be read".to_owned()));
    };
    let Some(recipient) = data.recipients.first() else {
        return Err(NotSent::ForNow("the gateway took it for nobody".to_owned()));
    };
    let code = recipient.status_code;
    match code {
        // Processed, sent, queued.
        100..=102 => Ok(()),
        // The number is none, or of no kind that gets texts, or its owner wants none.
        403 | 404 | 406 => Err(NotSent::ForGood(format!("the gateway refused it with {code}"))),
        // The account is held back or empty, the sender is not registered, there is no way or the gateway
        // fails: all of that can be mended.
        _ => Err(NotSent::ForNow(format!("the gateway refused it with {code}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_taken_or_refused_for_now_or_for_good() {
        let said = |code: u16| {
            read(format!(r#"{{"SMSMessageData":{{"Message":"Sent to 1/1","Recipients":[{{"statusCode":{code},"number":"+254711000000","status":"?","cost":"KES 0.8","messageId":"ATXid_1"}}]}}}}"#).as_bytes())
        };
        for code in [100, 101, 102] {
            assert_eq!(said(code), Ok(()));
        }
        for code in [403, 404, 406] {
            assert!(matches!(said(code), Err(NotSent::ForGood(_))), "{code}");
        }
        for code in [401, 402, 405, 407, 500, 501, 502, 999] {
            assert!(matches!(said(code), Err(NotSent::ForNow(_))), "{code}");
        }
        for odd in ["", "{}", "<html>", r#"{"SMSMessageData":{"Message":"InvalidSenderId","Recipients":[]}}"#]
        {
            assert!(matches!(read(odd.as_bytes()), Err(NotSent::ForNow(_))), "{odd}");
        }
    }
}
