//! Files that are no statements, what stands before a table, and how times are written.

use super::format::STATEMENT_MAX_BYTES;
use super::*;

const HEADER: &str = "Receipt No.;Paid In;Completion Time";

fn read(text: &str) -> Statement {
    parse_statement(text.as_bytes()).expect("a statement")
}

#[test]
fn a_file_that_is_no_statement_is_called_by_its_name() {
    for (bytes, what) in [
        (b"PK\x03\x04....xl/workbook.xml".as_slice(), NoStatement::Excel),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", NoStatement::Excel),
        (b"PK\x03\x04mimetypeapplication/vnd.oasis.opendocument.spreadsheet", NoStatement::OpenDocument),
        (b"PK\x03\x04....word/document.xml", NoStatement::Document),
        (b"PK\x03\x04....statement.csv", NoStatement::Zip),
        (b"%PDF-1.7", NoStatement::Pdf),
        (b"\n<!DOCTYPE html><title>Sign in</title>", NoStatement::Html),
        (b"\xef\xbb\xbf<table><tr><td>Receipt No.", NoStatement::Html),
        (b"<?xml version=\"1.0\"?><Workbook>", NoStatement::Xml),
        (b"\x89PNG\r\n", NoStatement::Image),
        (b"\xff\xd8\xff\xe0..JFIF", NoStatement::Image),
        (b"\x1f\x8b\x08", NoStatement::Compressed),
        (b"{\"Result\":{}}", NoStatement::Json),
        (b"{\\rtf1", NoStatement::Document),
        (b"MZ\x90\x00\x03\x01\x02\x04\xff", NoStatement::Binary),
        (b" \r\n", NoStatement::Empty),
        (b"", NoStatement::Empty),
        (b"Receipt No.,Completion Time\nUJ22T8IYOU,noon", NoStatement::NoHeader),
        (b"Paid In\n5", NoStatement::NoHeader),
    ] {
        assert_eq!(parse_statement(bytes), Err(what), "{}", String::from_utf8_lossy(bytes));
    }
    let said = NoStatement::Excel.to_string();
    assert!(said.contains("Excel workbook") && said.contains("save it as CSV"), "{said}");
    let late = format!("{}Receipt No.,Paid In\n", ".\n".repeat(PREAMBLE_MAX_LINES));
    assert_eq!(parse_statement(late.as_bytes()), Err(NoStatement::NoHeader));
    assert_eq!(parse_statement(&vec![b'.'; STATEMENT_MAX_BYTES + 1]), Err(NoStatement::TooLong));
    let bad = format!("Receipt No.,Paid In\n{}", "bad,5\n".repeat(BAD_LINES_MAX + 1));
    assert_eq!(parse_statement(bad.as_bytes()), Err(NoStatement::TooManyBadLines));
}

#[test]
fn the_lines_before_the_table_say_whose_it_is_and_of_when() {
    for (text, short_code, from, until) in [
        ("Short Code:,600999\nTime Period:,From 01-10-2026 To 02-10-2026", Some("600999"), "09-30", "10-02"),
        (
            "\"Organization Shortcode\",\"600999\"\nPeriod;01/10/2026 - 02/10/2026",
            Some("600999"),
            "09-30",
            "10-02",
        ),
        ("Paybill 600999 LIGISOO\nDate Range: 2026-10-01 to 2026-10-02", Some("600999"), "09-30", "10-02"),
        ("Time Period:,From 01-10-2026 00:00:00 To 02-10-2026 23:59:59", None, "09-30", "10-02"),
        ("Time Period:,From 01/10/26 12:00 AM To 02/10/26 11:59 PM", None, "09-30", "10-02"),
    ] {
        let preamble = read(&format!("{text}\n{HEADER}\n")).preamble;
        let moment = |day: &str| format!("2026-{day}T21:00:00Z").parse().expect("a time");
        assert_eq!(preamble.short_code.as_deref(), short_code, "{text}");
        assert_eq!(preamble.period, Some((moment(from), moment(until))), "{text}");
    }
    assert_eq!(read(&format!("Account Holder:,LIGISOO 12345678\n{HEADER}")).preamble, Preamble::default());
}

#[test]
fn times_are_east_africas_in_every_spelling() {
    let at = |text: &str| read(&format!("{HEADER}\nUJ22T8IYOU;5;{text}")).lines[0].completed_at;
    let expected = "2026-01-15T06:30:00Z".parse().ok();
    for text in [
        "2026-01-15 09:30:00",
        "15-01-2026 09:30:00",
        "15/01/2026 09:30:00",
        "15/01/2026 09:30",
        "15/01/26 09:30 AM",
        "15/01/26 9:30 am",
        "15-01-26 09:30:00",
        "2026-01-15T09:30:00",
    ] {
        assert_eq!(at(text), expected, "{text}");
    }
    for text in
        ["", "noon", "15-01-2026", "32-01-2026 09:30:00", "01/15/2026 09:30:00", "15-01-2026 25:00:00"]
    {
        assert_eq!(at(text), None, "{text}");
    }
}
