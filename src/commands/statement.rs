//! `ligisoo payments import`: compares the M-Pesa portal's statement with our books.

use std::path::Path;

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::exit::Exit;
use super::output::print;
use crate::audit::Operator;
use crate::daraja::{StatementLine, parse_statement};
use crate::mpesa::events::EvidenceSource;
use crate::payments::evidence::Listed;
use crate::payments::listed::Placed;
use crate::payments::store::lists;
use crate::payments::{Payments, Status};
use crate::platform::db::Db;
use crate::types::AppError;

/// The time for which the statement is known to be complete, if it is.
pub type Complete = Option<(DateTime<Utc>, DateTime<Utc>)>;

/// A prompt that was sent so shortly before a statement's end may be paid after it.
const MARGIN: TimeDelta = TimeDelta::hours(1);

#[derive(Default, Serialize)]
struct StatementReport {
    settled: Vec<String>,
    known: Vec<String>,
    /// Money that does not fit its payment, or payments that a person must look at.
    unclear: Vec<String>,
    /// Money in the statement that is of no payment of ours.
    theirs_only: Vec<String>,
    /// Payments that are completed with us, but not in a complete statement.
    ours_only: Vec<String>,
    /// Payments that were pending and not in a complete statement, and have ended.
    ended: Vec<String>,
    bad_lines: Vec<String>,
}

impl StatementReport {
    /// Whether no person needs to look at anything.
    const fn is_clear(&self) -> bool {
        self.unclear.is_empty()
            && self.theirs_only.is_empty()
            && self.ours_only.is_empty()
            && self.bad_lines.is_empty()
    }
}

/// Books each completed line of the statement and, if the statement is complete for a time, compares that
/// time with our books. Importing the same file again changes nothing. Ends with `Exit::NeedsPerson` if a
/// person must look.
///
/// # Errors
/// An error if the file cannot be read; `Exit::NeedsPerson` if a statement that is said to be complete has
/// lines that cannot be read; a database error. Lines that were booked before an error stay booked.
pub async fn import(
    payments: &Payments,
    db: &Db,
    file: &Path,
    complete: Complete,
    operator: &Operator,
    json: bool,
) -> anyhow::Result<Exit> {
    let bytes = std::fs::read(file).with_context(|| file.display().to_string())?;
    let statement = parse_statement(&bytes).with_context(|| file.display().to_string())?;
    let mut report = StatementReport {
        bad_lines: statement.bad_lines.iter().map(ToString::to_string).collect(),
        ..StatementReport::default()
    };
    if complete.is_some() && !report.bad_lines.is_empty() {
        let lines = report.bad_lines.join("; ");
        let why = format!("some lines cannot be read, so the statement is not complete: {lines}");
        return Err(Exit::NeedsPerson.because(why));
    }
    for line in statement.lines.iter().filter(|line| line.status.eq_ignore_ascii_case("completed")) {
        book(payments, line, operator, &mut report).await?;
    }
    if let Some(time) = complete {
        compare(payments, db, &statement.lines, time, operator, &mut report).await?;
    }
    show(&report, json)?;
    Ok(if report.is_clear() { Exit::Right } else { Exit::NeedsPerson })
}

async fn book(
    payments: &Payments,
    line: &StatementLine,
    operator: &Operator,
    report: &mut StatementReport,
) -> anyhow::Result<()> {
    let listed = Listed {
        receipt: line.receipt.clone(),
        amount: line.paid_in,
        account_reference: line.account_reference.clone(),
        short_code: None,
        payer: String::new(),
    };
    let found = payments.book_listed(EvidenceSource::Statement, &listed, true, Some(operator)).await;
    let found = found.map_err(AppError::from)?;
    let list = match found {
        Placed::Matched => &mut report.settled,
        Placed::Known => &mut report.known,
        Placed::Unknown => &mut report.theirs_only,
        _ => &mut report.unclear,
    };
    list.push(format!("{} {} {}", line.receipt, line.paid_in, line.account_reference));
    Ok(())
}

/// Compares our payments with a complete statement: completed ones that it does not list are shown, pending
/// ones end.
async fn compare(
    payments: &Payments,
    db: &Db,
    lines: &[StatementLine],
    (from, until): (DateTime<Utc>, DateTime<Utc>),
    operator: &Operator,
    report: &mut StatementReport,
) -> anyhow::Result<()> {
    for payment in lists::between(db, from, until - MARGIN).await? {
        let is_listed = lines.iter().any(|line| {
            line.account_reference == payment.account_reference
                || Some(&line.receipt) == payment.receipt.as_ref()
        });
        if is_listed {
            continue;
        }
        let name = format!("{} {} {}", payment.id, payment.price, payment.account_reference);
        match payment.status {
            Status::Completed => report.ours_only.push(name),
            Status::Pending => {
                let has_ended = payments.book_unlisted(payment.id, Some(operator)).await;
                let has_ended = has_ended.map_err(AppError::from)?;
                if has_ended { report.ended.push(name) } else { report.unclear.push(name) }
            }
            Status::Failed | Status::Cancelled => {}
        }
    }
    Ok(())
}

fn show(report: &StatementReport, json: bool) -> anyhow::Result<()> {
    if json {
        return print(report, true);
    }
    let parts = [
        ("settled by this statement", &report.settled),
        ("known", &report.known),
        ("unclear: a person must look", &report.unclear),
        ("theirs only: no payment of ours", &report.theirs_only),
        ("ours only: not in the statement", &report.ours_only),
        ("ended: pending and not in the statement", &report.ended),
        ("lines that cannot be read", &report.bad_lines),
    ];
    for (name, lines) in parts {
        println!("{}: {name}", lines.len());
        for line in lines.iter().filter(|_| name != "known") {
            println!("  {line}");
        }
    }
    Ok(())
}
