//! Pages that look the same to everybody are made, and compressed, at most once a second, however many people
//! ask: a visitor without a session gets a copy.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
    ETAG, IF_NONE_MATCH, SET_COOKIE,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use moka::future::Cache;
use sha2::{Digest, Sha256};
use tower::{ServiceBuilder, ServiceExt, service_fn};
use tower_http::compression::CompressionLayer;

use super::csp::by_hash;
use super::language::{language_of, weight};
use crate::platform::cookies::has_cookie;
use crate::platform::paths;
use crate::platform::random::hex;
use crate::platform::sessions::cookie_name;
use crate::tips::{Looker, Views};
use crate::types::{AppError, TipId};

/// A copy lives this long.
const FRESH_FOR: Duration = Duration::from_secs(1);
/// The limit of all copies together, in bytes.
const MEMORY: u64 = 4 * 1024 * 1024;
/// The largest page, in bytes: a larger one is a defect and is answered 500.
const PAGE_LIMIT: usize = 512 * 1024;
/// The longest query string, in bytes, whose page is kept.
const QUESTION: usize = 200;
/// The headers that speak of the content, which an answer without that content does not carry.
const OF_THE_CONTENT: [HeaderName; 3] = [CONTENT_TYPE, CONTENT_ENCODING, CONTENT_SECURITY_POLICY];
/// How many bytes of the hash make an `ETag`: enough that two contents of one page never have the same.
const TAG_BYTES: usize = 12;
/// Pages of words, which change with a release only.
const WORDS: [&str; 4] = [paths::ABOUT, paths::HELP, paths::PRIVACY, paths::TERMS];

/// The copies of this process. Clones share them.
#[derive(Clone)]
pub struct PageCache {
    pages: Cache<String, Arc<Page>>,
    views: Views,
    /// The cookie of a session: whoever sends it gets a page of their own.
    session_cookie: &'static str,
}

/// One answer with its headers, compressed in the way that its key says.
struct Page {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl PageCache {
    /// An empty cache. Views of tips are counted for copies too.
    pub fn new(views: Views, is_https: bool) -> Self {
        let weight =
            |key: &String, page: &Arc<Page>| u32::try_from(key.len() + page.body.len()).unwrap_or(u32::MAX);
        let pages = Cache::builder().max_capacity(MEMORY).weigher(weight).time_to_live(FRESH_FOR).build();
        Self { pages, views, session_cookie: cookie_name(is_https) }
    }
}

impl PageCache {
    /// Answers a request for a page that is alike for all ([`is_alike_for_all`]) with a copy, or has `make`
    /// make the page. Many who ask for one page wait for one rendering.
    pub async fn answer<M: Future<Output = Response>>(
        &self,
        client: IpAddr,
        mut request: Request,
        make: impl FnOnce(Request) -> M,
    ) -> Response {
        if has_cookie(request.headers(), self.session_cookie) {
            return make(request).await;
        }
        let encoding = best_encoding(request.headers());
        let key = key(&request, encoding);
        let tip = request.uri().path().strip_prefix("/tips/").and_then(|number| number.parse::<TipId>().ok());
        let view = tip.map(|tip| (tip, Looker::visitor(client, request.headers())));
        let has_already = request.headers().get(IF_NONE_MATCH).cloned();
        // The page must be changed before it is compressed, so it is made uncompressed.
        request.headers_mut().remove(ACCEPT_ENCODING);
        let kept = async { keep(make(request).await, encoding).await };
        match self.pages.entry_by_ref(key.as_str()).or_try_insert_with(kept).await {
            Ok(page) => {
                // Whoever got a copy has seen the tip too; the one for whom it was made was counted by the
                // page.
                if let Some((tip, looker)) = view.filter(|_| !page.is_fresh()) {
                    self.views.count(tip, &looker);
                }
                page.value().copy_unless(has_already.as_ref())
            }
            Err(other) => other.copy(),
        }
    }
}

/// The name of a copy: what the answer depends on.
fn key(request: &Request, encoding: &str) -> String {
    let address = request.uri().path_and_query().map_or("/", |address| address.as_str());
    format!("{} {encoding} {address}", language_of(request).as_str())
}

/// Makes a page to keep of an answer. The error is an answer that must not be kept, which everybody who waited
/// gets.
async fn keep(response: Response, encoding: &'static str) -> Result<Arc<Page>, Page> {
    let made = Page::of(response).await;
    let is_for_one =
        made.headers.contains_key(SET_COOKIE) || made.headers.get(CACHE_CONTROL).is_some_and(is_private);
    let is_for_all = made.status == StatusCode::OK && !is_for_one;
    match made.without_nonce().filter(|_| is_for_all) {
        Some(page) => Ok(Arc::new(page.compressed(encoding).await.tagged())),
        None => Err(made),
    }
}

impl Page {
    async fn of(response: Response) -> Self {
        let (mut parts, body) = response.into_parts();
        parts.headers.remove(CONTENT_LENGTH);
        match to_bytes(body, PAGE_LIMIT).await {
            Ok(body) => Self { status: parts.status, headers: parts.headers, body },
            Err(error) => {
                tracing::error!(%error, "a page could not be made");
                for name in OF_THE_CONTENT {
                    parts.headers.remove(name);
                }
                let body = AppError::Internal.to_string().into();
                Self { status: StatusCode::INTERNAL_SERVER_ERROR, headers: parts.headers, body }
            }
        }
    }

    /// The page without its nonce, so that it can be shown more than once; `None` if that cannot be done.
    fn without_nonce(&self) -> Option<Self> {
        let policy = self.headers.get(CONTENT_SECURITY_POLICY)?.to_str().ok()?;
        let (policy, text) = by_hash(policy, std::str::from_utf8(&self.body).ok()?)?;
        let mut headers = self.headers.clone();
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_str(&policy).ok()?);
        Some(Self { status: self.status, headers, body: text.into() })
    }

    async fn compressed(self, encoding: &'static str) -> Self {
        let mut request = Request::new(Body::empty());
        request.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static(encoding));
        let plain = service_fn(move |_: Request| std::future::ready(Ok::<_, Infallible>(self.copy())));
        let Ok(response) =
            ServiceBuilder::new().layer(CompressionLayer::new()).service(plain).oneshot(request).await;
        Self::of(response.map(Body::new)).await
    }

    /// Adds an `ETag` of the compressed content (RFC 9110 §8.8.3).
    fn tagged(mut self) -> Self {
        let tag = format!("\"{}\"", hex(&Sha256::digest(&self.body)[..TAG_BYTES]));
        self.headers.extend(HeaderValue::from_str(&tag).ok().map(|tag| (ETAG, tag)));
        self
    }

    /// A copy, or 304 if the browser has it already (RFC 9110 §13.1.2).
    fn copy_unless(&self, has_already: Option<&HeaderValue>) -> Response {
        let tag = self.headers.get(ETAG).and_then(|tag| tag.to_str().ok());
        let theirs = has_already.and_then(|tags| tags.to_str().ok()).unwrap_or_default();
        let is_theirs = |tag: &str| theirs.split(',').any(|one| one.trim().trim_start_matches("W/") == tag);
        if !tag.is_some_and(is_theirs) {
            return self.copy();
        }
        let mut response = StatusCode::NOT_MODIFIED.into_response();
        response.headers_mut().clone_from(&self.headers);
        for name in OF_THE_CONTENT {
            response.headers_mut().remove(name);
        }
        response
    }

    fn copy(&self) -> Response {
        let mut response = Response::new(Body::from(self.body.clone()));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers.clone();
        response
    }
}

/// The best way to compress that both sides know. It is one name, so that few copies are made.
fn best_encoding(headers: &HeaderMap) -> &'static str {
    let accepted = headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let knows = |name: &str| {
        accepted.split(',').map(|one| one.split_once(';').unwrap_or((one, ""))).any(|(one, more)| {
            let weight = more.trim().strip_prefix("q=").map_or(1_000, weight);
            one.trim().eq_ignore_ascii_case(name) && weight > 0
        })
    };
    ["br", "gzip"].into_iter().find(|name| knows(name)).unwrap_or("identity")
}

/// Whether a request is for a page that looks the same to everybody: the market, the home page, tips,
/// tipsters, and what explains the site. Each query string of a list makes a copy of its own; `MEMORY` limits
/// them all.
pub fn is_alike_for_all(request: &Request) -> bool {
    let path = request.uri().path();
    let question = request.uri().query().map_or(0, str::len);
    let is_list = matches!(path, paths::TIPS | paths::LEADERBOARD)
        || path.strip_prefix("/tipsters/").is_some_and(is_handle);
    let is_public = (is_list && question <= QUESTION)
        || (question == 0
            && (path == paths::HOME
                || WORDS.contains(&path)
                || path.strip_prefix("/tips/").is_some_and(is_number)));
    *request.method() == Method::GET && is_public
}

fn is_private(caching: &HeaderValue) -> bool {
    caching.to_str().is_ok_and(|caching| caching.contains("private"))
}

fn is_handle(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn is_number(text: &str) -> bool {
    (1..=18).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_way_to_compress() {
        for (accepted, best) in [
            ("gzip, deflate, br, zstd", "br"),
            ("gzip;q=1.0, BR;q=0.5", "br"),
            ("br;q=0, gzip", "gzip"),
            ("deflate, x-gzip", "identity"),
            ("", "identity"),
        ] {
            let headers = HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(accepted))]);
            assert_eq!(best_encoding(&headers), best, "{accepted}");
        }
    }
}
