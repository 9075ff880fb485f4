//! What `docs/architecture.md` says of rooms and tables, and what tables the migrations make.

use std::collections::{BTreeMap, BTreeSet};

/// A table's owner, and the other rooms that read it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Table {
    pub owner: String,
    pub readers: BTreeSet<String>,
}

/// The rooms from top to bottom: the first word of each line in the first block of code under `## Rooms`.
pub fn rooms(document: &str) -> Vec<String> {
    let section = section(document, "Rooms");
    let block = section.split("```").nth(1).unwrap_or_default();
    let names = block.lines().skip(1).filter_map(|line| line.split_whitespace().next());
    names.map(|name| name.trim_end_matches('/').trim_end_matches(".rs").to_owned()).collect()
}

/// The tables under `## Tables`: each row names tables, their owner, and who else reads them.
pub fn tables(document: &str) -> BTreeMap<String, Table> {
    let rows = section(document, "Tables").lines().filter(|line| line.starts_with("| `"));
    let mut tables = BTreeMap::new();
    for row in rows {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let [_, names, owner, readers, _] = cells[..] else { panic!("not a row of tables: {row}") };
        for name in list(names) {
            let table =
                Table { owner: owner.to_owned(), readers: list(readers).map(str::to_owned).collect() };
            assert!(tables.insert(name.to_owned(), table).is_none(), "{name} has two owners");
        }
    }
    tables
}

/// The tables that are there after these migrations, which are read in the order of their names.
pub fn made_by<'m>(migrations: impl Iterator<Item = &'m str>) -> BTreeSet<String> {
    let mut tables = BTreeSet::new();
    for migration in migrations {
        let words: Vec<&str> =
            migration.split([' ', '\n', '(', ';']).filter(|word| !word.is_empty()).collect();
        for at in 0..words.len().saturating_sub(2) {
            match words[at..at + 3] {
                ["CREATE", "TABLE", name] => drop(tables.insert(name.to_owned())),
                ["DROP", "TABLE", name] => drop(tables.remove(name)),
                ["RENAME", "TO", name] => {
                    tables.remove(words[at - 1]);
                    tables.insert(name.to_owned());
                }
                _ => {}
            }
        }
    }
    tables
}

fn section<'d>(document: &'d str, title: &str) -> &'d str {
    let start = document.find(&format!("\n## {title}\n")).unwrap_or_else(|| panic!("no section {title}"));
    let rest = &document[start + 4..];
    rest.find("\n## ").map_or(rest, |end| &rest[..end])
}

/// The names in a cell like `a`, `b`; a hyphen stands for none.
fn list(cell: &str) -> impl Iterator<Item = &str> {
    cell.split(", ").map(|name| name.trim_matches('`')).filter(|name| !name.is_empty() && *name != "-")
}
