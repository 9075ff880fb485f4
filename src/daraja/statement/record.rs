//! The records of a file. A field in quotes may go over several lines, and a wrong quote may not swallow the
//! rows after it: a record ends at the first line after which all quotes are closed, a few lines further on at
//! the most and before the next whole row; else its first line alone cannot be read.

/// How many lines a record may have.
const RECORD_MAX_LINES: usize = 5;
const RECORD_MAX_BYTES: usize = 8 * 1024;

/// The fields of a text that may be a record.
pub struct Split {
    pub fields: Vec<String>,
    /// A quote is not closed.
    is_open: bool,
    /// After each closing quote comes a separator or the end.
    is_clean: bool,
    /// A line break stands outside of quotes.
    is_broken: bool,
}

/// The fields of the record that begins with the first of these lines, and how many lines it takes. `is_row`
/// says whether a line alone is a whole row: then the record ended before it.
///
/// # Errors
/// Why the first line cannot be read.
pub fn join(
    lines: &[&str],
    separator: char,
    is_row: impl Fn(&str) -> bool,
) -> Result<(Vec<String>, usize), &'static str> {
    let first = lines.first().copied().unwrap_or_default();
    if first.len() > RECORD_MAX_BYTES {
        return Err("the line is too long");
    }
    let alone = split(first, separator);
    if alone.is_broken {
        return Err("a line break stands within the line");
    }
    if !alone.is_open {
        return Ok((alone.fields, 1));
    }
    let mut text = first.to_owned();
    for (at, line) in lines.iter().enumerate().take(RECORD_MAX_LINES).skip(1) {
        text.push('\n');
        text.push_str(line);
        if text.len() > RECORD_MAX_BYTES || is_row(line) {
            break;
        }
        let joined = split(&text, separator);
        if !joined.is_open {
            if joined.is_clean && !joined.is_broken {
                return Ok((joined.fields, at + 1));
            }
            break;
        }
    }
    Err("a quote is not closed")
}

/// The fields of a text without their quotes.
pub fn split(text: &str, separator: char) -> Split {
    let mut found = Split { fields: Vec::new(), is_open: false, is_clean: true, is_broken: false };
    let mut field = String::new();
    let mut is_start = true;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if found.is_open {
            match character {
                '"' if characters.peek() == Some(&'"') => {
                    characters.next();
                    field.push('"');
                }
                '"' => {
                    found.is_open = false;
                    found.is_clean &= characters.peek().is_none_or(|next| *next == separator);
                }
                other => field.push(other),
            }
        } else if character == separator {
            found.fields.push(std::mem::take(&mut field));
            is_start = true;
            continue;
        } else if character == '"' && is_start {
            found.is_open = true;
        } else {
            found.is_broken |= matches!(character, '\r' | '\n');
            field.push(character);
        }
        is_start = false;
    }
    found.fields.push(field);
    found
}
