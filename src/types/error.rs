//! What went wrong, in words that a user may read, and the HTTP status that goes with it.

use std::time::Duration;

use leptos::prelude::FromServerFnError;
use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::ServerFnErrorErr;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub type AppResult<T> = Result<T, AppError>;

/// The small public set of errors. `Internal` never carries its cause: that is logged where it happens, once.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AppError {
    /// 400: the request cannot be read or breaks a rule of the form.
    #[error("{0}")]
    Invalid(String),
    /// 401: nobody is signed in, or the sign-in was wrong.
    #[error("{0}")]
    SignIn(String),
    /// 404: there is no such thing, or it is not this person's to see.
    #[error("{0}")]
    NotFound(String),
    /// 409: understood, but the present state does not allow it.
    #[error("{message}")]
    Conflict { message: String, retry_after: Option<Duration> },
    /// 429: too many tries.
    #[error("{message}")]
    TooMany { message: String, retry_after: Duration },
    /// 502: Safaricom certainly did not take the request.
    #[error("{0}")]
    Refused(String),
    /// 503: try again in a moment.
    #[error("We are very busy right now. Please try again in a moment.")]
    Busy,
    /// 500: our own fault.
    #[error("Something went wrong on our side. Please try again.")]
    Internal,
}

impl AppError {
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::Invalid(message.into())
    }

    pub fn conflict(message: impl Into<String>) -> Self {
        Self::Conflict { message: message.into(), retry_after: None }
    }

    pub fn not_found(message: impl Into<String>) -> Self {
        Self::NotFound(message.into())
    }

    pub fn sign_in_first() -> Self {
        Self::SignIn("Please sign in first.".to_owned())
    }

    /// The HTTP status code.
    pub const fn status(&self) -> u16 {
        match self {
            Self::Invalid(_) => 400,
            Self::SignIn(_) => 401,
            Self::NotFound(_) => 404,
            Self::Conflict { .. } => 409,
            Self::TooMany { .. } => 429,
            Self::Internal => 500,
            Self::Refused(_) => 502,
            Self::Busy => 503,
        }
    }

    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Conflict { retry_after, .. } => *retry_after,
            Self::TooMany { retry_after, .. } => Some(*retry_after),
            _ => None,
        }
    }
}

/// On the wire an error is `{"error":"…"}` and nothing more.
#[derive(Serialize, Deserialize)]
struct Wire {
    error: String,
}

impl Serialize for AppError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Wire { error: self.to_string() }.serialize(serializer)
    }
}

/// Only a page that shows a redirected form's error reads one back; it needs the words alone.
impl<'de> Deserialize<'de> for AppError {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Wire::deserialize(deserializer).map(|wire| Self::Invalid(wire.error))
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    /// What a server function's own plumbing could not do: our caller sent something that cannot be read.
    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        tracing::debug!(%error, "a server function was called wrongly");
        Self::invalid("The request could not be read.")
    }
}
