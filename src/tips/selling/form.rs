//! The forms on a draft's page: how they are read, what may be wrong with them, and what is shown again.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::kick_off::kick_off;
use crate::tips::{Bookmaker, Match};
use crate::types::name::{line, prose, thing_name};
use crate::types::{Kes, Odds, Text, words};

words! {
    choose_bookmaker { "Choose a bookmaker of the list." "Chagua kampuni ya beti kwenye orodha." }
    home_team { "the home team" "timu ya nyumbani" }
    away_team { "the away team" "timu ya ugenini" }
    league { "the league" "ligi" }
    market { "the market, like Full-time result" "soko, kama Full-time result" }
    write(what, least, most) {
        "Write {what}: {least} to {most} letters, digits and usual signs, in one alphabet."
        "Andika {what}: herufi, tarakimu na alama za kawaida {least} hadi {most}, kwa alfabeti moja."
    }
    write_pick(most) {
        "Write your pick, like Home win: up to {most} characters."
        "Andika chaguo lako, kama Home win: hadi herufi {most}."
    }
    not_against_itself { "A team does not play against itself." "Timu haichezi dhidi yake yenyewe." }
    code_form(least, most) {
        "A bet code has {least} to {most} letters and digits, without spaces."
        "Code ya beti ina herufi na tarakimu {least} hadi {most}, bila nafasi."
    }
    odds_form { "Odds are a number above 1, like 2.35." "Odds ni namba zaidi ya 1, kama 2.35." }
    price_form(least, most) {
        "A price is {least} to {most}, in whole shillings."
        "Bei ni {least} hadi {most}, shilingi kamili."
    }
    note_length(most) {
        "A note has up to {most} characters, all of which can be seen."
        "Ujumbe una hadi herufi {most}, zote zinazoonekana."
    }
}

const NAME_LENGTH: std::ops::RangeInclusive<usize> = 2..=60;
const CODE_LENGTH: std::ops::RangeInclusive<usize> = 3..=30;
/// The longest note to buyers, in characters.
pub const NOTE_LENGTH: usize = 300;

/// The form for bookmaker, code, total odds, price and note. An empty field is left for later.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct DetailsForm {
    pub bookmaker: String,
    pub bet_code: String,
    pub odds: String,
    pub price: String,
    pub note: String,
}

/// Details that keep every rule. What was empty is missing.
#[derive(Debug)]
pub struct Details {
    pub bookmaker: Option<Bookmaker>,
    pub bet_code: String,
    pub odds: Option<Odds>,
    pub price: Option<Kes>,
    pub note: String,
}

/// The form that adds one match.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct LegForm {
    pub home_team: String,
    pub away_team: String,
    pub league: String,
    /// `YYYY-MM-DDTHH:MM`, in Nairobi time.
    pub kick_off: String,
    pub market: String,
    pub selection: String,
    pub leg_odds: String,
}

/// Names of fields, each with what is wrong with it. An empty name means the form as a whole.
pub(super) type BrokenRules = Vec<(&'static str, Text)>;

/// Collects every rule that is broken, not only the first one.
#[derive(Default)]
struct Checks {
    wrong: BrokenRules,
}

impl Checks {
    fn take<T>(&mut self, field: &'static str, read: Result<T, Text>) -> Option<T> {
        read.map_err(|reason| self.wrong.push((field, reason))).ok()
    }
}

impl DetailsForm {
    /// What the tipster typed, by field, to show it again in a refused form.
    pub fn typed(self) -> [(&'static str, String); 5] {
        [
            ("bookmaker", self.bookmaker),
            ("bet_code", self.bet_code),
            ("odds", self.odds),
            ("price", self.price),
            ("note", self.note),
        ]
    }

    /// Checks the form; `prices` are the lowest and the highest allowed price.
    ///
    /// # Errors
    /// Every field that breaks a rule, with what to tell the tipster.
    pub fn parse(&self, prices: (Kes, Kes)) -> Result<Details, BrokenRules> {
        let mut checks = Checks::default();
        let bookmaker = checks.take(
            "bookmaker",
            optional(&self.bookmaker, |text| Bookmaker::read(text).ok_or(choose_bookmaker())),
        );
        let bet_code = checks.take("bet_code", optional(&self.bet_code, bet_code));
        let odds = checks.take("odds", optional(&self.odds, odds));
        let price = checks.take("price", optional(&self.price, |text| price(text, prices)));
        let note = checks.take("note", note(&self.note));
        match (bookmaker, bet_code, odds, price, note) {
            (Some(bookmaker), Some(bet_code), Some(odds), Some(price), Some(note)) => {
                Ok(Details { bookmaker, bet_code: bet_code.unwrap_or_default(), odds, price, note })
            }
            _ => Err(checks.wrong),
        }
    }
}

impl LegForm {
    /// What the tipster typed, by field, to show it again in a refused form.
    pub fn typed(self) -> [(&'static str, String); 7] {
        [
            ("home_team", self.home_team),
            ("away_team", self.away_team),
            ("league", self.league),
            ("kick_off", self.kick_off),
            ("market", self.market),
            ("selection", self.selection),
            ("leg_odds", self.leg_odds),
        ]
    }

    /// Checks the form at the moment `now`, from which the kick-off must be far enough away.
    ///
    /// # Errors
    /// Every field that breaks a rule, with what to tell the tipster.
    pub fn parse(&self, now: DateTime<Utc>) -> Result<Match, BrokenRules> {
        let mut checks = Checks::default();
        let home_team = checks.take("home_team", name(&self.home_team, home_team(), thing_name));
        let away_team = checks.take("away_team", name(&self.away_team, away_team(), thing_name));
        let league = checks.take("league", name(&self.league, league(), thing_name));
        let kick_off_at = checks.take("kick_off", kick_off(&self.kick_off, now));
        let market = checks.take("market", name(&self.market, market(), line));
        let selection = checks.take("selection", pick(&self.selection));
        let odds = checks.take("leg_odds", odds(&self.leg_odds));
        if let (Some(home), Some(away)) = (&home_team, &away_team)
            && home.to_lowercase() == away.to_lowercase()
        {
            checks.wrong.push(("away_team", not_against_itself()));
        }
        match (home_team, away_team, league, kick_off_at, market, selection, odds) {
            (
                Some(home_team),
                Some(away_team),
                Some(league),
                Some(kick_off_at),
                Some(market),
                Some(selection),
                Some(odds),
            ) if checks.wrong.is_empty() => {
                Ok(Match { home_team, away_team, league, kick_off_at, market, selection, odds })
            }
            _ => Err(checks.wrong),
        }
    }
}

/// `None` if nothing was typed.
fn optional<T>(text: &str, read: impl Fn(&str) -> Result<T, Text>) -> Result<Option<T>, Text> {
    let text = text.trim();
    if text.is_empty() { Ok(None) } else { read(text).map(Some) }
}

/// Reads the name `what`; `read` decides which signs it may have.
fn name(text: &str, what: Text, read: impl Fn(&str) -> Option<String>) -> Result<String, Text> {
    let name = read(text).filter(|name| NAME_LENGTH.contains(&name.chars().count()));
    name.ok_or_else(|| write(what, NAME_LENGTH.start(), NAME_LENGTH.end()))
}

/// Reads a pick, which may be as short as `1` or `X`.
fn pick(text: &str) -> Result<String, Text> {
    let pick = line(text).filter(|pick| (1..=*NAME_LENGTH.end()).contains(&pick.chars().count()));
    pick.ok_or_else(|| write_pick(NAME_LENGTH.end()))
}

fn bet_code(text: &str) -> Result<String, Text> {
    let is_code = |code: &str| {
        CODE_LENGTH.contains(&code.len())
            && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    if is_code(text) {
        return Ok(text.to_owned());
    }
    Err(code_form(CODE_LENGTH.start(), CODE_LENGTH.end()))
}

fn odds(text: &str) -> Result<Odds, Text> {
    text.parse().map_err(|_| odds_form())
}

fn price(text: &str, (least, most): (Kes, Kes)) -> Result<Kes, Text> {
    let price = text
        .parse::<Kes>()
        .ok()
        .filter(|price| price.whole_shillings().is_some() && (least..=most).contains(price));
    price.ok_or_else(|| price_form(least, most))
}

fn note(text: &str) -> Result<String, Text> {
    prose(text).filter(|note| note.chars().count() <= NOTE_LENGTH).ok_or_else(|| note_length(NOTE_LENGTH))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn now() -> DateTime<Utc> {
        "2026-11-24T12:00:00Z".parse().expect("a time")
    }

    fn prices() -> (Kes, Kes) {
        (Kes::from_cents(1_000), Kes::from_cents(100_000))
    }

    fn leg() -> LegForm {
        let [home_team, away_team, league, kick_off, market, selection, leg_odds] =
            [" Gor  Mahia ", "AFC Leopards", "KPL", "2026-11-28T15:00", "1X2", "1", "1.72"]
                .map(str::to_owned);
        LegForm { home_team, away_team, league, kick_off, market, selection, leg_odds }
    }

    fn wrong(change: impl FnOnce(&mut LegForm)) -> Vec<&'static str> {
        let mut form = leg();
        change(&mut form);
        form.parse(now()).err().unwrap_or_default().into_iter().map(|(field, _)| field).collect()
    }

    #[test]
    fn a_match_is_read_in_kenyan_time() {
        let leg = leg().parse(now()).expect("a match");
        assert_eq!(
            (leg.home_team.as_str(), leg.kick_off_at.to_rfc3339()),
            ("Gor Mahia", "2026-11-28T12:00:00+00:00".to_owned())
        );
    }

    #[test]
    fn each_rule_names_its_field() {
        assert_eq!(wrong(|form| form.home_team = String::new()), ["home_team"]);
        assert_eq!(wrong(|form| form.away_team = "gor mahia".to_owned()), ["away_team"]);
        assert_eq!(wrong(|form| form.kick_off = "2026-11-24T15:14".to_owned()), ["kick_off"], "too soon");
        assert_eq!(wrong(|form| form.kick_off = "2026-11-24T15:15".to_owned()), [""; 0], "in 15 minutes");
        assert_eq!(wrong(|form| form.kick_off = "2027-11-24T15:15".to_owned()), ["kick_off"], "too late");
        assert_eq!(wrong(|form| form.kick_off = "tomorrow".to_owned()), ["kick_off"]);
        assert_eq!(wrong(|form| form.leg_odds = "1".to_owned()), ["leg_odds"]);
        assert_eq!(
            wrong(|form| form.league = "a\u{202e}b".to_owned()),
            ["league"],
            "nothing that turns the text round"
        );
        assert_eq!(
            wrong(|form| (form.selection, form.market) = (String::new(), "x".repeat(61))),
            ["market", "selection"],
            "all at once"
        );
    }

    #[test]
    fn prices_are_whole_and_within_the_rules() {
        let of = |text: &str| {
            DetailsForm { price: text.to_owned(), ..DetailsForm::default() }
                .parse(prices())
                .ok()
                .map(|details| details.price)
        };
        assert_eq!(of(""), Some(None), "later");
        assert_eq!(of("50"), Some(Kes::from_shillings(50)));
        for text in ["9", "1001", "50.50", "-50", "0", "fifty", "99999999999999999999"] {
            assert_eq!(of(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "\\PC{0,70}") {
            let form = LegForm { home_team: text.clone(), kick_off: text.clone(), leg_odds: text.clone(), ..leg() };
            let _ = form.parse(now());
            let form = DetailsForm { bookmaker: text.clone(), bet_code: text.clone(), odds: text.clone(), price: text.clone(), note: text };
            let _ = form.parse(prices());
        }
    }
}
