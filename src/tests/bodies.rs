//! Addresses and kept bodies of a purpose that nobody but this test knows.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use uuid::Uuid;

use super::harness::{TestApp, both};
use crate::mpesa::addresses::{new_token, token_hash};
use crate::mpesa::bodies::{Bodies, Posted, Received, Receiver, Taken, To};
use crate::mpesa::spool::Spool;
use crate::mpesa::store::addresses;
use crate::mpesa::store::bodies::Mark;
use crate::mpesa::{Purpose, Subject};
use crate::payments;
use crate::platform::db::{Failure, Tx, execute, transaction};
use crate::platform::random::Random;
use crate::types::{AppError, TipId};

const OURS: Purpose = Purpose::new("weather");
/// A body that can never be booked.
const HOPELESS: &str = "hail upwards";
/// A body that says nothing.
const ILLEGIBLE: &str = "…";
const WAITING: &str = "SELECT COUNT(*) FROM callbacks WHERE processed_at IS NULL";

/// Takes down what it is told, unless it is closed.
#[derive(Default)]
struct Station {
    is_closed: AtomicBool,
    heard: Mutex<Vec<(Uuid, String)>>,
    watchers: Mutex<Vec<Uuid>>,
}

impl Receiver for Station {
    type Said = String;
    const PURPOSE: Purpose = OURS;

    fn read(&self, body: &[u8]) -> String {
        String::from_utf8_lossy(body).into_owned()
    }

    async fn book(&self, _: &mut Tx, subject: Uuid, received: &Received<String>) -> Result<(), Failure> {
        if self.is_closed.load(Ordering::SeqCst) || received.said == HOPELESS {
            return Err(AppError::Busy.into());
        }
        self.heard.lock().expect("a list").push((subject, received.said.clone()));
        Ok(())
    }

    fn mark<'a>(&self, said: &'a String) -> Mark<'a> {
        Mark { receipt: Some(said), is_unreadable: said == ILLEGIBLE }
    }

    fn booked(&self, subject: Uuid, _: &Received<String>) {
        self.watchers.lock().expect("a list").push(subject);
    }
}

impl Station {
    fn heard(&self) -> Vec<(Uuid, String)> {
        self.heard.lock().expect("a list").clone()
    }

    fn watchers(&self) -> Vec<Uuid> {
        self.watchers.lock().expect("a list").clone()
    }
}

/// A new address of a row; the hash of its token.
async fn address(app: &TestApp, purpose: Purpose, id: Uuid) -> [u8; 32] {
    let hash = token_hash(&new_token(&Random::System));
    let now = app.clock.now();
    let written: Result<(), Failure> =
        transaction!(app.db, |tx| Ok(addresses::insert(tx, &hash, Subject { purpose, id }, now).await?));
    written.expect("an address");
    hash
}

async fn post(app: &TestApp, station: &Station, token_hash: &[u8; 32], body: &str) -> Taken {
    // Each comes later than the one before.
    app.advance(1);
    let bodies = bodies(app);
    let (id, to) = (bodies.new_id(), To::Row(*token_hash));
    bodies.take(station, &Posted { id, to, body: body.as_bytes(), is_from_elsewhere: false }).await
}

fn bodies(app: &TestApp) -> Bodies {
    let spool = Spool::new(app.folder().join("spool-of-weather"));
    Bodies::new(app.db.clone(), app.clock.clone(), Random::System, spool)
}

both! {
    async fn a_row_is_told_at_each_of_its_addresses(app: TestApp) {
        let (station, row) = (Station::default(), Uuid::from_u128(7));
        let (one, other) = (address(&app, OURS, row).await, address(&app, OURS, row).await);
        let of_a_payment = address(&app, payments::PURPOSE, row).await;
        assert_eq!(post(&app, &station, &one, "rain").await, Taken::Kept);
        assert_eq!(post(&app, &station, &other, "sun").await, Taken::Kept);
        for stranger in [of_a_payment, token_hash("of nobody")] {
            assert_eq!(post(&app, &station, &stranger, "snow").await, Taken::NotOurs);
        }
        assert_eq!(station.heard(), [(row, "rain".to_owned()), (row, "sun".to_owned())]);
        assert_eq!(station.watchers(), [row, row]);
        assert_eq!((app.count("SELECT COUNT(*) FROM callbacks").await, app.count(WAITING).await), (2, 0));
    }

    async fn a_body_that_cannot_be_booked_waits_and_keeps_no_other_waiting(app: TestApp) {
        let (station, rows) = (Station::default(), [7, 8, 9].map(Uuid::from_u128));
        station.is_closed.store(true, Ordering::SeqCst);
        for (row, body) in rows.iter().zip([HOPELESS, "rain", "sun"]) {
            let address = address(&app, OURS, *row).await;
            assert_eq!(post(&app, &station, &address, body).await, Taken::Kept, "{body}");
        }
        assert_eq!((station.heard(), app.count(WAITING).await), (Vec::new(), 3));
        station.is_closed.store(false, Ordering::SeqCst);
        let payments = &app.running.state.payments;
        assert_eq!(payments.bodies.settle_stored(payments, 100).await.expect("a round"), 0, "of no payment");
        assert_eq!(bodies(&app).settle_stored(&station, 100).await.expect("a round"), 3);
        assert_eq!(bodies(&app).settle_stored(&station, 100).await.expect("a round"), 1, "the hopeless one");
        let heard = [(rows[1], "rain".to_owned()), (rows[2], "sun".to_owned())];
        assert_eq!(station.heard(), heard, "the oldest first, once");
        assert_eq!(station.watchers(), rows[1..]);
        app.advance(91 * 24 * 3600);
        assert_eq!(bodies(&app).purge().await.expect("a round"), 2);
        assert_eq!(app.count(WAITING).await, 1, "what is not booked is not forgotten");
    }
    async fn a_hundred_that_cannot_be_booked_keep_no_later_one_waiting(app: TestApp) {
        let (station, row) = (Station::default(), Uuid::from_u128(7));
        station.is_closed.store(true, Ordering::SeqCst);
        let address = address(&app, OURS, row).await;
        for _ in 0..5 {
            assert_eq!(post(&app, &station, &address, HOPELESS).await, Taken::Kept);
        }
        assert_eq!(post(&app, &station, &address, "rain").await, Taken::Kept);
        station.is_closed.store(false, Ordering::SeqCst);
        for round in 0..3 {
            assert_eq!(bodies(&app).settle_stored(&station, 5).await.expect("a round"), 5, "{round}");
        }
        assert_eq!(station.heard(), [(row, "rain".to_owned())], "five at once, and it was the sixth");
        assert_eq!(app.count(WAITING).await, 5);
    }

    async fn what_nobody_could_place_is_not_forgotten(app: TestApp) {
        const SUSPENSE: &str = "INSERT INTO money_in (receipt, id, amount_cents, reference, payer, told_at, named_at, state)
            VALUES ('storm', $1, 5000, '', '', $2, $2, 'suspense')";
        let (station, row) = (Station::default(), Uuid::from_u128(7));
        let (id, now) = (Uuid::from_u128(8), app.clock.now());
        let told: Result<(), Failure> =
            transaction!(app.db, |tx| Ok(execute!(tx, sqlx::query(SUSPENSE).bind(id).bind(now))?));
        told.expect("a row");
        let address = address(&app, OURS, row).await;
        for body in ["rain", "storm", ILLEGIBLE] {
            assert_eq!(post(&app, &station, &address, body).await, Taken::Kept);
        }
        app.advance(91 * 24 * 3600);
        assert_eq!(bodies(&app).purge().await.expect("a round"), 1, "the rain");
        app.execute("UPDATE money_in SET state = 'owed' WHERE $1 > 0", TipId(1)).await;
        assert_eq!(bodies(&app).purge().await.expect("a round"), 1, "the storm is placed");
    }
}
