//! The rules of `docs/architecture.md` hold: a room uses only rooms below it, no two files use each other,
//! and a room writes only its own tables and reads others' only where the document says so.

mod document;
mod examples;
mod reader;
mod rules;
mod tree;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use rules::Exception;
use tree::Tree;

/// The writes to other rooms' tables that are allowed for now.
const WRITES: [Exception; 3] = [
    Exception { of: "demo/store/", reason: "what is made up is written in bulk, by no way that sells" },
    Exception { of: "people/store/profile.rs writes follows", reason: CLOSING },
    Exception { of: "people/store/profile.rs writes payment_claims", reason: CLOSING },
];
const CLOSING: &str =
    "an account is closed in one transaction, and the owner of the table stands above people";

pub(super) fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(super) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn document() -> String {
    read(&repository().join("docs/architecture.md"))
}

/// Every Rust file under a folder, by its path from there.
pub(super) fn files() -> BTreeMap<String, String> {
    let sources = repository().join("src");
    let (mut files, mut folders) = (BTreeMap::new(), vec![sources.clone()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(&sources).expect("a path in src").display().to_string();
                files.insert(name, read(&path));
            }
        }
    }
    files
}

fn assert_none(found: &[String]) {
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

#[test]
fn rooms_use_only_rooms_below_them() {
    let tree = Tree::read(&files());
    let order = document::rooms(&document());
    let rooms: BTreeSet<&str> = tree.modules().map(|module| tree::room(&module.file)).collect();
    assert_eq!(order.iter().map(String::as_str).collect::<BTreeSet<_>>(), rooms, "the rooms of the document");
    assert_none(&rules::arrows_upwards(&tree.imports(), &order));
}

#[test]
fn no_two_files_use_each_other() {
    assert_none(&rules::circles(&Tree::read(&files()).imports()));
}

#[test]
fn a_room_writes_only_its_own_tables() {
    let found = rules::foreign_writes(&Tree::read(&files()), &document::tables(&document()));
    assert_none(&rules::without(found, &WRITES));
}

#[test]
fn a_room_reads_the_tables_that_the_document_says() {
    assert_none(&rules::foreign_reads(&Tree::read(&files()), &document::tables(&document())));
}

/// The files of migrations for one database, in their order.
fn migrations(database: &str) -> Vec<String> {
    let folder = fs::read_dir(repository().join("migrations").join(database)).expect("a folder");
    let mut names: Vec<_> = folder.map(|entry| entry.expect("an entry").path()).collect();
    names.sort();
    names.iter().map(|name| read(name)).collect()
}

/// The database's clock is asked in one place, and what it says is bound to statements as a value (MONEY §3).
#[test]
fn no_sql_names_the_time() {
    let found = rules::named_times(&Tree::read(&files()));
    assert_none(&rules::without(
        found,
        &[Exception { of: "platform/database_clock.rs", reason: "the one place" }],
    ));
    for database in ["sqlite", "postgres"] {
        let lines = migrations(database).join("\n");
        let lines = lines.lines().map(|line| line.split("--").next().unwrap_or_default());
        let found: Vec<&str> = lines.filter(|line| !rules::times(line).is_empty()).collect();
        assert!(found.is_empty(), "{found:?}");
    }
}

#[test]
fn names_of_the_time_are_found() {
    for text in
        ["SELECT now()", "made_at TEXT DEFAULT CURRENT_TIMESTAMP", "datetime('now')", "> Clock_Timestamp()"]
    {
        assert!(!rules::times(text).is_empty(), "{text}");
    }
    for text in ["Date.now()", "on_sale_now(", "STRFTIME('%s', made_at)", "we know(n)"] {
        assert!(rules::times(text).is_empty(), "{text}");
    }
}

#[test]
fn every_table_has_an_owner() {
    let migrations = migrations("sqlite");
    let made = document::made_by(migrations.iter().map(String::as_str));
    assert_eq!(document::tables(&document()).into_keys().collect::<BTreeSet<_>>(), made);
}
