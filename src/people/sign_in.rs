//! Signing in: no hint whether a number is known, failures limited, and no way for a stranger to lock an
//! owner out.

use std::net::IpAddr;

use chrono::TimeDelta;

use super::attempts::{AttemptLimit, Over};
use super::browser::Browser;
use super::hashing::Errand;
use super::registration::SignIn;
use super::store::{self, PersonRow};
use super::{Entrant, People};
use crate::platform::address::networks;
use crate::platform::db::Failure;
use crate::platform::viewer::Viewer;
use crate::types::{AppError, Msisdn, NotMsisdn, words};

words! {
    wrong_sign_in { "The phone number or the password is wrong." "Namba ya simu au nenosiri si sahihi." }
    too_many_failures {
        "Too many wrong sign-ins. Please wait 15 minutes and try again."
        "Umekosea kuingia mara nyingi mno. Tafadhali subiri dakika 15 kisha ujaribu tena."
    }
    too_many_today {
        "Too many wrong sign-ins for this number today. Set a new password with a code by SMS, or try again tomorrow."
        "Namba hii imekosewa kuingia mara nyingi mno leo. Weka nenosiri jipya kwa code ya SMS, au ujaribu tena kesho."
    }
    wait_a_little(seconds) {
        "There were many wrong sign-ins just now. Please wait {seconds} seconds and try again."
        "Kumekuwa na makosa mengi ya kuingia sasa hivi. Tafadhali subiri sekunde {seconds} kisha ujaribu tena."
    }
}

/// Failures in `WINDOW` for one number from one network, or of one browser, or of who is signed in.
const FAILURES: i64 = 5;
const WINDOW: TimeDelta = TimeDelta::minutes(15);
/// Failures for one number from all networks before each network has, but for known browsers, one try in a
/// while. Each has its own: whoever tries fastest from many would else take the owner's.
const FAILURES_ANYWHERE: i64 = 50;
/// Failures for one number in a day after which none but known browsers may try: beyond that it is guessing
/// from very many networks. A new password by code is still to be had.
const FAILURES_A_DAY: i64 = 1_000;
const DAY: TimeDelta = TimeDelta::hours(24);
const PAUSE_OF_NUMBER: TimeDelta = TimeDelta::seconds(30);
const PAUSE_OF_NETWORK: TimeDelta = TimeDelta::seconds(5);

/// Who asks: from where, and with what browser.
#[derive(Debug, Clone, Copy)]
pub struct Caller<'a> {
    pub address: IpAddr,
    pub browser: &'a Browser,
}

impl People {
    /// Signs in by any spelling of the number. An unknown number and a wrong password get the same answer.
    pub async fn sign_in(&self, form: &SignIn, caller: Caller<'_>) -> Result<Entrant, AppError> {
        let msisdn: Msisdn =
            form.phone_number.parse().map_err(|error: NotMsisdn| AppError::invalid(error))?;
        let place = self.hashing.place(Errand::SignIn, caller.address).await?;
        let row = store::person_by_msisdn(&self.db, &msisdn).await.map_err(Failure::from)?;
        let limits = self.sign_in_limits(&msisdn, row.as_ref(), caller);
        let attempt = self.begin_attempt(&limits).await?;
        let known_hash = row.as_ref().map_or(&*self.decoy, |row| &row.password_hash).to_owned();
        let is_right = self.hashing.verify(place, &form.password, known_hash).await;
        match (is_right, row) {
            (Ok(true), Some(row)) => {
                self.succeed(attempt, &limits).await?;
                Ok(row.into_entrant())
            }
            (Ok(_), _) => Err(AppError::SignIn(wrong_sign_in())),
            (Err(error), _) => {
                self.take_back(attempt).await?;
                Err(error)
            }
        }
    }

    pub fn sign_in_limits(
        &self,
        msisdn: &Msisdn,
        row: Option<&PersonRow>,
        caller: Caller<'_>,
    ) -> Vec<AttemptLimit> {
        let known = row.and_then(|row| self.known_browser(caller.browser, row.id, row.session_generation));
        if let Some(browser) = known {
            let own = format!("{msisdn} {browser}");
            return vec![refusing(
                self.secret_key.hash("failures for a number in a browser", &own),
                FAILURES,
            )];
        }
        let (mut limits, mut own) = (Vec::new(), String::new());
        for (network, times) in networks(caller.address) {
            own =
                self.secret_key.hash("failures for a number from a network", &format!("{msisdn} {network}"));
            limits.push(refusing(own.clone(), FAILURES * times));
            if self.limits.sign_in_address > 0 {
                let key = self.secret_key.hash("failures from a network", &network);
                limits.push(slowing(key.clone(), self.limits.sign_in_address * times, key, PAUSE_OF_NETWORK));
            }
        }
        // The last network is the widest.
        let number = self.secret_key.hash("failures for a number", msisdn.as_str());
        limits.push(slowing(number, FAILURES_ANYWHERE, own, PAUSE_OF_NUMBER));
        let day = self.secret_key.hash("failures for a number in a day", msisdn.as_str());
        limits.push(AttemptLimit { within: DAY, message: too_many_today(), ..refusing(day, FAILURES_A_DAY) });
        limits
    }

    /// The hash of the password of who is signed in, if it is the right one. Wrong ones count for this person
    /// alone.
    pub async fn check_own_password(
        &self,
        person: &Viewer,
        address: IpAddr,
        password: &str,
    ) -> Result<Option<String>, AppError> {
        let place = self.hashing.place(Errand::Change, address).await?;
        let limits =
            [refusing(self.secret_key.hash("failures of an owner", &person.id.to_string()), FAILURES)];
        let attempt = self.begin_attempt(&limits).await?;
        let known = store::profile::password_hash(&self.db, person.id)
            .await
            .map_err(Failure::from)?
            .ok_or_else(AppError::sign_in_first)?;
        if !self.hashing.verify(place, password, known.clone()).await? {
            return Ok(None);
        }
        self.succeed(attempt, &limits).await?;
        Ok(Some(known))
    }
}

fn refusing(key: String, most: i64) -> AttemptLimit {
    AttemptLimit { key, most, within: WINDOW, over: Over::Refused, message: too_many_failures() }
}

fn slowing(key: String, most: i64, asker: String, pause: TimeDelta) -> AttemptLimit {
    AttemptLimit {
        key,
        most,
        within: WINDOW,
        over: Over::OneEach { asker, pause },
        message: wait_a_little(pause.num_seconds()),
    }
}
