//! Account references as people type them: with spaces, hyphens, small letters, or a word before them
//! (MONEY §6). They are compared as letters and digits in capitals, and nothing is guessed.

/// Without letters and digits that look alike: people read the reference from an SMS.
pub(super) const ALPHABET: &[u8] = b"ABCDEFGHJKMNPQRSTUVWXYZ23456789";
/// How many a reference of ours has: the most that a push may name.
pub(super) const LENGTH: usize = 12;
/// What payers write before it, the longer of two that begin alike first.
const PREFIXES: [&str; 4] = ["ACCOUNT", "ACC", "AC", "NO"];
/// What our alphabet lacks, so that whoever types one of them has misread another letter.
const LOOK_ALIKES: [char; 5] = ['0', '1', 'I', 'L', 'O'];

/// The letters and digits of what was typed, in capitals. Letters of other alphabets stay as they are, so
/// that they match nothing of ours.
pub fn letters_and_digits(typed: &str) -> String {
    typed.chars().filter(|typed| typed.is_alphanumeric()).map(|typed| typed.to_ascii_uppercase()).collect()
}

/// What is left without the words before it, if that has the length of a reference: what to look for when
/// nothing is found under [`letters_and_digits`] as they are.
pub fn without_prefix(letters: &str) -> Option<&str> {
    let (before, rest) = letters.char_indices().rev().nth(LENGTH - 1).map(|(at, _)| letters.split_at(at))?;
    is_all_prefixes(before).then_some(rest)
}

/// Whether what was typed is nearly this reference of ours: one character is wrong, missing or too many, two
/// neighbours are swapped, or every difference is a 0, 1, I, L or O for another letter. The reference itself
/// is not nearly itself. Near is not the same: a person decides.
pub fn is_near(typed: &str, reference: &str) -> bool {
    let letters = letters_and_digits(typed);
    if letters == reference || without_prefix(&letters) == Some(reference) {
        return false;
    }
    let reference: Vec<char> = reference.chars().collect();
    let readings = PREFIXES.iter().filter_map(|prefix| letters.strip_prefix(prefix)).chain([&*letters]);
    readings
        .map(|reading| reading.chars().collect::<Vec<_>>())
        .any(|typed| is_misread(&typed, &reference) || is_one_slip(&typed, &reference))
}

fn is_all_prefixes(before: &str) -> bool {
    let rest = PREFIXES.iter().filter_map(|prefix| before.strip_prefix(prefix));
    rest.into_iter().any(|rest| rest.is_empty() || is_all_prefixes(rest))
}

/// Whether they differ only where the typed one has what our alphabet lacks.
fn is_misread(typed: &[char], reference: &[char]) -> bool {
    typed.len() == reference.len()
        && typed.iter().zip(reference).all(|(typed, ours)| typed == ours || LOOK_ALIKES.contains(typed))
}

/// Whether one slip makes one of them the other: a character that is wrong, missing or too many, or two
/// neighbours that are swapped.
fn is_one_slip(typed: &[char], reference: &[char]) -> bool {
    let same = typed.iter().zip(reference).take_while(|(typed, ours)| typed == ours).count();
    let (typed, ours) = (&typed[same..], &reference[same..]);
    match (typed, ours) {
        ([a, b, typed @ ..], [c, d, ours @ ..]) if a == d && b == c && typed == ours => true,
        ([_, typed @ ..], [_, ours @ ..]) if typed == ours => true,
        ([_, rest @ ..], _) if rest == ours => true,
        (_, [_, rest @ ..]) => rest == typed,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = "N6F824YE3F9N";

    fn found(typed: &str) -> Option<String> {
        let letters = letters_and_digits(typed);
        if letters == OURS { Some(letters) } else { without_prefix(&letters).map(str::to_owned) }
    }

    #[test]
    fn references_are_read_as_people_type_them() {
        for typed in [
            OURS,
            "N6F8 24YE 3F9N",
            "n6f824-ye3f9n",
            " N6F824YE3F9N. ",
            "#N6F824YE3F9N",
            "ACC N6F8 24YE 3F9N",
            "acc.n6f824ye3f9n",
            "A/C N6F824YE3F9N",
            "Account: N6F824YE3F9N",
            "No. N6F824YE3F9N",
            "A/C No. N6F824YE3F9N",
        ] {
            assert_eq!(found(typed).as_deref(), Some(OURS), "{typed}");
        }
    }

    #[test]
    fn a_prefix_goes_only_if_a_whole_reference_is_left() {
        assert_eq!(without_prefix("ACCN6F824YE3F"), None, "AC is no whole prefix here, and ACC leaves ten");
        assert_eq!(
            without_prefix("ACCD824YE3F9N3"),
            Some("CD824YE3F9N3"),
            "AC leaves twelve, and ACC does not"
        );
        assert_eq!(without_prefix(OURS), None, "nothing stands before it");
        assert_eq!(without_prefix("ACN6F824YE3F9"), None, "it begins like one, and eleven would be left");
        for typed in ["", "ACC", "NO", "XYZN6F824YE3F9N", "N6F824YE3F9NACC", "ÉN6F824YE3F9N", "ACCÉ"] {
            assert_eq!(found(typed), None, "{typed}");
        }
    }

    #[test]
    fn nothing_is_folded() {
        for typed in ["ſ6F824YE3F9N", "Ñ6F824YE3F9N", "N6F824YE3F9Ｎ"] {
            assert_ne!(letters_and_digits(typed), OURS, "{typed}");
        }
        assert_eq!(letters_and_digits("0o1iIlL"), "0O1IILL");
    }

    #[test]
    fn one_slip_is_near() {
        for typed in [
            "N6F824YE3F9M",       // wrong at the end
            "M6F824YE3F9N",       // and at the beginning
            "N6F824YE3F9",        // missing
            "6F824YE3F9N",        //
            "N6F8244YE3F9N",      // too many
            "N6F824YE3F9NN",      //
            "6NF824YE3F9N",       // swapped
            "N6F8 24YE 3FN9",     //
            "acc n6f8-24ye-3f9m", // all of these after a word
            "N6F824YEOF9N",       // misread
            "NLF82I01OF9N",       // all of it
        ] {
            assert!(is_near(typed, OURS), "{typed}");
        }
    }

    #[test]
    fn two_slips_are_not_near_and_the_same_is_not_nearly_the_same() {
        for typed in [
            OURS,
            "n6f8 24ye 3f9n",
            "ACC N6F824YE3F9N",
            "",
            "N6F824YE3F",
            "N6F824YE3FMM",
            "M6F824YE3F9M",
            "6NF824YE3FN9",
            "N6F824YE3F9NXX",
            "N6F82Y4E3FN9",
            "N6F8O4YE3F9M",
        ] {
            assert!(!is_near(typed, OURS), "{typed}");
        }
    }
}
