//! Handles: a tipster's name as it stands in addresses, `/tipsters/asha-odhiambo`.

use crate::platform::random::Random;

/// How many handles are tried for a name before its transaction gives up. Those after the first five are
/// random.
pub const HANDLES_TRIED: u64 = 20;
const LENGTH: usize = 32;
const NUMBERED: u64 = 5;
const RANDOM_NUMBERS: u64 = 900_000;

/// The display name in at most 32 small Latin letters, digits and hyphens; `tipster` if nothing of it is
/// left.
pub fn slug(name: &str) -> String {
    let mut slug = slug::slugify(name);
    // `slugify` writes ASCII only, so no character is cut in two.
    slug.truncate(LENGTH);
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "tipster".to_owned() } else { slug.to_owned() }
}

/// The handle to try after `taken` others were taken: first the plain slug, then numbers from 2 to 5, then a
/// random number of six digits.
pub fn candidate(slug: &str, taken: u64, random: &Random) -> String {
    match taken {
        0 => slug.to_owned(),
        1..NUMBERED => format!("{slug}-{}", taken + 1),
        _ => format!("{slug}-{}", 100_000 + random.below(RANDOM_NUMBERS)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_is_plain() {
        let names = [
            "Asha Odhiambo",
            "  Kip  'The Tip' Cheruiyot!",
            "ÉLAN",
            "足球",
            "a\u{301}b",
            "x".repeat(40).as_str(),
        ]
        .map(slug);
        assert_eq!(
            names,
            ["asha-odhiambo", "kip-the-tip-cheruiyot", "elan", "zu-qiu", "ab", &"x".repeat(32)]
        );
    }

    #[test]
    fn a_taken_one_gets_a_number() {
        let random = Random::seeded(1);
        assert_eq!([0, 1, 4].map(|taken| candidate("asha", taken, &random)), ["asha", "asha-2", "asha-5"]);
        assert_eq!(candidate("asha", 5, &random).len(), "asha-123456".len());
    }
}
