//! The rules. Each is a function that lists what breaks it.

use std::collections::{BTreeMap, BTreeSet};

use super::document::Table;
use super::tree::{Import, Tree, room};

/// Something that breaks a rule and is allowed for now.
pub struct Exception {
    /// What it allows: every finding whose line, without its number, begins with this.
    pub of: &'static str,
    pub reason: &'static str,
}

impl std::fmt::Display for Import {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{} imports {} ({})", self.from, self.line, self.to, self.written)
    }
}

/// A room may use only rooms that stand below it in `order`.
pub fn arrows_upwards(imports: &BTreeSet<Import>, order: &[String]) -> Vec<String> {
    let place = |file: &str| order.iter().position(|name| name == room(file));
    let breaks = |import: &&Import| {
        let (Some(from), Some(to)) = (place(&import.from), place(&import.to)) else { return true };
        to < from
    };
    imports.iter().filter(breaks).map(ToString::to_string).collect()
}

/// Two files may not use each other, also not through other files.
pub fn circles(imports: &BTreeSet<Import>) -> Vec<String> {
    let mut uses: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for import in imports {
        uses.entry(&import.from).or_default().insert(&import.to);
    }
    let comes_back = |import: &&Import| {
        let (mut seen, mut next) = (BTreeSet::new(), vec![import.to.as_str()]);
        while let Some(file) = next.pop() {
            if seen.insert(file) {
                next.extend(uses.get(file).into_iter().flatten());
            }
        }
        seen.contains(import.from.as_str())
    };
    imports.iter().filter(comes_back).map(ToString::to_string).collect()
}

/// A room may write only tables that it owns.
pub fn foreign_writes(tree: &Tree, tables: &BTreeMap<String, Table>) -> Vec<String> {
    let mut found = Vec::new();
    for (file, line, sql) in texts(tree) {
        for name in written(sql) {
            let owner = tables.get(name).map_or("nobody", |table| &table.owner);
            if owner != room(file) {
                found.push(format!("{file}:{line} writes {name}, which {owner} owns"));
            }
        }
    }
    found
}

/// A room may read another room's tables only as the document says. An entry of the document that no room
/// uses is found too.
pub fn foreign_reads(tree: &Tree, tables: &BTreeMap<String, Table>) -> Vec<String> {
    let (mut found, mut done) = (Vec::new(), BTreeSet::new());
    for (file, line, sql) in texts(tree) {
        for name in read(sql) {
            let (Some(table), reader) = (tables.get(name), room(file)) else { continue };
            done.insert((name.to_owned(), reader.to_owned()));
            if reader != table.owner && !table.readers.contains(reader) {
                found.push(format!("{file}:{line} reads {name}, which {} owns", table.owner));
            }
        }
    }
    let said = tables.iter().flat_map(|(name, table)| table.readers.iter().map(move |reader| (name, reader)));
    let idle = said.filter(|(name, reader)| !done.contains(&((*name).clone(), (*reader).clone())));
    found.extend(
        idle.map(|(name, reader)| format!("{reader} does not read {name}, though the document says so")),
    );
    found
}

/// How SQL names the time of the database or of its machine. SQLite's functions do so with `'now'`, or with
/// nothing.
const TIMES: [&str; 15] = [
    "now(",
    "current_timestamp",
    "current_time",
    "current_date",
    "localtime",
    "clock_timestamp",
    "statement_timestamp",
    "transaction_timestamp",
    "timeofday",
    "'now'",
    "datetime()",
    "date()",
    "time()",
    "julianday()",
    "unixepoch()",
];

/// The names of the time in a text. `Date.now()` is the browser's.
pub fn times(text: &str) -> Vec<&'static str> {
    let text = text.to_ascii_lowercase();
    let is_part = |before: &str| before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '.');
    let names = |time: &str| text.match_indices(time).any(|(at, _)| !is_part(&text[..at]));
    TIMES.into_iter().filter(|time| names(time)).collect()
}

/// Texts of the code that name the time.
pub fn named_times(tree: &Tree) -> Vec<String> {
    let found = |(file, line, text): (&str, usize, &str)| {
        let names = times(text);
        (!names.is_empty()).then(|| format!("{file}:{line} names the time: {names:?}"))
    };
    texts(tree).filter_map(found).collect()
}

fn texts(tree: &Tree) -> impl Iterator<Item = (&str, usize, &str)> {
    tree.modules()
        .flat_map(|module| module.source.texts.iter().map(|text| (&*module.file, text.line, &*text.name)))
}

/// The tables that a piece of SQL writes. `FOR UPDATE` only locks, and `DO UPDATE` belongs to an `INSERT
/// INTO`.
fn written(sql: &str) -> impl Iterator<Item = &str> {
    let updated = names_after("UPDATE", &["FOR ", "DO "], sql);
    names_after("INTO", &[], sql).chain(updated).chain(names_after("DELETE FROM", &[], sql))
}

fn read(sql: &str) -> impl Iterator<Item = &str> {
    names_after("FROM", &["DELETE "], sql).chain(names_after("JOIN", &[], sql))
}

/// The names after a keyword, unless one of these words stands before it. If the name is not in the text
/// itself (but filled in), what stands in its place is returned, which no room owns.
fn names_after<'s>(
    keyword: &'static str,
    unless: &'static [&'static str],
    sql: &'s str,
) -> impl Iterator<Item = &'s str> {
    let is_of_word = |character: char| character.is_alphanumeric() || character == '_';
    sql.match_indices(keyword).filter_map(move |(at, _)| {
        let (before, behind) = (&sql[..at], &sql[at + keyword.len()..]);
        let is_part = before.ends_with(is_of_word) || behind.starts_with(is_of_word);
        let is_other = unless.iter().any(|other| before.ends_with(other));
        let name = behind.split([' ', '\n', '(', ')', ',', ';']).find(|word| !word.is_empty());
        (!is_part && !is_other).then(|| name.unwrap_or("(a name that is put in later)"))
    })
}

/// The findings without those that are allowed, and the exceptions that allow nothing any more.
pub fn without(mut found: Vec<String>, exceptions: &[Exception]) -> Vec<String> {
    let allows = |exception: &Exception, line: &str| without_number(line).starts_with(exception.of);
    let idle = exceptions.iter().filter(|exception| !found.iter().any(|line| allows(exception, line)));
    let idle = idle
        .map(|Exception { of, reason }| format!("nothing needs the exception {of:?} any more ({reason})"));
    let idle: Vec<String> = idle.collect();
    found.retain(|line| !exceptions.iter().any(|exception| allows(exception, line)));
    found.extend(idle);
    found
}

/// A line like `tips.rs:7 writes people` without its number.
fn without_number(line: &str) -> String {
    let parts = line.split_once(':').and_then(|(file, rest)| Some((file, rest.split_once(' ')?.1)));
    parts.map_or_else(|| line.to_owned(), |(file, rest)| format!("{file} {rest}"))
}
