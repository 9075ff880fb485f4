//! Bodies that nobody could read: which there are, and what stands in them.

use serde::Serialize;

use super::output::print;
use crate::mpesa::store::bodies::{self, KeptBody};
use crate::payments::c2b::why_unreadable;
use crate::platform::clock::rfc3339;
use crate::platform::db::Db;
use crate::types::CallbackId;

/// A kept body for people.
#[derive(Serialize)]
struct BodyLine {
    body_id: CallbackId,
    received_at: String,
    bytes: usize,
    /// Why it cannot be read as a confirmation; none if it can.
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

impl From<&KeptBody> for BodyLine {
    fn from(kept: &KeptBody) -> Self {
        Self {
            body_id: kept.id,
            received_at: rfc3339(kept.received_at),
            bytes: kept.body.len(),
            reason: why_unreadable(&kept.body),
            text: None,
        }
    }
}

/// Prints the newest confirmations that could not be read.
///
/// # Errors
/// A database error, or the lines cannot be written.
pub async fn list(db: &Db, limit: i64, json: bool) -> anyhow::Result<()> {
    let kept = bodies::unreadable(db, limit).await?;
    let lines: Vec<BodyLine> = kept.iter().map(BodyLine::from).collect();
    if json {
        return print(&lines, true);
    }
    for BodyLine { body_id, received_at, bytes, reason, .. } in lines {
        println!(
            "{received_at} {body_id} {bytes} bytes: {}",
            reason.as_deref().unwrap_or("it can be read now")
        );
    }
    Ok(())
}

/// Prints the body that is kept under this id. Returns false if there is none.
///
/// # Errors
/// A database error, or it cannot be written.
pub async fn show(db: &Db, id: CallbackId, json: bool) -> anyhow::Result<bool> {
    let Some(kept) = bodies::by_id(db, id).await? else { return Ok(false) };
    print(&BodyLine { text: Some(visible(&kept.body)), ..BodyLine::from(&kept) }, json)?;
    Ok(true)
}

/// The text of a body in which nothing acts on a terminal: what controls it is shown as an escape.
fn visible(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    text.chars().fold(String::with_capacity(text.len()), |mut shown, character| {
        match character {
            '"' | '\'' => shown.push(character),
            other => shown.extend(other.escape_debug()),
        }
        shown
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_controls_a_terminal_is_shown_as_an_escape() {
        let body = b"{\"TransID\":'x'}\r\n\x1b[2J\x00\xe2\x80\xae\xff caf\xc3\xa9";
        assert_eq!(visible(body), "{\"TransID\":'x'}\\r\\n\\u{1b}[2J\\0\\u{202e}\u{fffd} café");
    }
}
