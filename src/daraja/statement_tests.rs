//! Statements as portals, spreadsheets and broken exports write them.

use proptest::prelude::*;

use super::record::split;
use super::*;
use crate::types::Kes;

/// The organisation portal of today.
const PORTAL: &str = "Receipt No.,Completion Time,Initiation Time,Details,Transaction Status,Paid In,Withdrawn,\
Balance,Balance Confirmed,Reason Type,Other Party Info,Linked Transaction ID,A/C No.";
/// The business portal: the reference stands in `Details` alone.
const BUSINESS: &str = "Receipt No.,Completion Time,Details,Transaction Status,Paid In,Withdrawn,Balance";
/// The older organisation portal: what the payer typed is in the last column.
const OLDER: &str = "Receipt,Date,Details,Status,Withdrawn,Paid In,Balance,Balance Confirmed,Transaction Type,\
Other Party Info,Transaction Party Details";
const PAID: &str = "UJ22T8IYOU,02-10-2026 15:45:00,02-10-2026 15:44:58,Pay Bill Online from 2547***149 - JANE DOE \
Acc. LG7K2M9QX4TB,Completed,\"1,250.00\",,\"51,250.00\",true,Pay Utility,2547***149 - JANE DOE,,LG7K2M9QX4TB";
const SENT: &str = "UJ22T8IYOV,02-10-2026 15:40:00,02-10-2026 15:40:00,Business Payment to 2547***149,Completed,,\
-600.00,\"50,000.00\",true,B2C,2547***149 - TIPSTER,UJ22T8IYOU,";

fn read(text: &str) -> Statement {
    parse_statement(text.as_bytes()).expect("a statement")
}

fn receipts(statement: &Statement) -> Vec<&str> {
    statement.lines.iter().map(|line| line.receipt.as_str()).collect()
}

fn bad(statement: &Statement) -> Vec<String> {
    statement.bad_lines.iter().map(ToString::to_string).collect()
}

fn one(header: &str, line: &str) -> Result<StatementLine, BadLine> {
    let statement = read(&format!("{header}\n{line}\n"));
    let bad = statement.bad_lines.first().cloned();
    statement.lines.into_iter().next().ok_or_else(|| bad.expect("a line or a bad line"))
}

fn utf16(text: &str, is_big: bool, has_mark: bool) -> Vec<u8> {
    let mark = has_mark.then_some(0xfeff);
    let units = mark.into_iter().chain(text.encode_utf16());
    units.flat_map(|unit: u16| if is_big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

#[test]
fn the_portals_statement_in_every_encoding() {
    let text = format!(
        "Account Holder:,LIGISOO LIMITED\r\nShort Code:,174379\r\nTime Period:,From 01-10-2026 To 02-10-2026\r\n\
         \r\n{PORTAL}\r\n{PAID}\r\n{SENT}\r\n\r\nTotal,,,,,\r\n"
    );
    let expected = read(&text);
    let paid = StatementLine {
        line: 6,
        receipt: "UJ22T8IYOU".to_owned(),
        paid_in: Kes::from_cents(125_000),
        withdrawn: Kes::ZERO,
        state: LineState::Completed,
        status: "Completed".to_owned(),
        account_reference: "LG7K2M9QX4TB".to_owned(),
        text: "Pay Bill Online from 2547***149 - JANE DOE Acc. LG7K2M9QX4TB  2547***149 - JANE DOE"
            .to_owned(),
        linked_receipt: None,
        completed_at: "2026-10-02T12:45:00Z".parse().ok(),
    };
    assert_eq!(expected.lines[0], paid);
    assert!(!format!("{paid:?}").contains("UJ22"));
    let sent = &expected.lines[1];
    assert_eq!((sent.paid_in, sent.withdrawn), (Kes::ZERO, Kes::from_cents(60_000)));
    assert_eq!(sent.linked_receipt.as_deref(), Some("UJ22T8IYOU"));
    assert_eq!((expected.sums.paid_in.cents(), expected.sums.withdrawn.cents()), (125_000, 60_000));
    assert_eq!((&expected.bad_lines, &expected.wrong_totals), (&vec![], &vec![]));
    let midnight = |text: &str| format!("{text}T21:00:00Z").parse().expect("a time");
    assert_eq!(expected.preamble.short_code.as_deref(), Some("174379"));
    assert_eq!(expected.preamble.period, Some((midnight("2026-09-30"), midnight("2026-10-02"))));
    for bytes in [
        format!("\u{feff}{text}").into_bytes(),
        text.replace("\r\n", "\n").into_bytes(),
        text.replace("\r\n", "\r").into_bytes(),
        utf16(&text, false, true),
        utf16(&text, true, true),
        utf16(&text, false, false),
        utf16(&text, true, false),
        utf16(&text.replace(',', "\t").replace("1\t250", "1,250").replace("51\t250", "51,250"), false, true),
    ] {
        let found = parse_statement(&bytes).expect("a statement");
        assert_eq!((&found.lines[0].receipt, found.lines[0].paid_in), (&paid.receipt, paid.paid_in));
        assert_eq!((found.bad_lines.len(), found.preamble), (0, expected.preamble.clone()));
    }
}

#[test]
fn columns_come_in_any_order_and_dress() {
    for (header, line) in [
        (
            "Receipt No.,Paid In,A/C No.,Completion Time,Transaction Status",
            "UJ22T8IYOU,50,REF1,2026-10-02 15:45:00,Completed",
        ),
        (
            "\"A/C No.\",\"PAID IN\",\"completion time\",\"Status\",\"receipt no\"",
            "\"REF1\",\"50.00\",\"02-10-2026 15:45:00\",\"Completed\",\"UJ22T8IYOU\"",
        ),
        (
            "Paid In;Receipt No.;Account No;Completion Time;Transaction Status",
            "50.00;UJ22T8IYOU;REF1;02/10/2026 15:45:00;COMPLETED",
        ),
        (
            "Paid In\tReceipt No.\tA/C No.\tCompletion Time\tTransaction Status\t",
            "50.00\tUJ22T8IYOU\tREF1\t02/10/26 03:45 PM\tcompleted \t",
        ),
        (
            "Receipt No.,Paid In,Details,Completion Time,Transaction Status",
            " UJ22T8IYOU ,KES 50.0,Pay Bill from X Acc. REF1,02.10.2026 15:45,Completed",
        ),
        (OLDER, "UJ22T8IYOU,02/10/2026 15:45:00,Pay Bill,Completed,,50.00,1,true,Pay,JANE,REF1"),
        (OLDER, "UJ22T8IYOU,02/10/2026 15:45:00,Pay Bill Acc. REF1,Completed,,50.00,1,true,Pay,JANE,"),
        (BUSINESS, "UJ22T8IYOU,02/10/2026 15:45:00,Pay Bill Online  Account Number REF1,Completed,50.00,,1"),
    ] {
        let line = one(header, line).expect("a line");
        assert_eq!((line.receipt.as_str(), line.paid_in.cents()), ("UJ22T8IYOU", 5_000), "{header}");
        assert_eq!((line.account_reference.as_str(), line.is_payment()), ("REF1", true), "{header}");
        assert_eq!(line.completed_at, "2026-10-02T12:45:00Z".parse().ok(), "{header}");
    }
}

#[test]
fn the_reference_is_found_wherever_portals_put_it() {
    for (details, reference) in [
        ("Pay Bill Online  R Jane Doe 0712***678  Account Number N6F824YE3F9N", "N6F824YE3F9N"),
        ("Pay Bill Online  R Jane Doe 0712***678  Account N6F824YE3F9N", "N6F824YE3F9N"),
        ("Pay Bill Online  R Jane Doe 0712***678  Acc N6F824YE3F9N", "N6F824YE3F9N"),
        ("Pay Bill Online  R Jane Doe 0712***678  acc.N6F824YE3F9N", "N6F824YE3F9N"),
        ("Pay Bill Online  R Jane Doe 0712***678 Acc. N6F824YE3F9N", "N6F824YE3F9N"),
        ("Pay Bill from 2547***1 ACCOUNT NO. n6f824ye3f9n", "n6f824ye3f9n"),
        ("Pay Bill from 2547***1 A/C No: N6F824YE3F9N", "N6F824YE3F9N"),
        ("Acc. N6F8 24YE 3F9N", "N6F8 24YE 3F9N"),
        ("Account Number ACC 7GSB4K", "7GSB4K"),
        ("Acc. acc", "acc"),
        ("Acc.", ""),
        ("Pay Bill from JANE MACC DOE", ""),
        ("Accra Traders", ""),
    ] {
        let line = one(BUSINESS, &format!("UJ22T8IYOU,,{details},Completed,50.00,,")).expect("a line");
        assert_eq!(line.account_reference, reference, "{details}");
    }
    let line =
        one(BUSINESS, "UJ22T8IYOU,,From N6F8-24YE-3F9N to 66s3bfmk66s8 x,Completed,50.00,,").expect("a line");
    assert_eq!(line.references(), ["66S3BFMK66S8"], "a known reference anywhere in the text decides");
    let line = one("Receipt No.,Paid In,A/C No.", "UJ22T8IYOU,50.00,acc n6f8-24ye.3f9n").expect("a line");
    assert_eq!(line.references(), ["ACCN6F824YE3F9N", "N6F824YE3F9N"]);
}

#[test]
fn states_are_words_that_are_known() {
    for (word, state) in [
        ("Completed", LineState::Completed),
        ("COMPLETED", LineState::Completed),
        ("Reversed", LineState::Reversed),
        ("Cancelled", LineState::NotPaid),
        ("Canceled", LineState::NotPaid),
        ("Declined", LineState::NotPaid),
        ("Failed", LineState::NotPaid),
        ("Expired", LineState::NotPaid),
        ("Pending", LineState::Unclear),
        ("Imekamilika", LineState::Unclear),
        ("", LineState::Unclear),
    ] {
        let line = one(BUSINESS, &format!("UJ22T8IYOU,,,{word},50.00,,")).expect("a line");
        assert_eq!((line.state, line.is_payment()), (state, state == LineState::Completed), "{word}");
    }
    assert!(read(BUSINESS).has_states);
    let without = read(&format!("{BUSINESS}\nReceipt No.,Paid In\nUJ22T8IYOU,50"));
    assert!(!without.has_states && without.lines[0].state == LineState::Unclear);
}

#[test]
fn amounts_are_exact_or_reported() {
    let both = |paid_in: &str, withdrawn: &str| {
        one("Receipt No.;Paid In;Withdrawn", &format!("UJ22T8IYOU;{paid_in};{withdrawn}"))
            .map(|line| (line.paid_in.cents(), line.withdrawn.cents()))
            .map_err(|bad| bad.reason)
    };
    for (text, cents) in [
        ("50", 5_000),
        ("1,250.00", 125_000),
        ("1,234,567.89", 123_456_789),
        ("0.5", 50),
        ("\"250,000\"", 25_000_000),
        ("KES 5", 500),
        ("", 0),
        ("-", 0),
        ("0", 0),
        ("0.00", 0),
    ] {
        assert_eq!(both(text, ""), Ok((cents, 0)), "{text}");
        assert_eq!(both("", text), Ok((0, cents)), "{text}");
    }
    assert_eq!(both("", "-600.00"), Ok((0, 60_000)));
    assert_eq!(both("", "(600.00)"), Ok((0, 60_000)));
    for text in [
        "1.250,00",
        "12,50",
        "1,25,000",
        "5e3",
        "fifty",
        "1.001",
        "99999999999999999999999",
        ",",
        ".",
        "5 0",
        "--5",
    ] {
        assert_eq!(both(text, ""), Err("\"Paid In\" is not an amount like 1,250.00"), "{text}");
        assert_eq!(both("", text), Err("\"Withdrawn\" is not an amount like 1,250.00"), "{text}");
    }
    assert!(both("-5", "").is_err());
    let shifted = one("Receipt No.,Paid In,A/C No.", "UJ22T8IYOU,1,250.00,REF1");
    assert_eq!(shifted.map_err(|bad| bad.reason), Err("the line has more fields than there are columns"));
}

#[test]
fn a_row_may_span_lines_and_a_wrong_quote_swallows_no_other() {
    let spanning = format!(
        "{BUSINESS}\nUJ22T8IYO1,\"02/10/2026\n15:45:00\",\"Pay Bill Online\n\nJane Doe\nAccount Number REF1\",Completed,50.00,,\n\
         \"UJ22T8\nIYO2\",,Acc. REF2,\"Comple\nted\",\"1,250.\n00\",,"
    );
    let statement = read(&spanning);
    assert_eq!((receipts(&statement), bad(&statement)), (vec!["UJ22T8IYO1", "UJ22T8IYO2"], vec![]));
    assert_eq!(statement.lines[0].account_reference, "REF1");
    assert_eq!(statement.lines[0].completed_at, "2026-10-02T12:45:00Z".parse().ok());
    assert_eq!((statement.lines[1].paid_in.cents(), statement.lines[1].is_payment()), (125_000, true));

    let header = "Receipt No.,Paid In,A/C No.";
    for (wrong, others) in [
        (
            "\"UJ22T8IYO1,50.00,A\nUJ22T8IYO2,50.00,B\nUJ22T8IYO3,\"50.00\",C",
            vec!["UJ22T8IYO2", "UJ22T8IYO3"],
        ),
        ("UJ22T8IYO1,50.00,\"A\nUJ22T8IYO2,50.00,B\"\nUJ22T8IYO3,50.00,C", vec!["UJ22T8IYO2", "UJ22T8IYO3"]),
        ("UJ22T8IYO1,50.00,\"A\n\"UJ22T8IYO2\",\"50.00\",\"B\"", vec!["UJ22T8IYO2"]),
        ("UJ22T8IYO1,50.00,\"A\n\n\n\n\n\nUJ22T8IYO2,50.00,\"B\"", vec!["UJ22T8IYO2"]),
        ("UJ22T8IYO1,50.00,\"A", vec![]),
    ] {
        let statement = read(&format!("{header}\n{wrong}\n"));
        assert_eq!(receipts(&statement), others, "{wrong}");
        assert_eq!(bad(&statement), ["line 2: a quote is not closed"], "{wrong}");
    }
    let statement =
        read(&format!("{header}\nUJ22T8IYO1,50.00,JANE \"MJ\" DOE\nUJ22T8IYO2,50.00,\"a\"\"b\"\n"));
    let references: Vec<&str> = statement.lines.iter().map(|line| line.account_reference.as_str()).collect();
    assert_eq!(references, ["JANE \"MJ\" DOE", "a\"b"]);
}

#[test]
fn each_bad_line_is_reported_and_costs_no_other() {
    let text = "Receipt No.,Paid In,A/C No.\n\
                UJ22T8IYO1,50.00,A\n\
                nonsense,50.00,D\n\
                UJ22T8IYO4\n\
                UJ22T8IYO5,\"50.00\",\u{fffd}\n\
                The end of the statement\n";
    let statement = read(text);
    assert_eq!(receipts(&statement), ["UJ22T8IYO1", "UJ22T8IYO5"]);
    let expected = [
        "line 3: there is money paid in, but no readable receipt",
        "line 4: the line ends before \"Paid In\"",
    ];
    assert_eq!(bad(&statement), expected);
}

#[test]
fn headers_repeat_and_their_columns_apply_from_there() {
    let second = PAID.replace("UJ22T8IYOU", "UJ22T8IYO2");
    let statement = read(&format!("{PORTAL}\n{PAID}\n{PORTAL}\n{second}\n{PORTAL}\n"));
    assert_eq!((receipts(&statement), bad(&statement)), (vec!["UJ22T8IYOU", "UJ22T8IYO2"], vec![]));
    let statement = read(
        "Receipt No.,Paid In,Withdrawn,A/C No.\nUJ22T8IYO1,50.00,,A\n\
         Receipt No.,Withdrawn,Paid In,A/C No.\nUJ22T8IYO2,,60.00,B\n",
    );
    assert_eq!((statement.sums.paid_in.cents(), statement.sums.withdrawn.cents()), (11_000, 0));
}

#[test]
fn totals_are_checks_and_no_payments() {
    let rows = "UJ22T8IYO1,,,,Completed,50.00,,,,,,,A\nUJ22T8IYO2,,,,Completed,,-20.00,,,,,,\n";
    for (total, agrees) in [
        (",,,,Total,50.00,0.00,,,,,,", true),
        (",,,,Total,50.00,-20.00,,,,,,", true),
        ("Total,,,,,50.00,-20.00,,,,,,", true),
        ("TOTALS:,,,,,\"50.00\",20.00,,,,,,", true),
        ("Grand Total,,,,,50.00,,,,,,,", true),
        (",,,,,50.00,-20.00,,,,,,", true),
        (",,,,Total,51.00,-20.00,,,,,,", false),
        ("Total,,,,,50.00,-21.00,,,,,,", false),
        (",,,,,70.00,,,,,,,", false),
    ] {
        let statement = read(&format!("{PORTAL}\n{rows}{total}\n"));
        assert_eq!((statement.lines.len(), bad(&statement)), (2, vec![]), "{total}");
        assert_eq!(statement.wrong_totals.is_empty(), agrees, "{total}");
    }
    let page =
        "UJ22T8IYO3,,,,Completed,7.00,,,,,,,A\nPage Total,,,,,7.00,,,,,,,\n,,,,Total,57.00,-20.00,,,,,,";
    let statement = read(&format!("{PORTAL}\n{rows}Page Total,,,,,50.00,-20.00,,,,,,\n{PORTAL}\n{page}"));
    assert_eq!((statement.lines.len(), bad(&statement), statement.wrong_totals), (3, vec![], vec![]));
    // A payment whose receipt is lost is no total, also if it is the sum so far.
    let statement = read(&format!("{PORTAL}\n{rows}x,02-10-2026 15:45:00,,,Completed,50.00,,,,,,,B\n"));
    assert_eq!(bad(&statement), ["line 4: there is money paid in, but no readable receipt"]);
}

#[test]
fn a_withdrawal_names_the_receipts_that_it_is_about() {
    let line = |details: &str, linked: &str| {
        let text = format!("UJ22T8IYO9,,,{details},Completed,,-50.00,,,,,{linked},");
        let line = one(PORTAL, &text).expect("a line");
        line.other_receipts().into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(line("Pay Bill Reversal", "UJ22T8IYO1"), ["UJ22T8IYO1"]);
    assert_eq!(line("Pay Bill Reversal of UJ22T8IYO1.", ""), ["UJ22T8IYO1"]);
    assert_eq!(line("UJ22T8IYO9 reverses UJ22T8IYO1", "UJ22T8IYO1"), ["UJ22T8IYO1"]);
    assert_eq!(line("Organization Settlement", ""), Vec::<String>::new());
}

#[test]
fn the_longest_statement_is_read_quickly_and_not_beyond() {
    let line = "UJ22T8IYOU,50.00,LG7K2M9QX4TB\n";
    let whole = format!("Receipt No.,Paid In,A/C No.\n{}", line.repeat(20_000));
    assert_eq!(read(&whole).lines.len(), 20_000);
    let quotes = format!("Receipt No.,Paid In,A/C No.\n{}", "UJ22T8IYOU,50.00,\"A\n".repeat(900));
    assert_eq!(read(&quotes).bad_lines.len(), 900);
    let long = format!("Receipt No.,Paid In\nUJ22T8IYOU,{}", "5".repeat(9_000));
    assert_eq!(read(&long).bad_lines, [BadLine { line: 2, reason: "the line is too long" }]);
}

proptest! {
    /// The receipt and the amount of a well-formed line are read exactly, whatever stands in the other
    /// fields, also over several lines.
    #[test]
    fn what_a_csv_writer_wrote_is_read_back(
        details in "[^\\r\\n\\x00]{1,40}(\n[^\\r\\n\\x00]{0,10}){0,3}", cents in 1_i64..100_000_000,
    ) {
        let mut writer = csv::WriterBuilder::new().quote_style(csv::QuoteStyle::Always).from_writer(Vec::new());
        let amount = Kes::from_cents(cents);
        let grouped = amount.to_string().replace("KES ", "");
        writer.write_record(["Details", "Receipt No.", "Paid In"]).expect("written");
        writer.write_record([details.as_str(), "UJ22T8IYOU", &grouped]).expect("written");
        let statement = parse_statement(&writer.into_inner().expect("whole")).expect("a statement");
        prop_assert_eq!(statement.bad_lines, vec![]);
        prop_assert_eq!(statement.lines.iter().map(|line| line.paid_in).collect::<Vec<_>>(), vec![amount]);
    }

    /// Every line of a file is of one class: the records together have as many lines as the file, and what is
    /// read of them adds up.
    #[test]
    fn every_line_of_a_file_is_of_one_class(
        rows in prop::collection::vec("(UJ22T8IYO[0-9],[0-9]{0,3},[a-z\"]{0,3}|total,[0-9]{2},|[a-z ]{0,9})", 0..20),
    ) {
        let statement = read(&format!("Receipt No.,Paid In,A/C No.\n{}", rows.join("\n")));
        let sum: Kes = statement.lines.iter().map(|line| line.paid_in).sum();
        prop_assert_eq!(statement.sums.paid_in, sum);
        let classed = statement.lines.len() + statement.bad_lines.len() + statement.other_lines;
        prop_assert!(classed <= rows.len().max(1) + 1, "{}", classed);
        let rows_alone = rows.iter().filter(|row| !row.contains('"') && split(row, ',').fields.len() == 3);
        let payments = rows_alone.filter(|row| row.starts_with("UJ22T8IYO")).count();
        prop_assert!(statement.lines.len() + statement.bad_lines.len() >= payments);
    }
}
