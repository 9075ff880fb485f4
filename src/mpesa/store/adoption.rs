//! The SQL that brings receipts of older versions under `money_in`: those that a fact told with an amount,
//! and that nothing booked.

use chrono::{DateTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use crate::mpesa::{Purpose, Subject};
use crate::platform::db::{Db, Tx, changes_one, read};
use crate::types::Kes;

/// A receipt that was told and not booked.
#[derive(Debug, Clone, FromRow)]
pub struct Unbooked {
    /// The id of the fact.
    pub id: Uuid,
    /// The row that the fact is about.
    pub subject_id: Uuid,
    pub receipt: String,
    #[sqlx(rename = "amount_cents")]
    pub amount: Kes,
}

/// Facts of this purpose in which a machine told of money under a receipt that no row has, after the fact
/// `after` in the order of their ids, `limit` at most. Those of the kind `but` told of it without being
/// believed.
///
/// # Errors
/// A database error.
pub async fn unbooked(
    db: &Db,
    purpose: Purpose,
    but: &str,
    after: Uuid,
    limit: i64,
) -> Result<Vec<Unbooked>, sqlx::Error> {
    const FIND: &str = "SELECT e.id, e.subject_id, e.receipt, e.amount_cents FROM mpesa_events e
        WHERE e.id > $1 AND e.purpose = $2 AND e.kind <> $3 AND e.receipt IS NOT NULL AND e.amount_cents > 0
            AND (e.source IN ('c2b', 'statement') OR (e.source = 'callback' AND e.result_code = '0'))
            AND NOT EXISTS (SELECT 1 FROM money_in m WHERE m.receipt = e.receipt)
        ORDER BY e.id LIMIT $4";
    read!(db, |c| {
        sqlx::query_as(FIND).bind(after).bind(purpose.as_str()).bind(but).bind(limit).fetch_all(c).await
    })
}

/// Writes the row `id` of money that lies in suspense, with the sources that its subject's facts name. It is
/// for `home`, if it may still be used there. Returns false if its receipt has a row already.
///
/// # Errors
/// A database error.
pub async fn insert_suspense(
    tx: &mut Tx,
    id: Uuid,
    told: (Subject, &Unbooked),
    reference: &str,
    home: Option<Subject>,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    const INSERT: &str = "INSERT INTO money_in (receipt, id, amount_cents, reference, payer, told_at,
        named_at, \
            callback_at, c2b_at, statement_at, state, purpose, subject_id)
        SELECT $1, $2, $3, $4, '', $5, MIN(e.happened_at),
            MIN(CASE WHEN e.source = 'callback' THEN e.happened_at END),
            MIN(CASE WHEN e.source = 'c2b' THEN e.happened_at END),
            MIN(CASE WHEN e.source = 'statement' THEN e.happened_at END), 'suspense', $6, $7
        FROM mpesa_events e WHERE e.purpose = $8 AND e.subject_id = $9 AND e.receipt = $1
            AND e.amount_cents = $3
            AND e.source IN ('callback', 'c2b', 'statement')
        ON CONFLICT DO NOTHING";
    let (subject, money) = told;
    changes_one!(tx, {
        let insert = sqlx::query(INSERT).bind(&money.receipt).bind(id).bind(money.amount).bind(reference);
        let insert = insert.bind(now).bind(home.map(|home| home.purpose.as_str()));
        let insert = insert.bind(home.map(|home| home.id)).bind(subject.purpose.as_str());
        insert.bind(subject.id)
    })
}
