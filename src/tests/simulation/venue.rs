//! A database for each run: a copy of a migrated file on SQLite, and one that is emptied before each run on
//! PostgreSQL.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use sqlx::{AssertSqlSafe, Executor};

use super::parcels;
use crate::platform::db::{Db, Pools};
use crate::tests::harness::Engine;

/// The folder of the database, in memory if there is one: the runs test the order of events and not the disk.
const MEMORY: &str = "/dev/shm";

pub struct Venue {
    engine: Engine,
    folder: tempfile::TempDir,
    db: Db,
    runs: u64,
}

impl Venue {
    pub async fn open(engine: Engine) -> Self {
        let folder =
            if Path::new(MEMORY).is_dir() { tempfile::tempdir_in(MEMORY) } else { tempfile::tempdir() }
                .expect("a folder");
        let (_, db) = engine.fresh(folder.path()).await;
        add_parcels(&db).await;
        if engine == Engine::Sqlite {
            // Closing writes everything into one file, which can be copied.
            db.close().await;
        }
        Self { engine, folder, db, runs: 0 }
    }

    fn file(&self, run: u64) -> PathBuf {
        self.folder.path().join(format!("run{run}.db"))
    }

    /// An empty database.
    pub async fn fresh(&mut self) -> Db {
        self.runs += 1;
        match self.engine {
            Engine::Sqlite => {
                let file = self.file(self.runs);
                std::fs::copy(self.folder.path().join("test.db"), &file).expect("a copy");
                self.db = Db::connect(&format!("sqlite:{}", file.display())).await.expect("a database");
            }
            Engine::Postgres => empty(&self.db).await,
        }
        self.db.clone()
    }

    /// Called when the run is over.
    pub async fn leave(&self) {
        if self.engine == Engine::Sqlite {
            self.db.close().await;
            for end in ["db", "db-wal", "db-shm"] {
                let _ = std::fs::remove_file(self.file(self.runs).with_extension(end));
            }
        }
    }
}

/// Adds the one table that the product does not have.
async fn add_parcels(db: &Db) {
    match &db.pools {
        Pools::Sqlite { writer, .. } => writer.execute(parcels::TABLE).await.map(|_| ()),
        Pools::Postgres(pool) => pool.execute(parcels::TABLE).await.map(|_| ()),
    }
    .expect("a table of parcels");
}

/// Deletes every row that a run can have written. The triggers that forbid it are switched off for this
/// session.
async fn empty(db: &Db) {
    const TABLES: &str = "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' AND tablename <> '_sqlx_migrations'";
    let Pools::Postgres(pool) = &db.pools else { return };
    let tables: Vec<String> = sqlx::query_scalar(TABLES).fetch_all(pool).await.expect("tables");
    let mut script = "BEGIN; SET LOCAL session_replication_role = replica;".to_owned();
    for table in tables {
        let _ = match table.as_str() {
            "accounts" => write!(script, "DELETE FROM accounts WHERE person_id IS NOT NULL;"),
            "audit_head" => write!(script, "UPDATE audit_head SET seq = 0, hash = '';"),
            table => write!(script, "DELETE FROM {table};"),
        };
    }
    script.push_str("COMMIT");
    pool.execute(sqlx::raw_sql(AssertSqlSafe(script))).await.expect("an empty database");
}
