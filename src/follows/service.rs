//! The service of follows: following a tipster, and stopping to.

use super::{Following, not_yourself, store, too_many_followed};
use crate::people;
use crate::platform::clock::Clock;
use crate::platform::cursor::{Before, cut, one_more};
use crate::platform::db::{Db, Failure, transaction};
use crate::platform::viewer::Viewer;
use crate::tips::no_such_tipster;
use crate::types::{AppError, PersonId};

const PAGE: usize = 30;
/// How many tipsters one person can follow.
const FOLLOWED_MAX: i64 = 500;

/// The service of follows. A clone is cheap.
#[derive(Clone)]
pub struct Follows {
    db: Db,
    clock: Clock,
}

impl Follows {
    /// Makes the service.
    pub const fn new(db: Db, clock: Clock) -> Self {
        Self { db, clock }
    }

    /// Follows a tipster, or stops following them if `wanted` is false. Doing either twice changes nothing
    /// more. The person's row is locked while their follows are counted.
    ///
    /// # Errors
    /// When following: [`AppError::NotFound`] if there is no such tipster, [`AppError::Conflict`] if it is
    /// the person themself, or if they follow 500 others already. A database error.
    pub async fn follow(&self, person: &Viewer, tipster: PersonId, wanted: bool) -> Result<(), Failure> {
        let now = self.clock.now();
        transaction!(self.db, |tx| {
            if !wanted {
                return Ok(store::delete(tx, person.id, tipster).await?);
            }
            if !store::is_tipster(tx, tipster).await? {
                return Err(no_such_tipster().into());
            }
            if tipster == person.id {
                return Err(AppError::conflict(not_yourself()).into());
            }
            people::store::lock_person(tx, person.id).await?;
            let is_new = store::insert(tx, person.id, tipster, now).await?;
            if is_new && store::count(tx, person.id).await? > FOLLOWED_MAX {
                return Err(AppError::conflict(too_many_followed(FOLLOWED_MAX)).into());
            }
            Ok(())
        })
    }

    /// A page of 30 followed tipsters, the last followed first. `after` is a cursor; `None` is the first
    /// page.
    ///
    /// # Errors
    /// [`AppError::Invalid`] if the cursor cannot be read; a database error.
    pub async fn page(&self, person: &Viewer, after: Option<&str>) -> Result<Following, Failure> {
        let now = self.clock.now();
        let mut tipsters =
            store::list(&self.db, person.id, now, Before::read(after, now)?, one_more(PAGE)).await?;
        let next = cut(&mut tipsters, PAGE, |row| (row.since, row.tipster_id.0));
        Ok(Following { tipsters, next })
    }

    /// Whether the person follows this tipster.
    ///
    /// # Errors
    /// A database error.
    pub async fn is_following(&self, person: &Viewer, tipster: PersonId) -> Result<bool, Failure> {
        Ok(store::is_following(&self.db, person.id, tipster).await?)
    }
}
