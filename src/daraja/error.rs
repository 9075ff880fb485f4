//! What can go wrong with a request to Safaricom. The errors are sorted by the one thing that matters:
//! whether the request may have been accepted.

use std::fmt;
use std::time::Duration;

/// How sure we are that a request moved no money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    /// The request never left.
    NotSent,
    /// The request left and was certainly refused.
    Refused,
    /// The request may have been accepted.
    Unknown,
}

/// A request without the answer that was wanted. Its texts are cut, and long runs of digits and ids are taken
/// out, so `Display` may be logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DarajaError {
    /// The request certainly never left: there was no connection or no token, or M-Pesa cannot move the
    /// amount.
    NotSent { reason: String, retry_after: Option<Duration>, rest: Option<PauseReason> },
    /// Safaricom certainly refused. `code` is its `errorCode` or `ResponseCode`, and is empty if it gave
    /// none.
    Refused { code: String, message: String, kind: RefusalKind, retry_after: Option<Duration> },
    /// The request may have been accepted, or a query had no conclusive answer.
    Unknown { reason: String, retry_after: Option<Duration>, rest: Option<PauseReason> },
}

/// Why it is no use to send any request at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PauseReason {
    /// Too many requests (spike arrest, quota).
    RateLimited,
    /// Safaricom cannot be reached, or its gateway answers that the system behind is down.
    Away,
}

/// Why Safaricom refused, as far as its words tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalKind {
    /// M-Pesa does not know the number.
    InvalidPhoneNumber,
    /// Another prompt is open on the phone. A new one can be sent after a minute.
    SubscriberLocked,
    /// Passkey, short code, token or product do not fit together. The operator must correct the settings.
    WrongCredentials,
    /// Safaricom does not know the short code, or does not let it take such payments.
    MerchantNotFound,
    /// Too many requests (spike arrest, quota).
    RateLimited,
    /// Any other certain refusal.
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

    /// How sure we are that the request moved no money. The engine decides by this and by no text.
    pub const fn certainty(&self) -> Certainty {
        match self {
            Self::NotSent { .. } => Certainty::NotSent,
            Self::Refused { .. } => Certainty::Refused,
            Self::Unknown { .. } => Certainty::Unknown,
        }
    }

    /// Why Safaricom refused. `None` if it did not certainly refuse.
    pub const fn kind(&self) -> Option<RefusalKind> {
        match self {
            Self::Refused { kind, .. } => Some(*kind),
            Self::NotSent { .. } | Self::Unknown { .. } => None,
        }
    }

    /// How long Safaricom asked us to wait (`Retry-After`). `None` if it did not say.
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::NotSent { retry_after, .. }
            | Self::Refused { retry_after, .. }
            | Self::Unknown { retry_after, .. } => *retry_after,
        }
    }

    /// Why all requests should pause. `None` if another request may be sent at once.
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
/// A word with more digits in a row than this may be a phone number or a request's id, and a longer word may
/// be a token.
const DIGITS_MAX: usize = 8;
const WORD_MAX_BYTES: usize = 24;

/// Safaricom's text without what must not be logged: long words and words with long runs of digits become
/// `…`, and control characters are removed.
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
