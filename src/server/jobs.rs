//! Every kind of work that waits: the list that the server works by and that `ligisoo jobs` shows.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::jobs::{Work, chore};
use crate::ledger;
use crate::mpesa::unfinished::UnfinishedSends;
use crate::notices::Notices;
use crate::payments::Payments;
use crate::payments::jobs::{Releases, StoredBodies};
use crate::payments::reconciler::Reconciler;
use crate::people::People;
use crate::platform::clock::Clock;
use crate::platform::db::Db;

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);
/// How many days are closed at once, if the program was not running for long.
const DAYS_AT_ONCE: usize = 31;

/// All kinds. Chores only delete what is old, which may be done twice, or close days, of which each has its
/// row once.
pub fn kinds(
    (db, clock): (&Db, &Clock),
    payments: &Payments,
    people: &People,
    notices: &Notices,
    stop: &CancellationToken,
) -> Vec<Arc<dyn Work>> {
    let (bodies, closed) = (payments.bodies.clone(), (db.clone(), clock.clone()));
    let outbox = people.outbox.clone();
    let (suspense, old) = (payments.clone(), payments.clone());
    let (codes, attempts, limits, notices) =
        (people.clone(), people.clone(), people.clone(), notices.clone());
    vec![
        Arc::new(StoredBodies::of_payments(payments.clone())),
        Arc::new(StoredBodies::of_confirmations(payments.clone())),
        Arc::new(Reconciler::new(payments.clone()).until(stop.clone())),
        Arc::new(UnfinishedSends::new(db.clone(), clock.clone())),
        Arc::new(Releases(payments.clone())),
        chore("suspense", MINUTE, move || {
            let payments = suspense.clone();
            async move { payments.sweep_suspense().await }
        }),
        chore("old money", DAY, move || {
            let payments = old.clone();
            async move { payments.tell_of_old_money().await }
        }),
        chore("closings", MINUTE, move || {
            let (db, clock) = closed.clone();
            async move { ledger::close_days(&db, &clock, DAYS_AT_ONCE).await }
        }),
        Arc::new(outbox.clone()),
        chore("old messages", HOUR, move || {
            let outbox = outbox.clone();
            async move { outbox.purge().await.map(count) }
        }),
        chore("old bodies", HOUR, move || {
            let bodies = bodies.clone();
            async move { bodies.purge().await.map(count) }
        }),
        chore("old notices", HOUR, move || {
            let notices = notices.clone();
            async move { notices.purge().await.map(|()| 0) }
        }),
        chore("old codes", HOUR, move || {
            let people = codes.clone();
            async move { people.purge_codes().await.map(|()| 0) }
        }),
        chore("old attempts", HOUR, move || {
            let people = attempts.clone();
            async move { people.purge_attempts().await.map(|()| 0) }
        }),
        chore("old limits", HOUR, move || {
            let people = limits.clone();
            async move { people.purge_kept_limits().await.map(|()| 0) }
        }),
    ]
}

fn count(rows: u64) -> usize {
    usize::try_from(rows).unwrap_or(usize::MAX)
}
