//! When a match must kick off so that its tip can be sold.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

use crate::platform::clock::{day_and_time, from_nairobi};
use crate::tips::SALES_CLOSE_BEFORE_KICK_OFF;
use crate::types::{Text, words};

words! {
    kick_off_form {
        "Enter date and time in Kenya, like 2026-11-28 15:00."
        "Weka tarehe na saa ya Kenya, kama 2026-11-28 15:00."
    }
    not_this_time(problem) { "Not this time: {problem}" "Si wakati huu: {problem}" }
    too_soon(time) {
        "it must kick off after {time}, because sales close 5 minutes before."
        "lazima ianze baada ya {time}, kwa sababu mauzo hufungwa dakika 5 kabla."
    }
    too_far { "it must kick off within 30 days." "lazima ianze ndani ya siku 30." }
}

/// A tip is on sale for at least this long.
const LEAST_SALE: TimeDelta = TimeDelta::minutes(10);
/// Later matches are refused, because nobody knows their odds yet.
const KICK_OFF_WITHIN: TimeDelta = TimeDelta::days(30);

/// Reads a date and time in Kenya at which a match may kick off.
///
/// # Errors
/// What to tell the tipster, if the text is no date and time, or the match would be too soon or too late.
pub fn kick_off(text: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, Text> {
    let text = text.trim();
    let local = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"];
    let local = local.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    let kick_off = local.and_then(from_nairobi);
    let Some(kick_off) = kick_off else { return Err(kick_off_form()) };
    match kick_off_problem(kick_off, now) {
        Some(problem) => Err(not_this_time(problem)),
        None => Ok(kick_off),
    }
}

/// Why a tip with this match cannot be published at `now`; `None` if it can.
pub fn kick_off_problem(kick_off_at: DateTime<Utc>, now: DateTime<Utc>) -> Option<Text> {
    let earliest = now + SALES_CLOSE_BEFORE_KICK_OFF + LEAST_SALE;
    if kick_off_at < earliest {
        return Some(too_soon(day_and_time(earliest)));
    }
    (kick_off_at > now + KICK_OFF_WITHIN).then_some(too_far())
}
