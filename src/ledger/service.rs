//! Booking: movements become transfers and entries, and tipsters' accounts change (MONEY §4).

use std::collections::{BTreeMap, BTreeSet};
use std::slice;

use super::store::{self, NewEntry, TipsterAccount};
use super::templates::Template;
use super::{AccountKind, Movement};
use crate::platform::clock::kenyan_day;
use crate::platform::db::{Failure, Tx};
use crate::types::{AppError, Kes, PersonId};

/// What an account gains in each of the lines of a movement.
type Lines = Vec<(AccountKind, Kes)>;

/// Books a movement in the caller's transaction, on the Kenyan day on which it was made, or on a later one: a
/// closed day takes nothing, and the days of a tipster's account never fall.
///
/// # Errors
/// `AppError::Internal` if a rule is broken, which is our own fault and never a user's: an amount is
/// missing, or a tipster's account would be on the wrong side of zero. [`Failure::Db`] if the database
/// fails, also for a second transfer of this kind for the subject. The caller must roll back.
pub async fn book(tx: &mut Tx, movement: &Movement) -> Result<(), Failure> {
    book_all(tx, slice::from_ref(movement)).await
}

/// Books movements in their order, all on one day, which is that of the latest. Each tipster's account is
/// changed once, by the sum of its entries, and each entry keeps the balance that it left behind. Only the
/// last balance is seen not to be on the wrong side of zero.
///
/// Accounts are changed, and so locked, before the transfers are inserted: whoever books next on an
/// account sees the day that this transaction leaves on it. They are locked by person, and a person's in
/// the order of [`AccountKind`], so that two transactions never wait for each other.
///
/// # Errors
/// As [`book`].
pub async fn book_all(tx: &mut Tx, movements: &[Movement]) -> Result<(), Failure> {
    let Some(latest) = movements.iter().map(|movement| kenyan_day(movement.made_at)).max() else {
        return Ok(());
    };
    let owners: BTreeSet<Option<PersonId>> = movements.iter().map(|movement| movement.owner).collect();
    let mut lines: Vec<Lines> = movements.iter().map(|_| Lines::new()).collect();
    let mut accounts = BTreeMap::new();
    for owner in owners {
        let clawback = clawback_of(tx, owner, movements).await?;
        lines_of(owner, movements, clawback, &mut lines)?;
        if let Some(person) = owner {
            let own = movements.iter().zip(&lines).filter(|(movement, _)| movement.owner == owner);
            for (kind, gain, count) in gains(own.flat_map(|(_, lines)| lines)) {
                let changed = store::change_account(tx, person, kind, (gain, count), latest).await?;
                let after = changed.ok_or_else(|| {
                    broken("an account is missing or would be on the wrong side of zero", &movements[0])
                })?;
                let before =
                    TipsterAccount { balance: after.balance - gain, seq: after.seq - count, ..after };
                accounts.insert((person, kind), before);
            }
        }
    }
    let day = accounts.values().map(|account| account.last_day).fold(latest, i64::max);
    let booked_on = store::insert_transfers(tx, movements, day).await?;
    for behind in accounts.values().filter(|account| account.last_day < booked_on) {
        store::move_last_day(tx, behind.id, booked_on).await?;
    }
    Ok(store::insert_entries(tx, &entries(movements, &lines, &mut accounts)?).await?)
}

/// What the person's clawback stands at, which stays so until this transaction ends. Zero if none of the
/// movements would fill it.
async fn clawback_of(tx: &mut Tx, owner: Option<PersonId>, movements: &[Movement]) -> Result<Kes, Failure> {
    let Some(person) = owner else { return Ok(Kes::ZERO) };
    let fills = |movement: &Movement| {
        movement.owner == owner
            && Template::of(movement.kind, movement.first).is_some_and(Template::fills_clawback)
    };
    let Some(first) = movements.iter().find(|movement| fills(movement)) else { return Ok(Kes::ZERO) };
    let balance = store::lock_clawback(tx, person).await?;
    balance.ok_or_else(|| broken("a tipster has no clawback", first))
}

/// Fills in the lines of one owner's movements. What one of them brings back is not open for the next.
fn lines_of(
    owner: Option<PersonId>,
    movements: &[Movement],
    mut clawback: Kes,
    all: &mut [Lines],
) -> Result<(), Failure> {
    for (movement, lines) in movements.iter().zip(all).filter(|(movement, _)| movement.owner == owner) {
        let template = Template::of(movement.kind, movement.first)
            .ok_or_else(|| broken("no template begins with this account", movement))?;
        *lines = template
            .lines(movement, clawback)
            .filter(|lines| !lines.is_empty())
            .ok_or_else(|| broken("an amount is missing, or nothing moves", movement))?;
        let filled = lines.iter().filter(|(account, _)| *account == AccountKind::TipsterClawback);
        clawback = clawback + filled.map(|(_, amount)| *amount).sum();
    }
    Ok(())
}

/// What each of a tipster's accounts gains, and in how many entries, in the order in which they are locked.
fn gains<'l>(
    lines: impl Iterator<Item = &'l (AccountKind, Kes)>,
) -> impl Iterator<Item = (AccountKind, Kes, i64)> {
    let mut gains: BTreeMap<AccountKind, (Kes, i64)> = BTreeMap::new();
    for (account, amount) in lines.filter(|(account, _)| account.fixed_id().is_none()) {
        let (gain, count) = gains.entry(*account).or_default();
        (*gain, *count) = (*gain + *amount, *count + 1);
    }
    gains.into_iter().map(|(account, (gain, count))| (account, gain, count))
}

/// The rows of all lines, numbered from 1 in each transfer. `accounts` has what tipsters' accounts were
/// before.
fn entries(
    movements: &[Movement],
    lines: &[Lines],
    accounts: &mut BTreeMap<(PersonId, AccountKind), TipsterAccount>,
) -> Result<Vec<NewEntry>, Failure> {
    let mut entries = Vec::new();
    for (movement, lines) in movements.iter().zip(lines) {
        for (&(kind, amount), line) in lines.iter().zip(1..) {
            let transfer = movement.id;
            if let Some(account) = kind.fixed_id() {
                entries.push(NewEntry { transfer, line, account, amount, balance_after: None, seq: None });
                continue;
            }
            let account = movement.owner.and_then(|person| accounts.get_mut(&(person, kind)));
            let account = account.ok_or_else(|| broken("a movement of a tipster names none", movement))?;
            account.balance = account.balance + amount;
            account.seq += 1;
            let (balance_after, seq) = (Some(account.balance), Some(account.seq));
            entries.push(NewEntry { transfer, line, account: account.id, amount, balance_after, seq });
        }
    }
    Ok(entries)
}

/// Logs which rule a movement breaks, and gives the error that rolls it back.
fn broken(what: &str, movement: &Movement) -> Failure {
    let (kind, (subject_kind, subject)) = (movement.kind, movement.subject);
    tracing::error!(%kind, %subject_kind, %subject, "{what}");
    Failure::App(AppError::Internal)
}
