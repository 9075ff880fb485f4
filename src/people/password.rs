//! Which passwords are accepted: those that are long enough and not among the first that somebody would try.

use std::collections::BTreeSet;

use zxcvbn::{Score, zxcvbn};

use crate::types::{Msisdn, Text, words};

words! {
    password_length(least, most) {
        "A password has {least} to {most} characters."
        "Nenosiri lina herufi {least} hadi {most}."
    }
    easily_guessed {
        "That password is easy to guess. Choose another one, without your name or number."
        "Nenosiri hilo ni rahisi kukisia. Chagua jingine, lisilo na jina wala namba yako."
    }
}

const LENGTH: std::ops::RangeInclusive<usize> = 8..=128;
/// The least score that is accepted. A password below it falls to a million guesses.
const LEAST: Score = Score::Two;
/// How many characters of a password are judged. The time for it grows much faster than the length, and a
/// password whose beginning is strong is strong.
const LOOKED_AT: usize = 40;
/// Words that anybody in Kenya tries first: our own name, places, clubs, what people love, and common names.
const LOCAL: &str = "\
    ligisoo mpesa safaricom airtel kenya nairobi mombasa kisumu nakuru eldoret kakamega machakos malindi \
    harambee gormahia leopards ingwe tusker sofapaka bandari kariobangi ulinzi arsenal chelsea liverpool \
    manchester united barcelona betika sportpesa odibets mozzart nenosiri nakupenda nakutaka mwalimu \
    mwanafunzi jambo habari karibu asante hakuna matata hakunamatata uhuru kenyatta umoja amani upendo imani \
    baraka neema furaha tumaini mungu mungumwema yesu yesuwangu bwana mpenzi mpenziwangu mamangu babangu \
    mama baba mtoto rafiki familia pesa hela shilingi maisha simba chui ndovu kifaru twiga kahawa chai ugali \
    sukuma nyama nyamachoma matatu bodaboda pikipiki mkeka kocha mpira soka ligi tips wanjiru wanjiku wambui \
    njeri nyambura kamau mwangi njoroge kariuki otieno ochieng odhiambo achieng atieno akinyi wekesa wafula \
    nekesa barasa kiprop kipchoge cheruiyot chebet korir rotich mutua musyoka kioko mwende abdi hassan \
    mohamed fatuma juma omari ngugi njuguna";
/// Characters that people write between the digits of a number, the parts of a name, and words.
const SEPARATORS: [char; 13] = [' ', '-', '.', '+', '(', ')', '_', '/', ',', ':', ';', '\'', '*'];

/// Judges a new password against its owner's number and names, and against words that anybody tries first.
///
/// # Errors
/// The reason, for the user, if the password has fewer than 8 or more than 128 characters, or is easily
/// guessed.
pub fn check_password(password: &str, owner: &Msisdn, names: &[&str]) -> Result<(), Text> {
    if !LENGTH.contains(&password.chars().count()) {
        return Err(password_length(LENGTH.start(), LENGTH.end()));
    }
    let known = known_words(owner, names);
    let known: Vec<&str> = known.iter().map(String::as_str).chain(LOCAL.split(' ')).collect();
    // A word in pieces, or with digits for letters, is no better than the word itself, so each reading is
    // judged. `zxcvbn` finds words that are written backwards by itself.
    let typed = beginning(password);
    let whole = compact(typed);
    let letters = whole.chars().map(letter).collect();
    let readings = BTreeSet::from([typed.to_owned(), whole, letters]);
    if readings.iter().any(|reading| zxcvbn(reading, &known).score() < LEAST) {
        return Err(easily_guessed());
    }
    Ok(())
}

/// The number in every spelling that people use, and the names, whole and in parts, all in small letters.
fn known_words(owner: &Msisdn, names: &[&str]) -> Vec<String> {
    let national = &owner.as_str()[3..];
    let number =
        [national.to_owned(), format!("0{national}"), format!("254{national}"), format!("00254{national}")];
    let whole = names.iter().map(|name| compact(name));
    let parts = names.iter().flat_map(|name| name.split(SEPARATORS)).filter(|part| part.chars().count() > 2);
    number.into_iter().chain(whole).chain(parts.map(str::to_lowercase)).collect()
}

/// The letter that a digit or sign often replaces; any other character stays as it is.
const fn letter(sign: char) -> char {
    match sign {
        '0' => 'o',
        '1' | '!' | '|' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        '8' => 'b',
        '9' => 'g',
        other => other,
    }
}

/// The first `LOOKED_AT` characters of a text.
fn beginning(text: &str) -> &str {
    text.char_indices().nth(LOOKED_AT).map_or(text, |(end, _)| &text[..end])
}

fn compact(text: &str) -> String {
    text.replace(SEPARATORS, "").to_lowercase()
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
        for name in [
            "Wambui Njeri Kariuki",
            "wambuinjerikariuki",
            "kariuki1",
            "Wambui2024",
            "njerinjeri",
            "WAMBUI-NJERI-KARIUKI",
        ] {
            assert!(!is_accepted(name), "{name}");
        }
    }

    #[test]
    fn a_disguise_makes_nothing_strong() {
        for weak in [
            "pass word",
            "p a s s w o r d",
            "p4ssw0rd",
            "P@55 w0rd",
            "drowssap",
            "password 1",
            "pass-word-1",
            "harambee1",
            "Harambee2024",
            "h4r4mb33",
            "eebmarah1",
            "wambui weak",
            "ikuirak1",
            "ikuirak irejn",
            "ikuirakirejniubmaw",
            "Kar1uk1 99",
            "8765432170",
            "876 543 2170",
            "mungu mwema",
            "mungumwema1",
            "yesu wangu",
            "hakuna matata",
            "nyama choma",
            "kip choge",
            "gor mahia 1",
            "m-pesa 123",
            "ligisoo.254",
            "sport pesa",
            "q w e r t y u i",
        ] {
            assert!(!is_accepted(weak), "{weak}");
        }
    }

    #[test]
    fn no_more_of_a_password_is_looked_at_than_can_be_afforded() {
        let dear = "4@8({[<369&#!1/|0$5+7%2x".repeat(6);
        assert_eq!(beginning(&dear).chars().count(), LOOKED_AT);
        assert_eq!(beginning("ñ").chars().count(), 1);
        assert!(
            !is_accepted(&format!("{}{}", "a".repeat(LOOKED_AT), "Xk29!vmq")),
            "weak as far as it is looked at"
        );
    }

    #[test]
    fn others_are_accepted() {
        for password in [
            "correct horse",
            "battery staple",
            "mvua ya masika",
            "kahawa-7-vikombe",
            "Xk29!vmq",
            "ng'ombe watatu shambani",
            "tulipanda miti 14",
            "radi na umeme usiku",
            "bluu-kijani-47-ndizi",
        ] {
            assert!(is_accepted(password), "{password}");
        }
        assert!(!is_accepted("Xk29!vm"), "too short");
        assert!(!is_accepted(&"Xk29!vmq".repeat(17)), "too long");
    }
}
