//! Reads a Rust file as far as the rules need it: its modules, its `use` trees, the paths in its code, and
//! its texts. Code that is only there for tests is left out.

use std::collections::BTreeSet;

/// One source file, as far as the rules need it.
#[derive(Debug, Default)]
pub struct Source {
    /// The modules that it declares, and the line of each.
    pub modules: Vec<Named>,
    pub uses: Vec<Use>,
    /// Paths in the code with `::` between their parts, and the names of macros that are called.
    pub paths: Vec<Path>,
    /// Every word of the code outside of `use` trees.
    pub words: BTreeSet<String>,
    /// The texts between quotation marks, in order.
    pub texts: Vec<Named>,
}

#[derive(Debug, Clone)]
pub struct Named {
    pub name: String,
    pub line: usize,
}

/// One leaf of a `use` tree.
#[derive(Debug, Clone)]
pub struct Use {
    pub path: Path,
    /// The name in this file; `None` for a `*`.
    pub name: Option<String>,
    /// Whether others can import the name from here.
    pub is_public: bool,
}

#[derive(Debug, Clone)]
pub struct Path {
    pub parts: Vec<String>,
    pub line: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Word,
    Sign,
    Text,
}

#[derive(Debug)]
struct Token {
    kind: Kind,
    text: String,
    line: usize,
}

impl Source {
    pub fn read(source: &str) -> Self {
        let tokens = tokens(source);
        let tokens = without_tests(&tokens);
        let mut read = Self::default();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            at = match (token.kind, token.text.as_str()) {
                (Kind::Text, _) => {
                    read.texts.push(Named { name: token.text.clone(), line: token.line });
                    at + 1
                }
                (Kind::Sign, _) => at + 1,
                (Kind::Word, "mod") if text(&tokens, at + 2) == ";" => {
                    read.modules.push(Named { name: text(&tokens, at + 1).to_owned(), line: token.line });
                    at + 3
                }
                (Kind::Word, "use") if text(&tokens, at + 1) != "<" => {
                    let is_public = at > 0 && ["pub", ")"].contains(&text(&tokens, at - 1));
                    read.use_tree(&tokens, at + 1, &[], is_public)
                }
                (Kind::Word, _) => read.path(&tokens, at),
            };
        }
        read
    }

    /// Reads one branch of a `use` tree and says where it ends.
    fn use_tree(&mut self, tokens: &[&Token], mut at: usize, stem: &[String], is_public: bool) -> usize {
        let mut parts = stem.to_vec();
        let line = tokens[at].line;
        loop {
            match text(tokens, at) {
                "{" => {
                    at += 1;
                    while text(tokens, at) != "}" {
                        at = self.use_tree(tokens, at, &parts, is_public);
                        at += usize::from(text(tokens, at) == ",");
                    }
                    return at + 1;
                }
                "*" => {
                    parts.push("*".to_owned());
                    self.uses.push(Use { path: Path { parts, line }, name: None, is_public });
                    return at + 1;
                }
                "::" | "$" => at += 1,
                part => {
                    parts.push(part.to_owned());
                    at += 1;
                    if text(tokens, at) == "::" {
                        continue;
                    }
                    if parts.len() > 1 && part == "self" {
                        parts.pop();
                    }
                    let mut name = parts.last().cloned();
                    if text(tokens, at) == "as" {
                        name = Some(text(tokens, at + 1).to_owned());
                        at += 2;
                    }
                    self.uses.push(Use { path: Path { parts, line }, name, is_public });
                    return at;
                }
            }
        }
    }

    /// Reads a word, or a path that begins with it, and says where it ends.
    fn path(&mut self, tokens: &[&Token], mut at: usize) -> usize {
        let line = tokens[at].line;
        let is_middle = at > 0 && text(tokens, at - 1) == "::";
        let mut parts = vec![tokens[at].text.clone()];
        at += 1;
        while text(tokens, at) == "::" && tokens.get(at + 1).is_some_and(|next| next.kind == Kind::Word) {
            parts.push(tokens[at + 1].text.clone());
            at += 2;
        }
        self.words.extend(parts.iter().cloned());
        let calls_macro = text(tokens, at) == "!" && text(tokens, at + 1) != "=";
        if !is_middle && (parts.len() > 1 || calls_macro) {
            self.paths.push(Path { parts, line });
        }
        at
    }
}

fn text<'t>(tokens: &[&'t Token], at: usize) -> &'t str {
    tokens.get(at).filter(|token| token.kind != Kind::Text).map_or("", |token| token.text.as_str())
}

/// Leaves out the item, statement, field or value behind each `#[cfg(test)]`.
fn without_tests(tokens: &[Token]) -> Vec<&Token> {
    const ATTRIBUTE: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let all: Vec<&Token> = tokens.iter().collect();
    let mut kept = Vec::new();
    let mut at = 0;
    while at < all.len() {
        if (0..ATTRIBUTE.len()).all(|ahead| text(&all, at + ahead) == ATTRIBUTE[ahead]) {
            at = end_of_item(&all, at + ATTRIBUTE.len());
        } else {
            kept.push(all[at]);
            at += 1;
        }
    }
    kept
}

fn end_of_item(tokens: &[&Token], mut at: usize) -> usize {
    const ITEMS: [&str; 9] = ["fn", "mod", "use", "struct", "enum", "impl", "const", "static", "type"];
    let mut depth = 0;
    let mut item = "";
    while at < tokens.len() {
        let word = text(tokens, at);
        match word {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" if depth == 0 => return at,
            ")" | "]" | "}" => depth -= 1,
            _ => {}
        }
        let ends = match word {
            ";" => depth == 0,
            "}" => depth == 0 && item != "use",
            "," => depth == 0 && item.is_empty(),
            _ => false,
        };
        if depth == 0 && item.is_empty() && ITEMS.contains(&word) {
            item = word;
        }
        at += 1;
        if ends {
            return at;
        }
    }
    at
}

/// Cuts a file into words, signs and texts; comments and characters are left out.
fn tokens(source: &str) -> Vec<Token> {
    let characters: Vec<char> = source.chars().collect();
    let look = |at: usize| characters.get(at).copied().unwrap_or('\0');
    let is_word = |character: char| character.is_alphanumeric() || character == '_';
    let mut found = Vec::new();
    let (mut at, mut line) = (0, 1);
    while at < characters.len() {
        let start = at;
        let mut token = None;
        match look(at) {
            '/' if look(at + 1) == '/' => at = skip(&characters, at, |rest| rest[0] == '\n'),
            '/' if look(at + 1) == '*' => at = end_of_comment(&characters, at),
            '\'' if look(at + 1) == '\\' => at = skip(&characters, at + 3, |rest| rest[0] == '\'') + 1,
            '\'' if look(at + 2) == '\'' => at += 3,
            '\'' => at = skip(&characters, at + 1, |rest| !is_word(rest[0])),
            '"' => {
                at = end_of_text(&characters, at);
                token = Some((Kind::Text, start + 1, at - 1));
            }
            character if is_word(character) => {
                at = skip(&characters, at, |rest| !is_word(rest[0]));
                let hashes = skip(&characters, at, |rest| rest[0] != '#') - at;
                let prefix: String = characters[start..at].iter().collect();
                if prefix.ends_with('r') && prefix.len() <= 2 && look(at + hashes) == '"' {
                    let end: Vec<char> = format!("\"{}", "#".repeat(hashes)).chars().collect();
                    let begin = at + hashes + 1;
                    let stop = skip(&characters, begin, |rest| rest.starts_with(&end));
                    at = stop + end.len();
                    token = Some((Kind::Text, begin, stop));
                } else {
                    token = Some((Kind::Word, start, at));
                }
            }
            ':' if look(at + 1) == ':' => {
                at += 2;
                token = Some((Kind::Sign, start, at));
            }
            character => {
                at += 1;
                token = (!character.is_whitespace()).then_some((Kind::Sign, start, at));
            }
        }
        if let Some((kind, from, to)) = token {
            found.push(Token { kind, text: characters[from..to].iter().collect(), line });
        }
        let end = at.min(characters.len());
        line += characters[start..end].iter().filter(|&&character| character == '\n').count();
    }
    found
}

/// The first place, from `at` on, at which `is_end` holds for the rest of the file.
fn skip(characters: &[char], at: usize, is_end: impl Fn(&[char]) -> bool) -> usize {
    (at..characters.len()).find(|&place| is_end(&characters[place..])).unwrap_or(characters.len())
}

/// The end of a block comment, which may hold other block comments.
fn end_of_comment(characters: &[char], start: usize) -> usize {
    let (mut at, mut depth) = (start, 0);
    while at < characters.len() {
        match characters[at..] {
            ['/', '*', ..] => (at, depth) = (at + 2, depth + 1),
            ['*', '/', ..] => (at, depth) = (at + 2, depth - 1),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn end_of_text(characters: &[char], start: usize) -> usize {
    let mut at = start + 1;
    while at < characters.len() && characters[at] != '"' {
        at += if characters[at] == '\\' { 2 } else { 1 };
    }
    at + 1
}
