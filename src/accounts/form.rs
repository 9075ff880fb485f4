//! The two forms, what may be wrong with them, and what is kept when they are shown again.

use axum::response::{IntoResponse, Response};
use chrono::{Datelike, Months, NaiveDate};
use serde::Deserialize;

use crate::types::name::person_name;
use crate::types::{AppError, Msisdn, NotMsisdn, Text, words};

words! {
    write_birth_date {
        "Write your date of birth as year-month-day, like 1995-04-30."
        "Andika tarehe yako ya kuzaliwa kama mwaka-mwezi-siku, mfano 1995-04-30."
    }
    adults_only { "You must be 18 or older to use Ligisoo." "Lazima uwe na miaka 18 au zaidi kutumia Ligisoo." }
    tick_one { "Tick at least one: buy tips, sell tips, or both." "Chagua angalau moja: kununua tips, kuuza tips, au zote mbili." }
    password_length(least, most) { "A password has {least} to {most} characters." "Nenosiri lina herufi {least} hadi {most}." }
}

const PASSWORD_LENGTH: std::ops::RangeInclusive<usize> = 8..=128;
const ADULT_MONTHS: u32 = 18 * 12;

/// Why a form was not accepted: shown beside its field, with what was typed kept (never the password).
#[derive(Debug, Clone)]
pub struct FormProblem {
    /// The field's name, or nothing if it is about the whole form.
    pub field: Option<&'static str>,
    pub message: Text,
    pub typed: Registration,
}

/// A form that was not accepted, to be shown again on the page that has it.
#[derive(Debug, Clone)]
pub struct FormAgain {
    /// The page's address.
    pub page: String,
    /// Which of the page's forms it was, where it has several.
    pub form: String,
    pub problem: FormProblem,
    /// What was typed and may be shown again.
    pub typed: Vec<(&'static str, String)>,
}

impl FormAgain {
    pub fn typed(&self, name: &str) -> String {
        self.typed.iter().find(|(typed, _)| *typed == name).map(|(_, value)| value.clone()).unwrap_or_default()
    }

    /// The answer for programs, from which the server makes the page for browsers.
    pub fn answer(
        page: impl Into<String>,
        form: impl Into<String>,
        field: Option<&'static str>,
        error: AppError,
        typed: Vec<(&'static str, String)>,
    ) -> Response {
        let problem = FormProblem { field, message: error.text(), typed: Registration::default() };
        let again = Self { page: page.into(), form: form.into(), problem, typed };
        let mut response = error.into_response();
        response.extensions_mut().insert(again);
        response
    }
}

/// `POST /api/accounts/register`. Boxes that are not ticked are absent.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Registration {
    pub phone_number: String,
    pub password: String,
    pub display_name: String,
    /// `YYYY-MM-DD`.
    pub birth_date: String,
    pub buyer: Option<String>,
    pub tipster: Option<String>,
    /// Where to go afterwards; own site only.
    pub next: String,
}

/// Without the password and the number.
impl std::fmt::Debug for Registration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registration").field("display_name", &self.display_name).finish_non_exhaustive()
    }
}

/// `POST /api/accounts/sign-in`.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct SignIn {
    pub phone_number: String,
    pub password: String,
    pub next: String,
}

impl std::fmt::Debug for SignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SignIn")
    }
}

/// A registration that keeps every rule.
pub struct Registrant {
    pub msisdn: Msisdn,
    pub display_name: String,
    pub birth_date: NaiveDate,
    pub is_buyer: bool,
    pub is_tipster: bool,
}

impl Registration {
    /// What may be shown again.
    pub fn without_password(mut self) -> Self {
        self.password = String::new();
        self
    }

    /// The field and the reason of the first rule that is broken.
    pub fn parse(&self, today: NaiveDate) -> Result<Registrant, (&'static str, Text)> {
        let msisdn: Msisdn = self.phone_number.parse().map_err(|error: NotMsisdn| ("phone_number", error.into()))?;
        check_password(&self.password).map_err(|reason| ("password", reason))?;
        let display_name = person_name(&self.display_name).map_err(|reason| ("display_name", reason))?;
        let birth_date = NaiveDate::parse_from_str(self.birth_date.trim(), "%Y-%m-%d")
            .ok()
            .filter(|date| *date <= today && *date > today - Months::new(120 * 12))
            .ok_or(("birth_date", write_birth_date()))?;
        if birth_date > today - Months::new(ADULT_MONTHS) {
            return Err(("birth_date", adults_only()));
        }
        // It was checked: from here on the year is enough.
        let birth_date = birth_date.with_ordinal(1).unwrap_or(birth_date);
        let (is_buyer, is_tipster) = (is_ticked(self.buyer.as_deref()), is_ticked(self.tipster.as_deref()));
        if !is_buyer && !is_tipster {
            return Err(("buyer", tick_one()));
        }
        Ok(Registrant { msisdn, display_name, birth_date, is_buyer, is_tipster })
    }
}

pub fn check_password(password: &str) -> Result<(), Text> {
    if PASSWORD_LENGTH.contains(&password.chars().count()) {
        return Ok(());
    }
    Err(password_length(PASSWORD_LENGTH.start(), PASSWORD_LENGTH.end()))
}

fn is_ticked(value: Option<&str>) -> bool {
    matches!(value.map(str::trim), Some("on" | "true" | "1" | "yes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registration() -> Registration {
        Registration {
            phone_number: "0712 345 678".to_owned(),
            password: "correct horse".to_owned(),
            display_name: " Asha  Otieno ".to_owned(),
            birth_date: "2008-11-23".to_owned(),
            buyer: Some("on".to_owned()),
            ..Registration::default()
        }
    }

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 23).expect("a date")
    }

    fn broken(change: impl FnOnce(&mut Registration)) -> &'static str {
        let mut form = registration();
        change(&mut form);
        form.parse(today()).err().map_or("nothing", |(field, _)| field)
    }

    #[test]
    fn a_good_form_is_read() {
        let person = registration().parse(today()).expect("eighteen today");
        assert_eq!(person.display_name, "Asha Otieno");
        assert_eq!(person.msisdn.as_str(), "254712345678");
        assert!(person.is_buyer && !person.is_tipster);
        assert_eq!(person.birth_date.to_string(), "2008-01-01", "the day is not kept");
    }

    #[test]
    fn each_rule_names_its_field() {
        assert_eq!(broken(|form| form.phone_number = "12".to_owned()), "phone_number");
        assert_eq!(broken(|form| form.password = "short".to_owned()), "password");
        assert_eq!(broken(|form| form.display_name = "x".to_owned()), "display_name");
        assert_eq!(broken(|form| form.display_name = "0712345678".to_owned()), "display_name");
        assert_eq!(broken(|form| form.birth_date = "2008-11-24".to_owned()), "birth_date");
        assert_eq!(broken(|form| form.birth_date = "yesterday".to_owned()), "birth_date");
        assert_eq!(broken(|form| form.birth_date = "1800-01-01".to_owned()), "birth_date");
        assert_eq!(broken(|form| form.buyer = None), "buyer");
    }
}
