//! Two databases behind one SQL text: `Db` holds the pools, `Tx` one transaction, and the macros `read!`,
//! `on!` and `transaction!` run the same query on either.

mod failure;
mod hosts;
mod read_from;

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use sqlx::migrate::Migrator;
use sqlx::pool::PoolOptions;
use sqlx::postgres::{PgConnection, PgPool};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Postgres, Sqlite, Transaction};

pub use failure::Failure;
use hosts::{PostgresHosts, takes_writes};
pub use read_from::ReadFrom;
pub(crate) use read_from::read_from;

use super::private;

static SQLITE_MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES_MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");

/// How long to wait for a connection (MONEY §3).
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
const SQLITE_READERS: u32 = 4;
const POSTGRES_CONNECTIONS: u32 = 16;
/// So long after its last use a connection is not asked whether it lives.
const TRUSTED_FOR: Duration = Duration::from_millis(500);
/// How often a transaction that lost a conflict runs again (MONEY §3).
pub const TRANSACTION_RETRIES: u32 = 3;

/// An open database.
#[derive(Clone)]
pub struct Db {
    pub pools: Pools,
    gate: Option<Arc<dyn Gate>>,
}

#[derive(Clone)]
pub enum Pools {
    /// One writer, because SQLite has one; readers do not wait for it (WAL).
    Sqlite {
        readers: SqlitePool,
        writer: SqlitePool,
    },
    Postgres(PgPool),
}

/// One open transaction. Dropped without `commit`, it is rolled back.
pub struct Tx {
    pub connection: TxConnection,
    gate: Option<Arc<dyn Gate>>,
}

pub enum TxConnection {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// Where a simulation takes hold of the database: it may run others, die, or fail at each of these points. A
/// server has none.
#[async_trait]
pub trait Gate: Send + Sync {
    async fn pass(&self, point: GatePoint);
    /// Before each statement; an error stands for the database's own.
    fn statement(&self) -> Result<(), sqlx::Error>;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GatePoint {
    Begin,
    Commit,
    Committed,
}

/// Runs a query inside a transaction: `on!(tx, |c| sqlx::query("…").execute(c).await)`.
macro_rules! on {
    ($tx:expr, |$connection:ident| $query:expr) => {
        match $tx.statement() {
            Err(error) => Err(error),
            Ok(()) => match &mut $tx.connection {
                $crate::platform::db::TxConnection::Sqlite(transaction) => {
                    let $connection = &mut **transaction;
                    $query
                }
                $crate::platform::db::TxConnection::Postgres(transaction) => {
                    let $connection = &mut **transaction;
                    $query
                }
            },
        }
    };
}

/// Runs a statement inside a transaction: `execute!(tx, sqlx::query("…").bind(id))` is a `Result<(), _>`.
macro_rules! execute {
    ($tx:expr, $query:expr) => {
        $crate::platform::db::changes!($tx, $query).map(|_| ())
    };
}

/// The same; how many rows it changed.
macro_rules! changes {
    ($tx:expr, $query:expr) => {
        $crate::platform::db::on!($tx, |connection| $query
            .execute(connection)
            .await
            .map(|done| done.rows_affected()))
    };
}

/// The same, for a condition that holds for one row at the most; whether that row was changed, or was somebody
/// else's by now.
macro_rules! changes_one {
    ($tx:expr, $query:expr) => {
        $crate::platform::db::changes!($tx, $query).map(|rows| rows == 1)
    };
}

/// Runs one read-only statement without a transaction: `read!(db, |c|
/// sqlx::query_as("…").fetch_all(c).await)`.
macro_rules! read {
    ($db:expr, |$pool:ident| $query:expr) => {
        match $db.statement() {
            Err(error) => Err(error),
            Ok(()) => match &$db.pools {
                $crate::platform::db::Pools::Sqlite { readers: $pool, .. } => $query,
                $crate::platform::db::Pools::Postgres($pool) => $query,
            },
        }
    };
}

/// Runs a block in one write transaction and commits it if the block is `Ok`. A deadlock, a serialization
/// failure, a busy database or `Failure::Changed` runs it again, so the block must do nothing but talk to the
/// database. `transaction!(db, |tx| { store::insert(tx, …).await?; Ok(value) })` is a `Result<T, Failure>`.
macro_rules! transaction {
    ($db:expr, |$tx:ident| $body:expr) => {{
        let mut tries = 0;
        loop {
            let result = async {
                let mut transaction = $db.begin().await?;
                let $tx = &mut transaction;
                let value = $crate::platform::db::typed(async { $body }).await?;
                transaction.commit().await?;
                Ok::<_, $crate::platform::db::Failure>(value)
            }
            .await;
            match result {
                Err(failure)
                    if tries < $crate::platform::db::TRANSACTION_RETRIES
                        && failure.is_worth_another_try() =>
                {
                    tries += 1
                }
                result => break result,
            }
        }
    }};
}

pub(crate) use {changes, changes_one, execute, on, read, transaction};

/// A connection that was in use a moment ago is taken at its word; an idle one is asked.
async fn is_alive(connection: &mut PgConnection, idle_for: Duration) -> Result<bool, sqlx::Error> {
    Ok(idle_for < TRUSTED_FOR || connection.ping().await.is_ok())
}

/// Tells the compiler what `?` in the block of `transaction!` turns errors into.
pub const fn typed<T, F: Future<Output = Result<T, Failure>>>(block: F) -> F {
    block
}

impl Db {
    const fn of(pools: Pools) -> Self {
        Self { pools, gate: None }
    }

    /// The same database, under a simulation's hand.
    #[cfg(test)]
    pub fn with_gate(&self, gate: Arc<dyn Gate>) -> Self {
        Self { pools: self.pools.clone(), gate: Some(gate) }
    }

    pub fn statement(&self) -> Result<(), sqlx::Error> {
        self.gate.as_ref().map_or(Ok(()), |gate| gate.statement())
    }

    /// Opens `sqlite:path` (made if absent) or `postgres://…`, where several hosts may stand with commas
    /// between them.
    pub async fn connect(url: &str) -> anyhow::Result<Self> {
        if url.starts_with("sqlite:") {
            Self::connect_sqlite(url).await
        } else {
            Self::connect_postgres(url).await
        }
    }

    /// The database as it is, to be looked at and not changed; nothing if there is none yet.
    pub async fn look(url: &str) -> anyhow::Result<Option<Self>> {
        if !url.starts_with("sqlite:") {
            return Self::connect_postgres(url).await.map(Some);
        }
        let options = SqliteConnectOptions::from_str(url)?
            .read_only(true)
            .busy_timeout(BUSY_TIMEOUT)
            .disable_statement_logging();
        let file = options.get_filename().to_owned();
        if !file.exists() {
            return Ok(None);
        }
        // While no server has it open there is no log beside it. Then it is read as it is: else SQLite would
        // make that log.
        let is_open = beside(&file, "-wal").exists();
        let pool = PoolOptions::new()
            .max_connections(1)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_with(options.immutable(!is_open))
            .await?;
        Ok(Some(Self::of(Pools::Sqlite { readers: pool.clone(), writer: pool })))
    }

    async fn connect_sqlite(url: &str) -> anyhow::Result<Self> {
        let options = SqliteConnectOptions::from_str(url)?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT)
            // What is deleted is overwritten.
            .pragma("secure_delete", "ON")
            .disable_statement_logging();
        let file = options.get_filename().to_owned();
        private::keep_others_out();
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        for file in [&file, &beside(&file, "-wal"), &beside(&file, "-shm")] {
            private::tighten(file);
        }
        let writer = PoolOptions::new()
            .max_connections(1)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .test_before_acquire(false)
            .connect_with(options.clone())
            .await?;
        let readers = PoolOptions::new()
            .max_connections(SQLITE_READERS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .test_before_acquire(false)
            .connect_with(options.read_only(true).create_if_missing(false))
            .await?;
        Ok(Self::of(Pools::Sqlite { readers, writer }))
    }

    async fn connect_postgres(url: &str) -> anyhow::Result<Self> {
        let hosts = PostgresHosts::parse(url)?;
        let primary = hosts.wait_for_primary().await?;
        let pool = PoolOptions::new()
            .max_connections(POSTGRES_CONNECTIONS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            // A restart of the database leaves dead connections in the pool; a callback must not be lost on
            // one of them.
            .before_acquire(|connection, meta| {
                Box::pin(async move { is_alive(connection, meta.idle_for).await })
            })
            .test_before_acquire(false)
            .after_connect(|connection, _| {
                Box::pin(async move {
                    // No transaction lives over 30 s (MONEY §3).
                    sqlx::query("SET statement_timeout = '30s'").execute(&mut *connection).await?;
                    sqlx::query("SET idle_in_transaction_session_timeout = '30s'")
                        .execute(&mut *connection)
                        .await?;
                    takes_writes(connection).await
                })
            })
            .connect_with(primary.options.clone())
            .await?;
        tokio::spawn(hosts.follow(pool.clone(), primary));
        Ok(Self::of(Pools::Postgres(pool)))
    }

    pub async fn migrate(&self) -> anyhow::Result<()> {
        match &self.pools {
            Pools::Sqlite { writer, .. } => SQLITE_MIGRATIONS.run(writer).await?,
            Pools::Postgres(pool) => POSTGRES_MIGRATIONS.run(pool).await?,
        }
        Ok(())
    }

    /// How many of the migrations in this program the database does not have yet.
    pub async fn pending_migrations(&self) -> anyhow::Result<usize> {
        const APPLIED: &str = "SELECT CAST(COUNT(*) AS BIGINT) FROM _sqlx_migrations WHERE success";
        let applied: i64 = read!(self, |c| sqlx::query_scalar(APPLIED).fetch_one(c).await).unwrap_or(0);
        let known = match self.pools {
            Pools::Sqlite { .. } => SQLITE_MIGRATIONS.iter().count(),
            Pools::Postgres(_) => POSTGRES_MIGRATIONS.iter().count(),
        };
        Ok(known.saturating_sub(usize::try_from(applied)?))
    }

    /// Whether a write transaction holds up all others from its beginning.
    pub const fn has_one_writer(&self) -> bool {
        matches!(self.pools, Pools::Sqlite { .. })
    }

    /// A write transaction. On SQLite it takes the write lock at once, so that it never fails half way.
    pub async fn begin(&self) -> Result<Tx, sqlx::Error> {
        if let Some(gate) = &self.gate {
            gate.pass(GatePoint::Begin).await;
        }
        let connection = match &self.pools {
            Pools::Sqlite { writer, .. } => TxConnection::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?),
            Pools::Postgres(pool) => TxConnection::Postgres(pool.begin().await?),
        };
        Ok(Tx { connection, gate: self.gate.clone() })
    }

    /// One unchanging view of the whole database, for checks.
    pub async fn begin_snapshot(&self) -> Result<Tx, sqlx::Error> {
        let connection = match &self.pools {
            Pools::Sqlite { readers, .. } => TxConnection::Sqlite(readers.begin().await?),
            Pools::Postgres(pool) => {
                let mut transaction =
                    pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
                // It holds nobody up, and a million payments take longer than a request may.
                sqlx::query("SET LOCAL statement_timeout = '30min'").execute(&mut *transaction).await?;
                TxConnection::Postgres(transaction)
            }
        };
        Ok(Tx { connection, gate: None })
    }

    /// Takes what was deleted out of SQLite's log too, where it lies until something is written over it. If
    /// somebody is reading, a later call will do it. PostgreSQL sees to its own.
    pub async fn forget_deleted(&self) -> Result<(), sqlx::Error> {
        let Pools::Sqlite { writer, .. } = &self.pools else { return Ok(()) };
        let mut connection = writer.acquire().await?;
        // Writers wait for this.
        sqlx::query("PRAGMA busy_timeout = 500").execute(&mut *connection).await?;
        let done = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut *connection).await;
        let usual = format!("PRAGMA busy_timeout = {}", BUSY_TIMEOUT.as_millis());
        sqlx::query(sqlx::AssertSqlSafe(usual)).execute(&mut *connection).await?;
        done.map(|_| ())
    }

    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { readers, writer } => {
                readers.close().await;
                writer.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }
}

/// A file that SQLite keeps beside its database.
fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

impl Tx {
    pub fn statement(&self) -> Result<(), sqlx::Error> {
        self.gate.as_ref().map_or(Ok(()), |gate| gate.statement())
    }

    pub async fn commit(self) -> Result<(), sqlx::Error> {
        if let Some(gate) = &self.gate {
            gate.pass(GatePoint::Commit).await;
            gate.statement()?;
        }
        match self.connection {
            TxConnection::Sqlite(transaction) => transaction.commit().await?,
            TxConnection::Postgres(transaction) => transaction.commit().await?,
        }
        if let Some(gate) = &self.gate {
            gate.pass(GatePoint::Committed).await;
            // The commit's answer may be lost on its way.
            gate.statement()?;
        }
        Ok(())
    }
}
