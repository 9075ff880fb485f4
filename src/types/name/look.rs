//! What a name looks like. UTS 39 knows which signs of all alphabets look the same. This file adds what
//! people also confuse: digits for letters, and two letters that run into one.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_script::{Script, UnicodeScript};
use unicode_security::skeleton as look;

/// A name longer than this does not become another name through one stroke at its end.
const LONG: usize = 8;

/// Whether a character is part of a word: a letter, a digit, or a mark on one.
pub fn is_of_a_word(character: char) -> bool {
    character.is_alphanumeric() || is_combining_mark(character)
}

/// Whether a mark may stand on letters of any alphabet. Other marks, like the vowel signs of Devanagari, are
/// letters in all but name.
pub fn is_accent(character: char) -> bool {
    is_combining_mark(character) && character.script() == Script::Inherited
}

/// The form that names share if they could be mistaken for each other. It leaves out case, accents and the
/// signs between words, and takes `i` for `l`. Names that end with different numbers have different
/// skeletons.
pub fn skeleton(name: &str) -> String {
    words(name).iter().map(|word| read(word, 'b')).collect()
}

/// The skeletons of other names that this name could be meant to copy, though it is written differently. Only
/// somebody who copies needs such a name, so it is refused only if the other name exists. The reverse does
/// not hold: the other name is not taken for a copy of this one.
pub fn copied(name: &str) -> Vec<String> {
    let words = words(name);
    let mut copied = vec![words.iter().map(|word| read(word, 'g')).collect::<String>()];
    let Some((last, before)) = words.split_last() else { return copied };
    let rest = last.trim_end_matches(['l', 'I', '|']);
    let start: String = before.iter().map(|word| read(word, 'b')).collect();
    // "Kip II" is taken for Kip. So is a long name with one more letter at its end. A short name like Joel is
    // another name than Joe.
    if rest.is_empty() || name.chars().filter(|character| is_of_a_word(*character)).count() > LONG {
        copied.push(start + &read(rest, 'b'));
    }
    let own = skeleton(name);
    copied.retain(|skeleton| !skeleton.is_empty() && *skeleton != own);
    copied
}

/// A skeleton as people spell by ear: `c` is `k`, `z` is `s`, `ph` is `f`, and a doubled letter is a single
/// one.
pub fn sound(skeleton: &str) -> String {
    let mut sound: Vec<char> = skeleton
        .replace("ph", "f")
        .chars()
        .map(|letter| match letter {
            'c' => 'k',
            'z' => 's',
            other => other,
        })
        .collect();
    sound.dedup();
    sound.into_iter().collect()
}

/// Whether the two words differ by exactly one letter that was inserted, left out or changed.
pub fn is_one_off(one: &str, other: &str) -> bool {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let same = one.iter().zip(&other).take_while(|(one, other)| one == other).count();
    let (one, other) = (&one[same..], &other[same..]);
    let without_first = |word: &[char]| word.get(1..).map(<[char]>::to_vec);
    let (shorter, shorter_other) = (without_first(one), without_first(other));
    shorter.as_deref() == Some(other)
        || shorter_other.as_deref() == Some(one)
        || (shorter.is_some() && shorter == shorter_other)
}

/// The words of a name as they are written, without accents.
pub fn words(name: &str) -> Vec<String> {
    let plain: String = name.nfkd().filter(|character| !is_accent(*character)).collect();
    plain
        .split(|character| !is_of_a_word(character))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// One word as it may be read; `six` is the letter that a 6 stands for.
fn read(word: &str, six: char) -> String {
    // UTS 39 takes a capital I for an l, which it looks like. Then the same name in another case would be
    // another name.
    let plain = word.replace('I', "i");
    // A number at the end keeps its 8. Otherwise 6 and 8 would be the same number.
    let number = plain.rfind(char::is_alphabetic).unwrap_or(0);
    let plain = plain[..number].replace('8', "b") + &plain[number..];
    // Some letters look like another one only as capitals, others only as small letters.
    let small: String = look(&plain).collect::<String>().to_lowercase();
    let seen =
        look(&small).flat_map(char::to_lowercase).filter(|sign| is_of_a_word(*sign) && !is_accent(*sign));
    let mut letters = String::new();
    for sign in seen {
        match sign {
            'd' => letters.push_str("cl"),
            'w' => letters.push_str("vv"),
            sign => letters.push(match sign {
                '0' => 'o',
                '1' | 'i' => 'l',
                '2' => 'z',
                '3' => 'e',
                '4' => 'a',
                '5' => 's',
                '6' => six,
                '7' => 't',
                '9' | 'q' => 'g',
                other => other,
            }),
        }
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_the_same_has_one_skeleton() {
        let own = skeleton("Asha Odhiambo");
        for same in [
            "ASHA ODHIAMBO",
            "asha-odhiambo",
            "AshaOdhiambo",
            "Ásha Odhiambo",
            "Asha 0dhiambo",
            "Asha Odhlambo",
            "Asha Odh1ambo",
            "Asha Odhiarnbo",
            "A.sha Odhiambo",
            "A5ha Odhiambo",
            "4sh4 Odhiamb0",
            "Asha Odhiam6o",
            "Asha Odhiam8o",
            "Asha Odhiam60",
            "Asha Oclhiambo",
            "ASHA OCLHIAMBO",
        ] {
            assert_eq!(skeleton(same), own, "{same}");
        }
        for (one, other) in [
            ("Wanjiru", "Vvanjiru"),
            ("Wanjiru", "W4njlru"),
            ("Lucia", "LUCIA"),
            ("Barclay", "BARCLAY"),
            ("Njuguna", "Njuquna"),
            ("Kip", "KIP"),
        ] {
            assert_eq!(skeleton(one), skeleton(other));
        }
        assert_eq!(skeleton("сосо"), skeleton("coco"), "Cyrillic all through");
        assert_eq!(skeleton("ВАКА"), skeleton("baka"), "large Cyrillic letters");
        assert_ne!(skeleton("Asha Otieno"), own);
        assert_ne!(skeleton("Person 1"), skeleton("Person 2"));
        let numbers: std::collections::BTreeSet<String> =
            (0..300).map(|number| skeleton(&format!("Kip {number}"))).collect();
        assert_eq!(numbers.len(), 300, "numbers make names differ");
        for (one, other) in [
            ("Kip 254", "Kip 255"),
            ("Kip6", "Kip8"),
            ("Joel", "Joe"),
            ("Juma Omari", "Juma Omar"),
            ("Mohamed", "Mohammed"),
        ] {
            assert_ne!(skeleton(one), skeleton(other));
        }
        assert_ne!(skeleton("राम"), skeleton("रम"), "vowel signs are letters");
    }

    #[test]
    fn a_copy_is_another_name_with_something_behind_it() {
        let own = skeleton("Asha Odhiambo");
        for copy in [
            "Asha Odhiambo II",
            "Asha Odhiambo l",
            "Asha Odhiambo-I",
            "Asha Odhiambol",
            "Asha OdhiamboII",
            "Asha Odhiambolll",
        ] {
            assert!(copied(copy).contains(&own), "{copy}");
        }
        assert!(copied("N6an6a").contains(&skeleton("Nganga")));
        assert!(copied("Joel").is_empty() && copied("Carol").is_empty() && copied("Kip Paul").is_empty());
        assert!(!copied("Juma Omari").contains(&skeleton("Juma Omar")));
        assert!(copied("Asha Odhiambo 2").is_empty() && copied("Kip 1").is_empty());
    }

    #[test]
    fn one_letter_is_one_letter() {
        for (one, other) in [("kip", "kp"), ("kip", "kipp"), ("kip", "kap"), ("kip", "ip"), ("k", "")] {
            assert!(is_one_off(one, other) && is_one_off(other, one), "{one} {other}");
        }
        for (one, other) in [("kip", "kip"), ("kip", "kapp"), ("kip", "k"), ("kip", "pik"), ("", "")] {
            assert!(!is_one_off(one, other), "{one} {other}");
        }
    }
}
