//! The client of Safaricom's Daraja API: STK push, STK query, C2B registration, Pull Transactions. A push is sent once. Only a
//! push that the gateway turned away for its token is sent again.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use chrono::{DateTime, Utc};
use reqwest::Url;
use reqwest::header::AUTHORIZATION;
use serde::Serialize;

use super::credentials::Credentials;
use super::error::{Certainty, DarajaError, RefusalKind};
use super::fields::{AccountReference, TransactionDescription};
use super::http::{self, ExchangeError};
use super::pull::PulledPage;
use super::response::{HttpAnswer, Reading, as_unknown};
use super::token::Tokens;
use super::wire::{
    PULL_PATH, PULL_REGISTER_PATH, PUSH_PATH, PullRegisterRequest, PullRequest, PushAccepted, PushRequest,
    QUERY_PATH, QueryAnswer, QueryRequest, REGISTER_PATH, RegisterRequest, TOKEN_PATH,
};
use crate::platform::clock::{Clock, nairobi};
use crate::types::{Kes, Msisdn};

/// The largest amount of one payment, in whole shillings (daraja §2).
pub const AMOUNT_MAX_SHILLINGS: i64 = 250_000;
/// How long a push may take, with the time to connect.
const PUSH_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a query may take.
const QUERY_TIMEOUT: Duration = Duration::from_secs(20);
/// How often a request is sent whose token is not taken. Safaricom's FAQ says that a new token ends the one
/// before. If so, several servers take it from each other, and one may lose it twice in a row.
const SENDS_MOST: usize = 3;
/// How long a page of Pull Transactions may take.
const PULL_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a registration may take.
const REGISTER_TIMEOUT: Duration = Duration::from_secs(30);

/// Sends requests to Daraja. Clones share the connections and the token.
#[derive(Clone)]
pub struct Client {
    inner: Arc<ClientInner>,
}

struct ClientInner {
    http: reqwest::Client,
    push_url: Url,
    query_url: Url,
    register_url: Url,
    pull_register_url: Url,
    pull_url: Url,
    credentials: Credentials,
    tokens: Tokens,
    clock: Clock,
}

/// A request to charge a phone (daraja §2).
#[derive(Clone)]
pub struct Push {
    /// Whole shillings, 1 to 250,000.
    pub amount: Kes,
    /// The number whose phone rings.
    pub payer: Msisdn,
    /// The address to which Safaricom posts the outcome. It holds the payment's secret.
    pub callback_url: String,
    /// The reference of our payment, which the payer sees and which statements and C2B confirmations repeat.
    pub account_reference: AccountReference,
    /// A few words on what is paid.
    pub description: TransactionDescription,
    /// The latest moment at which it may leave: to have a token takes a while.
    pub send_before: DateTime<Utc>,
}

impl Client {
    /// A client of the gateway at `base_url`: Safaricom's
    /// ([`Environment::base_url`](crate::platform::settings::Environment::base_url)) or the simulator's.
    ///
    /// # Errors
    /// The address cannot be extended by a path, or the TLS library cannot start.
    pub fn new(base_url: Url, credentials: Credentials, clock: Clock) -> anyhow::Result<Self> {
        let http = http::build(&base_url)?;
        let base = String::from(base_url);
        let base = base.trim_end_matches('/');
        let at = |path: &str| format!("{base}{path}").parse::<Url>().context("not a base address for Daraja");
        let mut token_url = at(TOKEN_PATH)?;
        token_url.query_pairs_mut().append_pair("grant_type", "client_credentials");
        let tokens = Tokens::new(http.clone(), token_url, &credentials, clock.clone());
        let (push_url, query_url, register_url) = (at(PUSH_PATH)?, at(QUERY_PATH)?, at(REGISTER_PATH)?);
        let (pull_register_url, pull_url) = (at(PULL_REGISTER_PATH)?, at(PULL_PATH)?);
        let inner = ClientInner {
            http,
            push_url,
            query_url,
            register_url,
            pull_register_url,
            pull_url,
            credentials,
            tokens,
            clock,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Asks Safaricom to prompt the payer's phone (daraja §2).
    ///
    /// # Errors
    /// [`DarajaError::NotSent`] also if the amount is not 1 to 250,000 whole shillings;
    /// [`DarajaError::Refused`]; [`DarajaError::Unknown`], after which the phone may ring, so that the
    /// payment stays open.
    pub async fn push(&self, push: &Push) -> Result<PushAccepted, DarajaError> {
        let amount =
            push.amount.whole_shillings().filter(|shillings| (1..=AMOUNT_MAX_SHILLINGS).contains(shillings));
        let amount =
            amount.ok_or_else(|| DarajaError::not_sent("M-Pesa moves 1 to 250,000 whole shillings"))?;
        let phone_number = push
            .payer
            .as_str()
            .parse()
            .map_err(|_| DarajaError::not_sent("the phone number is not a number"))?;
        let credentials = &self.inner.credentials;
        let (timestamp, password) = self.stamp();
        let request = PushRequest {
            business_short_code: credentials.business_short_code(),
            password: &password,
            timestamp: &timestamp,
            transaction_type: credentials.transaction_type(),
            amount,
            party_a: phone_number,
            party_b: credentials.paid_number(),
            phone_number,
            callback_url: &push.callback_url,
            account_reference: push.account_reference.as_str(),
            transaction_desc: push.description.as_str(),
        };
        let before = Some(push.send_before);
        self.ask("push", &self.inner.push_url, PUSH_TIMEOUT, before, &request, HttpAnswer::read_push).await
    }

    /// Asks Safaricom what became of a push (daraja §4).
    ///
    /// # Errors
    /// [`DarajaError::NotSent`] or [`DarajaError::Unknown`], and never `Refused`: a refused question says
    /// nothing about the payment.
    pub async fn query(&self, checkout_request_id: &str) -> Result<QueryAnswer, DarajaError> {
        let (timestamp, password) = self.stamp();
        let request = QueryRequest {
            business_short_code: self.inner.credentials.business_short_code(),
            password: &password,
            timestamp: &timestamp,
            checkout_request_id,
        };
        let read = |answer: &HttpAnswer| answer.read_query(checkout_request_id);
        self.ask("query", &self.inner.query_url, QUERY_TIMEOUT, None, &request, read)
            .await
            .map_err(as_unknown)
    }

    /// Tells Safaricom the addresses to which it posts about payments that reach our short code (daraja
    /// §5.2). Production takes one registration only. Both addresses hold secrets. Safaricom refuses
    /// addresses with words like `mpesa`, `safaricom`, `query`, `cmd`, `sql`, `exe`.
    ///
    /// # Errors
    /// [`DarajaError::Refused`] names what Safaricom refuses, also that addresses are registered already;
    /// [`DarajaError::NotSent`] and [`DarajaError::Unknown`].
    pub async fn register_c2b_urls(
        &self,
        confirmation_url: &str,
        validation_url: &str,
    ) -> Result<(), DarajaError> {
        let short_code = self.inner.credentials.business_short_code();
        let request =
            RegisterRequest { short_code, response_type: "Completed", confirmation_url, validation_url };
        self.ask(
            "register",
            &self.inner.register_url,
            REGISTER_TIMEOUT,
            None,
            &request,
            HttpAnswer::read_registration,
        )
        .await
    }

    /// Has Safaricom answer [`Client::pull`] (daraja §5.2). To be registered already is as good.
    ///
    /// # Errors
    /// [`DarajaError`], which names what Safaricom refuses.
    pub async fn register_pull(&self, phone: &Msisdn, callback_url: &str) -> Result<(), DarajaError> {
        let request = PullRegisterRequest {
            short_code: self.inner.credentials.business_short_code(),
            request_type: "Pull",
            nominated_number: phone.as_str(),
            callback_url,
        };
        let (url, read) = (&self.inner.pull_register_url, HttpAnswer::read_pull_registration);
        self.ask("pull registration", url, REGISTER_TIMEOUT, None, &request, read).await
    }

    /// Asks Safaricom what came in from one moment to another, which may lie 48 hours back, without the first
    /// `offset` transactions of that time (daraja §5.2).
    ///
    /// # Errors
    /// [`DarajaError`]: nothing is known then.
    pub async fn pull(
        &self,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
        offset: usize,
    ) -> Result<PulledPage, DarajaError> {
        let text = |at| nairobi(at).format("%Y-%m-%d %H:%M:%S").to_string();
        let request = PullRequest {
            short_code: self.inner.credentials.business_short_code(),
            start_date: &text(from),
            end_date: &text(until),
            offset: &offset.to_string(),
        };
        let read = HttpAnswer::read_pull;
        self.ask("pull", &self.inner.pull_url, PULL_TIMEOUT, None, &request, read).await
    }

    /// Checks that Safaricom gives us a token, which means that the consumer key and secret are right
    /// (`ligisoo check`).
    ///
    /// # Errors
    /// [`DarajaError::NotSent`], whose text says why there is no token.
    pub async fn check_token(&self) -> Result<(), DarajaError> {
        self.inner.tokens.get(None).await.map(|_| ())
    }

    /// The timestamp and the password from one reading of the clock, in East Africa Time (daraja §2).
    fn stamp(&self) -> (String, String) {
        let timestamp = nairobi(self.inner.clock.now()).format("%Y%m%d%H%M%S").to_string();
        let password = self.inner.credentials.password(&timestamp);
        (timestamp, password)
    }

    /// Posts a request once, and again only if the gateway did not take the token, which it checks before all
    /// else (daraja §1). What has a latest moment does not leave after it.
    async fn ask<T>(
        &self,
        operation: &'static str,
        url: &Url,
        timeout: Duration,
        before: Option<DateTime<Utc>>,
        request: &impl Serialize,
        read: impl Fn(&HttpAnswer) -> Reading<T>,
    ) -> Result<T, DarajaError> {
        let mut refused = None;
        for _ in 0..SENDS_MOST {
            let token = self.inner.tokens.get(refused.as_ref()).await?;
            if before.is_some_and(|before| !self.inner.clock.is_surely_before(before)) {
                return Err(DarajaError::not_sent("its latest moment has passed, or the clock is in doubt"));
            }
            match read(&self.post(operation, url, timeout, request, &token).await?) {
                Reading::Answered(answer) => return Ok(answer),
                Reading::Error(error) => return Err(error),
                Reading::InvalidToken => {
                    tracing::info!(operation, "Daraja did not take the token; it takes a new one");
                }
            }
            refused = Some(token);
        }
        Err(DarajaError::Refused {
            code: String::new(),
            message: "Invalid access token, also when new".to_owned(),
            kind: RefusalKind::WrongCredentials,
            retry_after: None,
        })
    }

    async fn post(
        &self,
        operation: &'static str,
        url: &Url,
        timeout: Duration,
        request: &impl Serialize,
        token: &super::token::Token,
    ) -> Result<HttpAnswer, DarajaError> {
        let start = Instant::now();
        let request = self
            .inner
            .http
            .post(url.clone())
            .header(AUTHORIZATION, token.bearer())
            .timeout(timeout)
            .json(request);
        let answer = http::send(request).await;
        let millis = start.elapsed().as_millis();
        match answer {
            Ok(answer) => {
                tracing::debug!(operation, status = answer.status, millis, "Daraja answered");
                Ok(answer)
            }
            Err(failure) => {
                tracing::warn!(operation, %failure, millis, "Daraja did not answer");
                Err(match failure {
                    ExchangeError::NoConnection => DarajaError::away(Certainty::NotSent, failure.to_string()),
                    ExchangeError::TimedOut | ExchangeError::Broken => {
                        DarajaError::away(Certainty::Unknown, failure.to_string())
                    }
                    ExchangeError::TooLong => DarajaError::unknown(failure.to_string()),
                })
            }
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("credentials", &self.inner.credentials).finish_non_exhaustive()
    }
}

impl fmt::Debug for Push {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Push")
            .field("amount", &self.amount)
            .field("payer", &self.payer)
            .finish_non_exhaustive()
    }
}
