//! Closings: what each account came to at the end of a Kenyan day, written an hour after it (MONEY §4). What
//! an account without a running balance holds is its last closing and the entries since, and the proof of the
//! books need not begin with the first shilling.
//!
//! A closing is right for good, because its day takes no entry any more, whatever clocks and processes do:
//! - A transfer is on the day of the clock of who makes it, unless that day or a later one is closed: then
//!   its INSERT puts it on the first open day, in the same statement. So the entry of a slow clock, or of a
//!   process that slept for hours, is booked late, never in the past; and a fast clock closes a day too
//!   early, which loses nothing.
//! - A transaction that began on the day and has not ended cannot commit into it unseen: on PostgreSQL the
//!   closing's transaction locks `transfers` before it reads, which waits until everybody who has inserted
//!   one has committed or rolled back; whoever inserts later waits for the closing's commit, and sees it,
//!   since a statement takes its snapshot after its locks (READ COMMITTED). SQLite has one writer, which is
//!   the closing.
//!
//! Whether a day is over is asked of the database's clock, under the lock (MONEY §3).
//!
//! The hour is not for the proof: it gives late evidence and slow clocks the time to come to the day that
//! they belong to. Closing again, or in two processes at once, closes the next day or nothing.

use chrono::{DateTime, TimeDelta, Utc};

use super::store::closings;
use crate::platform::clock::{Clock, start_of_day};
use crate::platform::database_clock::database_now;
use crate::platform::db::{Db, Failure, transaction};

/// A day is closed so long after its end.
const CLOSED_AFTER: TimeDelta = TimeDelta::hours(1);

/// Closes days that are over, oldest first, each in a transaction of its own, `at_most` so many; how many.
/// Days on which nothing moved need no closing.
///
/// # Errors
/// A database error, also if those who are booking take too long to wait for.
pub async fn close_days(db: &Db, clock: &Clock, at_most: usize) -> Result<usize, Failure> {
    for closed in 0..at_most {
        // Asked first without a lock: mostly there is nothing to close.
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
