//! `ligisoo jobs`: the work that waits, and how it fares.

use clap::{Args, Subcommand};
use leptos::config::LeptosOptions;
use serde::Serialize;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::exit::Exit;
use super::output::print;
use super::payments::OperatorArguments;
use crate::audit::{self, Operator, Subject};
use crate::context::Foundation;
use crate::jobs::report::{Job, Report, report};
use crate::notices::Notices;
use crate::outbox;
use crate::outbox::store::DeadMessage;
use crate::platform::clock::rfc3339;
use crate::platform::database_clock;
use crate::platform::db::{Db, Failure, transaction};
use crate::platform::settings::Settings;
use crate::server::jobs;
use crate::types::AppError;

/// What is shown or done of work that waits.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Jobs {
    #[arg(long)]
    json: bool,
    #[command(subcommand)]
    command: Option<JobsCommand>,
}

/// What is done about work that waits.
#[derive(Subcommand)]
enum JobsCommand {
    /// Send a message again that was given up.
    Retry {
        id: Uuid,
        #[command(flatten)]
        says: OperatorArguments,
    },
}

/// What is shown.
#[derive(Serialize)]
pub struct Shown {
    #[serde(flatten)]
    report: Report,
    dead_messages: Vec<DeadMessage>,
}

/// Does what the command says. It needs no server.
///
/// # Errors
/// An error if the services cannot be built, if no dead message has the id, or if the database does not
/// answer.
pub async fn run(command: Jobs, db: Db, settings: Settings, leptos: LeptosOptions) -> anyhow::Result<Exit> {
    let on = Foundation::for_command(settings, leptos, db)?;
    if let Some(JobsCommand::Retry { id, says }) = command.command {
        retry(&on, id, &says.operator(&on).await?).await?;
        println!("it is due again");
        return Ok(Exit::Right);
    }
    database_clock::compare(&on.db, &on.clock).await?;
    let shown = look(&on).await?;
    if command.json {
        print(&shown, true)?;
    } else {
        show(&shown);
    }
    Ok(if shown.report.needs_person() { Exit::NeedsPerson } else { Exit::Right })
}

/// Makes a dead message due again. One that has expired meanwhile is not sent, and has ended then.
///
/// # Errors
/// [`AppError::NotFound`] if no dead message has this id; a database error.
pub async fn retry(on: &Foundation, id: Uuid, by: &Operator) -> Result<(), Failure> {
    let now = on.clock.now();
    let deed = by.deed(now, "message_retried", Subject::Message(id), (Some("dead"), Some("due")));
    transaction!(on.db, |tx| {
        if !outbox::store::revive(tx, id, now).await? {
            return Err(AppError::not_found("No dead message has this id.").into());
        }
        Ok(audit::record(tx, &on.random, &[deed]).await?)
    })
}

/// Every kind of work, and the messages that were given up.
///
/// # Errors
/// An error if the service for people cannot be built, or the database does not answer.
pub async fn look(on: &Foundation) -> anyhow::Result<Shown> {
    let (people, notices) = (on.people()?, Notices::new(on.db.clone(), on.clock.clone()));
    let base = (&on.db, &on.clock);
    let kinds = jobs::kinds(base, &on.payments(), &people, &notices, &CancellationToken::new());
    let report = report(&on.db, &kinds, on.clock.now()).await?;
    Ok(Shown { report, dead_messages: people.outbox.dead().await? })
}

fn show(Shown { report, dead_messages }: &Shown) {
    match &report.lease {
        Some(lease) if report.is_held => println!(
            "the server {} works, until {} at least (epoch {})",
            lease.holder,
            rfc3339(lease.held_until),
            lease.epoch
        ),
        _ => println!("no server works"),
    }
    report.jobs.iter().for_each(|job| println!("{}", line(job)));
    for DeadMessage { id, text, attempts, last_error, ended_at, .. } in dead_messages {
        let (at, why) = (rfc3339(*ended_at), last_error.as_deref().unwrap_or("-"));
        println!("dead message {id}: {text}, given up {at} after {attempts} attempts, last: {why}");
    }
}

fn line(job: &Job) -> String {
    let waiting = &job.waiting;
    let mut parts = vec![format!("{} due, {} later, {} dead", waiting.due, waiting.later, waiting.dead)];
    if let Some(oldest) = waiting.oldest_due_at {
        parts.push(format!("due since {}", rfc3339(oldest)));
    }
    match &job.last {
        None => parts.push("never done".to_owned()),
        Some(last) => {
            if let Some(begun) = last.begun_at {
                parts.push(format!("runs since {} on {}", rfc3339(begun), last.owner));
            } else if job.every >= 60 {
                parts.push(format!("next {}", rfc3339(last.due_at)));
            }
            if let Some(error) = &last.last_error {
                parts.push(format!("failed {} times, last: {error}", last.attempts));
            }
            if let Some(done) = last.done_at {
                parts.push(format!("did {} in all, last {}", last.done_count, rfc3339(done)));
            }
        }
    }
    format!("{}: {}", job.kind, parts.join("; "))
}
