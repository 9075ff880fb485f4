//! Sessions are kept in our own database under a hash of the secret that the browser holds, so that a reader
//! of the database cannot use them. Rows are written at sign-in, at sign-out and once an hour of use (MONEY
//! §3). One query reads the session together with its person as they are now. So a changed name or role holds
//! at once, "sign out everywhere" ends all sessions of an older generation, and the number of unread notices
//! needs no query of its own.

use std::collections::HashMap;

use async_trait::async_trait;
use axum::http::{HeaderMap, HeaderValue};
use chrono::{DateTime, TimeDelta, Utc};
use time::OffsetDateTime;
use tower_sessions::cookie::SameSite;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};
use tower_sessions::{Expiry, SessionManagerLayer, SessionStore};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sqlx::FromRow;
use uuid::Uuid;

use super::clock::Clock;
use super::cookies::has_cookie;
use super::db::{Db, Failure, Tx, changes_one, execute, read, transaction};
use super::random::hex;
use super::viewer::Staff;
use crate::types::PersonId;

/// How long a session lives without being used.
pub const SESSION_LIFE: time::Duration = time::Duration::days(14);
const UNUSED_LIFE: TimeDelta = TimeDelta::days(14);
/// How long a session lives at the most; after that the person signs in anew.
const WHOLE_LIFE: TimeDelta = TimeDelta::days(30);
/// How many sessions one person may have at a time. One more ends the session whose last use is the longest
/// ago.
pub const SESSIONS_PER_PERSON: i64 = 20;
const COOKIE_NAME: &str = "ligisoo_session";
/// Browsers take a cookie of this name only over https, for exactly this host and for all its paths (RFC
/// 6265bis §4.1.3.2).
const HOST_COOKIE_NAME: &str = "__Host-ligisoo_session";
/// The key under which a session's data holds its person, an object with an `id`.
pub const VIEWER: &str = "viewer";
/// The key under which a session's data holds the generation of sessions to which it belongs. A session whose
/// generation is not its person's present one is ended.
pub const GENERATION: &str = "generation";
/// The key under which a session's data holds a few words on the browser, for the list of devices.
pub const BROWSER: &str = "browser";

/// Deletes the sessions whose time is over. It runs with each write of a session.
pub const SWEEP: &str = "DELETE FROM sessions WHERE expires_at < $1";
/// Reads a session (by its hash, not expired) with its person. Unread notices are counted up to a hundred,
/// because nobody reads a larger number.
pub const LOAD: &str = "SELECT s.data, s.expires_at, p.session_generation, p.display_name, \
        p.msisdn, p.is_buyer, p.is_tipster, p.staff,
        p.number_proven_at IS NOT NULL AS is_proven, p.break_until,
        (SELECT COUNT(*) FROM (SELECT 1 FROM notices n WHERE n.person_id = p.id AND n.read_at IS NULL \
        LIMIT 100) AS unread)
            AS unread_count
    FROM sessions s JOIN people p ON p.id = s.person_id WHERE s.id = $1 AND s.expires_at > $2";

/// The beginning of the query of [`living`]; the hashes and the end are added to it.
pub const LIVING: &str = "SELECT id FROM sessions WHERE id IN (";

/// Which of these sessions (by their hashes) have not ended. `sessions` must not be empty. Open event streams
/// ask this, so that a sign-out ends them.
///
/// # Errors
/// A database error.
pub async fn living(
    db: &Db,
    sessions: &[String],
    now: DateTime<Utc>,
) -> std::result::Result<Vec<String>, sqlx::Error> {
    read!(db, |c| {
        let mut query = sqlx::QueryBuilder::new(LIVING);
        let mut ids = query.separated(", ");
        for session in sessions {
            ids.push_bind(session);
        }
        query.push(") AND expires_at > ").push_bind(now);
        query.build_query_scalar().fetch_all(c).await
    })
}

/// Ends one session of a person, named by its hash. `false` means that this person has no such session.
///
/// # Errors
/// A database error.
pub async fn end(tx: &mut Tx, person: PersonId, id: &str) -> std::result::Result<bool, sqlx::Error> {
    const END: &str = "DELETE FROM sessions WHERE id = $2 AND person_id = $1";
    changes_one!(tx, sqlx::query(END).bind(person).bind(id))
}

/// Ends all sessions of a person.
///
/// # Errors
/// A database error.
pub async fn end_all(tx: &mut Tx, person: PersonId) -> std::result::Result<(), sqlx::Error> {
    const END: &str = "DELETE FROM sessions WHERE person_id = $1";
    execute!(tx, sqlx::query(END).bind(person))
}

/// The name of the session's cookie. Sites on https use the name that binds it to the host.
pub const fn cookie_name(is_https: bool) -> &'static str {
    if is_https { HOST_COOKIE_NAME } else { COOKIE_NAME }
}

/// A `Set-Cookie` that deletes the cookie under its plain name. Sites on https gave that cookie before they
/// used the `__Host-` name; `None` if the browser does not have it.
pub fn end_of_old_cookie(is_https: bool, headers: &HeaderMap) -> Option<HeaderValue> {
    (is_https && has_cookie(headers, COOKIE_NAME)).then(|| {
        HeaderValue::from_static("ligisoo_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure")
    })
}

/// The session store that `tower_sessions` reads and writes.
#[derive(Clone)]
pub struct Sessions {
    db: Db,
    clock: Clock,
}

impl Sessions {
    /// The layer that gives each request its session. The cookie is HttpOnly and SameSite=Lax, and Secure on
    /// https.
    pub fn layer(db: Db, clock: Clock, is_https: bool) -> SessionManagerLayer<Self> {
        SessionManagerLayer::new(Self { db, clock })
            .with_name(cookie_name(is_https))
            .with_secure(is_https)
            .with_http_only(true)
            .with_same_site(SameSite::Lax)
            .with_path("/")
            .with_expiry(Expiry::OnInactivity(SESSION_LIFE))
    }

    async fn write(&self, record: &Record, is_new: bool) -> std::result::Result<(), Failure> {
        const CREATE: &str =
            "INSERT INTO sessions (id, person_id, data, browser, signed_in_at, seen_at, expires_at, ends_at)
            VALUES ($1, $2, $3, $4, $5, $5, $6, $7) ON CONFLICT (id) DO NOTHING";
        // An update only: a late write must not bring a session back to life after its sign-out.
        const SAVE: &str = "UPDATE sessions SET person_id = $2, data = $3, browser = $4, seen_at = $5,
            expires_at = CASE WHEN $6 < ends_at THEN $6 ELSE ends_at END WHERE id = $1";
        const CROWD: &str = "DELETE FROM sessions WHERE person_id = $1 AND id <> $2 AND id NOT IN (
            SELECT id FROM sessions WHERE person_id = $1 AND id <> $2 ORDER BY seen_at DESC, id LIMIT $3)";
        let person = record
            .data
            .get(VIEWER)
            .and_then(|viewer| viewer["id"].as_str())
            .and_then(|id| Uuid::parse_str(id).ok());
        // A session without a person holds nothing that is worth a row.
        let Some(person) = person else { return Ok(()) };
        let (key, data) = (key(&record.id), serde_json::to_vec(&record.data).unwrap_or_default());
        let browser = record.data.get(BROWSER).and_then(Value::as_str).unwrap_or_default();
        let now = self.clock.now();
        transaction!(self.db, |tx| {
            execute!(tx, {
                let write = sqlx::query(if is_new { CREATE } else { SAVE })
                    .bind(&key)
                    .bind(person)
                    .bind(&data[..])
                    .bind(browser);
                let write = write.bind(now).bind(now + UNUSED_LIFE);
                if is_new { write.bind(now + WHOLE_LIFE) } else { write }
            })?;
            if is_new {
                execute!(tx, sqlx::query(CROWD).bind(person).bind(&key).bind(SESSIONS_PER_PERSON - 1))?;
            }
            execute!(tx, sqlx::query(SWEEP).bind(now))?;
            Ok(())
        })
    }
}

/// A session and its person, as [`LOAD`] reads them.
#[derive(FromRow)]
struct Loaded {
    data: Vec<u8>,
    expires_at: DateTime<Utc>,
    session_generation: i64,
    display_name: String,
    msisdn: String,
    is_buyer: bool,
    is_tipster: bool,
    staff: Option<Staff>,
    is_proven: bool,
    break_until: Option<DateTime<Utc>>,
    unread_count: i64,
}

impl Loaded {
    /// The session's data with the person as they are now; `None` if its generation has ended.
    fn refresh(self, key: &str, mut data: HashMap<String, Value>) -> Option<HashMap<String, Value>> {
        if data.get(GENERATION).and_then(Value::as_i64) != Some(self.session_generation) {
            return None;
        }
        let viewer = data.get_mut(VIEWER)?.as_object_mut()?;
        let (is_proven, break_until, unread_count) = (self.is_proven, self.break_until, self.unread_count);
        let standing = json!({ "is_proven": is_proven, "break_until": break_until, "unread_count": unread_count, "session": key });
        let now = [
            ("display_name", json!(self.display_name)),
            ("msisdn", json!(self.msisdn)),
            ("is_buyer", json!(self.is_buyer)),
            ("is_tipster", json!(self.is_tipster)),
            ("staff", json!(self.staff)),
            ("standing", standing),
        ];
        viewer.extend(now.map(|(name, value)| (name.to_owned(), value)));
        Some(data)
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

    /// Notes when the session was used, and with which browser. If that fails, the request still gets its
    /// answer: this note is not worth an error.
    async fn save(&self, record: &Record) -> Result<()> {
        if let Err(failure) = self.write(record, false).await {
            tracing::warn!(%failure, "the use of a session could not be noted");
        }
        Ok(())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let key = key(id);
        let row: Option<Loaded> = read!(&self.db, |c| sqlx::query_as(LOAD)
            .bind(&key)
            .bind(self.clock.now())
            .fetch_optional(c)
            .await)
        .map_err(backend)?;
        let Some(row) = row else { return Ok(None) };
        let data: HashMap<String, Value> =
            serde_json::from_slice(&row.data).map_err(|error| Error::Decode(error.to_string()))?;
        let expiry_date = library_time(row.expires_at);
        Ok(row.refresh(&key, data).map(|data| Record { id: *id, data, expiry_date }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        const DELETE: &str = "DELETE FROM sessions WHERE id = $1";
        let deleted: std::result::Result<(), Failure> = transaction!(self.db, |tx| {
            execute!(tx, sqlx::query(DELETE).bind(key(id)))?;
            Ok(())
        });
        deleted.map_err(backend)
    }
}

fn backend(error: impl std::fmt::Display) -> Error {
    Error::Backend(error.to_string())
}

/// The hash under which a session is kept. The id has 128 random bits, so nobody finds it from its hash.
fn key(id: &Id) -> String {
    hex(&Sha256::digest(id.to_string()))
}

fn library_time(at: DateTime<Utc>) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(at.timestamp()).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}
