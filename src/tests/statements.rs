//! What an import of the portal's statement does, and what is pulled: through the command's own function, on
//! both databases.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::harness::{Person, TestApp, both, text};
use crate::commands::statement::{Import, import};
use crate::payments::{Payment, ReviewReason, Status, store};
use crate::platform::clock::nairobi;
use crate::types::TipId;

const HEADER: &str = "Receipt No.,Completion Time,Details,Transaction Status,Paid In,Withdrawn,Balance,Linked Transaction ID,A/C No.";
const DESK: &str = "0744000001";

/// A file with these rows, where `NOW` is the time in Nairobi.
fn file(app: &TestApp, preamble: &str, rows: &[String]) -> String {
    let now = nairobi(app.clock.now()).format("%d-%m-%Y %H:%M:%S").to_string();
    format!("{preamble}{HEADER}\n{}\n", rows.join("\n")).replace("NOW", &now)
}

/// What the report of a file says, and whether a person must look.
async fn imported(
    app: &TestApp,
    file: &str,
    complete: Option<(DateTime<Utc>, DateTime<Utc>)>,
) -> (Value, bool) {
    let path = app.folder().join("statement.csv");
    std::fs::write(&path, file).expect("written");
    let ours = ["174379".to_owned()];
    let asked = Import { file: &path, complete, short_code: None, ours: &ours };
    let operator = app.acts(DESK).await;
    let report = import((&app.running.state.payments, &app.db), &asked, &operator).await.expect("imported");
    (serde_json::to_value(&report).expect("JSON"), !report.is_clear())
}

fn count(report: &Value, class: &str) -> usize {
    report[class]["lines"].as_array().unwrap_or_else(|| panic!("no class {class}")).len()
}

async fn payment(app: &TestApp, started: &Value) -> Payment {
    let id = text(started, "payment_id").parse().expect("an id");
    store::by_id(&app.db, id).await.expect("read").expect("there")
}

/// A payment that was paid while answer, callback and confirmation were lost.
async fn lost(app: &TestApp, buyer: &Person, tip: TipId) -> (Value, Payment) {
    app.fault("lose_callback", Value::Null).await;
    let started = buyer.start(app, tip).await;
    let pending = payment(app, &started).await;
    (started, pending)
}

both! {
    async fn each_line_is_of_one_class_and_the_file_adds_up(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        let (started, pending) = lost(&app, &buyer, tip).await;
        let reference = &pending.account_reference;
        let spaced = format!("{} {}", &reference[..4], &reference[4..]).to_lowercase();
        let rows = [
            format!("UKQ0000AB1,NOW,Pay Bill,Completed,50.00,,,,{spaced}"),
            format!("UKQ0000AB1,NOW,Pay Bill Charge,Completed,,-0.50,,,{reference}"),
            format!("UKQ0000AB2,NOW,Pay Bill Acc. {reference},Completed,50.00,,,,"),
            "UKQ0000AB3,NOW,Pay Bill,Completed,70.00,,,,SOMEBODY".to_owned(),
            "UKQ0000AB4,NOW,Pay Bill,Pending,60.00,,,,X".to_owned(),
            "UKQ0000AB5,NOW,Organization Settlement,Completed,,-1000.00,,,".to_owned(),
            "UKQ0000AB6,NOW,Pay Bill,Cancelled,80.00,,,,Y".to_owned(),
            ",,,Total,310.00,-1000.50,,,".to_owned(),
        ];
        let text_of_file = file(&app, "", &rows);
        let (report, needs_person) = imported(&app, &text_of_file, None).await;
        assert!(needs_person);
        for (class, lines) in [("matched", 1), ("charge", 1), ("owed", 1), ("theirs_only", 1), ("unclear", 1), ("other_money", 2), ("reversal", 0), ("contradicts", 0)] {
            assert_eq!(count(&report, class), lines, "{class} of {report}");
        }
        assert_eq!((&report["paid_in"], &report["withdrawn"], &report["totals_disagree"]), (&json!("310.00"), &json!("1000.50"), &json!([])));
        assert_eq!(payment(&app, &started).await.status, Status::Completed);
        // Again: the same classes, and nothing is booked.
        let transfers = app.count("SELECT COUNT(*) FROM transfers").await;
        let (again, _) = imported(&app, &text_of_file, None).await;
        for class in ["matched", "charge", "owed", "theirs_only", "unclear", "other_money"] {
            assert_eq!(count(&again, class), count(&report, class), "{class} of {again}");
        }
        assert_eq!(app.count("SELECT COUNT(*) FROM transfers").await, transfers);
        app.books_are_right().await;
    }

    async fn a_reversal_and_a_contradiction_mark_the_payment_and_are_no_source(app: TestApp) {
        for (line, class, reason) in [
            ("UKQ0000AB9,NOW,Pay Bill Reversal,Completed,,-50.00,,UKQ0000AB1,", "reversal", ReviewReason::Reversed),
            ("UKQ0000AB9,NOW,Reversal of UKQ0000AB1,Completed,,50.00,,,", "reversal", ReviewReason::Reversed),
            ("UKQ0000AB1,NOW,Pay Bill,Reversed,50.00,,,,REF", "reversal", ReviewReason::Reversed),
            ("UKQ0000AB1,NOW,Pay Bill,Cancelled,50.00,,,,REF", "contradicts", ReviewReason::Contradicted),
            ("UKQ0000AB1,NOW,Pay Bill,Declined,50.00,,,,REF", "contradicts", ReviewReason::Contradicted),
        ] {
            let app = app.twin().await;
            let (_, tip, buyer) = app.shop().await;
            let (started, pending) = lost(&app, &buyer, tip).await;
            let paid = format!("UKQ0000AB1,NOW,Pay Bill,Completed,50.00,,,,{}", pending.account_reference);
            let gone = line.replace("REF", &pending.account_reference);
            // The newest line stands first.
            let (report, needs_person) = imported(&app, &file(&app, "", &[gone.clone(), paid]), None).await;
            assert_eq!((count(&report, class), needs_person), (1, true), "{line}: {report}");
            let marked = payment(&app, &started).await;
            assert_eq!((marked.status, marked.review_reason), (Status::Completed, Some(reason)), "{line}");
            imported(&app, &file(&app, "", &[gone]), None).await;
            let facts = "SELECT COUNT(*) FROM mpesa_events WHERE kind IN ('reversed', 'contradicted')";
            assert_eq!(app.count(facts).await, 1, "the fact is noted once: {line}");
            let refused = app.running.state.payments.clear_review(marked.id, &app.acts(DESK).await).await;
            refused.expect("a person may clear it");
            app.books_are_right().await;
        }
    }

    async fn less_money_out_is_no_reversal(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        let (started, pending) = lost(&app, &buyer, tip).await;
        let rows = [
            format!("UKQ0000AB1,NOW,Pay Bill,Completed,50.00,,,,{}", pending.account_reference),
            "UKQ0000AB9,NOW,Pay Bill Reversal,Completed,,-20.00,,UKQ0000AB1,".to_owned(),
            "UKQ0000AB8,NOW,Pay Bill Reversal,Completed,,-50.00,,UKQ0000XXX,".to_owned(),
        ];
        let (report, _) = imported(&app, &file(&app, "", &rows), None).await;
        assert_eq!((count(&report, "unclear"), count(&report, "other_money"), count(&report, "reversal")), (1, 1, 0), "{report}");
        assert_eq!(payment(&app, &started).await.review_reason, None);
    }

    async fn silence_ends_a_payment_only_in_a_complete_file(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        let (started, pending) = lost(&app, &buyer, tip).await;
        let from = app.clock.now() - TimeDelta::hours(1);
        app.advance(4 * 3_600);
        let until = app.clock.now();
        let day = |at| nairobi(at).format("%d-%m-%Y").to_string();
        let period = format!("Time Period:,From {} To {}\n", day(from), day(until));
        let ours = format!("Short Code:,174379\n{period}");
        let row = "UKQ0000AB3,NOW,Pay Bill,Completed,70.00,,,,SOMEBODY".to_owned();
        let same = "UKQ0000AB4,NOW,Pay Bill,Completed,50.00,,,,SOMEBODY".to_owned();
        let reasons = |report: &Value| report["not_complete_because"].to_string();
        let span = Some((from, until));
        for (preamble, rows, why) in [
            (period.clone(), vec![row.clone()], "names no short code"),
            ("Short Code:,174379\n".to_owned(), vec![row.clone()], "it covers"),
            ("Short Code:,174379\nTime Period:,From 01-01-2020 To 31-01-2020\n".to_owned(), vec![row.clone()], "it covers 2019"),
            (ours.clone(), vec!["UKQ0000AB5,NOW,Pay Bill,Completed,70.00,,,,".to_owned()], "no account reference"),
            (ours.clone(), vec![row.clone(), "x,NOW,Pay Bill,Completed,70.00,,,,R".to_owned()], "cannot be read"),
            (ours.clone(), vec![row.clone(), ",,,Total,99.00,,,,".to_owned()], "totals disagree"),
        ] {
            let (report, needs_person) = imported(&app, &file(&app, &preamble, &rows), span).await;
            assert!(reasons(&report).contains(why) && needs_person, "{why}: {report}");
            assert_eq!(payment(&app, &started).await.status, Status::Pending, "{why}");
        }
        // Money of its amount that found no payment may be its.
        let (report, _) = imported(&app, &file(&app, &ours, &[row.clone(), same]), span).await;
        assert_eq!(report["kept"].as_array().map(Vec::len), Some(1), "{report}");
        assert_eq!(payment(&app, &started).await.status, Status::Pending);
        let (report, _) = imported(&app, &file(&app, &ours, std::slice::from_ref(&row)), span).await;
        assert_eq!(report["kept"].as_array().map(Vec::len), Some(1), "it lies in suspense, whatever this file says: {report}");

        let app = app.twin().await;
        let (_, tip, buyer) = app.shop().await;
        let (started, _) = lost(&app, &buyer, tip).await;
        let from = app.clock.now() - TimeDelta::hours(1);
        app.advance(4 * 3_600);
        let span = Some((from, app.clock.now()));
        let ours = format!("Short Code:,174379\nTime Period:,From {} To {}\n", day(from), day(app.clock.now()));
        let (report, _) = imported(&app, &file(&app, &ours, &[row]), span).await;
        assert_eq!((&report["complete"], report["ended"].as_array().map(Vec::len)), (&json!(true), Some(1)), "{report}");
        assert_eq!(payment(&app, &started).await.status, Status::Failed);
        assert_eq!(pending.status, Status::Pending);
    }

    async fn a_file_of_another_short_code_books_nothing(app: TestApp) {
        let path = app.folder().join("statement.csv");
        let row = "UKQ0000AB3,NOW,Pay Bill,Completed,70.00,,,,SOMEBODY".to_owned();
        std::fs::write(&path, file(&app, "Short Code:,600999\n", &[row])).expect("written");
        let ours = ["174379".to_owned()];
        let asked = Import { file: &path, complete: None, short_code: None, ours: &ours };
        let operator = app.acts(DESK).await;
        let refused = import((&app.running.state.payments, &app.db), &asked, &operator).await.err();
        let refused = refused.expect("it is not ours").to_string();
        assert!(refused.contains("600999"), "{refused}");
        assert_eq!(app.count("SELECT COUNT(*) FROM money_in").await, 0);
    }

    async fn a_file_that_lacks_a_completed_payment_is_not_complete(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        let (_, first) = lost(&app, &buyer, tip).await;
        let other = app.buyer("0712345679").await;
        let (started, _) = lost(&app, &other, tip).await;
        let rows = [format!("UKQ0000AB1,NOW,Pay Bill,Completed,50.00,,,,{}", first.account_reference)];
        imported(&app, &file(&app, "", &rows), None).await;
        let from = app.clock.now() - TimeDelta::hours(1);
        app.advance(4 * 3_600);
        let day = |at| nairobi(at).format("%d-%m-%Y").to_string();
        let preamble = format!("Short Code:,174379\nTime Period:,From {} To {}\n", day(from), day(app.clock.now()));
        let row = "UKQ0000AB3,NOW,Pay Bill,Completed,70.00,,,,SOMEBODY".to_owned();
        let (report, needs_person) = imported(&app, &file(&app, &preamble, &[row]), Some((from, app.clock.now()))).await;
        assert_eq!((report["ours_only"].as_array().map(Vec::len), &report["complete"], needs_person), (Some(1), &json!(false), true), "{report}");
        assert_eq!(payment(&app, &started).await.status, Status::Pending);
    }

    async fn what_is_pulled_settles_once_and_an_error_settles_nothing(app: TestApp) {
        let (_, tip, buyer) = app.shop().await;
        let started = buyer.start(&app, tip).await;
        app.fault("lose_callback", Value::Null).await;
        app.answer(text(&started, "checkout_request_id"), "pay").await;
        let payments = &app.running.state.payments;
        let (from, until) = (app.clock.now() - TimeDelta::hours(48), app.clock.now() + TimeDelta::seconds(1));
        app.faults(json!({ "endpoint": "pull" }), "refuse", json!("500:500.003.1001 Internal Server Error"), 1).await;
        payments.pull(from, until).await.expect_err("an error of Safaricom's is the round's");
        assert_eq!(payment(&app, &started).await.status, Status::Pending);
        assert_eq!(payments.pull(from, until).await.expect("pulled"), 1);
        let paid = payment(&app, &started).await;
        assert!(paid.status == Status::Completed && paid.receipt.is_some());
        assert_eq!(payments.pull(from, until).await.expect("pulled"), 0, "again it is known");
        let told = "SELECT COUNT(*) FROM money_in WHERE statement_at IS NOT NULL AND payer LIKE '254%'";
        assert_eq!(app.count(told).await, 1);
        app.books_are_right().await;
    }

    async fn what_is_pulled_comes_in_pages(app: TestApp) {
        for payer in 0..3 {
            for _ in 0..70 {
                let path = format!("/phones/071234500{payer}/pay");
                let body = json!({ "amount": "5", "account_reference": "SOMEBODY" }).to_string();
                let url = app.simulator.join(&path).expect("a path");
                let paid = app.http.post(url).body(body).send().await.expect("an answer");
                assert!(paid.status().is_success());
            }
        }
        let (from, until) = (app.clock.now() - TimeDelta::hours(1), app.clock.now() + TimeDelta::seconds(1));
        assert_eq!(app.running.state.payments.pull(from, until).await.expect("pulled"), 210);
        assert_eq!(app.count("SELECT COUNT(*) FROM money_in WHERE state = 'suspense'").await, 210);
    }
}
