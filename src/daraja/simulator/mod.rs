//! A copy of Daraja for development and tests: the same API over real HTTP, with phones that a person or a
//! test answers.

mod c2b;
mod control_api;
mod daraja_api;
mod deliver;
mod deliveries;
mod fault;
mod gateway;
mod guard;
mod ids;
mod inspector;
mod message;
mod owner;
mod page;
mod phone;
mod prompt;
mod pull;
mod push;
mod received;
mod redact;
mod reply;
mod request;
mod server;
mod state;
mod state_file;
mod stats;
mod timeline;
mod twist;
mod world;

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context, bail};

use crate::daraja::Credentials;
use crate::platform::clock::Clock;
use crate::platform::random::Random;
use crate::platform::settings::MpesaAccount;

pub use ids::receipt_day;
pub use prompt::OwnerAnswer;
pub use server::{RunningSimulator, Simulator};
#[cfg(test)]
pub use state_file::load as load_state;

/// How long a prompt stays on the screen, unless the options say otherwise.
const PROMPT_LIFE: Duration = Duration::from_mins(1);
/// The longest delay of an autopilot.
const AUTOPILOT_DELAY_MAX: Duration = Duration::from_mins(10);

/// How a simulator behaves. [`SimulatorOptions::new`] has the defaults.
#[derive(Debug, Clone)]
pub struct SimulatorOptions {
    /// The clock by which prompts and tokens end.
    pub clock: Clock,
    /// Where ids, tokens and receipts come from.
    pub random: Random,
    /// Answers every prompt. Without it a person or a test answers.
    pub autopilot: Option<Autopilot>,
    /// The file in which balances, messages and prompts are kept over restarts. Without it they are in memory
    /// only.
    pub state_file: Option<PathBuf>,
    /// How long a prompt stays on the screen.
    pub prompt_life: Duration,
    /// The host names to which the simulator answers, beside those of this machine.
    pub names: Vec<String>,
    /// The account that is paid. Pushes for another account are refused.
    pub account: MpesaAccount,
}

/// One answer for all prompts, given after a delay of real time. It is written `pay:500ms`, `cancel:2s` or
/// `pay` (`SIMULATOR_AUTOPILOT`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Autopilot {
    pub answer: OwnerAnswer,
    pub delay: Duration,
}

impl SimulatorOptions {
    /// The defaults: no autopilot, no file, a prompt life of 60 seconds, the `PayBill` of
    /// [`Credentials::simulator`].
    pub fn new(clock: Clock, random: Random) -> Self {
        let account = Credentials::simulator().account;
        Self {
            clock,
            random,
            autopilot: None,
            state_file: None,
            prompt_life: PROMPT_LIFE,
            names: Vec::new(),
            account,
        }
    }
}

impl FromStr for Autopilot {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let (answer, delay) = text.trim().split_once(':').unwrap_or((text.trim(), "0ms"));
        let (number, unit) =
            delay.split_at(delay.find(|character: char| !character.is_ascii_digit()).unwrap_or(delay.len()));
        let number: u64 = number.parse().context("an autopilot is written like pay:500ms or cancel:2s")?;
        let delay = match unit {
            "ms" => Duration::from_millis(number),
            "s" => Duration::from_secs(number),
            _ => bail!("the autopilot's delay ends in ms or s, like pay:500ms"),
        };
        if delay > AUTOPILOT_DELAY_MAX {
            bail!("the autopilot's delay is at most 600s");
        }
        Ok(Self { answer: answer.parse()?, delay })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_autopilot_is_read() {
        let read =
            |text: &str| text.parse::<Autopilot>().ok().map(|autopilot| (autopilot.answer, autopilot.delay));
        assert_eq!(read("pay:500ms"), Some((OwnerAnswer::Pay, Duration::from_millis(500))));
        assert_eq!(read("wrong_pin:2s"), Some((OwnerAnswer::WrongPin, Duration::from_secs(2))));
        assert_eq!(read("cancel"), Some((OwnerAnswer::Cancel, Duration::ZERO)));
        for text in ["", "pay:", "pay:5", "pay:ms", "buy:5s", "pay:5h", "pay:99999s", "pay:-1s"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
