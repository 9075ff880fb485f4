//! The chart of units won over time. The server draws it as a line that tells the same as the list below it,
//! and describes it in words for people who cannot see it.

use chrono::{DateTime, Utc};
use leptos::prelude::*;

use super::{tip_count, units};
use crate::platform::clock::day;
use crate::tips::record::SettledTip;
use crate::types::words;

words! {
    told(tips, from, until, last, highest, lowest) {
        "Units over {tips}, {from} to {until}: {last} at the end, {highest} at the highest, {lowest} at the \
         lowest."
        "Units za {tips}, {from} hadi {until}: {last} mwishoni, {highest} juu kabisa, {lowest} chini kabisa."
    }
    highest_lowest(highest, lowest) { "Highest {highest}, lowest {lowest}" "Juu {highest}, chini {lowest}" }
}

const WIDTH: i64 = 600;
const HEIGHT: i64 = 180;
const MARGIN: i64 = 6;
/// The most points that are drawn, because no phone can show more.
const POINTS: usize = 200;

/// A moment, and the units won up to it, in thousandths.
type ChartPoint = (DateTime<Utc>, i64);

/// The sum of units after each settled tip. `tips` must be newest first; without any nothing is drawn.
pub fn units_chart(tips: &[SettledTip]) -> AnyView {
    let sums = sums(tips);
    let (Some(&(from, _)), Some(&(until, last))) = (sums.first(), sums.last()) else { return ().into_any() };
    let (lowest, highest) = sums
        .iter()
        .fold((0, 0), |(low, high), (_, sum)| (sum.min(&low).to_owned(), sum.max(&high).to_owned()));
    let tip_count = tip_count(i64::try_from(tips.len()).unwrap_or(i64::MAX));
    let told = told(tip_count, day(from), day(until), units(last), units(highest), units(lowest));
    let line = line(&thin(&sums), lowest, highest);
    let zero = height(0, lowest, highest);
    view! {
        <figure class="chart">
            <svg
                viewBox=format!("0 0 {WIDTH} {HEIGHT}")
                preserveAspectRatio="none"
                role="img"
                aria-label=told
            >
                <line class="zero" x1="0" x2=WIDTH y1=zero y2=zero/>
                <polyline class=if last < 0 { "down" } else { "up" } points=line/>
            </svg>
            <figcaption class="row tiny">
                <span>{day(from)}</span>
                <span>{highest_lowest(units(highest), units(lowest))}</span>
                <span>{day(until)}</span>
            </figcaption>
        </figure>
    }
    .into_any()
}

/// The sums, beginning with zero at the moment of the first tip.
fn sums(tips: &[SettledTip]) -> Vec<ChartPoint> {
    let start = tips.last().map(|tip| (tip.settled_at, 0));
    let after = tips.iter().rev().scan(0_i64, |sum, tip| {
        *sum = sum.saturating_add(tip.units);
        Some((tip.settled_at, *sum))
    });
    start.into_iter().chain(after).collect()
}

/// At most `POINTS` of the sums, evenly chosen, and the last one.
fn thin(sums: &[ChartPoint]) -> Vec<ChartPoint> {
    let step = sums.len().div_ceil(POINTS).max(1);
    let skipped = sums.len().saturating_sub(1) % step;
    // The points are counted from the end, so that the line ends where the record does.
    sums.iter().copied().skip(skipped).step_by(step).collect()
}

fn line(points: &[ChartPoint], lowest: i64, highest: i64) -> String {
    let (Some((from, _)), Some((until, _))) = (points.first(), points.last()) else { return String::new() };
    let span = (*until - *from).num_seconds();
    let count = i64::try_from(points.len()).unwrap_or(i64::MAX);
    let place = |(number, (at, sum)): (i64, &ChartPoint)| {
        // If all tips were settled at one moment, they are spread evenly.
        let x = if span > 0 {
            (*at - *from).num_seconds() * WIDTH / span
        } else {
            number * WIDTH / (count - 1).max(1)
        };
        format!("{x},{}", height(*sum, lowest, highest))
    };
    (0_i64..).zip(points).map(place).collect::<Vec<_>>().join(" ")
}

/// How far below the top edge a sum is drawn.
fn height(sum: i64, lowest: i64, highest: i64) -> i64 {
    let (range, room) = (i128::from(highest) - i128::from(lowest), i128::from(HEIGHT - 2 * MARGIN));
    let from_top = (i128::from(highest) - i128::from(sum)) * room / range.max(1);
    MARGIN + i64::try_from(from_top).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::TipResult;
    use crate::types::{Odds, TipId};

    fn tip(second: i64, units: i64) -> SettledTip {
        SettledTip {
            number: TipId(second),
            settled_at: DateTime::from_timestamp(second, 0).expect("a time"),
            result: if units > 0 { TipResult::Won } else { TipResult::Lost },
            units,
            odds: Odds::from_thousandths(2_000).expect("odds"),
            match_count: 1,
        }
    }

    #[test]
    fn the_line_goes_from_the_first_to_the_last() {
        let sums = sums(&[tip(300, -1_000), tip(200, 2_000), tip(100, -1_000)]);
        assert_eq!(sums.iter().map(|(_, sum)| *sum).collect::<Vec<_>>(), [0, -1_000, 1_000, 0]);
        assert_eq!(line(&sums, -1_000, 1_000), "0,90 0,174 300,6 600,90");
    }

    #[test]
    fn one_moment_and_one_level_draw_too() {
        let sums = sums(&[tip(100, 0), tip(100, 0)]);
        assert_eq!(line(&sums, 0, 0), "0,6 300,6 600,6");
    }

    #[test]
    fn many_points_are_thinned_and_the_last_stays() {
        let tips: Vec<SettledTip> = (0..5_000).rev().map(|second| tip(second, 1)).collect();
        let thinned = thin(&sums(&tips));
        assert!(thinned.len() <= POINTS, "{}", thinned.len());
        assert_eq!(thinned.last().map(|(_, sum)| *sum), Some(5_000));
    }
}
