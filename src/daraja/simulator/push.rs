//! The STK push: checks what Safaricom checks, then makes a phone ring (daraja §2).

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::Value;

use super::fault::{Endpoint, FaultKind, Target};
use super::prompt::{NewPrompt, OwnerAnswer, Prompt};
use super::reply::ErrorReply;
use super::request::{AMOUNT_MAX, field, is_callback_url, is_digits, parse};
use super::state::SimulatorState;
use super::stats::count_one;

const ACCOUNT_REFERENCE_MAX: usize = 12;
const TRANSACTION_DESC_MAX: usize = 13;
const LOCKED: &str =
    "Unable to lock subscriber, a transaction is already in process for the current subscriber";
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Accepted<'a> {
    #[serde(rename = "MerchantRequestID")]
    merchant_request_id: &'a str,
    #[serde(rename = "CheckoutRequestID")]
    checkout_request_id: &'a str,
    response_code: &'static str,
    response_description: &'static str,
    customer_message: &'static str,
}

pub(super) async fn push(
    State(shared): State<Arc<SimulatorState>>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response {
    count_one(&shared.stats.pushes);
    let plan = shared.plan(Endpoint::Push, &bytes);
    if plan.is_stopped() {
        return plan.send(&shared, ().into_response()).await;
    }
    let request = shared.check_token(&headers).and_then(|()| parse(&bytes)).and_then(|body| {
        shared.check_credentials(&body)?;
        check(&shared, &body)
    });
    let answer = match request {
        Ok(request) => accept(&shared, request).await,
        Err(refusal) => shared.refuse(&refusal),
    };
    plan.send(&shared, answer).await
}

async fn accept(shared: &Arc<SimulatorState>, request: NewPrompt) -> Response {
    // A prompt whose life is over must not keep its phone busy, so such prompts end first.
    shared.expire();
    let pushed = shared.world().push(request, shared.clock.now(), &shared.random);
    let Ok(prompt) = pushed else { return shared.refuse(&ErrorReply::back_end(LOCKED)) };
    count_one(&shared.stats.pushes_accepted);
    shared.changed.notify_one();
    if !end_at_once(shared, &prompt).await {
        shared.wake_autopilot(prompt.checkout_request_id.clone());
    }
    let accepted = Accepted {
        merchant_request_id: &prompt.merchant_request_id,
        checkout_request_id: &prompt.checkout_request_id,
        response_code: "0",
        response_description: "Success. Request accepted for processing",
        customer_message: "Success. Request accepted for processing",
    };
    axum::Json(accepted).into_response()
}

/// Carries out a planned end without the phone. Its callback is posted before the push is answered, or at the
/// same time. Returns whether an end was planned.
async fn end_at_once(shared: &Arc<SimulatorState>, prompt: &Prompt) -> bool {
    let (target, id, now) = (Target::of(prompt), &prompt.checkout_request_id, shared.clock.now());
    let early = shared.world().faults.take(FaultKind::EarlyCallback, &target);
    if let Some(fault) = early {
        let answer = fault.text().and_then(|text| text.parse().ok()).unwrap_or(OwnerAnswer::Pay);
        let ended = shared.world().answer(id, answer, now, &shared.random);
        for batch in ended.ok().flatten().map(|ended| ended.batches).unwrap_or_default() {
            shared.post_all(batch).await;
        }
        return true;
    }
    let failing = shared.world().faults.take(FaultKind::FailWith, &target).and_then(|fault| fault.text());
    let Some(code) = failing else { return false };
    let ended = shared.world().fail(id, &code, now, &shared.random);
    shared.deliver(ended.map(|ended| ended.batches).unwrap_or_default());
    true
}

/// Checks the fields of a push, in the order of the documentation.
fn check(shared: &SimulatorState, body: &Value) -> Result<NewPrompt, ErrorReply> {
    let credentials = &shared.credentials;
    let transaction_type = field(body, "TransactionType").unwrap_or_default();
    if !matches!(transaction_type.as_str(), "CustomerPayBillOnline" | "CustomerBuyGoodsOnline") {
        return Err(ErrorReply::invalid("TransactionType"));
    }
    if transaction_type != credentials.transaction_type() {
        return Err(ErrorReply::back_end(&format!(
            "Merchant not allowed to carry out transaction type {transaction_type}"
        )));
    }
    let amount = field(body, "Amount")
        .filter(|amount| is_digits(amount, 1..=6))
        .and_then(|amount| amount.parse::<i64>().ok());
    let shillings = amount
        .filter(|amount| (1..=AMOUNT_MAX).contains(amount))
        .ok_or_else(|| ErrorReply::invalid("Amount"))?;
    let payer = field(body, "PartyA")
        .filter(|number| is_phone_number(number))
        .ok_or_else(|| ErrorReply::invalid("PartyA"))?;
    if field(body, "PartyB").as_deref() != Some(credentials.paid_number()) {
        return Err(ErrorReply::invalid("PartyB"));
    }
    let phone_number = field(body, "PhoneNumber")
        .filter(|number| *number == payer)
        .ok_or_else(|| ErrorReply::invalid("PhoneNumber"))?;
    let callback_url = field(body, "CallBackURL")
        .filter(|url| is_callback_url(url))
        .ok_or_else(|| ErrorReply::invalid("CallBackURL"))?;
    let is_fitting =
        |text: &String, max: usize| text.chars().count() <= max && !text.contains(['&', '<', '>', '"', '\'']);
    let account_reference = field(body, "AccountReference")
        .filter(|text| !text.trim().is_empty() && is_fitting(text, ACCOUNT_REFERENCE_MAX));
    let account_reference = account_reference.ok_or_else(|| ErrorReply::invalid("AccountReference"))?;
    if field(body, "TransactionDesc").is_some_and(|text| !is_fitting(&text, TRANSACTION_DESC_MAX)) {
        return Err(ErrorReply::invalid("TransactionDesc"));
    }
    Ok(NewPrompt { phone_number, shillings, account_reference, callback_url })
}

/// Whether the number has the form `254[17]XXXXXXXX`.
fn is_phone_number(text: &str) -> bool {
    is_digits(text, 12..=12) && (text.starts_with("2547") || text.starts_with("2541"))
}
