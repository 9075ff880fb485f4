//! What the simulator takes and refuses, and how the client reads it.

use base64::Engine;
use reqwest::{Method, StatusCode};
use secrecy::SecretString;
use serde_json::{Value, json};

use super::bench::{Bench, PHONE, clock, options};
use crate::daraja::{Certainty, Client, Credentials, DarajaError, RefusalKind};
use crate::platform::settings::MpesaAccount;
use crate::types::Kes;

const TILL: (&str, &str) = ("600111", "500222");

fn till() -> MpesaAccount {
    MpesaAccount::Till { store_number: TILL.0.to_owned(), till_number: TILL.1.to_owned() }
}

#[tokio::test]
async fn a_pay_bill_push_rings_the_phone() {
    let bench = Bench::new().await;
    let accepted = bench.push().await.expect("accepted");
    assert_eq!(accepted.checkout_request_id, "ws_CO_021020261230000708374149");
    assert_eq!(accepted.customer_message, "Success. Request accepted for processing");
    let prompts = bench.get("/prompts").await;
    let expected = json!([{
        "checkout_request_id": accepted.checkout_request_id,
        "phone_number": PHONE,
        "amount": "50.00",
        "account_reference": "LG7K2M9QX4TB",
        "text": "Do you want to pay KES 50.00 to LIGISOO Account no. LG7K2M9QX4TB?",
        "callback_url": bench.receiver.url,
    }]);
    assert_eq!(prompts, expected);
}

#[tokio::test]
async fn a_till_is_paid_in_its_stores_name() {
    let mut options = options(&clock());
    options.account = till();
    let bench = Bench::with(options, Credentials { account: till(), ..Credentials::simulator() }).await;
    let id = bench.ring().await;
    bench.answer(&id, "pay").await;
    assert_eq!(bench.receiver.wait_for_one().await.amount, Some(Kes::from_cents(5_000)));
    assert_eq!(bench.receiver.headers()["BusinessShortCode"], TILL.0);
}

async fn refusal(bench: &Bench) -> (String, RefusalKind) {
    match bench.push().await.expect_err("refused") {
        DarajaError::Refused { code, kind, .. } => (code, kind),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn wrong_settings_are_refused_with_certainty() {
    let wrong = Credentials { passkey: SecretString::from("wrong"), ..Credentials::simulator() };
    let bench = Bench::with(options(&clock()), wrong).await;
    assert_eq!(refusal(&bench).await, ("500.001.1001".to_owned(), RefusalKind::WrongCredentials));

    let other = MpesaAccount::PayBill { short_code: "600999".to_owned() };
    let bench =
        Bench::with(options(&clock()), Credentials { account: other, ..Credentials::simulator() }).await;
    assert_eq!(refusal(&bench).await, ("500.001.1001".to_owned(), RefusalKind::MerchantNotFound));

    // A till's store that asks as if it were a PayBill.
    let mut till_options = options(&clock());
    till_options.account = till();
    let as_pay_bill = MpesaAccount::PayBill { short_code: TILL.0.to_owned() };
    let bench =
        Bench::with(till_options, Credentials { account: as_pay_bill, ..Credentials::simulator() }).await;
    assert_eq!(refusal(&bench).await, ("500.001.1001".to_owned(), RefusalKind::MerchantNotFound));
}

#[tokio::test]
async fn planned_refusals_keep_their_kind() {
    let bench = Bench::new().await;
    for (value, kind) in [
        ("400.002.02", RefusalKind::InvalidPhoneNumber),
        ("400.002.02 Bad Request - Invalid CallBackURL", RefusalKind::Other),
        ("400.002.05", RefusalKind::Other),
        ("500.001.1001", RefusalKind::SubscriberLocked),
        ("500.003.02", RefusalKind::RateLimited),
        ("429", RefusalKind::RateLimited),
    ] {
        bench.fault(json!({ "fault": "refuse", "value": value })).await;
        let error = bench.push().await.expect_err("refused");
        assert_eq!((error.certainty(), error.kind()), (Certainty::Refused, Some(kind)), "{value}: {error}");
    }
    for value in [
        "500.001.1001 The transaction is being processed",
        "500.003.1001",
        "500.003.02 System is busy. Please try again in few minutes.",
    ] {
        bench.fault(json!({ "fault": "refuse", "value": value })).await;
        assert_eq!(bench.push().await.expect_err("no acceptance").certainty(), Certainty::Unknown, "{value}");
    }
    assert_eq!(bench.count("pushes_accepted").await, 0);
}

#[tokio::test]
async fn a_phone_takes_one_prompt_at_a_time() {
    let bench = Bench::new().await;
    let id = bench.ring().await;
    let error = bench.push().await.expect_err("locked");
    assert_eq!(error.kind(), Some(RefusalKind::SubscriberLocked), "{error}");
    bench.answer(&id, "cancel").await;
    let second = bench.ring().await;
    assert_ne!(second, id, "ids are unique although the clock stands still");
}

#[tokio::test]
async fn amounts_that_m_pesa_cannot_move_never_leave() {
    let bench = Bench::new().await;
    for cents in [0, -100, 50, 5_050, 25_000_100] {
        let mut push = bench.push_of(PHONE, 1);
        push.amount = Kes::from_cents(cents);
        assert_eq!(
            bench.client.push(&push).await.expect_err("not sent").certainty(),
            Certainty::NotSent,
            "{cents}"
        );
    }
    assert_eq!(bench.count("token_requests").await, 0);
}

#[tokio::test]
async fn nobody_at_the_address_means_not_sent() {
    let bench = Bench::new().await;
    let client = bench.client.clone();
    client.check_token().await.expect("a token, so that the push itself meets the closed port");
    let push = bench.push_of(PHONE, 50);
    bench.simulator.stop().await;
    let error = client.push(&push).await.expect_err("nobody listens");
    assert_eq!(error.certainty(), Certainty::NotSent, "{error}");

    let nowhere = "http://127.0.0.1:9/".parse().expect("an address");
    let client = Client::new(nowhere, Credentials::simulator(), clock()).expect("a client");
    assert_eq!(client.push(&push).await.expect_err("nobody listens").certainty(), Certainty::NotSent);
}

#[tokio::test]
async fn a_query_before_and_after_the_answer() {
    let bench = Bench::new().await;
    let id = bench.ring().await;
    let error = bench.client.query(&id).await.expect_err("no answer yet");
    assert_eq!(error.certainty(), Certainty::Unknown);
    assert!(error.to_string().contains("500.001.1001"), "{error}");
    bench.answer(&id, "cancel").await;
    let answer = bench.client.query(&id).await.expect("an answer");
    assert_eq!((answer.result.as_str(), answer.checkout_request_id), ("1032", id));
    for stranger in ["ws_CO_021020261230000708374140", "x", ""] {
        assert_eq!(
            bench.client.query(stranger).await.expect_err("unknown").certainty(),
            Certainty::Unknown,
            "{stranger}"
        );
    }
}

/// A push as a stranger's client might send it, with one field changed.
async fn raw_push(bench: &Bench, field: &str, value: Value) -> (StatusCode, Value) {
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let url = |path: &str| bench.simulator.url.join(path).expect("a path");
    let basic = http.get(url("/oauth/v1/generate?grant_type=client_credentials"));
    let token: Value = basic
        .basic_auth("simulator-consumer-key", Some("simulator-consumer-secret"))
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    assert_eq!(token["expires_in"], "3599");
    let passkey = "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919";
    let mut body = json!({
        "BusinessShortCode": 174_379,
        "Password": base64::engine::general_purpose::STANDARD.encode(format!("174379{passkey}20261002123000")),
        "Timestamp": "20261002123000",
        "TransactionType": "CustomerPayBillOnline",
        "Amount": "1",
        "PartyA": PHONE,
        "PartyB": "174379",
        "PhoneNumber": PHONE,
        "CallBackURL": bench.receiver.url,
        "AccountReference": "Test",
    });
    body[field] = value;
    let push = http
        .post(url("/mpesa/stkpush/v1/processrequest"))
        .bearer_auth(token["access_token"].as_str().expect("text"));
    let answer = push.json(&body).send().await.expect("an answer");
    (answer.status(), answer.json().await.expect("JSON"))
}

#[tokio::test]
async fn strings_and_numbers_are_taken_alike() {
    let bench = Bench::new().await;
    let (status, body) = raw_push(&bench, "TransactionDesc", json!("Tip")).await;
    assert_eq!((status, &body["ResponseCode"]), (StatusCode::OK, &json!("0")));
}

#[tokio::test]
async fn each_field_is_checked() {
    let bench = Bench::new().await;
    for (field, value) in [
        ("BusinessShortCode", json!("12")),
        ("Timestamp", json!("2026100212300")),
        ("Timestamp", json!("20261302123000")),
        ("TransactionType", json!("BusinessBuyGoods")),
        ("Amount", json!(0)),
        ("Amount", json!(1.5)),
        ("Amount", json!("1.00")),
        ("Amount", json!(250_001)),
        ("Amount", json!(-1)),
        ("PartyA", json!("0708374149")),
        ("PartyB", json!("600999")),
        ("PhoneNumber", json!("254708374140")),
        ("CallBackURL", json!("ftp://127.0.0.1/")),
        ("CallBackURL", json!("not an address")),
        ("AccountReference", json!("thirteen char")),
        ("AccountReference", json!("a&b")),
        ("AccountReference", Value::Null),
        ("TransactionDesc", json!("fourteen chars")),
    ] {
        let (status, body) = raw_push(&bench, field, value.clone()).await;
        let seen = (status, body["errorCode"].as_str(), body["errorMessage"].as_str());
        let message = format!("Bad Request - Invalid {field}");
        assert_eq!(
            seen,
            (StatusCode::BAD_REQUEST, Some("400.002.02"), Some(message.as_str())),
            "{field} {value}"
        );
        assert!(body["requestId"].is_string());
    }
    let (_, body) = raw_push(&bench, "Password", json!("bm8=")).await;
    assert_eq!(body["errorMessage"], "[MerchantValidate] - Wrong credentials");
}

#[tokio::test]
async fn without_a_token_or_json_there_is_an_error_in_safaricoms_words() {
    let bench = Bench::new().await;
    let (status, body) = bench.call(Method::POST, "/mpesa/stkpush/v1/processrequest", json!({})).await;
    assert_eq!((status, &body["errorCode"]), (StatusCode::NOT_FOUND, &json!("404.001.04")));
    let (status, body) =
        bench.call(Method::GET, "/oauth/v1/generate?grant_type=client_credentials", Value::Null).await;
    assert_eq!((status, &body["errorCode"]), (StatusCode::BAD_REQUEST, &json!("400.008.01")));
    let (status, body) = bench.call(Method::GET, "/nothing/here", Value::Null).await;
    assert_eq!((status, &body["errorCode"]), (StatusCode::NOT_FOUND, &json!("404.001.01")));
}
