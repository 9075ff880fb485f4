//! The rows of many transfers in a few statements.

use sqlx::QueryBuilder;

use crate::ledger::Transfer;
use crate::ledger::store::EntryLine;
use crate::platform::clock::kenyan_day;
use crate::platform::db::{Tx, on};

/// Writes transfers, each on the day in Nairobi when it was made or, if that day is closed, on the first open
/// one, as `insert_transfer` does. `transfers` must not be empty.
///
/// # Errors
/// A database error.
pub async fn insert_transfers(tx: &mut Tx, transfers: &[Transfer]) -> Result<(), sqlx::Error> {
    on!(tx, |c| {
        let mut insert = QueryBuilder::new("INSERT INTO transfers (id, kind, payment_id, made_at, day) ");
        insert.push_values(transfers, |mut row, transfer| {
            let day = kenyan_day(transfer.made_at);
            row.push_bind(transfer.id)
                .push_bind(transfer.kind)
                .push_bind(transfer.payment)
                .push_bind(transfer.made_at);
            row.push("COALESCE((SELECT MAX(c.day) + 1 FROM closings c WHERE c.day >= ")
                .push_bind_unseparated(day);
            row.push_unseparated("), ").push_bind_unseparated(day).push_unseparated(")");
        });
        insert.build().execute(c).await.map(|_| ())
    })
}

/// Writes the entries of transfers; `lines` has those of each transfer, in the same order.
///
/// # Errors
/// A database error.
pub async fn insert_entries(
    tx: &mut Tx,
    transfers: &[Transfer],
    lines: &[Vec<EntryLine>],
) -> Result<(), sqlx::Error> {
    const INSERT: &str =
        "INSERT INTO entries (transfer_id, line, account_id, amount_cents, balance_after_cents) ";
    let rows = transfers
        .iter()
        .zip(lines)
        .flat_map(|(transfer, lines)| lines.iter().zip(1_i64..).map(|line| (transfer.id, line)));
    on!(tx, |c| {
        let mut insert = QueryBuilder::new(INSERT);
        insert.push_values(rows, |mut row, (transfer, (line, number))| {
            row.push_bind(transfer)
                .push_bind(number)
                .push_bind(line.account)
                .push_bind(line.amount)
                .push_bind(line.balance_after);
        });
        insert.build().execute(c).await.map(|_| ())
    })
}
