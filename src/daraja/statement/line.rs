//! One line of a statement: a movement of money under a receipt.

use std::fmt;

use chrono::{DateTime, Utc};

use super::header::Header;
use super::total::Sums;
use super::values::{letters, money, money_out, on_one_line, reference_in, time};
use crate::daraja::c2b::{REFERENCE_MAX_CHARS, cut};
use crate::daraja::readable_receipt;
use crate::types::Kes;

const TEXT_MAX_CHARS: usize = 60;
const DETAILS_MAX_CHARS: usize = 600;
/// Our references have so many letters and digits.
const REFERENCE_CHARS: usize = 12;

/// One movement of money into our account or out of it.
#[derive(Clone, PartialEq, Eq)]
pub struct StatementLine {
    /// The number of the line in the file, counted from 1.
    pub line: usize,
    /// Ten of `[A-Z0-9]`.
    pub receipt: String,
    /// What came in; zero if nothing did.
    pub paid_in: Kes,
    /// What went out, above zero however the portal writes it; zero if nothing did.
    pub withdrawn: Kes,
    pub state: LineState,
    /// The portal's word for the state; at most 60 characters.
    pub status: String,
    /// The reference in its own column, or else as `Details` announces it; empty if neither has one.
    pub account_reference: String,
    /// All else that the line says in words.
    pub text: String,
    /// The receipt in `Linked Transaction ID`.
    pub linked_receipt: Option<String>,
    /// `None` if no time can be read.
    pub completed_at: Option<DateTime<Utc>>,
}

/// What the portal says of a line's money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineState {
    Completed,
    /// It came, and went back.
    Reversed,
    /// It never moved: cancelled, declined, failed or expired.
    NotPaid,
    /// A word that is none of these, or no word.
    Unclear,
}

/// A line that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct BadLine {
    /// The number of the line, counted from 1.
    pub line: usize,
    pub reason: &'static str,
}

/// What a row of a table is.
pub enum Row {
    Line(StatementLine),
    /// A sum of the lines before it.
    Total(Sums),
    /// Words without money.
    Remark,
}

impl StatementLine {
    /// Whether it tells of money that came in.
    pub fn is_payment(&self) -> bool {
        self.state == LineState::Completed && self.paid_in > Kes::ZERO && self.withdrawn == Kes::ZERO
    }

    /// What may be our reference in this line, as letters and digits in capitals: what stands in its own place
    /// and the end of that first, and then each word of our references' length. Each once.
    pub fn references(&self) -> Vec<String> {
        let named: String = words(&self.account_reference).collect::<String>().to_ascii_uppercase();
        let end = named.len().checked_sub(REFERENCE_CHARS).and_then(|at| named.get(at..)).map(str::to_owned);
        let words = words(&self.account_reference).chain(words(&self.text));
        let words = words.filter(|word| word.len() == REFERENCE_CHARS).map(str::to_ascii_uppercase);
        let mut references: Vec<String> = Vec::new();
        for reference in std::iter::once(named).chain(end).chain(words) {
            if !reference.is_empty() && !references.contains(&reference) {
                references.push(reference);
            }
        }
        references
    }

    /// The other receipts that the line names: the linked one, and those in its words.
    pub fn other_receipts(&self) -> Vec<&str> {
        let mut receipts: Vec<&str> = self.linked_receipt.as_deref().into_iter().collect();
        for word in words(&self.text).filter(|word| readable_receipt(word).is_some()) {
            if word != self.receipt && !receipts.contains(&word) {
                receipts.push(word);
            }
        }
        receipts
    }

    /// What it moved.
    pub const fn sums(&self) -> Sums {
        Sums { paid_in: self.paid_in, withdrawn: self.withdrawn }
    }
}

impl LineState {
    fn of(word: &str) -> Self {
        match letters(word).as_str() {
            "completed" => Self::Completed,
            "reversed" => Self::Reversed,
            "cancelled" | "canceled" | "declined" | "failed" | "expired" => Self::NotPaid,
            _ => Self::Unclear,
        }
    }
}

/// The row in the fields of a record.
///
/// # Errors
/// Why it cannot be read.
pub fn read(header: &Header, fields: &[String], line: usize) -> Result<Row, &'static str> {
    let field = |at: usize| fields.get(at).map(|field| field.trim()).unwrap_or_default();
    let optional = |at: Option<usize>| at.map(field).unwrap_or_default();
    // A narrow cell breaks what stands in it.
    let whole = |at: usize| field(at).replace(['\n', '\r'], "");
    let receipt_cell = whole(header.receipt);
    let receipt = readable_receipt(&receipt_cell);
    if fields.len() <= header.paid_in {
        // A closing remark has no receipt, but a payment that was cut off has one.
        return if receipt.is_some() { Err("the line ends before \"Paid In\"") } else { Ok(Row::Remark) };
    }
    let paid_in = money(&whole(header.paid_in));
    let withdrawn = header.withdrawn.map_or(Ok(None), |at| money_out(&whole(at)));
    let paid_in = paid_in.map_err(|_| "\"Paid In\" is not an amount like 1,250.00")?;
    let withdrawn = withdrawn.map_err(|_| "\"Withdrawn\" is not an amount like 1,250.00")?;
    let sums = Sums { paid_in: paid_in.unwrap_or(Kes::ZERO), withdrawn: withdrawn.unwrap_or(Kes::ZERO) };
    let has_money = paid_in.is_some() || withdrawn.is_some();
    let Some(receipt) = receipt else {
        let is_bare = [Some(header.receipt), header.completed_at, header.status, header.account_reference];
        let is_sum = is_bare.into_iter().all(|at| optional(at).is_empty());
        return match has_money {
            false => Ok(Row::Remark),
            true if is_total(fields, header) || is_sum => Ok(Row::Total(sums)),
            true if paid_in.is_some() => Err("there is money paid in, but no readable receipt"),
            true => Err("there is money withdrawn, but no readable receipt"),
        };
    };
    if fields.iter().skip(header.len).any(|field| !field.trim().is_empty()) {
        return Err("the line has more fields than there are columns");
    }
    let details = on_one_line(optional(header.details));
    let columns = [header.account_reference, header.party_details];
    let named =
        columns.into_iter().map(|at| cut(optional(at), REFERENCE_MAX_CHARS)).find(|it| !it.is_empty());
    let account_reference = named.unwrap_or_else(|| reference_in(&details));
    let linked = optional(header.linked);
    let text = [&details, optional(header.party_details), optional(header.other_party)].map(on_one_line);
    Ok(Row::Line(StatementLine {
        line,
        receipt: receipt.to_owned(),
        paid_in: sums.paid_in,
        withdrawn: sums.withdrawn,
        state: LineState::of(optional(header.status)),
        status: cut(&on_one_line(optional(header.status)), TEXT_MAX_CHARS),
        account_reference,
        text: cut(&text.join(" "), DETAILS_MAX_CHARS),
        linked_receipt: readable_receipt(linked).filter(|linked| *linked != receipt).map(str::to_owned),
        completed_at: time(&on_one_line(optional(header.completed_at))),
    }))
}

/// Whether one of the cells before the amounts says that the row is a sum.
fn is_total(fields: &[String], header: &Header) -> bool {
    let first = header.withdrawn.map_or(header.paid_in, |withdrawn| withdrawn.min(header.paid_in));
    fields.iter().take(first).any(|field| {
        matches!(
            letters(field).as_str(),
            "total" | "totals" | "subtotal" | "grandtotal" | "pagetotal" | "sum"
        )
    })
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| !character.is_ascii_alphanumeric()).filter(|word| !word.is_empty())
}

impl fmt::Debug for StatementLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StatementLine")
            .field("line", &self.line)
            .field("paid_in", &self.paid_in)
            .field("withdrawn", &self.withdrawn)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}
