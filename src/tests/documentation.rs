//! Every public item says what it is, and every public function that can fail says when, under `# Errors`.
//! Rustdoc asks this only of libraries, and this is a program.

use std::collections::BTreeMap;

use super::architecture::files;

const ITEMS: [&str; 7] = ["fn", "struct", "enum", "const", "static", "trait", "type"];
/// What may stand between `pub` and `fn`.
const QUALIFIERS: [&str; 2] = ["async", "const"];

/// A public item of a file: its kind, its name, and the number of its line.
struct Item<'a> {
    kind: &'a str,
    name: &'a str,
    line: usize,
}

/// The public item that a line begins, if it begins one.
fn item(line: &str, number: usize) -> Option<Item<'_>> {
    let mut words = line.trim_start().strip_prefix("pub ")?.split_whitespace().peekable();
    let mut kind = words.next()?;
    while QUALIFIERS.contains(&kind)
        && words.peek().is_some_and(|next| QUALIFIERS.contains(next) || *next == "fn")
    {
        kind = words.next()?;
    }
    let rest = words.next()?;
    let name = rest.split(|character: char| !character.is_alphanumeric() && character != '_').next()?;
    // What a macro names is documented where the macro is used.
    (ITEMS.contains(&kind) && !name.is_empty()).then_some(Item { kind, name, line: number })
}

/// The comment above a line, over its attributes.
fn comment_above<'a>(lines: &[&'a str], line: usize) -> Vec<&'a str> {
    let above = lines[..line].iter().rev().map(|line| line.trim());
    let mut is_in_attribute = false;
    let mut comment: Vec<&str> = above
        .skip_while(|line| {
            // An attribute over several lines is met from its end.
            is_in_attribute = (is_in_attribute || line.ends_with(")]")) && !line.starts_with("#[");
            is_in_attribute || line.starts_with("#[")
        })
        .take_while(|line| line.starts_with("///"))
        .collect();
    comment.reverse();
    comment
}

/// Whether the function that begins on a line returns a `Result`.
fn can_fail(lines: &[&str], line: usize) -> bool {
    let mut signature = String::new();
    for part in &lines[line..] {
        // The body of a function on one line is not its signature.
        let (head, _) = part.split_once('{').unwrap_or((part, ""));
        signature.push_str(head);
        if part.contains('{') || part.trim_end().ends_with(';') {
            break;
        }
    }
    let returns = signature.rsplit_once("->").map_or("", |(_, returns)| returns);
    returns
        .split(|character: char| !character.is_alphanumeric())
        .any(|word| word == "Result" || word == "AppResult")
}

/// What a file does not say of its public items.
fn unsaid(file: &str, text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let tests = lines.windows(2).position(|pair| pair[0] == "#[cfg(test)]" && pair[1].starts_with("mod "));
    let lines = &lines[..tests.unwrap_or(lines.len())];
    let items = lines.iter().enumerate().filter_map(|(number, line)| item(line, number));
    let mut unsaid = Vec::new();
    for Item { kind, name, line } in items {
        let comment = comment_above(lines, line);
        let place = format!("{file}:{}: {kind} {name}", line + 1);
        if comment.is_empty() {
            unsaid.push(format!("{place} says nothing"));
        } else if kind == "fn" && can_fail(lines, line) && !comment.contains(&"/// # Errors") {
            unsaid.push(format!("{place} does not say when it fails"));
        }
    }
    unsaid
}

fn is_of_the_product(file: &str) -> bool {
    !file.starts_with("tests/") && !file.contains("/tests/") && !file.ends_with("_tests.rs")
}

#[test]
fn public_items_say_what_they_are_and_when_they_fail() {
    let files: BTreeMap<String, String> =
        files().into_iter().filter(|(file, _)| is_of_the_product(file)).collect();
    let found: Vec<String> = files.iter().flat_map(|(file, text)| unsaid(file, text)).collect();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

#[test]
fn what_is_not_said_is_found() {
    let text = "/// A.\npub struct A;\n\n#[derive(\n    Debug,\n)]\npub enum B {}\n\nimpl A {\n    /// C.\n    #[must_use]\n    pub const fn c() {}\n
    /// D.\n    pub async fn d(\n        self,\n    ) -> Result<(), E> {\n    }\n\n    /// E.\n    ///\n    /// # Errors\n    /// Always.\n    pub fn e() -> Result<(), E> {}\n}\n
pub const F: u8 = 1;\n#[cfg(test)]\nmod tests {\n    pub fn g() {}\n}\n";
    let found = unsaid("room/file.rs", text);
    let expected = [
        "room/file.rs:7: enum B says nothing",
        "room/file.rs:15: fn d does not say when it fails",
        "room/file.rs:27: const F says nothing",
    ];
    assert_eq!(found, expected);
}
