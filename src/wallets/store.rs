//! What wallets and purchases read. Amounts of sales come from the ledger's entries, not from the sale.

pub mod purchases;

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use crate::platform::cursor::Before;
use crate::platform::db::{Db, read};
use crate::types::{Kes, PaymentId, PersonId, TipId};

#[derive(Clone, Copy, FromRow)]
pub struct SaleRow {
    pub payment_id: PaymentId,
    pub bought_at: DateTime<Utc>,
    pub tip_id: TipId,
    pub price_cents: Kes,
    pub share_cents: Kes,
    pub release_after: DateTime<Utc>,
    pub released_at: Option<DateTime<Utc>>,
}

/// `(held, available)`; nothing if the person never became a tipster.
pub async fn balances(db: &Db, person: PersonId) -> Result<Vec<(String, Kes)>, sqlx::Error> {
    const BALANCES: &str = "SELECT kind, balance_cents FROM accounts WHERE person_id = $1";
    read!(db, c => sqlx::query_as(BALANCES).bind(person).fetch_all(c).await)
}

/// Sales of a tipster, newest first, those before `(at, payment)`.
pub async fn sales(db: &Db, tipster: PersonId, before: Before, limit: i64) -> Result<Vec<SaleRow>, sqlx::Error> {
    const SALES: &str =
        "SELECT b.payment_id, b.bought_at, b.tip_id, b.price_cents, e.amount_cents AS share_cents, b.release_after, b.released_at
        FROM purchases b
        JOIN accounts a ON a.person_id = b.tipster_id AND a.kind = 'tipster_held'
        JOIN transfers t ON t.payment_id = b.payment_id AND t.kind = 'sale'
        JOIN entries e ON e.transfer_id = t.id AND e.account_id = a.id
        WHERE b.tipster_id = $1 AND (b.bought_at < $2 OR (b.bought_at = $2 AND b.payment_id < $3))
        ORDER BY b.bought_at DESC, b.payment_id DESC LIMIT $4";
    read!(db, c => sqlx::query_as(SALES).bind(tipster).bind(before.at).bind(before.id).bind(limit).fetch_all(c).await)
}
