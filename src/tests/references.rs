//! The sections that comments cite exist: `MONEY §1` or `daraja §3.1` is a heading of one of our documents.

use std::collections::{BTreeMap, BTreeSet};

use super::architecture::{files, read, repository};

/// The documents that are cited, by the name that stands before their sections.
const DOCUMENTS: [(&str, &str); 2] = [("MONEY", "docs/money.md"), ("daraja", "docs/daraja.md")];
/// Published standards are cited by such a word, a number, and then the section.
const STANDARDS: [&str; 2] = ["RFC", "CSP"];

/// The comments of a file, each joined into one line.
fn comments(text: &str) -> Vec<String> {
    let (mut comments, mut open) = (Vec::new(), String::new());
    for line in text.lines() {
        if let Some(words) = line.trim_start().strip_prefix("//") {
            open.push_str(words.trim_start_matches(['/', '!']));
            open.push(' ');
        } else if !open.is_empty() {
            comments.push(std::mem::take(&mut open));
        }
    }
    comments.push(open);
    comments
}

/// A word without the brackets and commas around it.
fn bare(word: &str) -> &str {
    word.trim_matches(|character: char| !character.is_alphanumeric())
}

/// The sections of our documents that a comment cites, as path and number. An error is a citation of a
/// document that we do not have.
fn cited(comment: &str) -> Vec<Result<(&'static str, String), String>> {
    let words: Vec<&str> = comment.split_whitespace().collect();
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let Some((_, after)) = word.split_once('§') else { continue };
        let digits: String =
            after.chars().take_while(|character| character.is_ascii_digit() || *character == '.').collect();
        let section = digits.trim_end_matches('.');
        // One name may stand before several sections.
        let mut before = words[..at].iter().rev().skip_while(|word| word.contains('§') || **word == "and");
        let name = before.next().map_or("", |word| bare(word));
        let name_before = before.next().map_or("", |word| bare(word));
        if let Some((_, path)) = DOCUMENTS.iter().find(|(cited, _)| *cited == name) {
            found.push(Ok((*path, section.to_owned())));
        } else if !STANDARDS.contains(&name_before) {
            found.push(Err(format!("{name} §{section}")));
        }
    }
    found
}

/// The numbers of a document's headings.
fn sections(document: &str) -> BTreeSet<String> {
    let headings = document.lines().filter(|line| line.starts_with('#'));
    let numbers = headings.filter_map(|line| line.split_whitespace().find_map(|word| word.strip_prefix('§')));
    numbers.map(str::to_owned).collect()
}

#[test]
fn every_cited_section_is_in_its_document() {
    let documents =
        BTreeMap::from(DOCUMENTS.map(|(_, path)| (path, sections(&read(&repository().join(path))))));
    let (mut right, mut wrong) = (BTreeSet::new(), Vec::new());
    for (file, text) in files() {
        for citation in comments(&text).iter().flat_map(|comment| cited(comment)) {
            match citation {
                Ok((path, section)) if documents[path].contains(&section) => {
                    right.insert(path);
                }
                Ok((path, section)) => wrong.push(format!("{file}: there is no §{section} in {path}")),
                Err(words) => wrong.push(format!("{file}: {words} is in no document of ours")),
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
    assert_eq!(right, DOCUMENTS.map(|(_, path)| path).into(), "each document is cited");
}

#[test]
fn citations_are_found_over_lines_and_in_lists() {
    let found = |text: &str| comments(text).iter().flat_map(|comment| cited(comment)).collect::<Vec<_>>();
    let daraja = |section: &str| Ok(("docs/daraja.md", section.to_owned()));
    assert_eq!(found("/// As it comes (daraja\n/// §1, §5.2).\nfn a() {}\n"), [daraja("1"), daraja("5.2")]);
    assert_eq!(found("    //! MONEY §4: so.\n"), [Ok(("docs/money.md", "4".to_owned()))]);
    assert_eq!(found("// See §4.\n"), [Err("See §4".to_owned())]);
    assert!(found("// As RFC 9110 §8.3.1 has it.\n").is_empty());
    assert!(found("let text = \"MONEY §9\";\n").is_empty());
}

#[test]
fn headings_have_numbers() {
    let numbers = sections("# Money\n\n## §1 A payment\n\nAs §7 says.\n\n### §3.1 Its body\n");
    assert_eq!(numbers, ["1".to_owned(), "3.1".to_owned()].into());
}
