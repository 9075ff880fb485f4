//! What a browser keeps for us beside its session, in cookies that no script can read: the secrets of the
//! codes that it asked for, and marks of the people who were signed in with it.
//!
//! The page of a code is only for the browser that asked, so a link to it is worth nothing to anybody else. A
//! browser with a person's mark is known: its attempts for that person are not counted with those of
//! strangers, so nobody can lock out an owner who has such a browser. The mark proves nothing more; the
//! password is still needed. It loses its worth when all of the person's sessions are ended.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use uuid::Uuid;

use super::{Entrant, People};
use crate::platform::cookies::all_cookies;
use crate::platform::random::hex;
use crate::platform::settings::Settings;
use crate::types::PersonId;

const CODE: &str = "ligisoo_code_";
const KNOWN: &str = "ligisoo_known";
/// Only this very host can set a cookie whose name begins so. Browsers enforce it under https only.
const HOST: &str = "__Host-";
/// How long a browser can return to the page of a code.
pub const CODE_KEPT: chrono::TimeDelta = chrono::TimeDelta::hours(1);
const YEAR_SECONDS: i64 = 365 * 24 * 3_600;
/// How many people's marks one browser keeps.
const PEOPLE: usize = 4;
/// The label under which marks are hashed.
const MARK: &str = "browser that was in";

/// The cookies of a request that this file reads.
#[derive(Debug, Clone, Default)]
pub struct Browser {
    codes: Vec<(Uuid, String)>,
    /// The browser's random name, and the marks of the people who were signed in with it.
    known: Option<(String, Vec<String>)>,
    is_https: bool,
}

/// Cookies that wait on the extensions of an answer until `know_browser` sets them.
#[derive(Clone)]
struct Remember(Vec<HeaderValue>);

/// Middleware that puts the [`Browser`] on each request's extensions, and sets the cookies of `remember` on
/// the answer.
pub async fn know_browser(
    State(settings): State<Arc<Settings>>,
    mut request: Request,
    next: Next,
) -> Response {
    let browser = Browser::of(request.headers(), settings.is_https());
    request.extensions_mut().insert(browser);
    let mut response = next.run(request).await;
    for cookie in response.extensions_mut().remove().map_or_else(Vec::new, |Remember(cookies)| cookies) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// Adds cookies to an answer; `know_browser` sets them on its way out.
pub fn remember(mut response: Response, cookies: impl IntoIterator<Item = HeaderValue>) -> Response {
    response.extensions_mut().get_or_insert_with(|| Remember(Vec::new())).0.extend(cookies);
    response
}

impl Browser {
    /// Reads the cookies of a request. Under https only those count that this very host has set (`__Host-`).
    pub fn of(headers: &HeaderMap, is_https: bool) -> Self {
        let mut browser = Self { is_https, ..Self::default() };
        let prefix = if is_https { HOST } else { "" };
        for cookie in all_cookies(headers) {
            let (Some(name), value) = (cookie.name().strip_prefix(prefix), cookie.value()) else { continue };
            if let Some(id) = name.strip_prefix(CODE).and_then(|id| id.parse().ok()) {
                browser.codes.push((id, value.to_owned()));
            } else if name == KNOWN {
                let mut parts = value.split('.').map(str::to_owned);
                browser.known = parts.next().map(|name| (name, parts.take(PEOPLE).collect()));
            }
        }
        browser
    }

    /// The secret that this browser keeps for a code; `None` if it did not ask for the code. Whether the
    /// secret is right is not checked here.
    pub fn secret_of(&self, code: Uuid) -> Option<&str> {
        self.codes.iter().find(|(id, _)| *id == code).map(|(_, secret)| secret.as_str())
    }

    /// The cookie that lets this browser see the page of a code for an hour; `None` if it is no valid header.
    pub fn code_cookie(&self, code: Uuid, secret: &str) -> Option<HeaderValue> {
        self.cookie(&format!("{CODE}{code}"), secret, CODE_KEPT.num_seconds())
    }

    fn cookie(&self, name: &str, value: &str, seconds: i64) -> Option<HeaderValue> {
        let (prefix, secure) = if self.is_https { (HOST, "; Secure") } else { ("", "") };
        HeaderValue::from_str(&format!(
            "{prefix}{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"
        ))
        .ok()
    }
}

impl People {
    /// The name of the browser, if it has a valid mark of this person in the present `generation` of their
    /// sessions; else `None`.
    pub fn known_browser<'a>(
        &self,
        browser: &'a Browser,
        person: PersonId,
        generation: i64,
    ) -> Option<&'a str> {
        let (name, marks) = browser.known.as_ref()?;
        let was_in = format!("{person} {generation} {name}");
        marks.iter().any(|mark| self.secret_key.is_hash_of(MARK, &was_in, mark)).then_some(name)
    }

    /// The cookie, for a year, that marks the browser as one in which this person was signed in. It keeps the
    /// marks of up to three other people. `None` if it is no valid header.
    pub fn known_cookie(&self, browser: &Browser, entrant: &Entrant) -> Option<HeaderValue> {
        let (name, marks) =
            browser.known.clone().unwrap_or_else(|| (hex(&self.random.bytes::<16>()), Vec::new()));
        let mark =
            self.secret_key.hash(MARK, &format!("{} {} {name}", entrant.viewer.id, entrant.generation));
        let others = marks.iter().filter(|other| **other != mark).take(PEOPLE - 1);
        let value: Vec<&str> = [&name, &mark].into_iter().chain(others).map(String::as_str).collect();
        browser.cookie(KNOWN, &value.join("."), YEAR_SECONDS)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::header::COOKIE;

    use super::*;

    fn browser(cookie: &'static str, is_https: bool) -> Browser {
        Browser::of(&HeaderMap::from_iter([(COOKIE, HeaderValue::from_static(cookie))]), is_https)
    }

    #[test]
    fn its_own_cookies_are_read_and_no_others() {
        let id = Uuid::nil();
        let codes = "a=b; ligisoo_code_00000000-0000-0000-0000-000000000000=secret; \
            ligisoo_code_x=y; ligisoo_known=name.one.two.3.4.5";
        let read = browser(codes, false);
        assert_eq!(read.secret_of(id), Some("secret"));
        assert_eq!(
            read.known,
            Some(("name".to_owned(), ["one", "two", "3", "4"].map(str::to_owned).to_vec()))
        );
        assert_eq!(browser(codes, true).secret_of(id), None, "under https only what this very host has set");
        let secure = "__Host-ligisoo_code_00000000-0000-0000-0000-000000000000=secret";
        assert_eq!(browser(secure, true).secret_of(id), Some("secret"));
    }

    #[test]
    fn its_cookies_are_for_this_host_alone() {
        let cookie = |is_https| browser("", is_https).code_cookie(Uuid::nil(), "secret").expect("a cookie");
        let rest =
            "00000000-0000-0000-0000-000000000000=secret; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax";
        assert_eq!(cookie(false), format!("ligisoo_code_{rest}"));
        assert_eq!(cookie(true), format!("__Host-ligisoo_code_{rest}; Secure"));
    }
}
