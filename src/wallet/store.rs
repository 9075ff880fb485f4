//! What a wallet reads. The shares of sales come from the ledger's entries and not from the purchases.

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use crate::platform::cursor::Before;
use crate::platform::db::{Db, read};
use crate::types::{Kes, PaymentId, PersonId, TipId};

/// One sale of a tipster.
#[derive(Clone, Copy, FromRow)]
pub struct SaleRow {
    pub payment_id: PaymentId,
    pub bought_at: DateTime<Utc>,
    pub tip_id: TipId,
    #[sqlx(rename = "price_cents")]
    pub price: Kes,
    pub share_cents: Kes,
    pub release_after: DateTime<Utc>,
    pub released_at: Option<DateTime<Utc>>,
}

/// The accounts of a person as `(kind, balance)`; empty if the person never became a tipster.
///
/// # Errors
/// A database error.
pub async fn balances(db: &Db, person: PersonId) -> Result<Vec<(String, Kes)>, sqlx::Error> {
    const BALANCES: &str = "SELECT kind, balance_cents FROM accounts WHERE person_id = $1";
    read!(db, |c| sqlx::query_as(BALANCES).bind(person).fetch_all(c).await)
}

/// The query of `sales`; a test looks at its plan. Only the page's own sales are joined.
pub const SALES: &str =
    "SELECT b.payment_id, b.bought_at, b.tip_id, b.price_cents, COALESCE(e.amount_cents, 0) AS share_cents, b.release_after, b.released_at
    FROM (SELECT * FROM purchases WHERE tipster_id = $1 AND (bought_at, payment_id) < ($2, $3)
        ORDER BY bought_at DESC, payment_id DESC LIMIT $4) b
    LEFT JOIN accounts a ON a.person_id = b.tipster_id AND a.kind = 'tipster_held'
    LEFT JOIN transfers t ON t.subject_kind = 'payment' AND t.subject_id = b.payment_id AND t.kind = 'sale'
    LEFT JOIN entries e ON e.transfer_id = t.id AND e.account_id = a.id
    ORDER BY b.bought_at DESC, b.payment_id DESC";

/// Sales of a tipster made before a cursor, the newest first, `limit` at most.
///
/// # Errors
/// A database error.
pub async fn sales(
    db: &Db,
    tipster: PersonId,
    before: Before,
    limit: i64,
) -> Result<Vec<SaleRow>, sqlx::Error> {
    read!(db, |c| sqlx::query_as(SALES)
        .bind(tipster)
        .bind(before.at)
        .bind(before.id)
        .bind(limit)
        .fetch_all(c)
        .await)
}
