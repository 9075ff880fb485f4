//! `ligisoo check`: one line for each thing that must be right before people pay.

use std::net::SocketAddr;
use std::process::ExitCode;

use leptos::config::LeptosOptions;
use serde::Serialize;

use super::print;
use crate::app;
use crate::daraja::{Client, Credentials};
use crate::platform::clock::Clock;
use crate::platform::db::Db;
use crate::platform::facts;
use crate::platform::files::Files;
use crate::platform::secret_key::SecretKey;
use crate::platform::settings::{Money, Settings, Source};

#[derive(Serialize)]
struct Line {
    check: &'static str,
    ok: bool,
    says: String,
}

fn line(check: &'static str, result: anyhow::Result<String>) -> Line {
    match result {
        Ok(says) => Line { check, ok: true, says },
        Err(error) => Line { check, ok: false, says: format!("{error:#}") },
    }
}

pub async fn run(source: &Source, leptos: &LeptosOptions, json: bool) -> anyhow::Result<ExitCode> {
    let mut lines = Vec::new();
    match Settings::load(source, leptos.site_addr) {
        Err(error) => lines.push(line("settings", Err(error))),
        Ok(settings) => {
            lines.push(line("settings", Ok(describe(&settings, leptos.site_addr))));
            lines.push(line("browser files", browser_files(leptos)));
            let (database, migrations) = database(&settings).await;
            lines.push(database);
            lines.extend(migrations);
            lines.push(line("secret key", secret_key(&settings).await));
            lines.push(line("pictures", pictures(&settings).await));
            lines.push(line("callback address", callback_address(&settings)));
            lines.push(line("SMS codes", sms(&settings)));
            lines.push(line("contact", contact(&settings)));
            lines.push(line("M-Pesa access", mpesa_access(&settings).await));
        }
    }
    let all_ok = lines.iter().all(|line| line.ok);
    if json {
        print(&lines, true)?;
    } else {
        for Line { check, ok, says } in &lines {
            println!("{} {check}: {says}", if *ok { "ok   " } else { "WRONG" });
        }
    }
    Ok(if all_ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn describe(settings: &Settings, addr: SocketAddr) -> String {
    let money = match &settings.money {
        Money::Live(live) => format!("real money ({})", live.environment),
        Money::Simulated(_) => "play money".to_owned(),
    };
    format!("{money}, {} on {addr}", settings.origin())
}

fn browser_files(leptos: &LeptosOptions) -> anyhow::Result<String> {
    anyhow::ensure!(!leptos.hash_files || app::are_hashed(leptos), "{} is missing beside the program: run `make build`", leptos.hash_file);
    let folder = std::path::Path::new(&*leptos.site_root).join(&*leptos.site_pkg_dir);
    anyhow::ensure!(folder.is_dir(), "{} is missing: run `make build` and start in the project's folder", folder.display());
    Ok(folder.display().to_string())
}

fn sms(settings: &Settings) -> anyhow::Result<String> {
    match (&settings.sms, &settings.money) {
        (Some(gateway), _) => Ok(format!("by {}", gateway.url.host_str().unwrap_or("the gateway"))),
        (None, Money::Simulated(_)) => Ok("to the simulator's phones".to_owned()),
        (None, Money::Live(_)) => {
            anyhow::bail!("no gateway: numbers cannot be proven and passwords cannot be reset; set SMS_GATEWAY_URL and SMS_GATEWAY_TOKEN")
        }
    }
}

/// The law asks that people are told who answers for their data (Data Protection Act 2019, section 29).
fn contact(settings: &Settings) -> anyhow::Result<String> {
    match (&settings.contact, &settings.money) {
        (Some(contact), _) => Ok(contact.clone()),
        (None, Money::Simulated(_)) => Ok("none, which is enough for play money".to_owned()),
        (None, Money::Live(_)) => anyhow::bail!("nobody is named who answers for people's data: set CONTACT"),
    }
}

async fn database(settings: &Settings) -> (Line, Option<Line>) {
    match Db::connect(&settings.database_url).await {
        Err(error) => (line("database", Err(error)), None),
        Ok(db) => {
            let pending = db.pending_migrations().await.and_then(|pending| match pending {
                0 => Ok("of this version".to_owned()),
                missing => Err(anyhow::anyhow!("{missing} are missing: run `ligisoo migrate`")),
            });
            (line("database", Ok("answers".to_owned())), Some(line("migrations", pending)))
        }
    }
}

/// Whether the key is the one that this database was last served with.
async fn secret_key(settings: &Settings) -> anyhow::Result<String> {
    let Some(key) = SecretKey::find(settings)? else {
        return Ok(format!("made at the first start, in {}", settings.key_file().display()));
    };
    match facts::knows_secret_key(&Db::connect(&settings.database_url).await?, &key).await {
        Ok(Some(false)) => anyhow::bail!(
            "this database was last served with another SECRET_KEY: all servers need the same; with a new one counters and codes begin anew"
        ),
        Ok(Some(true)) => Ok("the one that this database knows".to_owned()),
        Ok(None) | Err(_) => Ok("this database knows none yet".to_owned()),
    }
}

/// Written, read and deleted once.
async fn pictures(settings: &Settings) -> anyhow::Result<String> {
    const PROBE: &str = "check/probe";
    let files = Files::open(settings)?;
    files.write(PROBE, &b"ligisoo"[..]).await?;
    let found = files.read(PROBE).await?;
    files.delete(PROBE).await?;
    anyhow::ensure!(found.is_some(), "what was written cannot be read");
    Ok(settings
        .uploads_s3
        .as_ref()
        .map_or_else(|| settings.uploads_dir.display().to_string(), |bucket| format!("bucket {}", bucket.bucket)))
}

/// What Safaricom's rules say of it (daraja §6); whether it can be reached, only Safaricom can tell.
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
    let (url, credentials) = match &settings.money {
        Money::Live(live) => (live.environment.base_url().parse()?, Credentials::from(live)),
        Money::Simulated(simulated) => {
            let Some(url) = &simulated.url else { return Ok("the simulator starts with the server".to_owned()) };
            (url.clone(), Credentials::simulator())
        }
    };
    Client::new(url, credentials, Clock::System)?.check_token().await?;
    Ok("a token was given".to_owned())
}
