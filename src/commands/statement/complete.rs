//! What makes a statement complete for a time, so that its silence about a payment says something.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::report::Report;
use crate::audit::Operator;
use crate::daraja::{Statement, StatementLine};
use crate::payments::store::lists;
use crate::payments::{Payment, Payments, Status};
use crate::platform::clock::rfc3339;
use crate::platform::db::Db;
use crate::types::{AppError, Kes};

/// A prompt that was sent so shortly before a statement's end may be paid after it.
const MARGIN: TimeDelta = TimeDelta::hours(1);
/// A portal may write times to the minute.
const MINUTE: TimeDelta = TimeDelta::minutes(1);

/// The time for which somebody says that the statement is complete.
pub type Span = (DateTime<Utc>, DateTime<Utc>);

/// Money of the file that has found no payment: its amount, and when it came if that is known.
pub type Unplaced = (Kes, Option<DateTime<Utc>>);

/// Compares our payments of a time with the statement of it. Completed ones that it does not list are shown.
/// Pending ones end, if the statement is complete and no money in it may be theirs.
///
/// # Errors
/// A database error.
pub async fn compare(
    (payments, db): (&Payments, &Db),
    (statement, of): (&Statement, Option<&str>),
    ours: &[String],
    (from, until): Span,
    unplaced: &[Unplaced],
    operator: &Operator,
    report: &mut Report,
) -> anyhow::Result<()> {
    let listed = Listed::of(&statement.lines);
    let unlisted: Vec<Payment> = lists::between(db, from, until - MARGIN)
        .await?
        .into_iter()
        .filter(|payment| !listed.has(payment))
        .collect();
    let name = |it: &Payment| format!("{} {} {}", it.id, it.price, it.account_reference);
    report.ours_only = unlisted.iter().filter(|it| it.status == Status::Completed).map(name).collect();
    report.not_complete_because = doubts(statement, of, ours, (from, until));
    if !report.ours_only.is_empty() {
        report.not_complete_because.push("payments that are completed with us are not in it".to_owned());
    }
    if !report.totals_agree() {
        report.not_complete_because.push("its totals disagree with its lines".to_owned());
    }
    report.complete = Some(report.not_complete_because.is_empty());
    if report.complete == Some(false) {
        return Ok(());
    }
    for payment in unlisted.iter().filter(|payment| payment.status == Status::Pending) {
        let may_be_its = |(amount, came_at): &Unplaced| {
            *amount == payment.price && came_at.is_none_or(|at| at + MINUTE > payment.pushed_at)
        };
        let has_ended = !unplaced.iter().any(may_be_its)
            && payments.book_unlisted(payment.id, Some(operator)).await.map_err(AppError::from)?;
        let list = if has_ended { &mut report.ended } else { &mut report.kept };
        list.push(name(payment));
    }
    Ok(())
}

/// Why a statement is not taken as complete for a time. `of` is the short code that it is of.
fn doubts(statement: &Statement, of: Option<&str>, ours: &[String], (from, until): Span) -> Vec<String> {
    let mut doubts = Vec::new();
    let mut doubt = |is_doubtful: bool, why: String| {
        if is_doubtful {
            doubts.push(why);
        }
    };
    doubt(!statement.bad_lines.is_empty(), "some lines cannot be read".to_owned());
    doubt(!statement.has_states, "no column says whether the money came".to_owned());
    let is_nameless = |line: &&StatementLine| line.paid_in > Kes::ZERO && line.account_reference.is_empty();
    if let Some(line) = statement.lines.iter().find(is_nameless) {
        doubt(true, format!("line {} has money paid in and no account reference", line.line));
    }
    match of {
        None => doubt(true, "it names no short code; say it with --short-code".to_owned()),
        Some(code) => doubt(
            !ours.iter().any(|own| own == code),
            format!("it is of short code {code}, and ours is {}", ours.join(" or ")),
        ),
    }
    let (first, last) = statement.preamble.period.unwrap_or_else(|| {
        let times = || statement.lines.iter().filter_map(|line| line.completed_at);
        (times().min().unwrap_or(until), times().max().unwrap_or(from))
    });
    doubt(
        first > from || last < until,
        format!("it covers {} to {}, and not all of the time", rfc3339(first), rfc3339(last)),
    );
    doubts
}

/// What a statement lists.
struct Listed {
    receipts: HashSet<String>,
    references: HashSet<String>,
}

impl Listed {
    fn of(lines: &[StatementLine]) -> Self {
        Self {
            receipts: lines.iter().map(|line| line.receipt.clone()).collect(),
            references: lines.iter().flat_map(StatementLine::references).collect(),
        }
    }

    /// Whether a payment is there, by its receipt or by its reference.
    fn has(&self, payment: &Payment) -> bool {
        self.references.contains(&payment.account_reference)
            || payment.receipt.as_ref().is_some_and(|receipt| self.receipts.contains(receipt))
    }
}
