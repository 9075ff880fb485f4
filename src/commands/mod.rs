//! The commands that an operator or a developer types. Each opens what it needs, says what it did, and ends.

mod audit;
mod bodies;
mod check;
mod debts;
mod exit;
pub mod jobs;
mod money;
pub mod operator;
mod output;
mod payments;
pub mod people;
mod seed;
pub mod statement;
mod suspense;

use std::path::Path;

use anyhow::{Context, bail};
use clap::{Parser, Subcommand};
use leptos::config::{LeptosOptions, get_configuration};

use output::print;

pub use exit::Exit;

use crate::audit::{Actor, Deed, Subject, record};
use crate::books::{self, Extent};
use crate::daraja::simulator::Simulator;
use crate::payments::adoption;
use crate::platform::clock::{Clock, nairobi, start_of_day};
use crate::platform::db::{Db, Failure, transaction};
use crate::platform::random::Random;
use crate::platform::settings::{Money, Settings, SettingsSource};
use crate::platform::telemetry;
use crate::server;
use crate::types::{Kes, TipId};

const SETTINGS_FILE: &str = "Leptos.toml";

/// Ligisoo: a marketplace of football tips, paid with M-Pesa.
#[derive(Parser)]
#[command(name = "ligisoo", version, after_help = exit::HELP)]
struct Command {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Serve the site; without M-Pesa settings also the M-Pesa simulator.
    Serve,
    /// Bring the database to this version.
    Migrate,
    /// Check settings, database, callback address and M-Pesa access; exit 1 if one is wrong.
    Check {
        #[arg(long)]
        json: bool,
    },
    /// Fill a play-money database with demo people and tips; can be run again.
    Seed {
        /// More tips, without pictures, for load.
        #[arg(long, default_value_t = 0)]
        tips: i64,
        /// More buyers, for load.
        #[arg(long, default_value_t = 0)]
        buyers: u32,
        /// So many settled sales in all, for load.
        #[arg(long, default_value_t = 0)]
        payments: usize,
    },
    /// Serve the M-Pesa simulator alone.
    Simulate,
    /// People.
    #[command(subcommand)]
    Users(people::Users),
    /// Tips.
    #[command(subcommand)]
    Tips(TipsCommand),
    /// Payments.
    #[command(subcommand)]
    Payments(payments::PaymentsCommand),
    /// Which money the database holds.
    #[command(subcommand)]
    Money(money::MoneyCommand),
    /// The books.
    #[command(subcommand)]
    Ledger(LedgerCommand),
    /// The work that waits: what is due, running or given up, and who does it; exit 2 if a person must look.
    Jobs(jobs::Jobs),
    /// What was done, by whom and why.
    #[command(subcommand)]
    Audit(audit::AuditCommand),
}

#[derive(Subcommand)]
enum TipsCommand {
    /// One tip with everything in it.
    Show {
        number: i64,
        #[arg(long)]
        json: bool,
    },
}

#[derive(Subcommand)]
enum LedgerCommand {
    /// Prove the books since the last closing; exit 1 and list what is wrong.
    Check {
        /// From the first shilling on, and every closing.
        #[arg(long)]
        full: bool,
        #[arg(long)]
        json: bool,
    },
}

/// Reads the command line and does what it says. The exit code is for the scripts that run the command.
///
/// # Errors
/// Every failure, in words for whoever typed the command. `Exit::of` tells the exit code of each.
pub async fn run() -> anyhow::Result<Exit> {
    let command = match Command::try_parse() {
        Ok(command) => command,
        Err(told) => {
            told.print()?;
            return Ok(if told.use_stderr() { Exit::Usage } else { Exit::Right });
        }
    };
    let unfit = |error: anyhow::Error| Exit::Usage.because(format!("{error:#}"));
    let source = SettingsSource::read(Path::new(SETTINGS_FILE)).map_err(unfit)?;
    let leptos = leptos_options(&source)?;
    if let What::Check { json } = command.what {
        return check::run(&source, &leptos, json).await;
    }
    let settings = Settings::load(&source, leptos.site_addr).map_err(unfit)?;
    telemetry::start(&settings.log_filter, settings.log_json)?;
    match command.what {
        What::Serve => server::run(settings, leptos).await?,
        What::Simulate => simulate(&settings).await?,
        What::Check { .. } => {}
        What::Migrate => migrate(&open(&settings).await?).await?,
        What::Seed { tips, buyers, payments } => {
            seed::run(&settings, leptos, open(&settings).await?, tips, buyers, payments).await?;
        }
        What::Users(command) => {
            people::run(command, open_migrated(&settings).await?, settings, leptos).await?;
        }
        What::Tips(TipsCommand::Show { number, json }) => {
            show_tip(&open_migrated(&settings).await?, TipId(number), json).await?;
        }
        What::Payments(command) => {
            return payments::run(command, open_migrated(&settings).await?, settings, leptos).await;
        }
        What::Money(command) => {
            money::run(command, open_migrated(&settings).await?, settings, leptos).await?;
        }
        What::Jobs(command) => {
            return jobs::run(command, open_migrated(&settings).await?, settings, leptos).await;
        }
        What::Ledger(LedgerCommand::Check { full, json }) => {
            return check_ledger(&open_migrated(&settings).await?, full, json).await;
        }
        What::Audit(command) => return audit::run(command, &open_migrated(&settings).await?).await,
    }
    Ok(Exit::Right)
}

/// Leptos's own settings: from the file if there is one, else from the environment. Leptos does not read
/// `.env`, so `LEPTOS_SITE_ADDR`, the one setting that people put there, is read here.
fn leptos_options(source: &SettingsSource) -> anyhow::Result<LeptosOptions> {
    let file = Path::new(SETTINGS_FILE).exists().then_some(SETTINGS_FILE);
    let mut options = get_configuration(file).context(SETTINGS_FILE)?.leptos_options;
    if let Some(addr) = source.parse("LEPTOS_SITE_ADDR")? {
        options.site_addr = addr;
    }
    Ok(options)
}

async fn open(settings: &Settings) -> anyhow::Result<Db> {
    Db::connect(&settings.database_url).await.context("the database (DATABASE_URL) does not answer")
}

async fn open_migrated(settings: &Settings) -> anyhow::Result<Db> {
    let db = open(settings).await?;
    if db.pending_migrations().await? > 0 || !adoption::is_done(&db).await? {
        bail!("the database is not of this version: run `ligisoo migrate` first");
    }
    Ok(db)
}

async fn migrate(db: &Db) -> anyhow::Result<()> {
    db.migrate().await?;
    adoption::adopt(db, &Clock::system(), &Random::System).await
}

async fn simulate(settings: &Settings) -> anyhow::Result<()> {
    let Money::Simulated(simulated) = &settings.money else {
        return Err(
            Exit::Usage.because("the settings are for real money: the simulator is for play money only")
        );
    };
    let options = server::simulator_options(settings, simulated, &Clock::system(), &Random::System)?;
    let running = Simulator::start(simulated.addr, options).await?;
    println!("the M-Pesa simulator answers on {}", running.url);
    tokio::signal::ctrl_c().await?;
    running.stop().await;
    Ok(())
}

async fn show_tip(db: &Db, number: TipId, json: bool) -> anyhow::Result<()> {
    let Some(tip) = crate::tips::store::full(db, number).await? else {
        return Err(Exit::Wrong.because(format!("there is no tip {number}")));
    };
    let (at, by, subject) = (Clock::system().now(), Actor::Shell(None), Subject::Tip(number));
    let look = Deed { at, by, action: "tip_seen", subject, before: None, after: None, reason: "by command" };
    let noted: Result<(), Failure> = transaction!(db, |tx| Ok(record(tx, &Random::System, &[look]).await?));
    noted?;
    print(&tip, json)
}

async fn check_ledger(db: &Db, is_full: bool, json: bool) -> anyhow::Result<Exit> {
    let report = books::check(db, if is_full { Extent::All } else { Extent::OpenDays }).await?;
    if json {
        print(&report, true)?;
    } else {
        let since = report.first_day.map_or_else(
            || "in all".to_owned(),
            |first| format!("since {}", nairobi(start_of_day(first)).date_naive()),
        );
        println!(
            "{} transfers, {} entries, {} completed payments {since}",
            report.transfers, report.entries, report.completed_payments
        );
        for balance in report.balances.iter().filter(|balance| balance.balance_cents != 0) {
            println!("{}: {}", balance.account, Kes::from_cents(balance.balance_cents));
        }
        for finding in &report.findings {
            println!("wrong: {}: {}", finding.rule, finding.id);
        }
        println!(
            "{}",
            if report.findings.is_empty() { "the books are right" } else { "the books are WRONG" }
        );
    }
    Ok(if report.findings.is_empty() { Exit::Right } else { Exit::Wrong })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn commands_are_read_as_they_are_documented() {
        Command::command().debug_assert();
        let id = "01a20b21-0000-7000-8000-000000000000";
        let told = [
            format!("payments settle {id} --receipt UKN1AB2CD3 --amount 50 --by 0744000001 --reason seen"),
            format!("payments refunded {id} --receipt UKN1AB2CD3 --by 0744000001"),
            format!("payments approve-refund {id} --by 0744000001 --reason agreed"),
            "payments import statement.csv --by 0744000001".to_owned(),
            "payments register-c2b --by 0744000001".to_owned(),
            "payments list --unreadable --json".to_owned(),
            "money accept --kind live --short-code 600999 --short-code 600998 --by 0744000001 --reason moved"
                .to_owned(),
            "users add --phone 0744000001 --password - --role auditor".to_owned(),
            "users set --phone 0744000001 --staff none --by 0744000002".to_owned(),
            format!("audit list --subject payment:{id}"),
            "audit list --person 0744000001 --json".to_owned(),
            "audit check".to_owned(),
        ];
        let read = |words: &str| Command::try_parse_from(format!("ligisoo {words}").split(' ')).is_ok();
        for words in told {
            assert!(read(&words), "{words}");
        }
        for words in [
            "payments import statement.csv",
            "payments settle 01a20b21-0000-7000-8000-000000000000 --receipt UKN1AB2CD3 --by 0744000001 --reason seen",
            "payments register-c2b --by Halima",
            "audit list",
            "money accept --kind simulated --short-code 600999 --by 0744000001 --reason why",
            "money accept --kind live --short-code 12 --by 0744000001 --reason why",
            "money accept --kind live --by 0744000001 --reason why",
        ] {
            assert!(!read(words), "{words}");
        }
    }
}
