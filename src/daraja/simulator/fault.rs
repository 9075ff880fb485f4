//! Things that go wrong with the real Safaricom, made to go wrong on demand.

use serde::{Deserialize, Serialize};

/// More faults than this are not kept.
pub const FAULTS_MAX: usize = 1_000;
/// The longest delay of a callback, in milliseconds.
pub const DELAY_MAX_MILLIS: u64 = 3_600_000;

/// One planned fault, as posted to `/faults` and listed there.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    #[serde(default, rename = "match")]
    pub matching: Matching,
    #[serde(rename = "fault")]
    pub kind: FaultKind,
    /// Milliseconds of a delay; the code of a refusal or of a query's answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<FaultValue>,
    /// How many times more.
    #[serde(default = "once")]
    pub times: u32,
}

/// Which requests a fault hits; what is absent matches all.
#[derive(Debug, Clone, Default, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Matching {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_reference: Option<String>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// The push is accepted and the phone rings, but the answer is an empty 504.
    LoseAnswer,
    /// The push is refused with the error code `value`, or `code message`.
    Refuse,
    /// The callback leaves `value` milliseconds late.
    DelayCallback,
    LoseCallback,
    /// The callback is posted twice at the same time.
    DoubleCallback,
    /// A query is answered with the result code `value`, or with an error code of that form (`500.001.1001`).
    QuerySays,
    /// All tokens end now; happens at once.
    RevokeToken,
    /// The same by another name.
    ExpireToken,
}

#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
#[serde(untagged)]
pub enum FaultValue {
    Number(u64),
    Text(String),
}

const fn once() -> u32 {
    1
}

impl Fault {
    /// Why a fault cannot be planned, if so.
    pub fn problem(&self) -> Option<&'static str> {
        match self.kind {
            _ if self.times == 0 => Some("times must be 1 or more"),
            FaultKind::DelayCallback if self.millis().is_none() => Some("delay_callback needs a value in milliseconds, at most 3600000"),
            FaultKind::Refuse | FaultKind::QuerySays if self.text().is_none_or(|text| text.is_empty()) => {
                Some("this fault needs a code as value")
            }
            _ => None,
        }
    }

    pub fn millis(&self) -> Option<u64> {
        match self.value.as_ref()? {
            FaultValue::Number(millis) => Some(*millis),
            FaultValue::Text(text) => text.parse().ok(),
        }
        .filter(|millis| *millis <= DELAY_MAX_MILLIS)
    }

    pub fn text(&self) -> Option<String> {
        match self.value.as_ref()? {
            FaultValue::Number(number) => Some(number.to_string()),
            FaultValue::Text(text) => Some(text.trim().to_owned()),
        }
    }
}

/// The planned faults, oldest first.
#[derive(Debug, Default)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// Whether there was room.
    pub fn plan(&mut self, fault: Fault) -> bool {
        let has_room = self.0.len() < FAULTS_MAX;
        if has_room {
            self.0.push(fault);
        }
        has_room
    }

    pub fn list(&self) -> &[Fault] {
        &self.0
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// The oldest fault of this kind that hits, with one of its times used up.
    pub fn take(&mut self, kind: FaultKind, phone_number: &str, account_reference: &str) -> Option<Fault> {
        let at = self.0.iter().position(|fault| {
            fault.kind == kind
                && fault.matching.phone_number.as_deref().is_none_or(|wanted| wanted == phone_number)
                && fault.matching.account_reference.as_deref().is_none_or(|wanted| wanted == account_reference)
        })?;
        self.0[at].times -= 1;
        Some(if self.0[at].times == 0 { self.0.remove(at) } else { self.0[at].clone() })
    }
}
