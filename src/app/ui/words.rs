//! Numbers and times as people say them.

use chrono::{DateTime, Utc};

use crate::platform::clock::seconds_between;

/// `1 match`, `3 matches`.
pub fn count(number: i64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// `3 days 4 h`, `2 h 10 min`, `8 min`; never less than a minute. A number and its unit stay on one line.
pub fn until(now: DateTime<Utc>, at: DateTime<Utc>) -> String {
    let minutes = seconds_between(now, at) / 60;
    let (days, hours, minutes) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
    match (days, hours, minutes) {
        (0, 0, 0 | 1) => "1\u{a0}min".to_owned(),
        (0, 0, minutes) => format!("{minutes}\u{a0}min"),
        (0, hours, 0) => format!("{hours}\u{a0}h"),
        (0, hours, minutes) => format!("{hours}\u{a0}h {minutes}\u{a0}min"),
        (1, 0, _) => "1\u{a0}day".to_owned(),
        (1, hours, _) => format!("1\u{a0}day {hours}\u{a0}h"),
        (days, 0, _) => format!("{days}\u{a0}days"),
        (days, hours, _) => format!("{days}\u{a0}days {hours}\u{a0}h"),
    }
}

/// How many of a tip's matches are not named before it is paid for.
pub fn more_matches(hidden: i64, all: i64) -> String {
    let noun = if hidden == 1 { "match" } else { "matches" };
    if hidden == all { format!("{hidden} {noun}, shown when paid") } else { format!("and {hidden} more {noun}") }
}

/// `8.1 %` of thousandths.
pub fn percent(thousandths: i64) -> String {
    let (sign, size) = (minus(thousandths), thousandths.unsigned_abs());
    format!("{sign}{}.{}\u{a0}%", size / 10, size % 10)
}

/// `+8.1 %`, `−3.0 %`.
pub fn signed_percent(thousandths: i64) -> String {
    format!("{}{}", plus(thousandths), percent(thousandths))
}

/// Units won or lost at a stake of one, to the hundredth: `+12.35`, `−1.00`.
pub fn units(thousandths: i64) -> String {
    let hundredths = (thousandths.unsigned_abs() + 5) / 10;
    format!("{}{}{}.{:02}", plus(thousandths), minus(thousandths), hundredths / 100, hundredths % 100)
}

const fn plus(number: i64) -> &'static str {
    if number > 0 { "+" } else { "" }
}

const fn minus(number: i64) -> &'static str {
    if number < 0 { "\u{2212}" } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn times_are_short_and_plain() {
        let now = DateTime::UNIX_EPOCH;
        let said = |minutes| until(now, now + TimeDelta::minutes(minutes)).replace('\u{a0}', " ");
        assert_eq!([-5, 0, 1, 8, 60, 130].map(said), ["1 min", "1 min", "1 min", "8 min", "1 h", "2 h 10 min"]);
        assert_eq!([1440, 1500, 2880, 4570].map(said), ["1 day", "1 day 1 h", "2 days", "3 days 4 h"]);
    }

    #[test]
    fn gains_and_losses_have_signs() {
        assert_eq!([81, 0, -30].map(signed_percent), ["+8.1\u{a0}%", "0.0\u{a0}%", "\u{2212}3.0\u{a0}%"]);
        assert_eq!([12_345, 0, -1_000].map(units), ["+12.35", "0.00", "\u{2212}1.00"]);
    }

    #[test]
    fn counts_agree_with_their_noun() {
        assert_eq!(count(1, "match", "matches"), "1 match");
        assert_eq!(count(0, "match", "matches"), "0 matches");
    }
}
