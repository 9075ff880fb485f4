//! The rows of purchases.

use chrono::{DateTime, Utc};

use crate::platform::db::{Tx, on};
use crate::types::{Kes, PaymentId, PersonId, TipId};

/// A purchase: price and share as the payment has them, and when the hold of the share is over.
pub struct NewPurchase {
    pub payment: PaymentId,
    pub tip: TipId,
    pub buyer: PersonId,
    pub tipster: PersonId,
    pub price: Kes,
    pub share: Kes,
    pub bought_at: DateTime<Utc>,
    pub release_after: DateTime<Utc>,
}

/// Makes the purchase. Returns false if the buyer has the tip already, or if the tip is not offered at this
/// moment: it may have been withdrawn since the transaction began. The caller must then roll back, because in
/// the second case the row was written.
///
/// # Errors
/// A database error.
pub async fn insert_purchase(tx: &mut Tx, purchase: &NewPurchase) -> Result<bool, sqlx::Error> {
    const INSERT: &str =
        "INSERT INTO purchases (payment_id, tip_id, buyer_id, tipster_id, price_cents, share_cents, \
            bought_at, release_after)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING";
    const IS_ACTIVE: &str = "SELECT status = 'active' FROM tips WHERE id = $1";
    let is_new = on!(tx, |c| {
        let insert = sqlx::query(INSERT)
            .bind(purchase.payment)
            .bind(purchase.tip)
            .bind(purchase.buyer)
            .bind(purchase.tipster);
        let insert = insert
            .bind(purchase.price)
            .bind(purchase.share)
            .bind(purchase.bought_at)
            .bind(purchase.release_after);
        insert.execute(c).await.map(|done| done.rows_affected() == 1)
    })?;
    let is_active: bool = on!(tx, |c| sqlx::query_scalar(IS_ACTIVE).bind(purchase.tip).fetch_one(c).await)?;
    Ok(is_new && is_active)
}
