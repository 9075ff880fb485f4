//! Numbers, times and the few texts that many pages share.

use chrono::{DateTime, Utc};

use crate::platform::clock::seconds_between;
use crate::types::{Text, words};

words! {
    see_tips { "See tips on sale" "Tazama tips zinazouzwa" }
    my_purchases { "My purchases" "Nilizonunua" }
    limits_and_breaks { "Limits and breaks" "Vikomo na mapumziko" }
    tip_number(number) { "Tip {number}" "Tip {number}" }
    bet_code { "Bet code" "Code ya beti" }
    copy_code { "Copy code" "Nakili code" }
    copied { "Copied" "Imenakiliwa" }
    none_yet { "none yet" "bado" }

    one_match { "1 match" "mechi 1" }
    matches(number) { "{number} matches" "mechi {number}" }
    one_tip { "1 tip" "tip 1" }
    tips(number) { "{number} tips" "tips {number}" }
    one_time { "1 time" "mara 1" }
    times(number) { "{number} times" "mara {number}" }

    more_match { "and 1 more match" "na mechi 1 zaidi" }
    more(number) { "and {number} more matches" "na mechi {number} zaidi" }
    all_hidden(matches) { "{matches}, shown when paid" "{matches}, utaziona ukishalipa" }

    minutes(number) { "{number}\u{a0}min" "dk\u{a0}{number}" }
    one_hour { "1\u{a0}h" "saa\u{a0}1" }
    hours(number) { "{number}\u{a0}h" "masaa\u{a0}{number}" }
    one_day { "1\u{a0}day" "siku\u{a0}1" }
    days(number) { "{number}\u{a0}days" "siku\u{a0}{number}" }
}

/// A number with its noun: `1 match`, `3 matches`.
pub fn count(number: i64, one: Text, many: impl FnOnce(i64) -> Text) -> Text {
    if number == 1 { one } else { many(number) }
}

/// `1 match`, `3 matches`.
pub fn match_count(number: i64) -> Text {
    count(number, one_match(), matches)
}

/// `1 tip`, `3 tips`.
pub fn tip_count(number: i64) -> Text {
    count(number, one_tip(), tips)
}

/// `1 time`, `3 times`.
pub fn time_count(number: i64) -> Text {
    count(number, one_time(), times)
}

/// The time from `now` until `at`: `3 days 4 h`, `2 h 10 min`, `8 min`, and never less than a minute. A
/// number and its unit stay on one line.
pub fn until(now: DateTime<Utc>, at: DateTime<Utc>) -> Text {
    let whole = i64::try_from(seconds_between(now, at) / 60).unwrap_or(i64::MAX);
    let (of_days, of_hours, of_minutes) = (whole / 1440, whole / 60 % 24, whole % 60);
    let in_days = || count(of_days, one_day(), days);
    let in_hours = || count(of_hours, one_hour(), hours);
    match (of_days, of_hours, of_minutes) {
        (0, 0, of_minutes) => minutes(of_minutes.max(1)),
        (0, _, 0) => in_hours(),
        (0, _, of_minutes) => in_hours().and(&minutes(of_minutes)),
        (_, 0, _) => in_days(),
        _ => in_days().and(&in_hours()),
    }
}

/// How many of a tip's matches are not named before it is paid for.
pub fn more_matches(hidden: i64, all: i64) -> Text {
    if hidden == all { all_hidden(match_count(hidden)) } else { count(hidden, more_match(), more) }
}

/// `8.1 %`, from thousandths.
pub fn percent(thousandths: i64) -> String {
    let (sign, size) = (minus(thousandths), thousandths.unsigned_abs());
    format!("{sign}{}.{}\u{a0}%", size / 10, size % 10)
}

/// `+8.1 %` or `−3.0 %`, from thousandths.
pub fn signed_percent(thousandths: i64) -> String {
    format!("{}{}", plus(thousandths), percent(thousandths))
}

/// Units won or lost at a stake of one, from thousandths, rounded to the hundredth: `+12.35`, `−1.00`.
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
    use crate::types::Language;
    use chrono::TimeDelta;

    #[test]
    fn times_are_short_and_plain() {
        let now = DateTime::UNIX_EPOCH;
        let said = |language, minutes| {
            until(now, now + TimeDelta::minutes(minutes)).as_str(language).replace('\u{a0}', " ")
        };
        let english = |minutes| said(Language::English, minutes);
        assert_eq!(
            [-5, 0, 1, 8, 60, 130].map(english),
            ["1 min", "1 min", "1 min", "8 min", "1 h", "2 h 10 min"]
        );
        assert_eq!([1440, 1500, 2880, 4570].map(english), ["1 day", "1 day 1 h", "2 days", "3 days 4 h"]);
        let swahili = |minutes| said(Language::Swahili, minutes);
        assert_eq!([8, 60, 130, 1500].map(swahili), ["dk 8", "saa 1", "masaa 2 dk 10", "siku 1 saa 1"]);
    }

    #[test]
    fn gains_and_losses_have_signs() {
        assert_eq!([81, 0, -30].map(signed_percent), ["+8.1\u{a0}%", "0.0\u{a0}%", "\u{2212}3.0\u{a0}%"]);
        assert_eq!([12_345, 0, -1_000].map(units), ["+12.35", "0.00", "\u{2212}1.00"]);
    }

    #[test]
    fn counts_agree_with_their_noun() {
        let english = |text: &Text| text.as_str(Language::English).to_owned();
        assert_eq!(
            [0, 1, 2].map(|number| english(&match_count(number))),
            ["0 matches", "1 match", "2 matches"]
        );
        assert_eq!(
            [1, 2].map(|number| english(&more_matches(number, 5))),
            ["and 1 more match", "and 2 more matches"]
        );
        assert_eq!(more_matches(2, 2).as_str(Language::Swahili), "mechi 2, utaziona ukishalipa");
    }
}
