//! What is posted when a payment ends, and how planned faults twist it.

use super::fault::{Delay, FaultKind, Target};
use super::ids;
use super::message::{callback_body, confirmation_body, description, malformed};
use super::prompt::{Prompt, PromptOutcome};
use super::received::Received;
use super::world::World;
use crate::platform::random::Random;

/// One body to be posted.
#[derive(Debug, Clone)]
pub struct Delivery {
    pub kind: DeliveryKind,
    pub url: String,
    pub body: String,
    pub phone_number: String,
    pub wait: Option<Delay>,
    /// Never leaves; the inspector shows it all the same.
    pub is_lost: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryKind {
    Callback,
    Confirmation,
}

/// Deliveries that leave one after the other. Several batches leave at the same time.
pub type Batch = Vec<Delivery>;

impl Prompt {
    pub fn target(&self) -> Target {
        let (phone_number, account_reference) =
            (Some(self.phone_number.clone()), Some(self.account_reference.clone()));
        Target { endpoint: None, phone_number, account_reference }
    }
}

impl World {
    /// The callback of a prompt that ended.
    pub(super) fn callback(
        &mut self,
        prompt: &Prompt,
        outcome: &PromptOutcome,
        random: &Random,
    ) -> Vec<Batch> {
        let target = prompt.target();
        let mut delivery = Delivery {
            kind: DeliveryKind::Callback,
            url: prompt.callback_url.clone(),
            body: callback_body(prompt, outcome),
            phone_number: prompt.phone_number.clone(),
            wait: None,
            is_lost: self.faults.take(FaultKind::LoseCallback, &target).is_some(),
        };
        if delivery.is_lost {
            return vec![vec![delivery]];
        }
        delivery.body = self.twisted_body(prompt, outcome, &target, random);
        delivery.wait = self.faults.take(FaultKind::DelayCallback, &target).and_then(|fault| fault.wait());
        if let Some(fault) = self.faults.take(FaultKind::ReorderCallbacks, &target) {
            return vec![self.faults.hold(delivery, fault.times == 0)];
        }
        let forged = self.faults.take(FaultKind::ForgedCallback, &target).and_then(|fault| fault.text());
        let forged = forged.map(|code| Delivery {
            body: callback_body(prompt, &outcome.saying(&code, random)),
            ..delivery.clone()
        });
        let batch: Batch = forged.into_iter().chain([delivery]).collect();
        if self.faults.take(FaultKind::DoubleCallback, &target).is_some() {
            vec![batch.clone(), batch]
        } else {
            vec![batch]
        }
    }

    fn twisted_body(
        &mut self,
        prompt: &Prompt,
        outcome: &PromptOutcome,
        target: &Target,
        random: &Random,
    ) -> String {
        let (mut prompt, mut outcome) = (prompt.clone(), outcome.clone());
        if let Some(code) = self.faults.take(FaultKind::CallbackSays, target).and_then(|fault| fault.text()) {
            outcome = outcome.saying(&code, random);
        }
        if let Some(shillings) =
            self.faults.take(FaultKind::WrongAmount, target).and_then(|fault| fault.number())
        {
            prompt.shillings = shillings;
        }
        if self.faults.take(FaultKind::WrongIds, target).is_some() {
            (prompt.checkout_request_id, prompt.merchant_request_id) = self.ids_of_another(&prompt, random);
        }
        let body = callback_body(&prompt, &outcome);
        match self.faults.take(FaultKind::MalformedCallback, target) {
            Some(fault) => malformed(&body, fault.text().as_deref().unwrap_or("cut")),
            None => body,
        }
    }

    fn ids_of_another(&self, prompt: &Prompt, random: &Random) -> (String, String) {
        let another =
            self.newest_prompts().find(|other| other.checkout_request_id != prompt.checkout_request_id);
        another.map_or_else(
            || (ids::checkout_request_id(prompt.made_at, "254700000000"), ids::request_id(random)),
            |other| (other.checkout_request_id.clone(), other.merchant_request_id.clone()),
        )
    }

    /// The C2B confirmation of money received, if an address is registered.
    pub(super) fn confirmation(&mut self, received: &Received, total_cents: i64) -> Vec<Batch> {
        let Some(registered) = self.registered.clone() else { return Vec::new() };
        let target = Target {
            endpoint: None,
            phone_number: Some(received.phone_number.clone()),
            account_reference: Some(received.account_reference.clone()),
        };
        let delivery = Delivery {
            kind: DeliveryKind::Confirmation,
            body: confirmation_body(received, &registered.short_code, total_cents),
            url: registered.confirmation_url,
            phone_number: received.phone_number.clone(),
            is_lost: self.faults.take(FaultKind::LoseConfirmation, &target).is_some(),
            wait: self.faults.take(FaultKind::DelayConfirmation, &target).and_then(|fault| fault.wait()),
        };
        let batch = vec![delivery];
        if self.faults.take(FaultKind::DoubleConfirmation, &target).is_some() {
            vec![batch.clone(), batch]
        } else {
            vec![batch]
        }
    }
}

impl PromptOutcome {
    /// The same end with another code, and what goes with it: a success has a receipt, here a made-up one.
    fn saying(&self, code: &str, random: &Random) -> Self {
        let receipt = (code == "0").then(|| ids::receipt(self.at, random));
        Self { code: code.to_owned(), description: description(code).to_owned(), receipt, at: self.at }
    }
}
