//! How many prompts may be sent: to a number, for a buyer, and from a network (MONEY §1). Prompts count, not
//! presses.
//!
//! A buyer's own limits come first. What buyers are told about somebody else's phone counts among what they
//! start: otherwise they could watch without end whether that phone is about to pay.

use std::net::IpAddr;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::store::counts;
use super::{Payments, messages};
use crate::people::store::attempts;
use crate::platform::address::networks;
use crate::platform::clock::seconds_between;
use crate::platform::db::{Failure, Tx};
use crate::platform::settings::Limits;
use crate::platform::viewer::Viewer;
use crate::types::{AppError, Msisdn, PaymentId, PersonId, Text};

/// A phone with a pending prompt younger than this cannot take another (daraja §2).
const ONE_PROMPT_PER: TimeDelta = TimeDelta::seconds(60);
const PHONE_WINDOW: TimeDelta = TimeDelta::minutes(10);
const DAY: TimeDelta = TimeDelta::hours(24);
const HOUR: TimeDelta = TimeDelta::hours(1);
/// Requests that Safaricom refuses are no prompts, but they use up its patience with all of us: for each
/// prompt that a buyer may have, so many requests are allowed.
const STARTS_PER_PROMPT: i64 = 3;
/// How many prompts a day may go to a number that has never paid.
const PER_DAY_UNTIL_PAID: i64 = 10;

/// Who wants to pay, and the keys under which that is counted.
pub struct PromptAsker {
    /// The payment's id, under which an attempt can be taken back.
    attempt: Uuid,
    buyer: PersonId,
    /// The buyer, if the number that shall pay is proven to be theirs.
    owner: Option<PersonId>,
    /// The key under which is counted what the buyer was told about other people's phones.
    told: String,
    /// The keys of the networks that hold the address, each with the factor by which its limit is higher.
    networks: Vec<(String, i64)>,
}

impl Payments {
    pub(super) fn asker(
        &self,
        payment: PaymentId,
        buyer: &Viewer,
        msisdn: &Msisdn,
        address: IpAddr,
    ) -> PromptAsker {
        let key = |(network, times): (String, i64)| {
            (self.secret_key.hash("prompts from a network", &network), times)
        };
        PromptAsker {
            attempt: payment.0,
            buyer: buyer.id,
            owner: (buyer.standing.is_proven && *msisdn == buyer.msisdn).then_some(buyer.id),
            told: self.secret_key.hash("told about a phone", &buyer.id.to_string()),
            networks: networks(address).into_iter().map(key).collect(),
        }
    }
}

/// Checks the limits of a prompt, the buyer's own and the network's first. It runs under the lock of the
/// buyer's row.
///
/// Returns why a phone that is not proven to be the buyer's takes no prompt. That is no error, because the
/// transaction must be committed: the buyer was told, so it is counted.
///
/// # Errors
/// [`AppError::TooMany`] if a limit of the buyer or the network is reached; [`AppError::TooMany`] or
/// [`AppError::Conflict`] if the buyer's own phone takes no prompt now; a database error.
pub async fn check(
    tx: &mut Tx,
    asker: &PromptAsker,
    msisdn: &Msisdn,
    limits: &Limits,
    now: DateTime<Utc>,
) -> Result<Option<AppError>, Failure> {
    check_buyer(tx, asker, limits, now).await?;
    counts::lock_number(tx, msisdn).await?;
    let Some(busy) = busy(tx, asker, msisdn, limits, now).await? else { return Ok(None) };
    if asker.owner.is_some() {
        return Err(busy.into());
    }
    attempts::insert(tx, asker.attempt, &asker.told, now).await?;
    Ok(Some(busy))
}

async fn check_buyer(
    tx: &mut Tx,
    asker: &PromptAsker,
    limits: &Limits,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    let since = now - HOUR;
    if limits.push_buyer > 0 {
        let (told, _) = attempts::count(tx, &asker.told, since).await?;
        if told + counts::starts_of_buyer(tx, asker.buyer, since).await?
            >= limits.push_buyer * STARTS_PER_PROMPT
        {
            return Err(too_many(messages::refused_too_often(), HOUR).into());
        }
        if counts::prompts_of_buyer(tx, asker.buyer, since).await? >= limits.push_buyer {
            return Err(too_many(messages::asked_too_often(), HOUR).into());
        }
    }
    if limits.push_address > 0 {
        for (network, times) in &asker.networks {
            if attempts::count(tx, network, since).await?.0 >= limits.push_address * times {
                return Err(too_many(messages::network_too_often(), HOUR).into());
            }
        }
    }
    Ok(())
}

/// Why a phone takes no prompt now; `None` if it takes one. The limits of a number are against those who do
/// not own it: what strangers let ring keeps the owner from paying no longer than a prompt lives.
async fn busy(
    tx: &mut Tx,
    asker: &PromptAsker,
    msisdn: &Msisdn,
    limits: &Limits,
    now: DateTime<Utc>,
) -> Result<Option<AppError>, Failure> {
    if let Some(newest) = counts::newest_pending(tx, msisdn, now - ONE_PROMPT_PER).await? {
        let seconds = seconds_between(now, newest + ONE_PROMPT_PER).max(1);
        let message = messages::phone_is_busy(msisdn.masked(), seconds);
        return Ok(Some(AppError::Conflict { message, retry_after: Some(Duration::from_secs(seconds)) }));
    }
    if limits.push_phone > 0 {
        let (unanswered, today) =
            counts::prompts_to(tx, msisdn, asker.owner, now - PHONE_WINDOW, now - DAY).await?;
        if unanswered >= limits.push_phone {
            return Ok(Some(too_many(messages::phone_does_not_answer(msisdn.masked()), PHONE_WINDOW)));
        }
        if today >= PER_DAY_UNTIL_PAID && !counts::has_ever_paid(tx, msisdn).await? {
            return Ok(Some(too_many(messages::too_many_today(msisdn.masked()), DAY)));
        }
    }
    Ok(None)
}

/// Counts a prompt for the networks from which it was asked for.
///
/// # Errors
/// A database error.
pub async fn count_prompt(tx: &mut Tx, asker: &PromptAsker, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    for (network, _) in &asker.networks {
        attempts::insert(tx, asker.attempt, network, now).await?;
    }
    Ok(())
}

fn too_many(message: Text, wait: TimeDelta) -> AppError {
    AppError::TooMany { message, retry_after: wait.to_std().unwrap_or_default() }
}
