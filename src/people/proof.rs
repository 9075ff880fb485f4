//! What a one-time code is for when it comes back: an account, a new password, or a number that is proven.
//!
//! The number is the account. Who proves a number gets the account that has it, with a new password and every
//! session ended, whoever registered it before; there is no second way, and no account without its number. So
//! a number that somebody else typed is yielded to its owner, and nothing of its books is lost. The password
//! is chosen now, by who read the SMS, and never before. Accounts of staff are left alone: a stolen SIM card
//! must not open the desk.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::attempts;
use super::hashing::Errand;
use super::names::name_taken;
use super::otp::{CODE_LENGTH, PendingRegistration, Purpose};
use super::service::{Entrant, insert};
use super::sign_in::Caller;
use super::store::otp::{self, CodeRow};
use super::store::{self, NewPerson, PersonRow, spending_limits};
use super::{People, WrongField, check_password};
use crate::notices::{self, NewNotice, NoticeKind};
use crate::platform::db::{Failure, Tx, transaction};
use crate::platform::paths;
use crate::platform::viewer::Viewer;
use crate::types::name::person_name;
use crate::types::{AppError, Msisdn, PersonId, words};

words! {
    six_digits { "A code has six digits." "Code ina tarakimu sita." }
    one_try_left { "That is not the code. One try is left." "Hiyo si code. Umebakisha jaribio moja." }
    tries_left(left) { "That is not the code. {left} tries are left." "Hiyo si code. Umebakisha majaribio {left}." }
    not_valid_any_more { "This code is not valid any more. Ask for a new one." "Code hii haifanyi kazi tena. Omba mpya." }
}

const TRIES: i64 = 5;

/// What stood in the form of a code.
#[derive(Debug, Clone, Copy)]
pub struct CodeTyped<'a> {
    pub id: &'a str,
    pub code: &'a str,
    /// Empty where none is to be set.
    pub password: &'a str,
    /// Another name than the one that waits, which somebody else took meanwhile; empty if it is still free.
    pub display_name: &'a str,
}

/// Who entered by a code, and where to go.
pub struct Proven {
    pub entrant: Entrant,
    pub next: String,
}

impl People {
    /// Takes a code that came back to the browser that asked for it, with the password where one is to be
    /// set. A code that sets none opens nothing by itself: its person must still be signed in.
    pub async fn enter_code(
        &self,
        typed: CodeTyped<'_>,
        viewer: Option<&Viewer>,
        caller: Caller<'_>,
    ) -> Result<Proven, WrongField> {
        let CodeTyped { id, code, password, display_name } = typed;
        let row = self.code(id, caller.browser).await.map_err(|error| ("code", error))?;
        let purpose = Purpose::read(&row.purpose).ok_or(("code", AppError::Internal))?;
        let mut waiting: Option<PendingRegistration> =
            row.registration.as_deref().and_then(|json| serde_json::from_str(json).ok());
        let digits: String = code.chars().filter(|character| !character.is_whitespace()).collect();
        if digits.len() != CODE_LENGTH || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(("code", AppError::invalid(six_digits())));
        }
        if row.used_at.is_some() {
            return Err(("code", gone()));
        }
        if !purpose.sets_password() {
            if row.person_id.is_none() || row.person_id != viewer.map(|viewer| viewer.id) {
                return Err(("code", gone()));
            }
            self.judge_code(&row, &digits).await.map_err(|error| ("code", error))?;
            return self.prove(&row, caller).await.map_err(|failure| ("code", failure.into()));
        }
        if let Some(waiting) = &mut waiting {
            self.check_waiting_name(waiting, display_name).await.map_err(|error| ("display_name", error))?;
        }
        let weak = |reason| ("password", AppError::invalid(reason));
        let typed_name = waiting.as_ref().map(|waiting| waiting.display_name.as_str());
        // To judge a password takes a while too: an address has as many places for it as for hashes.
        let errand = if purpose == Purpose::Register { Errand::Join } else { Errand::Change };
        let place = self.hashing.place(errand, caller.address).await.map_err(|error| ("code", error))?;
        check_password(password, &row.msisdn, typed_name.as_slice()).map_err(weak)?;
        self.judge_code(&row, &digits).await.map_err(|error| ("code", error))?;
        // Only now: the name of a known account is nothing for who has not proven its number.
        let known = store::person_by_msisdn(&self.db, &row.msisdn)
            .await
            .map_err(|error| ("code", Failure::from(error).into()))?;
        if let Some(person) = &known {
            check_password(password, &row.msisdn, &[&person.display_name]).map_err(weak)?;
        }
        let hash = self.hashing.hash(place, password).await.map_err(|error| ("password", error))?;
        self.set_password(&row, waiting.as_ref(), &hash, caller).await.map_err(|failure| {
            let error = AppError::from(failure);
            // Taken in this very moment. The code is not used up.
            (if error == AppError::conflict(name_taken()) { "display_name" } else { "code" }, error)
        })
    }

    /// Another tipster may have taken the name since it was written: then another one is chosen with the
    /// code. Names are public, so this is said before the code is judged, which costs no try; and of a number
    /// that is known in the same way.
    async fn check_waiting_name(
        &self,
        waiting: &mut PendingRegistration,
        typed: &str,
    ) -> Result<(), AppError> {
        if !typed.trim().is_empty() {
            waiting.display_name = person_name(typed).map_err(AppError::invalid)?;
        }
        self.check_new_name(&waiting.display_name, waiting.is_tipster).await
    }

    /// Each try is counted before it is judged, so that no more of them run at once than there are.
    async fn judge_code(&self, row: &CodeRow, digits: &str) -> Result<(), AppError> {
        let now = self.clock.now();
        let counted: Result<Option<i64>, Failure> =
            transaction!(self.db, |tx| Ok(otp::count_try(tx, row.id, TRIES, now).await?));
        let Some(tries) = counted? else { return Err(gone()) };
        if self.is_code(row.id, digits, &row.code_hash) {
            return Ok(());
        }
        Err(match TRIES - tries {
            0 => gone(),
            1 => AppError::invalid(one_try_left()),
            left => AppError::invalid(tries_left(left)),
        })
    }

    /// The number of who was signed in is theirs.
    async fn prove(&self, row: &CodeRow, caller: Caller<'_>) -> Result<Proven, Failure> {
        let now = self.clock.now();
        transaction!(self.db, |tx| {
            let Some(person) = row.person_id.filter(|_| row.used_at.is_none()) else {
                return Err(gone().into());
            };
            if !otp::mark_used(tx, row.id, now).await? || !otp::prove(tx, person, &row.msisdn, now).await? {
                return Err(gone().into());
            }
            self.give_back_share(tx, row.id, caller).await?;
            let person = otp::person_of(tx, &row.msisdn).await?.ok_or(Failure::Changed)?;
            Ok(Proven { entrant: person.into_entrant(), next: paths::ACCOUNT.to_owned() })
        })
    }

    /// The account of the number with a new password: the one that is there, or the one that was waiting.
    async fn set_password(
        &self,
        row: &CodeRow,
        waiting: Option<&PendingRegistration>,
        hash: &str,
        caller: Caller<'_>,
    ) -> Result<Proven, Failure> {
        let now = self.clock.now();
        let (id, notice) = (PersonId(self.random.uuid(now)), self.random.uuid(now));
        let failures = self.sign_in_limits(&row.msisdn, None, caller);
        transaction!(self.db, |tx| {
            if !otp::mark_used(tx, row.id, now).await? {
                return Err(gone().into());
            }
            self.give_back_share(tx, row.id, caller).await?;
            let next = waiting.map(|waiting| waiting.next.clone()).unwrap_or_default();
            attempts::forgive(tx, &failures).await?;
            if let Some(person) = otp::person_of(tx, &row.msisdn).await? {
                return Ok(Proven { entrant: take_over(tx, person, hash, notice, now).await?, next });
            }
            let Some(waiting) = waiting else { return Err(gone().into()) };
            let entrant = self.join(tx, id, &row.msisdn, waiting, hash, now).await?;
            Ok(Proven { entrant, next })
        })
    }

    async fn join(
        &self,
        tx: &mut Tx,
        id: PersonId,
        msisdn: &Msisdn,
        waiting: &PendingRegistration,
        password_hash: &str,
        now: DateTime<Utc>,
    ) -> Result<Entrant, Failure> {
        let person = NewPerson {
            id,
            msisdn,
            display_name: &waiting.display_name,
            password_hash,
            birth_date: waiting.birth_date,
            is_buyer: waiting.is_buyer,
            is_tipster: waiting.is_tipster,
            is_verified: false,
            staff: None,
            created_at: now,
        };
        if !insert(tx, &person, true, &self.random).await? {
            return Err(Failure::Changed);
        }
        spending_limits::take_over(tx, id, &self.kept_limits_key(msisdn)).await?;
        Ok(otp::person_of(tx, msisdn).await?.ok_or(Failure::Changed)?.into_entrant())
    }
}

/// Gives the account of a number to who proved it: a new password, every session ended, and a notice of it
/// for whoever had it.
async fn take_over(
    tx: &mut Tx,
    person: PersonRow,
    password_hash: &str,
    notice: Uuid,
    now: DateTime<Utc>,
) -> Result<Entrant, Failure> {
    if person.is_staff() {
        return Err(gone().into());
    }
    let (id, msisdn) = (person.id, person.msisdn);
    otp::reset_password(tx, id, password_hash, now).await?;
    store::end_sessions(tx, id).await?;
    if !otp::prove(tx, id, &msisdn, now).await? {
        return Err(gone().into());
    }
    let told = NewNotice {
        id: notice,
        person: id,
        kind: NoticeKind::NewPassword,
        tip: None,
        payment: None,
        detail: None,
        at: now,
    };
    notices::insert(tx, &told).await?;
    Ok(otp::person_of(tx, &msisdn).await?.ok_or(Failure::Changed)?.into_entrant())
}

pub fn gone() -> AppError {
    AppError::conflict(not_valid_any_more())
}
