//! Reads the cookies of a request in the same way as sessions do: names may be percent-encoded.

use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use tower_sessions::cookie::Cookie;

/// All cookies of a request.
pub fn all_cookies(headers: &HeaderMap) -> impl Iterator<Item = Cookie<'_>> {
    let texts = headers.get_all(COOKIE).iter().filter_map(|text| text.to_str().ok());
    texts.flat_map(|text| Cookie::split_parse_encoded(text).flatten())
}

/// The values of all cookies of this name; a browser may send several.
pub fn cookies<'a>(headers: &'a HeaderMap, name: &'a str) -> impl Iterator<Item = String> + 'a {
    all_cookies(headers).filter(move |cookie| cookie.name() == name).map(|cookie| cookie.value().to_owned())
}

/// Whether the request has a cookie of this name.
pub fn has_cookie(headers: &HeaderMap, name: &str) -> bool {
    cookies(headers, name).next().is_some()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_cookie_has_a_whole_name() {
        let text = HeaderValue::from_static("my_session=1; session=2; other=session=3; %73ession=4;;=");
        let headers = HeaderMap::from_iter([(COOKIE, text), (COOKIE, HeaderValue::from_static("session=5"))]);
        assert_eq!(cookies(&headers, "session").collect::<Vec<_>>(), ["2", "4", "5"]);
        assert!(!has_cookie(&headers, "sess"));
    }
}
