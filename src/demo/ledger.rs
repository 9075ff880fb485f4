//! Many transfers at once, by the same rules as a single one. It is for made-up sales only; a real sale books
//! its own transfer.

use std::collections::BTreeMap;

use crate::ledger::store::{self, EntryLine};
use crate::ledger::{Account, Transfer, broken, check_sum};
use crate::platform::db::{Failure, Tx};
use crate::types::{Kes, PersonId};

/// Books transfers in their order (MONEY §4). Each tipster's account is changed once, by the sum of its
/// entries, and each entry keeps the balance that it left behind, as if the transfers had been booked one
/// after the other. Unlike there, only the last balance is checked not to be below zero. `transfers` must not
/// be empty.
///
/// # Errors
/// `AppError::Internal` if the entries of a transfer do not sum to zero, an account is missing, or its
/// balance would fall below zero; a database error, also if a transfer exists already.
pub async fn book_all(tx: &mut Tx, transfers: &[Transfer]) -> Result<(), Failure> {
    let mut gains: BTreeMap<(PersonId, Account), Kes> = BTreeMap::new();
    for transfer in transfers {
        check_sum(transfer)?;
        for &(account, amount) in &transfer.entries {
            if let Some(person) = account.person() {
                let gain = gains.entry((person, account)).or_default();
                *gain = *gain + amount;
            }
        }
    }
    let mut balances = BTreeMap::new();
    for (&(person, account), &gain) in &gains {
        let changed = store::change_balance(tx, person, account.kind(), gain).await?;
        let (id, after) =
            changed.ok_or_else(|| broken("an account is missing or would fall below zero", &transfers[0]))?;
        balances.insert(account, (id, after - gain));
    }
    let mut lines = Vec::with_capacity(transfers.len());
    for transfer in transfers {
        lines.push(lines_of(transfer, &mut balances)?);
    }
    super::store::ledger::insert_transfers(tx, transfers).await?;
    Ok(super::store::ledger::insert_entries(tx, transfers, &lines).await?)
}

fn lines_of(
    transfer: &Transfer,
    balances: &mut BTreeMap<Account, (uuid::Uuid, Kes)>,
) -> Result<Vec<EntryLine>, Failure> {
    let line = |&(account, amount): &(Account, Kes)| {
        if let Some(id) = account.fixed_id() {
            return Ok(EntryLine { account: id, amount, balance_after: None });
        }
        let balance = balances
            .get_mut(&account)
            .ok_or_else(|| broken("an account has neither a fixed id nor a person", transfer))?;
        balance.1 = balance.1 + amount;
        Ok(EntryLine { account: balance.0, amount, balance_after: Some(balance.1) })
    };
    transfer.entries.iter().map(line).collect()
}
