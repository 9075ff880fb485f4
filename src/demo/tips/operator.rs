//! The demo's operator. Where the simulation is public everybody can read the demo's password, so the
//! operator gets one of their own.

use super::fixtures::CODE_ALPHABET;
use crate::demo::people::{DEMO_PASSWORD, DemoPerson, PEOPLE, new_person};
use crate::people::People;
use crate::people::store::profile::replace_password;
use crate::people::store::{NewPerson, end_sessions, person_by_msisdn};
use crate::platform::clock::Clock;
use crate::platform::db::{Failure, transaction};
use crate::platform::random::Random;
use crate::tips::Tips;
use crate::types::Msisdn;

const PASSWORD_LENGTH: usize = 20;

/// The one demo person who works at the desk.
pub fn operator() -> Option<&'static DemoPerson> {
    PEOPLE.iter().find(|demo| demo.staff.is_some())
}

/// Gives the demo's operator a random password and ends their sessions, before a simulation is open to the
/// world. If there is no operator yet, one is added, but only if `is_seeding`. Returns the new password,
/// which is told to whoever runs the server this once; `None` if the operator has a password of their own
/// already, or is not there.
///
/// # Errors
/// An error if the password cannot be hashed, or if the database fails.
pub async fn close_desk(
    people: &People,
    tips: &Tips,
    random: &Random,
    clock: &Clock,
    is_seeding: bool,
) -> anyhow::Result<Option<String>> {
    let Some(demo) = operator() else { return Ok(None) };
    let msisdn: Msisdn = demo.phone.parse()?;
    let known = person_by_msisdn(&tips.db, &msisdn).await?;
    let is_open = match &known {
        Some(row) => people.is_password(DEMO_PASSWORD, &row.password_hash).await?,
        None => is_seeding,
    };
    if !is_open {
        return Ok(None);
    }
    let password = random.text(CODE_ALPHABET, PASSWORD_LENGTH);
    let password_hash = people.hash_password(&password).await?;
    let Some(row) = known else {
        let person =
            NewPerson { msisdn: &msisdn, password_hash: &password_hash, ..new_person(demo, random, clock) };
        return Ok(people.add(&person).await?.then_some(password));
    };
    let changed: Result<bool, Failure> = transaction!(tips.db, |tx| {
        let changed = replace_password(tx, row.id, &row.password_hash, &password_hash).await?;
        end_sessions(tx, row.id).await?;
        Ok(changed)
    });
    Ok(changed?.then_some(password))
}
