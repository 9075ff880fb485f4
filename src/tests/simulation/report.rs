//! What the runs found: counts, and the traces of the runs that failed.

use std::collections::BTreeMap;
use std::fmt;

use sha2::{Digest, Sha256};

use super::STEPS_SHOWN;
use super::books::Books;
use super::faults::{Faults, NONE_STRUCK, Struck};
use super::world::Payers;

/// What came of one run.
pub struct Outcome {
    pub findings: Vec<String>,
    /// The reason for each unresolved payment, and the payment's reference.
    pub unresolved: Vec<(&'static str, String)>,
    payments: u64,
    paid: u64,
    purchases: u64,
    debts: u64,
    /// The debts for tips that were bought already, were gone, or had kicked off.
    debts_for: [u64; 3],
    kills: u64,
    queries: u64,
    callbacks: u64,
    beside: u64,
    blocked: u64,
    struck: Struck,
    trace: Vec<String>,
    /// The events of the payments that a finding names.
    events: Vec<String>,
}

impl Outcome {
    pub fn new(
        books: &Books,
        world: &Payers,
        unresolved: Vec<(&'static str, String)>,
        findings: Vec<String>,
    ) -> Self {
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        let debts_for = ["already_bought", "withdrawn", "kicked_off"].map(|reason| {
            count(books.rows.iter().filter(|row| row.debt_reason.as_deref() == Some(reason)).count())
        });
        let named = books
            .rows
            .iter()
            .filter(|row| findings.iter().any(|finding| finding.contains(&row.account_reference)));
        let events = named.flat_map(|row| {
            books.events.iter().filter(|event| event.payment_id == row.id).map(|event| {
                let seconds = (event.happened_at - world.began_at).num_milliseconds();
                format!(
                    "{:>11} ms {} of {:?} for tip {}: {} {}",
                    seconds, row.account_reference, row.msisdn, row.tip_id, event.source, event.kind
                )
            })
        });
        let events = events.collect();
        Self {
            events,
            findings,
            unresolved,
            payments: count(books.rows.len()),
            paid: count(world.paid().count()),
            purchases: count(books.rows.iter().filter(|row| row.bought_at.is_some()).count()),
            debts_for,
            debts: count(books.rows.iter().filter(|row| row.owed_at.is_some()).count()),
            kills: world.counts.kills,
            queries: world.counts.queries,
            callbacks: world.counts.delivered,
            beside: world.counts.beside,
            blocked: world.counts.blocked,
            struck: world.faults.struck,
            trace: world.trace.clone(),
        }
    }
}

/// What came of all runs.
pub struct Report {
    /// The hash of each run's trace.
    pub traces: Vec<String>,
    pub failures: Vec<u64>,
    counts: BTreeMap<&'static str, u64>,
    unresolved: BTreeMap<&'static str, u64>,
    struck: Struck,
}

impl Default for Report {
    fn default() -> Self {
        Self {
            traces: Vec::new(),
            failures: Vec::new(),
            counts: BTreeMap::new(),
            unresolved: BTreeMap::new(),
            struck: NONE_STRUCK,
        }
    }
}

impl Report {
    /// Adds the report of later seeds.
    pub fn join(&mut self, other: Self) {
        self.traces.extend(other.traces);
        self.failures.extend(other.failures);
        for (name, count) in other.counts {
            *self.counts.entry(name).or_default() += count;
        }
        for (why, count) in other.unresolved {
            *self.unresolved.entry(why).or_default() += count;
        }
        for (all, one) in self.struck.iter_mut().zip(other.struck) {
            *all += one;
        }
    }

    pub fn add(&mut self, seed: u64, outcome: &Outcome) {
        let hash = Sha256::digest(outcome.trace.join("\n").as_bytes());
        self.traces.push(crate::platform::random::hex(&hash[..8]));
        for (name, count) in [
            ("1 runs", 1),
            ("2 payments", outcome.payments),
            ("3 paid", outcome.paid),
            ("4 purchases", outcome.purchases),
            ("5 debts", outcome.debts),
            ("5 debts: bought already", outcome.debts_for[0]),
            ("5 debts: tip gone", outcome.debts_for[1]),
            ("5 debts: kicked off", outcome.debts_for[2]),
            ("6 callbacks", outcome.callbacks),
            ("7 queries", outcome.queries),
            ("8 processes killed", outcome.kills),
            ("9 steps", outcome.trace.len() as u64),
            ("~ transactions beside another", outcome.beside),
            ("~ that waited for its locks", outcome.blocked),
        ] {
            *self.counts.entry(name).or_default() += count;
        }
        for (why, _) in &outcome.unresolved {
            *self.unresolved.entry(why).or_default() += 1;
        }
        for (all, one) in self.struck.iter_mut().zip(outcome.struck) {
            *all += one;
        }
        if !outcome.findings.is_empty() {
            self.failures.push(seed);
            if self.failures.len() <= 3 {
                show(seed, outcome);
            } else {
                println!("seed {seed}: {}", outcome.findings[0]);
            }
        }
    }
}

fn show(seed: u64, outcome: &Outcome) {
    let hidden = outcome.trace.len().saturating_sub(STEPS_SHOWN);
    println!(
        "── seed {seed} fails: replay it with make simulate SEEDS={seed}..{}; {hidden} earlier steps are not shown",
        seed + 1
    );
    for line in &outcome.trace[hidden..] {
        println!("{line}");
    }
    for line in &outcome.events {
        println!("{line}");
    }
    for finding in &outcome.findings {
        println!("seed {seed}: {finding}");
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, count) in &self.counts {
            writeln!(f, "{:>28} {count}", &name[2..])?;
        }
        writeln!(f, "paid, not resolved before the statement:")?;
        for (why, count) in &self.unresolved {
            writeln!(f, "{why:>28} {count}")?;
        }
        writeln!(f, "faults:")?;
        for (name, count) in Faults::named(&self.struck) {
            writeln!(f, "{name:>28} {count}")?;
        }
        Ok(())
    }
}
