//! `ligisoo check`: one line for each thing that must be right before people pay. It changes nothing on this
//! machine.

use std::net::SocketAddr;

use leptos::config::LeptosOptions;
use serde::Serialize;

use super::exit::Exit;
use super::output::print;
use crate::app;
use crate::context::daraja_client;
use crate::platform::clock::Clock;
use crate::platform::db::Db;
use crate::platform::files::Files;
use crate::platform::money_mode::{self, MoneyMode};
use crate::platform::settings::{Money, Settings, SettingsSource};

#[derive(Serialize)]
struct CheckLine {
    check: &'static str,
    ok: bool,
    says: String,
}

fn line(check: &'static str, result: anyhow::Result<String>) -> CheckLine {
    match result {
        Ok(says) => CheckLine { check, ok: true, says },
        Err(error) => CheckLine { check, ok: false, says: format!("{error:#}") },
    }
}

async fn lines(source: &SettingsSource, leptos: &LeptosOptions) -> Vec<CheckLine> {
    let mut lines = Vec::new();
    match Settings::load(source, leptos.site_addr) {
        Err(error) => lines.push(line("settings", Err(error))),
        Ok(settings) => {
            lines.push(line("settings", Ok(describe(&settings, leptos.site_addr))));
            lines.push(line("browser files", browser_files(leptos)));
            let (db, about_it) = database(&settings).await;
            lines.extend(about_it);
            lines.push(line("secret key", secret_key(&settings, db.as_ref()).await));
            lines.push(line("pictures", Files::probe(&settings).await));
            if let Some(db) = db {
                db.close().await;
            }
            lines.push(line("callback address", callback_address(&settings)));
            lines.push(line("SMS codes", sms(&settings)));
            lines.push(line("contact", contact(&settings)));
            lines.push(line("M-Pesa access", mpesa_access(&settings).await));
        }
    }
    lines
}

/// Prints the lines, and ends with `Exit::Wrong` if something is wrong. With wrong settings there is one line
/// only.
///
/// # Errors
/// An error if the lines cannot be written as JSON. What is wrong is a line and no error.
pub async fn run(source: &SettingsSource, leptos: &LeptosOptions, json: bool) -> anyhow::Result<Exit> {
    let lines = lines(source, leptos).await;
    let all_ok = lines.iter().all(|line| line.ok);
    if json {
        print(&lines, true)?;
    } else {
        for CheckLine { check, ok, says } in &lines {
            println!("{} {check}: {says}", if *ok { "ok   " } else { "WRONG" });
        }
    }
    Ok(if all_ok { Exit::Right } else { Exit::Wrong })
}

fn describe(settings: &Settings, addr: SocketAddr) -> String {
    let money = match &settings.money {
        Money::Live(live) => format!("real money ({})", live.environment),
        Money::Simulated(_) => "play money".to_owned(),
    };
    format!("{money}, {} on {addr}", settings.origin())
}

fn browser_files(leptos: &LeptosOptions) -> anyhow::Result<String> {
    anyhow::ensure!(
        !leptos.hash_files || app::are_hashed(leptos),
        "{} is missing beside the program: run `make build`",
        leptos.hash_file
    );
    let folder = std::path::Path::new(&*leptos.site_root).join(&*leptos.site_pkg_dir);
    anyhow::ensure!(
        folder.is_dir(),
        "{} is missing: run `make build` and start in the project's folder",
        folder.display()
    );
    Ok(folder.display().to_string())
}

fn sms(settings: &Settings) -> anyhow::Result<String> {
    match (&settings.sms, &settings.money) {
        (Some(gateway), _) => Ok(format!("by {}", gateway.url.host_str().unwrap_or("the gateway"))),
        (None, Money::Simulated(_)) => Ok("to the simulator's phones".to_owned()),
        (None, Money::Live(_)) => {
            anyhow::bail!(
                "no gateway: numbers cannot be proven and passwords cannot be reset; set SMS_GATEWAY_URL and \
                    SMS_GATEWAY_TOKEN"
            )
        }
    }
}

/// The law demands that people are told who answers for their data (Data Protection Act 2019, section 29).
fn contact(settings: &Settings) -> anyhow::Result<String> {
    match (&settings.contact, &settings.money) {
        (Some(contact), _) => Ok(contact.clone()),
        (None, Money::Simulated(_)) => Ok("none, which is enough for play money".to_owned()),
        (None, Money::Live(_)) => anyhow::bail!("nobody is named who answers for people's data: set CONTACT"),
    }
}

/// The database, if there is one, and its lines.
async fn database(settings: &Settings) -> (Option<Db>, Vec<CheckLine>) {
    match Db::look(&settings.database_url).await {
        Err(error) => (None, vec![line("database", Err(error))]),
        Ok(None) => {
            let none =
                anyhow::anyhow!("there is none yet: `ligisoo migrate` makes it, and so does `ligisoo serve`");
            (None, vec![line("database", Err(none))])
        }
        Ok(Some(db)) => {
            let pending = db.pending_migrations().await.and_then(|pending| match pending {
                0 => Ok("of this version".to_owned()),
                missing => Err(anyhow::anyhow!("{missing} are missing: run `ligisoo migrate`")),
            });
            let money = held_money(settings, &db).await;
            let answers = line("database", Ok("answers".to_owned()));
            (Some(db), vec![answers, line("migrations", pending), line("money", money)])
        }
    }
}

/// Says which money the database holds, and whether the settings move the same.
async fn held_money(settings: &Settings, db: &Db) -> anyhow::Result<String> {
    money_mode::check_money(db, &MoneyMode::from(&settings.money)).await?;
    Ok(format!("the database holds {}", money_mode::remembered(db).await?))
}

/// Says whether the key is the one with which this database was last served.
async fn secret_key(settings: &Settings, db: Option<&Db>) -> anyhow::Result<String> {
    let Some(key) = settings.find_secret_key()? else {
        return Ok(format!("made at the first start, in {}", settings.key_file().display()));
    };
    let Some(db) = db else { return Ok("there is one".to_owned()) };
    match money_mode::knows_secret_key(db, &key).await {
        Ok(Some(false)) => anyhow::bail!(
            "this database was last served with another SECRET_KEY: all servers need the same; with a new \
                one counters and codes begin anew"
        ),
        Ok(Some(true)) => Ok("the one that this database knows".to_owned()),
        Ok(None) | Err(_) => Ok("this database knows none yet".to_owned()),
    }
}

/// Checks the address against Safaricom's rules (daraja §6). Only Safaricom can tell whether it can be
/// reached.
fn callback_address(settings: &Settings) -> anyhow::Result<String> {
    match &settings.money {
        Money::Simulated(_) => Ok("this machine".to_owned()),
        Money::Live(live) => {
            let address = live.callback_base.as_str().to_lowercase();
            for word in ["m-pesa", "mpesa", "safaricom", "ngrok", "localhost"] {
                anyhow::ensure!(!address.contains(word), "Safaricom refuses addresses with {word:?} in them");
            }
            anyhow::ensure!(live.callback_base.port().is_none(), "Safaricom wants an address without a port");
            Ok(address)
        }
    }
}

async fn mpesa_access(settings: &Settings) -> anyhow::Result<String> {
    let simulator = match &settings.money {
        Money::Live(_) => None,
        Money::Simulated(simulated) if simulated.url.is_none() => {
            return Ok("the simulator starts with the server".to_owned());
        }
        Money::Simulated(simulated) => simulated.url.as_ref(),
    };
    daraja_client(&settings.money, simulator, &Clock::system())?.check_token().await?;
    Ok("a token was given".to_owned())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::{Path, PathBuf};
    use std::time::SystemTime;

    use super::*;

    /// Everything in a folder, with its bytes and the moment of its last change.
    fn snapshot(folder: &Path) -> BTreeMap<PathBuf, (Vec<u8>, SystemTime)> {
        let mut found = BTreeMap::new();
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let changed = path.metadata().and_then(|about| about.modified()).expect("a time");
            if path.is_dir() {
                found.extend(snapshot(&path));
                found.insert(path, (Vec::new(), changed));
            } else {
                found.insert(path.clone(), (std::fs::read(&path).expect("a file"), changed));
            }
        }
        found
    }

    async fn check(folder: &Path) -> String {
        let (database, uploads) = (
            format!("sqlite:{}/data/ligisoo.db", folder.display()),
            folder.join("data/uploads").display().to_string(),
        );
        let values = [("DATABASE_URL", database), ("UPLOADS_DIR", uploads)];
        let source = SettingsSource::of(values.into_iter().map(|(name, value)| (name.to_owned(), value)));
        let leptos = LeptosOptions::builder().output_name("ligisoo").site_root("no-such-folder").build();
        let lines = lines(&source, &leptos).await;
        lines
            .iter()
            .map(|line| format!("{} {}: {}", line.ok, line.check, line.says))
            .collect::<Vec<_>>()
            .join("\n")
    }

    #[tokio::test]
    async fn checking_changes_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let said = check(folder.path()).await;
        assert!(
            said.contains("false database: there is none yet") && said.contains("true pictures:"),
            "{said}"
        );
        assert!(snapshot(folder.path()).is_empty(), "{:?}", snapshot(folder.path()));

        let url = format!("sqlite:{}/data/ligisoo.db", folder.path().display());
        let db = Db::connect(&url).await.expect("a database");
        db.migrate().await.expect("migrations");
        // While a server has it open, and after that.
        let before = snapshot(folder.path());
        let open = check(folder.path()).await;
        assert!(open.contains("true migrations: of this version"), "{open}");
        assert_eq!(snapshot(folder.path()).keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>());
        db.close().await;
        let before = snapshot(folder.path());
        let closed = check(folder.path()).await;
        assert!(closed.contains("true migrations: of this version"), "{closed}");
        assert_eq!(snapshot(folder.path()), before);
    }
}
