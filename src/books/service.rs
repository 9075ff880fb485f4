//! The check itself: all rules on one snapshot.

use super::store::{self, sums};
use super::{CheckReport, Extent, Finding};
use crate::ledger::store::closings;
use crate::platform::db::{Db, Failure};

/// A day before the first transfer.
const FIRST_DAY: i64 = 0;

/// Proves the books on one snapshot of the database. It changes nothing, and may run beside a server.
///
/// # Errors
/// [`Failure::Db`] if the database fails. A broken rule is a finding and no error.
pub async fn check(db: &Db, extent: Extent) -> Result<CheckReport, Failure> {
    let mut tx = db.begin_snapshot().await?;
    let tx = &mut tx;
    let last_closed = closings::last(tx).await?.filter(|_| extent == Extent::OpenDays);
    let first_day = last_closed.map(|day| day + 1);
    if first_day.is_some() {
        closings::walk_along_indexes(tx).await?;
    }
    let day = first_day.unwrap_or(FIRST_DAY);
    let mut findings = Vec::new();
    for rule in store::rules() {
        let ids = store::ids(tx, rule.broken_by, day).await?;
        findings.extend(ids.into_iter().map(|id| Finding { rule: rule.name, id: id.to_string() }));
    }
    let tips = store::tips(tx, sums::TIPS.broken_by, day).await?;
    findings.extend(tips.into_iter().map(|tip| Finding { rule: sums::TIPS.name, id: tip.to_string() }));
    let [transfers, entries, completed_payments] = store::counts(tx, day).await?;
    let balances = store::balances(tx, day).await?;
    Ok(CheckReport { first_day, transfers, entries, completed_payments, balances, findings })
}
