//! What stands in the fields of a statement: amounts, times, references.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, TimeDelta, Utc};

use crate::daraja::c2b::{REFERENCE_MAX_CHARS, cut};
use crate::daraja::callback::is_grouped;
use crate::platform::clock::from_nairobi;
use crate::types::Kes;

/// No account holds more, so that sums of a whole file can be counted.
const AMOUNT_MAX_CENTS: i64 = 10_000_000_000_000;
/// Statements are younger than M-Pesa: a year of two digits is not read as one of four.
const YEAR_LEAST: i32 = 2000;
const DATES: [&str; 4] = ["%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y", "%d.%m.%Y"];
const SHORT_DATES: [&str; 2] = ["%d/%m/%y", "%d-%m-%y"];
const TIMES: [&str; 4] = ["%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p"];
/// How `Details` announces the reference, as in `Account Number LG7K2M9QX4TB`.
const ANNOUNCED: [&str; 5] = ["account", "acct", "acc", "a/c", "ac"];
/// What may stand between the announcement and the reference.
const BETWEEN: [&str; 4] = ["number", "no", "num", "nr"];

/// A text that is no amount.
#[derive(Debug, PartialEq, Eq)]
pub struct NoAmount;

/// An amount like `1,250.00`, to the cent; `None` if there is none (empty, a dash, zero).
///
/// # Errors
/// [`NoAmount`] for any other text.
pub fn money(text: &str) -> Result<Option<Kes>, NoAmount> {
    let text = text.strip_prefix("KES").or_else(|| text.strip_prefix("Ksh")).unwrap_or(text).trim();
    if text.is_empty() || text == "-" {
        return Ok(None);
    }
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b',' | b'.'));
    if !is_plain || !is_grouped(text) {
        return Err(NoAmount);
    }
    let amount = text.replace(',', "").parse::<Kes>().map_err(|_| NoAmount)?;
    if amount.cents() > AMOUNT_MAX_CENTS {
        return Err(NoAmount);
    }
    Ok(Some(amount).filter(|amount| *amount > Kes::ZERO))
}

/// The same for money that went out, which some portals write below zero.
///
/// # Errors
/// [`NoAmount`], as [`money`].
pub fn money_out(text: &str) -> Result<Option<Kes>, NoAmount> {
    let text = text.trim();
    let bare = text.strip_prefix('(').and_then(|text| text.strip_suffix(')')).unwrap_or(text);
    money(if bare.len() > 1 { bare.strip_prefix('-').unwrap_or(bare).trim() } else { bare })
}

/// A date and a time of East Africa, in one of the portals' ways of writing them.
pub fn time(text: &str) -> Option<DateTime<Utc>> {
    let (date, time) = text.trim().split_once([' ', 'T'])?;
    let time = time.trim().to_ascii_uppercase();
    let day = date_of(date)?;
    let whole = format!("2000-01-01 {time}");
    let at = TIMES
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(&whole, &format!("%Y-%m-%d {form}")).ok())?;
    from_nairobi(day.and_time(at.time()))
}

fn date_of(text: &str) -> Option<NaiveDate> {
    let parse = |form: &&str| NaiveDate::parse_from_str(text, form).ok();
    let long = DATES.iter().filter_map(parse).find(|day| day.year() >= YEAR_LEAST);
    long.or_else(|| SHORT_DATES.iter().find_map(parse))
}

/// The first and the last moment that a text like `From 01-10-2026 To 02-10-2026` names, as the time from the
/// first on and before the second.
pub fn period(text: &str) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let words: Vec<&str> =
        text.split([' ', ',', ';', '\t', '"', 'T']).filter(|word| !word.is_empty()).collect();
    let mut moments = words.iter().enumerate().filter_map(|(at, word)| {
        let day = date_of(word)?;
        let next = |more: usize| words.get(at + more).copied().unwrap_or_default();
        let is_time = next(1).contains(':');
        let half = Some(next(2)).filter(|half| ["AM", "PM"].contains(&half.to_ascii_uppercase().as_str()));
        let clock =
            if is_time { time(&format!("{word} {} {}", next(1), half.unwrap_or_default())) } else { None };
        Some((from_nairobi(day.and_time(chrono::NaiveTime::MIN))?, clock, next(1).matches(':').count()))
    });
    let (first, first_clock, _) = moments.next()?;
    let (last, last_clock, colons) = moments.next()?;
    // What a last second, minute or day names belongs to the period.
    let step = if colons > 1 { TimeDelta::seconds(1) } else { TimeDelta::minutes(1) };
    let until = last_clock.map_or_else(|| last.checked_add_days(Days::new(1)), |last| Some(last + step))?;
    Some((first_clock.unwrap_or(first), until)).filter(|(from, until)| from < until)
}

/// The reference that `Details` announces, in any of the portals' spellings: `Account Number X`, `Account X`,
/// `Acc X`, `acc.X`, `Acc. X`. The last announcement that is followed by something counts.
pub fn reference_in(details: &str) -> String {
    let spaced = details.replace(['.', ':'], " ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let is_one_of = |list: &[&str], word: &str| list.contains(&word.to_ascii_lowercase().as_str());
    let announced = (0..words.len()).rev().filter(|at| is_one_of(&ANNOUNCED, words[*at]));
    let mut references = announced.map(|at| {
        let rest = &words[at + 1..];
        let skipped = rest.iter().take_while(|word| is_one_of(&BETWEEN, word)).count();
        rest[skipped..].join(" ")
    });
    references
        .find(|reference| !reference.is_empty())
        .map_or_else(String::new, |text| cut(&text, REFERENCE_MAX_CHARS))
}

/// Text in small letters and digits alone, because portals change the rest: `Receipt No.` is `receiptno`.
pub fn letters(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|character| character.to_ascii_lowercase()).collect()
}

/// A field on one line.
pub fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
