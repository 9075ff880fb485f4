//! The rows of where a person is signed in.

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use crate::platform::db::{Db, read};
use crate::types::PersonId;

#[derive(Debug, Clone, FromRow)]
pub struct Device {
    /// The session's name; not its secret.
    pub id: String,
    pub browser: String,
    pub signed_in_at: DateTime<Utc>,
    /// Written once an hour of use.
    pub seen_at: DateTime<Utc>,
}

pub const LIST: &str =
    "SELECT id, browser, signed_in_at, seen_at FROM sessions WHERE person_id = $1 AND expires_at > $2
    ORDER BY seen_at DESC, id LIMIT $3";

/// The last used first.
pub async fn list(
    db: &Db,
    person: PersonId,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Device>, sqlx::Error> {
    read!(db, |c| sqlx::query_as(LIST).bind(person).bind(now).bind(limit).fetch_all(c).await)
}
