//! C2B (daraja §5.2): registers addresses, pays by hand after validation was asked, and gives the statement of all that came in.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::deliveries::{Delivery, DeliveryKind};
use super::fault::Endpoint;
use super::ids;
use super::message::confirmation_body;
use super::received::{Received, Registered, statement};
use super::reply::{ErrorReply, Problem};
use super::request::{AMOUNT_MAX, field, is_callback_url, msisdn, parse, read};
use super::state::SimulatorState;
use super::world::TooLittle;
use crate::types::Kes;

/// The words that Safaricom's filter refuses in these addresses (daraja §6).
const FILTERED_WORDS: [&str; 8] = ["mpesa", "m-pesa", "safaricom", "exe", "cmd", "sql", "query", "exec"];
/// The most characters that a payer can type as a reference.
const REFERENCE_MAX_CHARS: usize = 20;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct RegisteredBody {
    /// Safaricom's own spelling.
    #[serde(rename = "OriginatorCoversationID")]
    conversation_id: String,
    response_code: &'static str,
    response_description: &'static str,
}

#[derive(Deserialize)]
struct HandBody {
    amount: String,
    #[serde(default)]
    account_reference: String,
}

pub(super) async fn register(
    State(shared): State<Arc<SimulatorState>>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response {
    let plan = shared.plan(Endpoint::Register, &bytes);
    let answer = plan
        .instead_of(|| remember(&shared, &headers, &bytes).unwrap_or_else(|refusal| shared.refuse(&refusal)));
    plan.send(&shared, answer).await
}

fn remember(shared: &SimulatorState, headers: &HeaderMap, bytes: &[u8]) -> Result<Response, ErrorReply> {
    shared.check_token(headers)?;
    let body = parse(bytes)?;
    let short_code =
        field(&body, "ShortCode").filter(|code| code == shared.credentials.business_short_code());
    let short_code = short_code.ok_or_else(|| ErrorReply::invalid("ShortCode"))?;
    let is_refusing_unanswered = match field(&body, "ResponseType").as_deref() {
        Some("Completed") => false,
        Some("Cancelled") => true,
        _ => return Err(ErrorReply::invalid("ResponseType")),
    };
    let url = |name: &str| {
        let is_clean =
            |url: &String| !FILTERED_WORDS.iter().any(|word| url.to_ascii_lowercase().contains(word));
        field(&body, name)
            .filter(|url| is_callback_url(url) && is_clean(url))
            .ok_or_else(|| ErrorReply::invalid(name))
    };
    let (confirmation_url, validation_url) = (url("ConfirmationURL")?, url("ValidationURL")?);
    shared.world().registered =
        Some(Registered { short_code, confirmation_url, validation_url, is_refusing_unanswered });
    shared.changed.notify_one();
    let conversation_id = ids::request_id(&shared.random);
    Ok(axum::Json(RegisteredBody { conversation_id, response_code: "0", response_description: "Success" })
        .into_response())
}

/// Asks the validation address, if one is registered, whether the short code takes this money.
async fn is_taken(shared: &SimulatorState, phone_number: &str, amount: Kes, reference: &str) -> bool {
    let Some(registered) = shared.world().registered.clone() else { return true };
    let asked = Received {
        receipt: ids::receipt(shared.clock.now(), &shared.random),
        at: shared.clock.now(),
        phone_number: phone_number.to_owned(),
        cents: amount.cents(),
        account_reference: reference.to_owned(),
    };
    let question = Delivery {
        kind: DeliveryKind::Validation,
        url: registered.validation_url,
        body: confirmation_body(&asked, &registered.short_code, 0),
        phone_number: asked.phone_number,
        wait: None,
        is_lost: false,
    };
    let answer = shared.post(question).await.and_then(|said| serde_json::from_slice::<Value>(&said).ok());
    match answer.and_then(|answer| field(&answer, "ResultCode")) {
        Some(code) => code == "0",
        None => !registered.is_refusing_unanswered,
    }
}

/// Pays the short code from the M-Pesa menu of a phone, without a push.
pub(super) async fn pay_by_hand(
    State(shared): State<Arc<SimulatorState>>,
    Path(phone_number): Path<String>,
    bytes: Bytes,
) -> Result<Response, Problem> {
    let phone_number = msisdn(&phone_number)?;
    let body: HandBody = read(&bytes)?;
    let amount = body
        .amount
        .parse::<Kes>()
        .ok()
        .filter(|amount| amount.whole_shillings().is_some_and(|it| (1..=AMOUNT_MAX).contains(&it)));
    let amount =
        amount.ok_or_else(|| Problem::bad_request("amount must be text like \"50\", from 1 to 250000"))?;
    let reference = body.account_reference.trim();
    if reference.chars().count() > REFERENCE_MAX_CHARS || reference.contains(char::is_control) {
        return Err(Problem::bad_request("account_reference has at most 20 characters"));
    }
    if !is_taken(&shared, phone_number.as_str(), amount, reference).await {
        return Err(Problem::conflict("the short code does not take this payment"));
    }
    let paid = shared.world().pay_by_hand(
        phone_number.as_str(),
        amount,
        reference,
        shared.clock.now(),
        &shared.random,
    );
    shared.changed.notify_one();
    match paid {
        Ok((received, batches)) => {
            shared.deliver(batches);
            Ok(axum::Json(json!({ "receipt": received.receipt })).into_response())
        }
        Err(TooLittle) => Err(Problem::conflict("there is too little money on this phone")),
    }
}

pub(super) async fn show_statement(State(shared): State<Arc<SimulatorState>>) -> Response {
    let received = shared.world().received().to_vec();
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"statement.csv\""),
    ];
    match statement(&received) {
        Ok(csv) => (headers, csv).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
