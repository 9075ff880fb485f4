//! Demo people and demo tips, so that a fresh clone has something to look at and to buy. They are for play
//! money only.

mod fixtures;
mod history;
mod load;
mod operator;

pub use load::load;
pub use operator::{close_desk, operator};

use chrono::{DateTime, Utc};

use super::betslip;
use super::people::{PEOPLE, add_people};
use crate::people::People;
use crate::platform::clock::Clock;
use crate::platform::random::Random;
use crate::tips::odds::total_odds;
use crate::tips::{Bookmaker, Match, NewTip, Tips};
use crate::types::{Kes, Language, Odds, PersonId};
use fixtures::{BOOKMAKERS, CODE_ALPHABET, CODE_LENGTH, matches, prices};

/// How many tips a demo keeps on sale.
pub const DEMO_TIPS: i64 = 20;

/// Adds the demo people who are missing, gives tipsters without a record one, and publishes tips with
/// betslips until `DEMO_TIPS` are on sale. It can be run again, and adds only what is missing.
///
/// # Errors
/// An error if a betslip cannot be drawn or kept, if a demo tipster's name is taken, or if the database
/// fails.
pub async fn demo(people: &People, tips: &Tips, random: &Random, clock: &Clock) -> anyhow::Result<()> {
    add_people(people, random, clock).await?;
    let operator = operator().map(|demo| demo.phone);
    if let Some(operator) = person_id(tips, operator.unwrap_or_default()).await? {
        history::add(tips, &tipsters(tips).await?, operator).await?;
    }
    let missing = DEMO_TIPS - tips.count_on_sale().await?;
    let tipsters = tipsters(tips).await?;
    for number in 0..missing {
        let fresh = Fresh::new(&tipsters, number, random, clock.now())?;
        let slip = betslip::draw(
            fresh.bookmaker.name().as_str(Language::English),
            &fresh.bet_code,
            fresh.odds,
            &fresh.matches,
        )?;
        tips.publish(&fresh.tip(), Some(slip)).await?;
    }
    Ok(())
}

async fn tipsters(tips: &Tips) -> anyhow::Result<Vec<PersonId>> {
    let mut tipsters = Vec::new();
    for demo in PEOPLE.iter().filter(|demo| demo.is_tipster) {
        tipsters.extend(person_id(tips, demo.phone).await?);
    }
    Ok(tipsters)
}

async fn person_id(tips: &Tips, phone: &str) -> anyhow::Result<Option<PersonId>> {
    let found = crate::people::store::person_by_msisdn(&tips.db, &phone.parse()?).await?;
    Ok(found.map(|row| row.into_viewer().id))
}

/// A demo tip before it is published.
struct Fresh {
    tipster: PersonId,
    bookmaker: Bookmaker,
    bet_code: String,
    odds: Odds,
    price: Kes,
    matches: Vec<Match>,
    created_at: DateTime<Utc>,
}

impl Fresh {
    /// Makes tip `number` at random; the tipsters take turns by it. Without a tipster it is an error.
    fn new(tipsters: &[PersonId], number: i64, random: &Random, now: DateTime<Utc>) -> anyhow::Result<Self> {
        anyhow::ensure!(!tipsters.is_empty(), "there is no demo tipster");
        let matches = matches(random, now, [3, 1, 4, 2, 5, 3][usize::try_from(number.rem_euclid(6))?])?;
        Ok(Self {
            tipster: tipsters[usize::try_from(number)? % tipsters.len()],
            bookmaker: Bookmaker::ALL[usize::try_from(random.below(BOOKMAKERS as u64))?],
            bet_code: random.text(CODE_ALPHABET, CODE_LENGTH),
            odds: total_odds(&matches).unwrap_or(Odds::from_thousandths(1_500)?),
            price: prices(usize::try_from(random.below(6))?),
            matches,
            created_at: now,
        })
    }

    fn tip(&self) -> NewTip<'_> {
        let Self { tipster, bookmaker, bet_code, odds, price, matches, created_at } = self;
        let (tipster, bookmaker, odds, price, created_at) =
            (*tipster, *bookmaker, *odds, *price, *created_at);
        NewTip { tipster, bookmaker, bet_code, odds, price, matches, created_at }
    }
}
