//! The check itself: all rules on one snapshot.

use super::store::{self, sums};
use super::{CheckReport, Extent, Finding};
use crate::ledger::store::closings;
use crate::platform::clock::kenyan_day;
use crate::platform::db::{Db, Failure, Tx};

/// A day before the first transfer.
const FIRST_DAY: i64 = 0;

/// Proves the books on one snapshot of the database. It changes nothing, and may run beside a server.
///
/// # Errors
/// [`Failure::Db`] if the database fails. A broken rule is a finding and no error.
pub async fn check(db: &Db, extent: Extent) -> Result<CheckReport, Failure> {
    let mut tx = db.begin_snapshot().await?;
    Ok(inspect(&mut tx, extent).await?)
}

/// Proves the books as a transaction sees them.
///
/// # Errors
/// A database error.
pub async fn inspect(tx: &mut Tx, extent: Extent) -> Result<CheckReport, sqlx::Error> {
    let last_closed = closings::last(tx).await?.filter(|_| extent == Extent::OpenDays);
    let first_day = last_closed.map(|day| day + 1);
    if first_day.is_some() {
        closings::walk_along_indexes(tx).await?;
    }
    let day = first_day.unwrap_or(FIRST_DAY);
    let of_all_days = sums::ALL_DAYS.iter().filter(|_| first_day.is_none());
    let mut findings = Vec::new();
    for rule in store::rules().chain(of_all_days) {
        let ids = store::ids(tx, rule.broken_by, day).await?;
        findings.extend(ids.into_iter().map(|id| Finding { rule: rule.name, id: id.to_string() }));
    }
    let tips = store::tips(tx, sums::TIPS.broken_by, day).await?;
    findings.extend(tips.into_iter().map(|tip| Finding { rule: sums::TIPS.name, id: tip.to_string() }));
    findings.extend(odd_days(tx, day).await?);
    let [transfers, entries, completed_payments] = store::counts(tx, day).await?;
    let balances = store::balances(tx, day).await?;
    Ok(CheckReport { first_day, transfers, entries, completed_payments, balances, findings })
}

/// The days that are before one of their transfers was made, or after the last of all was. What is made on a
/// closed day is on the first open one.
async fn odd_days(tx: &mut Tx, first: i64) -> Result<Vec<Finding>, sqlx::Error> {
    let days = store::days(tx, first).await?;
    let newest = days.iter().map(|of| kenyan_day(of.last_made_at)).fold(first, i64::max);
    let newest = closings::last(tx).await?.map_or(newest, |closed| newest.max(closed + 1));
    let mut findings = Vec::new();
    for of in &days {
        if of.day > newest || kenyan_day(of.last_made_at) > of.day {
            let id = store::last_of(tx, of.day).await?.to_string();
            findings.push(Finding { rule: store::DAYS, id });
        }
    }
    Ok(findings)
}
