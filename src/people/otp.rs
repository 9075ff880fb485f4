//! One-time codes by SMS: they prove a number for a registration, for an account, or for a new password. This
//! file sends them, `proof.rs` takes them when they are typed in, and `code_limits.rs` limits how many are
//! sent.
//!
//! The answer is the same whether a number is known or not: the page of a code, in the browser that asked and
//! in no other. If an unknown number asks for a new password, no SMS is sent. If a known number registers,
//! the SMS says so, and its code sets a new password; only the owner reads it. A message is written beside the
//! code in every case, also one for nobody, and sent afterwards: so the time of the answer tells nothing.
//!
//! Where no messages can be sent (real money without a gateway) a registration makes the account at once,
//! with its number unproven; such an account can pay with its own number only. A code has six digits, which
//! are made from the secret key and its id. It is kept as a keyed hash, and is good for ten minutes, five tries
//! and one use.

use chrono::{NaiveDate, TimeDelta};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::attempts;
use super::browser::{Browser, CODE_KEPT};
use super::registration::{Registrant, Registration};
use super::sign_in::Caller;
use super::store::otp::{self, CodeRow, NewCode};
use super::store::{self, PersonRow};
use super::{CodePurpose, Entrant, People};
use crate::outbox::{MessageText, NewMessage, TextValues, code_digits};
use crate::platform::clock::nairobi;
use crate::platform::db::{Failure, transaction};
use crate::platform::random::hex;
use crate::platform::viewer::Viewer;
use crate::types::{AppError, Language, Msisdn, NotMsisdn, PersonId, words};

words! {
    not_valid_any_more {
        "This code is not valid any more. Ask for a new one."
        "Code hii haifanyi kazi tena. Omba mpya."
    }
    no_such_code { "There is no such code." "Hakuna code kama hiyo." }
    cannot_send {
        "We cannot send SMS codes right now. Please contact the people who run this site."
        "Hatuwezi kutuma code za SMS sasa hivi. Tafadhali wasiliana na wanaoendesha tovuti hii."
    }
}

/// How many digits a code has.
pub const CODE_LENGTH: usize = 6;
const VALID_FOR: TimeDelta = TimeDelta::minutes(10);

/// A registration that waits until its number is proven, kept as JSON with its code. It has no password,
/// because whoever sent it has proven nothing yet.
#[derive(Serialize, Deserialize)]
pub struct PendingRegistration {
    pub display_name: String,
    pub birth_date: NaiveDate,
    pub is_buyer: bool,
    pub is_tipster: bool,
    pub next: String,
}

/// How a registration goes on.
pub enum Begun {
    /// A code was sent, and the person must type it in.
    Code(Sent),
    /// No messages can be sent, so the account was made at once, with its number unproven.
    Entered(Entrant),
}

/// A code that was asked for, and the secret that the asking browser keeps as a cookie to see its page.
pub struct Sent {
    pub id: Uuid,
    pub secret: String,
}

/// What the page of a code shows.
#[derive(Debug, Clone)]
pub struct CodeView {
    pub id: Uuid,
    /// The number with its middle masked.
    pub phone: String,
    pub purpose: CodePurpose,
}

/// Who asks for a code, and the language of the SMS.
#[derive(Debug, Clone, Copy)]
pub struct CodeAsker<'a> {
    pub caller: Caller<'a>,
    pub language: Language,
}

struct CodeRequest<'a> {
    purpose: CodePurpose,
    msisdn: &'a Msisdn,
    person: Option<PersonId>,
    registration: Option<&'a str>,
    asker: CodeAsker<'a>,
}

impl People {
    /// Whether SMS can be sent, so that numbers are proven by codes and passwords are chosen with them.
    pub const fn can_send(&self) -> bool {
        self.outbox.can_send()
    }

    /// Begins a registration: sends a code or, where no messages can be sent, makes the account at once.
    ///
    /// # Errors
    /// The field that is wrong, or `None` for the form as a whole, with [`AppError::Invalid`] if the form
    /// breaks a rule, [`AppError::Conflict`] if a tipster's name is taken, [`AppError::TooMany`] if a limit
    /// of codes is reached, and [`AppError::Busy`] or [`AppError::Internal`] if the database fails. Without
    /// messages also the errors of [`People::register`].
    pub async fn begin_registration(
        &self,
        form: &Registration,
        asker: CodeAsker<'_>,
    ) -> Result<Begun, (Option<&'static str>, AppError)> {
        if !self.can_send() {
            return self.register(form, asker.caller).await.map(Begun::Entered);
        }
        let registrant = form
            .parse(nairobi(self.clock.now()).date_naive())
            .map_err(|(field, reason)| (Some(field), AppError::invalid(reason)))?;
        let is_free = self.check_new_name(&registrant.display_name, registrant.is_tipster).await;
        is_free.map_err(|error| (Some("display_name"), error))?;
        let Registrant { msisdn, display_name, birth_date, is_buyer, is_tipster } = registrant;
        let waiting =
            PendingRegistration { display_name, birth_date, is_buyer, is_tipster, next: form.next.clone() };
        let waiting = serde_json::to_string(&waiting).map_err(|_| (None, AppError::Internal))?;
        let request = CodeRequest {
            purpose: CodePurpose::Register,
            msisdn: &msisdn,
            person: None,
            registration: Some(&waiting),
            asker,
        };
        self.send_code(request).await.map(Begun::Code).map_err(|error| (Some("phone_number"), error))
    }

    /// Sends a code for a new password. An unknown number gets the same answer, but no SMS.
    ///
    /// # Errors
    /// [`AppError::Invalid`] if the number is none, [`AppError::Conflict`] if no messages can be sent,
    /// [`AppError::TooMany`] if a limit is reached, and [`AppError::Busy`] or [`AppError::Internal`] if the
    /// database fails.
    pub async fn begin_reset(&self, phone_number: &str, asker: CodeAsker<'_>) -> Result<Sent, AppError> {
        let msisdn: Msisdn = phone_number.parse().map_err(|error: NotMsisdn| AppError::invalid(error))?;
        self.send_code(CodeRequest {
            purpose: CodePurpose::Reset,
            msisdn: &msisdn,
            person: None,
            registration: None,
            asker,
        })
        .await
    }

    /// Sends a code that proves the number of the person who is signed in.
    ///
    /// # Errors
    /// [`AppError::Conflict`] if no messages can be sent, [`AppError::TooMany`] if a limit is reached, and
    /// [`AppError::Busy`] or [`AppError::Internal`] if the database fails.
    pub async fn begin_proof(&self, person: &Viewer, asker: CodeAsker<'_>) -> Result<Sent, AppError> {
        let (msisdn, person) = (&person.msisdn, Some(person.id));
        self.send_code(CodeRequest { purpose: CodePurpose::Prove, msisdn, person, registration: None, asker })
            .await
    }

    /// Sends a new code for the same purpose as an old one. The old one stays valid as well.
    ///
    /// # Errors
    /// [`AppError::NotFound`] if this browser asked for no such code, [`AppError::Conflict`] if the old one
    /// is used or no messages can be sent, [`AppError::TooMany`] if a limit is reached, and
    /// [`AppError::Busy`] or [`AppError::Internal`] if the database fails.
    pub async fn send_again(&self, id: &str, asker: CodeAsker<'_>) -> Result<Sent, AppError> {
        let old = self.code(id, asker.caller.browser).await?;
        if old.used_at.is_some() {
            return Err(gone());
        }
        let registration = old.registration.as_deref();
        self.send_code(CodeRequest {
            purpose: old.purpose,
            msisdn: &old.msisdn,
            person: old.person_id,
            registration,
            asker,
        })
        .await
    }

    /// What the page of a code shows, in the browser that asked for it.
    ///
    /// # Errors
    /// As [`People::code`].
    pub async fn code_view(&self, id: &str, browser: &Browser) -> Result<CodeView, AppError> {
        let row = self.code(id, browser).await?;
        Ok(CodeView { id: row.id, phone: row.msisdn.masked(), purpose: row.purpose })
    }

    /// A code that this browser asked for, also if it was used or is too old.
    ///
    /// # Errors
    /// [`AppError::NotFound`] if there is no such code or another browser asked for it; [`AppError::Busy`] or
    /// [`AppError::Internal`] if the database fails.
    pub async fn code(&self, id: &str, browser: &Browser) -> Result<CodeRow, AppError> {
        let not_found = || AppError::not_found(no_such_code());
        let id: Uuid = id.parse().map_err(|_| not_found())?;
        let secret = browser.secret_of(id).ok_or_else(not_found)?;
        let row = otp::by_id(&self.db, id).await.map_err(Failure::from)?.ok_or_else(not_found)?;
        if self.secret_key.is_hash_of("code page", secret, &row.browser_hash) {
            Ok(row)
        } else {
            Err(not_found())
        }
    }

    async fn send_code(&self, request: CodeRequest<'_>) -> Result<Sent, AppError> {
        if !self.can_send() {
            return Err(AppError::conflict(cannot_send()));
        }
        let now = self.clock.now();
        let sent = Sent { id: self.random.uuid(now), secret: hex(&self.random.bytes::<16>()) };
        let code = code_digits(&self.secret_key, sent.id);
        let (code_hash, browser_hash) =
            (self.code_hash(sent.id, &code), self.secret_key.hash("code page", &sent.secret));
        let new = NewCode {
            id: sent.id,
            purpose: request.purpose,
            msisdn: request.msisdn,
            person: request.person,
            code_hash: &code_hash,
            browser_hash: &browser_hash,
            registration: request.registration,
            sent_at: now,
            expires_at: now + VALID_FOR,
        };
        let person = store::person_by_msisdn(&self.db, request.msisdn).await.map_err(Failure::from)?;
        let known = person.as_ref().map(PersonRow::is_staff);
        let text = text_for(request.purpose, known);
        let message = NewMessage {
            id: self.random.uuid(now),
            to: text.map(|_| request.msisdn),
            text: text.unwrap_or(MessageText::CodeForPassword),
            values: TextValues { code: sent.id },
            language: request.asker.language,
            made_at: now,
            expires_at: new.expires_at,
        };
        let limits = self.code_limits(request.msisdn, person.as_ref(), request.asker.caller);
        transaction!(self.db, |tx| {
            if let Some(reached) = attempts::count(tx, sent.id, &limits, now).await? {
                self.alarm_if_all(reached.limit, now);
                return Err(reached.into());
            }
            otp::insert(tx, &new).await?;
            self.outbox.put(tx, &message).await
        })
        .map_err(|failure: Failure| AppError::from(failure))?;
        self.outbox.ring();
        Ok(sent)
    }

    /// The keyed hash of a code. There are only a million codes, so without the key any hash could be
    /// reversed.
    fn code_hash(&self, id: Uuid, digits: &str) -> String {
        self.secret_key.hash("code", &format!("{id} {digits}"))
    }

    /// Whether the digits are those of the code whose hash this is.
    pub fn is_code(&self, id: Uuid, digits: &str, hash: &str) -> bool {
        self.secret_key.is_hash_of("code", &format!("{id} {digits}"), hash)
    }

    /// Deletes codes that were sent over an hour ago, whose pages no browser can see any more. The scheduler
    /// calls it once an hour.
    ///
    /// # Errors
    /// A database error.
    pub async fn purge_codes(&self) -> Result<(), Failure> {
        let before = self.clock.now() - CODE_KEPT;
        transaction!(self.db, |tx| Ok(otp::purge(tx, before).await?))
    }
}

/// Which text the SMS has; `None` where nothing is sent. `known` is `None` for a number without an account,
/// else whether the account is one of staff.
const fn text_for(purpose: CodePurpose, known: Option<bool>) -> Option<MessageText> {
    match (purpose, known) {
        (CodePurpose::Prove, _) => Some(MessageText::YourCode),
        (_, Some(true)) | (CodePurpose::Reset, None) => None,
        (CodePurpose::Register, None) => Some(MessageText::CodeToJoin),
        (CodePurpose::Register, Some(false)) => Some(MessageText::CodeOfKnownNumber),
        (CodePurpose::Reset, Some(false)) => Some(MessageText::CodeForPassword),
    }
}

/// The answer, 409, to a code that was used, is too old, or had all its tries.
pub fn gone() -> AppError {
    AppError::conflict(not_valid_any_more())
}
