//! The two texts that a push carries. Safaricom's system behind is XML and breaks on `&` or `<`, so both hold
//! plain characters only (daraja §2).

use std::fmt;

/// The most characters of a reference (daraja §2).
const ACCOUNT_REFERENCE_MAX: usize = 12;
/// The most characters of a description (daraja §2).
const TRANSACTION_DESCRIPTION_MAX: usize = 13;

/// The account number that a payer sees in the prompt and in the M-Pesa message: 1 to 12 of `[A-Za-z0-9 -]`,
/// without a space at either end.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AccountReference(String);

/// A few words on what is paid: at most 13 of `[A-Za-z0-9 -]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransactionDescription(String);

/// The text is empty, too long, has other characters than `[A-Za-z0-9 -]`, or has a space at an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an account reference is 1 to 12 letters, digits, spaces or hyphens")]
pub struct Unsuitable;

impl AccountReference {
    /// Takes the text as it is. Nothing in it is corrected, because a reference that was changed would not be
    /// found again on a statement.
    ///
    /// # Errors
    /// [`Unsuitable`] if the text is no reference.
    pub fn new(text: &str) -> Result<Self, Unsuitable> {
        let is_fitting = (1..=ACCOUNT_REFERENCE_MAX).contains(&text.len())
            && text.trim() == text
            && text.chars().all(is_plain);
        if is_fitting { Ok(Self(text.to_owned())) } else { Err(Unsuitable) }
    }

    /// The text as it goes out.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TransactionDescription {
    /// Makes a description of any text: other characters become spaces, several spaces become one, and the
    /// end is cut off.
    pub fn new(text: &str) -> Self {
        let plain: String =
            text.chars().map(|character| if is_plain(character) { character } else { ' ' }).collect();
        let mut words = plain.split_whitespace().collect::<Vec<_>>().join(" ");
        words.truncate(TRANSACTION_DESCRIPTION_MAX);
        words.truncate(words.trim_end().len());
        Self(words)
    }

    /// The text as it goes out.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

const fn is_plain(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, ' ' | '-')
}

impl fmt::Display for AccountReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_reference_is_taken_as_it_is_or_not_at_all() {
        assert_eq!(
            AccountReference::new("LG7K2M9QX4TB").as_ref().map(AccountReference::as_str),
            Ok("LG7K2M9QX4TB")
        );
        for text in ["", "LG7K2M9QX4TBA", "a&b", "a<b", " a", "a ", "é", "a_b", "a\0"] {
            assert_eq!(AccountReference::new(text), Err(Unsuitable), "{text}");
        }
    }

    #[test]
    fn a_description_is_mended() {
        for (text, mended) in [
            ("Tip 17", "Tip 17"),
            ("Gor & Mahia <2>", "Gor Mahia 2"),
            ("Tip of the day 1", "Tip of the da"),
            ("&&", ""),
            ("a  b", "a b"),
        ] {
            assert_eq!(TransactionDescription::new(text).as_str(), mended);
        }
    }

    proptest! {
        #[test]
        fn a_description_always_fits(text in "\\PC{0,40}") {
            let description = TransactionDescription::new(&text);
            prop_assert!(description.as_str().len() <= TRANSACTION_DESCRIPTION_MAX);
            prop_assert!(description.as_str().chars().all(is_plain));
        }
    }
}
