//! The settings: from the environment, else from `.env`, else from `Leptos.toml`. A wrong or incomplete
//! setting stops the start, and the error names it.

mod desk;
mod mpesa;
mod sms;
mod source;
#[cfg(test)]
mod tests;

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use ipnet::IpNet;
use secrecy::SecretString;

pub use desk::DeskRules;
pub use mpesa::{Environment, Money, MpesaAccount, MpesaSettings, SimulatorSettings};
pub use sms::{GatewayForm, GatewaySettings};
#[cfg(test)]
pub use source::KNOWN;
pub use source::SettingsSource;

use super::hosts::is_loopback;
use super::random::Random;
use super::secret_key::SecretKey;
use crate::types::Kes;
use crate::types::name::line;

const CONTACT_LENGTH: usize = 200;

/// All settings, read and checked once at the start.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `SITE_URL`: the address that people type. It decides on Secure cookies, the trusted origin, HSTS, and
    /// whether play money is allowed.
    pub site_url: reqwest::Url,
    /// `DATABASE_URL`: `sqlite:path` or `postgres://…`.
    pub database_url: String,
    /// `UPLOADS_DIR`: the folder in which pictures are kept.
    pub uploads_dir: PathBuf,
    /// `UPLOADS_S3_…`: the bucket in which pictures are kept instead of the folder.
    pub uploads_s3: Option<S3Settings>,
    /// `SPOOL_DIR`: the folder of callbacks that the database could not take, beside the SQLite file or the
    /// folder of pictures if it is not set.
    pub spool_dir: PathBuf,
    /// `TRUSTED_PROXIES`: networks whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// `CONNECTIONS_PER_ADDRESS`: how many connections one address may have open; 0 is no limit.
    pub connections_per_address: usize,
    /// `LOG`: which lines the log has.
    pub log_filter: String,
    /// `LOG_FORMAT`: whether the log is JSON.
    pub log_json: bool,
    /// `SEED_DEMO`: whether an empty market is filled with demo people and tips at the start.
    pub seed_demo: bool,
    /// Live money through Safaricom, or play money through the simulator (MONEY §5).
    pub money: Money,
    /// `SECRET_KEY`: required with real money. With play money a file takes its place
    /// ([`Settings::key_file`]).
    pub secret_key: Option<SecretKey>,
    pub rules: Rules,
    pub limits: Limits,
    pub callbacks: CallbackPolicy,
    pub desk: DeskRules,
    /// `SMS_GATEWAY_…`, `SMS_SENDER`: what carries one-time codes.
    pub sms: Option<GatewaySettings>,
    /// `CONTACT`: how people reach the operator of the site, shown under Privacy and Help.
    pub contact: Option<String>,
}

/// A bucket of Amazon S3, or of a service with the same interface.
#[derive(Debug, Clone)]
pub struct S3Settings {
    /// `UPLOADS_S3_BUCKET`.
    pub bucket: String,
    /// `UPLOADS_S3_ACCESS_KEY`.
    pub access_key: String,
    /// `UPLOADS_S3_SECRET_KEY`.
    pub secret_key: SecretString,
    /// `UPLOADS_S3_ENDPOINT`: the address of the service, if it is not Amazon's.
    pub endpoint: Option<reqwest::Url>,
    /// `UPLOADS_S3_REGION`, or `us-east-1`.
    pub region: String,
}

impl S3Settings {
    /// The bucket, if all that it needs is set; `None` if nothing of it is set; otherwise an error.
    fn load(source: &SettingsSource) -> anyhow::Result<Option<Self>> {
        const NEEDED: [&str; 3] = ["UPLOADS_S3_BUCKET", "UPLOADS_S3_ACCESS_KEY", "UPLOADS_S3_SECRET_KEY"];
        let [bucket, access_key, secret_key] = NEEDED.map(|name| source.text(name));
        let endpoint = source.parse("UPLOADS_S3_ENDPOINT")?;
        let region = source.text("UPLOADS_S3_REGION");
        match (bucket, access_key, secret_key) {
            (Some(bucket), Some(access_key), Some(secret_key)) => {
                let region = region.unwrap_or_else(|| "us-east-1".to_owned());
                Ok(Some(Self {
                    bucket,
                    access_key,
                    secret_key: SecretString::from(secret_key),
                    endpoint,
                    region,
                }))
            }
            (None, None, None) if endpoint.is_none() && region.is_none() => Ok(None),
            (bucket, access_key, secret_key) => {
                let found = [bucket.is_some(), access_key.is_some(), secret_key.is_some()];
                let missing: Vec<&str> = NEEDED
                    .into_iter()
                    .zip(found)
                    .filter_map(|(name, found)| (!found).then_some(name))
                    .collect();
                bail!("pictures cannot go to a bucket without {}", missing.join(", "))
            }
        }
    }
}

/// The numbers of docs/money.md that an installation can set.
#[derive(Debug, Clone)]
pub struct Rules {
    /// `TIPSTER_SHARE_BPS`: the tipster's part of the price, in basis points.
    pub tipster_share_bps: i64,
    /// `PRICE_MIN`: the lowest price of a tip, set in whole shillings.
    pub price_min: Kes,
    /// `PRICE_MAX`: the highest price of a tip, set in whole shillings.
    pub price_max: Kes,
    /// `HOLD_HOURS`: how long a share stays held after the last kick-off (MONEY §4).
    pub hold: Duration,
    /// `SUSPENSE_RETURN_DAYS`: after so many days money that names nothing of ours is owed back; 0 for never.
    pub suspense_return_days: i64,
    /// `MPESA_QUERIES_PER_MINUTE`: how many STK queries we send to Daraja in a minute at the most.
    pub queries_per_minute: u32,
}

/// How far callbacks are believed (daraja §6). Safaricom signs nothing: the secret address is the first
/// defence, and this is the second.
#[derive(Debug, Clone)]
pub struct CallbackPolicy {
    /// `MPESA_CALLBACK_IPS`: the networks from which Safaricom calls.
    pub networks: Vec<IpNet>,
    /// `MPESA_CALLBACK_IP_CHECK`: what happens to a callback from another network.
    pub check: AddressCheck,
    /// `MPESA_CONFIRM_BY_QUERY`: whether the success of a callback settles only after a query agrees. Each
    /// sale then takes at least 35 seconds and one query.
    pub confirm_by_query: bool,
    /// `MPESA_C2B_TOKEN`: the secret in the address of C2B confirmations. Without it there is no such
    /// address.
    pub c2b_token: Option<SecretString>,
    /// `MPESA_C2B_REFUSE`: whether validation refuses what our short code shall not take.
    pub refuses_c2b: bool,
}

/// What happens to a callback that comes from none of the networks of [`CallbackPolicy::networks`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressCheck {
    /// The address is not looked at.
    Off,
    /// The callback is noted as coming from elsewhere, and settles all the same.
    Flag,
    /// The callback waits for a second source.
    Enforce,
}

/// The twelve addresses that Safaricom names (daraja §6).
const SAFARICOM: [&str; 12] = [
    "196.201.214.200",
    "196.201.214.206",
    "196.201.214.207",
    "196.201.214.208",
    "196.201.213.114",
    "196.201.213.44",
    "196.201.212.127",
    "196.201.212.138",
    "196.201.212.129",
    "196.201.212.136",
    "196.201.212.74",
    "196.201.212.69",
];
/// The least length of a C2B token: a shorter one could be guessed.
const TOKEN_LEAST: usize = 32;

impl CallbackPolicy {
    fn load(source: &SettingsSource, money: &Money) -> anyhow::Result<Self> {
        let mut networks = source.list("MPESA_CALLBACK_IPS", parse_net)?;
        if networks.is_empty() {
            networks = SAFARICOM.iter().map(|address| parse_net(address)).collect::<Result<_, _>>()?;
        }
        let check = match source.choice("MPESA_CALLBACK_IP_CHECK", &["off", "flag", "enforce"])?.as_deref() {
            Some("enforce") => AddressCheck::Enforce,
            Some("flag") => AddressCheck::Flag,
            None if money.is_live() => AddressCheck::Flag,
            _ => AddressCheck::Off,
        };
        let c2b_token = source.text("MPESA_C2B_TOKEN");
        if c2b_token.as_ref().is_some_and(|token| {
            token.len() < TOKEN_LEAST || !token.bytes().all(|byte| byte.is_ascii_alphanumeric())
        }) {
            bail!("MPESA_C2B_TOKEN must be at least {TOKEN_LEAST} letters and digits");
        }
        let confirm_by_query = source.flag("MPESA_CONFIRM_BY_QUERY")?;
        let refuses_c2b = source.flag("MPESA_C2B_REFUSE")?;
        if refuses_c2b
            && matches!(money, Money::Live(live) if matches!(live.account, MpesaAccount::Till { .. }))
        {
            bail!("MPESA_C2B_REFUSE needs a PayBill: what is paid to a till names no reference");
        }
        let c2b_token = c2b_token.map(SecretString::from);
        Ok(Self { networks, check, confirm_by_query, c2b_token, refuses_c2b })
    }

    /// Whether a callback from this address comes from elsewhere than Safaricom. Always `false` if the check
    /// is off.
    pub fn is_elsewhere(&self, address: IpAddr) -> bool {
        self.check != AddressCheck::Off && !self.networks.iter().any(|network| network.contains(&address))
    }
}

/// How often something may happen. 0 turns a limit off.
#[derive(Debug, Clone)]
pub struct Limits {
    /// `PUSH_LIMIT_PHONE`: unanswered prompts to one number in ten minutes.
    pub push_phone: i64,
    /// `PUSH_LIMIT_BUYER`: prompts for one buyer in an hour.
    pub push_buyer: i64,
    /// `PUSH_LIMIT_ADDRESS`: prompts that one address asks for in an hour.
    pub push_address: i64,
    /// `SIGN_IN_LIMIT_ADDRESS`: failed sign-ins from one address in 15 minutes.
    pub sign_in_address: i64,
    /// `SMS_LIMIT_ADDRESS`: one-time codes that one address asks for in an hour.
    pub codes_address: i64,
    /// `SMS_LIMIT_MINUTE`: one-time codes sent to all people together in a minute.
    pub sms_minute: i64,
    /// `SMS_LIMIT_DAY`: the same in a day.
    pub sms_day: i64,
}

impl Settings {
    /// Reads and checks all settings. `site_addr` is where the server listens (`LEPTOS_SITE_ADDR` or
    /// `Leptos.toml`); the site's address is made from it if `SITE_URL` is not set.
    ///
    /// # Errors
    /// A setting is wrong, incomplete or does not fit another one; the error names it.
    pub fn load(source: &SettingsSource, site_addr: SocketAddr) -> anyhow::Result<Self> {
        let site_url: reqwest::Url =
            source.parse("SITE_URL")?.map_or_else(|| format!("http://{site_addr}").parse(), Ok)?;
        if !matches!(site_url.scheme(), "http" | "https") || site_url.host_str().is_none() {
            bail!("SITE_URL must be an http or https address");
        }
        if site_url.scheme() == "http" && !is_loopback(&site_url) && !source.flag("SIMULATION_PUBLIC")? {
            bail!("SITE_URL must be https, unless it is this machine's own address");
        }
        let money = Money::load(source, &site_url)?;
        let default_rate = match &money {
            Money::Simulated(_) => 600,
            Money::Live(live) if live.environment == Environment::Sandbox => 5,
            Money::Live(_) => 60,
        };
        let database_url = source.text("DATABASE_URL").unwrap_or_else(|| "sqlite:data/ligisoo.db".to_owned());
        let uploads_dir =
            source.text("UPLOADS_DIR").map_or_else(|| PathBuf::from("data/uploads"), PathBuf::from);
        let spool_dir = source
            .text("SPOOL_DIR")
            .map_or_else(|| beside(&database_url, &uploads_dir, "spool"), PathBuf::from);
        let settings = Self {
            database_url,
            uploads_dir,
            spool_dir,
            uploads_s3: S3Settings::load(source)?,
            trusted_proxies: source.list("TRUSTED_PROXIES", parse_net)?,
            connections_per_address: source.number("CONNECTIONS_PER_ADDRESS", 512, 0..=1_000_000)?,
            log_filter: source.text("LOG").unwrap_or_else(|| "info".to_owned()),
            log_json: source.choice("LOG_FORMAT", &["text", "json"])?.is_some_and(|format| format == "json"),
            seed_demo: source.flag("SEED_DEMO")?,
            rules: Rules {
                tipster_share_bps: source.number("TIPSTER_SHARE_BPS", 6_000, 0..=10_000)?,
                price_min: Kes::from_cents(source.number("PRICE_MIN", 10, 1..=250_000)? * 100),
                price_max: Kes::from_cents(source.number("PRICE_MAX", 1_000, 1..=250_000)? * 100),
                hold: Duration::from_secs(source.number("HOLD_HOURS", 48_u64, 0..=8_760)? * 3600),
                suspense_return_days: source.number("SUSPENSE_RETURN_DAYS", 7, 0..=365)?,
                queries_per_minute: source.number("MPESA_QUERIES_PER_MINUTE", default_rate, 1..=100_000)?,
            },
            limits: Limits {
                push_phone: source.number("PUSH_LIMIT_PHONE", 3, 0..=1_000_000)?,
                push_buyer: source.number("PUSH_LIMIT_BUYER", 20, 0..=1_000_000)?,
                push_address: source.number("PUSH_LIMIT_ADDRESS", 2_000, 0..=1_000_000)?,
                sign_in_address: source.number("SIGN_IN_LIMIT_ADDRESS", 50, 0..=1_000_000)?,
                codes_address: source.number(
                    "SMS_LIMIT_ADDRESS",
                    if money.is_live() { 500 } else { 0 },
                    0..=1_000_000,
                )?,
                sms_minute: source.number(
                    "SMS_LIMIT_MINUTE",
                    if money.is_live() { 60 } else { 0 },
                    0..=1_000_000,
                )?,
                sms_day: source.number(
                    "SMS_LIMIT_DAY",
                    if money.is_live() { 5_000 } else { 0 },
                    0..=1_000_000,
                )?,
            },
            callbacks: CallbackPolicy::load(source, &money)?,
            desk: DeskRules::load(source)?,
            secret_key: source.parse("SECRET_KEY")?,
            sms: GatewaySettings::load(source)?,
            contact: source.text("CONTACT").map(|text| read_contact(&text)).transpose()?,
            site_url,
            money,
        };
        if settings.seed_demo && settings.money.is_live() {
            bail!("SEED_DEMO makes people with a password that everybody knows: it is for play money only");
        }
        if settings.money.is_live() && settings.secret_key.is_none() {
            bail!(
                "real money needs SECRET_KEY: 64 hex digits, the same on all servers; \
                 `openssl rand -hex 32` makes one"
            );
        }
        if settings.rules.price_min > settings.rules.price_max {
            bail!("PRICE_MIN is above PRICE_MAX");
        }
        let url = &settings.database_url;
        if !["sqlite:", "postgres:", "postgresql:"].iter().any(|scheme| url.starts_with(scheme)) {
            bail!("DATABASE_URL must start with sqlite: or postgres:");
        }
        Ok(settings)
    }

    /// The key of `SECRET_KEY`. With play money and without that setting it is the key in the key file, which
    /// is made if it is absent.
    ///
    /// # Errors
    /// The file cannot be read or made, or holds something else than a key.
    pub fn open_secret_key(&self, random: &Random) -> anyhow::Result<SecretKey> {
        self.secret_key.clone().map_or_else(|| SecretKey::from_file(&self.key_file(), random), Ok)
    }

    /// The key of `SECRET_KEY` or of the key file, without making one; `None` if there is neither.
    ///
    /// # Errors
    /// The file cannot be read, or holds something else than a key.
    pub fn find_secret_key(&self) -> anyhow::Result<Option<SecretKey>> {
        self.secret_key.clone().map_or_else(|| SecretKey::read(&self.key_file()), |key| Ok(Some(key)))
    }

    /// Where the secret key of play money is kept: beside the SQLite file, or beside the folder of pictures
    /// if the database is PostgreSQL.
    pub fn key_file(&self) -> PathBuf {
        beside(&self.database_url, &self.uploads_dir, "secret.key")
    }

    /// Whether the site is on https, which means Secure cookies and HSTS.
    pub fn is_https(&self) -> bool {
        self.site_url.scheme() == "https"
    }

    /// The site's scheme, host and port, as browsers send them in `Origin`: `https://ligisoo.co.ke`.
    pub fn origin(&self) -> String {
        self.site_url.origin().ascii_serialization()
    }
}

/// A name beside the SQLite file, or beside the folder of pictures if the database is PostgreSQL.
fn beside(database_url: &str, uploads_dir: &Path, name: &str) -> PathBuf {
    let path = database_url.strip_prefix("sqlite:").map(|path| path.strip_prefix("//").unwrap_or(path));
    match path.and_then(|path| path.split('?').next()) {
        Some(path) => Path::new(path).with_file_name(name),
        None => uploads_dir.with_file_name(name),
    }
}

fn read_contact(text: &str) -> anyhow::Result<String> {
    line(text).filter(|text| text.chars().count() <= CONTACT_LENGTH).with_context(|| {
        format!(
            "CONTACT is one line of up to {CONTACT_LENGTH} characters, \
             like help@ligisoo.example or 0700 000 000"
        )
    })
}

fn parse_net(text: &str) -> anyhow::Result<IpNet> {
    text.parse::<IpNet>()
        .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
        .context("not an address or a network")
}
