//! Kenyan shillings, counted in whole cents.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// An amount of Kenyan shillings, kept as a whole number of cents (1 KES is 100 cents). An entry of the
/// ledger may be negative.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, sqlx::Type)]
#[sqlx(transparent)]
pub struct Kes(i64);

/// A text or number that is no amount of shillings, or has more than two decimals.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not an amount of shillings with at most two decimals")]
pub struct NotKes;

impl Kes {
    /// Nothing; also the default.
    pub const ZERO: Self = Self(0);

    /// An amount of this many cents.
    pub const fn from_cents(cents: i64) -> Self {
        Self(cents)
    }

    /// An amount of whole shillings. `None` if the number of cents does not fit.
    pub fn from_shillings(shillings: i64) -> Option<Self> {
        shillings.checked_mul(100).map(Self)
    }

    /// The amount in cents, as the database keeps it.
    pub const fn cents(self) -> i64 {
        self.0
    }

    /// The whole shillings; `None` if cents are left over. M-Pesa moves whole shillings only.
    pub fn whole_shillings(self) -> Option<i64> {
        (self.0 % 100 == 0).then_some(self.0 / 100)
    }

    /// The part of this amount given in basis points (1/100 of a percent, at most all of it). It is rounded
    /// down to the cent (MONEY §4).
    pub fn share(self, basis_points: i64) -> Self {
        let share = i128::from(self.0) * i128::from(basis_points) / 10_000;
        Self(i64::try_from(share).expect(DOES_NOT_FIT))
    }

    /// The sum, or `None` if it does not fit. This is for amounts from outside; amounts of our own books use
    /// `+`.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// `"100.00"`: the form of amounts in our JSON, in the API and in sealed texts.
    pub fn to_decimal_string(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        let cents = self.0.unsigned_abs();
        format!("{sign}{}.{:02}", cents / 100, cents % 100)
    }
}

/// The operators panic where the result does not fit, in every build. That ends the request, because money
/// must never wrap around, and an amount cut off at the largest number would be wrong too.
const DOES_NOT_FIT: &str = "an amount of shillings does not fit";

impl std::ops::Add for Kes {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        self.checked_add(other).expect(DOES_NOT_FIT)
    }
}

impl std::ops::Sub for Kes {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.checked_sub(other.0).expect(DOES_NOT_FIT))
    }
}

impl std::ops::Neg for Kes {
    type Output = Self;
    fn neg(self) -> Self {
        Self(self.0.checked_neg().expect(DOES_NOT_FIT))
    }
}

impl std::iter::Sum for Kes {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, |sum, amount| sum + amount)
    }
}

/// Writes `KES 1,250` or, with cents, `KES 29.40`.
impl fmt::Display for Kes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = (self.0.unsigned_abs() / 100).to_string();
        let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        let sign = if self.0 < 0 { "-" } else { "" };
        match self.0.unsigned_abs() % 100 {
            0 => write!(f, "{sign}KES {grouped}"),
            cents => write!(f, "{sign}KES {grouped}.{cents:02}"),
        }
    }
}

/// Reads `100`, `100.5` or `100.00`, without going through a float.
impl FromStr for Kes {
    type Err = NotKes;
    fn from_str(text: &str) -> Result<Self, NotKes> {
        Decimal::from_str(text.trim()).map_err(|_| NotKes)?.try_into()
    }
}

impl TryFrom<Decimal> for Kes {
    type Error = NotKes;
    fn try_from(shillings: Decimal) -> Result<Self, NotKes> {
        let cents = shillings.checked_mul(Decimal::ONE_HUNDRED).ok_or(NotKes)?;
        if !cents.fract().is_zero() {
            return Err(NotKes);
        }
        cents.to_i64().map(Self).ok_or(NotKes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn shown_as_people_write_it() {
        assert_eq!(Kes::from_cents(125_000).to_string(), "KES 1,250");
        assert_eq!(Kes::from_cents(2_940).to_string(), "KES 29.40");
        assert_eq!(Kes::from_cents(100_000_000).to_string(), "KES 1,000,000");
        assert_eq!(Kes::from_cents(-6_000).to_string(), "-KES 60");
        assert_eq!(Kes::from_cents(10_000).to_decimal_string(), "100.00");
    }

    #[test]
    fn read_exactly() {
        assert_eq!("100".parse(), Ok(Kes::from_cents(10_000)));
        assert_eq!("1.00".parse(), Ok(Kes::from_cents(100)));
        assert_eq!("0.001".parse::<Kes>(), Err(NotKes));
        assert_eq!("ten".parse::<Kes>(), Err(NotKes));
        assert_eq!("99999999999999999999".parse::<Kes>(), Err(NotKes));
    }

    #[test]
    fn money_never_wraps_around() {
        let (least, most, cent) = (Kes::from_cents(i64::MIN), Kes::from_cents(i64::MAX), Kes::from_cents(1));
        assert_eq!(most.checked_add(cent), None);
        assert_eq!(cent.checked_add(cent), Some(Kes::from_cents(2)));
        let wrong: [fn(Kes, Kes, Kes) -> Kes; 5] = [
            |_, most, cent| most + cent,
            |least, _, cent| least - cent,
            |least, _, _| -least,
            |_, most, cent| [most, cent].into_iter().sum(),
            |_, most, _| most.share(20_000),
        ];
        for (number, operation) in wrong.into_iter().enumerate() {
            assert!(std::panic::catch_unwind(|| operation(least, most, cent)).is_err(), "{number}");
        }
        assert_eq!(most.share(10_000), most);
    }

    proptest! {
        #[test]
        fn a_share_and_its_rest_make_the_price(cents in 0_i64..100_000_000, basis_points in 0_i64..=10_000) {
            let price = Kes::from_cents(cents);
            let share = price.share(basis_points);
            prop_assert!(share >= Kes::ZERO && share <= price);
            prop_assert_eq!(share + (price - share), price);
        }

        #[test]
        fn what_is_written_is_read_back(cents in -100_000_000_i64..100_000_000) {
            let amount = Kes::from_cents(cents);
            prop_assert_eq!(amount.to_decimal_string().parse(), Ok(amount));
        }
    }
}
