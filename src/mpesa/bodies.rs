//! What Safaricom posts to a secret address, whatever it is about. The raw body is kept in the transaction
//! that books what it says. If that fails or takes too long, the body alone is kept, and booked later.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::store::addresses::subject_of;
use super::store::bodies::{self as store, CallbackPath, NewBody};
use super::{Purpose, Subject};
use crate::jobs::Waiting;
use crate::platform::clock::Clock;
use crate::platform::db::{Db, Failure, Tx, transaction};
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

    /// A body about this row was booked, and the transaction is committed: whoever watches it may look.
    fn booked(&self, subject: Uuid);
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

/// What was posted to an address, and from where.
#[derive(Debug, Clone, Copy)]
pub struct Posted<'a> {
    /// The hash of the token in the address.
    pub token_hash: &'a [u8],
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
    /// It could not even be stored: Safaricom should send it again.
    Lost,
}

/// The kept bodies of every purpose.
#[derive(Clone)]
pub struct Bodies {
    db: Db,
    clock: Clock,
    random: Random,
}

impl Bodies {
    /// The bodies in this database.
    pub const fn new(db: Db, clock: Clock, random: Random) -> Self {
        Self { db, clock, random }
    }

    /// Settles what was posted, or stores it if that fails or takes too long.
    pub async fn take<R: Receiver>(&self, receiver: &R, posted: &Posted<'_>) -> Taken {
        let failure = match within(self.settle(receiver, posted)).await {
            Ok(taken) => return taken,
            Err(failure) => failure,
        };
        let purpose = R::PURPOSE.as_str();
        tracing::warn!(purpose, failure, "a callback could not be settled at once");
        within(self.store::<R>(posted)).await.unwrap_or_else(|failure| {
            tracing::error!(purpose, failure, alarm = true, "a callback could not be stored");
            Taken::Lost
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
        let known = if self.db.has_one_writer() { Some(self.subject::<R>(posted).await?) } else { None };
        let said = receiver.read(posted.body);
        let now = self.clock.now();
        let id = CallbackId(self.random.uuid(now));
        let message = Received { id, is_from_elsewhere: posted.is_from_elsewhere, said };
        let subject = transaction!(self.db, |tx| {
            let subject = match known {
                Some(subject) => subject,
                None => ours(subject_of(&mut *tx, posted.token_hash, R::PURPOSE).await?)?,
            };
            let body = NewBody { processed_at: Some(now), ..new_body::<R>(id, subject, posted, now) };
            // It is kept already only if a commit's answer was lost: then it is booked, too.
            if store::insert(tx, &body).await? {
                receiver.book(tx, subject, &message).await?;
            }
            Ok(subject)
        })?;
        receiver.booked(subject);
        Ok(())
    }

    /// Stores the raw body alone; `settle_stored` books it later.
    ///
    /// # Errors
    /// [`AppError::NotFound`] if the address is none of this purpose; a database error.
    pub async fn store<R: Receiver>(&self, posted: &Posted<'_>) -> Result<(), Failure> {
        let subject = self.subject::<R>(posted).await?;
        let now = self.clock.now();
        let body = new_body::<R>(CallbackId(self.random.uuid(now)), subject, posted, now);
        transaction!(self.db, |tx| {
            store::insert(tx, &body).await?;
            Ok(())
        })
    }

    /// Books bodies of one purpose that could only be stored when they came, the oldest first, each in its
    /// own transaction. Returns how many there were, with those that could not be booked: they are logged and
    /// tried again the next time.
    ///
    /// # Errors
    /// A database error if the stored bodies cannot be read.
    pub async fn settle_stored<R: Receiver>(&self, receiver: &R, limit: i64) -> Result<usize, Failure> {
        let stored = store::unprocessed(&self.db, R::PURPOSE, limit).await?;
        for body in &stored {
            let said = receiver.read(&body.body);
            let message = Received { id: body.id, is_from_elsewhere: body.is_from_elsewhere, said };
            let settled: Result<(), Failure> = transaction!(self.db, |tx| {
                if store::mark_processed(tx, body.id, self.clock.now()).await? {
                    receiver.book(tx, body.subject_id, &message).await?;
                }
                Ok(())
            });
            match settled {
                Ok(()) => receiver.booked(body.subject_id),
                // One body that cannot be settled must not stop the others.
                Err(failure) => {
                    let (purpose, subject) = (R::PURPOSE.as_str(), body.subject_id);
                    tracing::error!(purpose, %subject, %failure, "a stored callback could not be settled");
                }
            }
        }
        Ok(stored.len())
    }

    /// The bodies of one purpose that are stored and not booked.
    ///
    /// # Errors
    /// A database error.
    pub async fn waiting<R: Receiver>(&self, now: DateTime<Utc>) -> Result<Waiting, Failure> {
        Ok(store::waiting(&self.db, R::PURPOSE, now).await?)
    }

    /// Deletes booked bodies of every purpose that are older than 90 days, because they hold phone numbers,
    /// and returns how many. What was booked of them stays.
    ///
    /// # Errors
    /// A database error.
    pub async fn purge(&self) -> Result<u64, Failure> {
        let before = self.clock.now() - KEPT_FOR;
        transaction!(self.db, |tx| Ok(store::purge(tx, before).await?))
    }

    /// Whose address it is, without a lock.
    async fn subject<R: Receiver>(&self, posted: &Posted<'_>) -> Result<Uuid, Failure> {
        ours(subject_of(&self.db, posted.token_hash, R::PURPOSE).await?)
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
fn new_body<'a, R: Receiver>(
    id: CallbackId,
    subject: Uuid,
    posted: &Posted<'a>,
    received_at: DateTime<Utc>,
) -> NewBody<'a> {
    NewBody {
        id,
        subject: Subject { purpose: R::PURPOSE, id: subject },
        path: CallbackPath::Token,
        is_from_elsewhere: posted.is_from_elsewhere,
        body: posted.body,
        received_at,
        processed_at: None,
    }
}

fn ours(subject: Option<Uuid>) -> Result<Uuid, Failure> {
    subject.ok_or_else(|| AppError::not_found("There is no such address.").into())
}
