//! Sessions in our own database. Rows are written at sign-in, sign-out and once an hour of use (MONEY §3).

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use time::OffsetDateTime;
use tower_sessions::cookie::SameSite;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};
use tower_sessions::{Expiry, SessionManagerLayer, SessionStore};

use super::clock::Clock;
use super::db::{Db, Failure, on, read, transaction};

/// How long an unused session lives.
pub const SESSION_LIFE: time::Duration = time::Duration::days(14);
pub const COOKIE_NAME: &str = "ligisoo_session";

#[derive(Clone)]
pub struct Sessions {
    db: Db,
    clock: Clock,
}

impl Sessions {
    /// The layer that gives each request its session. The cookie is HttpOnly and SameSite=Lax.
    pub fn layer(db: Db, clock: Clock, is_secure: bool) -> SessionManagerLayer<Self> {
        SessionManagerLayer::new(Self { db, clock })
            .with_name(COOKIE_NAME)
            .with_secure(is_secure)
            .with_http_only(true)
            .with_same_site(SameSite::Lax)
            .with_path("/")
            .with_expiry(Expiry::OnInactivity(SESSION_LIFE))
    }

    async fn write(&self, record: &Record, is_new: bool) -> std::result::Result<(), Failure> {
        const CREATE: &str = "INSERT INTO sessions (id, data, expires_at) VALUES ($1, $2, $3)";
        // Only what is there: a late write must not bring a signed-out session back to life.
        const SAVE: &str = "UPDATE sessions SET data = $2, expires_at = $3 WHERE id = $1";
        const SWEEP: &str = "DELETE FROM sessions WHERE expires_at < $1";
        let data = serde_json::to_vec(&record.data).unwrap_or_default();
        let now = self.clock.now();
        let write = if is_new { CREATE } else { SAVE };
        transaction!(self.db, tx => {
            on!(tx, c => {
                let write = sqlx::query(write).bind(record.id.to_string()).bind(&data[..]).bind(chrono_time(record.expiry_date));
                write.execute(c).await.map(|_| ())
            })?;
            on!(tx, c => sqlx::query(SWEEP).bind(now).execute(c).await.map(|_| ()))?;
            Ok(())
        })
    }
}

impl std::fmt::Debug for Sessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sessions")
    }
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        // An id has 128 random bits: a collision is not a case to handle.
        self.write(record, true).await.map_err(backend)
    }

    async fn save(&self, record: &Record) -> Result<()> {
        self.write(record, false).await.map_err(backend)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        const LOAD: &str = "SELECT data, expires_at FROM sessions WHERE id = $1 AND expires_at > $2";
        let row: Option<(Vec<u8>, DateTime<Utc>)> =
            read!(&self.db, c => sqlx::query_as(LOAD).bind(id.to_string()).bind(self.clock.now()).fetch_optional(c).await)
                .map_err(backend)?;
        let Some((data, expires_at)) = row else { return Ok(None) };
        let data = serde_json::from_slice(&data).map_err(|error| Error::Decode(error.to_string()))?;
        Ok(Some(Record { id: *id, data, expiry_date: library_time(expires_at) }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        const DELETE: &str = "DELETE FROM sessions WHERE id = $1";
        let deleted: std::result::Result<(), Failure> = transaction!(self.db, tx => {
            on!(tx, c => sqlx::query(DELETE).bind(id.to_string()).execute(c).await.map(|_| ()))?;
            Ok(())
        });
        deleted.map_err(backend)
    }
}

fn backend(error: impl std::fmt::Display) -> Error {
    Error::Backend(error.to_string())
}

fn chrono_time(at: OffsetDateTime) -> DateTime<Utc> {
    DateTime::from_timestamp(at.unix_timestamp(), 0).unwrap_or(DateTime::UNIX_EPOCH)
}

fn library_time(at: DateTime<Utc>) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(at.timestamp()).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}
