//! Makes a fresh, migrated database for each test.

use std::path::Path;
use std::str::FromStr;

use sqlx::migrate::Migrator;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection};
use uuid::Uuid;

use crate::platform::db::{Db, Pools};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// The variable with the address of the tests' PostgreSQL. `make test` starts it and sets the variable.
const POSTGRES: &str = "TEST_POSTGRES_URL";

impl Engine {
    /// The address of a new database.
    async fn url(self, folder: &Path) -> String {
        match self {
            Self::Sqlite => format!("sqlite:{}/test.db", folder.display()),
            Self::Postgres => fresh_postgres().await,
        }
    }

    /// The address of a new database, and that database open, with nothing in it.
    pub async fn empty(self, folder: &Path) -> (String, Db) {
        let url = self.url(folder).await;
        let db = Db::connect(&url).await.expect("a database");
        (url, db)
    }

    /// The same, migrated.
    pub async fn fresh(self, folder: &Path) -> (String, Db) {
        let (url, db) = self.empty(folder).await;
        db.migrate().await.expect("migrations");
        (url, db)
    }

    /// The same with what a dump holds, of the version that made it.
    pub async fn restored(self, folder: &Path, dump: &str) -> (String, Db) {
        let (url, sql) = (self.url(folder).await, AssertSqlSafe(dump.to_owned()));
        // A connection of its own: a dump sets what only its loading needs.
        match self {
            Self::Sqlite => {
                let options =
                    SqliteConnectOptions::from_str(&url).expect("an address").create_if_missing(true);
                let mut connection = options.connect().await.expect("a file");
                connection.execute(sqlx::raw_sql(sql)).await.expect("a dump of SQLite");
                connection.close().await.expect("closed");
            }
            Self::Postgres => {
                let mut connection = PgConnection::connect(&url).await.expect("a database");
                connection.execute(sqlx::raw_sql(sql)).await.expect("a dump of PostgreSQL");
                connection.close().await.expect("closed");
            }
        }
        let db = Db::connect(&url).await.expect("a database");
        (url, db)
    }
}

/// Brings a database to where a program left it whose newest migration was this one.
pub async fn migrate_to(version: i64, db: &Db) {
    let name = if db.has_one_writer() { "sqlite" } else { "postgres" };
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(name);
    let all = Migrator::new(files).await.expect("the migrations");
    let older = Migrator::with_migrations(all.iter().filter(|one| one.version <= version).cloned().collect());
    match &db.pools {
        Pools::Sqlite { writer, .. } => older.run(writer).await.expect("migrated"),
        Pools::Postgres(pool) => older.run(pool).await.expect("migrated"),
    }
}

async fn fresh_postgres() -> String {
    let server = std::env::var(POSTGRES).unwrap_or_else(|_| {
        panic!("{POSTGRES} is not set: run the tests with `make test`, or start a scratch server with `.ci/postgres start`")
    });
    let name = format!("test_{}", Uuid::from_bytes(crate::platform::random::Random::System.bytes()).simple());
    let mut connection = PgConnection::connect(&server).await.expect("the scratch PostgreSQL");
    sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}")))
        .execute(&mut connection)
        .await
        .expect("a database");
    connection.close().await.expect("closed");
    let (base, _) = server.rsplit_once('/').expect("an address with a database");
    format!("{base}/{name}")
}
