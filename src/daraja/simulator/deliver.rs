//! Posts callbacks the way Safaricom does: once, without repeats whatever the answer (daraja §3.2).

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use reqwest::header::CONTENT_TYPE;
use reqwest::redirect;
use serde::Serialize;
use serde_json::{Value, json};

use super::Shared;
use super::stats::count_one;
use super::world::Delivery;
use crate::platform::clock::nairobi;

const CALLBACK_TIMEOUT: Duration = Duration::from_secs(10);

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

/// A client for callbacks: short, without redirects, and straight to the address.
pub(super) fn client() -> anyhow::Result<reqwest::Client> {
    let builder = reqwest::Client::builder().timeout(CALLBACK_TIMEOUT).redirect(redirect::Policy::none()).no_proxy();
    builder.retry(reqwest::retry::never()).build().context("cannot build the HTTP client for callbacks")
}

/// The body of a callback.
pub fn body(delivery: &Delivery) -> String {
    let (prompt, outcome) = (&delivery.prompt, &delivery.outcome);
    let metadata = outcome.receipt.as_ref().map(|receipt| Metadata {
        items: vec![
            Item { name: "Amount", value: Some(json!(prompt.shillings)) },
            Item { name: "MpesaReceiptNumber", value: Some(json!(receipt)) },
            Item { name: "Balance", value: None },
            Item { name: "TransactionDate", value: Some(number(&nairobi(outcome.at).format("%Y%m%d%H%M%S").to_string())) },
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

fn number(text: &str) -> Value {
    text.parse::<u64>().map_or_else(|_| json!(text), |number| json!(number))
}

impl Shared {
    /// Posts in the background.
    pub(super) fn deliver(self: &Arc<Self>, delivery: Delivery) {
        self.changed.notify_one();
        let text = body(&delivery);
        let Delivery { prompt, delay, copies, .. } = delivery;
        for _ in 0..copies {
            let (shared, text, url) = (self.clone(), text.clone(), prompt.callback_url.clone());
            self.spawn(async move {
                tokio::time::sleep(delay).await;
                shared.post(&url, text).await;
            });
        }
    }

    async fn post(&self, url: &str, body: String) {
        count_one(&self.stats.callbacks_sent);
        let request = self.callbacks.post(url).header(CONTENT_TYPE, "application/json;charset=UTF-8").body(body);
        match request.header("BusinessShortCode", self.credentials.business_short_code()).send().await {
            Ok(answer) if answer.status() == reqwest::StatusCode::OK => count_one(&self.stats.callbacks_answered_200),
            Ok(answer) => tracing::warn!(status = answer.status().as_u16(), "a callback was not taken; it is not repeated"),
            Err(error) => tracing::warn!(error = %error.without_url(), "a callback did not arrive; it is not repeated"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::daraja::simulator::world::{Outcome, Prompt, PromptState};
    use chrono::{TimeZone, Utc};

    fn delivery(code: &str, description: &str, receipt: Option<&str>) -> Delivery {
        let at = Utc.with_ymd_and_hms(2026, 10, 2, 12, 45, 0).single().expect("a date");
        let prompt = Prompt {
            checkout_request_id: "ws_CO_02102026154430276708374149".to_owned(),
            merchant_request_id: "2654-4b64-97ff-b827b542881d3130".to_owned(),
            phone_number: "254708374149".to_owned(),
            shillings: 50,
            account_reference: "LG7K2M9QX4TB".to_owned(),
            callback_url: "http://127.0.0.1/".to_owned(),
            made_at: at,
            state: PromptState::Open,
        };
        let outcome = Outcome { code: code.to_owned(), description: description.to_owned(), receipt: receipt.map(str::to_owned), at };
        Delivery { prompt, outcome, delay: Duration::ZERO, copies: 1 }
    }

    #[test]
    fn bodies_as_documented() {
        let paid = body(&delivery("0", "The service request is processed successfully.", Some("UJ22T8IYOU")));
        insta::assert_snapshot!(paid, @r#"{"Body":{"stkCallback":{"MerchantRequestID":"2654-4b64-97ff-b827b542881d3130","CheckoutRequestID":"ws_CO_02102026154430276708374149","ResultCode":0,"ResultDesc":"The service request is processed successfully.","CallbackMetadata":{"Item":[{"Name":"Amount","Value":50},{"Name":"MpesaReceiptNumber","Value":"UJ22T8IYOU"},{"Name":"Balance"},{"Name":"TransactionDate","Value":20261002154500},{"Name":"PhoneNumber","Value":254708374149}]}}}}"#);
        let cancelled = body(&delivery("1032", "Request Cancelled by user.", None));
        insta::assert_snapshot!(cancelled, @r#"{"Body":{"stkCallback":{"MerchantRequestID":"2654-4b64-97ff-b827b542881d3130","CheckoutRequestID":"ws_CO_02102026154430276708374149","ResultCode":1032,"ResultDesc":"Request Cancelled by user."}}}"#);
    }
}
