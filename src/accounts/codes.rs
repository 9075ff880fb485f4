//! One-time codes by SMS: they prove a number for a registration, for an account, or for a new password.
//!
//! The number is the account. Who proves a number gets the account that has it, with a new password and every session ended,
//! whoever registered it before; there is no second way, and no account without its number. So a number that somebody else typed is
//! yielded to its owner, and nothing of its books is lost. Accounts of staff are left alone: a stolen SIM card must not open the desk.
//!
//! The answer is the same whether a number is known or not: a code page. A code for a new password of an unknown number is sent to
//! nobody; a registration of a known number sends a code that sets its password anew, and says so in the SMS, which only the owner
//! reads. Messages are sent beside the answer, so that its time tells nothing.
//!
//! Where no messages can be sent (real money without a gateway) a registration enters at once, its number unproven: such an account
//! pays with its own number only. Codes are six digits, hashed, good for ten minutes, five tries and one use.

use std::net::IpAddr;
use std::time::Duration;

use chrono::{NaiveDate, TimeDelta};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::form::{Registrant, Registration};
use super::service::{Entrant, insert, verify_password};
use super::store::codes::{self, CodeRow, NewCode};
use super::store::{self, NewPerson};
use super::{Accounts, Viewer, check_password};
use crate::platform::address::counted_as;
use crate::platform::clock::nairobi;
use crate::platform::db::{Failure, Tx, transaction};
use crate::types::{AppError, Language, Msisdn, NotMsisdn, PersonId, Text, words};

words! {
    no_such_code { "There is no such code." "Hakuna code kama hiyo." }
    cannot_send {
        "We cannot send SMS codes right now. Please contact the people who run this site."
        "Hatuwezi kutuma code za SMS sasa hivi. Tafadhali wasiliana na wanaoendesha tovuti hii."
    }
    three_already {
        "We sent this number three codes already. Please wait 10 minutes."
        "Tumeshatuma code tatu kwa namba hii. Tafadhali subiri dakika 10."
    }
    too_many_today {
        "We sent this number too many codes today. Please try again tomorrow."
        "Tumetuma code nyingi mno kwa namba hii leo. Tafadhali jaribu tena kesho."
    }
    network_too_often {
        "Too many codes were asked for from your network. Please try again in an hour."
        "Code nyingi mno zimeombwa kutoka mtandao wako. Tafadhali jaribu tena baada ya saa moja."
    }
    six_digits { "A code has six digits." "Code ina tarakimu sita." }
    one_try_left { "That is not the code. One try is left." "Hiyo si code. Umebakisha jaribio moja." }
    tries_left(left) { "That is not the code. {left} tries are left." "Hiyo si code. Umebakisha majaribio {left}." }
    not_valid_any_more { "This code is not valid any more. Ask for a new one." "Code hii haifanyi kazi tena. Omba mpya." }

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
const CODE_LENGTH: usize = 6;
const VALID_FOR: TimeDelta = TimeDelta::minutes(10);
const TRIES: i64 = 5;
/// Codes to one number.
const PER_NUMBER: i64 = 3;
const NUMBER_WINDOW: TimeDelta = TimeDelta::minutes(10);
const PER_NUMBER_A_DAY: i64 = 10;
const DAY: TimeDelta = TimeDelta::hours(24);
const HOUR: TimeDelta = TimeDelta::hours(1);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Register,
    /// The number of somebody who is signed in.
    Prove,
    /// A new password.
    Reset,
}

impl Purpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Prove => "prove",
            Self::Reset => "reset",
        }
    }

    fn read(text: &str) -> Option<Self> {
        [Self::Register, Self::Prove, Self::Reset].into_iter().find(|purpose| purpose.as_str() == text)
    }
}

/// A registration that waits for its number.
#[derive(Serialize, Deserialize)]
struct Waiting {
    display_name: String,
    birth_date: NaiveDate,
    is_buyer: bool,
    is_tipster: bool,
    password_hash: String,
    next: String,
}

/// How a registration went on.
pub enum Begun {
    /// The code's page.
    Code(Uuid),
    /// Without messages: at once, unproven.
    Entered(Entrant),
}

/// What the page of a code shows.
#[derive(Debug, Clone)]
pub struct CodeFace {
    pub id: Uuid,
    /// Masked.
    pub phone: String,
    pub purpose: Purpose,
}

/// Who entered by a code, and where to go.
pub struct Proven {
    pub entrant: Entrant,
    pub next: String,
}

/// Who asks for a code: from where, and in which language the message speaks.
#[derive(Debug, Clone, Copy)]
pub struct Asker {
    pub address: IpAddr,
    pub language: Language,
}

struct Request<'a> {
    purpose: Purpose,
    msisdn: &'a Msisdn,
    person: Option<PersonId>,
    registration: Option<&'a str>,
    asker: Asker,
}

impl Accounts {
    pub const fn can_send(&self) -> bool {
        self.sms.is_some()
    }

    /// Begins a registration; `(field, error)` if a rule is broken.
    pub async fn begin_registration(&self, form: &Registration, asker: Asker) -> Result<Begun, (Option<&'static str>, AppError)> {
        if !self.can_send() {
            return self.register(form).await.map(Begun::Entered);
        }
        let registrant =
            form.parse(nairobi(self.clock.now()).date_naive()).map_err(|(field, reason)| (Some(field), AppError::invalid(reason)))?;
        let is_free = self.check_new_name(&registrant.display_name, registrant.is_tipster).await;
        is_free.map_err(|error| (Some("display_name"), error))?;
        let password_hash = self.hash_password(&form.password).await.map_err(|error| (None, error))?;
        let Registrant { msisdn, display_name, birth_date, is_buyer, is_tipster } = registrant;
        let waiting = Waiting { display_name, birth_date, is_buyer, is_tipster, password_hash, next: form.next.clone() };
        let waiting = serde_json::to_string(&waiting).map_err(|_| (None, AppError::Internal))?;
        let request = Request { purpose: Purpose::Register, msisdn: &msisdn, person: None, registration: Some(&waiting), asker };
        self.send_code(request).await.map(Begun::Code).map_err(|error| (Some("phone_number"), error))
    }

    /// Begins a new password for a number, whether or not it is known.
    pub async fn begin_reset(&self, phone_number: &str, asker: Asker) -> Result<Uuid, AppError> {
        let msisdn: Msisdn = phone_number.parse().map_err(|error: NotMsisdn| AppError::invalid(error))?;
        self.send_code(Request { purpose: Purpose::Reset, msisdn: &msisdn, person: None, registration: None, asker }).await
    }

    /// Begins to prove the number of who is signed in.
    pub async fn begin_proof(&self, person: &Viewer, asker: Asker) -> Result<Uuid, AppError> {
        let (msisdn, person) = (&person.msisdn, Some(person.id));
        self.send_code(Request { purpose: Purpose::Prove, msisdn, person, registration: None, asker }).await
    }

    /// A new code for what an old one was for.
    pub async fn send_again(&self, id: &str, asker: Asker) -> Result<Uuid, AppError> {
        let old = self.code(id).await?;
        if old.used_at.is_some() {
            return Err(gone());
        }
        let purpose = Purpose::read(&old.purpose).ok_or(AppError::Internal)?;
        let registration = old.registration.as_deref();
        self.send_code(Request { purpose, msisdn: &old.msisdn, person: old.person_id, registration, asker }).await
    }

    pub async fn code_face(&self, id: &str) -> Result<CodeFace, AppError> {
        let row = self.code(id).await?;
        let purpose = Purpose::read(&row.purpose).ok_or(AppError::Internal)?;
        Ok(CodeFace { id: row.id, phone: row.msisdn.masked(), purpose })
    }

    async fn code(&self, id: &str) -> Result<CodeRow, AppError> {
        let not_found = || AppError::not_found(no_such_code());
        let id: Uuid = id.parse().map_err(|_| not_found())?;
        codes::by_id(&self.db, id).await.map_err(Failure::from)?.ok_or_else(not_found)
    }

    async fn send_code(&self, request: Request<'_>) -> Result<Uuid, AppError> {
        let Some(sms) = self.sms.clone() else {
            return Err(AppError::conflict(cannot_send()));
        };
        let code = self.random.text(DIGITS, CODE_LENGTH);
        let code_hash = self.hash_password(&code).await?;
        let now = self.clock.now();
        let address_key = self.secret_key.hash("code", &counted_as(request.asker.address));
        let id = self.random.uuid(now);
        let known = transaction!(self.db, tx => {
            codes::lock_number(tx, request.msisdn).await?;
            let (recent, today) = codes::sent_to(tx, request.msisdn, now - NUMBER_WINDOW, now - DAY).await?;
            if recent >= PER_NUMBER {
                return Err(too_many(three_already(), NUMBER_WINDOW));
            }
            if today >= PER_NUMBER_A_DAY {
                return Err(too_many(too_many_today(), DAY));
            }
            if self.limit_codes > 0 && codes::sent_from(tx, &address_key, now - HOUR).await? >= self.limit_codes {
                return Err(too_many(network_too_often(), HOUR));
            }
            let new = NewCode {
                id,
                purpose: request.purpose.as_str(),
                msisdn: request.msisdn,
                person: request.person,
                code_hash: &code_hash,
                registration: request.registration,
                address_key: &address_key,
                sent_at: now,
                expires_at: now + VALID_FOR,
            };
            codes::insert(tx, &new).await?;
            Ok(codes::person_of(tx, request.msisdn).await?.map(|row| row.is_staff()))
        })
        .map_err(AppError::from)?;
        if let Some(text) = message(request.purpose, known, &code) {
            let (to, language) = (request.msisdn.clone(), request.asker.language);
            // Beside the answer: how long a gateway takes must not tell whether a number is known.
            tokio::spawn(async move {
                if let Err(error) = sms.send(&to, text.as_str(language)).await {
                    tracing::error!(error = %error, alarm = true, "a code could not be sent");
                }
            });
        }
        Ok(id)
    }

    /// Takes a code that came back, with the new password where one is to be set. `(field, error)` if it is not right.
    pub async fn enter_code(&self, id: &str, typed: &str, password: &str) -> Result<Proven, (&'static str, AppError)> {
        let row = self.code(id).await.map_err(|error| ("code", error))?;
        let purpose = Purpose::read(&row.purpose).ok_or(("code", AppError::Internal))?;
        let digits: String = typed.chars().filter(|character| !character.is_whitespace()).collect();
        if digits.len() != CODE_LENGTH || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(("code", AppError::invalid(six_digits())));
        }
        if purpose == Purpose::Reset {
            check_password(password).map_err(|reason| ("password", AppError::invalid(reason)))?;
        }
        self.judge_code(row.id, &digits).await.map_err(|error| ("code", error))?;
        let new_hash = match purpose {
            Purpose::Reset => Some(self.hash_password(password).await.map_err(|error| ("password", error))?),
            Purpose::Register | Purpose::Prove => None,
        };
        self.use_code(&row, purpose, new_hash.as_deref()).await.map_err(|failure| ("code", failure.into()))
    }

    /// Each try is counted before it is judged, so that no more of them run at once than there are.
    async fn judge_code(&self, id: Uuid, digits: &str) -> Result<(), AppError> {
        let now = self.clock.now();
        let counted = transaction!(self.db, tx => Ok(codes::count_try(tx, id, TRIES, now).await?))
            .map_err(|failure: Failure| AppError::from(failure))?;
        let Some(row) = counted else { return Err(gone()) };
        if verify_password(digits, row.code_hash, self.permits().await?).await? {
            return Ok(());
        }
        Err(match TRIES - row.try_count {
            0 => gone(),
            1 => AppError::invalid(one_try_left()),
            left => AppError::invalid(tries_left(left)),
        })
    }

    async fn use_code(&self, row: &CodeRow, purpose: Purpose, new_hash: Option<&str>) -> Result<Proven, Failure> {
        let now = self.clock.now();
        let waiting: Option<Waiting> = row.registration.as_deref().and_then(|json| serde_json::from_str(json).ok());
        let id = PersonId(self.random.uuid(now));
        let phone_key = self.secret_key.hash("phone", row.msisdn.as_str());
        transaction!(self.db, tx => {
            if !codes::mark_used(tx, row.id, now).await? {
                return Err(gone().into());
            }
            if let (Purpose::Prove, Some(person)) = (purpose, row.person_id) {
                if !codes::prove(tx, person, &row.msisdn, now).await? {
                    return Err(gone().into());
                }
                let person = codes::person_of(tx, &row.msisdn).await?.ok_or(Failure::Changed)?;
                return Ok(Proven { entrant: person.into_entrant(), next: "/account".to_owned() });
            }
            let next = waiting.as_ref().map(|waiting| waiting.next.clone()).unwrap_or_default();
            let known = codes::person_of(tx, &row.msisdn).await?;
            if let Some(person) = known {
                let hash = new_hash.or(waiting.as_ref().map(|waiting| waiting.password_hash.as_str())).ok_or_else(gone)?;
                return Ok(Proven { entrant: take_over(tx, person, hash, &phone_key, now).await?, next });
            }
            let Some(waiting) = &waiting else { return Err(gone().into()) };
            let person = NewPerson {
                id,
                msisdn: &row.msisdn,
                display_name: &waiting.display_name,
                password_hash: &waiting.password_hash,
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
            let person = codes::person_of(tx, &row.msisdn).await?.ok_or(Failure::Changed)?;
            Ok(Proven { entrant: person.into_entrant(), next })
        })
    }

    /// Forgets codes that no limit looks at any more.
    pub async fn purge_codes(&self) -> Result<(), Failure> {
        let before = self.clock.now() - DAY - HOUR;
        transaction!(self.db, tx => Ok(codes::purge(tx, before).await?))
    }
}

/// Gives the account of a number to who proved it: a new password, and every session ended.
async fn take_over(
    tx: &mut Tx,
    person: store::PersonRow,
    password_hash: &str,
    phone_key: &str,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Entrant, Failure> {
    if person.is_staff() {
        return Err(gone().into());
    }
    let (id, msisdn) = (person.id, person.msisdn.clone());
    store::set_password(tx, id, password_hash).await?;
    store::end_sessions(tx, id).await?;
    if !codes::prove(tx, id, &msisdn, now).await? {
        return Err(gone().into());
    }
    store::forget_sign_in_failures(tx, now - TimeDelta::days(1), Some(phone_key)).await?;
    let person = codes::person_of(tx, &msisdn).await?.ok_or(Failure::Changed)?;
    Ok(person.into_entrant())
}

/// What the SMS says; nothing where none may be sent. `known` is nothing for a number without an account, else whether it is staff's.
fn message(purpose: Purpose, known: Option<bool>, code: &str) -> Option<Text> {
    match (purpose, known) {
        (Purpose::Prove, _) => Some(your_code(code)),
        (_, Some(true)) | (Purpose::Reset, None) => None,
        (Purpose::Register, None) => Some(code_to_join(code)),
        (Purpose::Register, Some(false)) => Some(code_of_known_number(code)),
        (Purpose::Reset, Some(false)) => Some(code_for_password(code)),
    }
}

fn gone() -> AppError {
    AppError::conflict(not_valid_any_more())
}

fn too_many(message: Text, wait: TimeDelta) -> Failure {
    AppError::TooMany { message, retry_after: wait.to_std().unwrap_or(Duration::from_mins(10)) }.into()
}
