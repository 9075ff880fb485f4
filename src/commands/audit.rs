//! `ligisoo audit`: what was done, by whom and why, and whether nothing of it was changed.

use clap::Subcommand;

use super::exit::Exit;
use super::output::print;
use crate::audit::{self, AuditRow, Subject};
use crate::people::store::person_by_msisdn;
use crate::platform::clock::rfc3339;
use crate::platform::db::Db;
use crate::types::{Msisdn, PersonId};

/// What is asked of the audit.
#[derive(Subcommand)]
pub enum AuditCommand {
    /// Walk the chain of all rows; exit 1 and name the first that does not fit.
    Check {
        #[arg(long)]
        json: bool,
    },
    /// What was done to something, or what somebody did; the newest first.
    #[command(group = clap::ArgGroup::new("what").required(true))]
    List {
        /// `payment:ID`, `tip:NUMBER` or `person:ID`.
        #[arg(long, group = "what", value_parser = read_subject)]
        subject: Option<Subject>,
        /// The number of a phone. What the shell did in this person's name is there too.
        #[arg(long, group = "what")]
        person: Option<Msisdn>,
        #[arg(long, default_value_t = 50)]
        limit: i64,
        #[arg(long)]
        json: bool,
    },
}

fn read_subject(text: &str) -> Result<Subject, String> {
    let unfit = || "write payment:ID, tip:NUMBER or person:ID".to_owned();
    let (kind, id) = text.split_once(':').ok_or_else(unfit)?;
    let subject = match kind {
        "payment" => id.parse().ok().map(Subject::Payment),
        "tip" => id.parse().ok().map(Subject::Tip),
        "person" => id.parse().ok().map(Subject::Person),
        _ => None,
    };
    subject.ok_or_else(unfit)
}

/// Does what the command says.
///
/// # Errors
/// `Exit::Wrong` if nobody has the number; a database error.
pub async fn run(command: AuditCommand, db: &Db) -> anyhow::Result<Exit> {
    match command {
        AuditCommand::Check { json } => check(db, json).await,
        AuditCommand::List { subject, person, limit, json } => {
            let limit = limit.clamp(1, 10_000);
            let rows = match (subject, person) {
                (Some(subject), _) => audit::of_subject(db, subject, limit).await?,
                (None, Some(person)) => audit::of_person(db, id_of(db, &person).await?, limit).await?,
                (None, None) => Vec::new(),
            };
            list(&rows, json)?;
            Ok(Exit::Right)
        }
    }
}

async fn id_of(db: &Db, msisdn: &Msisdn) -> anyhow::Result<PersonId> {
    let found = person_by_msisdn(db, msisdn).await?;
    Ok(found.ok_or_else(|| Exit::Wrong.because(format!("nobody has the number {}", msisdn.local())))?.id)
}

async fn check(db: &Db, json: bool) -> anyhow::Result<Exit> {
    let report = audit::check(db).await?;
    if json {
        print(&report, true)?;
    } else {
        match report.rows {
            0 => println!("no rows yet"),
            rows => println!("{rows} rows, the last has the hash {}", report.hash),
        }
        match &report.broken {
            Some(broken) => println!("wrong at row {}: {}", broken.seq, broken.why),
            None => println!("the audit is right"),
        }
    }
    Ok(if report.broken.is_none() { Exit::Right } else { Exit::Wrong })
}

fn list(rows: &[AuditRow], json: bool) -> anyhow::Result<()> {
    if json {
        return print(&rows, true);
    }
    for row in rows {
        let number = row.seq.map_or_else(|| "-".to_owned(), |seq| seq.to_string());
        let person = row.person_id.map_or_else(String::new, |person| format!(" {person}"));
        let (before, after) = (row.before.as_deref().unwrap_or("-"), row.after.as_deref().unwrap_or("-"));
        println!(
            "{number} {} {}{person} {} {}:{} {before} > {after}: {}",
            rfc3339(row.at),
            row.actor,
            row.action,
            row.subject_kind,
            row.subject_id,
            row.reason
        );
    }
    if rows.is_empty() {
        println!("nothing");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::TipId;

    #[test]
    fn a_subject_is_named_by_its_kind_and_id() {
        assert_eq!(read_subject("tip:17"), Ok(Subject::Tip(TipId(17))));
        let payment = "payment:01a20b21-0000-7000-8000-000000000000";
        assert!(matches!(read_subject(payment), Ok(Subject::Payment(_))));
        for unfit in ["tip", "tip:x", "payment:17", "week:1", ""] {
            assert!(read_subject(unfit).is_err(), "{unfit}");
        }
    }
}
