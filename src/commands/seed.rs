//! `ligisoo seed`: fills a demo market, and as much more of it as a measurement needs.

use leptos::config::LeptosOptions;

use super::exit::Exit;
use crate::context::Foundation;
use crate::demo;
use crate::ledger;
use crate::payments::adoption;
use crate::platform::clock::Clock;
use crate::platform::db::Db;
use crate::platform::files::Files;
use crate::platform::money_mode::{self, MoneyMode};
use crate::platform::random::Random;
use crate::platform::settings::Settings;

/// Migrates the database, claims it for play money, and fills it; running it again adds only what is missing.
/// It prints whom one can sign in as.
///
/// # Errors
/// `Exit::Usage` if the settings are for real money; an error if the database holds real money or fails, or
/// if a picture cannot be stored.
pub async fn run(
    settings: &Settings,
    leptos: LeptosOptions,
    db: Db,
    tips: i64,
    buyers: u32,
    payments: usize,
) -> anyhow::Result<()> {
    if settings.money.is_live() {
        return Err(Exit::Usage.because("the settings are for real money: demo data is for play money only"));
    }
    db.migrate().await?;
    adoption::adopt(&db, &Clock::system(), &Random::System).await?;
    money_mode::claim_money(&db, &MoneyMode::from(&settings.money)).await?;
    let foundation = Foundation::for_command(settings.clone(), leptos, db.clone())?;
    let (people, market) = (foundation.people()?, foundation.tips(Files::open(settings)?));
    let Foundation { clock, random, .. } = foundation;
    let operator_password = if settings.money.is_public_simulation() {
        demo::tips::close_desk(&people, &market, &random, &clock, true).await?
    } else {
        Some(demo::people::DEMO_PASSWORD.to_owned())
    };
    demo::tips::load(&people, &market, &random, &clock, tips, buyers).await?;
    if payments > 0 {
        let new = demo::payments::sales(&db, &random, &settings.rules, clock.now(), payments).await?;
        ledger::close_days(&db, &clock, usize::MAX).await?;
        println!("{new} settled sales are new.");
    }
    println!(
        "{} tips are on sale. Sign in with the password {}:",
        market.count_on_sale().await?,
        demo::people::DEMO_PASSWORD
    );
    for person in &demo::people::PEOPLE {
        let roles = [
            (person.is_buyer, "buyer"),
            (person.is_tipster, "tipster"),
            (person.staff.is_some(), "operator"),
        ];
        let roles: Vec<&str> = roles.into_iter().filter_map(|(is, name)| is.then_some(name)).collect();
        let password = match (&operator_password, person.staff.is_some()) {
            (Some(password), true) if password != demo::people::DEMO_PASSWORD => {
                format!(", with the password {password}, told only here")
            }
            (None, true) => ", with a password that was told before".to_owned(),
            _ => String::new(),
        };
        println!("  {}  {} ({}){password}", person.phone, person.name, roles.join(", "));
    }
    Ok(())
}
