//! The code that Safaricom gives in callbacks and query answers for what became of a prompt (daraja §3.3).

use std::fmt;

use serde_json::Value;

use crate::types::{Text, words};

words! {
    confirmed {
        "M-Pesa confirmed the payment."
        "M-Pesa imethibitisha malipo."
    }
    balance_too_low {
        "Your M-Pesa balance was too low."
        "Salio lako la M-Pesa halikutosha."
    }
    below_minimum {
        "The amount is below M-Pesa's minimum."
        "Kiasi ni chini ya kima cha chini cha M-Pesa."
    }
    above_limit {
        "The amount is above M-Pesa's limit for one payment."
        "Kiasi kinazidi kikomo cha M-Pesa kwa malipo moja."
    }
    above_daily_limit {
        "The payment would pass your M-Pesa limit for the day."
        "Malipo yangezidi kikomo chako cha M-Pesa cha siku."
    }
    same_amount_twice {
        "M-Pesa does not take the same amount from the same number twice within two minutes. \
         Wait, then try again."
        "M-Pesa haipokei kiasi kilekile kutoka namba ileile mara mbili ndani ya dakika mbili. \
         Subiri, kisha jaribu tena."
    }
    too_busy {
        "M-Pesa was too busy. Please try again in a few minutes."
        "M-Pesa ilikuwa na shughuli nyingi mno. Tafadhali jaribu tena baada ya dakika chache."
    }
    another_request {
        "Another M-Pesa request was open on your phone. Finish it, wait a minute, then try again."
        "Ombi lingine la M-Pesa lilikuwa wazi kwenye simu yako. Limalize, subiri dakika moja, \
         kisha jaribu tena."
    }
    cancelled {
        "Safaricom says the request was cancelled or timed out."
        "Safaricom inasema ombi lilikatizwa au muda wake uliisha."
    }
    expired {
        "The M-Pesa request expired before it was answered."
        "Muda wa ombi la M-Pesa uliisha kabla halijajibiwa."
    }
    not_reached {
        "Your phone could not be reached or nobody answered."
        "Simu yako haikupatikana au hakuna aliyejibu."
    }
    not_shown {
        "M-Pesa could not show the request on your phone. Please try again."
        "M-Pesa haikuweza kuonyesha ombi kwenye simu yako. Tafadhali jaribu tena."
    }
    wrong_pin {
        "The M-Pesa PIN was wrong."
        "PIN ya M-Pesa haikuwa sahihi."
    }
    account_refused {
        "M-Pesa did not accept your account. Please ask Safaricom (dial 100)."
        "M-Pesa haikukubali akaunti yako. Tafadhali uliza Safaricom (piga 100)."
    }
    pin_locked {
        "Your M-Pesa PIN is locked. Please ask Safaricom (dial 100)."
        "PIN yako ya M-Pesa imefungwa. Tafadhali uliza Safaricom (piga 100)."
    }
    our_account {
        "M-Pesa could not pay into our account. We have been told."
        "M-Pesa haikuweza kulipa kwenye akaunti yetu. Tumejulishwa."
    }
    working {
        "M-Pesa is still working on it."
        "M-Pesa bado inashughulikia."
    }
    unknown_code {
        "M-Pesa answered with something we do not know. We are looking into it."
        "M-Pesa ilijibu kitu tusichokijua. Tunaangalia."
    }
}

/// Longer texts are no codes; the longest known code has ten characters.
const CODE_MAX_LENGTH: usize = 24;

/// A result code in one spelling, whether the wire had `0`, `0.0` or `"0"`. Some codes are words
/// (`SFC_IC0003`).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ResultCode(String);

/// What a result code says about the money (daraja §3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeClass {
    /// The payer was charged.
    Success,
    /// The payer cancelled, or the prompt disappeared unanswered.
    Cancelled,
    /// A final failure.
    Failed,
    /// Safaricom is still at work (query only).
    Pending,
    /// Nothing can be concluded: the code is unknown, or a person must look.
    Unknown,
}

impl ResultCode {
    /// Reads a JSON number or string. `None` for anything else, and for text that cannot be a code.
    pub fn from_json(value: &Value) -> Option<Self> {
        match value {
            // A whole float is written with `.0`. A number that is not whole stays as it is and so is no
            // known code.
            Value::Number(number) => match number.to_string() {
                text if text == "-0.0" => Self::from_text("0"),
                text => Self::from_text(text.strip_suffix(".0").unwrap_or(&text)),
            },
            Value::String(text) => Self::from_text(text),
            _ => None,
        }
    }

    /// Reads text like `1032`. `None` if it cannot be a code.
    pub fn from_text(text: &str) -> Option<Self> {
        let text = text.trim();
        let is_code = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
        let is_readable = (1..=CODE_MAX_LENGTH).contains(&text.len()) && text.bytes().all(is_code);
        is_readable.then(|| Self(text.to_owned()))
    }

    /// The code as it is stored and shown to operators.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What the code says about the money. Unknown codes conclude nothing.
    pub fn class(&self) -> CodeClass {
        match self.as_str() {
            "0" => CodeClass::Success,
            "1031" | "1032" => CodeClass::Cancelled,
            "1" | "2" | "3" | "4" | "8" | "17" | "21" | "26" | "1001" | "1019" | "1025" | "1036" | "1037"
            | "1050" | "1051" | "1101" | "1102" | "2001" | "2006" | "2008" | "2026" | "2028" | "8006"
            | "9999" | "SFC_IC0003" => CodeClass::Failed,
            "4999" => CodeClass::Pending,
            // 15 (duplicate) and 100000100 (not stored) are published as final too, but "needs review".
            _ => CodeClass::Unknown,
        }
    }

    /// One sentence for the buyer. It never says that no money was taken, because only a statement can know
    /// that.
    pub fn explanation(&self) -> Text {
        match self.as_str() {
            "0" => confirmed(),
            "1" => balance_too_low(),
            "2" => below_minimum(),
            "3" => above_limit(),
            "4" => above_daily_limit(),
            "17" => same_amount_twice(),
            "26" => too_busy(),
            "1001" => another_request(),
            "1031" | "1032" => cancelled(),
            "1019" | "1036" => expired(),
            "1037" => not_reached(),
            "1025" | "9999" | "1101" | "1102" => not_shown(),
            "2001" => wrong_pin(),
            "2006" | "2008" | "2026" => account_refused(),
            "8006" => pin_locked(),
            "8" | "21" | "2028" | "SFC_IC0003" => our_account(),
            "4999" => working(),
            _ => unknown_code(),
        }
    }
}

impl fmt::Display for ResultCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ResultCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ResultCode({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Language;
    use proptest::prelude::*;
    use serde_json::json;

    fn code(value: &Value) -> ResultCode {
        ResultCode::from_json(value).expect("a code")
    }

    #[test]
    fn numbers_and_text_are_one_code() {
        for value in [json!(1032), json!("1032"), json!(1032.0), json!(" 1032 "), json!(1.032e3)] {
            assert_eq!(code(&value).as_str(), "1032", "{value}");
        }
        for value in [json!(0), json!(0.0), json!(-0.0), json!("0")] {
            assert_eq!(code(&value).class(), CodeClass::Success, "{value}");
        }
    }

    #[test]
    fn only_zero_is_success() {
        for value in [
            json!("00"),
            json!("0.0"),
            json!(0.1),
            json!(-1),
            json!("+0"),
            json!(1e-300),
            json!(1e300),
            json!("OK"),
        ] {
            assert!(
                ResultCode::from_json(&value).is_none_or(|code| code.class() != CodeClass::Success),
                "{value}"
            );
        }
    }

    #[test]
    fn what_cannot_be_a_code_is_none() {
        for value in [
            json!(null),
            json!(true),
            json!(""),
            json!("0 0"),
            json!([0]),
            json!({}),
            json!("a".repeat(25)),
            json!("\u{0}"),
        ] {
            assert_eq!(ResultCode::from_json(&value), None, "{value}");
        }
    }

    #[test]
    fn classes() {
        let class = |text: &str| ResultCode::from_text(text).map(|code| code.class());
        assert_eq!(class("1032"), Some(CodeClass::Cancelled));
        assert_eq!(class("1031"), Some(CodeClass::Cancelled));
        assert_eq!(class("1037"), Some(CodeClass::Failed));
        assert_eq!(class("SFC_IC0003"), Some(CodeClass::Failed));
        assert_eq!(class("4999"), Some(CodeClass::Pending));
        for unknown in ["15", "100000100", "777", "TP40153", "R000001"] {
            assert_eq!(class(unknown), Some(CodeClass::Unknown), "{unknown}");
        }
    }

    #[test]
    fn no_explanation_promises_that_nothing_was_taken() {
        for text in [
            "0", "1", "17", "26", "1001", "1019", "1025", "1032", "1037", "2001", "2006", "2028", "4999",
            "8006", "x",
        ] {
            let words = code(&json!(text)).explanation().as_str(Language::English).to_lowercase();
            for promise in ["not charged", "no money", "not taken", "not debited", "nothing was taken"] {
                assert!(!words.contains(promise), "{text}: {words}");
            }
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(text in ".{0,40}", number in any::<f64>()) {
            let _ = ResultCode::from_json(&json!(text));
            let _ = ResultCode::from_json(&json!(number));
        }
    }
}
