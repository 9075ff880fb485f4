//! What can go wrong with a request to Safaricom, sorted by the one thing that matters: whether it may have
//! been accepted.

use std::fmt;
use std::time::Duration;

/// How sure we are that a request did not reach the money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    /// It never left.
    NotSent,
    /// It left and was certainly refused.
    Refused,
    /// It may have been accepted.
    Unknown,
}

/// A request without the wished answer. Its texts are cut and stripped of long digit runs and ids, so
/// `Display` may be logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DarajaError {
    /// The request certainly never left: no connection, no token, or an amount that M-Pesa cannot move.
    NotSent { reason: String, retry_after: Option<Duration>, rest: Option<PauseReason> },
    /// Safaricom certainly refused. `code` is its `errorCode` or `ResponseCode`; empty if it gave none.
    Refused { code: String, message: String, kind: RefusalKind, retry_after: Option<Duration> },
    /// Anything that may have been an acceptance, and any query without a conclusive answer.
    Unknown { reason: String, retry_after: Option<Duration>, rest: Option<PauseReason> },
}

/// Why it is no use to ask again at once, whatever is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PauseReason {
    /// Too many requests (spike arrest, quota).
    RateLimited,
    /// Safaricom cannot be reached, or its gateway answers for it that it is down.
    Away,
}

/// Why Safaricom refused, as far as its words tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalKind {
    /// The number is not one that M-Pesa knows.
    InvalidPhoneNumber,
    /// Another prompt is open on the phone: try again after a minute.
    SubscriberLocked,
    /// Passkey, short code, token or product do not fit together: the operator must mend the settings.
    WrongCredentials,
    /// Safaricom does not know the short code or may not let it take such payments.
    MerchantNotFound,
    /// Too many requests (spike arrest, quota).
    RateLimited,
    Other,
}

impl DarajaError {
    /// The request certainly never left, and asking again is of use.
    pub fn not_sent(reason: impl Into<String>) -> Self {
        Self::NotSent { reason: reason.into(), retry_after: None, rest: None }
    }

    /// There was no connection, or it broke.
    pub(super) fn away(certainty: Certainty, reason: impl Into<String>) -> Self {
        let (reason, retry_after, rest) = (reason.into(), None, Some(PauseReason::Away));
        match certainty {
            Certainty::NotSent => Self::NotSent { reason, retry_after, rest },
            Certainty::Refused | Certainty::Unknown => Self::Unknown { reason, retry_after, rest },
        }
    }

    pub(super) fn unknown(reason: impl Into<String>) -> Self {
        Self::Unknown { reason: reason.into(), retry_after: None, rest: None }
    }

    pub const fn certainty(&self) -> Certainty {
        match self {
            Self::NotSent { .. } => Certainty::NotSent,
            Self::Refused { .. } => Certainty::Refused,
            Self::Unknown { .. } => Certainty::Unknown,
        }
    }

    /// Why Safaricom refused; `None` unless it certainly did.
    pub const fn kind(&self) -> Option<RefusalKind> {
        match self {
            Self::Refused { kind, .. } => Some(*kind),
            Self::NotSent { .. } | Self::Unknown { .. } => None,
        }
    }

    /// How long Safaricom asked us to wait (`Retry-After`).
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::NotSent { retry_after, .. }
            | Self::Refused { retry_after, .. }
            | Self::Unknown { retry_after, .. } => *retry_after,
        }
    }

    /// Why it is no use to ask again at once, if so.
    pub const fn rest(&self) -> Option<PauseReason> {
        match self {
            Self::NotSent { rest, .. } | Self::Unknown { rest, .. } => *rest,
            Self::Refused { kind: RefusalKind::RateLimited, .. } => Some(PauseReason::RateLimited),
            Self::Refused { .. } => None,
        }
    }
}

impl fmt::Display for DarajaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSent { reason, .. } => write!(f, "not sent to Safaricom: {reason}"),
            Self::Refused { code, message, .. } if code.is_empty() => {
                write!(f, "refused by Safaricom: {message}")
            }
            Self::Refused { code, message, .. } => write!(f, "refused by Safaricom: {message} ({code})"),
            Self::Unknown { reason, .. } => write!(f, "no certain answer from Safaricom: {reason}"),
        }
    }
}

impl std::error::Error for DarajaError {}

/// The longest text of Safaricom's that is kept.
const TEXT_MAX_CHARS: usize = 200;
/// A word with so many digits in a row may be a phone number or a request's id, and one so long may be a
/// token.
const DIGITS_MAX: usize = 8;
const WORD_MAX_BYTES: usize = 24;

/// Safaricom's words without what must not be logged: long words and long runs of digits become `…`, control
/// characters go.
pub(super) fn safe_text(text: &str) -> String {
    let words = text.split(|character: char| character.is_whitespace() || character.is_control());
    let safe = words.filter(|word| !word.is_empty()).map(|word| if is_secret(word) { "…" } else { word });
    safe.collect::<Vec<_>>().join(" ").chars().take(TEXT_MAX_CHARS).collect()
}

fn is_secret(word: &str) -> bool {
    let longest_run =
        word.split(|character: char| !character.is_ascii_digit()).map(str::len).max().unwrap_or(0);
    word.len() > WORD_MAX_BYTES || longest_run > DIGITS_MAX || word.contains("ws_CO")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn safe_text_hides_numbers_ids_and_tokens() {
        let text = "Invalid Access Token - Gt8EkG12abcdEFGH5678ijklMNOP for 254712345678\0 in ws_CO_1";
        assert_eq!(safe_text(text), "Invalid Access Token - … for … in …");
        assert_eq!(safe_text("Bad Request - Invalid PhoneNumber"), "Bad Request - Invalid PhoneNumber");
        assert_eq!(
            safe_text("[MerchantValidate] - Wrong credentials"),
            "[MerchantValidate] - Wrong credentials"
        );
    }

    #[test]
    fn every_error_says_how_sure_it_is() {
        assert_eq!(DarajaError::not_sent("x").certainty(), Certainty::NotSent);
        assert_eq!(DarajaError::unknown("x").certainty(), Certainty::Unknown);
        let refused = DarajaError::Refused {
            code: "1".to_owned(),
            message: "no".to_owned(),
            kind: RefusalKind::RateLimited,
            retry_after: None,
        };
        assert_eq!(refused.certainty(), Certainty::Refused);
        assert_eq!(refused.rest(), Some(PauseReason::RateLimited));
        assert_eq!(refused.to_string(), "refused by Safaricom: no (1)");
    }

    proptest! {
        #[test]
        fn safe_text_never_shows_a_phone_number(before in "\\PC{0,12}", after in "\\PC{0,12}") {
            let text = safe_text(&format!("{before}254712345678{after}"));
            prop_assert!(!text.contains("254712345678"));
            prop_assert!(text.chars().count() <= TEXT_MAX_CHARS);
        }
    }
}
