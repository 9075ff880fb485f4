//! Where a browser may be sent: only ever to a path of our own.

use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use super::paths;

/// Where those are sent who do not say where.
const ELSE: &str = paths::TIPS;
/// The longest address of ours, a question with every filter set, is shorter.
const LONGEST: usize = 1_000;

/// The text, if it is a path of our own site. A browser reads `\` as `/` and skips tabs, so neither may be in
/// it.
pub fn own_path(text: &str) -> Option<&str> {
    let is_path = text.starts_with('/') && !text.starts_with("//");
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    (is_path && is_plain && text.len() <= LONGEST).then_some(text)
}

/// Only a path of our own site; anything else is the market.
pub fn safe_next(next: &str) -> &str {
    own_path(next).unwrap_or(ELSE)
}

/// The path of an address on whatever site, as one of ours.
pub fn path_here(address: &str) -> String {
    let Ok(url) = reqwest::Url::parse(address) else { return safe_next(address).to_owned() };
    let path = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
    safe_next(&path).to_owned()
}

/// On to a page of ours.
pub fn see_other(path: &str) -> Response {
    let location = HeaderValue::from_str(safe_next(path)).unwrap_or(HeaderValue::from_static(ELSE));
    (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response()
}

/// The address of a page that leads on to `next`, which may be empty. One that becomes too long is forgotten,
/// for the page itself matters more.
pub fn leading_to(path: &str, next: &str) -> String {
    match serde_urlencoded::to_string([("next", next)]) {
        Ok(query) if !next.is_empty() && path.len() + 1 + query.len() <= LONGEST => format!("{path}?{query}"),
        _ => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, path_here, safe_next};

    #[test]
    fn nobody_is_sent_to_another_site() {
        assert_eq!(safe_next("/tips/17?x=1"), "/tips/17?x=1");
        for evil in [
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "javascript:alert(1)",
            "/\t/evil.example",
            "/a\r\nx: y",
            "/é",
            "",
        ] {
            assert_eq!(safe_next(evil), "/tips", "{evil:?}");
        }
    }

    #[test]
    fn an_endless_address_is_none_of_ours() {
        let longest = format!("/{}", "a".repeat(LONGEST - 1));
        assert_eq!(safe_next(&longest), longest);
        assert_eq!(safe_next(&format!("{longest}a")), "/tips");
    }

    #[test]
    fn of_an_address_only_the_path_counts() {
        for (address, path) in [
            ("https://ligisoo.example/tips/1?text=a#pay", "/tips/1?text=a"),
            ("https://evil.example", "/"),
            ("https://evil.example//other.example/x", "/tips"),
            ("data:text/html,x", "/tips"),
            ("/purchases?page=2", "/purchases?page=2"),
            ("purchases", "/tips"),
        ] {
            assert_eq!(path_here(address), path, "{address}");
        }
    }
}
