//! Reads the statement that an operator exports from an M-Pesa portal as CSV. It is the last evidence about
//! payments whose answer and callback were both lost (daraja §4).
//!
//! Every line of the file is a movement of money, a check of those before it, words without money, or a line
//! that cannot be read. These last are reported, because a payment that went missing here would count as never
//! paid.

pub mod format;
mod header;
mod line;
mod preamble;
mod record;
mod total;
mod values;

pub use format::NoStatement;
pub use line::{BadLine, LineState, StatementLine};
pub use preamble::Preamble;
pub use total::Sums;

use format::decode;
use header::Header;
use line::Row;
use record::join;
use total::Running;

/// The most lines of a file. A file with more must be exported in parts.
const LINES_MAX: usize = 200_000;
/// A file with more lines than this that cannot be read is no statement.
const BAD_LINES_MAX: usize = 1_000;
/// How many lines may stand before the header. The portal writes a dozen.
const PREAMBLE_MAX_LINES: usize = 100;

/// What a statement says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// What stands before the table.
    pub preamble: Preamble,
    /// The movements of money, in the order of the file.
    pub lines: Vec<StatementLine>,
    /// The lines that may be movements and cannot be read. If there are any, the statement is not complete.
    pub bad_lines: Vec<BadLine>,
    /// Rows of totals that are not the sum of the lines before them.
    pub wrong_totals: Vec<BadLine>,
    /// How many lines are no movement: those before the table, headers, totals, remarks and empty ones.
    pub other_lines: usize,
    /// What all movements add up to.
    pub sums: Sums,
    /// Whether every table says of each line whether its money came.
    pub has_states: bool,
}

/// A file half read.
struct Reader {
    header: Header,
    running: Running,
    statement: Statement,
}

/// Reads a statement. Its columns are found by their names in any order, after any lines before the header.
/// Quotes, a BOM, CRLF and thousands separators may be there or not.
///
/// # Errors
/// [`NoStatement`], which says what the file is instead.
pub fn parse_statement(bytes: &[u8]) -> Result<Statement, NoStatement> {
    let text = decode(bytes)?;
    let line_end = if text.contains('\n') { '\n' } else { '\r' };
    let lines: Vec<&str> = text.split(line_end).map(|line| line.strip_suffix('\r').unwrap_or(line)).collect();
    let mut preamble = Preamble::default();
    let (header, mut at) = find_header(&lines, &mut preamble).ok_or(NoStatement::NoHeader)?;
    let statement = Statement {
        preamble,
        lines: Vec::new(),
        bad_lines: Vec::new(),
        wrong_totals: Vec::new(),
        other_lines: at,
        sums: Sums::NONE,
        has_states: header.status.is_some(),
    };
    let mut reader = Reader { header, running: Running::START, statement };
    while at < lines.len() {
        let header = &reader.header;
        let record = join(&lines[at..], header.separator, |line| header.is_row(line));
        let (fields, used) =
            record.map_or_else(|reason| (Err(reason), 1), |(fields, used)| (Ok(fields), used));
        match fields {
            Ok(fields) => reader.take(&fields, at + 1, used)?,
            Err(reason) => reader.reject(at + 1, reason)?,
        }
        at += used;
    }
    let Reader { running, mut statement, .. } = reader;
    statement.sums = running.all();
    Ok(statement)
}

impl Reader {
    /// Takes one record, which begins at this line of the file and has so many.
    fn take(&mut self, fields: &[String], line: usize, used: usize) -> Result<(), NoStatement> {
        if let Some(again) = Header::of(fields, self.header.separator) {
            self.statement.has_states &= again.status.is_some();
            self.statement.other_lines += used;
            self.running.turn_page();
            self.header = again;
            return Ok(());
        }
        match line::read(&self.header, fields, line) {
            Ok(Row::Line(_)) if self.statement.lines.len() >= LINES_MAX => return Err(NoStatement::TooLong),
            Ok(Row::Line(line)) => {
                self.running.add(line.sums(), line.state == LineState::Completed);
                self.statement.lines.push(line);
            }
            Ok(Row::Total(said)) => {
                if !self.running.agrees_with(said) {
                    let wrong = BadLine { line, reason: "the total is not the sum of the lines before it" };
                    self.statement.wrong_totals.push(wrong);
                }
                self.running.turn_page();
                self.statement.other_lines += used;
            }
            Ok(Row::Remark) => self.statement.other_lines += used,
            Err(reason) => return self.reject(line, reason),
        }
        Ok(())
    }

    fn reject(&mut self, line: usize, reason: &'static str) -> Result<(), NoStatement> {
        if self.statement.bad_lines.len() >= BAD_LINES_MAX {
            return Err(NoStatement::TooManyBadLines);
        }
        self.statement.bad_lines.push(BadLine { line, reason });
        Ok(())
    }
}

/// The first header, with the number of the first line after it.
fn find_header(lines: &[&str], preamble: &mut Preamble) -> Option<(Header, usize)> {
    for at in 0..lines.len().min(PREAMBLE_MAX_LINES) {
        if let Some((header, used)) = Header::find(&lines[at..]) {
            return Some((header, at + used));
        }
        preamble.read(lines[at]);
    }
    None
}

#[cfg(test)]
#[path = "statement_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "statement_file_tests.rs"]
mod file_tests;
