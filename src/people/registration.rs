//! The forms for registering and for signing in: how they are checked, and which fields a refused form shows
//! again.

use chrono::{Datelike, Months, NaiveDate};
use serde::{Deserialize, Deserializer};

use crate::platform::redirect::own_path;
use crate::types::name::person_name;
use crate::types::{AppError, Msisdn, NotMsisdn, Text, words};

words! {
    write_birth_date {
        "Write your date of birth as day, month and year, like 30/04/1995."
        "Andika tarehe yako ya kuzaliwa: siku, mwezi na mwaka, mfano 30/04/1995."
    }
    write_password { "Write your password." "Andika nenosiri lako." }
    adults_only {
        "You must be 18 or older to use Ligisoo."
        "Lazima uwe na miaka 18 au zaidi kutumia Ligisoo."
    }
    tick_one {
        "Tick at least one: buy tips, sell tips, or both."
        "Chagua angalau moja: kununua tips, kuuza tips, au zote mbili."
    }
}

const ADULT_MONTHS: u32 = 18 * 12;

/// The body of `POST /api/accounts/register`. A box that is not ticked is absent.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Registration {
    pub phone_number: String,
    /// Read only where no code can be sent. Elsewhere the password is chosen when the code comes back, and
    /// whatever stands here is ignored.
    pub password: String,
    pub display_name: String,
    /// Day, month and year as people write them, or `YYYY-MM-DD` from programs.
    pub birth_date: String,
    pub buyer: Option<String>,
    pub tipster: Option<String>,
    /// The path of this site to go to afterwards; empty for the market.
    #[serde(deserialize_with = "own_path_or_none")]
    pub next: String,
}

/// Reads `next`, and drops at once whatever is no path of this site, because a registration keeps `next`
/// until its number is proven.
fn own_path_or_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(own_path(&String::deserialize(deserializer)?).unwrap_or_default().to_owned())
}

/// Leaves out the password and the number, so that no log can hold them.
impl std::fmt::Debug for Registration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registration").field("display_name", &self.display_name).finish_non_exhaustive()
    }
}

/// The body of `POST /api/accounts/sign-in`.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct SignIn {
    pub phone_number: String,
    pub password: String,
    #[serde(deserialize_with = "own_path_or_none")]
    pub next: String,
}

impl std::fmt::Debug for SignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SignIn")
    }
}

/// What a registration says, after every rule was checked.
pub struct Registrant {
    pub msisdn: Msisdn,
    pub display_name: String,
    /// The first of January of the birth year: the day itself is not kept.
    pub birth_date: NaiveDate,
    pub is_buyer: bool,
    pub is_tipster: bool,
}

impl Registration {
    /// The fields that a refused form shows again: all but the password and `next`.
    pub fn typed(self) -> impl Iterator<Item = (&'static str, String)> {
        let lines = [
            ("phone_number", self.phone_number),
            ("display_name", self.display_name),
            ("birth_date", self.birth_date),
        ];
        let boxes = [("buyer", self.buyer), ("tipster", self.tipster)];
        let ticked = boxes.into_iter().filter_map(|(name, value)| Some((name, value?)));
        lines.into_iter().chain(ticked)
    }

    /// Checks the form. `today` is the day in Nairobi, by which a person must be 18.
    ///
    /// # Errors
    /// The field and the reason of the first rule that is broken.
    pub fn parse(&self, today: NaiveDate) -> Result<Registrant, (&'static str, Text)> {
        let msisdn: Msisdn =
            self.phone_number.parse().map_err(|error: NotMsisdn| ("phone_number", error.into()))?;
        let display_name = person_name(&self.display_name).map_err(|reason| ("display_name", reason))?;
        let birth_date = read_day(&self.birth_date)
            .filter(|date| *date <= today && *date > today - Months::new(120 * 12))
            .ok_or(("birth_date", write_birth_date()))?;
        if birth_date > today - Months::new(ADULT_MONTHS) {
            return Err(("birth_date", adults_only()));
        }
        // The age was checked, so the year is all that is kept.
        let birth_date = birth_date.with_ordinal(1).unwrap_or(birth_date);
        let (is_buyer, is_tipster) = (is_ticked(self.buyer.as_deref()), is_ticked(self.tipster.as_deref()));
        if !is_buyer && !is_tipster {
            return Err(("buyer", tick_one()));
        }
        Ok(Registrant { msisdn, display_name, birth_date, is_buyer, is_tipster })
    }
}

/// Reads a day as Kenyans write it, `30/04/1995`: with any separators or, from a phone's number pad, with
/// none. `YYYY-MM-DD` is read as well.
fn read_day(text: &str) -> Option<NaiveDate> {
    let text = text.trim();
    if text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return NaiveDate::parse_from_str(text, "%d%m%Y").ok();
    }
    let numbers: Option<Vec<&str>> = text
        .split(['/', '-', '.', ' ', ','])
        .filter(|number| !number.is_empty())
        .map(|number| number.bytes().all(|byte| byte.is_ascii_digit()).then_some(number))
        .collect();
    let (year, month, day) = match numbers?[..] {
        [year, month, day] if year.len() == 4 => (year, month, day),
        [day, month, year] if year.len() == 4 => (year, month, day),
        _ => return None,
    };
    NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

/// Refuses an empty password before it is judged: an empty field was left out, so it must not count as a
/// wrong guess.
///
/// # Errors
/// [`AppError::Invalid`] if the password is empty.
pub fn check_written(password: &str) -> Result<(), AppError> {
    if password.is_empty() { Err(AppError::invalid(write_password())) } else { Ok(()) }
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
    fn a_birth_date_is_read_as_people_write_it() {
        let wanted = NaiveDate::from_ymd_opt(1995, 4, 30);
        for text in [
            "30/04/1995",
            "30/4/1995",
            " 30 4 1995 ",
            "30.04.1995",
            "30-4-1995",
            "30, 4, 1995",
            "30041995",
            "1995-04-30",
        ] {
            assert_eq!(read_day(text), wanted, "{text}");
        }
        for text in [
            "",
            "30/04/95",
            "04/30/1995",
            "31/02/1995",
            "3004199",
            "30/04",
            "30/04/1995/1",
            "30 Apr 1995",
            "+3/04/1995",
            "19950430",
        ] {
            assert_eq!(read_day(text), None, "{text}");
        }
    }

    #[test]
    fn each_rule_names_its_field() {
        assert_eq!(broken(|form| form.phone_number = "12".to_owned()), "phone_number");
        assert_eq!(broken(|form| form.display_name = "x".to_owned()), "display_name");
        assert_eq!(broken(|form| form.display_name = "0712345678".to_owned()), "display_name");
        assert_eq!(broken(|form| form.birth_date = "2008-11-24".to_owned()), "birth_date");
        assert_eq!(broken(|form| form.birth_date = "yesterday".to_owned()), "birth_date");
        assert_eq!(broken(|form| form.birth_date = "1800-01-01".to_owned()), "birth_date");
        assert_eq!(broken(|form| form.buyer = None), "buyer");
    }
}
