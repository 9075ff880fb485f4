//! The ledger's rows.

pub mod closings;

use sqlx::{FromRow, QueryBuilder};
use uuid::Uuid;

use super::{AccountKind, Movement};
use crate::platform::db::{Tx, execute, on};
use crate::types::{Kes, PersonId};

/// What a tipster's account stands at: its balance, how many entries it has, and the day of the last of them.
#[derive(Debug, Clone, FromRow)]
pub struct TipsterAccount {
    pub id: Uuid,
    #[sqlx(rename = "balance_cents")]
    pub balance: Kes,
    pub seq: i64,
    pub last_day: i64,
}

/// One entry as it is written. Only a tipster's account has a balance after it, and numbers its entries.
pub struct NewEntry {
    pub transfer: Uuid,
    pub line: i64,
    pub account: Uuid,
    pub amount: Kes,
    pub balance_after: Option<Kes>,
    pub seq: Option<i64>,
}

/// Adds to a tipster's account `change`: an amount, in so many entries. The account's days do not fall, so
/// its last one becomes `day` unless it is later. Returns what the account stands at now. `None` if there
/// is no such account or its balance would be on the wrong side of zero; then nothing is written.
///
/// # Errors
/// A database error.
pub async fn change_account(
    tx: &mut Tx,
    person: PersonId,
    kind: AccountKind,
    change: (Kes, i64),
    day: i64,
) -> Result<Option<TipsterAccount>, sqlx::Error> {
    const CHANGE: &str = "UPDATE accounts SET balance_cents = balance_cents + $1, seq = seq + $2,
            last_day = CASE WHEN last_day < $3 THEN $3 ELSE last_day END
        WHERE person_id = $4 AND kind = $5
            AND (balance_cents + $1) * (CASE kind WHEN 'tipster_clawback' THEN -1 ELSE 1 END) >= 0
        RETURNING id, balance_cents, seq, last_day";
    let (amount, count) = change;
    on!(tx, |c| {
        let update = sqlx::query_as(CHANGE).bind(amount).bind(count).bind(day);
        update.bind(person).bind(kind).fetch_optional(c).await
    })
}

/// Locks a tipster's clawback and returns its balance, zero or below; `None` if there is none.
///
/// # Errors
/// A database error.
pub async fn lock_clawback(tx: &mut Tx, person: PersonId) -> Result<Option<Kes>, sqlx::Error> {
    const LOCK: &str = "UPDATE accounts SET seq = seq WHERE person_id = $1 AND kind = 'tipster_clawback'
        RETURNING balance_cents";
    on!(tx, |c| sqlx::query_scalar(LOCK).bind(person).fetch_optional(c).await)
}

/// Writes the transfers of movements on a day or, if that one is closed already, on the first open day
/// (`closing.rs`). Returns the day. `movements` must not be empty.
///
/// # Errors
/// A database error, also for a second transfer of a kind for its subject.
pub async fn insert_transfers(tx: &mut Tx, movements: &[Movement], day: i64) -> Result<i64, sqlx::Error> {
    const INSERT: &str = "INSERT INTO transfers (id, subject_kind, subject_id, kind, made_at, day) ";
    on!(tx, |c| {
        let mut insert = QueryBuilder::new(INSERT);
        insert.push_values(movements, |mut row, movement| {
            let (subject_kind, subject) = movement.subject;
            row.push_bind(movement.id).push_bind(subject_kind).push_bind(subject);
            row.push_bind(movement.kind).push_bind(movement.made_at);
            row.push("COALESCE((SELECT MAX(c.day) + 1 FROM closings c WHERE c.day >= ")
                .push_bind_unseparated(day);
            row.push_unseparated("), ").push_bind_unseparated(day).push_unseparated(")");
        });
        insert.push(" RETURNING day");
        let days: Vec<i64> = insert.build_query_scalar().fetch_all(c).await?;
        Ok(days.into_iter().fold(day, i64::max))
    })
}

/// Moves the last day of a tipster's account to that of a transfer which touches it.
///
/// # Errors
/// A database error.
pub async fn move_last_day(tx: &mut Tx, account: Uuid, day: i64) -> Result<(), sqlx::Error> {
    const MOVE: &str = "UPDATE accounts SET last_day = $2 WHERE id = $1 AND last_day < $2";
    execute!(tx, sqlx::query(MOVE).bind(account).bind(day))
}

/// Writes entries. The list must not be empty.
///
/// # Errors
/// A database error.
pub async fn insert_entries(tx: &mut Tx, entries: &[NewEntry]) -> Result<(), sqlx::Error> {
    const INSERT: &str =
        "INSERT INTO entries (transfer_id, line, account_id, amount_cents, balance_after_cents, seq) ";
    on!(tx, |c| {
        let mut insert = QueryBuilder::new(INSERT);
        insert.push_values(entries, |mut row, entry| {
            row.push_bind(entry.transfer).push_bind(entry.line).push_bind(entry.account);
            row.push_bind(entry.amount).push_bind(entry.balance_after).push_bind(entry.seq);
        });
        insert.build().execute(c).await.map(|_| ())
    })
}

/// Opens a person's three accounts (clawback, held, available) under the ids that the caller has made.
///
/// # Errors
/// A database error, also if the person has accounts.
pub async fn open_accounts(tx: &mut Tx, person: PersonId, ids: [Uuid; 3]) -> Result<(), sqlx::Error> {
    const OPEN: &str = "INSERT INTO accounts (id, kind, person_id, balance_cents, seq, last_day)
        VALUES ($1, 'tipster_clawback', $4, 0, 0, 0), ($2, 'tipster_held', $4, 0, 0, 0),
            ($3, 'tipster_available', $4, 0, 0, 0)";
    let [clawback, held, available] = ids;
    execute!(tx, sqlx::query(OPEN).bind(clawback).bind(held).bind(available).bind(person))
}
