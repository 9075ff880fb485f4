//! The pages that everybody sees alike are made at most once a second, however many ask: a visitor without a session gets a copy
//! with a nonce of its own.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, COOKIE};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use moka::future::Cache;

use crate::platform::random::Random;
use crate::platform::sessions::COOKIE_NAME;
use crate::tips::Views;
use crate::types::{AppError, Language, TipId};

/// How old a copy may be.
const FRESH_FOR: Duration = Duration::from_secs(1);
/// All copies together.
const MEMORY: u64 = 4 * 1024 * 1024;
/// A page larger than this is a defect.
const PAGE_LIMIT: usize = 512 * 1024;
/// A longer question is answered, but not kept.
const QUESTION: usize = 200;
/// A nonce's letters: 24 of them are 142 random bits.
const NONCE_ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const NONCE_LENGTH: usize = 24;

#[derive(Clone)]
pub struct PageCache {
    pages: Cache<String, Arc<Page>>,
    random: Random,
    views: Views,
}

/// A page between whose pieces the nonce stands.
struct Page {
    pieces: Vec<Bytes>,
    policy: Vec<String>,
}

impl PageCache {
    pub fn new(random: Random, views: Views) -> Self {
        let weight = |path: &String, page: &Arc<Page>| {
            let bytes = path.len() + page.pieces.iter().map(Bytes::len).sum::<usize>();
            u32::try_from(bytes).unwrap_or(u32::MAX)
        };
        let pages = Cache::builder().max_capacity(MEMORY).weigher(weight).time_to_live(FRESH_FOR).build();
        Self { pages, random, views }
    }
}

/// Answers from a copy where it may; many askers of one page wait for one rendering.
pub async fn answer(State(cache): State<PageCache>, request: Request, next: Next) -> Response {
    if !is_alike_for_all(&request) {
        return next.run(request).await;
    }
    let language = request.extensions().get::<Language>().copied().unwrap_or_default();
    let address = request.uri().path_and_query().map_or("/", |address| address.as_str());
    let tip = request.uri().path().strip_prefix("/tips/").and_then(|number| number.parse::<TipId>().ok());
    let key = format!("{} {address}", language.code());
    let made = cache.pages.entry(key).or_try_insert_with(make(request, next)).await;
    match made {
        Ok(page) => {
            // Who got a copy has seen the tip too.
            if let Some(tip) = tip.filter(|_| !page.is_fresh()) {
                cache.views.count(tip);
            }
            page.into_value().with_nonce(&cache.random.text(NONCE_ALPHABET, NONCE_LENGTH))
        }
        Err(other) => other.again(),
    }
}

/// Why there is no copy: what was answered instead, for everybody who waited.
struct Other {
    status: StatusCode,
    headers: axum::http::HeaderMap,
    body: Bytes,
}

impl Other {
    fn again(&self) -> Response {
        (self.status, self.headers.clone(), self.body.clone()).into_response()
    }
}

async fn make(request: Request, next: Next) -> Result<Arc<Page>, Other> {
    let (parts, body) = next.run(request).await.into_parts();
    let broken = |_| Other { status: StatusCode::INTERNAL_SERVER_ERROR, headers: axum::http::HeaderMap::new(), body: Bytes::new() };
    let body = to_bytes(body, PAGE_LIMIT).await.map_err(broken)?;
    let policy = parts.headers.get(CONTENT_SECURITY_POLICY).and_then(|policy| policy.to_str().ok());
    let page = policy.filter(|_| parts.status == StatusCode::OK).and_then(|policy| Page::split(policy, &body));
    page.map(Arc::new).ok_or(Other { status: parts.status, headers: parts.headers, body })
}

impl Page {
    /// Cuts out the nonce that the policy names. A policy without one is not a page of ours.
    fn split(policy: &str, body: &Bytes) -> Option<Self> {
        let (_, rest) = policy.split_once("'nonce-")?;
        let (nonce, _) = rest.split_once('\'')?;
        let text = std::str::from_utf8(body).ok()?;
        let pieces = text.split(nonce).map(|piece| body.slice_ref(piece.as_bytes())).collect();
        Some(Self { pieces, policy: policy.split(nonce).map(str::to_owned).collect() })
    }

    fn with_nonce(&self, nonce: &str) -> Response {
        let length: usize = self.pieces.iter().map(|piece| piece.len() + nonce.len()).sum();
        let mut body = Vec::with_capacity(length);
        for (at, piece) in self.pieces.iter().enumerate() {
            if at > 0 {
                body.extend_from_slice(nonce.as_bytes());
            }
            body.extend_from_slice(piece);
        }
        let Ok(policy) = HeaderValue::from_str(&self.policy.join(nonce)) else { return AppError::Internal.into_response() };
        let headers = [(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")), (CONTENT_SECURITY_POLICY, policy)];
        (headers, Body::from(body)).into_response()
    }
}

/// The market, the home page, tips and tipsters, asked for by somebody who is not signed in. Lists are also asked for with a
/// question, each a page of its own; what they all may weigh is limited as a whole.
fn is_alike_for_all(request: &Request) -> bool {
    let path = request.uri().path();
    let question = request.uri().query().map_or(0, str::len);
    let is_list = matches!(path, "/tips" | "/leaderboard") || path.strip_prefix("/tipsters/").is_some_and(is_handle);
    let is_public =
        (is_list && question <= QUESTION) || (question == 0 && (path == "/" || path.strip_prefix("/tips/").is_some_and(is_number)));
    let has_session =
        request.headers().get_all(COOKIE).iter().any(|cookie| cookie.to_str().map_or(true, |cookie| cookie.contains(COOKIE_NAME)));
    *request.method() == Method::GET && is_public && !has_session
}

fn is_handle(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn is_number(text: &str) -> bool {
    (1..=18).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}
