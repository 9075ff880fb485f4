//! Sends: each request that moves money is a row before it leaves, with what is known of its fate and the
//! latest moment at which it may leave (MONEY §1).
//!
//! A process may be paused between the commit of its intent and its request, for as long as its machine
//! likes. Without a latest moment it would go on then with what everybody else has given up.

use std::sync::Arc;

use chrono::TimeDelta;
use uuid::Uuid;

use super::Subject;
use super::store::sends::{self as store, NewSend, OpenSend, SendCertainty};
use crate::daraja::{Certainty, DarajaError};
use crate::platform::clock::Clock;
use crate::platform::database_clock::database_now;
use crate::platform::db::{Failure, Tx};
use crate::platform::lease::Held;
use crate::platform::random::{Random, hex};

/// A request leaves within this time from its intent, or never.
const LEAVES_WITHIN: TimeDelta = TimeDelta::seconds(20);

impl SendCertainty {
    /// What Safaricom's answer makes certain, or that there was none.
    pub const fn of<T>(answer: &Result<T, DarajaError>) -> Self {
        match answer {
            Ok(_) => Self::Accepted,
            Err(error) => match error.certainty() {
                Certainty::NotSent => Self::NotSent,
                Certainty::Refused => Self::Refused,
                Certainty::Unknown => Self::Unknown,
            },
        }
    }
}

/// The sends of this process. Clones are the same process.
#[derive(Clone)]
pub struct Sends {
    clock: Clock,
    server: Arc<str>,
}

impl Sends {
    /// A process that sends, under a random name.
    pub fn new(clock: Clock, random: &Random) -> Self {
        Self { clock, server: hex(&random.bytes::<8>()).into() }
    }

    /// Opens the next send of a subject, in the transaction of its intent. `id` is made before, so that a
    /// transaction that runs again finds what it wrote.
    ///
    /// # Errors
    /// [`Failure::Changed`] if another send of the subject was opened at the same time, or if the lease that
    /// it is sent under was taken over; a database error.
    pub async fn open(
        &self,
        tx: &mut Tx,
        id: Uuid,
        subject: Subject,
        held: Option<Held>,
    ) -> Result<OpenSend, Failure> {
        if let Some(held) = held
            && !held.lock(tx).await?
        {
            return Err(Failure::Changed);
        }
        let made_at = database_now(tx, &self.clock).await?;
        let send_before = made_at + LEAVES_WITHIN;
        let new = NewSend { id, subject, server: &self.server, held, made_at, send_before };
        if !store::insert(tx, &new).await? {
            return Err(Failure::Changed);
        }
        Ok(OpenSend { id, send_before })
    }

    /// Whether a send may leave now; asked right before it does. With a clock in doubt none may.
    pub fn may_leave(&self, send: &OpenSend) -> bool {
        self.clock.is_surely_before(send.send_before)
    }
}
