//! One HTTP exchange. It is sent with limits of time, its answer is read up to a limit of bytes, and failures
//! are sorted into "never left" and "may have arrived".

use std::fmt;
use std::time::Duration;

use anyhow::Context;
use reqwest::header::RETRY_AFTER;
use reqwest::redirect;

use super::response::{ANSWER_MAX_BYTES, HttpAnswer, retry_after};
use crate::platform::hosts::is_loopback;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const USER_AGENT: &str = concat!("ligisoo/", env!("CARGO_PKG_VERSION"));

/// Why an exchange has no answer. The texts are our own, because an error of `reqwest` would print the
/// address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExchangeError {
    /// There was no connection, so nothing left.
    NoConnection,
    /// No answer came in time.
    TimedOut,
    /// The connection broke after the request went out, or in the middle of the answer.
    Broken,
    /// The answer is longer than [`ANSWER_MAX_BYTES`].
    TooLong,
}

/// An HTTP client that follows no redirects and repeats nothing. If the base address is this machine, it uses
/// no proxy either.
///
/// # Errors
/// The TLS library cannot start.
pub fn build(base_url: &reqwest::Url) -> anyhow::Result<reqwest::Client> {
    let builder = reqwest::Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .redirect(redirect::Policy::none())
        .retry(reqwest::retry::never())
        .user_agent(USER_AGENT);
    let builder = if is_loopback(base_url) { builder.no_proxy() } else { builder };
    builder.build().context("cannot build the HTTP client for Daraja")
}

/// Sends a request once and reads at most [`ANSWER_MAX_BYTES`] of its answer.
///
/// # Errors
/// [`ExchangeError`], which says whether the request left.
pub async fn send(request: reqwest::RequestBuilder) -> Result<HttpAnswer, ExchangeError> {
    let mut response = request.send().await.map_err(|error| ExchangeError::of(&error))?;
    let status = response.status().as_u16();
    let retry_after = retry_after(response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()));
    let mut body = Vec::new();
    while let Some(chunk) =
        response.chunk().await.map_err(|error| ExchangeError::of(&error).after_sending())?
    {
        if body.len() + chunk.len() > ANSWER_MAX_BYTES {
            return Err(ExchangeError::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(HttpAnswer { status, retry_after, body })
}

impl ExchangeError {
    fn of(error: &reqwest::Error) -> Self {
        if error.is_connect() || error.is_builder() {
            Self::NoConnection
        } else if error.is_timeout() {
            Self::TimedOut
        } else {
            Self::Broken
        }
    }

    /// A part of an answer proves that the request went out.
    const fn after_sending(self) -> Self {
        match self {
            Self::NoConnection => Self::Broken,
            other => other,
        }
    }
}

impl fmt::Display for ExchangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoConnection => "no connection",
            Self::TimedOut => "no answer in time",
            Self::Broken => "the connection broke",
            Self::TooLong => "the answer is too long",
        })
    }
}
