//! The OAuth token (daraja §1). All tasks share one token. One task fetches it while the others wait; it is
//! renewed early, and dropped when it is refused.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::header::{AUTHORIZATION, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;

use super::credentials::Credentials;
use super::error::{Certainty, DarajaError, PauseReason, safe_text};
use super::http;
use super::response::{HttpAnswer, text};
use crate::platform::clock::{Clock, delta};

/// How long a token request may take, with the time to connect.
const TOKEN_TIMEOUT: Duration = Duration::from_secs(15);
/// How long before its end a token is renewed. A token with a short life is renewed in its last quarter.
const RENEW_EARLY: Duration = Duration::from_mins(2);
/// The longest life of a token that is believed. Safaricom's tokens live for an hour.
const LIFE_MAX: Duration = Duration::from_hours(1);
/// The longest token that is taken; those seen have 28 characters.
const TOKEN_MAX_LENGTH: usize = 4096;

/// A token, and when it is renewed and ends.
#[derive(Clone)]
pub struct Token {
    bearer: HeaderValue,
    renew_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
}

/// The cache of the token. Callers queue on the mutex, so there is never more than one request for a token.
pub struct Tokens {
    http: reqwest::Client,
    url: reqwest::Url,
    basic: SecretString,
    clock: Clock,
    state: Mutex<State>,
    /// How many requests for a token have ended. A task that waited for one sees by this that the request
    /// failed, and takes its failure instead of asking again.
    fetches: AtomicU64,
}

#[derive(Default)]
struct State {
    token: Option<Token>,
    failure: Option<DarajaError>,
}

impl Token {
    /// The value of the `Authorization` header, marked as sensitive.
    pub fn bearer(&self) -> HeaderValue {
        self.bearer.clone()
    }
}

impl Tokens {
    /// An empty cache; the first caller of [`Tokens::get`] fetches a token. `url` has the grant type in its
    /// query.
    pub fn new(http: reqwest::Client, url: reqwest::Url, credentials: &Credentials, clock: Clock) -> Self {
        Self {
            http,
            url,
            basic: credentials.basic(),
            clock,
            state: Mutex::default(),
            fetches: AtomicU64::new(0),
        }
    }

    /// A token that is still good and is not the `refused` one.
    ///
    /// # Errors
    /// [`DarajaError::NotSent`] if there is no token: without one nothing was asked of the money system.
    pub async fn get(&self, refused: Option<&Token>) -> Result<Token, DarajaError> {
        let fetches_seen = self.fetches.load(Ordering::SeqCst);
        let mut state = self.state.lock().await;
        let now = self.clock.now();
        let known =
            state.token.clone().filter(|token| refused.is_none_or(|refused| refused.bearer != token.bearer));
        if let Some(token) =
            known.as_ref().filter(|token| now < token.renew_at && token.ends_at - now <= delta(LIFE_MAX))
        {
            return Ok(token.clone());
        }
        let still_good = known.filter(|token| now < token.ends_at);
        if self.fetches.load(Ordering::SeqCst) != fetches_seen
            && let Some(failure) = &state.failure
        {
            return still_good.ok_or_else(|| failure.clone());
        }
        let fetched = self.fetch().await;
        self.fetches.fetch_add(1, Ordering::SeqCst);
        match fetched {
            Ok(token) => {
                *state = State { token: Some(token.clone()), failure: None };
                Ok(token)
            }
            Err(failure) => {
                tracing::warn!(%failure, "no new Daraja token");
                *state = State { token: still_good.clone(), failure: Some(failure.clone()) };
                still_good.ok_or(failure)
            }
        }
    }

    async fn fetch(&self) -> Result<Token, DarajaError> {
        let mut authorization = HeaderValue::from_str(self.basic.expose_secret())
            .map_err(|_| DarajaError::not_sent("unusable consumer key"))?;
        authorization.set_sensitive(true);
        let request =
            self.http.get(self.url.clone()).header(AUTHORIZATION, authorization).timeout(TOKEN_TIMEOUT);
        let answer = http::send(request)
            .await
            .map_err(|failure| DarajaError::away(Certainty::NotSent, format!("no token: {failure}")))?;
        read_token(&answer, self.clock.now())
    }
}

/// Reads the token in the answer to a request that was made `now`. A life that cannot be read counts as zero.
pub(super) fn read_token(answer: &HttpAnswer, now: DateTime<Utc>) -> Result<Token, DarajaError> {
    let body = answer.json().unwrap_or_default();
    let bearer = text(&body, "access_token")
        .filter(|token| (1..=TOKEN_MAX_LENGTH).contains(&token.len()))
        .and_then(|token| HeaderValue::from_str(&format!("Bearer {token}")).ok());
    let Some(mut bearer) = bearer else {
        return Err(refusal(answer));
    };
    bearer.set_sensitive(true);
    let seconds = text(&body, "expires_in").and_then(|seconds| seconds.parse().ok()).unwrap_or(0);
    let life = Duration::from_secs(seconds).min(LIFE_MAX);
    let renew_after = life.saturating_sub(RENEW_EARLY.min(life / 4));
    Ok(Token { bearer, renew_at: now + delta(renew_after), ends_at: now + delta(life) })
}

/// The error for an answer without a token, in words that help an operator to find the mistake in the
/// settings.
fn refusal(answer: &HttpAnswer) -> DarajaError {
    let body = answer.json();
    let said = body
        .as_ref()
        .and_then(|body| text(body, "errorMessage").or_else(|| text(body.get("fault")?, "faultstring")));
    let why = match (&said, answer.status) {
        (Some(said), _) => safe_text(said),
        (None, 400 | 401) => "the consumer key or secret is wrong".to_owned(),
        (None, 403) => "a firewall page (check the outgoing address)".to_owned(),
        (None, _) => "no token in the answer".to_owned(),
    };
    let is_rate_limited =
        answer.status == 429 || said.is_some_and(|said| said.to_ascii_lowercase().contains("spike arrest"));
    let reason = format!("no token: HTTP {}: {why}", answer.status);
    // Without a token no other request can be sent either.
    let rest = Some(if is_rate_limited { PauseReason::RateLimited } else { PauseReason::Away });
    DarajaError::NotSent { reason, retry_after: answer.retry_after, rest }
}
