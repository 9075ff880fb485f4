//! A prompt on a phone, from the accepted push to its end.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::types::Kes;

/// The name of the business that the phones show as the one that is paid.
pub const BUSINESS: &str = "LIGISOO";

/// An accepted push and what became of it.
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

/// Where a prompt is between its push and its end.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PromptState {
    /// The prompt is on the phone's screen and can be answered.
    Open,
    /// The prompt is on the screen, but its owner ignores it until its life is over.
    Ignored,
    /// The prompt has ended; this is final.
    Ended(PromptOutcome),
}

/// How a prompt ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromptOutcome {
    /// A result code of daraja §3.3.
    pub code: String,
    pub description: String,
    /// The receipt, if it was paid.
    pub receipt: Option<String>,
    pub at: DateTime<Utc>,
}

/// What the owner of a phone does with a prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OwnerAnswer {
    /// Enters the right PIN. Without enough money the prompt fails with code 1.
    Pay,
    /// Enters a wrong PIN (code 2001).
    WrongPin,
    /// Has too little money, whatever the wallet holds (code 1).
    NoMoney,
    /// Cancels (code 1032).
    Cancel,
    /// Does nothing, so that the prompt ends with its life (code 1037).
    Ignore,
}

/// A push that passed the gateway's checks, before the phone rings.
pub struct NewPrompt {
    pub phone_number: String,
    pub shillings: i64,
    pub account_reference: String,
    pub callback_url: String,
}

impl Prompt {
    /// What is to be paid.
    pub fn amount(&self) -> Kes {
        Kes::from_shillings(self.shillings).unwrap_or(Kes::ZERO)
    }

    /// The text on the phone's screen.
    pub fn text(&self) -> String {
        format!(
            "Do you want to pay KES {} to {BUSINESS} Account no. {}?",
            self.amount().to_decimal_string(),
            self.account_reference
        )
    }
}

impl PromptOutcome {
    /// An end without a payment.
    pub fn failure(code: &str, description: &str, now: DateTime<Utc>) -> Self {
        Self { code: code.to_owned(), description: description.to_owned(), receipt: None, at: now }
    }
}

/// Reads the names that the HTTP control and `SIMULATOR_AUTOPILOT` use.
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
