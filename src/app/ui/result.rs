//! How a tip ended, as people say it.

use super::Tone;
use crate::tips::TipResult;
use crate::tips::rules::Outcome;

pub const fn result_tone(result: TipResult) -> Tone {
    match result {
        TipResult::Won => Tone::Good,
        TipResult::Lost => Tone::Bad,
        TipResult::Void => Tone::Plain,
    }
}

/// `Won`, `Lost`, `Void`.
pub const fn result_word(result: TipResult) -> &'static str {
    match result {
        TipResult::Won => "Won",
        TipResult::Lost => "Lost",
        TipResult::Void => "Void",
    }
}

/// `Won +2.35`, `Lost −1.00`, `Void`: the number is what a stake of one won or lost.
pub fn result_text(outcome: Outcome) -> String {
    let word = result_word(outcome.result);
    if outcome.result == TipResult::Void {
        return word.to_owned();
    }
    let sign = if outcome.units_thousandths < 0 { "\u{2212}" } else { "+" };
    let hundredths = outcome.units_thousandths.unsigned_abs() / 10;
    format!("{word} {sign}{}.{:02}", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_have_a_sign() {
        let text = |result, units_thousandths| result_text(Outcome { result, units_thousandths });
        assert_eq!(text(TipResult::Won, 2_357), "Won +2.35");
        assert_eq!(text(TipResult::Lost, -1_000), "Lost \u{2212}1.00");
        assert_eq!(text(TipResult::Void, 0), "Void");
    }
}
