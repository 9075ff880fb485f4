//! Booking: what a transfer must be before it is written, and which balances it changes.

use super::{Transfer, store};
use crate::platform::db::{Failure, Tx};
use crate::types::{AppError, Kes};

/// Books a transfer in the caller's transaction. Its entries must sum to zero and leave no tipster below
/// zero.
///
/// # Errors
/// `AppError::Internal` if a rule is broken, which is our own fault and never a user's; [`Failure::Db`] if
/// the database fails, also for a second transfer of this kind for the payment. The caller must roll back.
pub async fn book(tx: &mut Tx, mut transfer: Transfer) -> Result<(), Failure> {
    transfer.entries.retain(|(_, amount)| *amount != Kes::ZERO);
    // Accounts are locked in the same order everywhere, so that two transfers never wait for each other.
    transfer.entries.sort_by_key(|(account, _)| (account.person(), *account));
    check_sum(&transfer)?;
    store::insert_transfer(tx, &transfer).await?;
    let mut lines = Vec::with_capacity(transfer.entries.len());
    for &(account, amount) in &transfer.entries {
        lines.push(match (account.fixed_id(), account.person()) {
            (Some(id), _) => store::EntryLine { account: id, amount, balance_after: None },
            (None, Some(person)) => {
                let Some((id, balance)) = store::change_balance(tx, person, account.kind(), amount).await?
                else {
                    return Err(broken("an account is missing or would fall below zero", &transfer));
                };
                store::EntryLine { account: id, amount, balance_after: Some(balance) }
            }
            (None, None) => return Err(broken("an account has neither a fixed id nor a person", &transfer)),
        });
    }
    store::insert_entries(tx, transfer.id, &lines).await?;
    Ok(())
}

/// Checks that there are entries and that they sum to zero. Demo data is checked by it too.
///
/// # Errors
/// `AppError::Internal` if they do not.
pub fn check_sum(transfer: &Transfer) -> Result<(), Failure> {
    let sum: Kes = transfer.entries.iter().map(|(_, amount)| *amount).sum();
    if sum != Kes::ZERO || transfer.entries.is_empty() {
        return Err(broken("the entries of a transfer do not sum to zero", transfer));
    }
    Ok(())
}

/// Logs which rule a transfer breaks, and gives the error that rolls it back.
pub fn broken(what: &str, transfer: &Transfer) -> Failure {
    tracing::error!(payment.id = %transfer.payment, kind = transfer.kind.as_str(), "{what}");
    Failure::App(AppError::Internal)
}
