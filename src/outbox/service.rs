//! The outbox: writing messages, and the work of sending them.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::sms::{NotSent, SmsPort, WITHIN};
use super::store::{self, DeadMessage, DueMessage};
use super::{MessageState, MessageText, NewMessage};
use crate::jobs::retry::Backoff;
use crate::jobs::{Waiting, Work};
use crate::platform::clock::Clock;
use crate::platform::db::{Db, Failure, Tx, transaction};
use crate::platform::lease::Held;
use crate::platform::secret_key::SecretKey;
use crate::types::AppError;

/// How many messages a round takes, and how many of them are on their way at once.
const IN_A_ROUND: i64 = 40;
const AT_ONCE: usize = 8;
/// A message that was not taken by then is dead.
const ATTEMPTS: i64 = 10;
/// When a message that was not taken is tried again.
const TRIED_AGAIN: Backoff = Backoff { first: TimeDelta::seconds(2), longest: TimeDelta::seconds(60) };
/// How long after it was taken a message is due again, if its process died meanwhile: longer than a gateway
/// may take.
const LOST_AFTER: TimeDelta = TimeDelta::seconds(2 * WITHIN.as_secs().cast_signed());
/// How long a message is kept after it ended.
const KEPT: TimeDelta = TimeDelta::days(2);
/// How many dead messages are listed.
const LISTED: i64 = 100;

/// The outbox. Clones share what carries messages, and the bell that tells of new ones.
#[derive(Clone)]
pub struct Outbox {
    db: Db,
    clock: Clock,
    secret_key: SecretKey,
    sms: SmsPort,
    bell: Arc<Notify>,
}

impl Outbox {
    /// The outbox of this database.
    pub fn new(db: Db, clock: Clock, secret_key: SecretKey, sms: SmsPort) -> Self {
        Self { db, clock, secret_key, sms, bell: Arc::default() }
    }

    /// Whether this process can send anything.
    pub const fn can_send(&self) -> bool {
        self.sms.is_some()
    }

    /// Writes a message in the transaction of what it tells. After the commit, `ring` has it sent at once.
    ///
    /// # Errors
    /// A database error.
    pub async fn put(&self, tx: &mut Tx, message: &NewMessage<'_>) -> Result<(), Failure> {
        let values = serde_json::to_string(&message.values).map_err(|_| AppError::Internal)?;
        Ok(store::insert(tx, message, &values).await?)
    }

    /// Tells this process's scheduler that there is a message. Others find it within a second.
    pub fn ring(&self) {
        self.bell.notify_one();
    }

    /// The dead messages, the newest hundred.
    ///
    /// # Errors
    /// A database error.
    pub async fn dead(&self) -> Result<Vec<DeadMessage>, Failure> {
        Ok(store::dead(&self.db, LISTED).await?)
    }

    /// Deletes messages that ended two days ago. The scheduler calls it once an hour.
    ///
    /// # Errors
    /// A database error.
    pub async fn purge(&self) -> Result<u64, Failure> {
        let before = self.clock.now() - KEPT;
        transaction!(self.db, |tx| Ok(store::purge(tx, before).await?))
    }

    /// Sends one message, or ends it if its time is over; whether a gateway took it. An attempt is counted
    /// before it is made, so that a process that dies at it makes no endless ones.
    async fn deliver(&self, message: DueMessage) -> Result<bool, Failure> {
        let now = self.clock.now();
        if message.expires_at <= now {
            self.end(&message, message.attempts, MessageState::Expired, None).await?;
            return Ok(false);
        }
        let Some(sms) = &self.sms else { return Ok(false) };
        if !transaction!(self.db, |tx| Ok(store::take(tx, &message, now + LOST_AFTER).await?))? {
            return Ok(false);
        }
        let attempt = message.attempts + 1;
        let sent = match self.words(&message) {
            Some(words) => sms.send(&message.recipient, &words).await,
            // A server of a newer version, which wrote it, may send it yet.
            None => Err(NotSent::ForNow("this version has no such text".to_owned())),
        };
        match sent {
            Ok(()) => {
                self.end(&message, attempt, MessageState::Sent, None).await?;
                return Ok(true);
            }
            Err(NotSent::ForNow(why)) if attempt < ATTEMPTS => {
                tracing::warn!(id = %message.id, attempt, why, "a message could not be sent yet");
                let at = (self.clock.now() + TRIED_AGAIN.after(attempt)).min(message.expires_at);
                transaction!(self.db, |tx| Ok(store::put_off(tx, message.id, attempt, at, &why).await?))?;
            }
            Err(NotSent::ForNow(why) | NotSent::ForGood(why)) => {
                tracing::error!(id = %message.id, attempt, why, alarm = true, "a message was given up");
                self.end(&message, attempt, MessageState::Dead, Some(&why)).await?;
            }
        }
        Ok(false)
    }

    /// The text in the language of its reader; `None` if the row says something that we do not know.
    fn words(&self, message: &DueMessage) -> Option<String> {
        let values = serde_json::from_str(&message.text_values).ok()?;
        let text = MessageText::read(&message.text)?.text(values, &self.secret_key);
        Some(text.as_str(message.language).to_owned())
    }

    async fn end(
        &self,
        message: &DueMessage,
        attempts: i64,
        state: MessageState,
        error: Option<&str>,
    ) -> Result<bool, Failure> {
        let (id, now) = (message.id, self.clock.now());
        transaction!(self.db, |tx| Ok(store::end(tx, id, attempts, state, now, error).await?))
    }
}

/// Sending is safe beside another process's: a message is taken by compare-and-set on its attempts, and one
/// that two processes send all the same is harmless.
#[async_trait]
impl Work for Outbox {
    fn kind(&self) -> &'static str {
        "messages"
    }

    fn every(&self) -> Duration {
        Duration::from_secs(1)
    }

    /// Sends what is due, eight at once; how many were taken.
    async fn round(&self, _held: Held) -> Result<usize, Failure> {
        let mut due = store::due(&self.db, self.clock.now(), IN_A_ROUND).await?.into_iter();
        let (mut sent, mut running) = (0, JoinSet::new());
        loop {
            while running.len() < AT_ONCE
                && let Some(message) = due.next()
            {
                let outbox = self.clone();
                running.spawn(async move { outbox.deliver(message).await });
            }
            let Some(done) = running.join_next().await else { return Ok(sent) };
            match done {
                Ok(Ok(is_sent)) => sent += usize::from(is_sent),
                Ok(Err(failure)) => tracing::error!(%failure, "what became of a message could not be noted"),
                Err(error) => tracing::error!(%error, "the sending of a message panicked"),
            }
        }
    }

    async fn waiting(&self, now: DateTime<Utc>) -> Result<Waiting, Failure> {
        Ok(store::waiting(&self.db, now).await?)
    }

    async fn called(&self) {
        self.bell.notified().await;
    }
}
