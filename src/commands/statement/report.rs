//! What an import found, for people and for programs.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::super::output::print;
use crate::daraja::{Statement, StatementLine, Sums};
use crate::payments::statement::LineClass;
use crate::types::Kes;

/// Each line of the file is in exactly one of its lists.
#[derive(Serialize)]
pub struct Report {
    #[serde(flatten)]
    classes: BTreeMap<LineClass, Class>,
    /// Lines that may be money and cannot be read.
    bad_lines: Vec<String>,
    /// How many lines are no movement of money.
    other_lines: usize,
    /// What all lines together moved.
    #[serde(serialize_with = "decimal")]
    paid_in: Kes,
    #[serde(serialize_with = "decimal")]
    withdrawn: Kes,
    /// Rows of totals that are another sum, or classes that do not add up to the file.
    totals_disagree: Vec<String>,
    /// Whether the statement was taken as complete; `None` if nobody said that it is.
    pub complete: Option<bool>,
    /// Why it was not.
    pub not_complete_because: Vec<String>,
    /// Payments that are completed with us and that the statement does not list.
    pub ours_only: Vec<String>,
    /// Payments that were pending and not in a complete statement, and have ended.
    pub ended: Vec<String>,
    /// Payments that are pending and not in it, and stay so: money of their amount has found no payment, or a
    /// person must look at them.
    pub kept: Vec<String>,
}

/// The lines of one class, and what they moved.
#[derive(Default, Serialize)]
struct Class {
    #[serde(serialize_with = "decimal")]
    paid_in: Kes,
    #[serde(serialize_with = "decimal")]
    withdrawn: Kes,
    lines: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    line: usize,
    receipt: String,
    #[serde(serialize_with = "decimal")]
    paid_in: Kes,
    #[serde(serialize_with = "decimal")]
    withdrawn: Kes,
    account_reference: String,
    status: String,
    /// Whether the line settled something; otherwise what it says was known, or decides nothing.
    is_new: bool,
}

impl Report {
    /// The report of a file before its lines were looked at.
    pub fn of(statement: &Statement) -> Self {
        Self {
            classes: LineClass::ALL.map(|class| (class, Class::default())).into(),
            bad_lines: statement.bad_lines.iter().map(ToString::to_string).collect(),
            other_lines: statement.other_lines,
            paid_in: statement.sums.paid_in,
            withdrawn: statement.sums.withdrawn,
            totals_disagree: statement.wrong_totals.iter().map(ToString::to_string).collect(),
            complete: None,
            not_complete_because: Vec::new(),
            ours_only: Vec::new(),
            ended: Vec::new(),
            kept: Vec::new(),
        }
    }

    /// Puts a line into its class.
    pub fn add(&mut self, class: LineClass, line: &StatementLine, is_new: bool) {
        let class = self.classes.entry(class).or_default();
        class.paid_in = class.paid_in + line.paid_in;
        class.withdrawn = class.withdrawn + line.withdrawn;
        class.lines.push(Entry {
            line: line.line,
            receipt: line.receipt.clone(),
            paid_in: line.paid_in,
            withdrawn: line.withdrawn,
            account_reference: line.account_reference.clone(),
            status: line.status.clone(),
            is_new,
        });
    }

    /// Whether the rows of totals agree with the lines.
    pub const fn totals_agree(&self) -> bool {
        self.totals_disagree.is_empty()
    }

    /// Compares what the classes add up to with the file.
    pub fn add_up(&mut self) {
        let mut sums = Sums::NONE;
        for class in self.classes.values() {
            sums += Sums { paid_in: class.paid_in, withdrawn: class.withdrawn };
        }
        if sums != (Sums { paid_in: self.paid_in, withdrawn: self.withdrawn }) {
            self.totals_disagree.push("the classes do not add up to the lines of the file".to_owned());
        }
    }

    /// Whether no person needs to look at anything.
    pub fn is_clear(&self) -> bool {
        let is_clear = |(class, found): (&LineClass, &Class)| !class.needs_person() || found.lines.is_empty();
        let lists = [&self.bad_lines, &self.totals_disagree, &self.ours_only, &self.kept];
        self.classes.iter().all(is_clear)
            && self.complete != Some(false)
            && lists.iter().all(|list| list.is_empty())
    }

    /// Prints it: counts and sums, and each line that wants somebody.
    ///
    /// # Errors
    /// An error if it cannot be written as JSON.
    pub fn show(&self, json: bool) -> anyhow::Result<()> {
        if json {
            return print(self, true);
        }
        for (class, found) in &self.classes {
            println!(
                "{} {}: in {}, out {}",
                found.lines.len(),
                words(*class),
                found.paid_in,
                found.withdrawn
            );
            for it in found.lines.iter().filter(|it| it.is_new || class.is_unplaced() || class.needs_person())
            {
                let (line, receipt, reference) = (it.line, &it.receipt, &it.account_reference);
                let (paid_in, withdrawn, status) = (it.paid_in, it.withdrawn, &it.status);
                println!("  line {line}: {receipt} in {paid_in}, out {withdrawn}, {status} {reference}");
            }
        }
        let (others, paid_in, withdrawn) = (self.other_lines, self.paid_in, self.withdrawn);
        println!("all lines: in {paid_in}, out {withdrawn}; {others} lines are no money");
        for (list, words) in [
            (&self.bad_lines, "lines that cannot be read: look them up in the portal"),
            (&self.totals_disagree, "totals disagree: lines may be missing, so export the file again"),
            (&self.not_complete_because, "reasons not to take it as complete, so nothing was ended"),
            (&self.ours_only, "ours only: completed with us, and not in the statement"),
            (&self.ended, "ended: pending, and not in the statement"),
            (&self.kept, "kept pending: not in the statement, but a person must look first"),
        ] {
            if !list.is_empty() {
                println!("{} {words}", list.len());
            }
            for line in list {
                println!("  {line}");
            }
        }
        Ok(())
    }
}

/// What a class is, and what to do about its lines.
const fn words(class: LineClass) -> &'static str {
    match class {
        LineClass::Matched => "matched: of payments of ours",
        LineClass::Owed => "owed: further money, which goes back to whoever paid it",
        LineClass::AmountOver => "amount over: more than the price, in suspense until somebody places it",
        LineClass::AmountUnder => "amount under: less than the price, in suspense until the rest comes",
        LineClass::Unclear => {
            "unclear: look them up in the portal, then settle or end their payments by hand"
        }
        LineClass::TheirsOnly => "theirs only: of no payment of ours, in suspense until somebody places it",
        LineClass::Contradicts => "contradicting: booked by us, and never moved; their payments wait for you",
        LineClass::Reversal => "reversals: booked by us, and gone back; their payments wait for you",
        LineClass::Charge => "charges under receipts of ours",
        LineClass::OtherMoney => "other money: withdrawals, sweeps, and what is not ours",
    }
}

/// An amount as our JSON writes it.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn decimal<S: Serializer>(amount: &Kes, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&amount.to_decimal_string())
}
