//! One-time codes by SMS: they prove a number for a registration, for an account, or for a new password. This
//! file asks for them; `proof.rs` takes them back, and `code_limits.rs` says how many there may be.
//!
//! The answer is the same whether a number is known or not: a code page, in the browser that asked and in no
//! other. A code for a new password of an unknown number is sent to nobody; a registration of a known number
//! sends a code that sets its password anew, and says so in the SMS, which only the owner reads. Messages are
//! sent beside the answer, so that its time tells nothing.
//!
//! Where no messages can be sent (real money without a gateway) a registration enters at once, its number
//! unproven: such an account pays with its own number only. Codes are six digits, kept as a keyed hash, good
//! for ten minutes, five tries and one use.

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
use crate::platform::clock::nairobi;
use crate::platform::db::{Failure, transaction};
use crate::platform::random::hex;
use crate::platform::viewer::Viewer;
use crate::types::{AppError, Language, Msisdn, NotMsisdn, PersonId, Text, words};

words! {
    not_valid_any_more { "This code is not valid any more. Ask for a new one." "Code hii haifanyi kazi tena. Omba mpya." }
    no_such_code { "There is no such code." "Hakuna code kama hiyo." }
    cannot_send {
        "We cannot send SMS codes right now. Please contact the people who run this site."
        "Hatuwezi kutuma code za SMS sasa hivi. Tafadhali wasiliana na wanaoendesha tovuti hii."
    }

    your_code(code) {
        "Ligisoo: {code} is your code. Valid 10 minutes. Tell it to nobody."
        "Ligisoo: {code} ni code yako. Inafanya kazi dakika 10. Usimwambie mtu."
    }
    code_to_join(code) {
        "Ligisoo: {code} is your code to join. Valid 10 minutes. Tell it to nobody."
        "Ligisoo: {code} ni code yako ya kujiunga. Inafanya kazi dakika 10. Usimwambie mtu."
    }
    code_of_known_number(code) {
        "Ligisoo: this number has an account already. {code} is your code to set its new password. Valid 10 minutes. Tell it to nobody."
        "Ligisoo: namba hii ina akaunti tayari. {code} ni code ya kuweka nenosiri lake jipya. Inafanya kazi dakika 10. Usimwambie mtu."
    }
    code_for_password(code) {
        "Ligisoo: {code} is your code for a new password. Valid 10 minutes. Tell it to nobody."
        "Ligisoo: {code} ni code yako ya nenosiri jipya. Inafanya kazi dakika 10. Usimwambie mtu."
    }
}

const DIGITS: &[u8] = b"0123456789";
pub const CODE_LENGTH: usize = 6;
const VALID_FOR: TimeDelta = TimeDelta::minutes(10);

/// A registration that waits for its number. It has no password yet: whoever wrote it has proven nothing.
#[derive(Serialize, Deserialize)]
pub struct PendingRegistration {
    pub display_name: String,
    pub birth_date: NaiveDate,
    pub is_buyer: bool,
    pub is_tipster: bool,
    pub next: String,
}

/// How a registration went on.
pub enum Begun {
    Code(Sent),
    /// Without messages: at once, unproven.
    Entered(Entrant),
}

/// A code under way, and the secret by which the browser that asked is known again.
pub struct Sent {
    pub id: Uuid,
    pub secret: String,
}

/// What the page of a code shows.
#[derive(Debug, Clone)]
pub struct CodeView {
    pub id: Uuid,
    /// Masked.
    pub phone: String,
    pub purpose: CodePurpose,
}

/// Who asks for a code, and in which language the message speaks.
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
    pub const fn can_send(&self) -> bool {
        self.sms.is_some()
    }

    /// Begins a registration; `(field, error)` if a rule is broken.
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

    /// Begins a new password for a number, whether or not it is known.
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

    /// Begins to prove the number of who is signed in.
    pub async fn begin_proof(&self, person: &Viewer, asker: CodeAsker<'_>) -> Result<Sent, AppError> {
        let (msisdn, person) = (&person.msisdn, Some(person.id));
        self.send_code(CodeRequest { purpose: CodePurpose::Prove, msisdn, person, registration: None, asker })
            .await
    }

    /// A new code for what an old one was for.
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

    pub async fn code_view(&self, id: &str, browser: &Browser) -> Result<CodeView, AppError> {
        let row = self.code(id, browser).await?;
        Ok(CodeView { id: row.id, phone: row.msisdn.masked(), purpose: row.purpose })
    }

    /// A code that this browser asked for. For all others there is none.
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
        let Some(sms) = self.sms.clone() else {
            return Err(AppError::conflict(cannot_send()));
        };
        let now = self.clock.now();
        let sent = Sent { id: self.random.uuid(now), secret: hex(&self.random.bytes::<16>()) };
        let code = self.random.text(DIGITS, CODE_LENGTH);
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
        let text = message(request.purpose, known, &code);
        let limits = self.code_limits(request.msisdn, person.as_ref(), request.asker.caller);
        transaction!(self.db, |tx| {
            if let Some(reached) = attempts::count(tx, sent.id, &limits, now).await? {
                self.alarm_if_all(reached.limit, now);
                return Err(reached.into());
            }
            Ok(otp::insert(tx, &new).await?)
        })
        .map_err(|failure: Failure| AppError::from(failure))?;
        if let Some(text) = text {
            let (to, language) = (request.msisdn.clone(), request.asker.language);
            // Beside the answer: how long a gateway takes must not tell whether a number is known.
            tokio::spawn(async move {
                if let Err(error) = sms.send(&to, text.as_str(language)).await {
                    tracing::error!(error = %error, alarm = true, "a code could not be sent");
                }
            });
        }
        Ok(sent)
    }

    /// Six digits are few: without the key they would be had from any hash.
    fn code_hash(&self, id: Uuid, digits: &str) -> String {
        self.secret_key.hash("code", &format!("{id} {digits}"))
    }

    pub fn is_code(&self, id: Uuid, digits: &str, hash: &str) -> bool {
        self.secret_key.is_hash_of("code", &format!("{id} {digits}"), hash)
    }

    /// Forgets codes whose pages nobody can come back to.
    pub async fn purge_codes(&self) -> Result<(), Failure> {
        let before = self.clock.now() - CODE_KEPT;
        transaction!(self.db, |tx| Ok(otp::purge(tx, before).await?))
    }
}

/// What the SMS says; nothing where none may be sent. `known` is nothing for a number without an account,
/// else whether it is staff's.
fn message(purpose: CodePurpose, known: Option<bool>, code: &str) -> Option<Text> {
    match (purpose, known) {
        (CodePurpose::Prove, _) => Some(your_code(code)),
        (_, Some(true)) | (CodePurpose::Reset, None) => None,
        (CodePurpose::Register, None) => Some(code_to_join(code)),
        (CodePurpose::Register, Some(false)) => Some(code_of_known_number(code)),
        (CodePurpose::Reset, Some(false)) => Some(code_for_password(code)),
    }
}

/// The answer to a code that was used, is too old, or had its tries.
pub fn gone() -> AppError {
    AppError::conflict(not_valid_any_more())
}
