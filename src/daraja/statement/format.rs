//! What kind of file a statement is. Spreadsheets write text in several encodings, and people hand over what
//! is no text at all: each such file is named, with what to do about it.

use std::borrow::Cow;

/// Longer files are not read.
pub const STATEMENT_MAX_BYTES: usize = 32 * 1024 * 1024;
/// How many bytes tell an encoding that no mark names.
const SAMPLE_BYTES: usize = 512;

/// Why a file cannot be read as a statement, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoStatement {
    #[error("the file is empty")]
    Empty,
    #[error("it is longer than we read; export the statement in parts")]
    TooLong,
    #[error("this is an Excel workbook: open it and save it as CSV")]
    Excel,
    #[error("this is an OpenDocument file: open it and save it as CSV")]
    OpenDocument,
    #[error("this is a ZIP archive: unpack it, and import the CSV that is in it")]
    Zip,
    #[error("this is a compressed file: unpack it, and import the CSV that is in it")]
    Compressed,
    #[error("this is a PDF: export the statement from the M-Pesa portal as CSV")]
    Pdf,
    #[error("this is a web page, perhaps of a session that has ended: export the statement as CSV")]
    Html,
    #[error("this is XML, perhaps a workbook: open it and save it as CSV")]
    Xml,
    #[error("this is a picture: export the statement from the M-Pesa portal as CSV")]
    Image,
    #[error("this is a text document: export the statement from the M-Pesa portal as CSV")]
    Document,
    #[error("this is JSON: export the statement from the M-Pesa portal as CSV")]
    Json,
    #[error("this is no text: export the statement from the M-Pesa portal as CSV")]
    Binary,
    #[error(
        "no line names the columns \"Receipt No.\" and \"Paid In\"; export the statement \
         from the M-Pesa portal as CSV"
    )]
    NoHeader,
    #[error("too many lines cannot be read; this is not a statement of the M-Pesa portal")]
    TooManyBadLines,
}

/// How files begin that are no text.
const BEGINNINGS: [(&[u8], NoStatement); 15] = [
    (b"\xd0\xcf\x11\xe0", NoStatement::Excel),
    (b"%PDF", NoStatement::Pdf),
    (b"\x89PNG", NoStatement::Image),
    (b"\xff\xd8\xff", NoStatement::Image),
    (b"GIF8", NoStatement::Image),
    (b"RIFF", NoStatement::Image),
    (b"II*\0", NoStatement::Image),
    (b"MM\0*", NoStatement::Image),
    (b"\x1f\x8b", NoStatement::Compressed),
    (b"BZh", NoStatement::Compressed),
    (b"\xfd7zXZ", NoStatement::Compressed),
    (b"7z\xbc\xaf", NoStatement::Compressed),
    (b"Rar!", NoStatement::Compressed),
    (b"{\\rtf", NoStatement::Document),
    (b"<?xml", NoStatement::Xml),
];

/// The file as text.
///
/// # Errors
/// [`NoStatement`], which says what the file is.
pub fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, NoStatement> {
    if bytes.len() > STATEMENT_MAX_BYTES {
        return Err(NoStatement::TooLong);
    }
    if bytes.trim_ascii().is_empty() {
        return Err(NoStatement::Empty);
    }
    if bytes.starts_with(b"PK") {
        return Err(archive(bytes));
    }
    if let Some((_, what)) = BEGINNINGS.iter().find(|(beginning, _)| bytes.starts_with(beginning)) {
        return Err(*what);
    }
    let text = match utf16(bytes) {
        Some((text, is_big)) => Cow::Owned(decode_utf16(text, is_big)),
        None => String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)),
    };
    let start: String = text.trim_start().chars().take(64).collect::<String>().to_ascii_lowercase();
    if start.starts_with("<?xml") {
        return Err(NoStatement::Xml);
    }
    if start.starts_with('<') {
        return Err(NoStatement::Html);
    }
    if start.starts_with('{') || start.starts_with("[{") {
        return Err(NoStatement::Json);
    }
    if text.contains('\0') {
        return Err(NoStatement::Binary);
    }
    Ok(text)
}

/// Workbooks are archives, and the names of their parts say of what.
fn archive(bytes: &[u8]) -> NoStatement {
    let names = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    if names(b"xl/") {
        NoStatement::Excel
    } else if names(b"opendocument") {
        NoStatement::OpenDocument
    } else if names(b"word/") {
        NoStatement::Document
    } else {
        NoStatement::Zip
    }
}

/// The bytes of a text in UTF-16, and whether the big half of each unit comes first. Without a mark it is known
/// by the zeros that every second byte of ASCII text is.
fn utf16(bytes: &[u8]) -> Option<(&[u8], bool)> {
    if let Some(text) = bytes.strip_prefix(b"\xff\xfe") {
        return Some((text, false));
    }
    if let Some(text) = bytes.strip_prefix(b"\xfe\xff") {
        return Some((text, true));
    }
    let sample = bytes.get(..SAMPLE_BYTES).unwrap_or(bytes);
    let zeros =
        |odd: usize| sample.iter().enumerate().filter(|(at, byte)| at % 2 == odd && **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let is_wide = |zeros: usize, others: usize| zeros * 4 > sample.len() && others * 16 < sample.len();
    if is_wide(odd, even) {
        Some((bytes, false))
    } else if is_wide(even, odd) {
        Some((bytes, true))
    } else {
        None
    }
}

fn decode_utf16(bytes: &[u8], is_big: bool) -> String {
    let units = bytes.chunks_exact(2).map(|pair| {
        let pair = [pair[0], pair[1]];
        if is_big { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) }
    });
    char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}
