//! Where a browser may be redirected to: only to a path of our own site.

use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use super::paths;

/// The target for a request that names no target, or one that is not ours.
const ELSE: &str = paths::TIPS;
/// No address of ours is longer; the longest is a search with every filter set.
const LONGEST: usize = 1_000;

/// The text, if it is a path of our own site; otherwise `None`. Browsers read `\` as `/` and skip tabs, so
/// such a text could lead to another site and is refused.
pub fn own_path(text: &str) -> Option<&str> {
    let is_path = text.starts_with('/') && !text.starts_with("//");
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    (is_path && is_plain && text.len() <= LONGEST).then_some(text)
}

/// The text, if it is a path of our own site; otherwise the path of the market.
pub fn safe_next(next: &str) -> &str {
    own_path(next).unwrap_or(ELSE)
}

/// The path and query of an address, as a path of our own site; the host of the address does not matter. It
/// reads the `Referer` and `Location` of requests and answers.
pub fn path_here(address: &str) -> String {
    let Ok(url) = reqwest::Url::parse(address) else { return safe_next(address).to_owned() };
    let path = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
    safe_next(&path).to_owned()
}

/// A 303 answer that sends the browser to a path of ours, or to the market if `path` is not ours.
pub fn see_other(path: &str) -> Response {
    let location = HeaderValue::from_str(safe_next(path)).unwrap_or(HeaderValue::from_static(ELSE));
    (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response()
}

/// The address of a page (as the sign-in) that sends its visitor on to `next` afterwards. An empty `next`
/// adds nothing. A `next` that makes the address too long is left out, because the page itself matters more.
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
