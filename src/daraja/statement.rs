//! Reads the statement that an operator exports from the M-Pesa organisation portal as CSV. It is the last
//! evidence about payments whose answer and callback were both lost (daraja §4).
//!
//! Each line of the file is read by itself, so that one wrong quote cannot swallow the payments after it.
//! Every line that cannot be read is reported, because a payment that went missing here would count as never
//! paid.

use std::fmt;

use super::c2b::{REFERENCE_MAX_CHARS, cut};
use super::callback::{Unreadable, is_grouped, readable_receipt};
use crate::types::Kes;

/// Longer files are not read.
pub const STATEMENT_MAX_BYTES: usize = 32 * 1024 * 1024;
/// The most payments of a file. A file with more must be exported in parts.
const PAYMENTS_MAX: usize = 200_000;
/// A file with more lines than this that cannot be read is no statement.
const BAD_LINES_MAX: usize = 1_000;
const LINE_MAX_BYTES: usize = 8 * 1024;
/// How many lines may stand before the header. The portal writes a dozen.
const PREAMBLE_MAX_LINES: usize = 100;
const TEXT_MAX_CHARS: usize = 60;
/// The separators of fields; spreadsheets write other ones in some countries.
const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];
/// A control character that no statement holds. It is put after a line, to see whether the line's quotes are
/// closed.
const MARK: u8 = 0x1e;
/// How `Details` names the reference: `Pay Bill Online from 2547***149 - JANE DOE Acc. LG7K2M9QX4TB`.
const REFERENCE_MARK: &str = " acc. ";

/// What a statement says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Statement {
    /// The payments into our account, in the order of the file. Not all are completed: see
    /// [`StatementLine::status`].
    pub lines: Vec<StatementLine>,
    /// The lines that may be payments and cannot be read. If there are any, the statement is not complete.
    pub bad_lines: Vec<BadLine>,
}

/// One payment into our account.
#[derive(Clone, PartialEq, Eq)]
pub struct StatementLine {
    /// Ten of `[A-Z0-9]`.
    pub receipt: String,
    /// Above zero.
    pub paid_in: Kes,
    /// The reference in `A/C No.`, or else at the end of `Details`; empty if neither has one.
    pub account_reference: String,
    /// The time as the portal writes it, in East Africa Time; at most 60 characters.
    pub completed_at_text: String,
    /// The word `Completed` if the money really came; at most 60 characters.
    pub status: String,
}

/// A line that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct BadLine {
    /// The number of the line, counted from 1.
    pub line: usize,
    pub reason: &'static str,
}

/// Where the columns are in each line.
struct Header {
    separator: u8,
    receipt: usize,
    paid_in: usize,
    account_reference: Option<usize>,
    details: Option<usize>,
    completed_at: Option<usize>,
    status: Option<usize>,
}

/// Reads a statement. Its columns are found by their names in any order, after any lines before the header.
/// Quotes, a BOM, CRLF and thousands separators may be there or not. Lines without money paid in are skipped.
///
/// # Errors
/// [`Unreadable::TooLong`] if it is too long or has too many payments; [`Unreadable::NoHeader`] or
/// [`Unreadable::TooManyBadLines`] if it is no statement.
pub fn parse_statement(bytes: &[u8]) -> Result<Statement, Unreadable> {
    if bytes.len() > STATEMENT_MAX_BYTES {
        return Err(Unreadable::TooLong);
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let line_end = if bytes.contains(&b'\n') { b'\n' } else { b'\r' };
    let mut lines = bytes
        .split(|byte| *byte == line_end)
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
        .enumerate();
    let header = lines
        .by_ref()
        .take(PREAMBLE_MAX_LINES)
        .find_map(|(_, line)| Header::find(line))
        .ok_or(Unreadable::NoHeader)?;
    let mut statement = Statement::default();
    for (at, line) in lines {
        match header.read(line) {
            Ok(None) => {}
            Ok(Some(line)) if statement.lines.len() < PAYMENTS_MAX => statement.lines.push(line),
            Ok(Some(_)) => return Err(Unreadable::TooLong),
            Err(reason) if statement.bad_lines.len() < BAD_LINES_MAX => {
                statement.bad_lines.push(BadLine { line: at + 1, reason });
            }
            Err(_) => return Err(Unreadable::TooManyBadLines),
        }
    }
    Ok(statement)
}

impl Header {
    fn find(line: &[u8]) -> Option<Self> {
        let may_be_one =
            line.len() <= LINE_MAX_BYTES && letters(&String::from_utf8_lossy(line)).contains("paidin");
        SEPARATORS.into_iter().filter(|_| may_be_one).find_map(|separator| Self::read_names(line, separator))
    }

    fn read_names(line: &[u8], separator: u8) -> Option<Self> {
        let names: Vec<String> = fields(line, separator).ok()?.iter().map(|field| letters(field)).collect();
        let column = |wanted: &[&str]| names.iter().position(|name| wanted.contains(&name.as_str()));
        Some(Self {
            separator,
            receipt: column(&["receiptno", "receipt", "receiptnumber"])?,
            paid_in: column(&["paidin"])?,
            account_reference: column(&["acno", "accountno", "accountnumber", "acnumber"]),
            details: column(&["details"]),
            completed_at: column(&["completiontime"]),
            status: column(&["transactionstatus", "status"]),
        })
    }

    /// The payment in a line, `None` for a line that is none, or why the line cannot be read.
    fn read(&self, line: &[u8]) -> Result<Option<StatementLine>, &'static str> {
        if line.trim_ascii().is_empty() {
            return Ok(None);
        }
        let fields = fields(line, self.separator)?;
        let field = |at: usize| fields.get(at).map(|field| field.trim()).unwrap_or_default();
        let optional = |at: Option<usize>| at.map(field).unwrap_or_default();
        if fields.iter().all(|field| field.trim().is_empty()) {
            return Ok(None);
        }
        let receipt = readable_receipt(field(self.receipt));
        if fields.len() <= self.paid_in {
            // A closing remark has no receipt, but a payment that was cut off has one.
            return if receipt.is_some() { Err("the line ends before \"Paid In\"") } else { Ok(None) };
        }
        let Some(paid_in) = money(field(self.paid_in))? else { return Ok(None) };
        let receipt = receipt.ok_or("there is money paid in, but no readable receipt")?;
        let named = cut(optional(self.account_reference), REFERENCE_MAX_CHARS);
        let account_reference = if named.is_empty() { reference_in(optional(self.details)) } else { named };
        Ok(Some(StatementLine {
            receipt: receipt.to_owned(),
            paid_in,
            account_reference,
            completed_at_text: cut(optional(self.completed_at), TEXT_MAX_CHARS),
            status: cut(optional(self.status), TEXT_MAX_CHARS),
        }))
    }
}

/// The fields of one line without their quotes.
fn fields(line: &[u8], separator: u8) -> Result<Vec<String>, &'static str> {
    if line.len() > LINE_MAX_BYTES {
        return Err("the line is too long");
    }
    if line.contains(&b'\r') {
        return Err("a line break stands within the line");
    }
    if line.contains(&b'"') {
        return quoted_fields(line, separator);
    }
    Ok(line
        .split(|byte| *byte == separator)
        .map(|field| String::from_utf8_lossy(field).into_owned())
        .collect())
}

fn quoted_fields(line: &[u8], separator: u8) -> Result<Vec<String>, &'static str> {
    let builder = &mut csv::ReaderBuilder::new();
    let builder =
        builder.delimiter(separator).has_headers(false).flexible(true).buffer_capacity(line.len().max(1));
    // A closed quote ends with the line. An open one would contain the mark that is put after the line.
    let marked = [line, b"\n", &[MARK]].concat();
    let mut records = builder.from_reader(marked.as_slice()).into_byte_records();
    let record = records.next().and_then(Result::ok).ok_or("the line is not CSV")?;
    if record.iter().any(|field| field.contains(&MARK)) {
        return Err("a quote is not closed");
    }
    Ok(record.iter().map(|field| String::from_utf8_lossy(field).into_owned()).collect())
}

/// An amount like `1,250.00`, to the cent. `None` if nothing was paid (empty, a dash, zero).
fn money(text: &str) -> Result<Option<Kes>, &'static str> {
    let text = text.strip_prefix("KES").or_else(|| text.strip_prefix("Ksh")).unwrap_or(text).trim();
    if text.is_empty() || text == "-" {
        return Ok(None);
    }
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b',' | b'.'));
    let amount = Some(text.replace(',', ""))
        .filter(|_| is_plain && is_grouped(text))
        .and_then(|text| text.parse::<Kes>().ok());
    let amount = amount.ok_or("\"Paid In\" is not an amount like 1,250.00")?;
    Ok(Some(amount).filter(|amount| *amount > Kes::ZERO))
}

fn reference_in(details: &str) -> String {
    let lower = details.to_ascii_lowercase();
    lower
        .rfind(REFERENCE_MARK)
        .and_then(|at| details.get(at + REFERENCE_MARK.len()..))
        .map_or_else(String::new, |text| cut(text, REFERENCE_MAX_CHARS))
}

/// A column's name in small letters and digits alone, because portals change the rest: `Receipt No.` is
/// `receiptno`.
fn letters(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|character| character.to_ascii_lowercase()).collect()
}

impl fmt::Debug for StatementLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StatementLine")
            .field("paid_in", &self.paid_in)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
#[path = "statement_tests.rs"]
mod tests;
