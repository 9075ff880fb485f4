//! `ligisoo users`: people by command, the only way to make an operator.

use std::io::{BufRead, stdin};

use anyhow::{Context, bail};
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
        /// `-` reads it from the standard input. On the command line others can see it: that is for play money only.
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

/// The password that is meant by what stands on the command line.
fn read_password(word: String, is_live: bool, input: impl BufRead) -> anyhow::Result<String> {
    if word == "-" {
        let line = input.lines().next().context("no password came: type it, or pipe it in")?;
        return line.context("the standard input");
    }
    if is_live {
        bail!("with real money a password is not written on the command line, where others can see it: write `--password -` and type it");
    }
    Ok(word)
}

pub async fn run(command: Users, db: &Db, settings: &Settings) -> anyhow::Result<()> {
    let (phone, password, role, name) = match command {
        Users::Add { phone, password, role, name } => {
            (phone, read_password(password, settings.money.is_live(), stdin().lock())?, role, name)
        }
        Users::Set { phone, verified, staff } => return set(&phone.parse()?, verified, staff, db).await,
    };
    let (clock, random) = (Clock::System, Random::System);
    let msisdn: Msisdn = phone.parse()?;
    let name = name.unwrap_or_else(|| format!("Ligisoo {}", &msisdn.as_str()[9..]));
    if let Err(reason) = check_password(&password, &msisdn, &[&name]) {
        bail!("{}", reason.as_str(Language::English));
    }
    let accounts =
        Accounts::new(db.clone(), clock.clone(), random.clone(), SecretKey::open(settings, &random)?, AccountLimits::default(), None)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn read(word: &str, is_live: bool, input: &str) -> Result<String, String> {
        read_password(word.to_owned(), is_live, input.as_bytes()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_password_of_real_money_is_not_on_the_command_line() {
        assert_eq!(read("-", true, "correct horse\nmore\n"), Ok("correct horse".to_owned()));
        assert_eq!(read("-", false, " spaces are part of it "), Ok(" spaces are part of it ".to_owned()));
        assert_eq!(read("correct horse", false, ""), Ok("correct horse".to_owned()));
        let refused = read("correct horse", true, "").expect_err("others could see it");
        assert!(refused.contains("--password -") && !refused.contains("correct horse"), "{refused}");
        assert!(read("-", true, "").is_err(), "nothing came");
    }
}
