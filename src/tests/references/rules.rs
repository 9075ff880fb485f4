//! Each section of `docs/money.md` ends in a table of its rules, whose rows name the tests that hold a rule
//! and the mutants that break it. All of these exist, and no mutant is without a row.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use super::document::sections;
use crate::tests::architecture::{files, read, repository};

const HEADER: &str = "| Rule | Test | Mutant |";

/// The names of tests by the file that holds them.
type Tests = BTreeMap<String, BTreeSet<String>>;

/// The texts between backticks.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

/// The rows of the tables of rules, by the number of their section. A heading without a number divides the
/// section that it stands in.
fn rows(document: &str) -> BTreeMap<&str, Vec<Vec<&str>>> {
    let (mut rows, mut number) = (BTreeMap::new(), "");
    for section in sections(document) {
        if !section.number.is_empty() {
            number = section.number;
        }
        if number.is_empty() {
            continue;
        }
        let of_section: &mut Vec<Vec<&str>> = rows.entry(number).or_default();
        // The line below the header draws the table.
        let mut lines = section.lines.iter().skip_while(|line| **line != HEADER).skip(2);
        while let Some(row) = lines.next().and_then(|line| line.strip_prefix('|')?.strip_suffix('|')) {
            of_section.push(row.split('|').map(str::trim).collect());
        }
    }
    rows
}

/// What is wrong with the tables of a document.
fn faults(document: &str, tests: &Tests, mutants: &BTreeSet<String>) -> Vec<String> {
    let (mut faults, mut broken) = (Vec::new(), BTreeSet::new());
    for (section, rows) in rows(document) {
        if rows.is_empty() {
            faults.push(format!("§{section} has no table of rules"));
        }
        for row in rows {
            let [rule, test, mutant] = row[..] else {
                faults.push(format!("§{section}: a row has {} cells: {}", row.len(), row.join(" | ")));
                continue;
            };
            if quoted(test).next().is_none() {
                faults.push(format!("§{section}: no test holds the rule: {rule}"));
            }
            // A test of the browser has a title, which stands behind a colon.
            let is_there = |named: &&str| {
                let parts = named.split_once("::").or_else(|| named.split_once(": "));
                parts.is_some_and(|(file, name)| tests.get(file).is_some_and(|tests| tests.contains(name)))
            };
            for missing in quoted(test).filter(|named| !is_there(named)) {
                faults.push(format!("§{section}: there is no test {missing}"));
            }
            if mutant.is_empty() {
                faults.push(format!("§{section}: neither a mutant nor why there is none: {rule}"));
            }
            for missing in quoted(mutant).filter(|named| !mutants.contains(*named)) {
                faults.push(format!("§{section}: there is no mutant {missing}"));
            }
            broken.extend(quoted(mutant).map(str::to_owned));
        }
    }
    faults.extend(mutants.difference(&broken).map(|mutant| format!("no rule names the mutant {mutant}")));
    faults
}

/// The names of a file's tests. Those of `both!` have no attribute of their own and take an app.
fn tests_of(text: &str) -> BTreeSet<String> {
    let (mut tests, mut is_test) = (BTreeSet::new(), false);
    for line in text.lines().map(str::trim_start) {
        is_test |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
        let Some(head) = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ") else { continue };
        if let Some((name, arguments)) = head.split_once('(')
            && (is_test || arguments.contains(": TestApp)"))
        {
            tests.insert(name.to_owned());
        }
        is_test = false;
    }
    tests
}

/// The titles of a file's tests in the browser.
fn titles_of(text: &str) -> BTreeSet<String> {
    let titles = text.lines().filter_map(|line| line.trim_start().strip_prefix("test(\"")?.split_once('"'));
    titles.map(|(title, _)| title.to_owned()).collect()
}

fn names(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(repository().join(folder)).expect("a folder");
    entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("a plain name")).collect()
}

fn tests() -> Tests {
    let mut tests: Tests = files().into_iter().map(|(file, text)| (file, tests_of(&text))).collect();
    for name in names("end2end/tests").iter().filter(|name| name.ends_with(".spec.ts")) {
        let file = format!("end2end/tests/{name}");
        let titles = titles_of(&read(&repository().join(&file)));
        tests.insert(file, titles);
    }
    tests
}

#[test]
fn every_rule_names_its_test_and_its_mutant() {
    let mutants = names("src/tests/simulation/mutants");
    let mutants = mutants.iter().filter_map(|name| name.strip_suffix(".patch").map(str::to_owned)).collect();
    let document = read(&repository().join("docs/money.md"));
    assert!(rows(&document).values().all(|rows| rows.len() > 1), "the tables were read");
    let faults = faults(&document, &tests(), &mutants);
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

mod examples {
    use super::*;

    fn found(sections: &str) -> Vec<String> {
        let tests = Tests::from([
            ("tests/shop.rs".to_owned(), ["it_pays".to_owned()].into()),
            ("end2end/tests/pay.spec.ts".to_owned(), ["a visitor pays".to_owned()].into()),
        ]);
        let mutants = ["it-pays-twice".to_owned()].into();
        faults(sections, &tests, &mutants)
    }

    fn table(rows: &str) -> String {
        format!("# Money\n\nWords.\n\n## §1 A payment\n\nWords.\n\n{HEADER}\n|---|---|---|\n{rows}\n")
    }

    const GOOD: &str =
        "| Once | `tests/shop.rs::it_pays`, `end2end/tests/pay.spec.ts: a visitor pays` | `it-pays-twice` |";

    #[test]
    fn a_good_table_has_no_faults() {
        let none = "\n| Never | `tests/shop.rs::it_pays` | a rule of the database |";
        assert!(found(&table(&format!("{GOOD}{none}"))).is_empty());
        assert!(found(&table(&format!("Words.\n\n### More\n\n{HEADER}\n|---|---|---|\n{GOOD}"))).is_empty());
    }

    #[test]
    fn each_fault_is_told() {
        for (row, wanted) in [
            ("| Late | `tests/shop.rs::it_waits` | none |", "there is no test tests/shop.rs::it_waits"),
            ("| Late | `tests/lane.rs::it_pays` | none |", "there is no test tests/lane.rs::it_pays"),
            ("| Late | `end2end/tests/a.spec.ts: b` | none |", "there is no test end2end/tests/a.spec.ts: b"),
            ("| Late | `it_pays` | none |", "there is no test it_pays"),
            ("| Late | none yet | none |", "no test holds the rule: Late"),
            ("| Late | `tests/shop.rs::it_pays` | |", "neither a mutant nor why there is none: Late"),
            ("| Late | `tests/shop.rs::it_pays` | `it-waits` |", "there is no mutant it-waits"),
            ("| Late | `tests/shop.rs::it_pays` |", "a row has 2 cells: Late | `tests/shop.rs::it_pays`"),
        ] {
            assert_eq!(found(&table(&format!("{GOOD}\n{row}"))), [format!("§1: {wanted}")]);
        }
    }

    #[test]
    fn what_is_missing_altogether_is_told() {
        let unnamed = "no rule names the mutant it-pays-twice";
        assert_eq!(found(&table("")), ["§1 has no table of rules", unnamed]);
        let two = format!("{}\n## §2 Words\n\nWords.\n", table(GOOD));
        assert_eq!(found(&two), ["§2 has no table of rules"]);
        assert_eq!(found(&table("| Once | `tests/shop.rs::it_pays` | none |")), [unnamed]);
    }

    #[test]
    fn only_tests_are_tests() {
        let text = "
            both! {
                async fn it_pays(app: TestApp) {
            }
            async fn shop(app: &TestApp) -> Shop {
            #[tokio::test(flavor = \"multi_thread\")]
            async fn it_waits() {
            fn help() {
            #[test]
            #[ignore]
            fn it_ends() {
            // fn it_was() {";
        assert_eq!(tests_of(text), ["it_ends", "it_pays", "it_waits"].map(str::to_owned).into());
        let text = "  test(\"a visitor pays\", async () => {\n// test(\"nobody pays\"";
        assert_eq!(titles_of(text), ["a visitor pays".to_owned()].into());
    }
}
