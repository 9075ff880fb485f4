//! Real money or play money (MONEY §5): a mode has all that it needs, or the program does not start.

use std::fmt;
use std::net::SocketAddr;

use anyhow::bail;
use secrecy::SecretString;

use super::SettingsSource;
use crate::platform::hosts::is_loopback;

/// Which kind of money the installation has.
#[derive(Debug, Clone)]
pub enum Money {
    /// Play money, through the simulator.
    Simulated(SimulatorSettings),
    /// Real money, or Safaricom's sandbox, through Daraja.
    Live(MpesaSettings),
}

/// Where the simulator of play money is, and how it behaves.
#[derive(Debug, Clone)]
pub struct SimulatorSettings {
    /// `SIMULATOR_ADDR`: the address at which `serve` opens the simulator.
    pub addr: SocketAddr,
    /// `SIMULATOR_URL`: the address of a simulator that runs already and is used instead.
    pub url: Option<reqwest::Url>,
    /// `SIMULATOR_AUTOPILOT`: how prompts answer themselves, as in `pay:500ms`.
    pub autopilot: Option<String>,
    /// `SIMULATION_PUBLIC`: whether visitors from elsewhere may use play money.
    pub is_public: bool,
}

/// The eight settings of real money (MONEY §5).
#[derive(Debug, Clone)]
pub struct MpesaSettings {
    /// `MPESA_ENVIRONMENT`.
    pub environment: Environment,
    /// `MPESA_CONSUMER_KEY`.
    pub consumer_key: SecretString,
    /// `MPESA_CONSUMER_SECRET`.
    pub consumer_secret: SecretString,
    /// `MPESA_PASSKEY`, from which the password of a push is made (daraja §2).
    pub passkey: SecretString,
    /// `MPESA_SHORTCODE`, or `MPESA_STORE_NUMBER` with `MPESA_TILL_NUMBER`.
    pub account: MpesaAccount,
    /// `MPESA_CALLBACK_BASE`: the https address at which Safaricom reaches us.
    pub callback_base: reqwest::Url,
}

/// Which of Safaricom's systems is used (daraja §1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    /// The sandbox, in which no money moves.
    Sandbox,
    /// Production, with real money.
    Production,
}

/// Where buyers' money goes. For Buy Goods the request and its password are in the store's name, and the till
/// is paid (daraja §2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MpesaAccount {
    /// A PayBill number.
    PayBill { short_code: String },
    /// A till of Buy Goods and the store to which it belongs.
    Till { store_number: String, till_number: String },
}

impl MpesaAccount {
    /// The short codes to which buyers' money is paid: what a receipt may name.
    pub fn short_codes(&self) -> Vec<String> {
        match self {
            Self::PayBill { short_code } => vec![short_code.clone()],
            Self::Till { store_number, till_number } => vec![store_number.clone(), till_number.clone()],
        }
    }
}

const NEEDED: [&str; 5] = [
    "MPESA_CONSUMER_KEY",
    "MPESA_CONSUMER_SECRET",
    "MPESA_PASSKEY",
    "MPESA_ENVIRONMENT",
    "MPESA_CALLBACK_BASE",
];
const ACCOUNT: [&str; 3] = ["MPESA_SHORTCODE", "MPESA_STORE_NUMBER", "MPESA_TILL_NUMBER"];

impl Money {
    /// Whether play money is open to visitors from elsewhere.
    pub const fn is_public_simulation(&self) -> bool {
        matches!(self, Self::Simulated(SimulatorSettings { is_public: true, .. }))
    }

    pub(super) fn load(source: &SettingsSource, site_url: &reqwest::Url) -> anyhow::Result<Self> {
        let is_set = |name: &&str| source.text(name).is_some();
        if NEEDED.iter().chain(&ACCOUNT).any(is_set) {
            return MpesaSettings::load(source).map(Self::Live);
        }
        let is_public = source.flag("SIMULATION_PUBLIC")?;
        if !is_loopback(site_url) && !is_public {
            bail!(
                "SITE_URL is not this machine's own address and there are no M-Pesa settings. Real money \
                 needs {} and either MPESA_SHORTCODE or MPESA_STORE_NUMBER with MPESA_TILL_NUMBER; play money \
                 in public needs SIMULATION_PUBLIC=true",
                NEEDED.join(", ")
            );
        }
        Ok(Self::Simulated(SimulatorSettings {
            addr: source.parse("SIMULATOR_ADDR")?.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 3001))),
            url: source.parse("SIMULATOR_URL")?,
            autopilot: source.text("SIMULATOR_AUTOPILOT"),
            is_public,
        }))
    }

    /// Whether money goes through Safaricom; `true` also in the sandbox.
    pub const fn is_live(&self) -> bool {
        matches!(self, Self::Live(_))
    }
}

impl MpesaSettings {
    fn load(source: &SettingsSource) -> anyhow::Result<Self> {
        let mut missing: Vec<&str> = NEEDED.into_iter().filter(|name| source.text(name).is_none()).collect();
        let account = match ACCOUNT.map(|name| source.text(name)) {
            [Some(short_code), None, None] => Some(MpesaAccount::PayBill { short_code }),
            [None, Some(store_number), Some(till_number)] => {
                Some(MpesaAccount::Till { store_number, till_number })
            }
            [Some(_), _, _] => {
                bail!(
                    "set either MPESA_SHORTCODE (PayBill) or MPESA_STORE_NUMBER with MPESA_TILL_NUMBER \
                     (Buy Goods), not both"
                )
            }
            [None, None, None] => {
                missing.push(
                    "MPESA_SHORTCODE (PayBill) or MPESA_STORE_NUMBER with MPESA_TILL_NUMBER (Buy Goods)",
                );
                None
            }
            [None, None, Some(_)] => {
                missing.push("MPESA_STORE_NUMBER");
                None
            }
            [None, Some(_), None] => {
                missing.push("MPESA_TILL_NUMBER");
                None
            }
        };
        let Some(account) = account.filter(|_| missing.is_empty()) else {
            bail!("the M-Pesa settings are not complete; missing: {}", missing.join(", "));
        };
        account.check()?;
        let environment = match source.choice("MPESA_ENVIRONMENT", &["sandbox", "production"])?.as_deref() {
            Some("production") => Environment::Production,
            _ => Environment::Sandbox,
        };
        let Some(callback_base) = source.parse::<reqwest::Url>("MPESA_CALLBACK_BASE")? else {
            bail!("MPESA_CALLBACK_BASE is missing")
        };
        if callback_base.scheme() != "https" || callback_base.query().is_some() || is_loopback(&callback_base)
        {
            bail!("MPESA_CALLBACK_BASE must be a public https address without a query");
        }
        let secret = |name| SecretString::from(source.text(name).unwrap_or_default());
        Ok(Self {
            environment,
            consumer_key: secret("MPESA_CONSUMER_KEY"),
            consumer_secret: secret("MPESA_CONSUMER_SECRET"),
            passkey: secret("MPESA_PASSKEY"),
            account,
            callback_base,
        })
    }
}

impl MpesaAccount {
    fn check(&self) -> anyhow::Result<()> {
        let is_number =
            |text: &str| (5..=7).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        let named = match self {
            Self::PayBill { short_code } => vec![("MPESA_SHORTCODE", short_code)],
            Self::Till { store_number, till_number } => {
                vec![("MPESA_STORE_NUMBER", store_number), ("MPESA_TILL_NUMBER", till_number)]
            }
        };
        for (name, number) in named {
            if !is_number(number) {
                bail!("{name} must be 5 to 7 digits");
            }
        }
        Ok(())
    }
}

impl Environment {
    /// The address of Safaricom's gateway (daraja §1).
    pub const fn base_url(self) -> &'static str {
        match self {
            Self::Sandbox => "https://sandbox.safaricom.co.ke",
            Self::Production => "https://api.safaricom.co.ke",
        }
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sandbox => "sandbox",
            Self::Production => "production",
        })
    }
}
