//! More buyers and tips than a demo needs, to measure load; a transaction writes many of them.

use super::{Fresh, demo, tipsters};
use crate::demo::people::{DEMO_PASSWORD, DemoPerson, new_person};
use crate::people::People;
use crate::people::store::{NewPerson, insert_buyers};
use crate::platform::clock::Clock;
use crate::platform::db::{Failure, transaction};
use crate::platform::random::Random;
use crate::tips::fingerprint::new_salt;
use crate::tips::service::publish_sealed;
use crate::tips::store::Publication;
use crate::tips::{TipStatus, Tips};
use crate::types::Msisdn;

/// How many buyers one transaction writes, so that it takes well below 100 ms on SQLite (MONEY §3).
const BUYERS_AT_ONCE: u32 = 500;
/// How many tips one transaction writes, for the same reason.
const TIPS_AT_ONCE: i64 = 50;

/// Adds the demo, then `buyers` buyers with numbers from 0722000000 on, then `count` tips without pictures.
/// When it is run again, buyers who are there are left out, and the tips are added once more.
///
/// # Errors
/// The errors of `demo`, and an error if a password cannot be hashed, a number does not fit (more than a
/// million buyers), or the database fails.
pub async fn load(
    people: &People,
    tips: &Tips,
    random: &Random,
    clock: &Clock,
    count: i64,
    buyers: u32,
) -> anyhow::Result<()> {
    demo(people, tips, random, clock).await?;
    let password_hash = people.hash_password(DEMO_PASSWORD).await?;
    let mut first = 0;
    while first < buyers {
        let end = buyers.min(first + BUYERS_AT_ONCE);
        add_buyers(tips, random, clock, &password_hash, first..end).await?;
        first = end;
    }
    let mut first = 0;
    while first < count {
        let end = count.min(first + TIPS_AT_ONCE);
        add_tips(tips, random, clock, first..end).await?;
        first = end;
    }
    Ok(())
}

async fn add_buyers(
    tips: &Tips,
    random: &Random,
    clock: &Clock,
    password_hash: &str,
    numbers: std::ops::Range<u32>,
) -> anyhow::Result<()> {
    const BUYER: DemoPerson =
        DemoPerson { name: "", phone: "", is_buyer: true, is_tipster: false, staff: None };
    let mut people: Vec<(Msisdn, String)> = Vec::new();
    for number in numbers {
        people.push((format!("0722{number:06}").parse()?, format!("Buyer {number}")));
    }
    let buyer = |(msisdn, display_name)| NewPerson {
        msisdn,
        display_name,
        password_hash,
        ..new_person(&BUYER, random, clock)
    };
    let buyers: Vec<NewPerson<'_>> =
        people.iter().map(|(msisdn, name)| buyer((msisdn, name.as_str()))).collect();
    let added: Result<(), Failure> = transaction!(tips.db, |tx| Ok(insert_buyers(tx, &buyers).await?));
    Ok(added?)
}

async fn add_tips(
    tips: &Tips,
    random: &Random,
    clock: &Clock,
    numbers: std::ops::Range<i64>,
) -> anyhow::Result<()> {
    let tipsters = tipsters(tips).await?;
    let fresh = numbers
        .map(|number| Fresh::new(&tipsters, number, random, clock.now()))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let on_sale = Publication::of(TipStatus::Active);
    let added: Result<(), Failure> = transaction!(tips.db, |tx| {
        for tip in &fresh {
            publish_sealed(tx, random, &tip.tip(), &on_sale, &new_salt(random)).await?;
        }
        Ok(())
    });
    Ok(added?)
}
