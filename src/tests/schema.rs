//! Both databases have the same schema, and the settings have one list.

use std::collections::BTreeSet;

use super::harness::{Engine, TestApp, both};
use crate::platform::db::{Failure, execute, read, transaction};
use crate::platform::settings::KNOWN;

const SQLITE_COLUMNS: &str =
    "SELECT m.name || '.' || c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
    WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE '_sqlx%'";
const POSTGRES_COLUMNS: &str =
    "SELECT CAST(table_name || '.' || column_name AS TEXT) FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name NOT LIKE '\\_sqlx%'";
const SQLITE_INDEXES: &str = "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL";
const POSTGRES_INDEXES: &str = "SELECT CAST(indexname AS TEXT) FROM pg_indexes WHERE schemaname = 'public'
    AND indexname NOT LIKE '%\\_pkey' AND indexname NOT LIKE '%\\_key' AND indexname NOT LIKE '\\_sqlx%'";

async fn names(app: &TestApp, query: &'static str) -> BTreeSet<String> {
    read!(&app.db, |c| sqlx::query_scalar(query).fetch_all(c).await).expect("names").into_iter().collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_databases_have_the_same_columns_and_indexes() {
    let (sqlite, postgres) = (TestApp::new(Engine::Sqlite).await, TestApp::new(Engine::Postgres).await);
    let columns = names(&sqlite, SQLITE_COLUMNS).await;
    assert!(columns.contains("mpesa_addresses.token_hash"));
    assert_eq!(columns, names(&postgres, POSTGRES_COLUMNS).await);
    assert_eq!(names(&sqlite, SQLITE_INDEXES).await, names(&postgres, POSTGRES_INDEXES).await);
}

#[test]
fn both_databases_have_the_same_migrations() {
    let files = |folder: &str| {
        let read = std::fs::read_dir(folder).expect("a folder");
        read.map(|file| file.expect("a file").file_name()).collect::<BTreeSet<_>>()
    };
    assert_eq!(files("migrations/sqlite"), files("migrations/postgres"));
}

#[test]
fn the_example_lists_every_setting() {
    let example = std::fs::read_to_string(".env.example").expect(".env.example");
    let named: BTreeSet<&str> = example
        .lines()
        .filter_map(|line| line.trim_start_matches(['#', ' ']).split_once('=').map(|(name, _)| name))
        .collect();
    for name in KNOWN {
        assert!(named.contains(name), "{name} is not in .env.example");
    }
    for name in
        named.into_iter().filter(|name| name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_'))
    {
        assert!(KNOWN.contains(&name), "{name} is no setting");
    }
}

both! {
    async fn a_database_that_was_never_migrated_lacks_all_and_one_that_fails_says_so(app: TestApp) {
        assert_eq!(app.db.pending_migrations().await.expect("a number"), 0);
        let dropped: Result<(), Failure> = transaction!(app.db, |tx| Ok(execute!(tx, sqlx::query("DROP TABLE _sqlx_migrations"))?));
        dropped.expect("dropped");
        assert!(app.db.pending_migrations().await.expect("a number") > 10);
        app.db.close().await;
        assert!(app.db.pending_migrations().await.is_err(), "a database that does not answer is not an old one");
    }
}
