//! Callbacks in every shape of daraja §3.1, and bodies that are no callbacks.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::daraja::CodeClass;

const SUCCESS: &str = concat!(
    r#"{"Body":{"stkCallback":{"MerchantRequestID":"29115-34620561-1","#,
    r#""CheckoutRequestID":"ws_CO_191220191020363925","ResultCode":0,"#,
    r#""ResultDesc":"The service request is processed successfully.","#,
    r#""CallbackMetadata":{"Item":[{"Name":"Amount","Value":1.00},"#,
    r#"{"Name":"MpesaReceiptNumber","Value":"NLJ7RT61SV"},{"Name":"Balance"},"#,
    r#"{"Name":"TransactionDate","Value":20191219102115},{"Name":"PhoneNumber","Value":254708374149}]}}}}"#,
);

fn read(body: &str) -> StkCallback {
    parse_callback(body.as_bytes()).expect("readable")
}

fn with_items(items: &Value) -> StkCallback {
    let callback = json!({ "MerchantRequestID": "m", "CheckoutRequestID": "c", "ResultCode": 0, "CallbackMetadata": { "Item": items } });
    read(&json!({ "Body": { "stkCallback": callback } }).to_string())
}

#[test]
fn the_documented_success() {
    let callback = read(SUCCESS);
    assert_eq!(callback.merchant_request_id.as_deref(), Some("29115-34620561-1"));
    assert_eq!(callback.checkout_request_id.as_deref(), Some("ws_CO_191220191020363925"));
    assert_eq!(callback.result.map(|code| code.class()), Some(CodeClass::Success));
    assert_eq!(callback.amount, Some(Kes::from_cents(100)));
    assert_eq!(callback.receipt.as_deref(), Some("NLJ7RT61SV"));
    assert!(!callback.has_unreadable_receipt);
    assert_eq!(callback.description, "The service request is processed successfully.");
}

#[test]
fn the_documented_failure() {
    for metadata in [
        "",
        r#","CallbackMetadata":null"#,
        r#","CallbackMetadata":{}"#,
        r#","CallbackMetadata":{"Item":null}"#,
    ] {
        let body = format!(
            r#"{{"Body":{{"stkCallback":{{"MerchantRequestID":"a","CheckoutRequestID":"b","ResultCode":1032,"ResultDesc":"Request cancelled by user."{metadata}}}}}}}"#
        );
        let callback = read(&body);
        assert_eq!(callback.result.map(|code| code.class()), Some(CodeClass::Cancelled));
        assert_eq!(
            (callback.amount, callback.receipt, callback.has_unreadable_receipt),
            (None, None, false),
            "{metadata}"
        );
    }
}

#[test]
fn a_byte_order_mark_and_white_space_are_skipped() {
    assert!(parse_callback(format!("\u{feff}\r\n {SUCCESS} \n").as_bytes()).is_ok());
}

#[test]
fn items_come_in_any_order_and_company() {
    let callback = with_items(&json!([
        { "Name": "b2CUtilityAccountAvailableFunds", "Value": 5 },
        { "Name": "PhoneNumber", "Value": "254708***149" },
        { "Name": 7, "Value": 7 },
        { "Value": 1 },
        "stray",
        null,
        { "Name": "MpesaReceiptNumber", "Value": " UJ22T8IYOU " },
        { "Name": "Balance", "Value": null },
        { "Name": "Amount", "Value": "50.00" },
    ]));
    assert_eq!(
        (callback.amount, callback.receipt.as_deref()),
        (Some(Kes::from_cents(5_000)), Some("UJ22T8IYOU"))
    );
    let single = with_items(&json!({ "Name": "Amount", "Value": 50 }));
    assert_eq!(single.amount, Some(Kes::from_cents(5_000)));
}

#[test]
fn amounts_are_exact_or_absent() {
    let amount_of =
        |value: Value| with_items(&json!([{ "Name": "Amount", "Value": value }])).amount.map(Kes::cents);
    for (value, cents) in [
        (json!(1), Some(100)),
        (json!(1.0), Some(100)),
        (json!(29.4), Some(2_940)),
        (json!(0.1), Some(10)),
        (json!("1250"), Some(125_000)),
        (json!("1e2"), Some(10_000)),
        (json!(1e2), Some(10_000)),
        (json!(1e20), None),
        (json!(0.001), None),
        (json!("1.00000000000000000000000000000000001"), None),
        (json!("1,250"), Some(125_000)),
        (json!("12,50"), None),
        (json!("KES 5"), None),
        (json!(""), None),
        (json!(null), None),
        (json!(true), None),
        (json!([1]), None),
        (json!("99999999999999999999999999999999999"), None),
    ] {
        assert_eq!(amount_of(value.clone()), cents, "{value}");
    }
    let twice = with_items(&json!([{ "Name": "Amount", "Value": 50 }, { "Name": "Amount", "Value": 5 }]));
    assert_eq!(twice.amount, None, "a contradiction is no amount");
}

#[test]
fn receipts_are_readable_absent_or_neither() {
    let receipt_of = |value: Value| {
        let callback = with_items(&json!([{ "Name": "MpesaReceiptNumber", "Value": value }]));
        (callback.receipt, callback.has_unreadable_receipt)
    };
    assert_eq!(receipt_of(json!("UCQ5UAQ403")), (Some("UCQ5UAQ403".to_owned()), false));
    for absent in [json!(null), json!(""), json!("NLJ0000000"), json!("OA90000000")] {
        assert_eq!(receipt_of(absent.clone()), (None, false), "{absent}");
    }
    for unreadable in [
        json!("ucq5uaq403"),
        json!("UCQ5"),
        json!("UCQ5UAQ4033"),
        json!(1_234_567_890),
        json!("UCQ5UAQ40\u{0}"),
        json!({}),
    ] {
        assert_eq!(receipt_of(unreadable.clone()), (None, true), "{unreadable}");
    }
}

#[test]
fn codes_may_be_text_or_missing() {
    let code_of = |code: Value| {
        let body = json!({ "Body": { "stkCallback": { "CheckoutRequestID": "c", "ResultCode": code } } });
        read(&body.to_string()).result.map(|code| code.as_str().to_owned())
    };
    assert_eq!(code_of(json!("0")), Some("0".to_owned()));
    assert_eq!(code_of(json!("SFC_IC0003")), Some("SFC_IC0003".to_owned()));
    assert_eq!(code_of(json!(null)), None);
    assert_eq!(code_of(json!({})), None);
}

#[test]
fn ids_that_cannot_be_ids_are_none() {
    for id in [json!(""), json!("a\u{0}b"), json!("a b"), json!("x".repeat(101)), json!(null), json!({})] {
        let body = json!({ "Body": { "stkCallback": { "MerchantRequestID": id, "CheckoutRequestID": id, "ResultCode": 0 } } });
        let callback = read(&body.to_string());
        assert_eq!((callback.merchant_request_id, callback.checkout_request_id), (None, None), "{id}");
    }
}

#[test]
fn nul_and_broken_text_stay_out_of_the_description() {
    let mut body =
        br#"{"Body":{"stkCallback":{"CheckoutRequestID":"c","ResultCode":0,"ResultDesc":"a\u0000b "#.to_vec();
    body.extend_from_slice(b"\xff\"}}}");
    let callback = parse_callback(&body).expect("readable");
    assert_eq!(callback.description, "a b \u{fffd}");
}

#[test]
fn what_is_no_callback_says_why() {
    for body in ["", "{", "\0", "<html>", "{\"Body\":", "nul"] {
        assert_eq!(parse_callback(body.as_bytes()), Err(Unreadable::NotJson), "{body}");
    }
    for body in [
        "null",
        "[]",
        "{}",
        r#"{"Body":{}}"#,
        r#"{"Body":{"stkCallback":[]}}"#,
        r#"{"body":{"stkCallback":{}}}"#,
    ] {
        assert_eq!(parse_callback(body.as_bytes()), Err(Unreadable::NoEnvelope), "{body}");
    }
    assert_eq!(parse_callback(&vec![b' '; CALLBACK_MAX_BYTES + 1]), Err(Unreadable::TooLong));
    assert_eq!(
        parse_callback("[".repeat(100_000).as_bytes()),
        Err(Unreadable::NotJson),
        "no stack is that deep"
    );
}

#[test]
fn debug_shows_no_ids() {
    let printed = format!("{:?}", read(SUCCESS));
    assert!(
        !printed.contains("ws_CO") && !printed.contains("NLJ7RT61SV") && !printed.contains("254708374149"),
        "{printed}"
    );
}

proptest! {
    #[test]
    fn no_bytes_panic(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse_callback(&body);
    }

    #[test]
    fn no_cut_or_changed_callback_panics(at in 0..SUCCESS.len(), byte in any::<u8>(), cut in any::<bool>()) {
        let mut body = SUCCESS.as_bytes().to_vec();
        if cut { body.truncate(at) } else { body[at] = byte }
        let _ = parse_callback(&body);
    }

    #[test]
    fn whole_amounts_are_read_exactly(cents in 1_i64..=25_000_000) {
        let amount = Kes::from_cents(cents);
        let body = SUCCESS.replace("1.00", &amount.to_decimal_string());
        prop_assert_eq!(read(&body).amount, Some(amount));
    }
}
