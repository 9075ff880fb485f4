//! A phone of the simulated world: its M-Pesa balance and the messages that it received.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::platform::clock::nairobi;
use crate::types::Kes;

/// The balance of a number that was never seen before: KES 10,000.
pub const FIRST_BALANCE: Kes = Kes::from_cents(1_000_000);
/// The most that a wallet holds: KES 500,000 (daraja §2).
pub const BALANCE_MAX: Kes = Kes::from_cents(50_000_000);
/// How many messages a phone keeps; older ones are deleted.
const MESSAGES_MAX: usize = 20;

/// The state of one number.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Phone {
    pub balance_cents: i64,
    /// The messages, the newest first.
    pub messages: VecDeque<ReceivedSms>,
    /// When the phone was last used. The phone that was unused longest makes room for a new one.
    pub seen_at: DateTime<Utc>,
}

/// A message on a phone.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReceivedSms {
    pub at: DateTime<Utc>,
    pub text: String,
}

impl Phone {
    /// A phone that has its first balance and no messages.
    pub fn new(now: DateTime<Utc>) -> Self {
        Self { balance_cents: FIRST_BALANCE.cents(), messages: VecDeque::new(), seen_at: now }
    }

    /// What the wallet holds.
    pub const fn balance(&self) -> Kes {
        Kes::from_cents(self.balance_cents)
    }

    /// Adds a message, and deletes the oldest if there are too many.
    pub fn receive(&mut self, text: String, now: DateTime<Utc>) {
        self.messages.push_front(ReceivedSms { at: now, text });
        self.messages.truncate(MESSAGES_MAX);
    }
}

/// An amount as M-Pesa writes it in messages: `Ksh9,950.00`.
pub fn ksh(amount: Kes) -> String {
    let text = amount.to_string();
    let number = text.trim_start_matches("KES ");
    if number.contains('.') { format!("Ksh{number}") } else { format!("Ksh{number}.00") }
}

/// A number as C2B masks it: `2547 ***** 149`.
pub fn masked(phone_number: &str) -> String {
    let (start, end) = (
        phone_number.get(..4).unwrap_or_default(),
        phone_number.get(phone_number.len().saturating_sub(3)..).unwrap_or_default(),
    );
    format!("{start} ***** {end}")
}

/// The message that a payer gets after a payment. `balance` is what is left.
pub fn paid_message(
    receipt: &str,
    amount: Kes,
    business: &str,
    account_reference: &str,
    balance: Kes,
    now: DateTime<Utc>,
) -> String {
    let local = nairobi(now);
    format!(
        "{receipt} Confirmed. {} sent to {business} for account {account_reference} on {} at {}. \
         New M-PESA balance is {}. Transaction cost, Ksh0.00.",
        ksh(amount),
        local.format("%-d/%-m/%y"),
        local.format("%-I:%M %p"),
        ksh(balance),
    )
}

/// The message after a payment for which the wallet held too little.
pub fn too_little_message(amount: Kes, business: &str, balance: Kes) -> String {
    format!(
        "Failed. You do not have enough money in your M-PESA account to pay {} to {business}. \
         Your M-PESA balance is {}.",
        ksh(amount),
        ksh(balance)
    )
}

/// The message after a wrong PIN.
pub fn wrong_pin_message(amount: Kes, business: &str) -> String {
    format!("Failed. You have entered the wrong PIN. {} was not sent to {business}.", ksh(amount))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    #[test]
    fn a_receipt_reads_like_m_pesas() {
        let now = Utc.with_ymd_and_hms(2026, 10, 2, 12, 45, 0).single().expect("a date");
        let text = paid_message(
            "UJ22T8IYOU",
            Kes::from_cents(5_000),
            "LIGISOO",
            "LG7K2M9QX4TB",
            Kes::from_cents(995_000),
            now,
        );
        insta::assert_snapshot!(text, @"UJ22T8IYOU Confirmed. Ksh50.00 sent to LIGISOO for account LG7K2M9QX4TB on 2/10/26 at 3:45 PM. New M-PESA balance is Ksh9,950.00. Transaction cost, Ksh0.00.");
    }

    #[test]
    fn only_the_last_messages_are_kept() {
        let now = DateTime::UNIX_EPOCH;
        let mut phone = Phone::new(now);
        (0..30).for_each(|number| phone.receive(number.to_string(), now));
        assert_eq!(phone.messages.len(), MESSAGES_MAX);
        assert_eq!(phone.messages[0].text, "29");
    }
}
