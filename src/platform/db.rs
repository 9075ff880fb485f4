//! Two databases behind one SQL text. `Db` holds the pools, `Tx` is one transaction, and the macros `read!`,
//! `on!` and `transaction!` run the same query on either database.

mod failure;
mod hosts;
mod migrations;
mod read_from;

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use sqlx::pool::PoolOptions;
use sqlx::postgres::{PgConnection, PgPool};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Postgres, Sqlite, Transaction};

pub use failure::Failure;
use hosts::{PostgresHosts, takes_writes};
pub use read_from::ReadFrom;
pub(crate) use read_from::read_from;

use super::private;

/// How long a request waits for a connection (MONEY §3).
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
const SQLITE_READERS: u32 = 4;
const POSTGRES_CONNECTIONS: u32 = 16;
/// A PostgreSQL connection whose last use is not longer ago than this is not tested before it is used.
const TRUSTED_FOR: Duration = Duration::from_millis(500);
/// How often a transaction that lost a conflict runs again (MONEY §3).
pub const TRANSACTION_RETRIES: u32 = 3;

/// An open database. Clones share its pools.
#[derive(Clone)]
pub struct Db {
    pub pools: Pools,
    gate: Option<Arc<dyn Gate>>,
}

/// The connections of either database.
#[derive(Clone)]
pub enum Pools {
    /// SQLite has one writer, so its pool has one connection. Readers do not wait for it (WAL).
    Sqlite {
        readers: SqlitePool,
        writer: SqlitePool,
    },
    Postgres(PgPool),
}

/// One open transaction. It is rolled back if it is dropped without `commit`.
pub struct Tx {
    pub connection: TxConnection,
    gate: Option<Arc<dyn Gate>>,
}

/// The connection of a transaction, which the macro `on!` uses.
pub enum TxConnection {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// The hook of a simulation: at each of these points it may run other tasks, crash the process, or make the
/// database fail. A real server has none.
#[async_trait]
pub trait Gate: Send + Sync {
    /// Called at each point of a transaction; the simulation decides when it returns.
    async fn pass(&self, point: GatePoint);
    /// Called before each statement. An error stands for an error of the database.
    fn statement(&self) -> Result<(), sqlx::Error>;
}

/// The points of a transaction at which a simulation can act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GatePoint {
    /// Before the transaction begins.
    Begin,
    /// Before the commit is sent.
    Commit,
    /// After the commit, and before its answer is known.
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

/// Runs a statement inside a transaction; the result is the number of rows that it changed.
macro_rules! changes {
    ($tx:expr, $query:expr) => {
        $crate::platform::db::on!($tx, |connection| $query
            .execute(connection)
            .await
            .map(|done| done.rows_affected()))
    };
}

/// Runs a statement whose condition holds for one row at the most; the result says whether that row was
/// changed. `false` means that another transaction changed the row before.
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

/// Runs a block in one write transaction and commits it if the block is `Ok`. After a deadlock, a
/// serialization failure, a busy database or `Failure::Changed` it runs the block again. So the block must do
/// nothing but use the database. `transaction!(db, |tx| { store::insert(tx, …).await?; Ok(value) })` is a
/// `Result<T, Failure>`.
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

/// A connection that was in use a moment ago is trusted; one that was idle is tested.
async fn is_alive(connection: &mut PgConnection, idle_for: Duration) -> Result<bool, sqlx::Error> {
    Ok(idle_for < TRUSTED_FOR || connection.ping().await.is_ok())
}

/// Returns the block as it is. Its signature tells the compiler into which error `?` in the block of
/// `transaction!` converts.
pub const fn typed<T, F: Future<Output = Result<T, Failure>>>(block: F) -> F {
    block
}

impl Db {
    const fn of(pools: Pools) -> Self {
        Self { pools, gate: None }
    }

    /// The same database under the control of a simulation.
    #[cfg(test)]
    pub fn with_gate(&self, gate: Arc<dyn Gate>) -> Self {
        Self { pools: self.pools.clone(), gate: Some(gate) }
    }

    /// Called by `read!` before each statement, so that a simulation can make it fail.
    ///
    /// # Errors
    /// The error that the simulation wants; never one on a real server.
    pub fn statement(&self) -> Result<(), sqlx::Error> {
        self.gate.as_ref().map_or(Ok(()), |gate| gate.statement())
    }

    /// Opens `sqlite:path` (made if it is absent) or `postgres://…`, where several hosts may stand with
    /// commas between them. It does not migrate.
    ///
    /// # Errors
    /// The address cannot be read, the file or its folder cannot be made or opened, or no host takes writes
    /// within some seconds.
    pub async fn connect(url: &str) -> anyhow::Result<Self> {
        if url.starts_with("sqlite:") {
            Self::connect_sqlite(url).await
        } else {
            Self::connect_postgres(url).await
        }
    }

    /// Opens the database to look at it without changing anything (`ligisoo check`). `None` if the SQLite
    /// file does not exist.
    ///
    /// # Errors
    /// The address cannot be read, or the database cannot be opened.
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
        // If no server has the database open, there is no log beside it. Then the file is read as if it could
        // not change, because SQLite would make that log otherwise.
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
            // Deleted rows are overwritten in the file.
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
            // A restart of the database leaves dead connections in the pool, and a callback must not be lost
            // on one of them.
            .before_acquire(|connection, meta| {
                Box::pin(async move { is_alive(connection, meta.idle_for).await })
            })
            .test_before_acquire(false)
            .after_connect(|connection, _| {
                Box::pin(async move {
                    // Nothing may hold its locks for longer (MONEY §3).
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

    /// Whether one write transaction makes all others wait from its beginning on, as on SQLite.
    pub const fn has_one_writer(&self) -> bool {
        matches!(self.pools, Pools::Sqlite { .. })
    }

    /// Begins a write transaction. On SQLite it takes the write lock at once, so that the transaction cannot
    /// lose it half way.
    ///
    /// # Errors
    /// A database error, also if no connection is free within five seconds.
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

    /// Begins a transaction that sees one unchanging state of the whole database, for checks of the books.
    ///
    /// # Errors
    /// A database error, also if no connection is free within five seconds.
    pub async fn begin_snapshot(&self) -> Result<Tx, sqlx::Error> {
        let connection = match &self.pools {
            Pools::Sqlite { readers, .. } => TxConnection::Sqlite(readers.begin().await?),
            Pools::Postgres(pool) => {
                let mut transaction =
                    pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
                // It makes no writer wait, and to check a million payments takes longer than a request may.
                sqlx::query("SET LOCAL statement_timeout = '30min'").execute(&mut *transaction).await?;
                TxConnection::Postgres(transaction)
            }
        };
        Ok(Tx { connection, gate: None })
    }

    /// Removes deleted rows from SQLite's log too, where they stay until something else is written over them.
    /// If somebody is reading, nothing happens and a later call does it. PostgreSQL does this by itself.
    ///
    /// # Errors
    /// A database error.
    pub async fn forget_deleted(&self) -> Result<(), sqlx::Error> {
        let Pools::Sqlite { writer, .. } = &self.pools else { return Ok(()) };
        let mut connection = writer.acquire().await?;
        // A short time, because writers wait meanwhile.
        sqlx::query("PRAGMA busy_timeout = 500").execute(&mut *connection).await?;
        let done = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut *connection).await;
        let usual = format!("PRAGMA busy_timeout = {}", BUSY_TIMEOUT.as_millis());
        sqlx::query(sqlx::AssertSqlSafe(usual)).execute(&mut *connection).await?;
        done.map(|_| ())
    }

    /// Closes all connections, and waits for those in use. Later statements fail with `PoolClosed`.
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

/// The path of a file that SQLite keeps beside its database.
fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

impl Tx {
    /// Called by `on!` before each statement, so that a simulation can make it fail.
    ///
    /// # Errors
    /// The error that the simulation wants; never one on a real server.
    pub fn statement(&self) -> Result<(), sqlx::Error> {
        self.gate.as_ref().map_or(Ok(()), |gate| gate.statement())
    }

    /// Commits the transaction.
    ///
    /// # Errors
    /// A database error. After one the transaction may have been committed all the same, if its answer was
    /// lost.
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
            // The answer of the commit may be lost on its way.
            gate.statement()?;
        }
        Ok(())
    }
}
