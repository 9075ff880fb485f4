//! Where the text of a setting comes from: the environment, else `.env`, else the table `[ligisoo]` of
//! `Leptos.toml`.

use std::collections::HashMap;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::path::Path;
use std::str::FromStr;

use anyhow::{Context, anyhow, bail};

/// The names of all settings, as `.env.example` lists them. Another name in `Leptos.toml` is an error.
pub const KNOWN: &[&str] = &[
    "LEPTOS_SITE_ADDR",
    "SITE_URL",
    "CONTACT",
    "DATABASE_URL",
    "SECRET_KEY",
    "UPLOADS_DIR",
    "UPLOADS_S3_BUCKET",
    "UPLOADS_S3_ACCESS_KEY",
    "UPLOADS_S3_SECRET_KEY",
    "UPLOADS_S3_ENDPOINT",
    "UPLOADS_S3_REGION",
    "SPOOL_DIR",
    "TRUSTED_PROXIES",
    "LOG",
    "LOG_FORMAT",
    "SEED_DEMO",
    "SIMULATOR_ADDR",
    "SIMULATOR_URL",
    "SIMULATOR_AUTOPILOT",
    "SIMULATION_PUBLIC",
    "MPESA_CONSUMER_KEY",
    "MPESA_CONSUMER_SECRET",
    "MPESA_PASSKEY",
    "MPESA_ENVIRONMENT",
    "MPESA_CALLBACK_BASE",
    "MPESA_SHORTCODE",
    "MPESA_STORE_NUMBER",
    "MPESA_TILL_NUMBER",
    "MPESA_QUERIES_PER_MINUTE",
    "MPESA_CALLBACK_IPS",
    "MPESA_CALLBACK_IP_CHECK",
    "MPESA_CONFIRM_BY_QUERY",
    "MPESA_C2B_TOKEN",
    "MPESA_C2B_REFUSE",
    "TIPSTER_SHARE_BPS",
    "PRICE_MIN",
    "PRICE_MAX",
    "HOLD_HOURS",
    "SUSPENSE_RETURN_DAYS",
    "DESK_ALONE_UP_TO",
    "ONE_PERSON",
    "STAFF_PASSWORD_FILE",
    "PUSH_LIMIT_PHONE",
    "PUSH_LIMIT_BUYER",
    "PUSH_LIMIT_ADDRESS",
    "SIGN_IN_LIMIT_ADDRESS",
    "CONNECTIONS_PER_ADDRESS",
    "SMS_GATEWAY_FORM",
    "SMS_GATEWAY_URL",
    "SMS_GATEWAY_TOKEN",
    "SMS_GATEWAY_USERNAME",
    "SMS_SENDER",
    "SMS_LIMIT_ADDRESS",
    "SMS_LIMIT_MINUTE",
    "SMS_LIMIT_DAY",
];

/// The settings as text. An empty value counts as an absent one.
#[derive(Debug, Default)]
pub struct SettingsSource {
    values: HashMap<String, String>,
}

impl SettingsSource {
    /// A source with these values alone. Empty values are left out.
    pub fn of(values: impl IntoIterator<Item = (String, String)>) -> Self {
        Self { values: values.into_iter().filter(|(_, value)| !value.trim().is_empty()).collect() }
    }

    /// Reads `file` (`Leptos.toml`, which may be missing), then `.env`, then the environment. What is read
    /// later wins.
    ///
    /// # Errors
    /// A file cannot be read or parsed, or `Leptos.toml` has a setting that does not exist.
    pub fn read(file: &Path) -> anyhow::Result<Self> {
        let mut values = HashMap::new();
        if file.exists() {
            let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
            let document: toml::Table = text.parse().with_context(|| file.display().to_string())?;
            if let Some(toml::Value::Table(table)) = document.get("ligisoo") {
                for (name, value) in table {
                    if !KNOWN.contains(&name.as_str()) {
                        bail!("{}: there is no setting {name}", file.display());
                    }
                    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    values.insert(name.clone(), text);
                }
            }
        }
        let dotenv = match dotenvy::from_filename_iter(".env") {
            Ok(lines) => lines.collect::<Result<HashMap<_, _>, _>>().context(".env")?,
            Err(error) if error.not_found() => HashMap::new(),
            Err(error) => return Err(error).context(".env"),
        };
        for name in KNOWN {
            let environment = std::env::var(name).ok().filter(|value| !value.trim().is_empty());
            if let Some(value) = environment.or_else(|| dotenv.get(*name).cloned()) {
                values.insert((*name).to_owned(), value);
            }
        }
        Ok(Self::of(values))
    }

    /// The text of a setting without white space around it; `None` if it is not set.
    pub fn text(&self, name: &str) -> Option<String> {
        debug_assert!(KNOWN.contains(&name), "{name} is not in the list of settings");
        self.values.get(name).map(|value| value.trim().to_owned())
    }

    /// A setting read into a type; `None` if it is not set.
    ///
    /// # Errors
    /// The text cannot be read; the error names the setting.
    pub fn parse<T: FromStr>(&self, name: &str) -> anyhow::Result<Option<T>>
    where
        T::Err: Display,
    {
        self.text(name).map(|text| text.parse().map_err(|error| anyhow!("{name}: {error}"))).transpose()
    }

    /// A number, or `default` if it is not set.
    ///
    /// # Errors
    /// The text is no number, or the number is not in `range`; the error names the setting.
    pub fn number<T>(&self, name: &str, default: T, range: RangeInclusive<T>) -> anyhow::Result<T>
    where
        T: FromStr + PartialOrd + Display,
        T::Err: Display,
    {
        let number = self.parse(name)?.unwrap_or(default);
        if !range.contains(&number) {
            bail!("{name} must be between {} and {}, not {number}", range.start(), range.end());
        }
        Ok(number)
    }

    /// A setting that is `true` or `false`; `false` if it is not set.
    ///
    /// # Errors
    /// The text is another word; the error names the setting.
    pub fn flag(&self, name: &str) -> anyhow::Result<bool> {
        Ok(self.choice(name, &["true", "false"])?.is_some_and(|value| value == "true"))
    }

    /// A setting that must be one of these words; `None` if it is not set.
    ///
    /// # Errors
    /// The text is another word; the error names the setting and the words.
    pub fn choice(&self, name: &str, choices: &[&str]) -> anyhow::Result<Option<String>> {
        let value = self.text(name);
        if let Some(value) = &value
            && !choices.contains(&value.as_str())
        {
            bail!("{name} must be one of {}, not {value:?}", choices.join(", "));
        }
        Ok(value)
    }

    /// The values of a setting, separated by commas; empty if it is not set.
    ///
    /// # Errors
    /// `read` refuses a value; the error names the setting and the value.
    pub fn list<T>(&self, name: &str, read: impl Fn(&str) -> anyhow::Result<T>) -> anyhow::Result<Vec<T>> {
        let text = self.text(name).unwrap_or_default();
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        parts.map(|part| read(part).with_context(|| format!("{name}: {part:?}"))).collect()
    }
}
