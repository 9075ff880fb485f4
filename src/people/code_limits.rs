//! How many one-time codes may be asked for. Each is an SMS that costs us money and rings somebody's phone,
//! so there are limits. No limit may let a stranger keep an owner out.
//!
//! - A number gets three codes in ten minutes and five a day from one network. Strangers in other networks
//!   use up only their own share.
//! - The browsers in which the owner was signed in before get three in ten minutes and ten a day, wherever
//!   they are. Strangers do not count there.
//! - From all other browsers together a number gets twelve in ten minutes and thirty a day: four times what
//!   one person asks for who tries again and again. Beyond that, a network that has asked for no code for
//!   this number in 24 hours still gets one, so that six strangers cannot keep out an owner with a new
//!   browser. After sixty a day none is sent, because each one is also an SMS for somebody who did not ask
//!   for it. To reach that takes some forty networks, and the owner's known browsers still get theirs, as
//!   does every browser a day later.
//! - All messages together have a limit, and a fifth of it is kept for known browsers. Of the codes that are
//!   not typed in again, one network gets at most a quarter of the limit a minute and a tenth a day. Codes
//!   that are typed in are customers', and hundreds of customers may share one address.
//!
//! A code that is sent to nobody counts like any other; otherwise the limits would tell which numbers are
//! known.

use std::sync::atomic::Ordering;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::People;
use super::attempts::{AttemptLimit, Over};
use super::sign_in::Caller;
use super::store::{PersonRow, attempts as rows};
use crate::platform::address::networks;
use crate::platform::db::Tx;
use crate::types::{Msisdn, Text, words};

words! {
    three_already {
        "We sent this number three codes already. Please wait 10 minutes."
        "Tumeshatuma code tatu kwa namba hii. Tafadhali subiri dakika 10."
    }
    many_already {
        "Many codes were sent to this number just now. Please wait 10 minutes."
        "Code nyingi zimetumwa kwa namba hii sasa hivi. Tafadhali subiri dakika 10."
    }
    too_many_today {
        "We sent this number too many codes today. Please try again tomorrow."
        "Tumetuma code nyingi mno kwa namba hii leo. Tafadhali jaribu tena kesho."
    }
    too_many_everywhere {
        "We send too many SMS right now. Please try again in a few minutes."
        "Tunatuma SMS nyingi mno sasa hivi. Tafadhali jaribu tena baada ya dakika chache."
    }
    network_too_often {
        "Too many codes were asked for from your network. Please try again in an hour."
        "Code nyingi mno zimeombwa kutoka mtandao wako. Tafadhali jaribu tena baada ya saa moja."
    }
    share_used_up {
        "Too many codes were asked for from your network. Please try again later, or from another network."
        "Code nyingi mno zimeombwa kutoka mtandao wako. \
            Tafadhali jaribu tena baadaye, au kutoka mtandao mwingine."
    }
}

/// Codes to one number within `FEW_WITHIN` from one network, or from the browsers in which its owner was.
const FEW: i64 = 3;
const FEW_WITHIN: TimeDelta = TimeDelta::minutes(10);
const FROM_NETWORK_A_DAY: i64 = 5;
const FOR_OWNER_A_DAY: i64 = 10;
/// Codes to one number from all networks; beyond them each network that is new to the number gets one.
const FROM_ALL: i64 = 12;
const FROM_ALL_A_DAY: i64 = 30;
/// Codes to one number in a day after which strangers get none.
const AT_ALL_A_DAY: i64 = 60;
/// One network may use one part in so many of the limit of all messages.
const SHARE_A_MINUTE: i64 = 4;
const SHARE_A_DAY: i64 = 10;
const DAY: TimeDelta = TimeDelta::hours(24);
const HOUR: TimeDelta = TimeDelta::hours(1);
const MINUTE: TimeDelta = TimeDelta::minutes(1);
/// The key under which every message counts.
const ALL: &str = "sms";

impl People {
    /// The limits of one more code for a number. `person` is whoever has the number, if anybody. A known
    /// browser of theirs gets the limits of an owner, every other one those of a stranger.
    pub fn code_limits(
        &self,
        msisdn: &Msisdn,
        person: Option<&PersonRow>,
        caller: Caller<'_>,
    ) -> Vec<AttemptLimit> {
        let known = person
            .and_then(|person| self.known_browser(caller.browser, person.id, person.session_generation));
        if known.is_some() {
            let own = self.secret_key.hash("codes for an owner", msisdn.as_str());
            let mut limits = vec![
                refusing(own.clone(), FEW, FEW_WITHIN, three_already()),
                refusing(own, FOR_OWNER_A_DAY, DAY, too_many_today()),
            ];
            limits.extend(
                self.all_messages()
                    .map(|(most, within, _)| refusing(ALL.to_owned(), most, within, too_many_everywhere())),
            );
            return limits;
        }
        let networks = networks(caller.address);
        // The last network of the list is the widest.
        let widest = networks.last().map(|(network, _)| network.as_str()).unwrap_or_default();
        let mut limits = self.number_limits(msisdn, widest);
        if self.limits.codes_address > 0 {
            limits.extend(networks.iter().map(|(network, times)| {
                let key = self.secret_key.hash("codes from a network", network);
                refusing(key, self.limits.codes_address * times, HOUR, network_too_often())
            }));
        }
        for (most, within, share) in self.all_messages() {
            limits.push(refusing(self.share_key(widest), (most / share).max(1), within, share_used_up()));
            // Strangers cannot use the last fifth, so it is left for owners.
            limits.push(refusing(ALL.to_owned(), most - most / 5, within, too_many_everywhere()));
        }
        limits
    }

    /// The limits of a number in browsers in which its owner never was.
    fn number_limits(&self, msisdn: &Msisdn, network: &str) -> Vec<AttemptLimit> {
        let pair = self.secret_key.hash("codes for a number from a network", &format!("{msisdn} {network}"));
        let number = self.secret_key.hash("codes for a number", msisdn.as_str());
        let or_new_here = |most, within, message| {
            let over = Over::OneEach { asker: pair.clone(), pause: DAY };
            AttemptLimit { key: number.clone(), most, within, over, message }
        };
        vec![
            refusing(pair.clone(), FEW, FEW_WITHIN, three_already()),
            refusing(pair.clone(), FROM_NETWORK_A_DAY, DAY, too_many_today()),
            or_new_here(FROM_ALL, FEW_WITHIN, many_already()),
            or_new_here(FROM_ALL_A_DAY, DAY, too_many_today()),
            refusing(number.clone(), AT_ALL_A_DAY, DAY, too_many_today()),
        ]
    }

    /// The limits of all messages, as count, time and the part of it for one network. Empty where no messages
    /// are sent or the settings set no limit.
    fn all_messages(&self) -> impl Iterator<Item = (i64, TimeDelta, i64)> {
        let limits =
            [(self.limits.sms_minute, MINUTE, SHARE_A_MINUTE), (self.limits.sms_day, DAY, SHARE_A_DAY)];
        let can_send = self.can_send();
        limits.into_iter().filter(move |(most, ..)| can_send && *most > 0)
    }

    fn share_key(&self, network: &str) -> String {
        self.secret_key.hash("share of a network in all messages", network)
    }

    /// Stops counting a code that was typed in against the share of the caller's network. It does nothing if
    /// the code was asked for from another network.
    ///
    /// # Errors
    /// A database error.
    pub async fn give_back_share(
        &self,
        tx: &mut Tx,
        code: Uuid,
        caller: Caller<'_>,
    ) -> Result<(), sqlx::Error> {
        let Some((widest, _)) = networks(caller.address).pop() else { return Ok(()) };
        rows::delete_under(tx, code, &self.share_key(&widest)).await
    }

    /// Logs an alarm if the reached limit is the one of all messages, once within the limit's time.
    pub fn alarm_if_all(&self, limit: &AttemptLimit, now: DateTime<Utc>) {
        let quiet_until = self.sms_alarm.load(Ordering::Relaxed);
        let is_due = limit.key == ALL && quiet_until <= now.timestamp();
        // If several requests come here at once, one of them logs the alarm.
        let until = (now + limit.within).timestamp();
        if is_due
            && self
                .sms_alarm
                .compare_exchange(quiet_until, until, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
        {
            let minutes = limit.within.num_minutes();
            tracing::error!(
                alarm = true,
                minutes,
                "the limit of all SMS is reached (SMS_LIMIT_MINUTE, SMS_LIMIT_DAY)"
            );
        }
    }
}

const fn refusing(key: String, most: i64, within: TimeDelta, message: Text) -> AttemptLimit {
    AttemptLimit { key, most, within, over: Over::Refused, message }
}
