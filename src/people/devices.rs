//! The list of places where a person is signed in, and ending one of these sessions. Only two words are kept
//! of a device: its browser and its system.

use axum::http::HeaderMap;
use axum::http::header::USER_AGENT;

use super::People;
use super::store::devices as rows;
pub use super::store::devices::Device;
use crate::platform::db::{Failure, transaction};
use crate::platform::sessions::{self, SESSIONS_PER_PERSON};
use crate::platform::viewer::Viewer;
use crate::types::{AppError, Text, words};

words! {
    no_such_session { "There is no such sign-in." "Hakuna kifaa kama hicho." }
    on_system(browser, system) { "{browser} on {system}" "{browser} kwenye {system}" }
    a_browser { "A browser" "Kivinjari" }
}

/// A word of the `User-Agent` header, and the browser's name. The first word that is found counts, because
/// many browsers name others too.
const BROWSERS: [(&str, &str); 11] = [
    ("Opera Mini", "Opera Mini"),
    ("OPR/", "Opera"),
    ("Opera", "Opera"),
    ("Edg", "Edge"),
    ("SamsungBrowser", "Samsung Internet"),
    ("UCBrowser", "UC Browser"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
];
/// A word of the `User-Agent` header, and the name of the system; the first that is found counts.
const SYSTEMS: [(&str, &str); 9] = [
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("KAIOS", "KaiOS"),
    ("J2ME", "a phone"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
];
const ON: &str = " on ";

/// What is kept of a browser: two words of our own, like `Chrome on Android`, and nothing that the browser
/// sent. Empty if neither browser nor system is known.
pub fn describe(headers: &HeaderMap) -> String {
    let says = headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let find = |list: &[(&str, &'static str)]| {
        list.iter().find(|(sign, _)| says.contains(sign)).map(|(_, name)| *name)
    };
    match (find(&BROWSERS), find(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser}{ON}{system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => String::new(),
    }
}

impl Device {
    /// The device's name for its owner; an unknown one is called just a browser.
    pub fn title(&self) -> Text {
        match self.browser.split_once(ON) {
            Some((browser, system)) => on_system(browser, system),
            None if self.browser.is_empty() => a_browser(),
            None => self.browser.clone().into(),
        }
    }
}

impl People {
    /// The living sessions of a person, the last used first, at most as many as a person can have.
    ///
    /// # Errors
    /// A database error.
    pub async fn devices(&self, person: &Viewer) -> Result<Vec<Device>, Failure> {
        Ok(rows::list(&self.db, person.id, self.clock.now(), SESSIONS_PER_PERSON).await?)
    }

    /// Ends one of the person's own sessions, which may be the one that asks.
    ///
    /// # Errors
    /// [`AppError::NotFound`] if the person has no session of this name; a database error.
    pub async fn end_session(&self, person: &Viewer, id: &str) -> Result<(), Failure> {
        let ended: Result<bool, Failure> =
            transaction!(self.db, |tx| Ok(sessions::end(tx, person.id, id).await?));
        if ended? { Ok(()) } else { Err(AppError::not_found(no_such_session()).into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(says: &'static str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(USER_AGENT, says.parse().expect("a header"));
        describe(&headers)
    }

    #[test]
    fn two_words_are_kept_of_a_browser() {
        for (says, kept) in [
            (
                "Mozilla/5.0 (Linux; Android 14; SM-A145F) AppleWebKit/537.36 (KHTML, like Gecko) \
                    Chrome/140.0.0.0 Mobile Safari/537.36",
                "Chrome on Android",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 \
                    (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            (
                "Opera/9.80 (Android; Opera Mini/70.0/191.303; U; en) Presto/2.12.423 Version/12.16",
                "Opera Mini on Android",
            ),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
            ("curl/8.5.0", ""),
            ("<script>alert(1)</script> Chrome", "Chrome"),
        ] {
            assert_eq!(described(says), kept, "{says}");
        }
        assert_eq!(describe(&HeaderMap::new()), "");
    }
}
