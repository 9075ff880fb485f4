//! `ligisoo users`: people by command, the only way to make an operator.

use anyhow::bail;
use chrono::NaiveDate;
use clap::{Subcommand, ValueEnum};

use crate::accounts::store::{self, NewPerson};
use crate::accounts::{AccountLimits, Accounts, Staff, check_password};
use crate::platform::clock::Clock;
use crate::platform::db::{Db, Failure, transaction};
use crate::platform::random::Random;
use crate::platform::secret_key::SecretKey;
use crate::platform::settings::Settings;
use crate::types::{Language, Msisdn, PersonId};

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
    /// Say of a person whether they are verified (their tips need no approval) and what they may do at the desk.
    Set {
        #[arg(long)]
        phone: String,
        #[arg(long)]
        verified: Option<bool>,
        #[arg(long, value_enum)]
        staff: Option<StaffRole>,
    },
}

#[derive(Clone, Copy, ValueEnum, PartialEq, Eq)]
pub enum StaffRole {
    None,
    Operator,
    Admin,
}

#[derive(Clone, Copy, ValueEnum, PartialEq, Eq)]
pub enum Role {
    Buyer,
    Tipster,
    Operator,
    Admin,
}

pub async fn run(command: Users, db: &Db, settings: &Settings) -> anyhow::Result<()> {
    let (phone, password, role, name) = match command {
        Users::Add { phone, password, role, name } => (phone, password, role, name),
        Users::Set { phone, verified, staff } => return set(&phone.parse()?, verified, staff, db).await,
    };
    let (clock, random) = (Clock::System, Random::System);
    let msisdn: Msisdn = phone.parse()?;
    if let Err(reason) = check_password(&password) {
        bail!("{}", reason.as_str(Language::English));
    }
    let accounts =
        Accounts::new(db.clone(), clock.clone(), random.clone(), SecretKey::open(settings, &random)?, AccountLimits::default(), None)?;
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

async fn set(msisdn: &Msisdn, verified: Option<bool>, staff: Option<StaffRole>, db: &Db) -> anyhow::Result<()> {
    let staff = staff.map(|staff| match staff {
        StaffRole::None => None,
        StaffRole::Operator => Some(Staff::Operator),
        StaffRole::Admin => Some(Staff::Admin),
    });
    if verified.is_none() && staff.is_none() {
        bail!("nothing to set: name --verified or --staff");
    }
    let found: Result<bool, Failure> = transaction!(db, tx => {
        let is_verified = match verified {
            Some(verified) => store::set_verified(tx, msisdn, verified).await?,
            None => true,
        };
        let is_staff = match staff {
            Some(staff) => store::set_staff(tx, msisdn, staff).await?,
            None => true,
        };
        Ok(is_verified && is_staff)
    });
    if !found? {
        bail!("nobody is registered as {}", msisdn.local());
    }
    println!("{} is set", msisdn.local());
    Ok(())
}
