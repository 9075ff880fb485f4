//! `ligisoo users`: people by command. There is no other way to make an operator.

use std::io::{BufRead, stdin};

use anyhow::Context;
use chrono::{DateTime, NaiveDate, Utc};
use clap::{Args, Subcommand, ValueEnum};
use leptos::config::LeptosOptions;

use super::exit::Exit;
use super::operator::{check_may_make_staff, operator_or_first};
use crate::audit::{self, Actor, Deed, Operator, Subject};
use crate::context::Foundation;
use crate::people::check_password;
use crate::people::store::{self, NewPerson};
use crate::platform::clock::{Clock, nairobi};
use crate::platform::db::{Db, Failure, transaction};
use crate::platform::random::Random;
use crate::platform::settings::Settings;
use crate::platform::viewer::Staff;
use crate::types::name::{person_name, thing_name};
use crate::types::{AppError, Language, Msisdn, PersonId};

/// The reason that the audit has for what a command does, where none was given.
const REASON: &str = "by command";
/// How many names are listed at most.
const NAMES: i64 = 1_000;

/// What is done about people.
#[derive(Subcommand)]
pub enum Users {
    /// Add a person.
    Add {
        #[arg(long)]
        phone: Msisdn,
        /// `-` reads it from the standard input. On the command line others can see it: that is for play
        /// money only.
        #[arg(long)]
        password: String,
        #[arg(long, value_enum)]
        role: Role,
        /// Shown to others.
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        says: StaffArguments,
    },
    /// Say of a person whether they are verified (their tips need no approval) and what they may do at the
    /// desk.
    Set {
        #[arg(long)]
        phone: Msisdn,
        #[arg(long)]
        verified: Option<bool>,
        /// With `--verified true`: the name that you looked at, as `users names` writes it. If it is another
        /// one by now, nothing is set.
        #[arg(long)]
        name: Option<String>,
        #[arg(long, value_enum)]
        staff: Option<StaffRole>,
        #[command(flatten)]
        says: StaffArguments,
    },
    /// List tipsters whose name waits for somebody to look at it: it looks like an older tipster's, or it is
    /// new. They have no badge until `users set --verified true --name "…"`; a name that looks like another
    /// one must be changed first.
    Names,
}

/// Who says it, and why.
#[derive(Args)]
pub struct StaffArguments {
    /// Your own number, as a member of staff. You are asked for your password, or it is read from
    /// `STAFF_PASSWORD_FILE`; without it, it is the shell's word. Only who adds the first member of staff, or
    /// a buyer or tipster, need not name anybody.
    #[arg(long)]
    by: Option<Msisdn>,
    #[arg(long, default_value = REASON)]
    reason: String,
}

/// A role at the desk, or none, as it is typed.
#[derive(Clone, Copy, ValueEnum, PartialEq, Eq)]
pub enum StaffRole {
    None,
    Operator,
    Admin,
    Auditor,
}

/// What a new person is.
#[derive(Clone, Copy, ValueEnum, PartialEq, Eq)]
pub enum Role {
    Buyer,
    Tipster,
    Operator,
    Admin,
    Auditor,
}

/// The password that the word on the command line means.
fn read_password(word: String, is_live: bool, input: impl BufRead) -> anyhow::Result<String> {
    if word == "-" {
        let line = input.lines().next().context("no password came: type it, or pipe it in")?;
        return line.context("the standard input");
    }
    if is_live {
        return Err(Exit::Usage.because(
            "with real money a password is not written on the command line, where others can see it: write \
                `--password -` and type it",
        ));
    }
    Ok(word)
}

/// What was done, by an operator or by a shell that named nobody.
fn deed<'a>(
    by: Option<&'a Operator>,
    at: DateTime<Utc>,
    action: &'static str,
    subject: Subject,
    change: (Option<&'a str>, Option<&'a str>),
) -> Deed<'a> {
    if let Some(operator) = by {
        return operator.deed(at, action, subject, change);
    }
    let ((before, after), by) = (change, Actor::Shell(None));
    Deed { at, by, action, subject, before, after, reason: REASON }
}

impl Role {
    /// What they may do at the desk.
    const fn staff(self) -> Option<Staff> {
        match self {
            Self::Operator => Some(Staff::Operator),
            Self::Admin => Some(Staff::Admin),
            Self::Auditor => Some(Staff::Auditor),
            Self::Buyer | Self::Tipster => None,
        }
    }

    /// The role, for the audit.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Buyer => "buyer",
            Self::Tipster => "tipster",
            Self::Operator => "operator",
            Self::Admin => "admin",
            Self::Auditor => "auditor",
        }
    }

    /// The first word of the name for a person who is given none. Only our own staff are named after the
    /// house.
    const fn title(self) -> &'static str {
        match self {
            Self::Buyer => "Buyer",
            Self::Tipster => "Tipster",
            Self::Operator | Self::Admin | Self::Auditor => "Ligisoo",
        }
    }
}

/// Does what the command says.
///
/// # Errors
/// `Exit::Usage` if the name, the password or the options are unfit; `Exit::Wrong` if the number is
/// registered already; otherwise the errors of `set`, or a database error.
pub async fn run(command: Users, db: Db, settings: Settings, leptos: LeptosOptions) -> anyhow::Result<()> {
    let on = Foundation::for_command(settings, leptos, db)?;
    match command {
        Users::Add { phone, password, role, name, says } => {
            let password = read_password(password, on.settings.money.is_live(), stdin().lock())?;
            let by = match (role, &says.by) {
                (Role::Buyer | Role::Tipster, None) => None,
                (_, by) => operator_or_first(&on, by.as_ref(), &says.reason).await?,
            };
            if role.staff().is_some() {
                check_may_make_staff(&on, by.as_ref()).await?;
            }
            add(&on, (&phone, name, role), &password, by.as_ref()).await
        }
        Users::Set { phone, verified, name, staff, says } => {
            let badge = read_badge(verified, name)?;
            let by = operator_or_first(&on, says.by.as_ref(), &says.reason).await?;
            if staff.is_some() {
                check_may_make_staff(&on, by.as_ref()).await?;
            }
            set(&phone, badge.as_ref(), staff, by.as_ref(), &on.db).await
        }
        Users::Names => names(&on.db).await,
    }
}

async fn add(
    on: &Foundation,
    (msisdn, name, role): (&Msisdn, Option<String>, Role),
    password: &str,
    by: Option<&Operator>,
) -> anyhow::Result<()> {
    let (people, clock, random) = (on.people()?, &on.clock, &on.random);
    let name = match name {
        Some(name) => read_name(&name, role)?,
        None => format!("{} {}", role.title(), &msisdn.as_str()[9..]),
    };
    if let Err(reason) = check_password(password, msisdn, &[&name]) {
        return Err(Exit::Usage.because(reason.as_str(Language::English)));
    }
    let person = NewPerson {
        id: PersonId(random.uuid(clock.now())),
        msisdn,
        display_name: &name,
        password_hash: &people.hash_password(password).await?,
        // Whoever types this command answers for the person's age.
        birth_date: NaiveDate::from_ymd_opt(1990, 1, 1).unwrap_or_default(),
        is_buyer: role == Role::Buyer,
        is_tipster: role == Role::Tipster,
        is_verified: role == Role::Tipster,
        staff: role.staff(),
        created_at: clock.now(),
    };
    let (subject, roles) = (Subject::Person(person.id), (None, Some(role.as_str())));
    if !people.add_by(&person, &deed(by, clock.now(), "person_added", subject, roles)).await? {
        return Err(Exit::Wrong.because(format!("{} is registered already", msisdn.local())));
    }
    println!("added {name}, {}", msisdn.local());
    Ok(())
}

/// What happens to somebody's badge.
#[derive(Debug, PartialEq, Eq)]
pub enum Badge {
    /// It is given, for this name and no other.
    Given(String),
    Taken,
}

fn read_badge(verified: Option<bool>, name: Option<String>) -> anyhow::Result<Option<Badge>> {
    match (verified, name) {
        (Some(true), Some(name)) => Ok(Some(Badge::Given(name))),
        (Some(true), None) => Err(Exit::Usage.because(
            "the badge is for a name: add --name with the one that you looked at, as `users names` writes it",
        )),
        (Some(false), None) => Ok(Some(Badge::Taken)),
        (None, None) => Ok(None),
        (_, Some(_)) => Err(Exit::Usage.because("--name goes with --verified true: nobody is renamed here")),
    }
}

/// Sets or takes a tipster's badge, and sets or takes a role at the desk, in one transaction with the audit.
///
/// # Errors
/// `Exit::Usage` if there is nothing to set; `AppError::NotFound` if nobody has this number;
/// `AppError::Conflict` if the name is not the one that was looked at, or looks like another tipster's; a
/// database error.
pub async fn set(
    msisdn: &Msisdn,
    badge: Option<&Badge>,
    staff: Option<StaffRole>,
    by: Option<&Operator>,
    db: &Db,
) -> anyhow::Result<()> {
    let staff = staff.map(|staff| match staff {
        StaffRole::None => None,
        StaffRole::Operator => Some(Staff::Operator),
        StaffRole::Admin => Some(Staff::Admin),
        StaffRole::Auditor => Some(Staff::Auditor),
    });
    if badge.is_none() && staff.is_none() {
        return Err(Exit::Usage.because("nothing to set: name --verified or --staff"));
    }
    let now = Clock::system().now();
    let done: Result<(), Failure> = transaction!(db, |tx| {
        let Some(person) = store::known(tx, msisdn).await? else {
            return Err(AppError::not_found(format!("nobody is registered as {}", msisdn.local())).into());
        };
        let (mut deeds, subject) = (Vec::new(), Subject::Person(person.id));
        if let Some(badge) = badge {
            match badge {
                Badge::Taken => store::take_badge(tx, person.id).await?,
                Badge::Given(name) if store::give_badge(tx, person.id, name).await? => {}
                Badge::Given(_) => return Err(AppError::conflict(why_no_badge(&person)).into()),
            }
            let change = (Some(standing(person.is_verified)), Some(standing(*badge != Badge::Taken)));
            deeds.push(deed(by, now, "badge_set", subject, change));
        }
        if let Some(staff) = staff {
            store::set_staff(tx, person.id, staff).await?;
            let change = (person.staff.map(Staff::as_str), staff.map(Staff::as_str));
            deeds.push(deed(by, now, "staff_set", subject, change));
        }
        Ok(audit::record(tx, &Random::System, &deeds).await?)
    });
    done?;
    println!("{} is set", msisdn.local());
    Ok(())
}

fn why_no_badge(person: &store::Known) -> String {
    if person.is_tipster && !person.has_own_name {
        return "another tipster's name looks the same: this one must choose another name first".to_owned();
    }
    format!("the name is {:?} now, not the one that you looked at: look again", person.display_name)
}

const fn standing(is_verified: bool) -> &'static str {
    if is_verified { "verified" } else { "not verified" }
}

/// Reads a name. Our own staff may be named after the house; everybody else's name keeps the rules of the
/// form.
fn read_name(name: &str, role: Role) -> anyhow::Result<String> {
    match role {
        Role::Operator | Role::Admin | Role::Auditor => {
            let unfit = || Exit::Usage.because("a name has signs that can be seen, in one alphabet");
            thing_name(name).ok_or_else(unfit)
        }
        Role::Buyer | Role::Tipster => {
            person_name(name).map_err(|reason| Exit::Usage.because(reason.as_str(Language::English)))
        }
    }
}

async fn names(db: &Db) -> anyhow::Result<()> {
    let doubted = store::names::doubted(db, NAMES).await?;
    for tipster in &doubted {
        let why = if tipster.is_double {
            "looks like another tipster's name"
        } else {
            "is new, or could not be chosen today"
        };
        let (name, handle) = (&tipster.display_name, tipster.handle.as_deref().unwrap_or("-"));
        println!(
            "{}  {name:?}  /tipsters/{handle}  {why}  since {}",
            tipster.msisdn.local(),
            nairobi(tipster.name_doubted_at).date_naive()
        );
    }
    if doubted.is_empty() {
        println!("no name waits");
    }
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

    #[test]
    fn a_badge_needs_a_name() {
        let read = |verified, name: Option<&str>| {
            read_badge(verified, name.map(str::to_owned)).map_err(|error| error.to_string())
        };
        assert_eq!(read(Some(true), Some("Kip")), Ok(Some(Badge::Given("Kip".to_owned()))));
        assert_eq!(read(Some(false), None), Ok(Some(Badge::Taken)));
        assert_eq!(read(None, None), Ok(None));
        assert!(read(Some(true), None).is_err_and(|reason| reason.contains("--name")));
        assert!(read(None, Some("Kip")).is_err() && read(Some(false), Some("Kip")).is_err());
    }
}
