//! What a database is for good: its money is simulated or live, from its first payment or its demo data on (MONEY §5); and what was
//! done to it once.

use anyhow::bail;

use super::db::{Db, Failure, Tx, on, read, transaction};

const fn word(is_live: bool) -> &'static str {
    if is_live { "live" } else { "simulated" }
}

/// Marks the database with its kind of money; whether it has that kind.
pub async fn stamp_money(tx: &mut Tx, is_live: bool) -> Result<bool, sqlx::Error> {
    const STAMP: &str = "INSERT INTO facts (name, value) VALUES ('money', $1) ON CONFLICT DO NOTHING";
    const READ: &str = "SELECT value FROM facts WHERE name = 'money'";
    on!(tx, c => sqlx::query(STAMP).bind(word(is_live)).execute(c).await.map(|_| ()))?;
    let found: String = on!(tx, c => sqlx::query_scalar(READ).fetch_one(c).await)?;
    Ok(found == word(is_live))
}

/// Refuses a database of the other kind.
pub async fn check_money(db: &Db, is_live: bool) -> anyhow::Result<()> {
    const READ: &str = "SELECT value FROM facts WHERE name = 'money'";
    let found: Option<String> = read!(db, c => sqlx::query_scalar(READ).fetch_optional(c).await)?;
    match found {
        Some(found) if found != word(is_live) => refuse(&found, is_live),
        _ => Ok(()),
    }
}

/// Marks the database, or refuses one of the other kind.
pub async fn claim_money(db: &Db, is_live: bool) -> anyhow::Result<()> {
    let stamped: Result<bool, Failure> = transaction!(db, tx => Ok(stamp_money(tx, is_live).await?));
    if stamped? { Ok(()) } else { refuse(word(!is_live), is_live) }
}

/// Whether what is done once has been done.
pub async fn is_done(db: &Db, name: &str) -> Result<bool, sqlx::Error> {
    const READ: &str = "SELECT EXISTS (SELECT 1 FROM facts WHERE name = $1)";
    read!(db, c => sqlx::query_scalar(READ).bind(name).fetch_one(c).await)
}

/// Remembers that it has been done.
pub async fn mark_done(db: &Db, name: &str) -> anyhow::Result<()> {
    const MARK: &str = "INSERT INTO facts (name, value) VALUES ($1, 'done') ON CONFLICT DO NOTHING";
    let marked: Result<(), Failure> = transaction!(db, tx => Ok(on!(tx, c => sqlx::query(MARK).bind(name).execute(c).await.map(|_| ()))?));
    Ok(marked?)
}

fn refuse(found: &str, is_live: bool) -> anyhow::Result<()> {
    bail!(
        "this database holds {found} money and the settings say {}: use another database, or the settings it was made with",
        word(is_live)
    )
}
