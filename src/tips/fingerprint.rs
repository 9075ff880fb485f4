//! The seal of a tip: a hash of everything that is sold, shown to everybody from the start. A buyer gets the
//! text that was hashed, and can check that nothing was changed after the matches began.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use super::Match;
use crate::platform::clock::rfc3339;
use crate::platform::random::{Random, hex};
use crate::types::{Kes, Odds};

/// What is sealed. The salt keeps others from guessing the content from the hash, since bet codes and picks
/// are short.
pub struct Sealed<'a> {
    pub salt: &'a str,
    pub published_at: chrono::DateTime<chrono::Utc>,
    pub bookmaker: &'a str,
    pub bet_code: &'a str,
    pub odds: Odds,
    pub price: Kes,
    pub matches: &'a [Match],
    pub picture_hash: Option<&'a str>,
    pub note: Option<&'a str>,
}

/// A new secret salt: 32 random bytes in hexadecimal.
pub fn new_salt(random: &Random) -> String {
    hex(&random.bytes::<32>())
}

/// SHA-256, in hexadecimal.
pub fn hash(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

impl Sealed<'_> {
    /// The text that is hashed: one line for each fact, ended by a line feed. The note comes last, because it
    /// may have lines of its own.
    pub fn text(&self) -> String {
        let mut text = String::from("Ligisoo seal 1\n");
        // Writing to a `String` cannot fail.
        let _ = write!(
            text,
            "Salt: {}\nPublished: {}\nBookmaker: {}\nBet code: {}\nTotal odds: {}\nPrice: {}\n",
            self.salt,
            rfc3339(self.published_at),
            self.bookmaker,
            self.bet_code,
            self.odds,
            self.price.to_decimal_string()
        );
        for (number, leg) in (1..).zip(self.matches) {
            let kick_off = rfc3339(leg.kick_off_at);
            let _ = write!(
                text,
                "Match {number}: {} v {}\nLeague: {}\nKick-off: {kick_off}\nMarket: {}\nPick: {}\nOdds: {}\n",
                leg.home_team, leg.away_team, leg.league, leg.market, leg.selection, leg.odds
            );
        }
        let _ = writeln!(text, "Betslip SHA-256: {}", self.picture_hash.unwrap_or("none"));
        let _ = writeln!(text, "Note: {}", self.note.unwrap_or("none"));
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    #[test]
    fn the_text_is_plain_and_each_fact_changes_the_hash() {
        let leg = Match {
            home_team: "Gor Mahia".to_owned(),
            away_team: "AFC Leopards".to_owned(),
            league: "Kenya Premier League".to_owned(),
            kick_off_at: DateTime::UNIX_EPOCH,
            market: "Full-time result".to_owned(),
            selection: "Home win".to_owned(),
            odds: Odds::from_thousandths(1_720).expect("odds"),
        };
        let matches = [leg];
        let sealed = |note| Sealed {
            salt: "5a17",
            published_at: DateTime::UNIX_EPOCH,
            bookmaker: "betika",
            bet_code: "JYRCAV",
            odds: matches[0].odds,
            price: Kes::from_cents(5_000),
            matches: &matches,
            picture_hash: None,
            note,
        };
        insta::assert_snapshot!(sealed(None).text(), @r"
        Ligisoo seal 1
        Salt: 5a17
        Published: 1970-01-01T00:00:00.000000Z
        Bookmaker: betika
        Bet code: JYRCAV
        Total odds: 1.72
        Price: 50.00
        Match 1: Gor Mahia v AFC Leopards
        League: Kenya Premier League
        Kick-off: 1970-01-01T00:00:00.000000Z
        Market: Full-time result
        Pick: Home win
        Odds: 1.72
        Betslip SHA-256: none
        Note: none
        ");
        assert_ne!(
            hash(sealed(None).text().as_bytes()),
            hash(sealed(Some("Small stake.")).text().as_bytes())
        );
    }
}
