//! How many prompts may be sent: to a number, for a buyer, from an address (MONEY §1). Prompts count, not presses.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::store::counts;
use super::{Payments, words};
use crate::platform::clock::seconds_between;
use crate::platform::db::{Failure, Tx, transaction};
use crate::platform::settings::Limits;
use crate::types::{AppError, Msisdn, PersonId, Text};

/// A phone with a younger pending prompt cannot take another (daraja §2).
const ONE_PROMPT_PER: TimeDelta = TimeDelta::seconds(60);
const PHONE_WINDOW: TimeDelta = TimeDelta::minutes(10);
const DAY: TimeDelta = TimeDelta::hours(24);
const HOUR: TimeDelta = TimeDelta::hours(1);
/// An address is counted for an hour; a day leaves room for a clock that is wrong.
const ADDRESSES_FOR: TimeDelta = DAY;
/// So many at once take no time from those who pay.
const ADDRESSES_AT_ONCE: i64 = 1_000;
/// Refused requests are no prompts, but they use up Safaricom's patience with all of us.
const STARTS_PER_PROMPT: i64 = 3;
/// Prompts a day to a number that has never paid.
const PER_DAY_UNTIL_PAID: i64 = 10;

impl Payments {
    /// Forgets from where older payments were asked for, some at a time; how many.
    pub async fn forget_addresses(&self) -> Result<u64, Failure> {
        let before = self.clock.now() - ADDRESSES_FOR;
        transaction!(self.db, tx => Ok(counts::forget_addresses(tx, before, ADDRESSES_AT_ONCE).await?))
    }
}

pub struct Asker<'a> {
    pub buyer: PersonId,
    pub msisdn: &'a Msisdn,
    pub address_hash: &'a str,
}

/// Refuses a prompt that would be too many. Runs under the lock of the buyer's row.
pub async fn check(tx: &mut Tx, asker: &Asker<'_>, limits: &Limits, now: DateTime<Utc>) -> Result<(), Failure> {
    if let Some(newest) = counts::newest_pending(tx, asker.msisdn, now - ONE_PROMPT_PER).await? {
        let seconds = seconds_between(now, newest + ONE_PROMPT_PER).max(1);
        let message = words::phone_is_busy(asker.msisdn.masked(), seconds);
        return Err(AppError::Conflict { message, retry_after: Some(Duration::from_secs(seconds)) }.into());
    }
    if limits.push_phone > 0 {
        let (unanswered, today) = counts::prompts_to(tx, asker.msisdn, now - PHONE_WINDOW, now - DAY).await?;
        if unanswered >= limits.push_phone {
            return Err(too_many(words::phone_does_not_answer(asker.msisdn.masked()), PHONE_WINDOW));
        }
        if today >= PER_DAY_UNTIL_PAID && !counts::has_ever_paid(tx, asker.msisdn).await? {
            return Err(too_many(words::too_many_today(asker.msisdn.masked()), DAY));
        }
    }
    if limits.push_buyer > 0 && counts::starts_of_buyer(tx, asker.buyer, now - HOUR).await? >= limits.push_buyer * STARTS_PER_PROMPT {
        return Err(too_many(words::refused_too_often(), HOUR));
    }
    if limits.push_buyer > 0 && counts::prompts_of_buyer(tx, asker.buyer, now - HOUR).await? >= limits.push_buyer {
        return Err(too_many(words::asked_too_often(), HOUR));
    }
    if limits.push_address > 0 && counts::prompts_from_address(tx, asker.address_hash, now - HOUR).await? >= limits.push_address {
        return Err(too_many(words::network_too_often(), HOUR));
    }
    Ok(())
}

fn too_many(message: Text, wait: TimeDelta) -> Failure {
    AppError::TooMany { message, retry_after: wait.to_std().unwrap_or_default() }.into()
}
