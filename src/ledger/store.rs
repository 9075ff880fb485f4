//! The ledger's rows.

pub mod closings;

use sqlx::QueryBuilder;
use uuid::Uuid;

use super::{AccountKind, Transfer};
use crate::platform::clock::kenyan_day;
use crate::platform::db::{Tx, execute, on};
use crate::types::{Kes, PersonId};

/// One entry as it is written. Only an account with a running balance, a tipster's, has a balance after it.
pub struct EntryLine {
    pub account: Uuid,
    pub amount: Kes,
    pub balance_after: Option<Kes>,
}

/// Writes the transfer on the Kenyan day on which it was made, or on the first open day if that one is closed
/// already (`closing.rs`).
///
/// # Errors
/// A database error, also for a second transfer of this kind for the payment.
pub async fn insert_transfer(tx: &mut Tx, transfer: &Transfer) -> Result<(), sqlx::Error> {
    const INSERT: &str = "INSERT INTO transfers (id, kind, payment_id, made_at, day)
        VALUES ($1, $2, $3, $4, COALESCE((SELECT MAX(c.day) + 1 FROM closings c WHERE c.day >= $5), $5))";
    execute!(tx, {
        let insert = sqlx::query(INSERT)
            .bind(transfer.id)
            .bind(transfer.kind)
            .bind(transfer.payment)
            .bind(transfer.made_at);
        insert.bind(kenyan_day(transfer.made_at))
    })
}

/// Writes the entries of a transfer, numbered from 1 in the order in which they are given.
///
/// # Errors
/// A database error.
pub async fn insert_entries(tx: &mut Tx, transfer: Uuid, lines: &[EntryLine]) -> Result<(), sqlx::Error> {
    const INSERT: &str =
        "INSERT INTO entries (transfer_id, line, account_id, amount_cents, balance_after_cents) ";
    on!(tx, |c| {
        let mut insert = QueryBuilder::new(INSERT);
        insert.push_values(lines.iter().zip(1_i64..), |mut row, (line, number)| {
            row.push_bind(transfer)
                .push_bind(number)
                .push_bind(line.account)
                .push_bind(line.amount)
                .push_bind(line.balance_after);
        });
        insert.build().execute(c).await.map(|_| ())
    })
}

/// Adds to the running balance of a person's account, and returns the account's id and its new balance.
/// `None` if there is no such account or its balance would fall below zero; then nothing is written.
///
/// # Errors
/// A database error.
pub async fn change_balance(
    tx: &mut Tx,
    person: PersonId,
    kind: AccountKind,
    amount: Kes,
) -> Result<Option<(Uuid, Kes)>, sqlx::Error> {
    const CHANGE: &str = "UPDATE accounts SET balance_cents = balance_cents + $1
        WHERE person_id = $2 AND kind = $3 AND balance_cents + $1 >= 0 RETURNING id, balance_cents";
    on!(tx, |c| sqlx::query_as(CHANGE).bind(amount).bind(person).bind(kind).fetch_optional(c).await)
}

/// Opens a person's two accounts under the ids that the caller has made.
///
/// # Errors
/// A database error, also if the person has accounts.
pub async fn open_accounts(
    tx: &mut Tx,
    person: PersonId,
    held: Uuid,
    available: Uuid,
) -> Result<(), sqlx::Error> {
    const OPEN: &str = "INSERT INTO accounts (id, kind, person_id, balance_cents) \
        VALUES ($1, 'tipster_held', $3, 0), ($2, 'tipster_available', $3, 0)";
    execute!(tx, sqlx::query(OPEN).bind(held).bind(available).bind(person))
}
