//! The network between Safaricom and us: callbacks and C2B confirmations that are on their way, true, wrong
//! or forged.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::faults::Fault;
use super::world::{End, OpenPrompt, Payers};
use crate::types::Kes;

/// What a message says, and whether it is true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// A fully matching success, which is true.
    Success,
    /// A C2B confirmation, which is true.
    Confirmation,
    /// A C2B confirmation of money that was paid by hand.
    ByHand,
    /// A true failure.
    Failure,
    /// A failure of a payment that was paid.
    Contradiction,
    /// A body that cannot decide anything.
    Unclear,
    /// A body under a token that belongs to no payment.
    Forged,
    /// A body at the address without a secret.
    Hint,
    /// It is about a parcel, which is no payment.
    Parcel,
}

#[derive(Debug, Clone)]
pub struct Message {
    pub due: DateTime<Utc>,
    pub token: String,
    pub body: Vec<u8>,
    pub meaning: Meaning,
    pub prompt: usize,
    pub is_from_elsewhere: bool,
}

/// How we answered a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Settled,
    /// Only the body was stored, to be settled later.
    Stored,
    NotFound,
    Failed,
}

/// What a body says. Each part of it may be wrong.
struct Words {
    merchant: String,
    checkout: String,
    code: String,
    amount: Option<i64>,
    receipt: Option<String>,
}

impl Payers {
    /// Posts the callback of a prompt that has ended, once if nothing goes wrong.
    pub fn post_callbacks(&mut self, number: usize) {
        let is_paid = self.prompts[number].receipt().is_some();
        if is_paid && self.strikes(Fault::ConfirmedByC2b) {
            self.send(number, Meaning::Confirmation, Vec::new());
        }
        let mut is_replaced = false;
        for (fault, needs_paid) in [
            (Fault::CallbackMalformed, false),
            (Fault::CallbackWrongAmount, true),
            (Fault::CallbackForeignIds, false),
            (Fault::CallbackUsedReceipt, false),
            (Fault::CallbackContradicts, true),
        ] {
            if (is_paid || !needs_paid) && self.strikes(fault) && self.post_wrong(number, fault) {
                is_replaced |= self.dice.chance(500);
            }
        }
        if is_replaced || self.strikes(Fault::CallbackLost) {
            return;
        }
        let meaning = if is_paid { Meaning::Success } else { Meaning::Failure };
        let words = self.truth(number);
        self.post(number, meaning, &words);
        if self.strikes(Fault::CallbackDoubled) {
            self.post(number, meaning, &words);
        }
    }

    /// Posts a wrong callback. Returns whether there was something that could be wrong.
    fn post_wrong(&mut self, number: usize, fault: Fault) -> bool {
        let mut words = self.truth(number);
        let other = match fault {
            // Before we know the ids, another payment's ids under the right token look like our own.
            Fault::CallbackForeignIds if self.prompts[number].heard.ids => self.foreign(number),
            Fault::CallbackUsedReceipt => self.another(number, |other| other.heard.is_settled),
            Fault::CallbackForeignIds => None,
            _ => Some(number),
        };
        let Some(other) = other else { return false };
        let mut meaning = Meaning::Unclear;
        match fault {
            Fault::CallbackMalformed => {
                self.post_malformed(number, &words);
                return true;
            }
            Fault::CallbackWrongAmount => {
                // It is other money, for a receipt's amount does not change.
                let amount = self.prompts[number].amount.cents() + self.dice.pick(&[-100, 100, 10_000]);
                let other =
                    self.listed_by_hand(self.prompts[number].reference.clone(), Kes::from_cents(amount));
                (words.amount, words.receipt) = (Some(amount / 100), Some(other.receipt.clone()));
                self.by_hand.push(other);
            }
            Fault::CallbackForeignIds => words = self.truth(other),
            Fault::CallbackUsedReceipt => {
                words.receipt = self.prompts[other].receipt().map(str::to_owned);
                "0".clone_into(&mut words.code);
                words.amount = Some(self.prompts[number].amount.cents() / 100);
            }
            _ => {
                meaning = Meaning::Contradiction;
                self.dice.pick(&["1032", "1037", "2001"]).clone_into(&mut words.code);
                (words.amount, words.receipt) = (None, None);
            }
        }
        self.post(number, meaning, &words);
        true
    }

    /// Another prompt that was paid, if possible with the same amount, so that only the ids differ.
    fn foreign(&mut self, number: usize) -> Option<usize> {
        let amount = self.prompts[number].amount;
        let alike = self.another(number, |other| other.receipt().is_some() && other.amount == amount);
        alike.or_else(|| self.another(number, |other| other.receipt().is_some()))
    }

    /// Another prompt for which `is_meant` holds.
    fn another(&mut self, number: usize, is_meant: impl Fn(&OpenPrompt) -> bool) -> Option<usize> {
        let meant: Vec<usize> = (0..self.prompts.len())
            .filter(|&other| other != number && is_meant(&self.prompts[other]))
            .collect();
        (!meant.is_empty()).then(|| self.dice.pick(&meant))
    }

    fn truth(&self, number: usize) -> Words {
        let prompt = &self.prompts[number];
        let code = match &prompt.end {
            Some(End::Paid(_)) => "0",
            Some(End::NotPaid(code)) => code,
            None => "4999",
        };
        Words {
            merchant: prompt.merchant.clone(),
            checkout: prompt.checkout.clone(),
            code: code.to_owned(),
            amount: prompt.receipt().map(|_| prompt.amount.cents() / 100),
            receipt: prompt.receipt().map(str::to_owned),
        }
    }

    fn post(&mut self, number: usize, meaning: Meaning, words: &Words) {
        let body = self.body(words);
        self.send(number, meaning, body.to_string().into_bytes());
    }

    fn send(&mut self, number: usize, meaning: Meaning, mut body: Vec<u8>) {
        if !body.is_empty() && self.dice.chance(30) {
            body.splice(0..0, *b"\xef\xbb\xbf");
        }
        let delay = if self.strikes(Fault::CallbackDelayed) {
            self.dice.between(1, 6 * 3_600_000)
        } else {
            self.dice.between(0, 3_000)
        };
        let heard = &mut self.prompts[number].heard;
        heard.unclear |= meaning == Meaning::Unclear;
        heard.contradiction |= meaning == Meaning::Contradiction;
        let token = self.prompts[number].token.clone();
        let is_from_elsewhere = self.strikes(Fault::CallbackFromElsewhere);
        self.messages.push(Message {
            due: self.now() + TimeDelta::milliseconds(delay),
            token,
            body,
            meaning,
            prompt: number,
            is_from_elsewhere,
        });
    }

    /// The same content in one of several shapes (daraja §3.1).
    fn body(&mut self, words: &Words) -> Value {
        let number = |text: &str| text.parse::<i64>().map_or_else(|_| json!(text), |number| json!(number));
        let code = if self.dice.chance(100) { json!(words.code) } else { number(&words.code) };
        let mut callback = json!({
            "MerchantRequestID": words.merchant,
            "CheckoutRequestID": words.checkout,
            "ResultCode": code,
            "ResultDesc": "The service request is processed successfully.",
        });
        if let Some(amount) = words.amount {
            let amount = match self.dice.below(3) {
                0 => json!(amount),
                1 => json!(format!("{amount}.00")),
                _ => serde_json::from_str(&format!("{amount}.0")).expect("a number"),
            };
            let mut items = vec![json!({ "Name": "Amount", "Value": amount }), json!({ "Name": "Balance" })];
            items.extend(
                words.receipt.iter().map(|receipt| json!({ "Name": "MpesaReceiptNumber", "Value": receipt })),
            );
            items.push(json!({ "Name": "PhoneNumber", "Value": 254_700_000_000_i64 }));
            let turn = self.dice.place(items.len());
            items.rotate_left(turn);
            callback["CallbackMetadata"] = json!({ "Item": items });
        }
        json!({ "Body": { "stkCallback": callback } })
    }

    /// Bodies from which nothing can be concluded.
    fn post_malformed(&mut self, number: usize, words: &Words) {
        let mut value = self.body(words);
        let callback = &mut value["Body"]["stkCallback"];
        let body = match self.dice.below(7) {
            0 => b"<html>Incapsula</html>".to_vec(),
            1 => value.to_string().into_bytes()[..40].to_vec(),
            2 => {
                callback.as_object_mut().expect("an object").remove("ResultCode");
                value.to_string().into_bytes()
            }
            3 => {
                callback.as_object_mut().expect("an object").remove("CheckoutRequestID");
                value.to_string().into_bytes()
            }
            4 => {
                callback["ResultCode"] = json!("R000001\u{0}");
                value.to_string().into_bytes()
            }
            5 => {
                callback["ResultCode"] = json!(0);
                callback.as_object_mut().expect("an object").remove("CallbackMetadata");
                value.to_string().into_bytes()
            }
            _ => {
                callback["ResultCode"] = json!(0);
                callback["CallbackMetadata"] = json!({ "Item": [
                    { "Name": "Amount", "Value": self.prompts[number].amount.cents() / 100 },
                    { "Name": "MpesaReceiptNumber", "Value": "UKN0000000" },
                ] });
                value.to_string().into_bytes()
            }
        };
        self.send(number, Meaning::Unclear, body);
    }

    /// Posts as strangers do: to the address without a secret, or under a token that they made up.
    pub fn post_strangely(&mut self) {
        let Some(number) = (!self.prompts.is_empty()).then(|| self.dice.place(self.prompts.len())) else {
            return;
        };
        let mut words = self.truth(number);
        "0".clone_into(&mut words.code);
        words.amount = Some(self.prompts[number].amount.cents() / 100);
        words.receipt = Some("UKNFORGED1".to_owned());
        for (fault, meaning, token) in
            [(Fault::Hint, Meaning::Hint, String::new()), (Fault::Forged, Meaning::Forged, "f".repeat(64))]
        {
            if self.strikes(fault) {
                let body = self.body(&words).to_string().into_bytes();
                self.messages.push(Message {
                    due: self.now(),
                    token,
                    body,
                    meaning,
                    prompt: number,
                    is_from_elsewhere: false,
                });
            }
        }
    }

    /// Notes how we answered a message.
    pub fn delivered(&mut self, message: Message, answer: Answer) {
        if message.meaning == Meaning::Parcel {
            return self.parcel_told(&message, answer);
        }
        self.note(format_args!("callback of prompt {} ({:?}): {answer:?}", message.prompt, message.meaning));
        self.counts.delivered += 1;
        if (message.meaning == Meaning::Forged) != (answer == Answer::NotFound) && answer != Answer::Failed {
            self.violation(format!("a callback that is {:?} was answered {answer:?}", message.meaning));
        }
        if answer == Answer::Failed
            && message.meaning != Meaning::Forged
            && self.strikes(Fault::CallbackRepeated)
        {
            let due = self.now() + TimeDelta::seconds(self.dice.between(1, 300));
            self.messages.push(Message { due, ..message });
            return;
        }
        let is_success = matches!(message.meaning, Meaning::Success | Meaning::Confirmation);
        if !is_success || !matches!(answer, Answer::Settled | Answer::Stored) {
            return;
        }
        let is_callback = message.meaning == Meaning::Success;
        let waits =
            (is_callback && self.is_waiting_for_second) || (self.is_enforcing && message.is_from_elsewhere);
        let heard = &mut self.prompts[message.prompt].heard;
        if waits {
            heard.waits = true;
            return;
        }
        heard.success = true;
        heard.is_settled |= answer == Answer::Settled;
        if is_callback && answer == Answer::Settled && self.strikes(Fault::CallbackSecondReceipt) {
            let mut words = self.truth(message.prompt);
            let prompt = &self.prompts[message.prompt];
            let (reference, amount) = (prompt.reference.clone(), prompt.amount);
            let second = self.listed_by_hand(reference, amount);
            words.receipt = Some(second.receipt.clone());
            self.by_hand.push(second);
            self.post(message.prompt, Meaning::Unclear, &words);
        }
    }
}
