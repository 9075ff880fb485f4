//! The service of notices: reading them, marking them as read, and deleting old ones.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::{NoticePage, leads_to, no_such_notice, store};
use crate::platform::clock::Clock;
use crate::platform::cursor::{Before, cut, one_more};
use crate::platform::db::{Db, Failure, transaction};
use crate::platform::viewer::Viewer;

const PAGE: usize = 30;
/// How long a notice is kept after it was read.
const READ_KEPT: TimeDelta = TimeDelta::days(90);
/// How long a notice is kept that nobody reads.
const UNREAD_KEPT: TimeDelta = TimeDelta::days(365);

/// The service of notices. A clone is cheap.
#[derive(Clone)]
pub struct Notices {
    db: Db,
    clock: Clock,
}

impl Notices {
    /// Makes the service.
    pub const fn new(db: Db, clock: Clock) -> Self {
        Self { db, clock }
    }

    /// A page of 30 notices of the person, newest first. `after` is a cursor; `None` is the first page.
    ///
    /// # Errors
    /// `AppError::Invalid` if the cursor cannot be read; a database error.
    pub async fn page(&self, person: &Viewer, after: Option<&str>) -> Result<NoticePage, Failure> {
        let now = self.clock.now();
        let mut list = store::list(&self.db, person.id, Before::read(after, now)?, one_more(PAGE)).await?;
        let next = cut(&mut list, PAGE, |row| (row.noticed_at, row.id));
        Ok(NoticePage { list, next, now })
    }

    /// Marks one of the person's own notices as read, and returns the path that it leads to. A notice that
    /// was read before keeps the time of the first reading.
    ///
    /// # Errors
    /// `AppError::NotFound` if the person has no such notice; a database error.
    pub async fn open_notice(&self, person: &Viewer, notice: Uuid) -> Result<String, Failure> {
        let now = self.clock.now();
        let found = transaction!(self.db, |tx| Ok(store::mark_read(tx, person.id, notice, now).await?))?;
        let Some((kind, tip, payment)) = found else { return Err(no_such_notice().into()) };
        Ok(leads_to(kind, tip, payment))
    }

    /// Marks as read what came up to `until`, the moment when the page was shown. What came since stays
    /// unread.
    ///
    /// # Errors
    /// A database error.
    pub async fn mark_all_read(&self, person: &Viewer, until: DateTime<Utc>) -> Result<(), Failure> {
        let now = self.clock.now();
        transaction!(self.db, |tx| Ok(store::mark_all_read(tx, person.id, until.min(now), now).await?))
    }

    /// Deletes notices that were read 90 days ago, and all that came a year ago. The scheduler calls it once
    /// an hour.
    ///
    /// # Errors
    /// A database error.
    pub async fn purge(&self) -> Result<(), Failure> {
        let now = self.clock.now();
        transaction!(self.db, |tx| {
            store::purge_read(tx, now - READ_KEPT).await?;
            Ok(store::purge_unread(tx, now - UNREAD_KEPT).await?)
        })
    }
}
