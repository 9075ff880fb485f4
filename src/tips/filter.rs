//! What a visitor asks of the market: words to search for, limits, an order and a page.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Bookmaker, SALES_CLOSE_BEFORE_KICK_OFF};
use crate::platform::clock::{kenyan_day, start_of_day};
use crate::types::text_enum;

/// A search has at most this many words. A tip is found only if it has all of them.
pub const WORDS: usize = 3;
/// The upper limit of a range for which the visitor set none.
pub const MANY: i64 = 1_000_000_000_000;
const SOON: TimeDelta = TimeDelta::hours(3);

text_enum! {
    /// The order of the listed tips. The word stands in the address.
    #[derive(Default)]
    pub enum SortOrder {
        #[default]
        Closing = "closing",
        Newest = "newest",
        Odds = "odds",
        Price = "price",
        /// Tipsters with the best record first.
        Record = "record",
    }
}

text_enum! {
    /// When the first match kicks off, in Kenyan time. The word stands in the address.
    #[derive(Default)]
    pub enum KickOff {
        #[default]
        Any = "",
        /// Within three hours.
        Soon = "soon",
        Today = "today",
        Tomorrow = "tomorrow",
    }
}

/// A question to the market that was checked and makes sense. All limits are inclusive.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Filter {
    pub words: Vec<String>,
    pub bookmaker: Option<Bookmaker>,
    /// Thousandths.
    pub odds: (i64, i64),
    /// Cents.
    pub price: (i64, i64),
    pub matches: (i64, i64),
    pub kick_off: KickOff,
    pub order: SortOrder,
    /// The first page is 1.
    pub page: u32,
}

impl Default for Filter {
    fn default() -> Self {
        Self {
            words: Vec::new(),
            bookmaker: None,
            odds: (0, MANY),
            price: (0, MANY),
            matches: (1, MANY),
            kick_off: KickOff::Any,
            order: SortOrder::Closing,
            page: 1,
        }
    }
}

impl Filter {
    /// The three patterns for `LIKE … ESCAPE '!'`, one for each word. The pattern of a word that was not
    /// given is `%`, which matches everything.
    pub fn patterns(&self) -> [String; WORDS] {
        let mut words = self.words.iter();
        std::array::from_fn(|_| words.next().map_or_else(|| "%".to_owned(), |word| pattern(word)))
    }

    /// The range in which sales must close so that the first kick-off is at the wanted time: from, and
    /// before. The filter uses the close of sales because kick-offs are not public.
    pub fn closings(&self, now: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
        let midnight = start_of_day(kenyan_day(now));
        let day = TimeDelta::days(1);
        let (from, until) = match self.kick_off {
            KickOff::Any => (DateTime::UNIX_EPOCH, now + TimeDelta::days(36_500)),
            KickOff::Soon => (now, now + SOON),
            KickOff::Today => (midnight, midnight + day),
            KickOff::Tomorrow => (midnight + day, midnight + day + day),
        };
        (from - SALES_CLOSE_BEFORE_KICK_OFF, until - SALES_CLOSE_BEFORE_KICK_OFF)
    }
}

fn pattern(word: &str) -> String {
    let mut pattern = String::with_capacity(word.len() + 2);
    pattern.push('%');
    for character in word.chars() {
        if matches!(character, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_a_kenyan_day() {
        let late = DateTime::parse_from_rfc3339("2026-11-24T22:30:00Z").expect("a time").to_utc();
        let filter = Filter { kick_off: KickOff::Today, ..Filter::default() };
        let (from, until) = filter.closings(late);
        assert_eq!(from.to_rfc3339(), "2026-11-24T20:55:00+00:00");
        assert_eq!(until.to_rfc3339(), "2026-11-25T20:55:00+00:00");
    }

    #[test]
    fn letters_with_a_meaning_have_none() {
        assert_eq!(pattern("50%_!"), "%50!%!_!!%");
    }
}
