//! Kenyan mobile numbers, in the one form that Safaricom uses.

use std::fmt;
use std::str::FromStr;

use super::text::{Text, words};

words! {
    not_msisdn {
        "That is not a Kenyan mobile number. Write it like 0712 345 678."
        "Hiyo si namba ya simu ya Kenya. Iandike hivi: 0712 345 678."
    }
}

/// A mobile number as 12 digits, `254[17]XXXXXXXX` (daraja §8). Every usual spelling is read into this form.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, sqlx::Type, serde::Serialize, serde::Deserialize)]
#[sqlx(transparent)]
#[serde(transparent)]
pub struct Msisdn(String);

/// A text that is no Kenyan mobile number.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("That is not a Kenyan mobile number. Write it like 0712 345 678.")]
pub struct NotMsisdn;

impl From<NotMsisdn> for Text {
    fn from(_: NotMsisdn) -> Self {
        not_msisdn()
    }
}

impl Msisdn {
    /// The 12 digits, as they are stored and sent to Safaricom.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `0712 345 678`, to show to the number's owner.
    pub fn local(&self) -> String {
        format!("0{} {} {}", &self.0[3..6], &self.0[6..9], &self.0[9..])
    }

    /// `0712•••678`, for screens that others may see, and for logs.
    pub fn masked(&self) -> String {
        format!("0{}•••{}", &self.0[3..6], &self.0[9..])
    }
}

impl FromStr for Msisdn {
    type Err = NotMsisdn;

    fn from_str(text: &str) -> Result<Self, NotMsisdn> {
        let mut digits = String::with_capacity(14);
        for (at, character) in text.trim().chars().enumerate() {
            match character {
                '0'..='9' => digits.push(character),
                '+' if at == 0 => {}
                ' ' | '-' | '(' | ')' | '.' | '\u{a0}' => {}
                _ => return Err(NotMsisdn),
            }
            if digits.len() > 14 {
                return Err(NotMsisdn);
            }
        }
        let national = match digits.len() {
            14 => digits.strip_prefix("00254"),
            12 => digits.strip_prefix("254"),
            10 => digits.strip_prefix('0'),
            9 => Some(digits.as_str()),
            _ => None,
        }
        .filter(|national| national.starts_with(['1', '7']))
        .ok_or(NotMsisdn)?;
        Ok(Self(format!("254{national}")))
    }
}

impl fmt::Display for Msisdn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Masked, so that no number gets into a log through `{:?}`.
impl fmt::Debug for Msisdn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Msisdn({})", self.masked())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_usual_spelling_is_one_number() {
        for text in [
            "0712345678",
            "712345678",
            "254712345678",
            "+254712345678",
            "00254712345678",
            " 0712 345-678 ",
            "(0712) 345 678",
        ] {
            assert_eq!(
                text.parse::<Msisdn>().map(|number| number.to_string()),
                Ok("254712345678".to_owned()),
                "{text}"
            );
        }
        assert!("0110123456".parse::<Msisdn>().is_ok());
    }

    #[test]
    fn others_are_refused() {
        for text in [
            "",
            "0812345678",
            "254012345678",
            "07123456789",
            "071234567",
            "0712a45678",
            "٠٧١٢٣٤٥٦٧٨",
            "07+12345678",
            "25471234567899",
        ] {
            assert_eq!(text.parse::<Msisdn>(), Err(NotMsisdn), "{text}");
        }
    }

    #[test]
    fn masked_hides_the_middle() {
        let number: Msisdn = "0712345678".parse().expect("a number");
        assert_eq!(number.masked(), "0712•••678");
        assert_eq!(format!("{number:?}"), "Msisdn(0712•••678)");
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "\\PC{0,24}") {
            if let Ok(number) = text.parse::<Msisdn>() {
                prop_assert_eq!(number.as_str().len(), 12);
                prop_assert_eq!(number.local().parse(), Ok(number));
            }
        }
    }
}
