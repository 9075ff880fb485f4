//! The rows of the desk's decision about a waiting tip.

use chrono::{DateTime, Utc};

use crate::platform::db::{Tx, on};
use crate::tips::TipStatus;
use crate::types::{PersonId, TipId};

/// Makes a waiting tip active and gives its tipster. `None`, with nothing written, unless the tip waits, is
/// not the operator's own, and can still be sold.
///
/// # Errors
/// A database error.
pub async fn approve(
    tx: &mut Tx,
    tip: TipId,
    by: PersonId,
    now: DateTime<Utc>,
) -> Result<Option<PersonId>, sqlx::Error> {
    const APPROVE: &str = "UPDATE tips SET status = 'active', decided_by = $2, decided_at = $3
        WHERE id = $1 AND status = 'pending_approval' AND sales_close_at > $3 AND tipster_id <> $2 \
            RETURNING tipster_id";
    on!(tx, |c| sqlx::query_scalar(APPROVE).bind(tip).bind(by).bind(now).fetch_optional(c).await)
}

/// Rejects a waiting tip with a reason and gives its tipster. `None`, with nothing written, if it did not
/// wait.
///
/// # Errors
/// A database error.
pub async fn reject(
    tx: &mut Tx,
    tip: TipId,
    by: PersonId,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<Option<PersonId>, sqlx::Error> {
    const REJECT: &str =
        "UPDATE tips SET status = 'rejected', rejection_reason = $4, decided_by = $2, decided_at = $3
        WHERE id = $1 AND status = 'pending_approval' RETURNING tipster_id";
    on!(tx, |c| sqlx::query_scalar(REJECT).bind(tip).bind(by).bind(now).bind(reason).fetch_optional(c).await)
}

/// The tip's status, its tipster, and whether its sales have closed; `None` if there is no such tip.
///
/// # Errors
/// A database error.
pub async fn standing(
    tx: &mut Tx,
    tip: TipId,
    now: DateTime<Utc>,
) -> Result<Option<(TipStatus, PersonId, bool)>, sqlx::Error> {
    const STANDING: &str = "SELECT status, tipster_id, sales_close_at <= $2 FROM tips WHERE id = $1";
    on!(tx, |c| sqlx::query_as(STANDING).bind(tip).bind(now).fetch_optional(c).await)
}
