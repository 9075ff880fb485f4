//! Closings: what each account came to at the end of a Kenyan day, written an hour after it (MONEY §4). An
//! account without a running balance holds its last closing and the entries since. Thanks to the closings,
//! the proof of the books need not begin with the first shilling.
//!
//! A closed day takes no entry any more, whatever clocks and processes do:
//!
//! - A transfer is on the day that its maker's clock shows, or on the last day of a tipster's account that
//!   it touches, unless that day or a later one is closed: then its INSERT puts it on the first open day,
//!   in the same statement. So a clock that is slow, or a process that slept for hours, books late and
//!   never into the past. A clock that is fast books on a later day, and so does that tipster's account until
//!   that day has come; nothing is lost.
//!
//! - A transaction that began on the day and has not ended cannot commit into it unseen. On PostgreSQL, the
//!   closing's transaction locks `transfers` before it reads. The lock waits until everybody who has inserted
//!   a transfer has committed or rolled back, and whoever inserts later waits for the closing's commit. They
//!   then see the closing, since a statement takes its snapshot after its locks (READ COMMITTED). SQLite has
//!   one writer, which is the closing itself.
//!
//! - Whoever books changes accounts before it inserts the transfer, and may wait in between for a closing.
//!   What it read of the accounts cannot change, because it holds their locks, and it promises no day: the
//!   INSERT alone decides it, after the wait, and moves the accounts' last days to it. The closing does
//!   not wait for those locks: its rows refer to accounts by their ids, which nobody changes.
//!
//! Whether a day is over is asked of the database's clock, under the lock (MONEY §3).
//!
//! The proof does not need the hour: it gives late evidence and slow clocks the time to reach the day that
//! they belong to. Closing twice, or in two processes at once, closes the next day or nothing.

use chrono::{DateTime, TimeDelta, Utc};

use super::store::closings;
use crate::platform::clock::{Clock, start_of_day};
use crate::platform::database_clock::database_now;
use crate::platform::db::{Db, Failure, transaction};

/// How long after its end a day is closed.
const CLOSED_AFTER: TimeDelta = TimeDelta::hours(1);

/// Closes days that are over, the oldest first, each in a transaction of its own, `at_most` so many. Returns
/// how many it closed. Days on which nothing moved need no closing.
///
/// # Errors
/// [`Failure::Db`] if the database fails, also if the lock is not got within two seconds.
pub async fn close_days(db: &Db, clock: &Clock, at_most: usize) -> Result<usize, Failure> {
    for closed in 0..at_most {
        // The first question takes no lock, because mostly there is nothing to close.
        if over(closings::next(db).await?, clock.now()).is_none() {
            return Ok(closed);
        }
        let is_closed: Result<bool, Failure> = transaction!(db, |tx| {
            closings::lock(tx).await?;
            let now = database_now(tx, clock).await?;
            let Some(day) = over(closings::next(&mut *tx).await?, now) else { return Ok(false) };
            closings::insert(tx, day, now).await?;
            Ok(true)
        });
        if !is_closed? {
            return Ok(closed);
        }
    }
    Ok(at_most)
}

/// A day that may be closed now, if it is one.
fn over(day: Option<i64>, now: DateTime<Utc>) -> Option<i64> {
    day.filter(|day| start_of_day(day + 1) + CLOSED_AFTER <= now)
}
