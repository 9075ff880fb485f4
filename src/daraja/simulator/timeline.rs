//! The last requests, answers and callbacks without their secrets, each also as a `curl` command.

use std::collections::VecDeque;
use std::time::Instant;

use serde::Serialize;

use super::deliveries::{Delivery, DeliveryKind};
use super::redact::{redacted, without_secrets};

/// How many exchanges are kept; older ones are forgotten.
const EXCHANGES_MAX: usize = 200;

/// The last exchanges, the oldest first.
#[derive(Default)]
pub struct Timeline {
    exchanges: VecDeque<Exchange>,
    last_id: u64,
    last_version: u64,
}

/// One request and its answer, without secrets.
#[derive(Clone, Serialize)]
struct Exchange {
    id: u64,
    /// The number of the last change to this exchange. The page asks only for higher ones.
    version: u64,
    /// The time on the simulator's clock.
    at: String,
    #[serde(flatten)]
    note: Note,
    /// The status of the answer; `None` until it comes.
    status: Option<u16>,
    millis: Option<u64>,
    answer: String,
    remark: Option<&'static str>,
    #[serde(skip)]
    start: Instant,
}

/// What is known when a request leaves.
#[derive(Clone, Serialize)]
pub struct Note {
    /// `push`, `query`, `token`, `register`, `callback`, `confirmation` or `validation`.
    kind: &'static str,
    /// Whether it goes from the simulator to the app, and not from the app to Safaricom.
    is_outgoing: bool,
    method: String,
    url: String,
    phone_number: Option<String>,
    request: String,
    curl: String,
}

/// The body of `GET /inspector/exchanges`.
#[derive(Serialize)]
pub struct News {
    version: u64,
    exchanges: Vec<Exchange>,
}

impl Note {
    /// A note whose secrets are taken out here, so that none reaches the timeline.
    pub fn new(
        kind: &'static str,
        is_outgoing: bool,
        method: &str,
        url: &str,
        phone_number: Option<String>,
        body: &[u8],
        headers: &[(&str, &str)],
    ) -> Self {
        let (url, request) = (without_secrets(url), redacted(body));
        let curl = curl(method, &url, headers, &request);
        Self { kind, is_outgoing, method: method.to_owned(), url, phone_number, request, curl }
    }

    /// The note of what is posted to the app.
    pub fn of_delivery(delivery: &Delivery) -> Self {
        let kind = match delivery.kind {
            DeliveryKind::Callback => "callback",
            DeliveryKind::Confirmation => "confirmation",
            DeliveryKind::Validation => "validation",
        };
        let headers = [("Content-Type", "application/json;charset=UTF-8")];
        Self::new(
            kind,
            true,
            "POST",
            &delivery.url,
            Some(delivery.phone_number.clone()),
            delivery.body.as_bytes(),
            &headers,
        )
    }
}

impl Timeline {
    /// Adds an exchange without an answer, and returns its number.
    pub fn add(&mut self, note: Note, at: String) -> u64 {
        self.last_id += 1;
        self.last_version += 1;
        let (id, version) = (self.last_id, self.last_version);
        self.exchanges.push_back(Exchange {
            id,
            version,
            at,
            note,
            status: None,
            millis: None,
            answer: String::new(),
            remark: None,
            start: Instant::now(),
        });
        if self.exchanges.len() > EXCHANGES_MAX {
            self.exchanges.pop_front();
        }
        id
    }

    /// The exchanges that changed after `version`, the oldest first.
    pub fn since(&self, version: u64) -> News {
        let changed = self.exchanges.iter().filter(|exchange| exchange.version > version);
        News { version: self.last_version, exchanges: changed.cloned().collect() }
    }

    /// Adds how an exchange ended. An exchange that is forgotten already is left out.
    pub fn end(&mut self, id: u64, status: Option<u16>, answer: &[u8], remark: Option<&'static str>) {
        // The numbers are consecutive, so the place is known.
        let Some(first) = self.exchanges.front().map(|exchange| exchange.id) else { return };
        let at = id.checked_sub(first).and_then(|at| usize::try_from(at).ok());
        let Some(exchange) = at.and_then(|at| self.exchanges.get_mut(at)) else { return };
        self.last_version += 1;
        exchange.version = self.last_version;
        exchange.status = status;
        exchange.millis = u64::try_from(exchange.start.elapsed().as_millis()).ok();
        exchange.answer = redacted(answer);
        exchange.remark = remark;
    }
}

/// The request as a command for a shell. Its secrets are `…`, which a person replaces by hand.
fn curl(method: &str, url: &str, headers: &[(&str, &str)], body: &str) -> String {
    let quote = |text: &str| format!("'{}'", text.replace('\'', r"'\''"));
    let headers = headers.iter().filter(|(name, _)| *name != "Content-Type" || !body.is_empty());
    let mut words = vec![format!("curl -X {method} {}", quote(url))];
    words.extend(headers.map(|(name, value)| format!("-H {}", quote(&format!("{name}: {value}")))));
    words.extend((!body.is_empty()).then(|| format!("--data-raw {}", quote(body))));
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(body: &str) -> Note {
        Note::new(
            "push",
            false,
            "POST",
            "http://127.0.0.1:9/a",
            None,
            body.as_bytes(),
            &[("Content-Type", "application/json")],
        )
    }

    #[test]
    fn a_command_is_quoted() {
        assert_eq!(
            note("it's").curl,
            r"curl -X POST 'http://127.0.0.1:9/a' -H 'Content-Type: application/json' --data-raw 'it'\''s'"
        );
        assert_eq!(note("").curl, "curl -X POST 'http://127.0.0.1:9/a'");
    }

    #[test]
    fn only_the_last_exchanges_are_kept_and_late_answers_find_theirs() {
        let mut timeline = Timeline::default();
        let ids: Vec<u64> = (0..EXCHANGES_MAX + 5).map(|_| timeline.add(note(""), String::new())).collect();
        timeline.end(ids[0], Some(200), b"too late", None);
        timeline.end(ids[10], Some(200), b"ok", None);
        assert_eq!(timeline.exchanges.len(), EXCHANGES_MAX);
        let answered: Vec<u64> = timeline
            .exchanges
            .iter()
            .filter(|exchange| exchange.status.is_some())
            .map(|exchange| exchange.id)
            .collect();
        assert_eq!(answered, [ids[10]]);
    }
}
