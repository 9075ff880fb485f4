//! The rules of the simulated M-Pesa: phones, prompts, money. No HTTP and no clock of its own; whoever calls says what time it is.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::str::FromStr;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::fault::{FaultKind, Faults};
use super::ids;
use super::phone::{Phone, paid_message, too_little_message, wrong_pin_message};
use crate::platform::clock::delta;
use crate::platform::random::Random;
use crate::types::Kes;

/// Whom the phones see themselves paying.
pub const BUSINESS: &str = "LIGISOO";
/// The PIN of every phone.
pub const PIN: &str = "1234";
/// How many ended prompts can still be queried.
const ENDED_MAX: usize = 5_000;
/// Phones that were never used again make room after so many.
const PHONES_MAX: usize = 20_000;

/// Everything that lasts.
pub struct World {
    phones: BTreeMap<String, Phone>,
    prompts: HashMap<String, Prompt>,
    /// The prompt on each phone that has one: its checkout id, by phone number.
    open: BTreeMap<String, String>,
    /// Checkout ids of ended prompts, oldest first.
    ended: VecDeque<String>,
    receipts: HashSet<String>,
    pub faults: Faults,
    prompt_life: Duration,
}

/// What the state file holds.
#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
pub struct Saved {
    phones: BTreeMap<String, Phone>,
    prompts: Vec<Prompt>,
}

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
    Ended(Outcome),
}

/// How a prompt ended; final.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
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
pub enum Answer {
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

/// Another prompt is open on the phone.
#[derive(Debug, PartialEq, Eq)]
pub struct SubscriberLocked;

#[derive(Debug, PartialEq, Eq)]
pub enum CannotAnswer {
    NoSuchPrompt,
    AlreadyAnswered,
}

/// A callback to be posted.
#[derive(Debug)]
pub struct Delivery {
    pub prompt: Prompt,
    pub outcome: Outcome,
    pub delay: Duration,
    pub copies: u32,
}

/// What a query finds.
#[derive(Debug)]
pub enum Found {
    Nothing,
    Processing,
    Ended { merchant_request_id: String, outcome: Outcome },
}

impl World {
    pub fn new(saved: Saved, prompt_life: Duration) -> Self {
        let mut world = Self {
            phones: saved.phones,
            prompts: HashMap::new(),
            open: BTreeMap::new(),
            ended: VecDeque::new(),
            receipts: HashSet::new(),
            faults: Faults::default(),
            prompt_life,
        };
        for prompt in saved.prompts {
            if let PromptState::Ended(outcome) = &prompt.state {
                world.receipts.extend(outcome.receipt.clone());
                world.ended.push_back(prompt.checkout_request_id.clone());
            } else {
                world.open.insert(prompt.phone_number.clone(), prompt.checkout_request_id.clone());
            }
            world.prompts.insert(prompt.checkout_request_id.clone(), prompt);
        }
        world
    }

    /// What must outlive this process: phones, and prompts so that they can still be queried.
    pub fn to_saved(&self) -> Saved {
        let ids = self.ended.iter().chain(self.open.values());
        Saved { phones: self.phones.clone(), prompts: ids.filter_map(|id| self.prompts.get(id)).cloned().collect() }
    }

    /// The phone of a number; one that was never seen gets its first balance.
    pub fn phone(&mut self, phone_number: &str, now: DateTime<Utc>) -> &mut Phone {
        if self.phones.len() >= PHONES_MAX && !self.phones.contains_key(phone_number) {
            let oldest = self.phones.iter().min_by_key(|(_, phone)| phone.seen_at).map(|(number, _)| number.clone());
            oldest.and_then(|number| self.phones.remove(&number));
        }
        self.phones.entry(phone_number.to_owned()).or_insert_with(|| Phone::new(now))
    }

    /// The phones seen last, at most `limit`.
    pub fn recent_phones(&self, limit: usize) -> Vec<(&str, &Phone)> {
        let mut phones: Vec<_> = self.phones.iter().map(|(number, phone)| (number.as_str(), phone)).collect();
        phones.sort_by_key(|(_, phone)| std::cmp::Reverse(phone.seen_at));
        phones.truncate(limit);
        phones
    }

    /// Prompts on screens, oldest first.
    pub fn open_prompts(&self) -> Vec<&Prompt> {
        let open = self.open.values().filter_map(|id| self.prompts.get(id));
        let mut open: Vec<_> = open.filter(|prompt| matches!(prompt.state, PromptState::Open)).collect();
        open.sort_by(|one, other| (one.made_at, &one.checkout_request_id).cmp(&(other.made_at, &other.checkout_request_id)));
        open
    }

    /// Makes the phone ring.
    pub fn push(&mut self, new: NewPrompt, now: DateTime<Utc>, random: &Random) -> Result<Prompt, SubscriberLocked> {
        if self.open.contains_key(&new.phone_number) {
            return Err(SubscriberLocked);
        }
        self.phone(&new.phone_number, now).seen_at = now;
        let mut at = now;
        let mut checkout_request_id = ids::checkout_request_id(at, &new.phone_number);
        while self.prompts.contains_key(&checkout_request_id) {
            at += TimeDelta::milliseconds(1);
            checkout_request_id = ids::checkout_request_id(at, &new.phone_number);
        }
        let prompt = Prompt {
            checkout_request_id: checkout_request_id.clone(),
            merchant_request_id: ids::request_id(random),
            phone_number: new.phone_number,
            shillings: new.shillings,
            account_reference: new.account_reference,
            callback_url: new.callback_url,
            made_at: now,
            state: PromptState::Open,
        };
        self.open.insert(prompt.phone_number.clone(), checkout_request_id.clone());
        self.prompts.insert(checkout_request_id, prompt.clone());
        Ok(prompt)
    }

    /// The owner's answer. Each prompt takes one; a payment debits in the same step that ends the prompt.
    pub fn answer(&mut self, id: &str, answer: Answer, now: DateTime<Utc>, random: &Random) -> Result<Option<Delivery>, CannotAnswer> {
        let prompt = self.prompts.get_mut(id).ok_or(CannotAnswer::NoSuchPrompt)?;
        if !matches!(prompt.state, PromptState::Open) || now - prompt.made_at >= delta(self.prompt_life) {
            return Err(CannotAnswer::AlreadyAnswered);
        }
        if answer == Answer::Ignore {
            prompt.state = PromptState::Ignored;
            return Ok(None);
        }
        let prompt = prompt.clone();
        let amount = prompt.amount();
        let phone = self.phone(&prompt.phone_number, now);
        phone.seen_at = now;
        let is_affordable = phone.balance() >= amount;
        let outcome = match answer {
            Answer::Pay if is_affordable => return Ok(self.pay(&prompt, now, random)),
            Answer::Pay | Answer::NoMoney => {
                phone.receive(too_little_message(amount, BUSINESS, phone.balance()), now);
                Outcome::failure("1", "The balance is insufficient for the transaction.", now)
            }
            Answer::WrongPin => {
                phone.receive(wrong_pin_message(amount, BUSINESS), now);
                Outcome::failure("2001", "The initiator information is invalid.", now)
            }
            Answer::Cancel | Answer::Ignore => Outcome::failure("1032", "Request Cancelled by user.", now),
        };
        Ok(self.end(&prompt.checkout_request_id, outcome))
    }

    fn pay(&mut self, prompt: &Prompt, now: DateTime<Utc>, random: &Random) -> Option<Delivery> {
        let mut receipt = ids::receipt(now, random);
        while !self.receipts.insert(receipt.clone()) {
            receipt = ids::receipt(now, random);
        }
        let phone = self.phone(&prompt.phone_number, now);
        phone.balance_cents -= prompt.amount().cents();
        let text = paid_message(&receipt, prompt.amount(), BUSINESS, &prompt.account_reference, phone.balance(), now);
        phone.receive(text, now);
        let description = "The service request is processed successfully.".to_owned();
        self.end(&prompt.checkout_request_id, Outcome { code: "0".to_owned(), description, receipt: Some(receipt), at: now })
    }

    /// Ends the prompts whose life is over. 1037: nobody answered.
    pub fn expire(&mut self, now: DateTime<Utc>) -> Vec<Delivery> {
        let life = delta(self.prompt_life);
        let is_over = |id: &&String| self.prompts.get(*id).is_some_and(|prompt| now - prompt.made_at >= life);
        let over: Vec<String> = self.open.values().filter(is_over).cloned().collect();
        over.iter().filter_map(|id| self.end(id, Outcome::failure("1037", "DS timeout user cannot be reached", now))).collect()
    }

    /// The one place where a prompt ends. `None` if its callback is to be lost.
    fn end(&mut self, id: &str, outcome: Outcome) -> Option<Delivery> {
        let prompt = self.prompts.get_mut(id)?;
        prompt.state = PromptState::Ended(outcome.clone());
        let prompt = prompt.clone();
        self.open.remove(&prompt.phone_number);
        self.ended.push_back(id.to_owned());
        if self.ended.len() > ENDED_MAX {
            self.forget_oldest();
        }
        let mut take = |kind| self.faults.take(kind, &prompt.phone_number, &prompt.account_reference);
        if take(FaultKind::LoseCallback).is_some() {
            return None;
        }
        let delay = take(FaultKind::DelayCallback).and_then(|fault| fault.millis()).map_or(Duration::ZERO, Duration::from_millis);
        let copies = if take(FaultKind::DoubleCallback).is_some() { 2 } else { 1 };
        Some(Delivery { prompt, outcome, delay, copies })
    }

    fn forget_oldest(&mut self) {
        let oldest = self.ended.pop_front().and_then(|id| self.prompts.remove(&id));
        if let Some(Prompt { state: PromptState::Ended(Outcome { receipt: Some(receipt), .. }), .. }) = oldest {
            self.receipts.remove(&receipt);
        }
    }

    pub fn query(&self, id: &str) -> Found {
        match self.prompts.get(id) {
            None => Found::Nothing,
            Some(prompt) => match &prompt.state {
                PromptState::Open | PromptState::Ignored => Found::Processing,
                PromptState::Ended(outcome) => {
                    Found::Ended { merchant_request_id: prompt.merchant_request_id.clone(), outcome: outcome.clone() }
                }
            },
        }
    }

    /// A planned answer to a query about this prompt, if there is one: its merchant request id and what to say.
    pub fn planned_query_answer(&mut self, id: &str) -> Option<(String, String)> {
        let prompt = self.prompts.get(id)?;
        let fault = self.faults.take(FaultKind::QuerySays, &prompt.phone_number, &prompt.account_reference)?;
        Some((prompt.merchant_request_id.clone(), fault.text()?))
    }
}

impl Prompt {
    pub fn amount(&self) -> Kes {
        Kes::from_shillings(self.shillings).unwrap_or(Kes::ZERO)
    }

    /// What stands on the phone's screen.
    pub fn text(&self) -> String {
        format!("Do you want to pay KES {} to {BUSINESS} Account no. {}?", self.amount().to_decimal_string(), self.account_reference)
    }
}

impl Outcome {
    fn failure(code: &str, description: &str, now: DateTime<Utc>) -> Self {
        Self { code: code.to_owned(), description: description.to_owned(), receipt: None, at: now }
    }
}

/// The names of the HTTP control and of `SIMULATOR_AUTOPILOT`.
impl FromStr for Answer {
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

#[cfg(test)]
#[path = "world_tests.rs"]
mod tests;
