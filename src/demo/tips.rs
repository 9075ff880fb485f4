//! Demo people and demo tips, so that a fresh clone has something to look at and to buy. Play money only.

mod history;
mod load;
mod operator;

pub use load::load;
pub use operator::{close_desk, operator};

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};

use super::betslip;
use crate::people::People;
use crate::people::store::NewPerson;
use crate::platform::clock::{Clock, nairobi};
use crate::platform::random::Random;
use crate::platform::viewer::Staff;
use crate::tips::odds::total_odds;
use crate::tips::{Bookmaker, Match, NewTip, Tips};
use crate::types::{Kes, Language, Msisdn, Odds, PersonId};

/// The password of every demo person, but of the operator where the simulation is public.
pub const DEMO_PASSWORD: &str = "ligisoo-demo";
/// How many tips a demo keeps on sale.
pub const DEMO_TIPS: i64 = 20;

const CODE_ALPHABET: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const CODE_LENGTH: usize = 6;
/// Bookmakers that the demo names: all but "another".
const BOOKMAKERS: usize = 5;
/// How long demo tipsters have been here.
const TIPSTER_DAYS: i64 = 180;

/// One of the demo's people.
pub struct DemoPerson {
    pub name: &'static str,
    pub phone: &'static str,
    pub is_buyer: bool,
    pub is_tipster: bool,
    pub staff: Option<Staff>,
}

const fn person(name: &'static str, phone: &'static str, is_buyer: bool, is_tipster: bool) -> DemoPerson {
    DemoPerson { name, phone, is_buyer, is_tipster, staff: None }
}

/// The sign-ins that `make run` prints. The first is the buyer, the second a tipster.
pub const PEOPLE: [DemoPerson; 9] = [
    person("Baraka Mwangi", "0712000001", true, false),
    person("Asha Odhiambo", "0712000002", false, true),
    person("Kip Cheruiyot", "0712000003", true, true),
    person("Wanjiru Kamau", "0712000004", false, true),
    person("Otieno Ochieng", "0712000005", true, false),
    person("Achieng Atieno", "0712000006", false, true),
    person("Njoroge Maina", "0712000007", false, true),
    person("Mutua Kilonzo", "0712000008", false, true),
    DemoPerson {
        name: "Halima Desk",
        phone: "0712000009",
        is_buyer: false,
        is_tipster: false,
        staff: Some(Staff::Operator),
    },
];

const FIXTURES: [(&str, &str, &str); 16] = [
    ("Gor Mahia", "AFC Leopards", "Kenya Premier League"),
    ("Tusker", "Bandari", "Kenya Premier League"),
    ("Kariobangi Sharks", "Kenya Police", "Kenya Premier League"),
    ("Ulinzi Stars", "Sofapaka", "Kenya Premier League"),
    ("Arsenal", "Brighton", "Premier League"),
    ("Liverpool", "Everton", "Premier League"),
    ("Newcastle", "Fulham", "Premier League"),
    ("Aston Villa", "Brentford", "Premier League"),
    ("Barcelona", "Getafe", "La Liga"),
    ("Villarreal", "Girona", "La Liga"),
    ("Inter", "Lazio", "Serie A"),
    ("Atalanta", "Torino", "Serie A"),
    ("Bayern Munich", "Mainz", "Bundesliga"),
    ("Leverkusen", "Freiburg", "Bundesliga"),
    ("Young Africans", "Simba", "Tanzania Premier League"),
    ("Lyon", "Lille", "Ligue 1"),
];

const PICKS: [(&str, &str, i64); 8] = [
    ("Full-time result", "Home win", 1_720),
    ("Full-time result", "Draw", 3_250),
    ("Full-time result", "Away win", 2_640),
    ("Total goals", "Over 2.5", 1_850),
    ("Total goals", "Under 2.5", 1_910),
    ("Both teams to score", "Yes", 1_780),
    ("Double chance", "Home or draw", 1_320),
    ("Draw no bet", "Away", 2_050),
];

/// Adds the people that are not there and tops the market up to `DEMO_TIPS`. Can be run again.
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

async fn add_people(people: &People, random: &Random, clock: &Clock) -> anyhow::Result<()> {
    let password_hash = people.hash_password(DEMO_PASSWORD).await?;
    for demo in &PEOPLE {
        let msisdn: Msisdn = demo.phone.parse()?;
        let new = new_person(demo, random, clock);
        people
            .add(&NewPerson {
                msisdn: &msisdn,
                display_name: demo.name,
                password_hash: &password_hash,
                ..new
            })
            .await?;
    }
    Ok(())
}

/// The part of a new person that all demo people share; number, name and password are still empty.
fn new_person(demo: &DemoPerson, random: &Random, clock: &Clock) -> NewPerson<'static> {
    static NOBODY: std::sync::LazyLock<Msisdn> =
        std::sync::LazyLock::new(|| "0700000000".parse().expect("a number"));
    let now = clock.now();
    NewPerson {
        id: PersonId(random.uuid(now)),
        msisdn: &NOBODY,
        display_name: demo.name,
        password_hash: "",
        birth_date: NaiveDate::from_ymd_opt(1995, 4, 30).unwrap_or_default(),
        is_buyer: demo.is_buyer,
        is_tipster: demo.is_tipster,
        is_verified: demo.is_tipster,
        staff: demo.staff,
        created_at: if demo.is_tipster { now - TimeDelta::days(TIPSTER_DAYS) } else { now },
    }
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

/// One of the usual prices.
const fn prices(number: usize) -> Kes {
    Kes::from_cents([2_000, 3_000, 5_000, 5_000, 10_000, 15_000][number % 6])
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
    /// The tipsters take turns.
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

/// When matches kick off in Kenya's evenings, in minutes of the day.
const KICK_OFFS: [i64; 8] =
    [13 * 60, 15 * 60, 16 * 60, 17 * 60 + 30, 18 * 60 + 30, 19 * 60 + 45, 21 * 60, 22 * 60];

fn matches(random: &Random, now: DateTime<Utc>, count: usize) -> anyhow::Result<Vec<Match>> {
    let first = usize::try_from(random.below(16))?;
    (0..count)
        .map(|leg| {
            let (home, away, league) = FIXTURES[(first + leg * 3) % FIXTURES.len()];
            let (market, selection, odds) = PICKS[usize::try_from(random.below(8))?];
            let odds = Odds::from_thousandths(odds + i64::try_from(random.below(20))? * 10)?;
            let [home_team, away_team, league, market, selection] =
                [home, away, league, market, selection].map(str::to_owned);
            Ok(Match {
                home_team,
                away_team,
                league,
                kick_off_at: kick_off(random, now)?,
                market,
                selection,
                odds,
            })
        })
        .collect()
}

/// At a usual hour, between 2 hours and 5 days ahead.
fn kick_off(random: &Random, now: DateTime<Utc>) -> anyhow::Result<DateTime<Utc>> {
    let midnight = nairobi(now).date_naive().and_time(NaiveTime::MIN).and_utc() - TimeDelta::hours(3);
    let minutes = KICK_OFFS[usize::try_from(random.below(8))?];
    let day = TimeDelta::days(i64::try_from(random.below(5))?);
    let at = midnight + day + TimeDelta::minutes(minutes);
    // Today's earlier hours are over: the same hour tomorrow.
    Ok(if at < now + TimeDelta::hours(2) { at + TimeDelta::days(1) } else { at })
}
