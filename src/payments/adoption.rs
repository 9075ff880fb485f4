//! Money of older versions comes under its receipts, once for each database (MONEY §6).
//!
//! Those versions booked whatever completed a payment as collected, also before any machine had named its
//! receipt, and booked nothing for receipts that fitted no payment: they stand in the facts alone. Each row's
//! own state says whether it is still to be done, so this may stop half way, and two servers may do it at
//! once.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::evidence::EventKind;
use super::store::adoption as store;
use super::{PURPOSE, subject};
use crate::ledger::{self, AccountKind, Movement, SubjectKind, Symbol, TransferKind};
use crate::mpesa::store::adoption::{self as receipts, Unbooked};
use crate::platform::clock::Clock;
use crate::platform::db::{Db, Failure, Tx, transaction};
use crate::platform::money_mode;
use crate::platform::random::Random;
use crate::types::{Kes, PaymentId};

/// The name under which a database remembers that this was done.
const FACT: &str = "receipts_adopted";
/// How many rows one transaction writes, so that it takes well below 100 ms on SQLite (MONEY §3).
const AT_ONCE: i64 = 50;

/// Whether it was done.
///
/// # Errors
/// A database error.
pub async fn is_done(db: &Db) -> Result<bool, sqlx::Error> {
    money_mode::is_done(db, FACT).await
}

/// Does what a database of an older version needs, before anything else is booked in it. After a failure the
/// next start goes on.
///
/// # Errors
/// A database error.
pub async fn adopt(db: &Db, clock: &Clock, random: &Random) -> anyhow::Result<()> {
    if is_done(db).await? {
        return Ok(());
    }
    let awaited = await_receipts(db, clock, random).await?;
    let in_suspense = place_receipts(db, clock, random).await?;
    if awaited + in_suspense > 0 {
        tracing::warn!(
            awaited,
            in_suspense,
            "money of the older version came under its receipts: look through what lies in suspense"
        );
    }
    money_mode::mark_done(db, FACT).await
}

/// Has payments that a query or an operator completed await their receipt. Returns how many.
async fn await_receipts(db: &Db, clock: &Clock, random: &Random) -> anyhow::Result<usize> {
    let (mut after, mut count) = (Uuid::nil(), 0);
    loop {
        let payments = store::unnamed(db, after, AT_ONCE).await?;
        let Some(last) = payments.last() else { return Ok(count) };
        after = last.id.0;
        let now = clock.now();
        let booked: Result<usize, Failure> = transaction!(db, |tx| {
            let mut movements = Vec::new();
            for payment in &payments {
                if store::await_receipt(tx, payment.id).await? {
                    let of = (SubjectKind::Payment, payment.id.0);
                    let amount = (Symbol::P, payment.price);
                    movements.push(movement(random, TransferKind::ReceiptAwaited, of, amount, now));
                }
            }
            ledger::book_all(tx, &movements).await?;
            Ok(movements.len())
        });
        count += booked?;
    }
}

/// Books the receipts that nothing booked into suspense. Returns how many.
///
/// They are not owed at once, as a further receipt is today: somebody may have sent the money back by hand,
/// outside the books. So those of payments that can buy nothing any more have no home, and count as told now:
/// a person has the days of suspense to look.
async fn place_receipts(db: &Db, clock: &Clock, random: &Random) -> anyhow::Result<usize> {
    let (mut after, mut count) = (Uuid::nil(), 0);
    let unbelieved = EventKind::WaitsForSecondSource.as_str();
    loop {
        let told = receipts::unbooked(db, PURPOSE, unbelieved, after, AT_ONCE).await?;
        let Some(last) = told.last() else { return Ok(count) };
        after = last.id;
        let now = clock.now();
        let booked: Result<usize, Failure> = transaction!(db, |tx| {
            let mut movements = Vec::new();
            for money in &told {
                let id = random.uuid(now);
                if place(tx, id, money, now).await? {
                    let (of, amount) = ((SubjectKind::Receipt, id), (Symbol::X, money.amount));
                    movements.push(movement(random, TransferKind::Unplaced, of, amount, now));
                }
            }
            ledger::book_all(tx, &movements).await?;
            Ok(movements.len())
        });
        count += booked?;
    }
}

/// Writes the row of a receipt into suspense. Returns false if it has one.
async fn place(tx: &mut Tx, id: Uuid, money: &Unbooked, now: DateTime<Utc>) -> Result<bool, Failure> {
    let payment = PaymentId(money.subject_id);
    let (reference, is_open) = store::home(tx, payment, money.amount, now).await?;
    let home = is_open.then_some(subject(payment));
    let is_new = receipts::insert_suspense(tx, id, (subject(payment), money), &reference, home, now).await?;
    if is_new && is_open && !store::add_suspense(tx, payment, money.amount).await? {
        return Err(Failure::Changed);
    }
    Ok(is_new)
}

fn movement(
    random: &Random,
    kind: TransferKind,
    subject: (SubjectKind, Uuid),
    amount: (Symbol, Kes),
    made_at: DateTime<Utc>,
) -> Movement {
    let first = match kind {
        TransferKind::ReceiptAwaited => AccountKind::ReceiptsAwaited,
        _ => AccountKind::MpesaCollections,
    };
    Movement { id: random.uuid(made_at), kind, first, subject, owner: None, amounts: vec![amount], made_at }
}
