//! What payers pay by hand, under the reference that they typed: once more, in parts, or under a reference that is
//! nearly or not at all ours. A wrong or second callback tells of such money too.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::messages::{Meaning, Message};
use super::world::Payers;
use crate::payments::evidence::Listed;
use crate::types::Kes;

impl Payers {
    /// Somebody pays by hand for a payment of which a push has left, more or less as they should.
    pub fn pay_by_hand(&mut self) {
        if self.prompts.is_empty() {
            return;
        }
        let number = self.dice.place(self.prompts.len());
        let (reference, price) =
            (self.prompts[number].reference.clone(), self.prompts[number].amount.cents());
        let paid: i64 = self.by_hand_under(&reference).map(|listed| listed.amount.cents()).sum();
        let cents = match self.dice.below(5) {
            0 | 1 => price,
            2 => 100,
            3 => price + 500,
            // The rest, if a part was paid before, or else half of it.
            _ => Some(price - paid).filter(|rest| *rest > 0 && *rest < price).unwrap_or(price / 200 * 100),
        };
        let typed = match self.dice.below(8) {
            0 => format!("acc {}-{}", &reference[..6].to_lowercase(), &reference[6..]),
            1 => format!("{}0", &reference[..11]),
            2 => "RENT".to_owned(),
            3 => String::new(),
            _ => reference,
        };
        let listed = self.listed_by_hand(typed, Kes::from_cents(cents));
        self.note(format_args!(
            "by hand: {} {} under {}",
            listed.receipt, listed.amount, listed.account_reference
        ));
        let due = self.now() + TimeDelta::milliseconds(self.dice.between(0, 20_000));
        let prompt = self.by_hand.len();
        self.by_hand.push(listed);
        // Some are told by the statement only, and some twice.
        for _ in 0..self.dice.weighted(&[(1, 0), (6, 1), (2, 2)]) {
            self.messages.push(Message {
                due,
                token: String::new(),
                body: Vec::new(),
                meaning: Meaning::ByHand,
                prompt,
                is_from_elsewhere: false,
            });
        }
    }

    /// New money under a reference.
    pub fn listed_by_hand(&mut self, account_reference: String, amount: Kes) -> Listed {
        let receipt = self.receipt();
        Listed { receipt, amount, account_reference, short_code: None, payer: String::new() }
    }

    fn by_hand_under(&self, reference: &str) -> impl Iterator<Item = &Listed> {
        self.by_hand.iter().filter(move |listed| listed.account_reference == reference)
    }

    /// Everything that was truly paid, by its receipt.
    pub fn all_paid(&self) -> BTreeMap<String, Listed> {
        let prompts = self.paid().map(super::world::OpenPrompt::listed);
        prompts.chain(self.by_hand.iter().cloned()).map(|listed| (listed.receipt.clone(), listed)).collect()
    }
}
