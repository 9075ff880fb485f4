//! What decides whether money is taken before it is sent.

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use crate::payments::Status;
use crate::platform::db::{Db, read};
use crate::tips::TipStatus;
use crate::types::Kes;

/// A payment that somebody is about to pay by hand.
#[derive(Debug, FromRow)]
pub struct Asked {
    /// Whether it has ended.
    pub status: Status,
    /// What it costs.
    #[sqlx(rename = "price_cents")]
    pub price: Kes,
    /// What has come under its reference and is in suspense.
    #[sqlx(rename = "suspense_cents")]
    pub suspense: Kes,
    /// Whether its tip is offered.
    pub tip_status: TipStatus,
    /// From then on it can buy nothing.
    pub first_kick_off_at: DateTime<Utc>,
    /// Whether its buyer has the tip already.
    pub is_bought: bool,
}

/// The query of `asked`; a test looks at its plan.
pub const ASKED: &str = "SELECT p.status, p.price_cents, p.suspense_cents, t.status AS tip_status, \
        t.first_kick_off_at, EXISTS (SELECT 1 FROM purchases b \
            WHERE b.tip_id = p.tip_id AND b.buyer_id = p.buyer_id) AS is_bought
    FROM payments p JOIN tips t ON t.id = p.tip_id WHERE p.account_reference IN ($1, $2)
    ORDER BY CASE WHEN p.account_reference = $1 THEN 0 ELSE 1 END LIMIT 1";

/// The payment with this reference, or else with what is left of it without the words before it.
///
/// # Errors
/// A database error.
pub async fn asked(db: &Db, typed: &str, rest: Option<&str>) -> Result<Option<Asked>, sqlx::Error> {
    read!(db, |c| sqlx::query_as(ASKED).bind(typed).bind(rest.unwrap_or(typed)).fetch_optional(c).await)
}
