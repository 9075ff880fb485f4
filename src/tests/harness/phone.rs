//! The simulator's phones, and callbacks that a test writes by hand.

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{TestApp, text};
use crate::jobs::Work;
use crate::platform::lease::Held;

impl TestApp {
    /// The open prompts of the simulator.
    pub async fn prompts(&self) -> Vec<Value> {
        let answer =
            self.http.get(self.simulator.join("/prompts").expect("a path")).send().await.expect("an answer");
        answer.json().await.expect("JSON")
    }

    pub async fn prompt_of(&self, checkout_request_id: &str) -> Value {
        let prompts = self.prompts().await;
        prompts
            .into_iter()
            .find(|prompt| prompt["checkout_request_id"] == checkout_request_id)
            .expect("a prompt")
    }

    pub async fn answer(&self, checkout_request_id: &str, answer: &str) {
        let path = self.simulator.join(&format!("/prompts/{checkout_request_id}")).expect("a path");
        let done = self.http.post(path).json(&json!({ "answer": answer })).send().await.expect("an answer");
        assert!(done.status().is_success(), "{}", done.status());
    }

    pub async fn fault(&self, fault: &str, value: Value) {
        self.faults(json!({}), fault, value, 1).await;
    }

    /// Plans a fault for requests that match, so many times.
    pub async fn faults(&self, wanted: Value, fault: &str, value: Value, times: u32) {
        let path = self.simulator.join("/faults").expect("a path");
        let body = json!({ "match": wanted, "fault": fault, "value": value, "times": times });
        let done = self.http.post(path).json(&body).send().await.expect("an answer");
        assert!(done.status().is_success(), "{:?}", done.text().await);
    }

    /// Sends the messages that are due, as the scheduler would.
    pub async fn deliver(&self) -> usize {
        let held = Held { name: "none", epoch: 0 };
        self.running.state.people.outbox.round(held).await.expect("a round")
    }

    /// The messages of a phone, the newest first, with those that were due.
    pub async fn inbox(&self, phone: &str) -> Vec<String> {
        self.deliver().await;
        let path = self.simulator.join(&format!("/phones/{phone}")).expect("a path");
        let phone: Value = self.http.get(path).send().await.expect("an answer").json().await.expect("JSON");
        phone["sms"]
            .as_array()
            .expect("messages")
            .iter()
            .map(|message| text(message, "text").to_owned())
            .collect()
    }

    /// The six digits of the newest code on a phone. Each code is read once.
    pub async fn code_on(&self, phone: &str) -> String {
        let newest = || async {
            self.inbox(phone).await.into_iter().next().filter(|text| text.starts_with("Ligisoo:"))
        };
        self.until("a code", || async { newest().await.is_some() }).await;
        let message = newest().await.expect("a code");
        let words = message.split(|character: char| !character.is_ascii_digit());
        let code = words.into_iter().find(|word| word.len() == 6).expect("six digits").to_owned();
        // Makes another message the newest one, so that the next call does not take this code for the next
        // one.
        let path = self.simulator.join(&format!("/phones/{phone}/sms")).expect("a path");
        self.http.post(path).json(&json!({ "text": "read" })).send().await.expect("an answer");
        code
    }

    /// What a phone has left, as in `"10000.00"`.
    pub async fn balance(&self, phone: &str) -> String {
        let path = self.simulator.join(&format!("/phones/{phone}")).expect("a path");
        let phone: Value = self.http.get(path).send().await.expect("an answer").json().await.expect("JSON");
        text(&phone, "balance").to_owned()
    }

    /// The address that Safaricom was given for this payment.
    pub async fn callback_url(&self, started: &Value) -> String {
        let prompt = self.prompt_of(text(started, "checkout_request_id")).await;
        text(&prompt, "callback_url").to_owned()
    }

    /// Posts the bytes of a callback, and returns the answer's status.
    pub async fn post_callback(&self, url: &str, body: impl Into<reqwest::Body>) -> StatusCode {
        self.http.post(url).body(body).send().await.expect("an answer").status()
    }
}

/// A success callback for a started payment, as Safaricom writes it.
pub fn success(started: &Value, amount: &Value, receipt: &str) -> Value {
    json!({ "Body": { "stkCallback": {
        "MerchantRequestID": started["merchant_request_id"],
        "CheckoutRequestID": started["checkout_request_id"],
        "ResultCode": 0,
        "ResultDesc": "The service request is processed successfully.",
        "CallbackMetadata": { "Item": [
            { "Name": "Amount", "Value": amount },
            { "Name": "MpesaReceiptNumber", "Value": receipt },
            { "Name": "Balance" },
            { "Name": "TransactionDate", "Value": 20_261_123_150_000_i64 },
            { "Name": "PhoneNumber", "Value": 254_712_345_678_i64 },
        ] },
    } } })
}

/// A failure callback with this code.
pub fn failure(started: &Value, code: &Value) -> Value {
    json!({ "Body": { "stkCallback": {
        "MerchantRequestID": started["merchant_request_id"],
        "CheckoutRequestID": started["checkout_request_id"],
        "ResultCode": code,
        "ResultDesc": "Request cancelled by user",
    } } })
}
