//! Signing in. The answer gives no hint whether a number is known, failures are limited, and no stranger can
//! use those limits to lock an owner out.

use std::net::{IpAddr, Ipv4Addr};

use chrono::TimeDelta;

use super::attempts::{AttemptLimit, Over};
use super::browser::Browser;
use super::hashing::Errand;
use super::registration::SignIn;
use super::store::{self, PersonRow};
use super::{Entrant, People};
use crate::audit::Member;
use crate::platform::address::networks;
use crate::platform::db::Failure;
use crate::types::{AppError, Msisdn, NotMsisdn, PersonId, words};

words! {
    wrong_sign_in { "The phone number or the password is wrong." "Namba ya simu au nenosiri si sahihi." }
    too_many_failures {
        "Too many wrong sign-ins. Please wait 15 minutes and try again."
        "Umekosea kuingia mara nyingi mno. Tafadhali subiri dakika 15 kisha ujaribu tena."
    }
    too_many_today {
        "Too many wrong sign-ins for this number today. \
            Set a new password with a code by SMS, or try again tomorrow."
        "Namba hii imekosewa kuingia mara nyingi mno leo. \
            Weka nenosiri jipya kwa code ya SMS, au ujaribu tena kesho."
    }
    wait_a_little(seconds) {
        "There were many wrong sign-ins just now. Please wait {seconds} seconds and try again."
        "Kumekuwa na makosa mengi ya kuingia sasa hivi. \
            Tafadhali subiri sekunde {seconds} kisha ujaribu tena."
    }
}

/// Failures within `WINDOW` after which one number is refused: from one network, in one known browser, or for
/// the signed-in person who is asked for their own password.
const FAILURES: i64 = 5;
const WINDOW: TimeDelta = TimeDelta::minutes(15);
/// Failures within `WINDOW` for one number from all networks. Beyond that each network has one try in
/// `PAUSE_OF_NUMBER`; known browsers are free of it. Each network has a try of its own, because otherwise
/// whoever tries fastest from many networks would take the owner's try.
const FAILURES_ANYWHERE: i64 = 50;
/// Failures for one number in a day after which only known browsers may try. So many are guesses from very
/// many networks. The owner can still set a new password by code.
const FAILURES_A_DAY: i64 = 1_000;
const DAY: TimeDelta = TimeDelta::hours(24);
const PAUSE_OF_NUMBER: TimeDelta = TimeDelta::seconds(30);
const PAUSE_OF_NETWORK: TimeDelta = TimeDelta::seconds(5);

/// Where a request comes from, and the cookies of its browser; limits count by both.
#[derive(Debug, Clone, Copy)]
pub struct Caller<'a> {
    pub address: IpAddr,
    pub browser: &'a Browser,
}

impl People {
    /// Signs in by any spelling of the number. An unknown number and a wrong password get the same answer
    /// after the same time. A failure stays counted; a success takes back its own count and forgets the
    /// failures before it.
    ///
    /// # Errors
    /// [`AppError::Invalid`] if the number is none, [`AppError::SignIn`] if number or password is wrong,
    /// [`AppError::TooMany`] if a limit is reached, [`AppError::Busy`] if the line for hashes is full, and
    /// [`AppError::Busy`] or [`AppError::Internal`] if the database fails.
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

    /// The limits of failed sign-ins for a number. A known browser counts by itself alone; every other one
    /// counts with its networks, with all tries for the number, and with those of the day. `row` is `None`
    /// for an unknown number, and also where the limits of a stranger are wanted.
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
        // `own` is the key of the widest network now, which is the last one of the list.
        let number = self.secret_key.hash("failures for a number", msisdn.as_str());
        limits.push(slowing(number, FAILURES_ANYWHERE, own, PAUSE_OF_NUMBER));
        let day = self.secret_key.hash("failures for a number in a day", msisdn.as_str());
        limits.push(AttemptLimit { within: DAY, message: too_many_today(), ..refusing(day, FAILURES_A_DAY) });
        limits
    }

    /// Checks the password of a person who is known to ask: they are signed in, or typed a command. Returns
    /// its present hash, or `None` if the password is wrong. Failures count for this person alone, so no
    /// stranger can use up the tries.
    ///
    /// # Errors
    /// [`AppError::SignIn`] if the account was closed meanwhile, [`AppError::TooMany`] after five failures in
    /// 15 minutes, [`AppError::Busy`] if the line for hashes is full, and [`AppError::Busy`] or
    /// [`AppError::Internal`] if the database fails.
    pub async fn check_own_password(
        &self,
        person: PersonId,
        address: IpAddr,
        password: &str,
    ) -> Result<Option<String>, AppError> {
        let place = self.hashing.place(Errand::Change, address).await?;
        let limits = [refusing(self.secret_key.hash("failures of an owner", &person.to_string()), FAILURES)];
        let attempt = self.begin_attempt(&limits).await?;
        let known = store::profile::password_hash(&self.db, person)
            .await
            .map_err(Failure::from)?
            .ok_or_else(AppError::sign_in_first)?;
        match self.hashing.verify(place, password, known.clone()).await {
            Ok(true) => {
                self.succeed(attempt, &limits).await?;
                Ok(Some(known))
            }
            Ok(false) => Ok(None),
            Err(error) => {
                self.take_back(attempt).await?;
                Err(error)
            }
        }
    }

    /// The member of staff whom a command names, after they gave their own password.
    ///
    /// # Errors
    /// [`AppError::SignIn`] if the password is wrong, otherwise the errors of `check_own_password`.
    pub async fn prove(&self, member: Member, password: &str) -> Result<Member, AppError> {
        let here = IpAddr::V4(Ipv4Addr::LOCALHOST);
        match self.check_own_password(member.id(), here, password).await? {
            Some(_) => Ok(member.with_password()),
            None => Err(AppError::SignIn(wrong_sign_in())),
        }
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
