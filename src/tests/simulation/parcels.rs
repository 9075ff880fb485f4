//! A purpose that exists only here: parcels. Each is handed to a courier, who tells at the parcel's own address
//! that it was delivered. It proves that `mpesa` knows no payment, no tip and no wallet: the same faults strike
//! its sends and its bodies, and a small oracle of its own judges them.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use super::faults::Fault;
use super::messages::{Answer, Meaning, Message};
use super::stage::{Stage, Stop};
use super::world::{Payers, Shared};
use crate::daraja::{DarajaError, RefusalKind};
use crate::mpesa::addresses::{new_token, token_hash};
use crate::mpesa::bodies::{Bodies, Received, Receiver};
use crate::mpesa::events::{EvidenceSource, NewEvent};
use crate::mpesa::sends::Sends;
use crate::mpesa::spool::Spool;
use crate::mpesa::store::sends::{self, OpenSend, SendCertainty};
use crate::mpesa::store::{addresses, events};
use crate::mpesa::{Purpose, Subject};
use crate::platform::clock::Clock;
use crate::platform::db::{Db, Failure, Tx, changes_one, execute, read, transaction};
use crate::platform::random::Random;

/// The table of parcels, which no database of the product has.
pub const TABLE: &str =
    "CREATE TABLE IF NOT EXISTS parcels (id UUID PRIMARY KEY, is_delivered BOOLEAN NOT NULL)";
const DELIVERED: &str = "delivered";
const AGAIN: &str = "delivered_again";

/// The engine of parcels in one process.
#[derive(Clone)]
pub struct Parcels {
    db: Db,
    clock: Clock,
    random: Random,
    pub bodies: Bodies,
    sends: Sends,
    world: Shared,
    stage: Arc<Stage>,
}

/// What the world knows of a parcel that the courier took.
pub struct Parcel {
    pub id: Uuid,
    token: String,
    /// We said that we have what the courier told of it.
    is_heard: bool,
}

/// The simulation spools nothing: it settles and stores by itself.
pub fn no_spool() -> Spool {
    Spool::new(PathBuf::from("/dev/null/spool"))
}

impl Parcels {
    pub fn new(db: Db, random: Random, world: &Shared, stage: &Arc<Stage>) -> Self {
        let clock = world.lock().clock.clone();
        Self {
            bodies: Bodies::new(db.clone(), clock.clone(), random.clone(), no_spool()),
            sends: Sends::new(clock.clone(), &random),
            world: world.clone(),
            stage: stage.clone(),
            db,
            clock,
            random,
        }
    }

    /// Hands a parcel to the courier: the intent first, then the send, then what became of it.
    pub async fn hand_over(self) {
        let (now, token) = (self.clock.now(), new_token(&self.random));
        let parcel = Subject { purpose: Self::PURPOSE, id: self.random.uuid(now) };
        let Ok(send) = self.intend(parcel, &token, self.random.uuid(now), now).await else { return };
        self.stage.stop(Stop::ParcelLeaves).await;
        let answer = if self.sends.may_leave(&send) {
            self.world.lock().take_parcel(parcel.id, &token, send.send_before)
        } else {
            Err(DarajaError::not_sent("its latest moment has passed"))
        };
        let (certainty, note) = (SendCertainty::of(&answer), self.random.uuid(self.clock.now()));
        let noted: Result<(), Failure> = transaction!(self.db, |tx| {
            if sends::close(tx, send.id, certainty, self.clock.now()).await? {
                self.note(tx, note, parcel.id, EvidenceSource::Push, certainty.as_str(), None).await?;
            }
            Ok(())
        });
        self.world.lock().note(format_args!("parcel {certainty}: {:?}", noted.is_ok()));
    }

    async fn intend(
        &self,
        parcel: Subject,
        token: &str,
        send: Uuid,
        now: DateTime<Utc>,
    ) -> Result<OpenSend, Failure> {
        const INSERT: &str = "INSERT INTO parcels (id, is_delivered) VALUES ($1, FALSE)";
        transaction!(self.db, |tx| {
            // The commit's answer was lost, and the transaction runs again.
            if let Some(own) = sends::by_id(tx, send).await? {
                return Ok(own);
            }
            execute!(tx, sqlx::query(INSERT).bind(parcel.id))?;
            addresses::insert(tx, &token_hash(token), parcel, now).await?;
            self.sends.open(tx, send, parcel, None).await
        })
    }

    async fn note(
        &self,
        tx: &mut Tx,
        id: Uuid,
        parcel: Uuid,
        source: EvidenceSource,
        kind: &'static str,
        body: Option<Uuid>,
    ) -> Result<(), Failure> {
        let (subject, at) = (Subject { purpose: Self::PURPOSE, id: parcel }, self.clock.now());
        let (code, receipt, amount, detail) = (None, None, None, None);
        let event = NewEvent { id, subject, at, source, kind, code, receipt, amount, detail, body };
        Ok(events::insert(tx, &event).await?)
    }

    /// Books what could only be stored.
    pub async fn settle_stored(&self) -> Result<usize, Failure> {
        self.bodies.settle_stored(self, 100).await
    }
}

impl Receiver for Parcels {
    type Said = ();
    const PURPOSE: Purpose = Purpose::new("parcel");

    fn read(&self, _: &[u8]) -> Self::Said {}

    async fn book(&self, tx: &mut Tx, parcel: Uuid, received: &Received<()>) -> Result<(), Failure> {
        const DELIVER: &str = "UPDATE parcels SET is_delivered = TRUE WHERE id = $1 AND NOT is_delivered";
        let is_new = changes_one!(tx, sqlx::query(DELIVER).bind(parcel))?;
        let (kind, id) = (if is_new { DELIVERED } else { AGAIN }, self.random.uuid(self.clock.now()));
        self.note(tx, id, parcel, EvidenceSource::Callback, kind, Some(received.id.0)).await
    }

    fn booked(&self, _: Uuid, _: &Received<()>) {}
}

impl Payers {
    /// The courier takes a parcel, or does not, and tells of it later.
    fn take_parcel(&mut self, id: Uuid, token: &str, send_before: DateTime<Utc>) -> Result<(), DarajaError> {
        if self.now() >= send_before {
            self.violation(format!("parcel {id} left after its latest moment"));
        }
        if self.strikes(Fault::PushRefused) {
            return Err(super::safaricom::refused(RefusalKind::Other));
        }
        if self.strikes(Fault::PushLost) {
            return Err(super::safaricom::unknown("connection reset"));
        }
        self.parcels.push(Parcel { id, token: token.to_owned(), is_heard: false });
        let parcel = self.parcels.len() - 1;
        if !self.strikes(Fault::CallbackLost) {
            self.tell_of_parcel(parcel);
            if self.strikes(Fault::CallbackDoubled) {
                self.tell_of_parcel(parcel);
            }
        }
        if self.strikes(Fault::PushAnswerLost) { Err(super::safaricom::unknown("no answer")) } else { Ok(()) }
    }

    fn tell_of_parcel(&mut self, parcel: usize) {
        let most = if self.strikes(Fault::CallbackDelayed) { 6 * 3_600_000 } else { 3_000 };
        let due = self.now() + TimeDelta::milliseconds(self.dice.between(0, most));
        self.messages.push(Message {
            due,
            token: self.parcels[parcel].token.clone(),
            body: b"it is there".to_vec(),
            meaning: Meaning::Parcel,
            prompt: parcel,
            is_from_elsewhere: false,
        });
    }

    /// We answered the courier.
    pub fn parcel_told(&mut self, message: &Message, answer: Answer) {
        self.note(format_args!("body of parcel {}: {answer:?}", message.prompt));
        match answer {
            Answer::Settled | Answer::Stored => self.parcels[message.prompt].is_heard = true,
            Answer::NotFound => self.violation(format!("parcel {} is not ours", message.prompt)),
            Answer::Failed => {}
        }
    }
}

/// What the database says of a parcel.
#[derive(FromRow)]
struct Row {
    id: Uuid,
    is_delivered: bool,
    certainty: String,
    deliveries: i64,
}

/// What is wrong with the parcels of a run that is over.
pub async fn judge(db: &Db, world: &Shared) -> Vec<String> {
    const ROWS: &str = "SELECT p.id, p.is_delivered, s.certainty, (SELECT COUNT(*) FROM mpesa_events e
            WHERE e.purpose = 'parcel' AND e.subject_id = p.id AND e.kind = 'delivered') AS deliveries
        FROM parcels p JOIN mpesa_sends s ON s.purpose = 'parcel' AND s.subject_id = p.id ORDER BY s.made_at, p.id";
    let rows: Vec<Row> = read!(db, |c| sqlx::query_as(ROWS).fetch_all(c).await).expect("parcels");
    let world = world.lock();
    let mut findings = Vec::new();
    for Row { id, is_delivered, certainty, deliveries } in rows {
        let taken = world.parcels.iter().find(|parcel| parcel.id == id);
        if deliveries != i64::from(is_delivered) {
            findings.push(format!("parcel {id} was delivered {deliveries} times"));
        }
        if taken.is_some_and(|parcel| parcel.is_heard) && !is_delivered {
            findings
                .push(format!("parcel {id} was told of, we said that we have it, and it is not delivered"));
        }
        if taken.is_none() && is_delivered {
            findings.push(format!("parcel {id} is delivered, and no courier ever had it"));
        }
        let may_be = match certainty.as_str() {
            "accepted" => taken.is_some(),
            "refused" | "not_sent" => taken.is_none(),
            _ => true,
        };
        if !may_be {
            findings.push(format!("parcel {id} is called {certainty}"));
        }
    }
    findings
}
