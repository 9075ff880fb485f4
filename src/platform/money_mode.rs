//! Facts that a database remembers about itself, in the table `facts`. Its money is simulated or live for
//! good, from its first payment or its demo data on (MONEY §5). It recognises the secret key of its
//! installation, and it remembers which one-time work was done.

use anyhow::bail;

use super::db::{Db, Failure, Tx, execute, on, read, transaction};
use super::secret_key::SecretKey;

const fn word(is_live: bool) -> &'static str {
    if is_live { "live" } else { "simulated" }
}

/// Marks the database with its kind of money, unless it has a mark. `true` means that the mark is now of this
/// kind, `false` that the database has the other one.
///
/// # Errors
/// A database error.
pub async fn stamp_money(tx: &mut Tx, is_live: bool) -> Result<bool, sqlx::Error> {
    const STAMP: &str = "INSERT INTO facts (name, value) VALUES ('money', $1) ON CONFLICT DO NOTHING";
    const READ: &str = "SELECT value FROM facts WHERE name = 'money'";
    execute!(tx, sqlx::query(STAMP).bind(word(is_live)))?;
    let found: String = on!(tx, |c| sqlx::query_scalar(READ).fetch_one(c).await)?;
    Ok(found == word(is_live))
}

/// Refuses a database that is marked with the other kind of money. A database without a mark is accepted and
/// stays unmarked.
///
/// # Errors
/// The database has the other kind, or a database error.
pub async fn check_money(db: &Db, is_live: bool) -> anyhow::Result<()> {
    const READ: &str = "SELECT value FROM facts WHERE name = 'money'";
    let found: Option<String> = read!(db, |c| sqlx::query_scalar(READ).fetch_optional(c).await)?;
    match found {
        Some(found) if found != word(is_live) => refuse(&found, is_live),
        _ => Ok(()),
    }
}

/// Marks the database with its kind of money, or refuses one that has the other kind.
///
/// # Errors
/// The database has the other kind, or a database error.
pub async fn claim_money(db: &Db, is_live: bool) -> anyhow::Result<()> {
    let stamped: Result<bool, Failure> = transaction!(db, |tx| Ok(stamp_money(tx, is_live).await?));
    if stamped? { Ok(()) } else { refuse(word(!is_live), is_live) }
}

/// Whether [`mark_done`] was called with this name.
///
/// # Errors
/// A database error.
pub async fn is_done(db: &Db, name: &str) -> Result<bool, sqlx::Error> {
    const READ: &str = "SELECT EXISTS (SELECT 1 FROM facts WHERE name = $1)";
    read!(db, |c| sqlx::query_scalar(READ).bind(name).fetch_one(c).await)
}

/// Remembers that the one-time work of this name was done. A second call changes nothing.
///
/// # Errors
/// A database error.
pub async fn mark_done(db: &Db, name: &str) -> anyhow::Result<()> {
    const MARK: &str = "INSERT INTO facts (name, value) VALUES ($1, 'done') ON CONFLICT DO NOTHING";
    let marked: Result<(), Failure> = transaction!(db, |tx| Ok(execute!(tx, sqlx::query(MARK).bind(name))?));
    Ok(marked?)
}

fn refuse(found: &str, is_live: bool) -> anyhow::Result<()> {
    bail!(
        "this database holds {found} money and the settings say {}: use another database, \
         or the settings it was made with",
        word(is_live)
    )
}

/// The key's hash of a text that everybody knows. It tells whether two keys are the same, and nothing else
/// about them.
fn mark_of(key: &SecretKey) -> String {
    key.hash("mark", "ligisoo")
}

/// Whether the database was last used with this key. `None` means that it was never used with any.
///
/// # Errors
/// A database error.
pub async fn knows_secret_key(db: &Db, key: &SecretKey) -> anyhow::Result<Option<bool>> {
    const READ: &str = "SELECT value FROM facts WHERE name = 'secret_key'";
    let mark: Option<String> = read!(db, |c| sqlx::query_scalar(READ).fetch_optional(c).await)?;
    Ok(mark.map(|mark| mark == mark_of(key)))
}

/// Marks the database with the key. `false` means that it was marked with another key, whose hashes count no
/// more from now on.
///
/// # Errors
/// A database error.
pub async fn claim_secret_key(db: &Db, key: &SecretKey) -> anyhow::Result<bool> {
    const FIRST: &str = "INSERT INTO facts (name, value) VALUES ('secret_key', $1) ON CONFLICT DO NOTHING";
    const READ: &str = "SELECT value FROM facts WHERE name = 'secret_key'";
    const MARK: &str = "UPDATE facts SET value = $1 WHERE name = 'secret_key'";
    let mark = mark_of(key);
    // Of two servers that start at once with different keys, the second one finds the mark of the first.
    let is_known: Result<bool, Failure> = transaction!(db, |tx| {
        execute!(tx, sqlx::query(FIRST).bind(&mark))?;
        let found: String = on!(tx, |c| sqlx::query_scalar(READ).fetch_one(c).await)?;
        if found != mark {
            execute!(tx, sqlx::query(MARK).bind(&mark))?;
        }
        Ok(found == mark)
    });
    Ok(is_known?)
}
