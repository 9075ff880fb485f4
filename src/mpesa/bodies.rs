//! What Safaricom posts to a secret address, whatever it is about. The raw body is kept in the transaction
//! that books what it says. If that fails or takes too long, the body alone is kept, and booked later. If the
//! database takes nothing, it lies in the spool until it does.

use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::spool::{Spool, Spooled};
use super::store::addresses::subject_of;
use super::store::bodies::{self as store, CallbackPath, Mark, NewBody};
use super::{Purpose, Subject};
use crate::jobs::Waiting;
use crate::platform::clock::Clock;
use crate::platform::db::{Db, Failure, ReadFrom, Tx, transaction};
use crate::platform::random::Random;
use crate::types::{AppError, CallbackId};

/// Safaricom does not wait for ever: after this time the raw body alone is stored. Storing it has as long
/// again.
const SETTLE_WITHIN: Duration = Duration::from_secs(5);
/// How long a raw body is kept (MONEY §1).
const KEPT_FOR: TimeDelta = TimeDelta::days(90);

/// A purpose that is told of its rows at secret addresses.
pub trait Receiver: Send + Sync {
    /// What it finds in a body.
    type Said: Send + Sync;
    /// The purpose at whose addresses it listens.
    const PURPOSE: Purpose;

    /// Reads a body, before the transaction begins. A body that says nothing is no error: that is what was
    /// said.
    fn read(&self, body: &[u8]) -> Self::Said;

    /// Writes what the body says of a row. It may run again after it was rolled back, and a body that comes
    /// twice is booked twice: the row's own state decides what is still new.
    ///
    /// # Errors
    /// A database error; [`Failure::Changed`] if it should run again; any other makes the body wait. Never
    /// [`AppError::NotFound`], which says that the address is none of ours.
    fn book(
        &self,
        tx: &mut Tx,
        subject: Uuid,
        received: &Received<Self::Said>,
    ) -> impl Future<Output = Result<(), Failure>> + Send;

    /// What a body is kept and found by once it is booked; nothing, if the purpose has no use for it.
    fn mark<'a>(&self, _said: &'a Self::Said) -> Mark<'a> {
        Mark::default()
    }

    /// A body about this row was booked, and the transaction is committed: whoever watches it may look.
    fn booked(&self, subject: Uuid, received: &Received<Self::Said>);
}

/// A body that was read, and what its row is to remember of it.
pub struct Received<S> {
    /// The id under which the body is kept.
    pub id: CallbackId,
    /// Whether its sender's network address is none of Safaricom's.
    pub is_from_elsewhere: bool,
    /// What it says.
    pub said: S,
}

/// The address to which something was posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To {
    /// The address of a row: the hash of its token.
    Row([u8; 32]),
    /// The one address of a purpose, whose token was compared already. A body is about no row that is known
    /// yet, so it is its own subject.
    Purpose,
}

/// What was posted to an address, and from where.
#[derive(Debug, Clone, Copy)]
pub struct Posted<'a> {
    /// The id under which it is kept. It is made before, so that a body which was stored although nobody
    /// heard of it is not stored again.
    pub id: CallbackId,
    /// Where it came.
    pub to: To,
    /// The bytes.
    pub body: &'a [u8],
    /// Whether the sender's network address is none of Safaricom's.
    pub is_from_elsewhere: bool,
}

/// What became of what was posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It is booked, or stored to be booked soon.
    Kept,
    /// The address is none of ours; nothing is kept.
    NotOurs,
    /// It could not be stored: Safaricom should send it again. It lies in the spool, if that took it.
    NotStored,
}

/// The kept bodies of every purpose.
#[derive(Clone)]
pub struct Bodies {
    db: Db,
    clock: Clock,
    random: Random,
    spool: Spool,
}

impl Bodies {
    /// The bodies in this database, and those that it could not take in this spool.
    pub const fn new(db: Db, clock: Clock, random: Random, spool: Spool) -> Self {
        Self { db, clock, random, spool }
    }

    /// The same spool, beside another database or clock.
    #[cfg(test)]
    pub fn on(&self, db: Db, clock: Clock) -> Self {
        Self { db, clock, ..self.clone() }
    }

    /// The id of a body that has just come.
    pub fn new_id(&self) -> CallbackId {
        CallbackId(self.random.uuid(self.clock.now()))
    }

    /// Settles what was posted, or stores it if that fails or takes too long. What cannot be stored either is
    /// spooled.
    pub async fn take<R: Receiver>(&self, receiver: &R, posted: &Posted<'_>) -> Taken {
        let failure = match within(self.settle(receiver, posted)).await {
            Ok(taken) => return taken,
            Err(failure) => failure,
        };
        let purpose = R::PURPOSE.as_str();
        tracing::warn!(purpose, failure, "a callback could not be settled at once");
        match within(self.store::<R>(posted)).await {
            Ok(taken) => taken,
            Err(failure) => {
                tracing::error!(purpose, failure, alarm = true, "a callback could not be stored");
                self.set_aside::<R>(posted).await;
                Taken::NotStored
            }
        }
    }

    /// Writes what could not be stored into the spool.
    async fn set_aside<R: Receiver>(&self, posted: &Posted<'_>) {
        let token_hash = match posted.to {
            To::Row(hash) => Some(hash),
            To::Purpose => None,
        };
        let spooled = Spooled {
            id: posted.id,
            purpose: R::PURPOSE.as_str().to_owned(),
            token_hash,
            is_from_elsewhere: posted.is_from_elsewhere,
            received_at: self.clock.now(),
            body: posted.body.to_vec(),
        };
        if let Err(error) = self.spool.keep(spooled).await {
            let error = format!("{error:#}");
            tracing::error!(body = %posted.id, error, alarm = true, "a callback is lost: it is not spooled");
        }
    }

    /// Stores what lies in the spool, to be booked like all that could only be stored, and returns how much
    /// that was. It is safe beside another process's: each body has the id that was made when it came. What
    /// cannot be read, or is for none of these purposes, is left under another name.
    ///
    /// # Errors
    /// An error if the folder cannot be read or the database takes nothing: the rest waits for the next time.
    pub async fn drain(&self, purposes: &[Purpose]) -> anyhow::Result<usize> {
        let mut stored = 0;
        for file in self.spool.files().await? {
            let read = self.spool.read(&file).await.and_then(|spooled| {
                let known = purposes.iter().find(|purpose| purpose.as_str() == spooled.purpose);
                let purpose = *known.with_context(|| format!("no purpose {:?}", spooled.purpose))?;
                Ok((spooled, purpose))
            });
            match read {
                Ok((spooled, purpose)) => {
                    self.store_spooled(&spooled, purpose).await?;
                    self.spool.remove(&file).await?;
                    stored += 1;
                }
                // Another process has stored it meanwhile.
                Err(_) if !file.exists() => {}
                // The disk may be well again the next time.
                Err(error) if error.is::<std::io::Error>() => {
                    let (path, error) = (file.display(), format!("{error:#}"));
                    tracing::error!(%path, error, alarm = true, "a spooled callback could not be read now");
                }
                Err(error) => {
                    let (path, error) = (file.display(), format!("{error:#}"));
                    tracing::error!(%path, error, alarm = true, "a spooled callback cannot be read");
                    self.spool.set_bad_aside(&file).await?;
                }
            }
        }
        Ok(stored)
    }

    /// Stores one spooled body, unless its address is none of ours.
    async fn store_spooled(&self, spooled: &Spooled, purpose: Purpose) -> Result<(), Failure> {
        let id = match spooled.token_hash {
            None => Some(spooled.id.0),
            Some(hash) => subject_of(&self.db, &hash, purpose).await?,
        };
        let Some(id) = id else {
            tracing::warn!(body = %spooled.id, "a spooled callback came to no address of ours");
            return Ok(());
        };
        let body = NewBody {
            id: spooled.id,
            subject: Subject { purpose, id },
            path: CallbackPath::Token,
            is_from_elsewhere: spooled.is_from_elsewhere,
            body: &spooled.body,
            received_at: spooled.received_at,
            processed_at: None,
            mark: Mark::default(),
        };
        transaction!(self.db, |tx| {
            store::insert(tx, &body).await?;
            Ok(())
        })
    }

    /// Stores and books one body in one transaction, then tells whoever watches.
    ///
    /// # Errors
    /// [`AppError::NotFound`] if the address is none of this purpose; [`Failure::Changed`] if other processes
    /// kept changing the row; a database error. Nothing is kept then.
    pub async fn settle<R: Receiver>(&self, receiver: &R, posted: &Posted<'_>) -> Result<(), Failure> {
        // SQLite's one writer must not wait for a stranger's token, so that one is looked up without a lock
        // first. On PostgreSQL the transaction takes no lock for it.
        let known = if self.db.has_one_writer() { Some(subject::<R>(&self.db, posted).await?) } else { None };
        let said = receiver.read(posted.body);
        let now = self.clock.now();
        let message = Received { id: posted.id, is_from_elsewhere: posted.is_from_elsewhere, said };
        let mark = receiver.mark(&message.said);
        let subject = transaction!(self.db, |tx| {
            let subject = match known {
                Some(subject) => subject,
                None => subject::<R>(&mut *tx, posted).await?,
            };
            let body = NewBody { processed_at: Some(now), mark, ..new_body::<R>(subject, posted, now) };
            // It is kept already only if a commit's answer was lost: then it is booked, too.
            if store::insert(tx, &body).await? {
                receiver.book(tx, subject, &message).await?;
            }
            Ok(subject)
        })?;
        receiver.booked(subject, &message);
        Ok(())
    }

    /// Stores the raw body alone; `settle_stored` books it later.
    ///
    /// # Errors
    /// [`AppError::NotFound`] if the address is none of this purpose; a database error.
    pub async fn store<R: Receiver>(&self, posted: &Posted<'_>) -> Result<(), Failure> {
        let subject = subject::<R>(&self.db, posted).await?;
        let body = new_body::<R>(subject, posted, self.clock.now());
        transaction!(self.db, |tx| {
            store::insert(tx, &body).await?;
            Ok(())
        })
    }

    /// Books bodies of one purpose that could only be stored when they came, the oldest first, each in its
    /// own transaction. Returns how many there were, with those that could not be booked: they are logged and
    /// tried again, but after those that failed less often.
    ///
    /// # Errors
    /// A database error if the stored bodies cannot be read.
    pub async fn settle_stored<R: Receiver>(&self, receiver: &R, limit: i64) -> Result<usize, Failure> {
        let stored = store::unprocessed(&self.db, R::PURPOSE, limit).await?;
        for body in &stored {
            let said = receiver.read(&body.body);
            let message = Received { id: body.id, is_from_elsewhere: body.is_from_elsewhere, said };
            let mark = receiver.mark(&message.said);
            let settled: Result<(), Failure> = transaction!(self.db, |tx| {
                if store::mark_processed(tx, body.id, self.clock.now(), mark).await? {
                    receiver.book(tx, body.subject_id, &message).await?;
                }
                Ok(())
            });
            match settled {
                Ok(()) => receiver.booked(body.subject_id, &message),
                // One body that cannot be settled must not stop the others.
                Err(failure) => {
                    let (purpose, subject) = (R::PURPOSE.as_str(), body.subject_id);
                    tracing::error!(purpose, %subject, %failure, "a stored callback could not be settled");
                    self.count_try(body.id).await?;
                }
            }
        }
        Ok(stored.len())
    }

    async fn count_try(&self, body: CallbackId) -> Result<(), Failure> {
        transaction!(self.db, |tx| Ok(store::count_try(tx, body).await?))
    }

    /// The bodies of one purpose that are stored and not booked.
    ///
    /// # Errors
    /// A database error.
    pub async fn waiting<R: Receiver>(&self, now: DateTime<Utc>) -> Result<Waiting, Failure> {
        Ok(store::waiting(&self.db, R::PURPOSE, now).await?)
    }

    /// Deletes booked bodies of every purpose that are older than 90 days, because they hold phone numbers,
    /// and returns how many. What was booked of them stays, and so do bodies that nobody could place: those
    /// that could not be read, and those whose money lies in suspense.
    ///
    /// # Errors
    /// A database error.
    pub async fn purge(&self) -> Result<u64, Failure> {
        let before = self.clock.now() - KEPT_FOR;
        transaction!(self.db, |tx| Ok(store::purge(tx, before).await?))
    }
}

/// What a body is about: the row whose address it came to.
async fn subject<'a, R: Receiver>(
    from: impl Into<ReadFrom<'a>>,
    posted: &Posted<'_>,
) -> Result<Uuid, Failure> {
    match posted.to {
        To::Purpose => Ok(posted.id.0),
        To::Row(hash) => subject_of(from, &hash, R::PURPOSE)
            .await?
            .ok_or_else(|| AppError::not_found("There is no such address.").into()),
    }
}

/// Gives some work its time; why it failed, if it did.
async fn within(work: impl Future<Output = Result<(), Failure>>) -> Result<Taken, String> {
    match tokio::time::timeout(SETTLE_WITHIN, work).await {
        Ok(Ok(())) => Ok(Taken::Kept),
        Ok(Err(Failure::App(AppError::NotFound(_)))) => Ok(Taken::NotOurs),
        Ok(Err(failure)) => Err(failure.to_string()),
        Err(_) => Err("it took too long".to_owned()),
    }
}

/// The row of a body that is not booked yet.
fn new_body<'a, R: Receiver>(subject: Uuid, posted: &Posted<'a>, received_at: DateTime<Utc>) -> NewBody<'a> {
    NewBody {
        id: posted.id,
        subject: Subject { purpose: R::PURPOSE, id: subject },
        path: CallbackPath::Token,
        is_from_elsewhere: posted.is_from_elsewhere,
        body: posted.body,
        received_at,
        processed_at: None,
        mark: Mark::default(),
    }
}
