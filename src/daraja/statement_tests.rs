//! Statements as the portal, spreadsheets and broken exports write them.

use proptest::prelude::*;

use super::*;

/// A statement as the portal exports it: with lines before the header, more columns than we need, and
/// thousands in quotes, the newest line first.
const PORTAL: &str = "Account Holder:,LIGISOO LIMITED\r\nShort Code:,174379\r\n\
Time Period:,From 01-10-2026 To 02-10-2026\r\n\r\n\
Receipt No.,Completion Time,Initiation Time,Details,Transaction Status,Paid In,Withdrawn,Balance,\
Balance Confirmed,Reason Type,Other Party Info,Linked Transaction ID,A/C No.\r\n\
UJ22T8IYOU,02-10-2026 15:45:00,02-10-2026 15:44:58,\
Pay Bill Online from 2547***149 - JANE DOE Acc. LG7K2M9QX4TB,Completed,\"1,250.00\",,\"51,250.00\",true,\
Pay Utility,2547***149 - JANE DOE,,LG7K2M9QX4TB\r\n\
UJ22T8IYOV,02-10-2026 15:40:00,02-10-2026 15:40:00,Business Payment to 2547***149,Completed,,-600.00,\
\"50,000.00\",true,B2C,2547***149 - TIPSTER,,\r\n\
\r\nTotal,,,,,\r\n";

fn read(text: &str) -> Statement {
    parse_statement(text.as_bytes()).expect("a statement")
}

fn one(header: &str, line: &str) -> Result<StatementLine, BadLine> {
    let statement = read(&format!("{header}\n{line}\n"));
    statement
        .lines
        .into_iter()
        .next()
        .ok_or_else(|| statement.bad_lines.first().cloned().expect("a payment or a bad line"))
}

#[test]
fn the_portals_statement() {
    let expected = StatementLine {
        receipt: "UJ22T8IYOU".to_owned(),
        paid_in: Kes::from_cents(125_000),
        account_reference: "LG7K2M9QX4TB".to_owned(),
        completed_at_text: "02-10-2026 15:45:00".to_owned(),
        status: "Completed".to_owned(),
    };
    for text in [
        PORTAL.to_owned(),
        format!("\u{feff}{PORTAL}"),
        PORTAL.replace("\r\n", "\n"),
        PORTAL.replace("\r\n", "\r"),
    ] {
        assert_eq!(read(&text), Statement { lines: vec![expected.clone()], bad_lines: vec![] });
    }
    assert!(!format!("{expected:?}").contains("UJ22"));
}

#[test]
fn columns_come_in_any_order_and_dress() {
    let expected = one(
        "Receipt No.,Paid In,A/C No.,Completion Time,Transaction Status",
        "UJ22T8IYOU,50,REF1,noon,Completed",
    );
    for (header, line) in [
        (
            "\"A/C No.\",\"PAID IN\",\"completion time\",\"Status\",\"receipt no\"",
            "\"REF1\",\"50.00\",\"noon\",\"Completed\",\"UJ22T8IYOU\"",
        ),
        (
            "Paid In;Receipt No.;Account No;Completion Time;Transaction Status",
            "50.00;UJ22T8IYOU;REF1;noon;Completed",
        ),
        (
            "Paid In\tReceipt No.\tA/C No.\tCompletion Time\tTransaction Status\t",
            "50.00\tUJ22T8IYOU\tREF1\tnoon\tCompleted\t",
        ),
        (
            "Receipt No.,Paid In,Details,Completion Time,Transaction Status",
            " UJ22T8IYOU ,KES 50.0,Pay Bill from X Acc. REF1,noon,Completed",
        ),
    ] {
        assert_eq!(one(header, line), expected, "{header}");
    }
}

#[test]
fn amounts_are_exact_or_reported() {
    let amount = |text: &str| {
        one("Receipt No.;Paid In", &format!("UJ22T8IYOU;{text}")).map(|line| line.paid_in.cents())
    };
    for (text, cents) in [
        ("50", 5_000),
        ("1,250.00", 125_000),
        ("1,234,567.89", 123_456_789),
        ("0.5", 50),
        ("\"250,000\"", 25_000_000),
    ] {
        assert_eq!(amount(text), Ok(cents), "{text}");
    }
    for text in [
        "1.250,00",
        "12,50",
        "1,25,000",
        "-5",
        "5e3",
        "fifty",
        "1.001",
        "99999999999999999999999",
        ",",
        ".",
        "5 0",
    ] {
        assert_eq!(
            amount(text),
            Err(BadLine { line: 2, reason: "\"Paid In\" is not an amount like 1,250.00" }),
            "{text}"
        );
    }
    for text in ["", "-", "0", "0.00"] {
        assert_eq!(read(&format!("Receipt No.;Paid In\nUJ22T8IYOU;{text}")), Statement::default(), "{text}");
    }
}

#[test]
fn each_bad_line_is_reported_and_costs_no_other() {
    let text = "Receipt No.,Paid In,A/C No.\n\
                UJ22T8IYO1,50.00,A\n\
                \"UJ22T8IYO2,50.00,B\n\
                UJ22T8IYO3,50.00,C\n\
                nonsense,50.00,D\n\
                UJ22T8IYO4\n\
                UJ22T8IYO5,\"50.00\",\u{fffd}\n\
                The end of the statement\n";
    let statement = read(text);
    let receipts: Vec<&str> = statement.lines.iter().map(|line| line.receipt.as_str()).collect();
    assert_eq!(receipts, ["UJ22T8IYO1", "UJ22T8IYO3", "UJ22T8IYO5"]);
    let bad: Vec<String> = statement.bad_lines.iter().map(ToString::to_string).collect();
    let expected = [
        "line 3: a quote is not closed",
        "line 5: there is money paid in, but no readable receipt",
        "line 6: the line ends before \"Paid In\"",
    ];
    assert_eq!(bad, expected);
}

#[test]
fn what_is_no_statement_is_refused() {
    for text in ["", "PK\u{3}\u{4}", "{}", "Receipt No.,Completion Time\nUJ22T8IYOU,noon", "Paid In\n5"] {
        assert_eq!(parse_statement(text.as_bytes()), Err(Unreadable::NoHeader), "{text}");
    }
    let late = format!("{}Receipt No.,Paid In\n", "\n".repeat(PREAMBLE_MAX_LINES));
    assert_eq!(parse_statement(late.as_bytes()), Err(Unreadable::NoHeader));
    assert_eq!(parse_statement(&vec![b'\n'; STATEMENT_MAX_BYTES + 1]), Err(Unreadable::TooLong));
    let bad = format!("Receipt No.,Paid In\n{}", "bad,5\n".repeat(BAD_LINES_MAX + 1));
    assert_eq!(parse_statement(bad.as_bytes()), Err(Unreadable::TooManyBadLines));
}

#[test]
fn the_longest_statement_is_read_quickly_and_not_beyond() {
    let line = "UJ22T8IYOU,50.00,LG7K2M9QX4TB\n";
    let whole = format!("Receipt No.,Paid In,A/C No.\n{}", line.repeat(20_000));
    assert_eq!(read(&whole).lines.len(), 20_000);
    let long = format!("Receipt No.,Paid In\nUJ22T8IYOU,{}", "5".repeat(LINE_MAX_BYTES));
    assert_eq!(read(&long).bad_lines, [BadLine { line: 2, reason: "the line is too long" }]);
}

proptest! {
    /// The receipt and the amount of a well-formed line are read exactly, whatever stands in the other
    /// fields.
    #[test]
    fn what_a_csv_writer_wrote_is_read_back(details in "[^\\r\\n\\x1e]{0,40}", cents in 1_i64..100_000_000) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let amount = Kes::from_cents(cents);
        let grouped = amount.to_string().replace("KES ", "");
        writer.write_record(["Details", "Receipt No.", "Paid In"]).expect("written");
        writer.write_record([details.as_str(), "UJ22T8IYOU", &grouped]).expect("written");
        let statement = parse_statement(&writer.into_inner().expect("whole")).expect("a statement");
        prop_assert_eq!(statement.bad_lines, vec![]);
        prop_assert_eq!(statement.lines.iter().map(|line| line.paid_in).collect::<Vec<_>>(), vec![amount]);
    }
}
