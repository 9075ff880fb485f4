//! Small made-up projects that break a rule, which prove that each rule can fail.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{self, Table};
use super::rules::{Exception, arrows_upwards, circles, foreign_reads, foreign_writes, without};
use super::tree::Tree;

fn house(files: &[(&str, &str)]) -> Tree {
    let owned = |&(name, source): &(&str, &str)| (name.to_owned(), source.to_owned());
    Tree::read(&files.iter().map(owned).collect())
}

/// The imports of a made-up project, without those of `main.rs`.
fn imports(files: &[(&str, &str)]) -> Vec<String> {
    let imports = house(files).imports();
    imports.iter().filter(|import| import.from != "main.rs").map(ToString::to_string).collect()
}

fn order(rooms: &[&str]) -> Vec<String> {
    rooms.iter().map(|&room| room.to_owned()).collect()
}

/// In these examples `people` reads the table `tips`, which belongs to the room `tips`.
fn tables() -> BTreeMap<String, Table> {
    document::tables("\n## Tables\n\n| `tips`, `legs` | tips | people |\n")
}

#[test]
fn a_circle_is_found_with_its_lines() {
    let tree = house(&[
        ("main.rs", "mod tips;"),
        ("tips/mod.rs", "mod market;\nmod service;\nmod store;"),
        ("tips/market.rs", "use super::service::Tips;\n"),
        ("tips/service.rs", "pub struct Tips;\nfn a() { super::store::find(); }\n"),
        ("tips/store.rs", "\nuse super::{\n    market::Listing,\n};\n"),
    ]);
    assert_eq!(
        circles(&tree.imports()),
        [
            "tips/market.rs:1 imports tips/service.rs (super::service::Tips)",
            "tips/service.rs:2 imports tips/store.rs (super::store::find)",
            "tips/store.rs:3 imports tips/market.rs (super::market::Listing)",
        ]
    );
}

#[test]
fn an_arrow_upwards_is_found_and_so_is_a_room_without_a_place() {
    let imports = house(&[
        ("main.rs", "mod desk;\nmod tips;"),
        ("desk.rs", "use crate::tips::Tip;"),
        ("tips.rs", "pub struct Tip;\nfn a(desk: &crate::desk::Desk) {}"),
    ])
    .imports();
    let (down, up) =
        ("desk.rs:1 imports tips.rs (crate::tips::Tip)", "tips.rs:2 imports desk.rs (crate::desk::Desk)");
    assert_eq!(arrows_upwards(&imports, &order(&["main", "desk", "tips"])), [up]);
    assert_eq!(arrows_upwards(&imports, &order(&["main", "tips", "desk"])), [down]);
    assert_eq!(arrows_upwards(&imports, &order(&["main", "desk"])), [down, up], "tips has no place");
}

#[test]
fn a_name_is_imported_from_who_defines_it() {
    let files = [
        ("main.rs", "mod desk;\nmod tips;"),
        (
            "tips/mod.rs",
            "mod service;\npub mod store;\npub use service::{Tips as Market, Fees};\npub struct Tip;",
        ),
        ("tips/service.rs", "pub struct Tips;\npub struct Fees;\nuse self::super::Tip;"),
        ("tips/store.rs", "pub fn find() {}"),
        (
            "desk.rs",
            "use crate::tips::{self, Market, store as rows};\nfn a() -> tips::Tip { rows::find(); tips::store::all!() }",
        ),
    ];
    assert_eq!(
        imports(&files),
        [
            "desk.rs:2 imports tips/mod.rs (tips::Tip)",
            "desk.rs:1 imports tips/service.rs (crate::tips::Market)",
            "desk.rs:2 imports tips/store.rs (rows::find)",
            "desk.rs:2 imports tips/store.rs (tips::store::all)",
            "tips/service.rs:3 imports tips/mod.rs (self::super::Tip)",
        ]
    );
}

#[test]
fn passing_a_name_on_is_no_import_until_it_is_used() {
    let passes = "mod service;\npub use service::Tips;";
    let file = |text: &str| {
        imports(&[("main.rs", "mod a;\nmod b;"), ("a/mod.rs", text), ("a/service.rs", ""), ("b.rs", "")])
    };
    assert!(file(passes).is_empty());
    assert_eq!(file(&format!("{passes}\nfn a(tips: Tips) {{}}")).len(), 1);
    assert_eq!(file("mod service;\nuse service::Tips;").len(), 1);
    assert_eq!(file("mod service;\npub use crate::b::Other;").len(), 1, "another room's name");
    assert_eq!(file("mod service;\npub use crate::b::*;").len(), 1);
}

#[test]
fn tests_comments_and_texts_are_no_imports() {
    let quiet = r##"
        // use crate::b::A;
        /* use crate::b::A; /* crate::b::A */ crate::b::A */
        const TEXT: &str = "use crate::b::A; \" crate::b::A";
        const RAW: &str = r#"crate::b::"A" "#;
        fn a<'a>(quote: &'a str) -> char { if quote == "" { '"' } else { '\'' } }
        #[cfg(test)]
        use crate::b::{A, B};
        #[cfg(test)]
        pub fn b() -> Vec<u8> { crate::b::make() }
        struct S { #[cfg(test)] field: crate::b::A, other: u8 }
        #[cfg(test)]
        #[path = "a_tests.rs"]
        mod tests;
        #[cfg(test)]
        mod more { use crate::b::A; }
    "##;
    let house = |text| imports(&[("main.rs", "mod a;\nmod b;"), ("a.rs", text), ("b.rs", "")]);
    assert!(house(quiet).is_empty(), "{:?}", house(quiet));
    assert_eq!(house(&format!("{quiet}fn c() {{ crate::b::c() }}")), ["a.rs:17 imports b.rs (crate::b::c)"]);
}

#[test]
fn macros_are_read_too() {
    let on = "macro_rules! on { () => { $crate::b::run() } }\npub(crate) use on;";
    let house =
        |text| imports(&[("main.rs", "mod a;\nmod b;\nmod c;"), ("a.rs", text), ("b.rs", on), ("c.rs", "")]);
    assert_eq!(house("use crate::b::on;\nfn a() { on!() }").len(), 2);
    assert_eq!(house("use crate::b;\nfn a() { b::on!(x, |c| crate::c::f(c)) }").len(), 2);
}

#[test]
fn a_foreign_write_is_found_and_so_is_one_to_a_table_of_nobody() {
    let write = |sql: &str| {
        let source = format!("fn a() {{\n    query(concat!(\"{sql}\")) }}");
        foreign_writes(&house(&[("main.rs", "mod desk;"), ("desk.rs", &source)]), &tables())
    };
    for sql in ["INSERT INTO tips (id)", "WITH a AS (SELECT 1) UPDATE tips SET", "DELETE FROM tips"] {
        assert_eq!(write(sql), ["desk.rs:2 writes tips, which tips owns"], "{sql}");
    }
    assert_eq!(write("INSERT OR REPLACE INTO\n  legs(id)"), ["desk.rs:2 writes legs, which tips owns"]);
    assert_eq!(write("UPDATE goats SET a = 1"), ["desk.rs:2 writes goats, which nobody owns"]);
    assert_eq!(write("DELETE FROM {table}"), ["desk.rs:2 writes {table}, which nobody owns"]);
    assert_eq!(write("UPDATE "), ["desk.rs:2 writes (a name that is put in later), which nobody owns"]);
    assert!(write("SELECT 1 FROM tips FOR UPDATE").is_empty());
}

#[test]
fn reads_are_those_of_the_document() {
    let read = |room: &str, sql: &str| {
        let (main, source) = (format!("mod {room};"), format!("const SQL: &str = \"{sql}\";"));
        foreign_reads(&house(&[("main.rs", &main), (&format!("{room}.rs"), &source)]), &tables())
    };
    assert!(read("people", "SELECT 1 FROM tips t JOIN legs l").is_empty());
    assert_eq!(
        read("people", "SELECT 1 FROM tips").len(),
        1,
        "it reads no legs, though the document says so"
    );
    assert_eq!(read("desk", "SELECT 1 FROM tips JOIN legs").len(), 4);
}

#[test]
fn an_exception_that_is_idle_is_told() {
    let found = || vec!["a.rs:1 imports b.rs".to_owned()];
    let exception = |of| [Exception { of, reason: "so" }];
    assert!(without(found(), &exception("a.rs imports b")).is_empty());
    assert_eq!(
        without(found(), &exception("c.rs")),
        ["a.rs:1 imports b.rs", "nothing needs the exception \"c.rs\" any more (so)"]
    );
}

#[test]
fn a_document_is_read() {
    let document = "# House\n\n## Rooms\n\nFrom top to bottom:\n\n```text\nmain.rs      begins\ntips/        tips\n```\n\n## Tables\n\n";
    assert_eq!(document::rooms(document), ["main", "tips"]);
    let tables = tables();
    assert_eq!(tables["legs"].owner, "tips");
    assert_eq!(tables["tips"].readers, BTreeSet::from(["people".to_owned()]));
}

#[test]
fn migrations_are_followed() {
    let migrations = [
        "CREATE TABLE codes (id);\nCREATE TABLE new_notices (id);",
        "DROP TABLE codes;\nALTER TABLE new_notices RENAME TO notices;",
    ];
    assert_eq!(document::made_by(migrations.into_iter()), BTreeSet::from(["notices".to_owned()]));
}
