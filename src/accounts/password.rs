//! Which passwords are accepted: long enough, and not among the first that somebody would try.

use zxcvbn::{Score, zxcvbn};

use crate::types::{Msisdn, Text, words};

words! {
    password_length(least, most) { "A password has {least} to {most} characters." "Nenosiri lina herufi {least} hadi {most}." }
    easily_guessed {
        "That password is easy to guess. Choose another one, without your name or number."
        "Nenosiri hilo ni rahisi kukisia. Chagua jingine, lisilo na jina wala namba yako."
    }
}

const LENGTH: std::ops::RangeInclusive<usize> = 8..=128;
/// Below it a password falls to a million guesses.
const LEAST: Score = Score::Two;
/// How much of a password is looked at, in characters: the time that it takes grows much faster than its length, and what is strong so
/// far is strong.
const LOOKED_AT: usize = 40;
/// Words that anybody tries here first.
const LOCAL: [&str; 18] = [
    "ligisoo",
    "mpesa",
    "m-pesa",
    "safaricom",
    "airtel",
    "kenya",
    "nairobi",
    "mombasa",
    "kisumu",
    "harambee",
    "gormahia",
    "leopards",
    "tusker",
    "betika",
    "sportpesa",
    "nenosiri",
    "nakupenda",
    "mwalimu",
];
/// What stands between the digits of a number, and between the parts of a name.
const SEPARATORS: [char; 7] = [' ', '-', '.', '+', '(', ')', '_'];

/// Refuses a password that is too short, or easily guessed by who knows its owner's number and names.
pub fn check_password(password: &str, owner: &Msisdn, names: &[&str]) -> Result<(), Text> {
    if !LENGTH.contains(&password.chars().count()) {
        return Err(password_length(LENGTH.start(), LENGTH.end()));
    }
    let known = known_words(owner, names);
    let known: Vec<&str> = known.iter().map(String::as_str).chain(LOCAL).collect();
    let compact = compact(password);
    let is_name = known.contains(&compact.as_str());
    // A number or a date with separators in it is no better than without them.
    let is_weak = |text: &str| zxcvbn(beginning(text), &known).score() < LEAST;
    if is_name || is_weak(password) || (is_number(&compact) && is_weak(&compact)) {
        return Err(easily_guessed());
    }
    Ok(())
}

/// The number as people write it, and the names, whole and in parts, all in small letters.
fn known_words(owner: &Msisdn, names: &[&str]) -> Vec<String> {
    let national = &owner.as_str()[3..];
    let number = [national.to_owned(), format!("0{national}"), format!("254{national}"), format!("00254{national}")];
    let whole = names.iter().map(|name| compact(name));
    let parts = names.iter().flat_map(|name| name.split(SEPARATORS)).filter(|part| part.chars().count() > 2);
    number.into_iter().chain(whole).chain(parts.map(str::to_lowercase)).collect()
}

/// As much of a text as is looked at.
fn beginning(text: &str) -> &str {
    text.char_indices().nth(LOOKED_AT).map_or(text, |(end, _)| &text[..end])
}

fn compact(text: &str) -> String {
    text.replace(SEPARATORS, "").to_lowercase()
}

fn is_number(text: &str) -> bool {
    text.chars().filter(char::is_ascii_digit).count() * 2 > text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_accepted(password: &str) -> bool {
        check_password(password, &"0712345678".parse().expect("a number"), &["Wambui Njeri Kariuki"]).is_ok()
    }

    #[test]
    fn what_everybody_tries_first_is_refused() {
        for weak in [
            "12345678",
            "password",
            "password1",
            "Password123",
            "qwertyuiop",
            "aaaaaaaaaa",
            "11112222",
            "iloveyou",
            "ligisoo1",
            "safaricom",
            "nenosiri1",
            "nakupenda",
            "gormahia1",
            "nairobi254",
        ] {
            assert!(!is_accepted(weak), "{weak}");
        }
    }

    #[test]
    fn the_number_is_refused_in_any_spelling() {
        for number in [
            "0712345678",
            "712345678",
            "254712345678",
            "+254712345678",
            "00254712345678",
            "0712 345 678",
            "+254 712-345-678",
            "0712.345.678x",
        ] {
            assert!(!is_accepted(number), "{number}");
        }
    }

    #[test]
    fn the_name_and_its_parts_are_refused() {
        for name in ["Wambui Njeri Kariuki", "wambuinjerikariuki", "kariuki1", "Wambui2024", "njerinjeri", "WAMBUI-NJERI-KARIUKI"] {
            assert!(!is_accepted(name), "{name}");
        }
    }

    #[test]
    fn no_more_of_a_password_is_looked_at_than_can_be_afforded() {
        let dear = "4@8({[<369&#!1/|0$5+7%2x".repeat(6);
        assert_eq!(beginning(&dear).chars().count(), LOOKED_AT);
        assert_eq!(beginning("ñ").chars().count(), 1);
        assert!(!is_accepted(&format!("{}{}", "a".repeat(LOOKED_AT), "Xk29!vmq")), "weak as far as it is looked at");
    }

    #[test]
    fn others_are_accepted() {
        for password in ["correct horse", "battery staple", "mvua ya masika", "kahawa-7-vikombe", "Xk29!vmq"] {
            assert!(is_accepted(password), "{password}");
        }
        assert!(!is_accepted("Xk29!vm"), "too short");
        assert!(!is_accepted(&"Xk29!vmq".repeat(17)), "too long");
    }
}
