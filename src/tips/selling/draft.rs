//! A draft: what a tipster has filled in so far. It is kept in the database as one JSON document.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::kick_off::kick_off_problem;
use super::{FormName, Todo};
use crate::tips::odds::{is_total_of, total_odds};
use crate::tips::public::sales_close_at;
use crate::tips::service::clear_key;
use crate::tips::{Bookmaker, Match};
use crate::types::{Kes, Odds, Text, words};

words! {
    choose_bookmaker { "Choose the bookmaker." "Chagua kampuni ya beti." }
    enter_code { "Enter the bet code." "Weka code ya beti." }
    set_price { "Set a price." "Weka bei." }
    price_bounds(least, most) { "A price is {least} to {most}." "Bei ni {least} hadi {most}." }
    add_matches { "Add the matches of the betslip." "Ongeza mechi za betslip." }
    of_match(home, away, problem) { "{home} v {away}: {problem}" "{home} v {away}: {problem}" }
    enter_odds { "Enter the total odds that the betslip shows." "Weka jumla ya odds iliyo kwenye betslip." }
    uncountable { "more than we can count" "zaidi ya tunavyoweza kuhesabu" }
    odds_do_not_fit(total, product) {
        "The total odds are {total}, but the odds of your matches make {product}. Mend one of them."
        "Jumla ya odds ni {total}, lakini odds za mechi zako zinafanya {product}. Rekebisha mojawapo."
    }
    add_picture { "Add a picture of the betslip." "Ongeza picha ya betslip." }
}

/// What a tipster has filled in so far. Everything may be missing; an empty text is missing too.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Draft {
    pub bookmaker: Option<Bookmaker>,
    pub bet_code: String,
    pub odds: Option<Odds>,
    pub price: Option<Kes>,
    pub note: String,
    /// The matches, each with a number that stays the same, so that removing a match twice removes only that
    /// one.
    pub legs: Vec<(u32, Match)>,
    pub picture: Option<DraftPicture>,
}

/// The uploaded betslip of a draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftPicture {
    /// The name of its file, without the ending.
    pub base: String,
    /// SHA-256 of the file, in hexadecimal.
    pub hash: String,
}

/// A draft as its page shows it.
#[derive(Debug, Clone)]
pub struct DraftView {
    pub id: Uuid,
    /// The version of the draft that is shown. Only this version is published when the tipster presses the
    /// button.
    pub version: i64,
    pub draft: Draft,
    pub now: DateTime<Utc>,
    pub price_min: Kes,
    pub price_max: Kes,
    /// What the tipster gets of each sale, in basis points.
    pub share_bps: i64,
    /// The product of the matches' odds; `None` without matches.
    pub product: Option<Odds>,
    /// When sales will close; `None` without matches.
    pub sales_close_at: Option<DateTime<Utc>>,
    /// What is missing or wrong. Empty if the draft can be published.
    pub todo: Vec<Todo>,
}

/// A draft as the database keeps it.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Document {
    bookmaker: String,
    bet_code: String,
    odds_thousandths: Option<i64>,
    price_cents: Option<i64>,
    note: String,
    legs: Vec<Leg>,
    picture: Option<DraftPicture>,
}

#[derive(Serialize, Deserialize)]
struct Leg {
    number: u32,
    home_team: String,
    away_team: String,
    league: String,
    kick_off_at: DateTime<Utc>,
    market: String,
    selection: String,
    odds_thousandths: i64,
}

impl Draft {
    /// Reads a draft from its document. What cannot be read, because an older program wrote it, is missing.
    pub(super) fn read(json: &str) -> Self {
        let document: Document = serde_json::from_str(json).unwrap_or_default();
        let leg = |leg: Leg| {
            let Leg {
                number,
                home_team,
                away_team,
                league,
                kick_off_at,
                market,
                selection,
                odds_thousandths,
            } = leg;
            let odds = Odds::from_thousandths(odds_thousandths).ok()?;
            Some((number, Match { home_team, away_team, league, kick_off_at, market, selection, odds }))
        };
        Self {
            bookmaker: Bookmaker::read(&document.bookmaker),
            bet_code: document.bet_code,
            odds: document.odds_thousandths.and_then(|odds| Odds::from_thousandths(odds).ok()),
            price: document.price_cents.map(Kes::from_cents),
            note: document.note,
            legs: document.legs.into_iter().filter_map(leg).collect(),
            picture: document.picture,
        }
    }

    /// The draft's document.
    pub(super) fn write(&self) -> String {
        let leg = |(number, leg): &(u32, Match)| Leg {
            number: *number,
            home_team: leg.home_team.clone(),
            away_team: leg.away_team.clone(),
            league: leg.league.clone(),
            kick_off_at: leg.kick_off_at,
            market: leg.market.clone(),
            selection: leg.selection.clone(),
            odds_thousandths: leg.odds.thousandths(),
        };
        let document = Document {
            bookmaker: self.bookmaker.map(Bookmaker::as_str).unwrap_or_default().to_owned(),
            bet_code: self.bet_code.clone(),
            odds_thousandths: self.odds.map(Odds::thousandths),
            price_cents: self.price.map(Kes::cents),
            note: self.note.clone(),
            legs: self.legs.iter().map(leg).collect(),
            picture: self.picture.clone(),
        };
        serde_json::to_string(&document).unwrap_or_default()
    }

    /// The matches in the order of their kick-offs, in which they are published.
    pub fn matches(&self) -> Vec<Match> {
        let mut matches: Vec<Match> = self.legs.iter().map(|(_, leg)| leg.clone()).collect();
        matches.sort_by_key(|leg| leg.kick_off_at);
        matches
    }

    /// The product of the matches' odds; `None` without matches, or if it is too large.
    pub fn product(&self) -> Option<Odds> {
        total_odds(&self.matches())
    }

    /// When sales will close; `None` without matches.
    pub fn sales_close_at(&self) -> Option<DateTime<Utc>> {
        self.legs.iter().map(|(_, leg)| leg.kick_off_at).min().map(sales_close_at)
    }

    /// What is missing or wrong before the draft can be published at `now`; `prices` are the lowest and the
    /// highest allowed price.
    pub(super) fn todo(&self, now: DateTime<Utc>, prices: (Kes, Kes)) -> Vec<Todo> {
        let mut todo = Vec::new();
        let mut add = |form, text: Text| todo.push(Todo { form, text });
        if self.bookmaker.is_none() {
            add(FormName::Details, choose_bookmaker());
        }
        if self.bet_code.is_empty() {
            add(FormName::Details, enter_code());
        }
        match self.price {
            None => add(FormName::Details, set_price()),
            Some(price) if price < prices.0 || price > prices.1 => {
                add(FormName::Details, price_bounds(prices.0, prices.1));
            }
            Some(_) => {}
        }
        if self.legs.is_empty() {
            add(FormName::Leg, add_matches());
        }
        for (_, leg) in &self.legs {
            if let Some(problem) = kick_off_problem(leg.kick_off_at, now) {
                add(FormName::Leg, of_match(&leg.home_team, &leg.away_team, problem));
            }
        }
        match (self.odds, self.product()) {
            (None, _) => add(FormName::Details, enter_odds()),
            (Some(total), product) if !self.legs.is_empty() && !is_total_of(total, &self.matches()) => {
                let product = product.map_or(uncountable(), |product| product.to_string().into());
                add(FormName::Details, odds_do_not_fit(total, product));
            }
            _ => {}
        }
        if self.picture.is_none() {
            add(FormName::Picture, add_picture());
        }
        todo
    }
}

/// The name of the betslip's file of a draft that is kept as this document. Whoever deletes drafts deletes
/// the file with it.
pub fn draft_picture(document: &str) -> Option<String> {
    Draft::read(document).picture.map(|picture| clear_key(&picture.base))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_is_read_as_it_was_written() {
        let leg = Match {
            home_team: "Tusker \"FC\"".to_owned(),
            away_team: "Bandari".to_owned(),
            league: "KPL".to_owned(),
            kick_off_at: DateTime::UNIX_EPOCH,
            market: "Goals".to_owned(),
            selection: "Over 2.5".to_owned(),
            odds: Odds::from_thousandths(1_905).expect("odds"),
        };
        let draft = Draft {
            bookmaker: Some(Bookmaker::Mozzart),
            bet_code: "QW12".to_owned(),
            odds: Odds::from_thousandths(1_905).ok(),
            price: Kes::from_shillings(50),
            note: "Small stake.\nTwo lines.".to_owned(),
            legs: vec![(3, leg)],
            picture: Some(DraftPicture { base: "betslips/1".to_owned(), hash: "ab".to_owned() }),
        };
        assert_eq!(Draft::read(&draft.write()), draft);
        assert_eq!(Draft::read("{}"), Draft::default());
        assert_eq!(Draft::read("not json"), Draft::default());
    }
}
