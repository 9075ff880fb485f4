//! The one clock. All code asks it instead of the system, so that tests and simulations can set the time.

mod offset;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, Datelike, FixedOffset, NaiveDateTime, TimeDelta, Utc, Weekday};

pub use offset::Offset;

use crate::types::Text;

/// East Africa Time is UTC+3 all year.
const NAIROBI_OFFSET_SECONDS: i32 = 3 * 3600;
const DAY_SECONDS: i64 = 24 * 3600;

/// A source of the time. Clones show the same time.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The process's own clock, set by the database's as far as that was measured.
    System(Arc<Offset>),
    /// Microseconds since 1970, which only [`Clock::advance`] moves.
    Manual(Arc<AtomicI64>),
}

/// The process's own clock, which only the comparison with the database's asks; all else asks [`Clock::now`].
pub fn own_now() -> DateTime<Utc> {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the wall clock")]
    let micros = Utc::now().timestamp_micros();
    DateTime::from_timestamp_micros(micros).unwrap_or(DateTime::UNIX_EPOCH)
}

impl Clock {
    /// The system's clock, before it was compared with a database's.
    pub fn system() -> Self {
        Self::System(Arc::default())
    }

    /// A clock that stands at `start` until it is moved.
    pub fn manual(start: DateTime<Utc>) -> Self {
        Self::Manual(Arc::new(AtomicI64::new(start.timestamp_micros())))
    }

    /// The time now, to the microsecond (the precision of a PostgreSQL `timestamptz`).
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            Self::System(offset) => own_now() + offset.ahead(),
            Self::Manual(micros) => {
                let micros = micros.load(Ordering::SeqCst);
                DateTime::from_timestamp_micros(micros).unwrap_or(DateTime::UNIX_EPOCH)
            }
        }
    }

    /// Whether this clock and the database's were not compared for long, or are too far from each other: then
    /// no lease is held, and nothing is sent that moves money (MONEY §3).
    pub fn is_doubtful(&self) -> bool {
        match self {
            Self::System(offset) => offset.is_doubtful(own_now()),
            Self::Manual(_) => false,
        }
    }

    /// Whether it is certainly before this moment. A clock in doubt is certain of nothing.
    pub fn is_surely_before(&self, moment: DateTime<Utc>) -> bool {
        !self.is_doubtful() && self.now() < moment
    }

    /// Moves a manual clock forward. On the system's clock it does nothing.
    pub fn advance(&self, by: Duration) {
        if let Self::Manual(micros) = self {
            micros.fetch_add(i64::try_from(by.as_micros()).unwrap_or(i64::MAX), Ordering::SeqCst);
        }
    }
}

/// The same moment with the date and time that clocks in Nairobi show.
pub fn nairobi(at: DateTime<Utc>) -> DateTime<FixedOffset> {
    let offset = FixedOffset::east_opt(NAIROBI_OFFSET_SECONDS).expect("three hours is a valid offset");
    at.with_timezone(&offset)
}

/// The number of the Kenyan day to which a moment belongs; 1 January 1970 is 0.
pub fn kenyan_day(at: DateTime<Utc>) -> i64 {
    (at.timestamp() + i64::from(NAIROBI_OFFSET_SECONDS)).div_euclid(DAY_SECONDS)
}

/// The moment at which a Kenyan day begins (midnight in Nairobi).
pub fn start_of_day(day: i64) -> DateTime<Utc> {
    let seconds = day.saturating_mul(DAY_SECONDS).saturating_sub(i64::from(NAIROBI_OFFSET_SECONDS));
    DateTime::from_timestamp(seconds, 0).unwrap_or(DateTime::UNIX_EPOCH)
}

/// The moment at which clocks in Nairobi show this time. `None` if no `DateTime` can hold it.
pub fn from_nairobi(local: NaiveDateTime) -> Option<DateTime<Utc>> {
    local.checked_sub_signed(TimeDelta::seconds(NAIROBI_OFFSET_SECONDS.into())).map(|utc| utc.and_utc())
}

/// Nairobi time as people in Kenya read it: `Sat 28 Nov, 15:00`, in Swahili `Jmosi 28 Nov, 15:00`.
pub fn day_and_time(at: DateTime<Utc>) -> Text {
    written(at, "%a %-d %b, %H:%M")
}

/// The day in Nairobi: `Sat 28 Nov 2026`.
pub fn day(at: DateTime<Utc>) -> Text {
    written(at, "%a %-d %b %Y")
}

/// The time in Nairobi: `15:00`.
pub fn time_of_day(at: DateTime<Utc>) -> Text {
    written(at, "%H:%M")
}

/// Nairobi time for receipts and the desk: `Sat 28 Nov 2026, 15:00:59`.
pub fn to_the_second(at: DateTime<Utc>) -> Text {
    written(at, "%a %-d %b %Y, %H:%M:%S")
}

fn written(at: DateTime<Utc>, form: &str) -> Text {
    let at = nairobi(at);
    let swahili = form.replace("%a", swahili_day(at.weekday())).replace("%b", swahili_month(at.month()));
    Text::new(at.format(form).to_string().into(), at.format(&swahili).to_string().into())
}

const fn swahili_day(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "Jtatu",
        Weekday::Tue => "Jnne",
        Weekday::Wed => "Jtano",
        Weekday::Thu => "Alh",
        Weekday::Fri => "Ijumaa",
        Weekday::Sat => "Jmosi",
        Weekday::Sun => "Jpili",
    }
}

/// The short name of a month. Only five differ from the English ones.
const fn swahili_month(month: u32) -> &'static str {
    match month {
        3 => "Mac",
        5 => "Mei",
        8 => "Ago",
        10 => "Okt",
        12 => "Des",
        _ => "%b",
    }
}

/// RFC 3339 in UTC with microseconds, the form of times in our JSON.
pub fn rfc3339(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
}

/// Whole seconds from `from` to `until`; 0 if `until` is earlier.
pub fn seconds_between(from: DateTime<Utc>, until: DateTime<Utc>) -> u64 {
    u64::try_from((until - from).num_seconds()).unwrap_or(0)
}

/// A standard duration as chrono's. One that is too long becomes the longest that there is.
pub fn delta(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Language;

    #[test]
    fn days_are_kenyan_and_in_each_language() {
        let at = |text: &str| text.parse().expect("a time");
        let text = day_and_time(at("2026-03-06T21:30:00Z"));
        assert_eq!(text.as_str(Language::English), "Sat 7 Mar, 00:30");
        assert_eq!(text.as_str(Language::Swahili), "Jmosi 7 Mac, 00:30");
        assert_eq!(day(at("2026-11-24T12:00:00Z")).as_str(Language::Swahili), "Jnne 24 Nov 2026");
    }

    #[test]
    fn a_day_begins_at_midnight_in_nairobi() {
        let day = |text: &str| kenyan_day(DateTime::parse_from_rfc3339(text).expect("a time").to_utc());
        assert_eq!(day("1970-01-01T20:59:59.999999Z"), 0);
        assert_eq!(day("1970-01-01T21:00:00Z"), 1);
        assert_eq!(day("1969-12-31T20:59:59Z"), -1);
        let begin = start_of_day(day("2026-11-24T21:17:44Z"));
        assert_eq!(rfc3339(begin), "2026-11-24T21:00:00.000000Z");
        assert_eq!(kenyan_day(begin), kenyan_day(begin - TimeDelta::microseconds(1)) + 1);
    }
}
