//! A prompt on a phone: from the accepted push to its end.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::types::Kes;

/// Whom the phones see themselves paying.
pub const BUSINESS: &str = "LIGISOO";

/// An accepted push.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Prompt {
    pub checkout_request_id: String,
    pub merchant_request_id: String,
    pub phone_number: String,
    /// Whole shillings.
    pub shillings: i64,
    pub account_reference: String,
    pub callback_url: String,
    pub made_at: DateTime<Utc>,
    pub state: PromptState,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PromptState {
    /// On the phone's screen.
    Open,
    /// On the screen, but nobody will touch it.
    Ignored,
    Ended(PromptOutcome),
}

/// How a prompt ended; final.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromptOutcome {
    /// A result code of daraja §3.3.
    pub code: String,
    pub description: String,
    /// Only of a payment.
    pub receipt: Option<String>,
    pub at: DateTime<Utc>,
}

/// What the phone's owner does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OwnerAnswer {
    Pay,
    WrongPin,
    NoMoney,
    Cancel,
    Ignore,
}

/// A push that passed the gateway's checks.
pub struct NewPrompt {
    pub phone_number: String,
    pub shillings: i64,
    pub account_reference: String,
    pub callback_url: String,
}

impl Prompt {
    pub fn amount(&self) -> Kes {
        Kes::from_shillings(self.shillings).unwrap_or(Kes::ZERO)
    }

    /// What stands on the phone's screen.
    pub fn text(&self) -> String {
        format!(
            "Do you want to pay KES {} to {BUSINESS} Account no. {}?",
            self.amount().to_decimal_string(),
            self.account_reference
        )
    }
}

impl PromptOutcome {
    pub fn failure(code: &str, description: &str, now: DateTime<Utc>) -> Self {
        Self { code: code.to_owned(), description: description.to_owned(), receipt: None, at: now }
    }
}

/// The names of the HTTP control and of `SIMULATOR_AUTOPILOT`.
impl FromStr for OwnerAnswer {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        match text {
            "pay" => Ok(Self::Pay),
            "wrong_pin" => Ok(Self::WrongPin),
            "no_money" => Ok(Self::NoMoney),
            "cancel" => Ok(Self::Cancel),
            "ignore" => Ok(Self::Ignore),
            _ => anyhow::bail!("an answer is pay, wrong_pin, no_money, cancel or ignore"),
        }
    }
}
