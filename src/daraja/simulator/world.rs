//! The rules of the simulated M-Pesa: phones, prompts, money. There is no HTTP here and no clock; the caller
//! says what time it is.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::deliveries::{Batch, Delivery};
use super::fault::{PlannedFaults, Target};
use super::ids;
use super::message::description;
use super::phone::{Phone, paid_message, too_little_message, wrong_pin_message};
use super::prompt::{BUSINESS, NewPrompt, OwnerAnswer, Prompt, PromptOutcome, PromptState};
use super::received::{RECEIVED_MAX, Received, Registered};
use super::twist;
use crate::platform::clock::delta;
use crate::platform::random::Random;
use crate::types::Kes;

/// The PIN of every phone.
pub const PIN: &str = "1234";
/// How many ended prompts can still be queried.
const ENDED_MAX: usize = 5_000;
/// How many phones are kept. The phone that was unused longest makes room for a new one.
const PHONES_MAX: usize = 20_000;

/// The whole state of the simulated M-Pesa.
pub struct World {
    phones: BTreeMap<String, Phone>,
    prompts: HashMap<String, Prompt>,
    /// The checkout id of the prompt on each phone that has one, by phone number.
    open: BTreeMap<String, String>,
    /// The checkout ids of ended prompts, the oldest first.
    ended: VecDeque<String>,
    receipts: HashSet<String>,
    /// The payments that came in, the newest last.
    received: VecDeque<Received>,
    /// The sum of all payments, also of those that left the list.
    total_cents: i64,
    /// The addresses to which confirmations go, once they are registered.
    pub registered: Option<Registered>,
    pub faults: PlannedFaults,
    prompt_life: Duration,
}

/// What the state file holds.
#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
pub struct Saved {
    phones: BTreeMap<String, Phone>,
    prompts: Vec<Prompt>,
    received: VecDeque<Received>,
    registered: Option<Registered>,
}

/// Another prompt is open on the phone.
#[derive(Debug, PartialEq, Eq)]
pub struct SubscriberLocked;

/// Why a prompt cannot be answered.
#[derive(Debug, PartialEq, Eq)]
pub enum CannotAnswer {
    /// There is no prompt of this id.
    NoSuchPrompt,
    /// The prompt was answered, or its life is over.
    AlreadyAnswered,
}

/// A prompt that has just ended, and what is to be posted about it.
#[derive(Debug)]
pub struct Ended {
    #[cfg_attr(not(test), expect(dead_code, reason = "tests compare what was posted with what is true"))]
    pub prompt: Prompt,
    #[cfg_attr(not(test), expect(dead_code, reason = "tests compare what was posted with what is true"))]
    pub outcome: PromptOutcome,
    pub batches: Vec<Batch>,
}

/// The wallet holds less than was to be paid.
#[derive(Debug, PartialEq, Eq)]
pub struct TooLittle;

/// What a query finds.
#[derive(Debug)]
pub enum QueryResult {
    /// There is no such prompt, or it is forgotten.
    Nothing,
    /// The prompt has not ended.
    Processing,
    /// The prompt has ended in this way.
    Ended { merchant_request_id: String, outcome: PromptOutcome },
}

impl World {
    /// The saved world, or a new one from an empty [`Saved`]. Planned faults are not saved.
    pub fn new(saved: Saved, prompt_life: Duration) -> Self {
        let mut world = Self {
            phones: saved.phones,
            prompts: HashMap::new(),
            open: BTreeMap::new(),
            ended: VecDeque::new(),
            receipts: saved.received.iter().map(|payment| payment.receipt.clone()).collect(),
            total_cents: saved.received.iter().map(|payment| payment.cents).sum(),
            received: saved.received,
            registered: saved.registered,
            faults: PlannedFaults::default(),
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

    /// What must outlive this process: the phones, the payments, and the prompts, so that they can still be
    /// queried.
    pub fn to_saved(&self) -> Saved {
        let ids = self.ended.iter().chain(self.open.values());
        Saved {
            phones: self.phones.clone(),
            prompts: ids.filter_map(|id| self.prompts.get(id)).cloned().collect(),
            received: self.received.clone(),
            registered: self.registered.clone(),
        }
    }

    /// The phone of a number. A phone that was never seen gets its first balance.
    pub fn phone(&mut self, phone_number: &str, now: DateTime<Utc>) -> &mut Phone {
        if self.phones.len() >= PHONES_MAX && !self.phones.contains_key(phone_number) {
            let oldest =
                self.phones.iter().min_by_key(|(_, phone)| phone.seen_at).map(|(number, _)| number.clone());
            oldest.and_then(|number| self.phones.remove(&number));
        }
        self.phones.entry(phone_number.to_owned()).or_insert_with(|| Phone::new(now))
    }

    /// The phones that were used last, at most `limit` of them.
    pub fn recent_phones(&self, limit: usize) -> Vec<(&str, &Phone)> {
        let mut phones: Vec<_> = self.phones.iter().map(|(number, phone)| (number.as_str(), phone)).collect();
        phones.sort_by_key(|(_, phone)| std::cmp::Reverse(phone.seen_at));
        phones.truncate(limit);
        phones
    }

    /// The prompts that can be answered, the oldest first.
    pub fn open_prompts(&self) -> Vec<&Prompt> {
        let open = self.open.values().filter_map(|id| self.prompts.get(id));
        let mut open: Vec<_> = open.filter(|prompt| matches!(prompt.state, PromptState::Open)).collect();
        open.sort_by(|one, other| {
            (one.made_at, &one.checkout_request_id).cmp(&(other.made_at, &other.checkout_request_id))
        });
        open
    }

    /// Makes the phone ring: adds a prompt, which the caller answers or lets expire.
    ///
    /// # Errors
    /// [`SubscriberLocked`] if another prompt is open on the phone.
    pub fn push(
        &mut self,
        new: NewPrompt,
        now: DateTime<Utc>,
        random: &Random,
    ) -> Result<Prompt, SubscriberLocked> {
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

    /// Answers a prompt as its owner. Each prompt takes one answer, and a payment debits the wallet in the
    /// same step that ends the prompt. `None` means that the owner ignores the prompt, which stays open until
    /// its life is over.
    ///
    /// # Errors
    /// [`CannotAnswer`] if there is no such prompt, or it was answered or is over.
    pub fn answer(
        &mut self,
        id: &str,
        answer: OwnerAnswer,
        now: DateTime<Utc>,
        random: &Random,
    ) -> Result<Option<Ended>, CannotAnswer> {
        let prompt = self.prompts.get_mut(id).ok_or(CannotAnswer::NoSuchPrompt)?;
        if !matches!(prompt.state, PromptState::Open) || now - prompt.made_at >= delta(self.prompt_life) {
            return Err(CannotAnswer::AlreadyAnswered);
        }
        if answer == OwnerAnswer::Ignore {
            prompt.state = PromptState::Ignored;
            return Ok(None);
        }
        let prompt = prompt.clone();
        let amount = prompt.amount();
        let phone = self.phone(&prompt.phone_number, now);
        phone.seen_at = now;
        let is_affordable = phone.balance() >= amount;
        let failure = |code: &str| PromptOutcome::failure(code, description(code), now);
        let outcome = match answer {
            OwnerAnswer::Pay if is_affordable => return Ok(self.pay(&prompt, now, random)),
            OwnerAnswer::Pay | OwnerAnswer::NoMoney => {
                phone.receive(too_little_message(amount, BUSINESS, phone.balance()), now);
                failure("1")
            }
            OwnerAnswer::WrongPin => {
                phone.receive(wrong_pin_message(amount, BUSINESS), now);
                failure("2001")
            }
            OwnerAnswer::Cancel | OwnerAnswer::Ignore => {
                PromptOutcome::failure("1032", "Request Cancelled by user.", now)
            }
        };
        Ok(self.end(&prompt.checkout_request_id, outcome, random))
    }

    fn pay(&mut self, prompt: &Prompt, now: DateTime<Utc>, random: &Random) -> Option<Ended> {
        let received =
            self.receive(&prompt.phone_number, prompt.amount(), &prompt.account_reference, now, random);
        let description = description("0").to_owned();
        let outcome = PromptOutcome {
            code: "0".to_owned(),
            description,
            receipt: Some(received.receipt.clone()),
            at: now,
        };
        let mut ended = self.end(&prompt.checkout_request_id, outcome, random)?;
        ended.batches.extend(self.confirmation(&received));
        Some(ended)
    }

    /// The one place where money moves.
    fn receive(
        &mut self,
        phone_number: &str,
        amount: Kes,
        account_reference: &str,
        now: DateTime<Utc>,
        random: &Random,
    ) -> Received {
        let mut receipt = ids::receipt(now, random);
        while !self.receipts.insert(receipt.clone()) {
            receipt = ids::receipt(now, random);
        }
        let phone = self.phone(phone_number, now);
        phone.balance_cents -= amount.cents();
        let text = paid_message(&receipt, amount, BUSINESS, account_reference, phone.balance(), now);
        phone.receive(text, now);
        let (phone_number, account_reference) = (phone_number.to_owned(), account_reference.to_owned());
        let received = Received { receipt, at: now, phone_number, cents: amount.cents(), account_reference };
        self.total_cents += received.cents;
        self.received.push_back(received.clone());
        if self.received.len() > RECEIVED_MAX
            && let Some(oldest) = self.received.pop_front()
        {
            self.receipts.remove(&oldest.receipt);
        }
        received
    }

    /// Pays the short code from the phone's menu, without a push. Returns the payment and what is to be
    /// posted about it.
    ///
    /// # Errors
    /// [`TooLittle`] if the wallet holds less than `amount`; the phone gets a message then.
    pub fn pay_by_hand(
        &mut self,
        phone_number: &str,
        amount: Kes,
        account_reference: &str,
        now: DateTime<Utc>,
        random: &Random,
    ) -> Result<(Received, Vec<Batch>), TooLittle> {
        let phone = self.phone(phone_number, now);
        phone.seen_at = now;
        if phone.balance() < amount {
            phone.receive(too_little_message(amount, BUSINESS, phone.balance()), now);
            return Err(TooLittle);
        }
        let received = self.receive(phone_number, amount, account_reference, now, random);
        let batches = self.confirmation(&received);
        Ok((received, batches))
    }

    fn confirmation(&mut self, received: &Received) -> Vec<Batch> {
        twist::confirmation(&mut self.faults, self.registered.as_ref(), received, self.total_cents)
    }

    /// The payments that came in, the oldest first.
    pub fn received(&mut self) -> &[Received] {
        self.received.make_contiguous()
    }

    /// Ends a prompt with this code, whatever its owner would have done. `None` if there is no such prompt or
    /// it has ended already.
    pub fn fail(&mut self, id: &str, code: &str, now: DateTime<Utc>, random: &Random) -> Option<Ended> {
        let prompt = self.prompts.get(id).filter(|prompt| !matches!(prompt.state, PromptState::Ended(_)))?;
        let id = prompt.checkout_request_id.clone();
        self.end(&id, PromptOutcome::failure(code, description(code), now), random)
    }

    /// Ends the prompts whose life is over with code 1037, which means that nobody answered.
    pub fn expire(&mut self, now: DateTime<Utc>, random: &Random) -> Vec<Ended> {
        let life = delta(self.prompt_life);
        let is_over = |id: &&String| self.prompts.get(*id).is_some_and(|prompt| now - prompt.made_at >= life);
        let over: Vec<String> = self.open.values().filter(is_over).cloned().collect();
        over.iter().filter_map(|id| self.fail(id, "1037", now, random)).collect()
    }

    /// The one place where a prompt ends.
    fn end(&mut self, id: &str, outcome: PromptOutcome, random: &Random) -> Option<Ended> {
        let prompt = self.prompts.get_mut(id)?;
        prompt.state = PromptState::Ended(outcome.clone());
        let prompt = prompt.clone();
        self.open.remove(&prompt.phone_number);
        self.ended.push_back(id.to_owned());
        if self.ended.len() > ENDED_MAX {
            self.forget_oldest();
        }
        let another = self.newest_prompts().find(|other| other.checkout_request_id != id).cloned();
        let batches = twist::callback(&mut self.faults, &prompt, &outcome, another.as_ref(), random);
        Some(Ended { prompt, outcome, batches })
    }

    fn forget_oldest(&mut self) {
        if let Some(id) = self.ended.pop_front() {
            self.prompts.remove(&id);
            self.faults.forget(&id);
        }
    }

    /// The prompt of a checkout id, open or ended.
    pub fn prompt(&self, id: &str) -> Option<&Prompt> {
        self.prompts.get(id)
    }

    /// The open prompts, then the ended ones, the last one first.
    pub fn newest_prompts(&self) -> impl Iterator<Item = &Prompt> {
        self.open.values().chain(self.ended.iter().rev()).filter_map(|id| self.prompts.get(id))
    }

    /// What a query about this checkout id finds, without faults.
    pub fn query(&self, id: &str) -> QueryResult {
        match self.prompts.get(id) {
            None => QueryResult::Nothing,
            Some(prompt) => match &prompt.state {
                PromptState::Open | PromptState::Ignored => QueryResult::Processing,
                PromptState::Ended(outcome) => QueryResult::Ended {
                    merchant_request_id: prompt.merchant_request_id.clone(),
                    outcome: outcome.clone(),
                },
            },
        }
    }

    /// The planned answer to a query about this prompt: its merchant request id, and what to say. `None` if
    /// the query gets the truth.
    pub fn planned_query_answer(&mut self, id: &str) -> Option<(String, String)> {
        let prompt = self.prompts.get(id)?;
        let says = self.faults.query_answer(id, &Target::of(prompt))?;
        Some((prompt.merchant_request_id.clone(), says))
    }

    /// Removes the planned faults, and returns the callbacks that they held back.
    pub fn clear_faults(&mut self) -> Vec<Delivery> {
        self.faults.clear()
    }
}

#[cfg(test)]
#[path = "world_tests.rs"]
mod tests;
