//! The simulator's own endpoints, which Daraja does not have. Bodies are JSON, whatever the Content-Type is.
//!
//! | endpoint | what it does |
//! |---|---|
//! | `GET /prompts` | the prompts on screens |
//! | `POST /prompts/{checkout_request_id}` `{"answer":"pay","pin":"1234"}` | answers one |
//! | `GET /phones`, `GET /phones/{number}` | wallets and messages |
//! | `PUT /phones/{number}` `{"balance":"100.00"}` | sets what a wallet holds |
//! | `POST /phones/{number}/sms` `{"text":"…"}` | brings a message, such as a one-time code |
//! | `POST /phones/{number}/pay` `{"amount":"50","account_reference":"…"}` | pays by hand, without a push |
//! | `GET /statement.csv` | all payments that came in, as the M-Pesa portal's statement |
//! | `GET`, `POST`, `DELETE /faults` | see [`super::fault`] |
//! | `GET /stats` | counts since the start |
//! | `GET /`, `GET /inspector` | the phones and the inspector in a browser |
//! | `GET /inspector/exchanges?since=0` | the last 200 requests and callbacks |
//!
//! An answer to a prompt is `pay`, `wrong_pin`, `no_money`, `cancel` or `ignore`.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::c2b::{pay_by_hand, show_statement};
use super::fault::{FaultKind, PlannedFault};
use super::phone::{BALANCE_MAX, Phone};
use super::prompt::{OwnerAnswer, Prompt};
use super::reply::Problem;
use super::request::{msisdn, read};
use super::state::SimulatorState;
use super::world::{CannotAnswer, PIN};
use crate::platform::clock::rfc3339;
use crate::types::Kes;

/// How many phones the list holds, the last used first.
const PHONES_LISTED_MAX: usize = 24;
/// The most characters of a message, which are three parts of an SMS.
const SMS_MAX: usize = 480;

#[derive(Serialize)]
struct PromptView {
    checkout_request_id: String,
    phone_number: String,
    /// `"50.00"`.
    amount: String,
    account_reference: String,
    text: String,
    callback_url: String,
}

#[derive(Serialize)]
struct PhoneView {
    phone_number: String,
    /// `"10000.00"`.
    balance: String,
    sms: Vec<MessageView>,
}

#[derive(Serialize)]
struct MessageView {
    at: String,
    text: String,
}

#[derive(Deserialize)]
struct AnswerBody {
    answer: OwnerAnswer,
    /// The PIN that was typed on the phone. A wrong one turns `pay` into `wrong_pin`.
    pin: Option<String>,
}

#[derive(Deserialize)]
struct BalanceBody {
    balance: String,
}

#[derive(Deserialize)]
struct SmsBody {
    text: String,
}

pub(super) fn routes() -> Router<Arc<SimulatorState>> {
    Router::new()
        .route("/prompts", get(list_prompts))
        .route("/prompts/{checkout_request_id}", post(answer_prompt))
        .route("/phones", get(list_phones))
        .route("/phones/{phone_number}", get(show_phone).put(set_balance))
        .route("/phones/{phone_number}/pay", post(pay_by_hand))
        .route("/phones/{phone_number}/sms", post(receive_sms))
        .route("/statement.csv", get(show_statement))
        .route("/faults", get(list_faults).post(plan_fault).delete(clear_faults))
        .route("/stats", get(show_stats))
}

async fn list_prompts(State(shared): State<Arc<SimulatorState>>) -> Response {
    let prompts: Vec<PromptView> = shared.world().open_prompts().into_iter().map(PromptView::of).collect();
    Json(prompts).into_response()
}

async fn answer_prompt(
    State(shared): State<Arc<SimulatorState>>,
    Path(id): Path<String>,
    bytes: Bytes,
) -> Result<Response, Problem> {
    let body: AnswerBody = read(&bytes)?;
    let is_pin_wrong = body.pin.is_some_and(|pin| pin != PIN);
    let answer =
        if body.answer == OwnerAnswer::Pay && is_pin_wrong { OwnerAnswer::WrongPin } else { body.answer };
    match shared.answer(&id, answer) {
        Ok(()) => Ok(Json(json!({ "answer": answer })).into_response()),
        Err(CannotAnswer::NoSuchPrompt) => Err(Problem::not_found("there is no such prompt")),
        Err(CannotAnswer::AlreadyAnswered) => Err(Problem::conflict("this prompt was answered or is over")),
    }
}

async fn list_phones(State(shared): State<Arc<SimulatorState>>) -> Response {
    let world = shared.world();
    let phones: Vec<PhoneView> = world
        .recent_phones(PHONES_LISTED_MAX)
        .into_iter()
        .map(|(number, phone)| PhoneView::of(number, phone))
        .collect();
    Json(phones).into_response()
}

async fn show_phone(
    State(shared): State<Arc<SimulatorState>>,
    Path(phone_number): Path<String>,
) -> Result<Response, Problem> {
    let phone_number = msisdn(&phone_number)?;
    let phone =
        PhoneView::of(phone_number.as_str(), shared.world().phone(phone_number.as_str(), shared.clock.now()));
    Ok(Json(phone).into_response())
}

/// Fills up or empties a wallet, so that a payment can really fail for too little money.
async fn set_balance(
    State(shared): State<Arc<SimulatorState>>,
    Path(phone_number): Path<String>,
    bytes: Bytes,
) -> Result<Response, Problem> {
    let phone_number = msisdn(&phone_number)?;
    let body: BalanceBody = read(&bytes)?;
    let balance =
        body.balance.parse::<Kes>().ok().filter(|balance| (Kes::ZERO..=BALANCE_MAX).contains(balance));
    let balance = balance
        .ok_or_else(|| Problem::bad_request("balance must be text like \"10000.00\", from 0 to 500000.00"))?;
    let view = {
        let mut world = shared.world();
        let phone = world.phone(phone_number.as_str(), shared.clock.now());
        phone.balance_cents = balance.cents();
        PhoneView::of(phone_number.as_str(), phone)
    };
    shared.changed.notify_one();
    Ok(Json(view).into_response())
}

/// Brings a message of the site to a phone.
async fn receive_sms(
    State(shared): State<Arc<SimulatorState>>,
    Path(phone_number): Path<String>,
    bytes: Bytes,
) -> Result<StatusCode, Problem> {
    let phone_number = msisdn(&phone_number)?;
    let body: SmsBody = read(&bytes)?;
    if body.text.chars().count() > SMS_MAX {
        return Err(Problem::bad_request("a message has at most 480 characters"));
    }
    let now = shared.clock.now();
    {
        let mut world = shared.world();
        let phone = world.phone(phone_number.as_str(), now);
        phone.receive(body.text, now);
        phone.seen_at = now;
    }
    shared.changed.notify_one();
    Ok(StatusCode::CREATED)
}

async fn list_faults(State(shared): State<Arc<SimulatorState>>) -> Response {
    Json(shared.world().faults.list()).into_response()
}

async fn plan_fault(State(shared): State<Arc<SimulatorState>>, bytes: Bytes) -> Result<Response, Problem> {
    let mut fault: PlannedFault = read(&bytes)?;
    if let Some(phone_number) = &mut fault.matching.phone_number {
        *phone_number = msisdn(phone_number)?.to_string();
    }
    if let Some(why) = fault.problem() {
        return Err(Problem::bad_request(why));
    }
    if matches!(fault.kind, FaultKind::RevokeToken | FaultKind::ExpireToken) {
        shared.tokens().clear();
        return Ok(Json(fault).into_response());
    }
    if shared.world().faults.plan(fault.clone()) {
        Ok((StatusCode::CREATED, Json(fault)).into_response())
    } else {
        Err(Problem::bad_request("too many faults are planned; DELETE /faults clears them"))
    }
}

async fn clear_faults(State(shared): State<Arc<SimulatorState>>) -> StatusCode {
    let held = shared.world().clear_faults();
    shared.deliver(vec![held]);
    StatusCode::NO_CONTENT
}

async fn show_stats(State(shared): State<Arc<SimulatorState>>) -> Response {
    Json(shared.stats.counts()).into_response()
}

impl PromptView {
    fn of(prompt: &Prompt) -> Self {
        Self {
            checkout_request_id: prompt.checkout_request_id.clone(),
            phone_number: prompt.phone_number.clone(),
            amount: prompt.amount().to_decimal_string(),
            account_reference: prompt.account_reference.clone(),
            text: prompt.text(),
            callback_url: prompt.callback_url.clone(),
        }
    }
}

impl PhoneView {
    fn of(phone_number: &str, phone: &Phone) -> Self {
        let sms = phone
            .messages
            .iter()
            .map(|message| MessageView { at: rfc3339(message.at), text: message.text.clone() });
        Self {
            phone_number: phone_number.to_owned(),
            balance: phone.balance().to_decimal_string(),
            sms: sms.collect(),
        }
    }
}
