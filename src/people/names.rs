//! A name belongs to one tipster: nobody sells under a name that looks like somebody else's. The badge of a
//! verified tipster belongs to the name that somebody at the desk has looked at.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::People;
use super::slug::{self, HANDLES_TRIED};
use super::store::names;
use crate::audit::{self, Actor, Deed, Subject};
use crate::notices::{self, NewNotice, NoticeKind};
use crate::platform::clock::Clock;
use crate::platform::db::{Db, Failure, Tx, transaction};
use crate::platform::random::Random;
use crate::platform::viewer::Viewer;
use crate::types::name::{copied, person_name, skeleton};
use crate::types::{AppError, PersonId, words};

words! {
    name_taken {
        "Another tipster has this name, or one that looks like it. Choose another one."
        "Mtoa tips mwingine ana jina hili, au linalofanana nalo. Chagua jingine."
    }
}

/// A name that is to be written.
pub(super) struct Renamed {
    pub name: String,
    /// What it looks like; only tipsters have one.
    pub skeleton: Option<String>,
    /// Whether it has a badge, which it loses.
    pub is_doubtful: bool,
}

/// How many names are looked at in one transaction.
const BATCH: i64 = 200;

/// Compares the names of tipsters that were never compared, the oldest first; every start of the server runs
/// it. A tipster whose name looks like an older one's, or breaks a rule of today, keeps it, but has no badge
/// until somebody at the desk has looked at it. A name that waits already is not put in doubt again.
///
/// # Errors
/// A database error. The batches before it stay compared.
pub async fn compare_all(db: &Db, clock: &Clock, random: &Random) -> Result<(), Failure> {
    let mut after = (DateTime::UNIX_EPOCH, PersonId(Uuid::nil()));
    loop {
        let batch = names::unnamed(db, after, BATCH).await?;
        let Some(last) = batch.last() else { return Ok(()) };
        after = (last.created_at, last.id);
        let now = clock.now();
        let compared: Result<(), Failure> = transaction!(db, |tx| {
            let mut doubts = Vec::new();
            for tipster in &batch {
                doubts.extend(compare(tx, tipster.id, random, now).await?);
            }
            Ok(audit::record(tx, random, &doubts).await?)
        });
        compared?;
    }
}

/// Compares one name. Returns what is to be noted, if it is in doubt from now on.
async fn compare(
    tx: &mut Tx,
    tipster: PersonId,
    random: &Random,
    now: DateTime<Utc>,
) -> Result<Option<Deed<'static>>, Failure> {
    // Another server may be doing the same. Once this transaction holds the row, it sees what the other has
    // done.
    let Some(named) = names::hold(tx, tipster).await?.filter(|named| named.name_skeleton.is_none()) else {
        return Ok(None);
    };
    let skeleton = skeleton(&named.display_name);
    let is_double = skeleton.is_empty() || names::is_taken(tx, &skeleton).await?;
    if !is_double {
        // If another transaction took the name just now, the next try of this one will see it.
        names::set_skeleton(tx, tipster, &skeleton)
            .await
            .map_err(|error| if is_taken(&error) { Failure::Changed } else { error.into() })?;
    }
    let is_doubtful = is_double || person_name(&named.display_name).is_err();
    if !is_doubtful || named.name_doubted_at.is_some() {
        return Ok(None);
    }
    let reason = if is_double {
        "the name looks like another tipster's"
    } else {
        "the name could not be chosen today"
    };
    tracing::warn!(
        person.id = %tipster,
        reason,
        "a tipster's name waits for the desk: see `ligisoo users names`"
    );
    doubt_name(tx, random, Actor::Server, tipster, reason, now).await.map(Some)
}

/// Takes the badge from a name until somebody at the desk has looked at it. The tipster gets a notice if they
/// had the badge. Returns what the caller records in the audit, as the last of its transaction.
pub(super) async fn doubt_name(
    tx: &mut Tx,
    random: &Random,
    by: Actor,
    tipster: PersonId,
    reason: &'static str,
    at: DateTime<Utc>,
) -> Result<Deed<'static>, Failure> {
    let had_badge = names::doubt(tx, tipster, at).await?;
    let (subject, before) =
        (Subject::Person(tipster), Some(if had_badge { "verified" } else { "not verified" }));
    let deed = Deed { at, by, action: "name_doubted", subject, before, after: Some("not verified"), reason };
    if !had_badge {
        return Ok(deed);
    }
    let id = random.uuid(at);
    let notice = NewNotice {
        id,
        person: tipster,
        kind: NoticeKind::BadgeTaken,
        tip: None,
        payment: None,
        detail: None,
        at,
    };
    notices::insert(tx, &notice).await?;
    Ok(deed)
}

impl People {
    /// Checks a new tipster's name before anything is sent or hashed. Names are public, so the answer tells
    /// nobody anything new. The database still decides when the name is written.
    ///
    /// # Errors
    /// [`AppError::Conflict`] if a tipster has a name that looks like it; [`AppError::Busy`] or
    /// [`AppError::Internal`] if the database fails.
    pub async fn check_new_name(&self, name: &str, is_tipster: bool) -> Result<(), AppError> {
        if !is_tipster {
            return Ok(());
        }
        for look in std::iter::once(skeleton(name)).chain(copied(name)) {
            if names::is_taken_now(&self.db, &look).await.map_err(Failure::from)? {
                return Err(AppError::conflict(name_taken()));
            }
        }
        Ok(())
    }

    /// Prepares a new name: returns what the caller writes. A tipster's new name loses the badge until
    /// somebody at the desk has looked at it, which the caller sees to when it is written, and moves their page to a new address, so that no address shows a name that its page does not. Another spelling
    /// with the same skeleton is no new name. It locks the person's row.
    ///
    /// # Errors
    /// [`AppError::SignIn`] if the account is closed, [`AppError::Invalid`] if the name breaks a rule,
    /// [`AppError::Conflict`] if another tipster has a name that looks like it, [`Failure::Changed`] if no
    /// handle is free, or a database error.
    pub(super) async fn rename(&self, tx: &mut Tx, person: &Viewer, typed: &str) -> Result<Renamed, Failure> {
        let old = names::hold(tx, person.id).await?.ok_or_else(AppError::sign_in_first)?;
        if typed.trim() == old.display_name {
            return Ok(Renamed { name: old.display_name, skeleton: old.name_skeleton, is_doubtful: false });
        }
        let name = person_name(typed).map_err(AppError::invalid)?;
        if !old.is_tipster {
            return Ok(Renamed { name, skeleton: None, is_doubtful: false });
        }
        for look in copied(&name).iter().filter(|look| old.name_skeleton.as_ref() != Some(look)) {
            if names::is_taken(tx, look).await? {
                return Err(AppError::conflict(name_taken()).into());
            }
        }
        let new = skeleton(&name);
        let is_new = old.name_skeleton.as_deref() != Some(new.as_str());
        if is_new {
            self.move_page(tx, person.id, &name).await?;
        }
        Ok(Renamed { name, skeleton: Some(new), is_doubtful: is_new && old.is_verified })
    }

    /// Moves the tipster's page to the first handle of the name that is free.
    async fn move_page(&self, tx: &mut Tx, tipster: PersonId, name: &str) -> Result<(), Failure> {
        let slug = slug::slug(name);
        for taken in 0..HANDLES_TRIED {
            let moved = names::set_handle(tx, tipster, &slug::candidate(&slug, taken, &self.random)).await;
            // Another transaction may be taking the handle at this moment.
            if moved.map_err(|error| if is_taken(&error) { Failure::Changed } else { error.into() })? {
                return Ok(());
            }
        }
        Err(Failure::Changed)
    }
}

/// Whether the database refused because another tipster has the name.
fn is_taken(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(sqlx::error::DatabaseError::is_unique_violation)
}

/// Turns the database's refusal of a name that another tipster took a moment before into a sentence for the
/// user. Other errors stay as they are.
pub fn taken(error: sqlx::Error) -> Failure {
    if is_taken(&error) { AppError::conflict(name_taken()).into() } else { error.into() }
}
