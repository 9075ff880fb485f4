//! How many one-time codes may be asked for. Each is an SMS that somebody pays and that rings at somebody's,
//! so there are limits; and no limit may be a way for a stranger to keep an owner out.
//!
//! - From one network a number gets three in ten minutes and five a day. Strangers in other networks use up
//!   their own.
//! - A browser in which the owner was has as many of its own, wherever it is.
//! - From all other browsers together a number gets twelve in ten minutes and thirty a day: four times what
//!   one person asks for who tries again and again. Beyond that a network that has asked for nothing for this
//!   number today still gets one, so that an owner with a new browser is not kept out by six strangers. At
//!   sixty a day there is an end, because each code that is let through is also one more SMS for somebody who
//!   did not ask for it: to get there takes some forty networks, and then the owner's known browsers, and a
//!   day later every other, still get theirs.
//! - All messages together have a limit, a fifth of which is for known browsers. One network gets at most a
//!   quarter of it a minute and a tenth a day of codes that do not come back: those that do are customers',
//!   and hundreds of them may share an address.
//!
//! A code that is sent to nobody counts like any other. Else the limits would tell which numbers are known.

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
        "Code nyingi mno zimeombwa kutoka mtandao wako. Tafadhali jaribu tena baadaye, au kutoka mtandao mwingine."
    }
}

/// Codes to one number from one network, or from browsers in which its owner was.
const FEW: i64 = 3;
const FEW_WITHIN: TimeDelta = TimeDelta::minutes(10);
const FROM_NETWORK_A_DAY: i64 = 5;
const FOR_OWNER_A_DAY: i64 = 10;
/// Codes to one number from all networks, before each that is new to it gets one.
const FROM_ALL: i64 = 12;
const FROM_ALL_A_DAY: i64 = 30;
/// And the end of it.
const AT_ALL_A_DAY: i64 = 60;
/// What one network may have of all messages: a part of so many.
const SHARE_A_MINUTE: i64 = 4;
const SHARE_A_DAY: i64 = 10;
const DAY: TimeDelta = TimeDelta::hours(24);
const HOUR: TimeDelta = TimeDelta::hours(1);
const MINUTE: TimeDelta = TimeDelta::minutes(1);
/// Under it every message counts.
const ALL: &str = "sms";

impl People {
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
        // The last one is the widest.
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
            // Strangers who use up the rest leave owners a fifth.
            limits.push(refusing(ALL.to_owned(), most - most / 5, within, too_many_everywhere()));
        }
        limits
    }

    /// What a number gets in browsers in which its owner never was.
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

    /// The limits of all messages, and what part of each one network may have; none where no messages are
    /// sent.
    fn all_messages(&self) -> impl Iterator<Item = (i64, TimeDelta, i64)> {
        let limits =
            [(self.limits.sms_minute, MINUTE, SHARE_A_MINUTE), (self.limits.sms_day, DAY, SHARE_A_DAY)];
        let can_send = self.can_send();
        limits.into_iter().filter(move |(most, ..)| can_send && *most > 0)
    }

    fn share_key(&self, network: &str) -> String {
        self.secret_key.hash("share of a network in all messages", network)
    }

    /// Takes a code that came back out of the share of the network, where it was also asked for from there.
    pub async fn give_back_share(
        &self,
        tx: &mut Tx,
        code: Uuid,
        caller: Caller<'_>,
    ) -> Result<(), sqlx::Error> {
        let Some((widest, _)) = networks(caller.address).pop() else { return Ok(()) };
        rows::delete_under(tx, code, &self.share_key(&widest)).await
    }

    /// Says that the limit of all messages is reached, once in its time.
    pub fn alarm_if_all(&self, limit: &AttemptLimit, now: DateTime<Utc>) {
        let quiet_until = self.sms_alarm.load(Ordering::Relaxed);
        let is_due = limit.key == ALL && quiet_until <= now.timestamp();
        // Of several at once one says it.
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
