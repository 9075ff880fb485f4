//! What a person reads of their notices, and what of it is forgotten.

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
/// How long one is kept that nobody reads.
const UNREAD_KEPT: TimeDelta = TimeDelta::days(365);

/// The notices of all people.
#[derive(Clone)]
pub struct Notices {
    db: Db,
    clock: Clock,
}

impl Notices {
    pub const fn new(db: Db, clock: Clock) -> Self {
        Self { db, clock }
    }

    pub async fn page(&self, person: &Viewer, after: Option<&str>) -> Result<NoticePage, Failure> {
        let now = self.clock.now();
        let mut list = store::list(&self.db, person.id, Before::read(after, now)?, one_more(PAGE)).await?;
        let next = cut(&mut list, PAGE, |row| (row.noticed_at, row.id));
        Ok(NoticePage { list, next, now })
    }

    /// Marks one of the person's own notices as read; where it leads.
    pub async fn open_notice(&self, person: &Viewer, notice: Uuid) -> Result<String, Failure> {
        let now = self.clock.now();
        let found = transaction!(self.db, |tx| Ok(store::mark_read(tx, person.id, notice, now).await?))?;
        let Some((kind, tip, payment)) = found else { return Err(no_such_notice().into()) };
        Ok(leads_to(kind, tip, payment))
    }

    /// Marks as read what came until a moment: what the page showed, not what came since.
    pub async fn mark_all_read(&self, person: &Viewer, until: DateTime<Utc>) -> Result<(), Failure> {
        let now = self.clock.now();
        transaction!(self.db, |tx| Ok(store::mark_all_read(tx, person.id, until.min(now), now).await?))
    }

    /// Forgets what was read long ago, and what nobody has read for longer.
    pub async fn purge(&self) -> Result<(), Failure> {
        let now = self.clock.now();
        transaction!(self.db, |tx| {
            store::purge_read(tx, now - READ_KEPT).await?;
            Ok(store::purge_unread(tx, now - UNREAD_KEPT).await?)
        })
    }
}
