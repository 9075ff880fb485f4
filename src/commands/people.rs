//! `ligisoo users`: people by command, the only way to make an operator.

use anyhow::bail;
use chrono::NaiveDate;
use clap::{Subcommand, ValueEnum};

use crate::accounts::store::NewPerson;
use crate::accounts::{AccountLimits, Accounts, Staff, check_password};
use crate::platform::clock::Clock;
use crate::platform::db::Db;
use crate::platform::random::Random;
use crate::types::{Msisdn, PersonId};

#[derive(Subcommand)]
pub enum Users {
    /// Add a person.
    Add {
        #[arg(long)]
        phone: String,
        #[arg(long)]
        password: String,
        #[arg(long, value_enum)]
        role: Role,
        /// Shown to others.
        #[arg(long)]
        name: Option<String>,
    },
}

#[derive(Clone, Copy, ValueEnum, PartialEq, Eq)]
pub enum Role {
    Buyer,
    Tipster,
    Operator,
    Admin,
}

pub async fn run(command: Users, db: &Db) -> anyhow::Result<()> {
    let Users::Add { phone, password, role, name } = command;
    let (clock, random) = (Clock::System, Random::System);
    let msisdn: Msisdn = phone.parse()?;
    if let Err(reason) = check_password(&password) {
        bail!(reason);
    }
    let accounts = Accounts::new(db.clone(), clock.clone(), random.clone(), AccountLimits::default(), None)?;
    let name = name.unwrap_or_else(|| format!("Ligisoo {}", &msisdn.as_str()[9..]));
    let person = NewPerson {
        id: PersonId(random.uuid(clock.now())),
        msisdn: &msisdn,
        display_name: &name,
        password_hash: &accounts.hash_password(&password).await?,
        // Whoever types this command vouches for the age.
        birth_date: NaiveDate::from_ymd_opt(1990, 1, 1).unwrap_or_default(),
        is_buyer: role == Role::Buyer,
        is_tipster: role == Role::Tipster,
        is_verified: role == Role::Tipster,
        staff: match role {
            Role::Operator => Some(Staff::Operator),
            Role::Admin => Some(Staff::Admin),
            Role::Buyer | Role::Tipster => None,
        },
        created_at: clock.now(),
    };
    if !accounts.add(&person).await? {
        bail!("{} is registered already", msisdn.local());
    }
    println!("added {name}, {}", msisdn.local());
    Ok(())
}
