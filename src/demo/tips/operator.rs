//! The demo's operator where everybody can read the demo's password: they get one of their own.

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

pub fn operator() -> Option<&'static DemoPerson> {
    PEOPLE.iter().find(|demo| demo.staff.is_some())
}

/// Before a simulation is open to the world: the operator's new password, if they had the demo's, or are
/// added by this. It is told to whoever runs the server, this once. If `is_seeding` is not set nobody is
/// added.
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
