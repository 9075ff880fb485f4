//! Makes a fresh, migrated database for each test.

use std::path::Path;

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use uuid::Uuid;

use crate::platform::db::Db;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// The variable with the address of the tests' PostgreSQL. `make test` starts it and sets the variable.
const POSTGRES: &str = "TEST_POSTGRES_URL";

impl Engine {
    /// The address of a new database, and that database open and migrated.
    pub async fn fresh(self, folder: &Path) -> (String, Db) {
        let url = match self {
            Self::Sqlite => format!("sqlite:{}/test.db", folder.display()),
            Self::Postgres => fresh_postgres().await,
        };
        let db = Db::connect(&url).await.expect("a database");
        db.migrate().await.expect("migrations");
        (url, db)
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
