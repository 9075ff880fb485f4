//! `ligisoo payments import`: compares the M-Pesa portal's statement with our books.

mod complete;
mod report;

use std::path::Path;

use anyhow::Context;

use super::exit::Exit;
use crate::audit::Operator;
use crate::daraja::{LineState, Statement, parse_statement};
use crate::payments::Payments;
use crate::platform::db::Db;
use crate::types::AppError;

pub use complete::Span;
use complete::Unplaced;
pub use report::Report;

/// A file that somebody imports, and what they say of it.
pub struct Import<'a> {
    pub file: &'a Path,
    /// The time for which it is said to be complete.
    pub complete: Option<Span>,
    /// The short code that it is said to be of, if it does not say so itself.
    pub short_code: Option<&'a str>,
    /// The short codes that are ours.
    pub ours: &'a [String],
}

/// Books each line of the statement that tells of money, marks what it says is gone and, if the statement is
/// said to be complete for a time, compares that time with our books. Importing the same file again changes
/// nothing.
///
/// # Errors
/// An error if the file cannot be read, or is of another short code than is said; a database error. Lines that
/// were booked before an error stay booked.
pub async fn import(
    (payments, db): (&Payments, &Db),
    import: &Import<'_>,
    operator: &Operator,
) -> anyhow::Result<Report> {
    let bytes = std::fs::read(import.file).with_context(|| import.file.display().to_string())?;
    let statement = parse_statement(&bytes).with_context(|| import.file.display().to_string())?;
    let named = statement.preamble.short_code.as_deref();
    if let (Some(named), Some(said)) = (named, import.short_code)
        && named != said
    {
        let why = format!("the file is of short code {named}, and not of {said}");
        return Err(Exit::Usage.because(why));
    }
    let of = named.or(import.short_code);
    if let Some(code) = of
        && !import.ours.iter().any(|own| own == code)
    {
        let ours = import.ours.join(" and ");
        let why = format!("the file is of short code {code}, and ours is {ours}: nothing of it was booked");
        return Err(Exit::Usage.because(why));
    }
    let mut report = Report::of(&statement);
    let unplaced = place(payments, &statement, of, operator, &mut report).await?;
    report.add_up();
    if let Some(span) = import.complete {
        let on = (payments, db);
        complete::compare(on, (&statement, of), import.ours, span, &unplaced, operator, &mut report).await?;
    }
    Ok(report)
}

/// Books and judges the lines, and returns the money among them that found no payment. What says that money is
/// gone is judged first, so that no line of the same file makes a share go out before its payment is marked;
/// and again at the end, because it may be about money that only this file tells of.
async fn place(
    payments: &Payments,
    statement: &Statement,
    of: Option<&str>,
    operator: &Operator,
    report: &mut Report,
) -> anyhow::Result<Vec<Unplaced>> {
    let mut unplaced = Vec::new();
    for line in statement.lines.iter().filter(|line| !line.is_payment()) {
        payments.judge_line(line, operator).await.map_err(AppError::from)?;
    }
    for line in statement.lines.iter().filter(|line| line.is_payment()) {
        let (class, is_new) = payments.book_line(line, of, operator).await.map_err(AppError::from)?;
        if class.is_unplaced() {
            unplaced.push((line.paid_in, line.completed_at));
        }
        report.add(class, line, is_new);
    }
    for line in statement.lines.iter().filter(|line| !line.is_payment()) {
        let class = payments.judge_line(line, operator).await.map_err(AppError::from)?;
        if line.state == LineState::Unclear {
            unplaced.push((line.paid_in, line.completed_at));
        }
        report.add(class, line, false);
    }
    Ok(unplaced)
}

/// Prints what an import found. Ends with `Exit::NeedsPerson` if a person must look.
///
/// # Errors
/// An error if the report cannot be written.
pub fn show(report: &Report, json: bool) -> anyhow::Result<Exit> {
    report.show(json)?;
    Ok(if report.is_clear() { Exit::Right } else { Exit::NeedsPerson })
}
