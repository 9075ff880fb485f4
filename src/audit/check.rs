//! The check of the chain: it walks all rows, a page at a time.

use serde::Serialize;

use super::body::{AuditRow, hash};
use super::store::{self, Head};
use crate::platform::db::Db;

const PAGE: i64 = 1_000;

/// What the check found.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct AuditReport {
    /// How many rows of the chain are right, from its first one on.
    pub rows: i64,
    /// The hash of the last of them. Whoever keeps it elsewhere can tell later whether the chain was made
    /// anew.
    pub hash: String,
    /// The first thing that does not fit.
    pub broken: Option<Broken>,
}

/// What does not fit, and the number in the chain at which it was seen.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Broken {
    pub seq: i64,
    pub why: &'static str,
}

/// Walks the chain from its first row to its end. Nobody who acts waits for it.
///
/// # Errors
/// A database error.
pub async fn check(db: &Db) -> Result<AuditReport, sqlx::Error> {
    let mut tx = db.begin_snapshot().await?;
    let (mut last, mut older) = (Head::default(), 0);
    loop {
        let page = store::page(&mut tx, last.seq, PAGE).await?;
        for row in &page {
            match follow(&last, row) {
                Ok(head) => last = head,
                Err(why) => return Ok(report(last, Some(why))),
            }
            if last.seq == 1 {
                older = row.after.as_deref().and_then(|count| count.parse().ok()).unwrap_or_default();
            }
        }
        if i64::try_from(page.len()).unwrap_or(PAGE) < PAGE {
            break;
        }
    }
    let why = if store::head(&mut tx).await?.as_ref() != Some(&last) {
        Some("the chain ends elsewhere than its end says")
    } else if last.seq > 0 && store::count(&mut tx).await? != last.seq + older {
        Some("there are other rows than those of the chain and the older ones that its first row counts")
    } else {
        None
    };
    Ok(report(last, why))
}

fn report(last: Head, why: Option<&'static str>) -> AuditReport {
    let broken = why.map(|why| Broken { seq: last.seq + 1, why });
    AuditReport { rows: last.seq, hash: last.hash, broken }
}

/// The end of the chain with this row, if it follows.
fn follow(last: &Head, row: &AuditRow) -> Result<Head, &'static str> {
    let seq = last.seq + 1;
    if row.seq != Some(seq) {
        return Err("a row is missing, or is there twice");
    }
    let body = row.text();
    if row.body.as_ref() != Some(&body) {
        return Err("the row says something else than its text");
    }
    let hash = hash(&last.hash, &body);
    if row.hash.as_ref() != Some(&hash) {
        return Err("the hash is not that of this row after the one before");
    }
    Ok(Head { seq, hash })
}
