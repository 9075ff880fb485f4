//! `ligisoo money`: which money a database holds, and that it is meant to go on with other money.

use clap::Subcommand;
use leptos::config::LeptosOptions;

use super::operator::operator;
use crate::context::Foundation;
use crate::platform::db::Db;
use crate::platform::money_mode::{MoneyKind, MoneyMode};
use crate::platform::settings::Settings;
use crate::types::{AppError, Msisdn};

/// What is said about the money of a database.
#[derive(Subcommand)]
pub enum MoneyCommand {
    /// This database goes on with this money: another short code, or the sandbox before real money.
    Accept {
        #[arg(long, value_parser = read_kind)]
        kind: MoneyKind,
        /// The short code; of a till the store and the till, each with its own `--short-code`.
        #[arg(long, required = true, value_parser = read_short_code)]
        short_code: Vec<String>,
        /// Your own number, as a member of staff.
        #[arg(long)]
        by: Msisdn,
        #[arg(long)]
        reason: String,
    },
}

fn read_kind(text: &str) -> Result<MoneyKind, String> {
    let kind = MoneyKind::read(text).filter(|kind| *kind != MoneyKind::Simulated);
    kind.ok_or_else(|| "write sandbox or live".to_owned())
}

fn read_short_code(text: &str) -> Result<String, String> {
    let is_one = (5..=7).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_one { Ok(text.to_owned()) } else { Err("a short code has 5 to 7 digits".to_owned()) }
}

/// Does what the command says.
///
/// # Errors
/// Those of `operator`; an `AppError` if the database holds play money and payments; a database error.
pub async fn run(
    command: MoneyCommand,
    db: Db,
    settings: Settings,
    leptos: LeptosOptions,
) -> anyhow::Result<()> {
    let MoneyCommand::Accept { kind, short_code, by, reason } = command;
    let foundation = Foundation::for_command(settings, leptos, db)?;
    let operator = operator(&foundation, &by, &reason).await?;
    let mode = MoneyMode { kind, short_codes: short_code };
    let accepted = foundation.payments().accept_money(&mode, &operator).await.map_err(AppError::from)?;
    println!("until now: {}", accepted.before);
    println!("from now on: {}", accepted.after);
    println!(
        "in the database: {} payments, {} of them completed with {}",
        accepted.holds.payments, accepted.holds.completed, accepted.holds.sum
    );
    Ok(())
}
