//! C2B confirmations and validations: what Safaricom tells of our short code is kept whatever it says, and
//! money is refused only before it is sent (MONEY §6).

use serde_json::{Value, json};

use super::harness::{Person, TestApp, both, text};
use crate::mpesa::store::bodies;
use crate::payments::store;
use crate::types::TipId;

const TOKEN: &str = "c2b0secret0of0thirty0two0letters0";
const R1: &str = "UKN1AB2CD3";
/// Deeper than any JSON is read.
static NESTED: &[u8] = &[b'['; 10_000];
const WAITING: &str = "SELECT COUNT(*) FROM callbacks WHERE processed_at IS NULL";
const KEPT: &str = "SELECT COUNT(*) FROM callbacks WHERE purpose = 'c2b' AND subject_id = id";

fn confirmation(receipt: &str, amount: &str, reference: &str) -> Value {
    json!({
        "TransactionType": "Pay Bill",
        "TransID": receipt,
        "TransTime": "20261002154500",
        "TransAmount": amount,
        "BusinessShortCode": "174379",
        "BillRefNumber": reference,
        "MSISDN": "2547 ***** 149",
    })
}

async fn confirm(app: &TestApp, body: impl Into<reqwest::Body>) -> u16 {
    let url = app.at(&format!("/payments/api/c2b/{TOKEN}/confirmation"));
    app.post_callback(url.as_str(), body).await.as_u16()
}

/// The code with which validation answers.
async fn validate(app: &TestApp, body: String) -> String {
    let url = app.at(&format!("/payments/api/c2b/{TOKEN}/validation"));
    let answer: Value =
        app.http.post(url).body(body).send().await.expect("an answer").json().await.expect("JSON");
    text(&answer, "ResultCode").to_owned()
}

/// A shop with a pending payment at KES 50: tip, buyer, what was started, and the payment's reference.
async fn pending(app: &TestApp) -> (TipId, Person, Value, String) {
    let (_, tip, buyer) = app.shop().await;
    let started = buyer.start(app, tip).await;
    let id = text(&started, "payment_id").parse().expect("an id");
    let payment = store::by_id(&app.db, id).await.expect("a row").expect("the payment");
    (tip, buyer, started, payment.account_reference)
}

both! {
    with [("MPESA_C2B_TOKEN", TOKEN)];

    async fn a_body_is_kept_with_what_it_booked(app: TestApp) {
        let (_, buyer, started, reference) = pending(&app).await;
        let (spaced, grouped) = (format!("acc {}-{}", &reference[..6], &reference[6..]), " 50.00 ");
        let body = confirmation(&R1.to_ascii_lowercase(), grouped, &spaced).to_string();
        assert_eq!(confirm(&app, body.clone()).await, 200);
        let paid = buyer.status(&app, text(&started, "payment_id")).await;
        assert_eq!((text(&paid, "status"), text(&paid, "mpesa_receipt_number")), ("completed", R1));
        assert_eq!((app.count(KEPT).await, app.count(WAITING).await), (1, 0));
        let told = "SELECT COUNT(*) FROM mpesa_events e JOIN callbacks c ON c.id = e.body_id WHERE e.source = 'c2b'";
        assert_eq!(app.count(told).await, 1, "the fact names its body");
        // Safaricom says it twice: both bodies are kept, and nothing is booked again.
        assert_eq!(confirm(&app, body).await, 200);
        assert_eq!((app.count(KEPT).await, app.count("SELECT COUNT(*) FROM money_in").await), (2, 1));
        app.advance(91 * 24 * 3600);
        assert_eq!(app.running.state.payments.bodies.purge().await.expect("a round"), 2, "placed money");
        app.books_are_right().await;
    }

    async fn money_that_nobody_placed_keeps_its_body(app: TestApp) {
        pending(&app).await;
        assert_eq!(confirm(&app, confirmation(R1, "500.00", "SOMEBODYELSE").to_string()).await, 200);
        let told = "SELECT COUNT(*) FROM money_in WHERE state = 'suspense' AND short_code = '174379' AND payer = '2547 ***** 149'";
        assert_eq!((app.count(told).await, app.count(WAITING).await), (1, 0));
        app.advance(91 * 24 * 3600);
        assert_eq!(app.running.state.payments.bodies.purge().await.expect("a round"), 0);
        app.books_are_right().await;
    }

    async fn what_cannot_be_read_is_kept_as_bytes_and_listed(app: TestApp) {
        let junk: [&[u8]; 6] = [
            b"",
            b"\xff\xfe\x00<html>",
            b"{\"TransID\":\"short\",\"TransAmount\":\"50.00\"}",
            b"{\"TransID\":\"UKN1AB2CD3\",\"TransAmount\":\"12,50\"}",
            NESTED,
            b"{}",
        ];
        for body in junk {
            app.advance(1);
            assert_eq!(confirm(&app, body).await, 200);
        }
        assert_eq!((app.count(KEPT).await, app.count(WAITING).await), (6, 0), "it will not be more readable");
        app.advance(91 * 24 * 3600);
        assert_eq!(app.running.state.payments.bodies.purge().await.expect("a round"), 0, "they are not forgotten");
        let listed = bodies::unreadable(&app.db, 50).await.expect("a list");
        assert!(listed.iter().rev().map(|kept| kept.body.as_slice()).eq(junk), "byte for byte, the newest first");
        assert!(listed.iter().all(|kept| crate::payments::c2b::why_unreadable(&kept.body).is_some()));
        let one = bodies::by_id(&app.db, listed[2].id).await.expect("a row").expect("the body");
        assert_eq!(one.body, junk[3]);
    }

    async fn validation_accepts_what_it_is_not_asked_to_refuse(app: TestApp) {
        let (_, _, _, reference) = pending(&app).await;
        for body in [
            confirmation(R1, "50.00", &reference).to_string(),
            confirmation(R1, "7.00", &reference).to_string(),
            confirmation(R1, "50.00", "SOMEBODYELSE").to_string(),
            "<html>".to_owned(),
        ] {
            assert_eq!(validate(&app, body.clone()).await, "0", "{body}");
        }
        let wrong = app.at("/payments/api/c2b/wrong0wrong0wrong0wrong0wrong0wrong/validation");
        assert_eq!(app.http.post(wrong).send().await.expect("an answer").status(), 404);
    }
}

mod refusing {
    use super::*;

    both! {
        with [("MPESA_C2B_TOKEN", TOKEN), ("MPESA_C2B_REFUSE", "true")];

        async fn validation_refuses_what_can_buy_nothing(app: TestApp) {
            let (tip, _, _, reference) = pending(&app).await;
            let ask = async |amount: &str, reference: &str| {
                validate(&app, confirmation(R1, amount, reference).to_string()).await
            };
            let spaced = format!("Acc. {} {}", &reference[..4].to_ascii_lowercase(), &reference[4..]);
            assert_eq!(ask("50.00", &reference).await, "0");
            assert_eq!(ask("50", &spaced).await, "0", "as people type it");
            for stranger in ["SOMEBODYELSE", "", &reference[1..]] {
                assert_eq!(ask("50.00", stranger).await, "C2B00012", "{stranger}");
            }
            for amount in ["20.00", "50.01", "5000.00"] {
                assert_eq!(ask(amount, &reference).await, "C2B00013", "{amount}");
            }
            app.execute("UPDATE payments SET suspense_cents = 3000 WHERE tip_id = $1", tip).await;
            assert_eq!(ask("20.00", &reference).await, "0", "the missing rest");
            assert_eq!(ask("50.00", &reference).await, "0", "a pending payment's price is always taken");
            assert_eq!(ask("30.00", &reference).await, "C2B00013");
            app.advance(2 * 3600);
            assert_eq!(ask("20.00", &reference).await, "C2B00016", "the match has begun");
            assert_eq!(ask("50.00", &reference).await, "0", "its prompt may be paid at this moment");
            app.execute("UPDATE payments SET status = 'failed', open = FALSE, ended_at = pushed_at WHERE tip_id = $1", tip).await;
            assert_eq!(ask("50.00", &reference).await, "C2B00016");
        }

        async fn what_cannot_be_decided_is_accepted(app: TestApp) {
            for body in ["", "{}", "<html>", "{\"TransID\":\"UKN1AB2CD3\",\"TransAmount\":\"12,50\"}"] {
                assert_eq!(validate(&app, body.to_owned()).await, "0", "{body}");
            }
            app.db.close().await;
            let begun = std::time::Instant::now();
            assert_eq!(validate(&app, confirmation(R1, "50.00", "SOMEBODYELSE").to_string()).await, "0");
            assert!(begun.elapsed() < std::time::Duration::from_secs(1));
        }

        async fn a_refused_payer_keeps_the_money(app: TestApp) {
            let payments = &app.running.state.payments;
            assert!(payments.register_c2b(&app.acts("0744000001").await).await.expect("registered"));
            let (_, _, _, reference) = pending(&app).await;
            let phone = app.simulator.join("/phones/0722000009").expect("an address");
            let pay = async |reference: &str| {
                let url = format!("{phone}/pay");
                let body = json!({ "amount": "50", "account_reference": reference });
                app.http.post(url).json(&body).send().await.expect("an answer").status().as_u16()
            };
            assert_eq!((pay("SOMEBODYELSE").await, app.count(KEPT).await), (409, 0));
            assert_eq!(pay(&reference).await, 200);
            app.until("the confirmation", || async { app.count(KEPT).await == 1 }).await;
        }
    }
}

#[tokio::test]
async fn a_till_refuses_nothing() {
    // Whoever pays a till names no reference, so there is nothing to decide on.
    let tills = [
        ("MPESA_CONSUMER_KEY", "k"),
        ("MPESA_CONSUMER_SECRET", "s"),
        ("MPESA_PASSKEY", "p"),
        ("MPESA_ENVIRONMENT", "sandbox"),
        ("MPESA_CALLBACK_BASE", "https://ligisoo.example"),
        ("MPESA_STORE_NUMBER", "600999"),
        ("MPESA_TILL_NUMBER", "600998"),
        ("MPESA_C2B_REFUSE", "true"),
    ];
    let tills = tills.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let source = crate::platform::settings::SettingsSource::of(tills);
    let refused = crate::platform::settings::Settings::load(&source, ([127, 0, 0, 1], 3000).into());
    assert!(refused.expect_err("refused").to_string().contains("MPESA_C2B_REFUSE"));
}
