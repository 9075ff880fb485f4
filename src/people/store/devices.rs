//! The rows of a person's sessions, as the person sees them.

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use crate::platform::db::{Db, read};
use crate::types::PersonId;

/// A session of a person.
#[derive(Debug, Clone, FromRow)]
pub struct Device {
    /// The name of the session: a hash of its secret id.
    pub id: String,
    /// Two words of ours, like `Chrome on Android`; see `devices::describe`.
    pub browser: String,
    pub signed_in_at: DateTime<Utc>,
    /// When it was last used, to the hour, because that is how often it is written.
    pub seen_at: DateTime<Utc>,
}

/// The SQL of `list`; a test looks at its plan.
pub const LIST: &str =
    "SELECT id, browser, signed_in_at, seen_at FROM sessions WHERE person_id = $1 AND expires_at > $2
    ORDER BY seen_at DESC, id LIMIT $3";

/// The sessions of a person that have not expired, the last used first.
///
/// # Errors
/// A database error.
pub async fn list(
    db: &Db,
    person: PersonId,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Device>, sqlx::Error> {
    read!(db, |c| sqlx::query_as(LIST).bind(person).bind(now).bind(limit).fetch_all(c).await)
}
