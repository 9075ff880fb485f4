//! Bringing a database to the schema of this program.

use sqlx::Connection;
use sqlx::migrate::Migrator;

use super::failure::has_no_table;
use super::{Db, Pools, read};

static SQLITE_MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES_MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");

impl Db {
    /// Brings the database to the schema of this program. Migrations that it has already are not run again.
    ///
    /// # Errors
    /// A migration fails, or the database has one that is missing in this program or differs there.
    pub async fn migrate(&self) -> anyhow::Result<()> {
        match &self.pools {
            Pools::Sqlite { writer, .. } => SQLITE_MIGRATIONS.run(writer).await?,
            Pools::Postgres(pool) => {
                // A connection of its own: a migration may rewrite millions of rows in one statement.
                let mut connection = pool.acquire().await?.detach();
                sqlx::query("SET statement_timeout = '2h'").execute(&mut connection).await?;
                POSTGRES_MIGRATIONS.run(&mut connection).await?;
                connection.close().await?;
            }
        }
        Ok(())
    }

    /// How many of this program's migrations the database does not have yet: all, if it was never migrated.
    ///
    /// # Errors
    /// A database error.
    pub async fn pending_migrations(&self) -> anyhow::Result<usize> {
        const APPLIED: &str = "SELECT CAST(COUNT(*) AS BIGINT) FROM _sqlx_migrations WHERE success";
        let applied: i64 = match read!(self, |c| sqlx::query_scalar(APPLIED).fetch_one(c).await) {
            Err(error) if has_no_table(&error) => 0,
            applied => applied?,
        };
        let known = match self.pools {
            Pools::Sqlite { .. } => SQLITE_MIGRATIONS.iter().count(),
            Pools::Postgres(_) => POSTGRES_MIGRATIONS.iter().count(),
        };
        Ok(known.saturating_sub(usize::try_from(applied)?))
    }
}
