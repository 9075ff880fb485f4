//! What a person is told in the app, and the tipsters they want to hear of.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::notices::NoticeKind;
use super::store::follows;
pub use super::store::follows::Followed;
use super::store::notices::{self, NoticeRow};
use super::{Accounts, Viewer, store};
use crate::platform::cursor::Before;
use crate::platform::db::{Failure, transaction};
use crate::types::{AppError, PaymentId, PersonId, TipId, words};

words! {
    notice_not_found { "There is no such notice." "Hakuna taarifa kama hiyo." }
    tipster_not_found { "There is no such tipster." "Hakuna mtoa tips kama huyo." }
    not_yourself { "You cannot follow yourself." "Huwezi kujifuata mwenyewe." }
    too_many_followed(most) {
        "You follow {most} tipsters already. Stop following one first."
        "Tayari unawafuata watoa tips {most}. Acha kumfuata mmoja kwanza."
    }
}

const PAGE: usize = 30;
/// One row more tells whether there is another page.
const FETCHED: i64 = 31;
/// How many tipsters one person can follow.
const FOLLOWED_MAX: i64 = 500;
/// How long a notice is kept after it was read.
const READ_KEPT: TimeDelta = TimeDelta::days(90);
/// How long one is kept that nobody reads.
const UNREAD_KEPT: TimeDelta = TimeDelta::days(365);

/// One thing that happened.
#[derive(Debug, Clone)]
pub struct Notice {
    pub row: NoticeRow,
    pub kind: NoticeKind,
}

/// A page of notices, newest first.
#[derive(Debug, Clone)]
pub struct Notices {
    pub list: Vec<Notice>,
    pub next: Option<String>,
    pub now: DateTime<Utc>,
}

/// A page of followed tipsters, the last followed first.
#[derive(Debug, Clone)]
pub struct Following {
    pub tipsters: Vec<Followed>,
    pub next: Option<String>,
}

impl Accounts {
    pub async fn notices(&self, person: &Viewer, after: Option<&str>) -> Result<Notices, Failure> {
        let now = self.clock.now();
        let mut rows = notices::list(&self.db, person.id, Before::read(after, now)?, FETCHED).await?;
        let next = Before::cut(&mut rows, PAGE, |row| (row.noticed_at, row.id));
        let list = rows.into_iter().filter_map(|row| NoticeKind::read(&row.kind).map(|kind| Notice { row, kind })).collect();
        Ok(Notices { list, next, now })
    }

    /// Marks one of the person's own notices as read; where it leads.
    pub async fn open_notice(&self, person: &Viewer, notice: Uuid) -> Result<String, Failure> {
        let now = self.clock.now();
        let found = transaction!(self.db, tx => Ok(notices::mark_read(tx, person.id, notice, now).await?))?;
        let Some((kind, tip, payment)) = found else { return Err(no_such_notice().into()) };
        Ok(NoticeKind::read(&kind).map_or_else(|| "/notices".to_owned(), |kind| leads_to(kind, tip, payment)))
    }

    /// Marks as read what came until a moment: what the page showed, not what came since.
    pub async fn mark_all_read(&self, person: &Viewer, until: DateTime<Utc>) -> Result<(), Failure> {
        let now = self.clock.now();
        transaction!(self.db, tx => Ok(notices::mark_all_read(tx, person.id, until.min(now), now).await?))
    }

    /// Forgets what was read long ago, and what nobody has read for longer.
    pub async fn purge_notices(&self) -> Result<(), Failure> {
        let now = self.clock.now();
        transaction!(self.db, tx => {
            notices::purge_read(tx, now - READ_KEPT).await?;
            Ok(notices::purge_unread(tx, now - UNREAD_KEPT).await?)
        })
    }

    /// Following twice, or not any more twice, is the same as once.
    pub async fn follow(&self, person: &Viewer, tipster: PersonId, wanted: bool) -> Result<(), Failure> {
        let now = self.clock.now();
        transaction!(self.db, tx => {
            if !wanted {
                return Ok(follows::delete(tx, person.id, tipster).await?);
            }
            if !follows::is_tipster(tx, tipster).await? {
                return Err(no_such_tipster().into());
            }
            if tipster == person.id {
                return Err(AppError::conflict(not_yourself()).into());
            }
            store::lock_person(tx, person.id).await?;
            if follows::count(tx, person.id).await? >= FOLLOWED_MAX {
                return Err(AppError::conflict(too_many_followed(FOLLOWED_MAX)).into());
            }
            Ok(follows::insert(tx, person.id, tipster, now).await?)
        })
    }

    pub async fn following(&self, person: &Viewer, after: Option<&str>) -> Result<Following, Failure> {
        let now = self.clock.now();
        let mut tipsters = follows::list(&self.db, person.id, now, Before::read(after, now)?, FETCHED).await?;
        let next = Before::cut(&mut tipsters, PAGE, |row| (row.since, row.tipster_id.0));
        Ok(Following { tipsters, next })
    }

    pub async fn is_following(&self, person: &Viewer, tipster: PersonId) -> Result<bool, Failure> {
        Ok(follows::is_following(&self.db, person.id, tipster).await?)
    }
}

pub fn no_such_notice() -> AppError {
    AppError::not_found(notice_not_found())
}

pub fn no_such_tipster() -> AppError {
    AppError::not_found(tipster_not_found())
}

/// The page that a notice is about.
pub fn leads_to(kind: NoticeKind, tip: Option<TipId>, payment: Option<PaymentId>) -> String {
    match (kind, tip, payment) {
        (NoticeKind::Sale, ..) => "/wallet".to_owned(),
        (NoticeKind::NewPassword | NoticeKind::BadgeTaken, ..) => "/account".to_owned(),
        (NoticeKind::Refund, _, Some(payment)) => format!("/payments/{payment}"),
        (_, Some(tip), _) => format!("/tips/{tip}"),
        _ => "/notices".to_owned(),
    }
}
