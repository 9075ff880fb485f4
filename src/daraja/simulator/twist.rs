//! What is posted when a payment ends, and how planned faults change it.

use super::deliveries::{Batch, Delivery, DeliveryKind};
use super::fault::{FaultKind, PlannedFaults, Target};
use super::ids;
use super::message::{callback_body, confirmation_body, description, malformed};
use super::prompt::{Prompt, PromptOutcome};
use super::received::{Received, Registered};
use crate::platform::random::Random;

/// The callbacks of a prompt that ended, as the planned faults want them. A fault may give a callback the ids
/// of `another` prompt.
pub fn callback(
    faults: &mut PlannedFaults,
    prompt: &Prompt,
    outcome: &PromptOutcome,
    another: Option<&Prompt>,
    random: &Random,
) -> Vec<Batch> {
    let target = Target::of(prompt);
    let mut delivery = Delivery {
        kind: DeliveryKind::Callback,
        url: prompt.callback_url.clone(),
        body: callback_body(prompt, outcome),
        phone_number: prompt.phone_number.clone(),
        wait: None,
        is_lost: faults.take(FaultKind::LoseCallback, &target).is_some(),
    };
    if delivery.is_lost {
        return vec![vec![delivery]];
    }
    delivery.body = twisted_body(faults, prompt, outcome, another, random);
    delivery.wait = faults.take(FaultKind::DelayCallback, &target).and_then(|fault| fault.wait());
    if let Some(fault) = faults.take(FaultKind::ReorderCallbacks, &target) {
        return vec![faults.hold(delivery, fault.times == 0)];
    }
    let forged = faults.take(FaultKind::ForgedCallback, &target).and_then(|fault| fault.text());
    let forged = forged.map(|code| Delivery {
        body: callback_body(prompt, &outcome.saying(&code, random)),
        ..delivery.clone()
    });
    let batch: Batch = forged.into_iter().chain([delivery]).collect();
    if faults.take(FaultKind::DoubleCallback, &target).is_some() {
        vec![batch.clone(), batch]
    } else {
        vec![batch]
    }
}

fn twisted_body(
    faults: &mut PlannedFaults,
    prompt: &Prompt,
    outcome: &PromptOutcome,
    another: Option<&Prompt>,
    random: &Random,
) -> String {
    let target = &Target::of(prompt);
    let (mut prompt, mut outcome) = (prompt.clone(), outcome.clone());
    if let Some(code) = faults.take(FaultKind::CallbackSays, target).and_then(|fault| fault.text()) {
        outcome = outcome.saying(&code, random);
    }
    if let Some(shillings) = faults.take(FaultKind::WrongAmount, target).and_then(|fault| fault.number()) {
        prompt.shillings = shillings;
    }
    if faults.take(FaultKind::WrongIds, target).is_some() {
        (prompt.checkout_request_id, prompt.merchant_request_id) = another.map_or_else(
            || (ids::checkout_request_id(prompt.made_at, "254700000000"), ids::request_id(random)),
            |other| (other.checkout_request_id.clone(), other.merchant_request_id.clone()),
        );
    }
    let body = callback_body(&prompt, &outcome);
    match faults.take(FaultKind::MalformedCallback, target) {
        Some(fault) => malformed(&body, fault.text().as_deref().unwrap_or("cut")),
        None => body,
    }
}

/// The C2B confirmations of money received, as the planned faults want them. There are none if no address is
/// registered.
pub fn confirmation(
    faults: &mut PlannedFaults,
    registered: Option<&Registered>,
    received: &Received,
    total_cents: i64,
) -> Vec<Batch> {
    let Some(registered) = registered else { return Vec::new() };
    let target = Target {
        endpoint: None,
        phone_number: Some(received.phone_number.clone()),
        account_reference: Some(received.account_reference.clone()),
    };
    let delivery = Delivery {
        kind: DeliveryKind::Confirmation,
        body: confirmation_body(received, &registered.short_code, total_cents),
        url: registered.confirmation_url.clone(),
        phone_number: received.phone_number.clone(),
        is_lost: faults.take(FaultKind::LoseConfirmation, &target).is_some(),
        wait: faults.take(FaultKind::DelayConfirmation, &target).and_then(|fault| fault.wait()),
    };
    let batch = vec![delivery];
    if faults.take(FaultKind::DoubleConfirmation, &target).is_some() {
        vec![batch.clone(), batch]
    } else {
        vec![batch]
    }
}

impl PromptOutcome {
    /// The same end with another code. A success gets a receipt, which is made up.
    fn saying(&self, code: &str, random: &Random) -> Self {
        let receipt = (code == "0").then(|| ids::receipt(self.at, random));
        Self { code: code.to_owned(), description: description(code).to_owned(), receipt, at: self.at }
    }
}
