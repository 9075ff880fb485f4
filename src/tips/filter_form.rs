//! The market's filter as a visitor types it: read from the address, and written back into links.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::Serialize;

use super::Bookmaker;
use super::filter::{Filter, KickOff, MANY, SortOrder, WORDS};
use crate::platform::paths;
use crate::types::{Text, words};

words! {
    too_long(most) { "Search for at most {most} characters." "Tafuta kwa herufi {most} tu au chache." }
    too_many_words(most) { "Search for at most {most} words." "Tafuta kwa maneno {most} tu au machache." }
    no_such_choice(name) { "There is no such choice: {name}." "Hakuna chaguo kama hilo: {name}." }
    odds_are_a_number { "Write the odds as a number, like 2.5." "Andika odds kwa namba, kama 2.5." }
    price_is_a_number { "Write the price as a number, like 50." "Andika bei kwa namba, kama 50." }
    odds_upside_down {
        "The highest odds cannot be below the lowest."
        "Odds za juu haziwezi kuwa chini ya odds za chini."
    }
    price_upside_down {
        "The highest price cannot be below the lowest."
        "Bei ya juu haiwezi kuwa chini ya bei ya chini."
    }
}

/// The longest text that can be searched for, in characters.
const TEXT_LENGTH: usize = 60;
/// The highest page number that is answered. A visitor who wants more should ask a narrower question.
pub const LAST_PAGE: u32 = 100;
const HIGHEST_ODDS: i64 = 1_000_000;
const HIGHEST_PRICE: i64 = 1_000_000;

const ODDS: Scale = Scale {
    units: 1_000,
    highest: HIGHEST_ODDS,
    is_no_number: odds_are_a_number(),
    is_upside_down: odds_upside_down(),
};
const PRICE: Scale = Scale {
    units: 100,
    highest: HIGHEST_PRICE,
    is_no_number: price_is_a_number(),
    is_upside_down: price_upside_down(),
};

/// A question as it was typed: the fields of the form, which are also the keys of the address. An empty field
/// asks nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct FilterForm {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub text: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub bookmaker: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub min_odds: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub max_odds: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub min_price: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub max_price: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub kick_off: String,
    #[serde(rename = "match_count", skip_serializing_if = "String::is_empty")]
    pub matches: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub order: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub page: String,
}

/// The key by which old links name the number of matches. It was renamed because a field called `matches`
/// hides the form element's own method of that name.
const OLD_MATCH_COUNT: &str = "matches";

/// How many matches a tip may have, as the form offers it: the word in the address, and the least and the
/// most.
pub const MATCH_COUNTS: [(&str, (i64, i64)); 5] =
    [("", (1, MANY)), ("1", (1, 1)), ("2-3", (2, 3)), ("4-6", (4, 6)), ("7-", (7, MANY))];

/// Why a question makes no sense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Senseless {
    /// The name of the wrong field, and what is wrong with it.
    Field(&'static str, Text),
    /// The page number is no number from 1 to `LAST_PAGE`.
    Page,
}

impl FilterForm {
    /// Reads the question from an address; `get` gives the value of a key.
    pub fn of(get: impl Fn(&str) -> Option<String>) -> Self {
        let get = |name| get(name).map(|value| value.trim().to_owned()).unwrap_or_default();
        Self {
            text: get("text"),
            bookmaker: get("bookmaker"),
            min_odds: get("min_odds"),
            max_odds: get("max_odds"),
            min_price: get("min_price"),
            max_price: get("max_price"),
            kick_off: get("kick_off"),
            matches: Some(get("match_count"))
                .filter(|count| !count.is_empty())
                .unwrap_or_else(|| get(OLD_MATCH_COUNT)),
            order: get("order"),
            page: get("page"),
        }
    }

    /// How many limits are set. The search words and the order do not count. The form folds the limits away,
    /// so its summary shows this number.
    pub fn limits(&self) -> usize {
        let limits = [
            &self.bookmaker,
            &self.min_odds,
            &self.max_odds,
            &self.min_price,
            &self.max_price,
            &self.kick_off,
            &self.matches,
        ];
        limits.into_iter().filter(|limit| !limit.is_empty()).count()
    }

    /// Whether the question leaves any tip out of the list.
    pub fn is_narrow(&self) -> bool {
        !self.text.is_empty() || self.limits() > 0
    }

    /// The address of another page of the same question.
    pub fn at_page(&self, page: u32) -> String {
        let page = if page > 1 { page.to_string() } else { String::new() };
        match serde_urlencoded::to_string(Self { page, ..self.clone() }) {
            Ok(query) if !query.is_empty() => format!("{}?{query}", paths::TIPS),
            _ => paths::TIPS.to_owned(),
        }
    }

    /// Checks the question and turns it into a [`Filter`].
    ///
    /// # Errors
    /// [`Senseless::Field`] for the first field that breaks a rule; [`Senseless::Page`] if only the page
    /// number is impossible.
    pub fn parse(&self) -> Result<Filter, Senseless> {
        if self.text.chars().count() > TEXT_LENGTH || self.text.chars().any(char::is_control) {
            return Err(wrong("text", too_long(TEXT_LENGTH)));
        }
        let words: Vec<String> = self.text.to_lowercase().split_whitespace().map(str::to_owned).collect();
        if words.len() > WORDS {
            return Err(wrong("text", too_many_words(WORDS)));
        }
        let odds = limits(("min_odds", &self.min_odds), ("max_odds", &self.max_odds), &ODDS)?;
        let price = limits(("min_price", &self.min_price), ("max_price", &self.max_price), &PRICE)?;
        let known =
            |field, name: &str| wrong(field, no_such_choice(name.chars().take(20).collect::<String>()));
        let bookmaker = match self.bookmaker.as_str() {
            "" => None,
            name => Some(Bookmaker::read(name).ok_or_else(|| known("bookmaker", name))?),
        };
        let kick_off = KickOff::read(&self.kick_off);
        let matches = MATCH_COUNTS.into_iter().find(|(name, _)| *name == self.matches);
        let order = match self.order.as_str() {
            "" => Some(SortOrder::Closing),
            name => SortOrder::read(name),
        };
        Ok(Filter {
            words,
            bookmaker,
            odds,
            price,
            matches: matches.ok_or_else(|| known("match_count", &self.matches))?.1,
            kick_off: kick_off.ok_or_else(|| known("kick_off", &self.kick_off))?,
            order: order.ok_or_else(|| known("order", &self.order))?,
            page: read_page(&self.page).ok_or(Senseless::Page)?,
        })
    }
}

/// Reads a page number from the address. An empty text is page 1; `None` means that there can be no such
/// page.
pub fn read_page(text: &str) -> Option<u32> {
    if text.is_empty() {
        return Some(1);
    }
    text.parse().ok().filter(|page| (1..=LAST_PAGE).contains(page))
}

fn wrong(field: &'static str, message: Text) -> Senseless {
    Senseless::Field(field, message)
}

/// What can be limited from below and from above: the odds or the price.
struct Scale {
    /// How many of the smallest unit make one: 1000 thousandths, or 100 cents.
    units: i64,
    /// The largest number that may be typed.
    highest: i64,
    is_no_number: Text,
    is_upside_down: Text,
}

/// Reads the lower and the upper limit in the smallest unit. A limit that is not given is wide open.
fn limits(
    (low_name, low): (&'static str, &str),
    (high_name, high): (&'static str, &str),
    scale: &Scale,
) -> Result<(i64, i64), Senseless> {
    let read = |name, text: &str, open: i64| {
        if text.is_empty() {
            return Ok(open);
        }
        let number = text
            .parse::<Decimal>()
            .ok()
            .filter(|number| (Decimal::ZERO..=Decimal::from(scale.highest)).contains(number));
        let units = number.and_then(|number| (number * Decimal::from(scale.units)).to_i64());
        units.ok_or_else(|| wrong(name, scale.is_no_number.clone()))
    };
    let (low, high) = (read(low_name, low, 0)?, read(high_name, high, MANY)?);
    if low > high {
        return Err(wrong(high_name, scale.is_upside_down.clone()));
    }
    Ok((low, high))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn asked(query: &str) -> FilterForm {
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap_or_default();
        FilterForm::of(|name| pairs.iter().find(|(found, _)| found == name).map(|(_, value)| value.clone()))
    }

    fn field(query: &str) -> &'static str {
        match asked(query).parse() {
            Err(Senseless::Field(field, _)) => field,
            Err(Senseless::Page) => "page",
            Ok(_) => "nothing",
        }
    }

    #[test]
    fn a_link_with_the_old_name_still_works() {
        assert_eq!(asked("matches=2-3"), asked("match_count=2-3"));
        assert_eq!(asked("matches=2-3").at_page(2), "/tips?match_count=2-3&page=2");
        assert_eq!(asked("matches=2-3&match_count=7-"), asked("match_count=7-"));
    }

    #[test]
    fn what_is_empty_is_not_asked() {
        let asked = asked(
            "text=&bookmaker=&min_odds=&max_odds=&\
             min_price=&max_price=&kick_off=&matches=&order=&page=&other=1",
        );
        assert_eq!(asked.parse(), Ok(Filter::default()));
        assert_eq!(asked.at_page(1), "/tips");
        assert!(!asked.is_narrow());
    }

    #[test]
    fn a_question_is_read_and_kept_by_links() {
        let asked = asked(
            "text=+Gor+Mahia&min_odds=1.5&max_price=100&kick_off=today&match_count=2-3&order=odds&page=2",
        );
        let filter = asked.parse().expect("sense");
        assert_eq!(
            (filter.odds.0, filter.price, filter.matches, filter.page),
            (1_500, (0, 10_000), (2, 3), 2)
        );
        assert_eq!(filter.patterns(), ["%gor%", "%mahia%", "%"]);
        let next = "/tips?text=Gor+Mahia&min_odds=1.5&max_price=100&kick_off=today&\
                    match_count=2-3&order=odds&page=3";
        assert_eq!(asked.at_page(3), next);
    }

    #[test]
    fn what_makes_no_sense_names_its_field() {
        for (query, wanted) in [
            ("min_odds=x", "min_odds"),
            ("max_odds=-1", "max_odds"),
            ("min_odds=5&max_odds=2", "max_odds"),
            ("min_price=1e99", "min_price"),
            ("max_price=99999999999999999999999999999999", "max_price"),
            ("bookmaker=nobody", "bookmaker"),
            ("kick_off=never", "kick_off"),
            ("matches=0", "match_count"),
            ("order=random", "order"),
            ("text=a+b+c+d", "text"),
            ("page=0", "page"),
            ("page=-1", "page"),
            ("page=101", "page"),
            ("page=x", "page"),
        ] {
            assert_eq!(field(query), wanted, "{query}");
        }
    }

    proptest! {
        #[test]
        fn nothing_typed_breaks_it(query in "\\PC{0,80}") {
            let _ = asked(&query).parse();
        }
    }
}
