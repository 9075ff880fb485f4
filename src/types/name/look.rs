//! What a name looks like. UTS 39 knows which signs of all alphabets look the same; what people take for each
//! other beyond it (digits for letters, two letters that run into another one) is here.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_script::{Script, UnicodeScript};
use unicode_security::skeleton as look;

/// A longer name is no other one by a stroke at its end.
const LONG: usize = 8;

pub fn is_of_a_word(character: char) -> bool {
    character.is_alphanumeric() || is_combining_mark(character)
}

/// A mark that may stand on letters of any alphabet. Others, like the vowel signs of Devanagari, are letters
/// in all but name.
pub fn is_accent(character: char) -> bool {
    is_combining_mark(character) && character.script() == Script::Inherited
}

/// Names that could be mistaken for each other have one skeleton. It leaves out case, accents and signs
/// between words, and takes `i` for `l`. Two numbers at the end of a name have two skeletons.
pub fn skeleton(name: &str) -> String {
    words(name).iter().map(|word| read(word, 'b')).collect()
}

/// The skeletons of names which this one could be meant to be taken for, though they are written differently:
/// nobody needs them who does not copy, and the other name need not be like this one.
pub fn copied(name: &str) -> Vec<String> {
    let words = words(name);
    let mut copied = vec![words.iter().map(|word| read(word, 'g')).collect::<String>()];
    let Some((last, before)) = words.split_last() else { return copied };
    let rest = last.trim_end_matches(['l', 'I', '|']);
    let start: String = before.iter().map(|word| read(word, 'b')).collect();
    // "Kip II" is Kip. So is a last letter of a long name; a short one, like Joel, is another name than Joe.
    if rest.is_empty() || name.chars().filter(|character| is_of_a_word(*character)).count() > LONG {
        copied.push(start + &read(rest, 'b'));
    }
    let own = skeleton(name);
    copied.retain(|skeleton| !skeleton.is_empty() && *skeleton != own);
    copied
}

/// The same, as people spell by ear: `c` is `k`, `ph` is `f`, and a letter twice is that letter.
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

/// Whether one letter put in, left out or changed makes one word of the other.
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

/// One word as it may be read, `six` being the letter for which a 6 stands.
fn read(word: &str, six: char) -> String {
    // UTS 39 takes a large I for an l, which it looks like, and so would another case be another name.
    let plain = word.replace('I', "i");
    // A number at the end keeps an 8, or 6 and 8 were one.
    let number = plain.rfind(char::is_alphabetic).unwrap_or(0);
    let plain = plain[..number].replace('8', "b") + &plain[number..];
    // Some letters look like another one only when they are large, some only when they are small.
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
