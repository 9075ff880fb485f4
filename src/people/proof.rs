//! What happens when a one-time code comes back: it makes an account, sets a new password, or proves a
//! number.
//!
//! The number is the account. Whoever proves a number without being signed in gets the account that has it,
//! with a new password, and every older session ends, no matter who registered it. So a number that somebody
//! else typed goes to its owner, and nothing of its books is lost. The password is chosen with the code, by
//! whoever read the SMS, and never before. Accounts of staff are left alone, because a stolen SIM card must
//! not open the desk.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::attempts;
use super::hashing::Errand;
use super::names::name_taken;
use super::new_person::insert;
use super::otp::{CODE_LENGTH, PendingRegistration, gone};
use super::sign_in::Caller;
use super::store::otp::{self, CodeRow};
use super::store::{self, NewPerson, PersonRow, spending_limits};
use super::{CodePurpose, Entrant, People, WrongField, check_password};
use crate::notices::{self, NewNotice, NoticeKind};
use crate::platform::db::{Failure, Tx, transaction};
use crate::platform::paths;
use crate::platform::viewer::Viewer;
use crate::types::name::person_name;
use crate::types::{AppError, Msisdn, PersonId, words};

words! {
    six_digits { "A code has six digits." "Code ina tarakimu sita." }
    one_try_left { "That is not the code. One try is left." "Hiyo si code. Umebakisha jaribio moja." }
    tries_left(left) {
        "That is not the code. {left} tries are left."
        "Hiyo si code. Umebakisha majaribio {left}."
    }
}

/// How many times one code may be tried.
const TRIES: i64 = 5;

/// What was typed into the form of a code.
#[derive(Debug, Clone, Copy)]
pub struct CodeTyped<'a> {
    pub id: &'a str,
    pub code: &'a str,
    /// The new password; empty where the code sets none.
    pub password: &'a str,
    /// A new name for a registration whose own name was taken meanwhile; empty if its own name is still free.
    pub display_name: &'a str,
}

/// The person who entered by a code, and the path to go to next; an empty path is the market.
pub struct Proven {
    pub entrant: Entrant,
    pub next: String,
}

impl People {
    /// Takes a code that was typed in the browser that asked for it, with the new password where the code
    /// sets one. A code that sets none opens nothing by itself: its person must still be signed in. A code
    /// works once.
    ///
    /// # Errors
    /// The field that is wrong, with [`AppError::NotFound`] if this browser asked for no such code,
    /// [`AppError::Conflict`] if the code is used, too old or had its five tries, if it belongs to staff or
    /// to somebody else than `viewer`, or if the name is taken by now, [`AppError::Invalid`] if the code, the
    /// password or the name is refused, [`AppError::Busy`] if too many people wait for a password hash, and
    /// [`AppError::Busy`] or [`AppError::Internal`] if the database fails.
    pub async fn enter_code(
        &self,
        typed: CodeTyped<'_>,
        viewer: Option<&Viewer>,
        caller: Caller<'_>,
    ) -> Result<Proven, WrongField> {
        let CodeTyped { id, code, .. } = typed;
        let row = self.code(id, caller.browser).await.map_err(|error| ("code", error))?;
        let digits: String = code.chars().filter(|character| !character.is_whitespace()).collect();
        if digits.len() != CODE_LENGTH || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(("code", AppError::invalid(six_digits())));
        }
        if row.used_at.is_some() {
            return Err(("code", gone()));
        }
        match row.purpose {
            CodePurpose::Register => self.join_by_code(&row, &digits, typed, caller).await,
            CodePurpose::Prove => {
                self.prove_by_code(&row, &digits, viewer, caller).await.map_err(|error| ("code", error))
            }
            CodePurpose::Reset => self.reset_by_code(&row, &digits, typed.password, caller).await,
        }
    }

    /// Notes that the number of the signed-in person is proven.
    async fn prove_by_code(
        &self,
        row: &CodeRow,
        digits: &str,
        viewer: Option<&Viewer>,
        caller: Caller<'_>,
    ) -> Result<Proven, AppError> {
        let Some(person) = row.person_id.filter(|person| viewer.is_some_and(|viewer| viewer.id == *person))
        else {
            return Err(gone());
        };
        self.judge_code(row, digits).await?;
        let now = self.clock.now();
        let proven: Result<Entrant, Failure> = transaction!(self.db, |tx| {
            self.consume(tx, row, caller, now).await?;
            if !otp::prove(tx, person, &row.msisdn, now).await? {
                return Err(gone().into());
            }
            let person = otp::person_of(tx, &row.msisdn).await?.ok_or(Failure::Changed)?;
            Ok(person.into_entrant())
        });
        Ok(Proven { entrant: proven?, next: paths::ACCOUNT.to_owned() })
    }

    /// Makes the account that waited for its number. If the number has an account already, that one gets a
    /// new password instead.
    async fn join_by_code(
        &self,
        row: &CodeRow,
        digits: &str,
        typed: CodeTyped<'_>,
        caller: Caller<'_>,
    ) -> Result<Proven, WrongField> {
        let waiting = row.registration.as_deref().and_then(|json| serde_json::from_str(json).ok());
        let mut waiting: PendingRegistration = waiting.ok_or(("code", AppError::Internal))?;
        let is_free = self.check_waiting_name(&mut waiting, typed.display_name).await;
        is_free.map_err(|error| ("display_name", error))?;
        let own_words = [waiting.display_name.as_str()];
        let hash = self.hash_chosen(row, digits, typed.password, &own_words, Errand::Join, caller).await?;
        let now = self.clock.now();
        let (id, notice) = (PersonId(self.random.uuid(now)), self.random.uuid(now));
        let joined: Result<Entrant, Failure> = transaction!(self.db, |tx| {
            self.consume_for_password(tx, row, caller, now).await?;
            match otp::person_of(tx, &row.msisdn).await? {
                Some(person) => take_over(tx, person, &hash, notice, now).await,
                None => self.join(tx, id, &row.msisdn, &waiting, &hash, now).await,
            }
        });
        let entrant = joined.map_err(|failure| {
            let error = AppError::from(failure);
            // Another tipster took the name in this very moment. The transaction was undone, so the code can
            // be used again with another name.
            (if error == AppError::conflict(name_taken()) { "display_name" } else { "code" }, error)
        })?;
        Ok(Proven { entrant, next: waiting.next })
    }

    /// Gives the account of the number a new password.
    async fn reset_by_code(
        &self,
        row: &CodeRow,
        digits: &str,
        password: &str,
        caller: Caller<'_>,
    ) -> Result<Proven, WrongField> {
        let hash = self.hash_chosen(row, digits, password, &[], Errand::Change, caller).await?;
        let now = self.clock.now();
        let notice = self.random.uuid(now);
        let reset: Result<Entrant, Failure> = transaction!(self.db, |tx| {
            self.consume_for_password(tx, row, caller, now).await?;
            let person = otp::person_of(tx, &row.msisdn).await?.ok_or_else(gone)?;
            take_over(tx, person, &hash, notice, now).await
        });
        let entrant = reset.map_err(|failure| ("code", failure.into()))?;
        Ok(Proven { entrant, next: String::new() })
    }

    /// Judges the code and the password that came with it, and returns the hash of the password.
    async fn hash_chosen(
        &self,
        row: &CodeRow,
        digits: &str,
        password: &str,
        own_words: &[&str],
        errand: Errand,
        caller: Caller<'_>,
    ) -> Result<String, WrongField> {
        let weak = |reason| ("password", AppError::invalid(reason));
        // Judging a password takes a while as well, so it needs the same place in the line as a hash.
        let place = self.hashing.place(errand, caller.address).await.map_err(|error| ("code", error))?;
        check_password(password, &row.msisdn, own_words).map_err(weak)?;
        self.judge_code(row, digits).await.map_err(|error| ("code", error))?;
        // The name of a known account is compared only after the code was right, because the answer would
        // tell something of that name to people who have not proven the number.
        let known = store::person_by_msisdn(&self.db, &row.msisdn).await;
        if let Some(person) = known.map_err(|error| ("code", Failure::from(error).into()))? {
            check_password(password, &row.msisdn, &[&person.display_name]).map_err(weak)?;
        }
        self.hashing.hash(place, password).await.map_err(|error| ("password", error))
    }

    /// Another tipster may have taken the name since the registration was sent; then another name is typed
    /// with the code. Names are public, so this is answered before the code is judged and costs no try. A
    /// number that has an account gets the same answer.
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

    /// Judges a code. Each try is counted before it is judged, so that parallel requests get no more tries.
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

    /// Uses a code up, and no longer counts its SMS against the network of the caller. A code has one use, so
    /// a second request is refused.
    async fn consume(
        &self,
        tx: &mut Tx,
        row: &CodeRow,
        caller: Caller<'_>,
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        if !otp::mark_used(tx, row.id, now).await? {
            return Err(gone().into());
        }
        Ok(self.give_back_share(tx, row.id, caller).await?)
    }

    /// Uses up a code that sets a password, and forgets the wrong sign-ins that were made with the old one.
    async fn consume_for_password(
        &self,
        tx: &mut Tx,
        row: &CodeRow,
        caller: Caller<'_>,
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        self.consume(tx, row, caller, now).await?;
        let failures = self.sign_in_limits(&row.msisdn, None, caller);
        Ok(attempts::forgive(tx, &failures).await?)
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

/// Gives the account of a number to whoever proved the number: sets the new password, ends every session, and
/// writes a notice that tells the person of it. Accounts of staff are refused.
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
