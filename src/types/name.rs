//! Text that people type. A name says who or what somebody is, so it must not look like another one. It is
//! written in one alphabet, without anything invisible and without signs that look like a badge. Two names
//! that look the same have the same skeleton (UTS 39). Text that is only read, like a note, may hold any
//! visible sign.

mod look;
mod ours;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_security::{GeneralSecurityProfile, MixedScript};

pub use look::{copied, skeleton};
pub use ours::is_claim;

use super::{Text, words};
use look::is_of_a_word;
use ours::is_reserved;

words! {
    name_length(least, most) {
        "Choose a name of {least} to {most} characters."
        "Chagua jina la herufi {least} hadi {most}."
    }
    name_signs {
        "A name has letters, digits, spaces and ' - . only, and begins with a letter or a digit."
        "Jina lina herufi, tarakimu, nafasi na ' - . tu, na linaanza na herufi au tarakimu."
    }
    name_letters { "A name needs a letter." "Jina linahitaji herufi." }
    one_alphabet { "Write a name in one alphabet." "Andika jina kwa alfabeti moja." }
    no_number_in_name {
        "Do not put a phone number in your name: everybody sees it."
        "Usiweke namba ya simu kwenye jina lako: kila mtu analiona."
    }
    name_of_the_house {
        "This name could be taken for ours or for another company's. Choose another one."
        "Jina hili linaweza kudhaniwa ni letu au la kampuni nyingine. Chagua jingine."
    }
}

const NAME_LENGTH: std::ops::RangeInclusive<usize> = 2..=40;
/// A name with this many digits is taken for a phone number.
const DIGITS: usize = 7;
/// How many accents one letter may have.
const MARKS: usize = 2;

/// Reads a person's name and gives it as it will be shown, with usual signs and single spaces.
///
/// # Errors
/// What to tell the person: the name has a wrong length or wrong signs, no letter, two alphabets, a phone
/// number, or could be taken for ours or another company's.
pub fn person_name(text: &str) -> Result<String, Text> {
    let name = one_line(text);
    if !NAME_LENGTH.contains(&name.chars().count()) {
        return Err(name_length(NAME_LENGTH.start(), NAME_LENGTH.end()));
    }
    let is_sign = |character: char| {
        matches!(character, ' ' | '\'' | '-' | '.')
            || (is_of_a_word(character) && character.identifier_allowed() && !is_unseen(character))
    };
    if !name.chars().all(is_sign) || !name.starts_with(char::is_alphanumeric) || has_a_stack_of_marks(&name) {
        return Err(name_signs());
    }
    if !name.contains(char::is_alphabetic) {
        return Err(name_letters());
    }
    if !name.as_str().is_single_script() {
        return Err(one_alphabet());
    }
    if name.chars().filter(|character| character.is_numeric()).count() >= DIGITS {
        return Err(no_number_in_name());
    }
    if is_reserved(&name) {
        return Err(name_of_the_house());
    }
    Ok(name)
}

/// Reads the name of a team, a league or the like. It may have more signs than a person's name, but nothing
/// invisible, no second alphabet and no badge; `None` if it has.
pub fn thing_name(text: &str) -> Option<String> {
    let name = one_line(text);
    let is_sign = |character: char| {
        character == ' ' || character.is_ascii_graphic() || (is_of_a_word(character) && !is_unseen(character))
    };
    (name.chars().all(is_sign) && !has_a_stack_of_marks(&name) && name.as_str().is_single_script())
        .then_some(name)
}

/// Reads one line of text that is only read; each gap becomes one space. `None` if it contains something
/// invisible, or something that covers the text around it.
pub fn line(text: &str) -> Option<String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!text.chars().any(is_unseen_in_prose) && !has_a_stack_of_marks(&text)).then_some(text)
}

/// Reads text like [`line()`], but keeps its lines.
pub fn prose(text: &str) -> Option<String> {
    let text = text.replace("\r\n", "\n").trim().to_owned();
    let is_unseen = |character| character != '\n' && is_unseen_in_prose(character);
    (!text.chars().any(is_unseen) && !has_a_stack_of_marks(&text)).then_some(text)
}

/// Replaces full-width letters, ligatures and the like by the plain letters that they stand for, and brings
/// all apostrophes and hyphens to one kind.
fn one_line(text: &str) -> String {
    let plain = text.chars().map(|character| match character {
        '\u{2018}' | '\u{2019}' | '\u{02bc}' | '`' | '\u{b4}' => '\'',
        '\u{2010}' | '\u{2011}' => '-',
        other => other,
    });
    let plain: String = plain.nfkc().collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn has_a_stack_of_marks(text: &str) -> bool {
    let mut marks = 0;
    text.nfd().any(|character| {
        marks = if is_combining_mark(character) { marks + 1 } else { 0 };
        marks > MARKS
    })
}

/// Whether a character is invisible in text that is only read. The characters that join and colour emoji are
/// allowed there.
fn is_unseen_in_prose(character: char) -> bool {
    is_unseen(character) && !matches!(character, '\u{200d}' | '\u{fe0e}' | '\u{fe0f}')
}

/// Whether a character is invisible or misleading: control characters, characters that change the direction
/// of text, that take no room or look like a space, or that have no meaning for everybody. With one of them a
/// text could read differently from what it is.
fn is_unseen(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
            | '\u{e000}'..='\u{f8ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{10ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn english(result: Result<String, Text>) -> Result<String, String> {
        result.map_err(|reason| reason.as_str(crate::types::Language::English).to_owned())
    }

    #[test]
    fn names_of_people_are_taken() {
        let names = [
            "Asha Odhiambo",
            "Ng'ang'a",
            "Wanjir\u{169} G\u{129}th\u{169}ng\u{169}ri",
            "Kip 254",
            "O'Brien-Jones Jr.",
            "Élan",
            "Аня",
            "足球王",
            "محمد علي",
            "राम",
        ];
        for name in names {
            assert_eq!(english(person_name(name)), Ok(name.to_owned()));
        }
        assert_eq!(
            english(person_name("  Ng\u{2019}ang\u{2019}a   Kamau ")),
            Ok("Ng'ang'a Kamau".to_owned())
        );
        assert_eq!(
            english(person_name("\u{ff21}\u{ff53}\u{ff48}\u{ff41}")),
            Ok("Asha".to_owned()),
            "full width is the plain letter"
        );
    }

    #[test]
    fn what_is_unseen_or_a_badge_is_no_name() {
        for inside in [
            "\u{200b}",
            "\u{202e}",
            "\u{2060}",
            "\u{3164}",
            "\u{feff}",
            "\u{ad}",
            "\u{34f}",
            "\u{fe0f}",
            "\u{e000}",
            "✔",
            "✅",
            "☑",
            "🔥",
            "<",
            "\u{0}",
            "\u{301}\u{302}\u{303}",
        ] {
            assert!(person_name(&format!("Asha{inside} Odhiambo")).is_err(), "{inside:?}");
        }
        for name in [
            "1",
            "12 34",
            "'--.",
            ". Asha",
            "0712345678",
            "Kip 071234567",
            "\u{660}\u{661}",
            "Аsha",
            "Ash\u{3b1}",
        ] {
            assert!(person_name(name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn teams_have_more_signs_but_no_badges() {
        for name in [
            "Brighton & Hove Albion",
            "Bod\u{f8}/Glimt",
            "1. FC K\u{f6}ln",
            "Gor Mahia (W)",
            "AFC Leopards U-20",
        ] {
            assert_eq!(thing_name(name).as_deref(), Some(name));
        }
        for name in ["Gor\u{200b} Mahia", "Gor Mahia ✅", "G\u{43e}r Mahia", "a\u{202e}b"] {
            assert_eq!(thing_name(name), None, "{name:?}");
        }
    }

    #[test]
    fn what_is_read_shows_all_that_it_holds() {
        assert_eq!(prose("KPL ❤\u{fe0f}\r\nevery week ").as_deref(), Some("KPL ❤\u{fe0f}\nevery week"));
        assert_eq!(prose("a\u{202e}b"), None);
        assert_eq!(line(" two\nlines ").as_deref(), Some("two lines"));
        assert_eq!(line("a\u{2066}b"), None);
        let stack = "\u{336}\u{30a}\u{316}".repeat(3);
        assert_eq!(
            (prose(&format!("KPL{stack}")), line(&format!("KPL{stack}"))),
            (None, None),
            "it covers the lines around it"
        );
        assert_eq!(prose("ế 1\u{fe0f}\u{20e3} ❤\u{fe0f}").as_deref(), Some("ế 1\u{fe0f}\u{20e3} ❤\u{fe0f}"));
    }

    proptest! {
        #[test]
        fn nothing_panics_and_a_name_is_a_name_again(text in "\\PC{0,50}") {
            let _ = (skeleton(&text), prose(&text), thing_name(&text));
            if let Ok(name) = person_name(&text) {
                prop_assert_eq!(person_name(&name).ok(), Some(name.clone()));
                prop_assert!(!skeleton(&name).is_empty());
            }
        }
    }
}
