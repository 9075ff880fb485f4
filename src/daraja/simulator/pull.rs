//! Pull Transactions (daraja §5.2): what reached the short code in the last 48 hours, a hundred at a time.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::fault::Endpoint;
use super::ids;
use super::received::Received;
use super::reply::ErrorReply;
use super::request::{field, is_callback_url, is_digits, parse};
use super::state::SimulatorState;
use crate::platform::clock::{from_nairobi, nairobi};
use crate::types::Kes;

/// Older transactions are not told.
const TOLD_FOR: TimeDelta = TimeDelta::hours(48);
const PAGE: usize = 100;
const OFFSET_DIGITS: std::ops::RangeInclusive<usize> = 1..=7;

pub(super) async fn register(
    State(shared): State<Arc<SimulatorState>>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response {
    let plan = shared.plan(Endpoint::Register, &bytes);
    let answer = plan.instead_of(|| match check(&shared, &headers, &bytes) {
        Ok(short_code) => axum::Json(json!({
            "ResponseRefID": ids::request_id(&shared.random),
            "Response Status": "1000",
            "ShortCode": short_code,
            "Response Description": "ShortCode registered successfully",
        }))
        .into_response(),
        Err(refusal) => shared.refuse(&refusal),
    });
    plan.send(&shared, answer).await
}

fn check(shared: &SimulatorState, headers: &HeaderMap, bytes: &[u8]) -> Result<String, ErrorReply> {
    shared.check_token(headers)?;
    let body = parse(bytes)?;
    if field(&body, "RequestType").as_deref() != Some("Pull") {
        return Err(ErrorReply::invalid("RequestType"));
    }
    let is_number = |number: &String| is_digits(number, 12..=12) && number.starts_with("254");
    field(&body, "NominatedNumber")
        .filter(is_number)
        .ok_or_else(|| ErrorReply::invalid("NominatedNumber"))?;
    let url = field(&body, "CallBackURL").filter(|url| is_callback_url(url));
    url.ok_or_else(|| ErrorReply::invalid("CallBackURL"))?;
    own_short_code(shared, &body)
}

pub(super) async fn pull(
    State(shared): State<Arc<SimulatorState>>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response {
    let plan = shared.plan(Endpoint::Pull, &bytes);
    let answer =
        plan.instead_of(|| find(&shared, &headers, &bytes).unwrap_or_else(|refusal| shared.refuse(&refusal)));
    plan.send(&shared, answer).await
}

fn find(shared: &SimulatorState, headers: &HeaderMap, bytes: &[u8]) -> Result<Response, ErrorReply> {
    shared.check_token(headers)?;
    let body = parse(bytes)?;
    own_short_code(shared, &body)?;
    let moment = |name: &str| {
        let text = field(&body, name).unwrap_or_default();
        let at = NaiveDateTime::parse_from_str(&text, "%Y-%m-%d %H:%M:%S");
        at.ok().and_then(from_nairobi).ok_or_else(|| ErrorReply::invalid(name))
    };
    let (from, until) = (moment("StartDate")?, moment("EndDate")?);
    let offset = field(&body, "OffSetValue").filter(|offset| is_digits(offset, OFFSET_DIGITS));
    let offset = offset.and_then(|offset| offset.parse::<usize>().ok());
    let offset = offset.ok_or_else(|| ErrorReply::invalid("OffSetValue"))?;
    let from = from.max(shared.clock.now() - TOLD_FOR);
    let is_in = |received: &&Received| (from..=until).contains(&received.at);
    let page: Vec<Value> =
        shared.world().received().iter().filter(is_in).skip(offset).take(PAGE).map(transaction).collect();
    let (code, message) = if page.is_empty() { ("1001", "No transactions") } else { ("1000", "Success") };
    Ok(axum::Json(json!({
        "ResponseRefID": ids::request_id(&shared.random),
        "ResponseCode": code,
        "ResponseMessage": message,
        "Response": if page.is_empty() { json!([]) } else { json!([page]) },
    }))
    .into_response())
}

fn own_short_code(shared: &SimulatorState, body: &Value) -> Result<String, ErrorReply> {
    let own = |code: &String| code == shared.credentials.business_short_code();
    field(body, "ShortCode").filter(own).ok_or_else(|| ErrorReply::invalid("ShortCode"))
}

/// A payment as Safaricom writes it: the time of Nairobi with the letter of another, the number as a number.
fn transaction(received: &Received) -> Value {
    let at: DateTime<Utc> = received.at;
    json!({
        "transactionId": received.receipt,
        "trxDate": nairobi(at).format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "msisdn": received.phone_number.parse::<u64>().unwrap_or_default(),
        "sender": "MPESA",
        "transactiontype": "c2b-pay-bill-debit",
        "billreference": received.account_reference,
        "amount": Kes::from_cents(received.cents).to_decimal_string(),
        "organizationname": "LIGISOO",
    })
}
