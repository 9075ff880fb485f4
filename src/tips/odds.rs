//! The arithmetic of tips, exact for any number of matches: total odds, and what a tip won or lost.

use num_bigint::BigUint;

use super::{Match, TipOutcome};
use crate::types::{Odds, TipResult};

const THOUSAND: u32 = 1_000;
/// How far the total on a betslip may be from the product of its matches' odds, because bookmakers round.
const TOLERANCE_PERCENT: u32 = 1;
/// What a lost tip costs at a stake of one, in thousandths.
const LOST_UNITS: i64 = -1_000;

/// A product of odds, as `thousandths` divided by a power of a thousand.
struct Product {
    thousandths: BigUint,
    scale: BigUint,
}

impl Product {
    fn of(odds: impl Iterator<Item = Odds>) -> Self {
        let (mut thousandths, mut scale) = (BigUint::from(THOUSAND), BigUint::from(1_u32));
        for leg in odds {
            thousandths *= leg.thousandths().unsigned_abs();
            scale *= THOUSAND;
        }
        Self { thousandths, scale }
    }

    /// Rounded down to the thousandth; `None` if it does not fit.
    fn rounded_down(&self) -> Option<i64> {
        i64::try_from(&self.thousandths / &self.scale).ok()
    }
}

/// The product of the matches' odds, rounded down to the hundredth as bookmakers show it. `None` if it is
/// beyond what [`Odds`] can hold, or if there are no matches.
pub fn total_odds(matches: &[Match]) -> Option<Odds> {
    let product = Product::of(matches.iter().map(|leg| leg.odds)).rounded_down()?;
    Odds::from_thousandths(product / 10 * 10).ok()
}

/// Whether a total is the product of the matches' odds, within 1 %.
pub fn is_total_of(total: Odds, matches: &[Match]) -> bool {
    let Product { thousandths, scale } = Product::of(matches.iter().map(|leg| leg.odds));
    let total = BigUint::from(total.thousandths().unsigned_abs()) * scale;
    let apart = if total > thousandths { &total - &thousandths } else { &thousandths - &total };
    apart * 100_u32 <= thousandths * TOLERANCE_PERCENT
}

/// What the matches make of their tip; nothing else decides it. One lost match loses the tip, whatever the
/// others are. Otherwise all must be settled, and void ones count as odds of one. `None` while the tip is
/// open.
pub fn outcome(legs: &[(Odds, Option<TipResult>)]) -> Option<TipOutcome> {
    if legs.iter().any(|(_, result)| *result == Some(TipResult::Lost)) {
        return Some(TipOutcome { result: TipResult::Lost, units_thousandths: LOST_UNITS });
    }
    if legs.is_empty() || legs.iter().any(|(_, result)| result.is_none()) {
        return None;
    }
    if legs.iter().all(|(_, result)| *result == Some(TipResult::Void)) {
        return Some(TipOutcome { result: TipResult::Void, units_thousandths: 0 });
    }
    let won = legs.iter().filter(|(_, result)| *result == Some(TipResult::Won)).map(|(odds, _)| *odds);
    // Such odds are beyond any real betslip. They are cut off so that a record cannot wrap around.
    let product = Product::of(won).rounded_down().unwrap_or(i64::MAX);
    Some(TipOutcome { result: TipResult::Won, units_thousandths: product - i64::from(THOUSAND) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use proptest::prelude::*;

    fn odds(thousandths: i64) -> Odds {
        Odds::from_thousandths(thousandths).expect("odds")
    }

    fn leg(thousandths: i64) -> Match {
        let [home_team, away_team, league, market, selection] = ["H", "A", "L", "M", "S"].map(str::to_owned);
        Match {
            home_team,
            away_team,
            league,
            kick_off_at: DateTime::UNIX_EPOCH,
            market,
            selection,
            odds: odds(thousandths),
        }
    }

    fn legs(all: &[i64]) -> Vec<Match> {
        all.iter().map(|odds| leg(*odds)).collect()
    }

    #[test]
    fn totals_as_bookmakers_write_them() {
        assert_eq!(total_odds(&legs(&[1_720, 3_250, 1_550])), Some(odds(8_660)));
        assert_eq!(
            total_odds(&legs(&[1_001; 200])),
            Some(odds(1_220)),
            "many small odds lose nothing on the way"
        );
        assert_eq!(total_odds(&legs(&[1_000_000_000; 5])), None);
        assert!(is_total_of(odds(8_660), &legs(&[1_720, 3_250, 1_550])));
        assert!(
            is_total_of(odds(8_578), &legs(&[1_720, 3_250, 1_550]))
                && !is_total_of(odds(8_577), &legs(&[1_720, 3_250, 1_550]))
        );
        assert!(
            is_total_of(odds(8_751), &legs(&[1_720, 3_250, 1_550]))
                && !is_total_of(odds(8_752), &legs(&[1_720, 3_250, 1_550]))
        );
    }

    #[test]
    fn legs_make_the_tip() {
        use TipResult::{Lost, Void, Won};
        let of = |legs: &[(i64, Option<TipResult>)]| {
            let legs: Vec<_> = legs.iter().map(|(leg, result)| (odds(*leg), *result)).collect();
            outcome(&legs).map(|outcome| (outcome.result, outcome.units_thousandths))
        };
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[(1_500, Some(Won)), (2_000, None)]), None, "one is open");
        assert_eq!(of(&[(1_500, None), (2_000, Some(Lost))]), Some((Lost, -1_000)), "one lost is enough");
        assert_eq!(of(&[(1_500, Some(Won)), (2_000, Some(Won))]), Some((Won, 2_000)));
        assert_eq!(of(&[(1_500, Some(Won)), (2_000, Some(Void))]), Some((Won, 500)));
        assert_eq!(of(&[(1_500, Some(Void)), (2_000, Some(Void))]), Some((Void, 0)));
        assert_eq!(of(&[(1_500, Some(Void)), (2_000, Some(Lost))]), Some((Lost, -1_000)));
        assert_eq!(of(&[(1_111, Some(Won)), (1_111, Some(Won))]), Some((Won, 234)), "rounded down");
        assert_eq!(of(&[(1_000_000_000, Some(Won)); 9]), Some((Won, i64::MAX - 1_000)));
    }

    fn any_result() -> impl Strategy<Value = Option<TipResult>> {
        prop_oneof![
            Just(None),
            Just(Some(TipResult::Won)),
            Just(Some(TipResult::Lost)),
            Just(Some(TipResult::Void))
        ]
    }

    proptest! {
        #[test]
        fn a_total_agrees_with_its_own_legs(all in prop::collection::vec(1_001_i64..5_000, 1..12)) {
            if let Some(total) = total_odds(&legs(&all)) {
                prop_assert!(is_total_of(total, &legs(&all)));
                let twice = Odds::from_thousandths(total.thousandths() * 2);
                prop_assert!(twice.is_err() || !is_total_of(twice.expect("odds"), &legs(&all)));
            }
        }

        #[test]
        fn the_order_of_legs_does_not_matter(mut legs in prop::collection::vec((1_001_i64..9_000, any_result()), 0..9)) {
            let of = |legs: &[(i64, Option<TipResult>)]| outcome(&legs.iter().map(|(leg, result)| (odds(*leg), *result)).collect::<Vec<_>>());
            let before = of(&legs);
            legs.reverse();
            prop_assert_eq!(before, of(&legs));
        }

        #[test]
        fn units_say_what_the_result_says(legs in prop::collection::vec((1_001_i64..9_000, any_result()), 1..9)) {
            let legs: Vec<_> = legs.into_iter().map(|(leg, result)| (odds(leg), result)).collect();
            let units = outcome(&legs).map(|outcome| (outcome.result, outcome.units_thousandths));
            let agrees = match units {
                None => legs.iter().any(|(_, result)| result.is_none()),
                Some((TipResult::Lost, units)) => units == -1_000,
                Some((TipResult::Void, units)) => units == 0,
                Some((TipResult::Won, units)) => units > 0,
            };
            prop_assert!(agrees);
        }
    }
}
