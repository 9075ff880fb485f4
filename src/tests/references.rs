//! The sections that comments cite exist and say something: `MONEY §1` or `daraja §3.1` is a heading of one
//! of our documents, with sentences below it.

mod document;
mod rules;

use std::collections::{BTreeMap, BTreeSet};

use super::architecture::{files, read, repository};
use document::sections;

/// The documents that are cited, by the name that stands before their sections.
const DOCUMENTS: [(&str, &str); 2] = [("MONEY", "docs/money.md"), ("daraja", "docs/daraja.md")];
/// Published standards are cited by such a word, a number, and then the section.
const STANDARDS: [&str; 2] = ["RFC", "CSP"];
/// A section that is cited has so many sentences.
const SENTENCES_LEAST: usize = 2;

/// How many sentences there are in a section, by its number.
type Lengths = BTreeMap<String, usize>;

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

/// What is wrong with a citation, given how many sentences each section of each document has.
fn fault(citation: Result<(&str, String), String>, documents: &BTreeMap<&str, Lengths>) -> Option<String> {
    let (path, section) = match citation {
        Ok(cited) => cited,
        Err(words) => return Some(format!("{words} is in no document of ours")),
    };
    match documents[path].get(&section) {
        None => Some(format!("there is no §{section} in {path}")),
        Some(sentences) if *sentences < SENTENCES_LEAST => {
            Some(format!("§{section} of {path} says next to nothing"))
        }
        Some(_) => None,
    }
}

/// How many sentences each section of a document has.
fn lengths(document: &str) -> Lengths {
    let sections = sections(document);
    sections.iter().map(|section| (section.number.to_owned(), section.sentences())).collect()
}

#[test]
fn every_cited_section_is_in_its_document() {
    let documents = DOCUMENTS.map(|(_, path)| (path, lengths(&read(&repository().join(path))))).into();
    let (mut named, mut wrong) = (BTreeSet::new(), BTreeSet::new());
    for (file, text) in files() {
        for citation in comments(&text).iter().flat_map(|comment| cited(comment)) {
            named.extend(citation.as_ref().ok().map(|(path, _)| *path));
            wrong.extend(fault(citation, &documents).map(|fault| format!("{file}: {fault}")));
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.into_iter().collect::<Vec<_>>().join("\n"));
    assert_eq!(named, DOCUMENTS.map(|(_, path)| path).into(), "each document is cited");
}

#[test]
fn a_section_that_is_missing_or_says_nothing_is_found() {
    let money = lengths("## §1 Sends\n\nIt is sent once. Nobody sends it again.\n\n## §2 Words\n\nNone.\n");
    let documents = BTreeMap::from([("docs/money.md", money)]);
    let fault = |section: &str| fault(Ok(("docs/money.md", section.to_owned())), &documents);
    assert_eq!(fault("1"), None);
    assert_eq!(fault("2").as_deref(), Some("§2 of docs/money.md says next to nothing"));
    assert_eq!(fault("3").as_deref(), Some("there is no §3 in docs/money.md"));
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
