//! The one text of a row that is hashed, and the hash that chains it to the row before.

use std::fmt::Write;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::FromRow;
use uuid::Uuid;

use crate::platform::clock::rfc3339;
use crate::types::PersonId;

/// A row of the audit. Rows from before the chain have neither a number nor a text nor a hash.
#[derive(Debug, Clone, FromRow, Serialize)]
pub struct AuditRow {
    pub seq: Option<i64>,
    pub id: Uuid,
    pub at: DateTime<Utc>,
    pub person_id: Option<PersonId>,
    pub actor: String,
    pub action: String,
    pub subject_kind: String,
    pub subject_id: String,
    pub before: Option<String>,
    pub after: Option<String>,
    pub reason: String,
    #[serde(skip)]
    pub body: Option<String>,
    pub hash: Option<String>,
}

impl AuditRow {
    /// The row as one text: a JSON list of what it says, always in this order. JSON's quoting keeps one value
    /// from reading like two.
    pub fn text(&self) -> String {
        json!([
            self.seq,
            self.id,
            rfc3339(self.at),
            self.person_id,
            self.actor,
            self.action,
            self.subject_kind,
            self.subject_id,
            self.before,
            self.after,
            self.reason,
        ])
        .to_string()
    }
}

/// SHA-256 in hexadecimal over the hash of the row before, and this row's text.
pub fn hash(previous: &str, body: &str) -> String {
    let digest = Sha256::new().chain_update(previous).chain_update(body).finalize();
    digest.iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(before: Option<&str>, after: Option<&str>) -> AuditRow {
        AuditRow {
            seq: Some(2),
            id: Uuid::from_u128(7),
            at: DateTime::from_timestamp(1_793_000_000, 123_456_789).expect("a moment"),
            person_id: Some(PersonId(Uuid::from_u128(8))),
            actor: "operator".to_owned(),
            action: "settled".to_owned(),
            subject_kind: "payment".to_owned(),
            subject_id: "9".to_owned(),
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
            reason: "seen, \"so\"".to_owned(),
            body: None,
            hash: None,
        }
    }

    #[test]
    fn the_text_is_the_same_for_ever() {
        let text = "[2,\"00000000-0000-0000-0000-000000000007\",\"2026-10-26T07:33:20.123456Z\",\
            \"00000000-0000-0000-0000-000000000008\",\"operator\",\"settled\",\"payment\",\"9\",null,\
            \"completed\",\"seen, \\\"so\\\"\"]";
        assert_eq!(row(None, Some("completed")).text(), text);
        assert_eq!(hash("", "[1]"), "080a9ed428559ef602668b4c00f114f1a11c3f6b02a435f0bdc154578e4d7f22");
    }

    #[test]
    fn no_two_rows_have_one_text() {
        assert_ne!(row(None, Some("a")).text(), row(Some("a"), None).text());
        assert_ne!(row(Some("a\",\"b"), None).text(), row(Some("a"), Some("b")).text());
        assert_ne!(hash("a", "b"), hash("b", "a"));
    }
}
