//! The people of the demo, and their phone numbers and password.

use chrono::{NaiveDate, TimeDelta};

use crate::people::People;
use crate::people::store::NewPerson;
use crate::platform::clock::Clock;
use crate::platform::random::Random;
use crate::platform::viewer::Staff;
use crate::types::{Msisdn, PersonId};

/// The password of every demo person. Where the simulation is public, the operator has another one
/// (`close_desk`).
pub const DEMO_PASSWORD: &str = "ligisoo-demo";
/// How many days ago the demo tipsters registered.
const TIPSTER_DAYS: i64 = 180;

/// One of the demo's people.
pub struct DemoPerson {
    pub name: &'static str,
    /// As it is typed, like `0712000001`.
    pub phone: &'static str,
    pub is_buyer: bool,
    pub is_tipster: bool,
    pub staff: Option<Staff>,
}

const fn person(name: &'static str, phone: &'static str, is_buyer: bool, is_tipster: bool) -> DemoPerson {
    DemoPerson { name, phone, is_buyer, is_tipster, staff: None }
}

/// All demo people, whose sign-ins `ligisoo seed` prints. The first is a buyer, the second a tipster.
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

/// Adds the demo people whose numbers are not registered yet, with their numbers proven.
///
/// # Errors
/// An error if the password cannot be hashed, if a tipster's name is taken, or if the database fails.
pub async fn add_people(people: &People, random: &Random, clock: &Clock) -> anyhow::Result<()> {
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

/// A new person with the roles and name of a demo person. The caller must put in the number and the hash of
/// the password, which are placeholders here.
pub fn new_person(demo: &DemoPerson, random: &Random, clock: &Clock) -> NewPerson<'static> {
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
