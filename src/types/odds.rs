//! Decimal odds, counted in thousandths.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// Decimal odds, kept in thousandths (2.35 is 2350) and always above 1. They have no arithmetic of their own,
/// because a product of many odds needs numbers of any size; `tips::odds` multiplies them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, sqlx::Type)]
#[sqlx(transparent)]
pub struct Odds(i64);

/// A text or number that is not between 1.001 and 1,000,000, or has more than three decimals.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("Odds are a number above 1 with at most three decimals, like 2.35.")]
pub struct NotOdds;

impl Odds {
    /// Odds from thousandths, as the database keeps them.
    ///
    /// # Errors
    /// [`NotOdds`] below 1.001 or above 1,000,000.
    pub fn from_thousandths(thousandths: i64) -> Result<Self, NotOdds> {
        if (1_001..=1_000_000_000).contains(&thousandths) { Ok(Self(thousandths)) } else { Err(NotOdds) }
    }

    /// The odds in thousandths.
    pub const fn thousandths(self) -> i64 {
        self.0
    }
}

/// Writes at least two decimals: `2.35` or `2.355`.
impl fmt::Display for Odds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 % 10 {
            0 => write!(f, "{}.{:02}", self.0 / 1000, self.0 % 1000 / 10),
            _ => write!(f, "{}.{:03}", self.0 / 1000, self.0 % 1000),
        }
    }
}

impl FromStr for Odds {
    type Err = NotOdds;
    fn from_str(text: &str) -> Result<Self, NotOdds> {
        let thousandths = Decimal::from_str(text.trim())
            .map_err(|_| NotOdds)?
            .checked_mul(Decimal::ONE_THOUSAND)
            .ok_or(NotOdds)?;
        if !thousandths.fract().is_zero() {
            return Err(NotOdds);
        }
        Self::from_thousandths(thousandths.to_i64().ok_or(NotOdds)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn read_and_shown() {
        for (text, shown) in [("2.35", "2.35"), ("2.355", "2.355"), ("12", "12.00"), ("1.5", "1.50")] {
            assert_eq!(text.parse::<Odds>().map(|odds| odds.to_string()), Ok(shown.to_owned()));
        }
        for text in ["1", "0.5", "-3", "x", "2.3555"] {
            assert_eq!(text.parse::<Odds>(), Err(NotOdds), "{text}");
        }
    }
}
