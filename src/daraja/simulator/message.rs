//! The bodies that Safaricom posts: STK callbacks (daraja §3.1) and C2B confirmations (daraja §5.2), and
//! broken ones.

use serde::Serialize;
use serde_json::{Value, json};

use super::phone::masked;
use super::prompt::{Prompt, PromptOutcome};
use super::received::Received;
use crate::platform::clock::nairobi;
use crate::types::Kes;

const HTML: &str = "<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>";

#[derive(Serialize)]
struct Envelope<'a> {
    #[serde(rename = "Body")]
    body: Body<'a>,
}

#[derive(Serialize)]
struct Body<'a> {
    #[serde(rename = "stkCallback")]
    callback: Callback<'a>,
}

#[derive(Serialize)]
struct Callback<'a> {
    #[serde(rename = "MerchantRequestID")]
    merchant_request_id: &'a str,
    #[serde(rename = "CheckoutRequestID")]
    checkout_request_id: &'a str,
    /// A JSON number, as in every callback seen.
    #[serde(rename = "ResultCode")]
    result_code: Value,
    #[serde(rename = "ResultDesc")]
    description: &'a str,
    #[serde(rename = "CallbackMetadata", skip_serializing_if = "Option::is_none")]
    metadata: Option<Metadata>,
}

#[derive(Serialize)]
struct Metadata {
    #[serde(rename = "Item")]
    items: Vec<Item>,
}

#[derive(Serialize)]
struct Item {
    #[serde(rename = "Name")]
    name: &'static str,
    #[serde(rename = "Value", skip_serializing_if = "Option::is_none")]
    value: Option<Value>,
}

/// A C2B confirmation: a flat object in which everything is a string.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Confirmation<'a> {
    transaction_type: &'static str,
    #[serde(rename = "TransID")]
    receipt: &'a str,
    trans_time: String,
    trans_amount: String,
    business_short_code: &'a str,
    bill_ref_number: &'a str,
    invoice_number: &'static str,
    org_account_balance: String,
    #[serde(rename = "ThirdPartyTransID")]
    third_party_id: &'static str,
    #[serde(rename = "MSISDN")]
    phone_number: String,
    first_name: &'static str,
    middle_name: &'static str,
    last_name: &'static str,
}

/// The body of a callback.
pub fn callback_body(prompt: &Prompt, outcome: &PromptOutcome) -> String {
    let metadata = outcome.receipt.as_ref().map(|receipt| Metadata {
        items: vec![
            Item { name: "Amount", value: Some(json!(prompt.shillings)) },
            Item { name: "MpesaReceiptNumber", value: Some(json!(receipt)) },
            Item { name: "Balance", value: None },
            Item {
                name: "TransactionDate",
                value: Some(number(&nairobi(outcome.at).format("%Y%m%d%H%M%S").to_string())),
            },
            Item { name: "PhoneNumber", value: Some(number(&prompt.phone_number)) },
        ],
    });
    let callback = Callback {
        merchant_request_id: &prompt.merchant_request_id,
        checkout_request_id: &prompt.checkout_request_id,
        result_code: number(&outcome.code),
        description: &outcome.description,
        metadata,
    };
    serde_json::to_string(&Envelope { body: Body { callback } }).unwrap_or_default()
}

/// The body of a C2B confirmation. `total_cents` is what the short code received so far.
pub fn confirmation_body(received: &Received, short_code: &str, total_cents: i64) -> String {
    let confirmation = Confirmation {
        transaction_type: "Pay Bill",
        receipt: &received.receipt,
        trans_time: nairobi(received.at).format("%Y%m%d%H%M%S").to_string(),
        trans_amount: Kes::from_cents(received.cents).to_decimal_string(),
        business_short_code: short_code,
        bill_ref_number: &received.account_reference,
        invoice_number: "",
        org_account_balance: Kes::from_cents(total_cents).to_decimal_string(),
        third_party_id: "",
        phone_number: masked(&received.phone_number),
        first_name: "SIMULATED",
        middle_name: "",
        last_name: "",
    };
    serde_json::to_string(&confirmation).unwrap_or_default()
}

/// A callback's body that is broken in the way that a `malformed_callback` fault names. Any other name
/// replaces the whole body.
pub fn malformed(body: &str, how: &str) -> String {
    let mut value: Value = serde_json::from_str(body).unwrap_or_default();
    match how {
        "cut" => body.chars().take(body.len() / 2).collect(),
        "empty" => String::new(),
        "html" => HTML.to_owned(),
        "no_envelope" => value["Body"]["stkCallback"].to_string(),
        "no_receipt" => {
            if let Some(items) =
                value.pointer_mut("/Body/stkCallback/CallbackMetadata/Item").and_then(Value::as_array_mut)
            {
                items.retain(|item| item["Name"] != "MpesaReceiptNumber");
            }
            value.to_string()
        }
        "string_values" => with_strings(value).to_string(),
        whole => whole.to_owned(),
    }
}

/// The same value with text instead of numbers.
fn with_strings(value: Value) -> Value {
    match value {
        Value::Number(number) => Value::String(number.to_string()),
        Value::Array(values) => values.into_iter().map(with_strings).collect(),
        Value::Object(fields) => {
            fields.into_iter().map(|(name, value)| (name, with_strings(value))).collect()
        }
        other => other,
    }
}

/// Safaricom's words for a result code.
pub fn description(code: &str) -> &'static str {
    match code {
        "0" => "The service request is processed successfully.",
        "1" => "The balance is insufficient for the transaction.",
        "1032" => "Request cancelled by user",
        "1037" => "DS timeout user cannot be reached",
        "2001" => "The initiator information is invalid.",
        "4999" => "The transaction is still under processing",
        _ => "The service request failed.",
    }
}

fn number(text: &str) -> Value {
    text.parse::<u64>().map_or_else(|_| json!(text), |number| json!(number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::daraja::simulator::prompt::PromptState;
    use chrono::{DateTime, TimeZone, Utc};

    fn at() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 10, 2, 12, 45, 0).single().expect("a date")
    }

    fn body(code: &str, description: &str, receipt: Option<&str>) -> String {
        let prompt = Prompt {
            checkout_request_id: "ws_CO_02102026154430276708374149".to_owned(),
            merchant_request_id: "2654-4b64-97ff-b827b542881d3130".to_owned(),
            phone_number: "254708374149".to_owned(),
            shillings: 50,
            account_reference: "LG7K2M9QX4TB".to_owned(),
            callback_url: "http://127.0.0.1/".to_owned(),
            made_at: at(),
            state: PromptState::Open,
        };
        let outcome = PromptOutcome {
            code: code.to_owned(),
            description: description.to_owned(),
            receipt: receipt.map(str::to_owned),
            at: at(),
        };
        callback_body(&prompt, &outcome)
    }

    #[test]
    fn callbacks_as_documented() {
        let paid = body("0", "The service request is processed successfully.", Some("UJ22T8IYOU"));
        insta::assert_snapshot!(paid, @r#"{"Body":{"stkCallback":{"MerchantRequestID":"2654-4b64-97ff-b827b542881d3130","CheckoutRequestID":"ws_CO_02102026154430276708374149","ResultCode":0,"ResultDesc":"The service request is processed successfully.","CallbackMetadata":{"Item":[{"Name":"Amount","Value":50},{"Name":"MpesaReceiptNumber","Value":"UJ22T8IYOU"},{"Name":"Balance"},{"Name":"TransactionDate","Value":20261002154500},{"Name":"PhoneNumber","Value":254708374149}]}}}}"#);
        let cancelled = body("1032", "Request Cancelled by user.", None);
        insta::assert_snapshot!(cancelled, @r#"{"Body":{"stkCallback":{"MerchantRequestID":"2654-4b64-97ff-b827b542881d3130","CheckoutRequestID":"ws_CO_02102026154430276708374149","ResultCode":1032,"ResultDesc":"Request Cancelled by user."}}}"#);
    }

    #[test]
    fn confirmations_as_documented() {
        let received = Received {
            receipt: "UJ22T8IYOU".to_owned(),
            at: at(),
            phone_number: "254708374149".to_owned(),
            cents: 5_000,
            account_reference: "LG7K2M9QX4TB".to_owned(),
        };
        insta::assert_snapshot!(confirmation_body(&received, "174379", 125_000), @r#"{"TransactionType":"Pay Bill","TransID":"UJ22T8IYOU","TransTime":"20261002154500","TransAmount":"50.00","BusinessShortCode":"174379","BillRefNumber":"LG7K2M9QX4TB","InvoiceNumber":"","OrgAccountBalance":"1250.00","ThirdPartyTransID":"","MSISDN":"2547 ***** 149","FirstName":"SIMULATED","MiddleName":"","LastName":""}"#);
    }

    #[test]
    fn broken_callbacks() {
        let paid = body("0", "ok", Some("UJ22T8IYOU"));
        assert!(paid.starts_with(&malformed(&paid, "cut")) && malformed(&paid, "empty").is_empty());
        assert!(
            malformed(&paid, "no_envelope").starts_with(r#"{"MerchantRequestID""#)
                || !malformed(&paid, "no_envelope").contains("Body")
        );
        assert!(!malformed(&paid, "no_receipt").contains("UJ22T8IYOU"));
        assert!(malformed(&paid, "string_values").contains(r#""ResultCode":"0""#));
        assert_eq!(malformed(&paid, "{}"), "{}");
    }
}
