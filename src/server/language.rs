//! The language in which a page is made: the one that the visitor chose, else the browser's best one that the
//! site speaks.

use axum::Form;
use axum::extract::{Request, State};
use axum::http::header::{ACCEPT_LANGUAGE, CONTENT_TYPE, SET_COOKIE, VARY};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::context::App;
use crate::platform::cookies::cookies;
use crate::platform::redirect::see_other;
use crate::types::{AppError, Language, words};

words! {
    no_such_language { "That is not a language of this site." "Hiyo si lugha ya tovuti hii." }
}

const COOKIE_NAME: &str = "language";
const YEAR_SECONDS: u32 = 365 * 24 * 3600;

/// The language of a request's answer. The desk is for staff, and always English.
pub fn language_of(request: &Request) -> Language {
    let is_desk = ["/desk/", "/api/desk/"].iter().any(|desk| request.uri().path().starts_with(desk));
    let asked =
        if is_desk { None } else { chosen(request.headers()).or_else(|| accepted(request.headers())) };
    asked.unwrap_or_default()
}

/// A layer that puts the `Language` on each request, and tells caches that pages differ by language.
pub async fn know_language(mut request: Request, next: Next) -> Response {
    let language = language_of(&request);
    request.extensions_mut().insert(language);
    let mut response = next.run(request).await;
    let is_page =
        response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if is_page {
        response.headers_mut().append(VARY, HeaderValue::from_static("accept-language, cookie"));
    }
    response
}

/// The form of `choose`: the language's code, and the page to which to go back.
#[derive(Deserialize)]
pub struct Choice {
    language: String,
    #[serde(default)]
    next: String,
}

/// `POST /api/language`: remembers a choice for a year in a cookie and goes back. Another word than a code of
/// ours is answered 400.
pub async fn choose(State(state): State<App>, Form(choice): Form<Choice>) -> Response {
    let Some(language) = Language::read(&choice.language) else {
        return AppError::invalid(no_such_language()).into_response();
    };
    let secure = if state.settings.is_https() { "; Secure" } else { "" };
    let cookie = format!(
        "{COOKIE_NAME}={}; Path=/; Max-Age={YEAR_SECONDS}; HttpOnly; SameSite=Lax{secure}",
        language.as_str()
    );
    let Ok(cookie) = HeaderValue::from_str(&cookie) else { return AppError::Internal.into_response() };
    ([(SET_COOKIE, cookie)], see_other(&choice.next)).into_response()
}

fn chosen(headers: &HeaderMap) -> Option<Language> {
    cookies(headers, COOKIE_NAME).find_map(|code| Language::read(&code))
}

/// The best language that we speak of a header like `sw-KE,sw;q=0.9,en;q=0.8` (RFC 9110 §12.5.4), and the
/// first of equal ones.
fn accepted(headers: &HeaderMap) -> Option<Language> {
    let ranges = headers.get(ACCEPT_LANGUAGE)?.to_str().ok()?;
    let mut best: Option<(u16, Language)> = None;
    for range in ranges.split(',').take(20) {
        let mut parts = range.split(';');
        let tag = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
        let Some(language) = Language::read(tag.split('-').next().unwrap_or_default()) else { continue };
        let weight = parts.find_map(|part| part.trim().strip_prefix("q=")).map_or(1_000, weight);
        if weight > 0 && best.is_none_or(|(most, _)| weight > most) {
            best = Some((weight, language));
        }
    }
    best.map(|(_, language)| language)
}

/// A weight like `0.75` in thousandths. A text that cannot be read weighs nothing.
pub fn weight(text: &str) -> u16 {
    let (whole, part) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let digits = format!("{part:0<3}");
    let thousandths = digits.get(..3).and_then(|digits| digits.parse::<u16>().ok()).unwrap_or(0);
    if whole == "1" { 1_000 } else { thousandths }
}

#[cfg(test)]
mod tests {
    use axum::http::header::COOKIE;

    use super::*;

    fn headers(accept: &'static str, cookie: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static(accept));
        headers.insert(COOKIE, HeaderValue::from_static(cookie));
        headers
    }

    #[test]
    fn the_browsers_best_language_that_we_speak() {
        for (accept, language) in [
            ("sw-KE,sw;q=0.9,en;q=0.8", Some(Language::Swahili)),
            ("en-GB,en;q=0.9,sw;q=0.5", Some(Language::English)),
            ("fr, en;q=0.3, SW;q=0.75", Some(Language::Swahili)),
            ("sw;q=0, en;q=0.1", Some(Language::English)),
            ("sw;q=x", None),
            ("fr", None),
            ("", None),
            (";;;,q=1,*", None),
        ] {
            assert_eq!(accepted(&headers(accept, "")), language, "{accept}");
        }
    }

    #[test]
    fn a_choice_counts_most() {
        assert_eq!(chosen(&headers("en", "a=b; language=sw; c=d")), Some(Language::Swahili));
        assert_eq!(chosen(&headers("en", "language=klingon")), None);
        assert_eq!(chosen(&headers("en", "my_language=sw")), None);
    }
}
