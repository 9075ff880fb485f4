//! How a tip or a match ended, in words.

use super::Tone;
use super::format::units;
use crate::tips::TipOutcome;
use crate::types::{Text, TipResult, words};

words! {
    won { "Won" "Imeshinda" }
    lost { "Lost" "Imepoteza" }
    void { "Void" "Batili" }
}

/// The colour of a result.
pub const fn result_tone(result: TipResult) -> Tone {
    match result {
        TipResult::Won => Tone::Good,
        TipResult::Lost => Tone::Bad,
        TipResult::Void => Tone::Plain,
    }
}

/// `Won`, `Lost` or `Void`.
pub const fn result_word(result: TipResult) -> Text {
    match result {
        TipResult::Won => won(),
        TipResult::Lost => lost(),
        TipResult::Void => void(),
    }
}

/// `Won +2.35`, `Lost −1.00` or `Void`. The number is what a stake of one won or lost.
pub fn result_text(outcome: TipOutcome) -> Text {
    let word = result_word(outcome.result);
    if outcome.result == TipResult::Void {
        return word;
    }
    word.and(&units(outcome.units_thousandths).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Language;

    #[test]
    fn units_have_a_sign() {
        let text = |result, units_thousandths| {
            result_text(TipOutcome { result, units_thousandths }).as_str(Language::English).to_owned()
        };
        assert_eq!(text(TipResult::Won, 2_357), "Won +2.36");
        assert_eq!(text(TipResult::Lost, -1_000), "Lost \u{2212}1.00");
        assert_eq!(text(TipResult::Void, 0), "Void");
    }
}
