//! What stands before the table: whose statement it is, and of which time.

use chrono::{DateTime, Utc};

use super::values::{letters, period};

/// What the lines before the table say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Preamble {
    /// The number of the account.
    pub short_code: Option<String>,
    /// The time of the statement, from the first moment on and before the second.
    pub period: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

impl Preamble {
    /// Reads one more line; what was said first stays.
    pub fn read(&mut self, line: &str) {
        let name = letters(line);
        let is_about = |names: &[&str]| names.iter().any(|about| name.contains(about));
        if self.short_code.is_none() && is_about(&["shortcode", "paybill", "tillnumber", "businessnumber"]) {
            let numbers = line.split(|character: char| !character.is_ascii_alphanumeric());
            let is_number =
                |text: &&str| (5..=7).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
            self.short_code = numbers.into_iter().find(is_number).map(str::to_owned);
        }
        if self.period.is_none() && is_about(&["period", "daterange", "from"]) {
            self.period = period(line);
        }
    }
}
