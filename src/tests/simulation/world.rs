//! The world outside of the engine: the phones and what they truly paid, the network with the messages on
//! their way, the clock, and the trace of the run.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use super::dice::Dice;
use super::faults::{Fault, Faults};
use super::messages::Message;
use super::parcels::Parcel;
use crate::payments::evidence::Listed;
use crate::platform::clock::Clock;
use crate::types::{Kes, Msisdn, PersonId};

/// How long a prompt stays on the phone.
const PROMPT_LIFE: TimeDelta = TimeDelta::seconds(120);

/// How a prompt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// The money moved, under this receipt.
    Paid(String),
    /// The money did not move; this is the result code.
    NotPaid(&'static str),
}

/// What Safaricom knows of a push that it took.
pub struct OpenPrompt {
    pub reference: String,
    pub token: String,
    pub merchant: String,
    pub checkout: String,
    pub payer: Msisdn,
    pub amount: Kes,
    pub taken_at: DateTime<Utc>,
    pub end: Option<End>,
    pub heard: Heard,
}

/// What our side was told about a prompt. The oracle judges by this what we could have known.
#[derive(Default)]
pub struct Heard {
    /// The push's answer brought the ids, and we noted them.
    pub ids: bool,
    /// A fully matching success came, and we said that we have it.
    pub success: bool,
    /// Such a success came and was settled at once.
    pub is_settled: bool,
    /// A success came that may settle only with a second source.
    pub waits: bool,
    /// Something contradictory or unreadable was sent.
    pub unclear: bool,
    /// A failure came for a payment that was paid or may still be.
    pub contradiction: bool,
}

impl OpenPrompt {
    /// The money as Safaricom's statement lists it; only for a prompt that was paid.
    pub fn listed(&self) -> Listed {
        let receipt = self.receipt().unwrap_or_default().to_owned();
        Listed {
            receipt,
            amount: self.amount,
            account_reference: self.reference.clone(),
            short_code: None,
            payer: String::new(),
        }
    }

    pub fn receipt(&self) -> Option<&str> {
        match &self.end {
            Some(End::Paid(receipt)) => Some(receipt),
            _ => None,
        }
    }
}

/// A request for a prompt that left our side.
pub struct LeftPush {
    pub reference: String,
    pub left_at: DateTime<Utc>,
    /// When it came to Safaricom.
    pub arrived_at: DateTime<Utc>,
}

/// An operator's word that a prompt was paid.
pub struct Vouched {
    pub reference: String,
    pub at: DateTime<Utc>,
    /// Who it surely was; `None` for the shell.
    pub person: Option<PersonId>,
}

/// The counts of a run.
#[derive(Debug, Default, Clone)]
pub struct Counts {
    pub presses: u64,
    pub pushes: u64,
    pub kills: u64,
    pub delivered: u64,
    pub queries: u64,
    /// The transactions that began beside another one, and those that then waited for it.
    pub beside: u64,
    pub blocked: u64,
}

pub struct Payers {
    pub dice: Dice,
    pub faults: Faults,
    pub clock: Clock,
    pub began_at: DateTime<Utc>,
    pub prompts: Vec<OpenPrompt>,
    pub messages: Vec<Message>,
    /// The parcels that the courier took.
    pub parcels: Vec<Parcel>,
    /// All pushes that left, taken or not.
    pub pushed: Vec<LeftPush>,
    /// When those presses began that ended without an error.
    pub well_ended: BTreeSet<DateTime<Utc>>,
    /// What was paid by hand.
    pub by_hand: Vec<Listed>,
    /// What operators said of prompts that were paid.
    pub vouched: Vec<Vouched>,
    pub counts: Counts,
    /// How many questions a minute Safaricom wants at the most, while it counts them.
    pub counted_rate: Option<usize>,
    /// The questions that it counted: when, and whether the prompt was old.
    pub counted: Vec<(DateTime<Utc>, bool)>,
    /// How many receipts were written.
    receipts: u32,
    pub trace: Vec<String>,
    /// Whether steps are printed as they happen (`LOUD=1`), to find where a run hangs.
    is_loud: bool,
    /// What happened although it must never happen.
    pub violations: Vec<String>,
    /// Whether the next statement stands for a commit's answer.
    pub is_commit_answer: bool,
    /// Whether the running task notes what became of a push.
    pub is_noting: bool,
    /// Whether the database is free of faults now, so that no random number is taken for one.
    pub is_sure: bool,
    /// Whether callbacks need a second source in this run: all of them, or those from elsewhere.
    pub is_waiting_for_second: bool,
    pub is_enforcing: bool,
    /// Whether Safaricom answers no query.
    pub is_away: bool,
    /// What the last round of the reconciler returned.
    pub last_count: usize,
}

/// The world as the scheduler, Safaricom and the database's gate share it. Only one of them runs at a time.
#[derive(Clone)]
pub struct Shared(Arc<Mutex<Payers>>);

impl Shared {
    pub fn new(world: Payers) -> Self {
        Self(Arc::new(Mutex::new(world)))
    }

    pub fn lock(&self) -> MutexGuard<'_, Payers> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Payers {
    pub fn new(seed: u64, began_at: DateTime<Utc>) -> Self {
        let mut dice = Dice::new(seed);
        let faults = Faults::draw(&mut dice);
        Self {
            dice,
            faults,
            clock: Clock::manual(began_at),
            began_at,
            prompts: Vec::new(),
            messages: Vec::new(),
            parcels: Vec::new(),
            pushed: Vec::new(),
            well_ended: BTreeSet::new(),
            by_hand: Vec::new(),
            vouched: Vec::new(),
            counts: Counts::default(),
            counted_rate: None,
            counted: Vec::new(),
            receipts: 0,
            trace: Vec::new(),
            is_loud: std::env::var_os("LOUD").is_some(),
            violations: Vec::new(),
            is_commit_answer: false,
            is_noting: false,
            is_sure: false,
            is_waiting_for_second: false,
            is_enforcing: false,
            is_away: false,
            last_count: 0,
        }
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Moves the clock by so many milliseconds.
    pub fn wait(&self, millis: i64) {
        self.clock
            .advance(std::time::Duration::from_millis(u64::try_from(millis).expect("time goes forward")));
    }

    pub fn strikes(&mut self, fault: Fault) -> bool {
        let strikes = self.faults.strikes(&mut self.dice, fault);
        if strikes {
            self.note(format_args!("! {fault:?}"));
        }
        strikes
    }

    pub fn note(&mut self, what: std::fmt::Arguments<'_>) {
        let millis = (self.now() - self.began_at).num_milliseconds();
        let mut line = String::with_capacity(64);
        let _ = write!(line, "{:>7}.{:03} {what}", millis / 1_000, millis % 1_000);
        if self.is_loud {
            println!("{line}");
        }
        self.trace.push(line);
    }

    pub fn violation(&mut self, what: String) {
        self.note(format_args!("VIOLATION {what}"));
        self.violations.push(what);
    }

    /// A new receipt in the form of M-Pesa's.
    pub fn receipt(&mut self) -> String {
        const LETTERS: &[u8] = b"ABCDEFGHJKMNPQRSTUVWXYZ123456789";
        self.receipts += 1;
        let tail: String = (0..3).map(|_| char::from(self.dice.pick(LETTERS))).collect();
        format!("UK{:05}{tail}", self.receipts)
    }

    /// Prompts that ring and wait for their owner.
    pub fn ringing(&self) -> Vec<usize> {
        let now = self.now();
        let rings = |prompt: &OpenPrompt| prompt.end.is_none() && prompt.taken_at <= now;
        (0..self.prompts.len()).filter(|&prompt| rings(&self.prompts[prompt])).collect()
    }

    /// The owner of the phone answers, or has not been there and the prompt ends.
    pub fn answer_prompt(&mut self, number: usize) {
        let is_gone = self.now() - self.prompts[number].taken_at > PROMPT_LIFE;
        let choices = [(60, "0"), (12, "1032"), (8, "1037"), (4, "2001"), (4, "1"), (2, "1019")];
        let code = if is_gone { self.dice.pick(&["1032", "1037"]) } else { self.dice.weighted(&choices) };
        let end = if code == "0" { End::Paid(self.receipt()) } else { End::NotPaid(code) };
        self.note(format_args!("prompt {number} ends: {end:?}"));
        self.prompts[number].end = Some(end);
        self.post_callbacks(number);
    }

    pub fn paid(&self) -> impl Iterator<Item = &OpenPrompt> {
        self.prompts.iter().filter(|prompt| prompt.receipt().is_some())
    }
}
