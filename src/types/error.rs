//! What went wrong, in words that a user may read, with the HTTP status that goes with it.

use std::time::Duration;

use axum::http::StatusCode;

use super::text::{Language, Text, words};

words! {
    sign_in_first { "Please sign in first." "Tafadhali ingia kwanza." }
    busy {
        "We are very busy right now. Please try again in a moment."
        "Tuna shughuli nyingi sasa hivi. Tafadhali jaribu tena baada ya muda mfupi."
    }
    internal {
        "Something went wrong on our side. Please try again."
        "Kuna hitilafu upande wetu. Tafadhali jaribu tena."
    }
    too_large {
        "This is more than we can take. Please send less."
        "Hii ni kubwa mno kwetu. Tafadhali tuma kidogo."
    }
    wrong_kind {
        "This cannot be sent in this form. Please send it from our own page."
        "Hii haiwezi kutumwa kwa namna hii. Tafadhali itume kutoka kwenye ukurasa wetu."
    }
    unreadable { "The request could not be read." "Ombi halikuweza kusomwa." }
    unreadable_form {
        "The form could not be read. Please send it again."
        "Fomu haikuweza kusomwa. Tafadhali itume tena."
    }
}

/// A result whose error may be shown to the user as it is.
pub type AppResult<T> = Result<T, AppError>;

/// The errors that the outside sees. They are few on purpose. None of them carries a cause: a cause is logged
/// once, where it happens.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AppError {
    /// 400: the request cannot be read, or breaks a rule of its form.
    #[error("{}", .0.as_str(Language::English))]
    Invalid(Text),
    /// 401: nobody is signed in, or the sign-in was wrong.
    #[error("{}", .0.as_str(Language::English))]
    SignIn(Text),
    /// 404: there is no such thing, or this person may not see it.
    #[error("{}", .0.as_str(Language::English))]
    NotFound(Text),
    /// 409: the request is understood, but the present state does not allow it.
    #[error("{}", .message.as_str(Language::English))]
    Conflict { message: Text, retry_after: Option<Duration> },
    /// 413: the body is longer than what is read.
    #[error("{}", too_large().as_str(Language::English))]
    TooLarge,
    /// 415: the body is of a kind that is not read at this address.
    #[error("{}", wrong_kind().as_str(Language::English))]
    WrongKind,
    /// 429: too many tries; `retry_after` says how long to wait.
    #[error("{}", .message.as_str(Language::English))]
    TooMany { message: Text, retry_after: Duration },
    /// 502: Safaricom certainly did not take the request.
    #[error("{}", .0.as_str(Language::English))]
    Refused(Text),
    /// 503: it cannot be done right now, and another try may succeed.
    #[error("{}", busy().as_str(Language::English))]
    Busy,
    /// 500: a defect of ours.
    #[error("{}", internal().as_str(Language::English))]
    Internal,
}

impl AppError {
    /// A 400 with this message.
    pub fn invalid(message: impl Into<Text>) -> Self {
        Self::Invalid(message.into())
    }

    /// A 409 with this message, without a time to wait.
    pub fn conflict(message: impl Into<Text>) -> Self {
        Self::Conflict { message: message.into(), retry_after: None }
    }

    /// A 404 with this message.
    pub fn not_found(message: impl Into<Text>) -> Self {
        Self::NotFound(message.into())
    }

    /// A 401 for a request without a signed-in person. A page answers it by leading to the sign-in.
    pub fn sign_in_first() -> Self {
        Self::SignIn(sign_in_first())
    }

    /// A 400 for a form whose fields are not even there.
    pub fn unreadable_form() -> Self {
        Self::Invalid(unreadable_form())
    }

    /// A 400 for an address whose query cannot be split into fields.
    pub fn unreadable() -> Self {
        Self::Invalid(unreadable())
    }

    /// The message for the user, in every language.
    pub fn text(&self) -> Text {
        match self {
            Self::Invalid(text) | Self::SignIn(text) | Self::NotFound(text) | Self::Refused(text) => {
                text.clone()
            }
            Self::Conflict { message, .. } | Self::TooMany { message, .. } => message.clone(),
            Self::TooLarge => too_large(),
            Self::WrongKind => wrong_kind(),
            Self::Busy => busy(),
            Self::Internal => internal(),
        }
    }

    /// The HTTP status of the answer.
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::Invalid(_) => StatusCode::BAD_REQUEST,
            Self::SignIn(_) => StatusCode::UNAUTHORIZED,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::Conflict { .. } => StatusCode::CONFLICT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::WrongKind => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Refused(_) => StatusCode::BAD_GATEWAY,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// How long the client should wait before it tries again, if that is known. It becomes the `Retry-After`
    /// header.
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Conflict { retry_after, .. } => *retry_after,
            Self::TooMany { retry_after, .. } => Some(*retry_after),
            _ => None,
        }
    }
}
