//! What a database is for good: its money is simulated or live, from the first server that used it (MONEY §5).

use anyhow::bail;

use super::db::{Db, Failure, on, transaction};

/// Claims the kind of money, or refuses a database of the other kind.
pub async fn claim_money(db: &Db, is_live: bool) -> anyhow::Result<()> {
    const CLAIM: &str = "INSERT INTO facts (name, value) VALUES ('money', $1) ON CONFLICT DO NOTHING";
    const READ: &str = "SELECT value FROM facts WHERE name = 'money'";
    let wanted = if is_live { "live" } else { "simulated" };
    let found: Result<String, Failure> = transaction!(db, tx => {
        on!(tx, c => sqlx::query(CLAIM).bind(wanted).execute(c).await.map(|_| ()))?;
        Ok(on!(tx, c => sqlx::query_scalar(READ).fetch_one(c).await)?)
    });
    let found = found?;
    if found != wanted {
        bail!("this database holds {found} money and the settings say {wanted}: use another database, or the settings it was made with");
    }
    Ok(())
}
