//! Faults: things that go wrong with the real Safaricom, made to go wrong on demand. Without a fault
//! everything is delivered once.
//!
//! `POST /faults {"fault": "…", "value": …, "times": 1, "match": {"phone_number": "07…",
//! "account_reference": "…", "endpoint": "push"}}` plans a fault, `GET /faults` lists the faults that are
//! left, and `DELETE /faults` clears them. A field that `match` does not name matches everything: without
//! `match` a fault hits the next `times` requests or payments. Of several faults of one kind the oldest is
//! used first. Faults are not kept over a restart.
//!
//! | `fault` | what happens | `value` |
//! |---|---|---|
//! | `refuse` | a request (a push, if `endpoint` names no other) is refused | *answer* |
//! | `spike_arrest` | any request gets HTTP 429 and the gateway's fault | |
//! | `forbidden` | any request gets HTTP 403 and a firewall's page of HTML | |
//! | `busy` | any request gets HTTP 500 "System is busy" | |
//! | `slow_answer` | the request is carried out and answered late (a push, or `endpoint`) | *time* |
//! | `lose_answer` | the request is carried out; the answer is an empty 504 (a push, or `endpoint`) | |
//! | `short_token` | the next token ends after so many seconds | seconds |
//! | `revoke_token`, `expire_token` | all tokens end now; happens at once | |
//! | `fail_with` | the push is taken, and fails at once without the phone being asked | result code |
//! | `early_callback` | the payer answers at once; the callback comes before the push's answer | *payer's answer* |
//! | `query_says` | one query of a payment is answered so, whatever is true | *answer* |
//! | `query_script` | successive queries of one payment are answered so, then truly | list of *answers* |
//! | `lose_callback` | the callback never leaves | |
//! | `delay_callback` | the callback leaves late | *time* |
//! | `double_callback` | the callback is posted twice at the same time | |
//! | `reorder_callbacks` | the callbacks of `times` payments wait for each other and come in reverse order | |
//! | `callback_says` | the callback has this result code, true or not; `0` brings a made-up receipt | result code |
//! | `forged_callback` | such a callback comes before the true one | result code |
//! | `wrong_amount` | the callback names so many shillings | shillings |
//! | `wrong_ids` | the callback has the ids of another payment, or made-up ones | |
//! | `malformed_callback` | the callback's body is broken | *break* |
//! | `lose_confirmation`, `double_confirmation` | the same for the C2B confirmation | |
//! | `delay_confirmation` | the same for the C2B confirmation | *time* |
//!
//! A *time* is a number of milliseconds of real time, or text like `"90s"`, `"15m"`, `"24h"` on the
//! simulator's clock. An *answer* is a result code (`"1032"`, `4999`; queries only), an error code
//! (`"500.001.1001"`), with words of its own (`"500.001.1001 The transaction is being processed"`) or an HTTP
//! status of its own (`"200:500.001.1001"`), `"429"` (spike arrest), `"403"` (firewall), `"empty"` (HTTP 200
//! and nothing), or `"truth"`. A *payer's answer* is `pay` (default), `cancel`, `wrong_pin` or `no_money`. A
//! *break* is `cut` (default), `empty`, `html`, `no_envelope`, `no_receipt`, `string_values`, or the whole
//! body.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::deliveries::{Delay, Delivery};
use super::prompt::Prompt;

/// How many planned faults are kept.
pub const FAULTS_MAX: usize = 1_000;
/// The longest delay in real time.
const REAL_DELAY_MAX: Duration = Duration::from_hours(1);
/// The longest delay on the simulator's clock.
const CLOCK_DELAY_MAX: Duration = Duration::from_hours(24 * 31);
const SCRIPT_MAX: usize = 100;
const TEXT_MAX: usize = 4_096;

/// One planned fault, as it is posted to `/faults` and listed there.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct PlannedFault {
    /// Which requests or payments the fault hits.
    #[serde(default, rename = "match")]
    pub matching: Matching,
    #[serde(rename = "fault")]
    pub kind: FaultKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<FaultValue>,
    /// How many requests or payments it still hits.
    #[serde(default = "once")]
    pub times: u32,
}

/// Which requests a fault hits. An absent field matches everything.
#[derive(Debug, Clone, Default, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Matching {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_reference: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<Endpoint>,
}

/// The requests that Daraja takes.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Endpoint {
    Token,
    Push,
    Query,
    Register,
    Pull,
}

/// The kinds of faults, which the table of this module explains.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    Refuse,
    SpikeArrest,
    Forbidden,
    Busy,
    SlowAnswer,
    LoseAnswer,
    ShortToken,
    RevokeToken,
    ExpireToken,
    FailWith,
    EarlyCallback,
    QuerySays,
    QueryScript,
    LoseCallback,
    DelayCallback,
    DoubleCallback,
    ReorderCallbacks,
    CallbackSays,
    ForgedCallback,
    WrongAmount,
    WrongIds,
    MalformedCallback,
    LoseConfirmation,
    DelayConfirmation,
    DoubleConfirmation,
}

/// The value of a fault, whose meaning depends on its kind.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
#[serde(untagged)]
pub enum FaultValue {
    Number(u64),
    Text(String),
    List(Vec<Self>),
}

/// A request or a payment that faults are compared with. A field that is not known (such as the payer of a
/// token request) is matched only by a fault that does not name it.
#[derive(Clone, Default)]
pub struct Target {
    pub endpoint: Option<Endpoint>,
    pub phone_number: Option<String>,
    pub account_reference: Option<String>,
}

impl Target {
    /// The payment of a prompt, for its callback or a query about it.
    pub fn of(prompt: &Prompt) -> Self {
        let (phone_number, account_reference) =
            (Some(prompt.phone_number.clone()), Some(prompt.account_reference.clone()));
        Self { endpoint: None, phone_number, account_reference }
    }
}

const fn once() -> u32 {
    1
}

impl FaultKind {
    /// Whether the fault is one of requests, so that `match.endpoint` may choose one.
    const fn is_of_requests(self) -> bool {
        matches!(
            self,
            Self::Refuse
                | Self::SpikeArrest
                | Self::Forbidden
                | Self::Busy
                | Self::SlowAnswer
                | Self::LoseAnswer
        )
    }

    /// The endpoint that is hit if the fault names none.
    const fn usual_endpoint(self) -> Option<Endpoint> {
        match self {
            Self::Refuse | Self::SlowAnswer | Self::LoseAnswer => Some(Endpoint::Push),
            _ => None,
        }
    }
}

impl FaultValue {
    fn text(&self) -> Option<String> {
        match self {
            Self::Number(number) => Some(number.to_string()),
            Self::Text(text) => Some(text.trim().to_owned()).filter(|text| text.len() <= TEXT_MAX),
            Self::List(_) => None,
        }
    }
}

impl PlannedFault {
    /// Why a fault cannot be planned. `None` if it can.
    pub fn problem(&self) -> Option<&'static str> {
        let has_text = || self.text().is_some_and(|text| !text.is_empty());
        match self.kind {
            _ if self.times == 0 => Some("times must be 1 or more"),
            kind if self.matching.endpoint.is_some() && !kind.is_of_requests() => {
                Some("match.endpoint goes only with faults of requests")
            }
            FaultKind::DelayCallback | FaultKind::DelayConfirmation | FaultKind::SlowAnswer
                if self.wait().is_none() =>
            {
                Some(
                    "this fault needs a time as value: milliseconds, at most 3600000, or text like \"15m\" \
                     on the simulator's clock",
                )
            }
            FaultKind::Refuse | FaultKind::QuerySays if !has_text() => {
                Some("this fault needs an answer as value, like \"500.001.1001\"")
            }
            FaultKind::FailWith if self.text().is_none_or(|code| code.is_empty() || code == "0") => {
                Some("fail_with needs a result code other than 0 as value")
            }
            FaultKind::CallbackSays | FaultKind::ForgedCallback if !has_text() => {
                Some("this fault needs a result code as value")
            }
            FaultKind::WrongAmount | FaultKind::ShortToken if self.number().is_none() => {
                Some("this fault needs a number as value")
            }
            FaultKind::QueryScript if !(1..=SCRIPT_MAX).contains(&self.script().len()) => {
                Some("query_script needs a list of 1 to 100 answers as value")
            }
            FaultKind::EarlyCallback
                if !matches!(
                    self.text().as_deref(),
                    None | Some("pay" | "cancel" | "wrong_pin" | "no_money")
                ) =>
            {
                Some("early_callback takes pay, cancel, wrong_pin or no_money as value")
            }
            _ => None,
        }
    }

    /// The value as a time. `None` if it is no time, or too long.
    pub fn wait(&self) -> Option<Delay> {
        let text = self.text()?;
        let (number, unit) =
            text.split_at(text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len()));
        let number: u64 = number.parse().ok()?;
        let wait = match unit {
            "" | "ms" => Delay::Real(Duration::from_millis(number)),
            "s" => Delay::Clock(Duration::from_secs(number)),
            "m" => Delay::Clock(Duration::from_secs(number.checked_mul(60)?)),
            "h" => Delay::Clock(Duration::from_secs(number.checked_mul(3_600)?)),
            _ => return None,
        };
        let is_fitting = match wait {
            Delay::Real(wait) => wait <= REAL_DELAY_MAX,
            Delay::Clock(wait) => wait <= CLOCK_DELAY_MAX,
        };
        is_fitting.then_some(wait)
    }

    /// The value as a whole number; `None` if it is none.
    pub fn number(&self) -> Option<i64> {
        self.text()?.parse().ok()
    }

    /// The value as text; a number becomes text. `None` if there is no value, or it is a list.
    pub fn text(&self) -> Option<String> {
        self.value.as_ref()?.text()
    }

    /// The answers of a `query_script`, in order. Empty if the value is no list.
    pub fn script(&self) -> VecDeque<String> {
        match &self.value {
            Some(FaultValue::List(answers)) => answers.iter().filter_map(FaultValue::text).collect(),
            _ => VecDeque::new(),
        }
    }

    fn hits(&self, kind: FaultKind, target: &Target) -> bool {
        let fits = |wanted: &Option<String>, is: &Option<String>| wanted.is_none() || wanted == is;
        let endpoint = self.matching.endpoint.or(kind.usual_endpoint());
        self.kind == kind
            && fits(&self.matching.phone_number, &target.phone_number)
            && fits(&self.matching.account_reference, &target.account_reference)
            && endpoint.is_none_or(|endpoint| target.endpoint == Some(endpoint))
    }
}

/// The planned faults, the oldest first, and what is going on because of them.
#[derive(Default)]
pub struct PlannedFaults {
    planned: Vec<PlannedFault>,
    /// What is left of the script for the queries of a payment, by checkout id.
    scripts: HashMap<String, VecDeque<String>>,
    /// Callbacks that wait to be sent in reverse order.
    held: Vec<Delivery>,
}

impl PlannedFaults {
    /// Adds a fault. `false` means that there was no room.
    pub fn plan(&mut self, fault: PlannedFault) -> bool {
        let has_room = self.planned.len() < FAULTS_MAX;
        if has_room {
            self.planned.push(fault);
        }
        has_room
    }

    /// The faults that are left, the oldest first.
    pub fn list(&self) -> &[PlannedFault] {
        &self.planned
    }

    /// Forgets all faults, and returns the callbacks that were held back.
    pub fn clear(&mut self) -> Vec<Delivery> {
        std::mem::take(self).held
    }

    /// The oldest fault of this kind that hits, of which one use is taken.
    pub fn take(&mut self, kind: FaultKind, target: &Target) -> Option<PlannedFault> {
        let at = self.planned.iter().position(|fault| fault.hits(kind, target))?;
        self.planned[at].times -= 1;
        Some(if self.planned[at].times == 0 { self.planned.remove(at) } else { self.planned[at].clone() })
    }

    /// The planned answer to a query of this payment. `None` means that it gets the truth.
    pub fn query_answer(&mut self, checkout_request_id: &str, target: &Target) -> Option<String> {
        if !self.scripts.contains_key(checkout_request_id)
            && let Some(fault) = self.take(FaultKind::QueryScript, target)
        {
            self.scripts.insert(checkout_request_id.to_owned(), fault.script());
        }
        let answer = match self.scripts.get_mut(checkout_request_id).and_then(VecDeque::pop_front) {
            Some(answer) => Some(answer),
            None => self.take(FaultKind::QuerySays, target).and_then(|fault| fault.text()),
        };
        answer.filter(|answer| answer != "truth")
    }

    /// Forgets the script of a payment that can no longer be queried.
    pub fn forget(&mut self, checkout_request_id: &str) {
        self.scripts.remove(checkout_request_id);
    }

    /// Holds a callback back. With `is_last` it returns all that were held in reverse order, otherwise
    /// nothing.
    pub fn hold(&mut self, delivery: Delivery, is_last: bool) -> Vec<Delivery> {
        self.held.push(delivery);
        if !is_last {
            return Vec::new();
        }
        let mut held = std::mem::take(&mut self.held);
        held.reverse();
        held
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read() {
        let wait = |value| {
            PlannedFault {
                matching: Matching::default(),
                kind: FaultKind::SlowAnswer,
                value: Some(value),
                times: 1,
            }
            .wait()
        };
        let text = |text: &str| wait(FaultValue::Text(text.to_owned()));
        assert_eq!(wait(FaultValue::Number(400)), Some(Delay::Real(Duration::from_millis(400))));
        assert_eq!(text("400"), Some(Delay::Real(Duration::from_millis(400))));
        assert_eq!(text("15m"), Some(Delay::Clock(Duration::from_mins(15))));
        assert_eq!(text("24h"), Some(Delay::Clock(Duration::from_hours(24))));
        for wrong in [
            "",
            "soon",
            "m",
            "-1",
            "1d",
            "3600001",
            "745h",
            "99999999999999999999",
            "18446744073709551615h",
            "1.5s",
        ] {
            assert_eq!(text(wrong), None, "{wrong}");
        }
    }
}
