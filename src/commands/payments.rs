//! `ligisoo payments`: what an operator looks up when a customer calls.

use anyhow::bail;
use clap::Subcommand;
use serde::Serialize;

use super::print;
use crate::payments::store::{self, Event};
use crate::payments::{Payment, PushState, Status};
use crate::platform::clock::rfc3339;
use crate::platform::db::Db;
use crate::types::{PaymentId, TipId};

const LIST_DEFAULT: i64 = 50;

#[derive(Subcommand)]
pub enum PaymentsCommand {
    /// The newest payments.
    List {
        #[arg(long, default_value_t = LIST_DEFAULT)]
        limit: i64,
        #[arg(long)]
        json: bool,
    },
    /// One payment with everything we know of it.
    Show {
        /// Our id, Safaricom's CheckoutRequestID, or the M-Pesa receipt.
        id: String,
        #[arg(long)]
        json: bool,
    },
}

/// A payment for people at the desk.
#[derive(Serialize)]
struct Line {
    payment_id: PaymentId,
    tip_id: TipId,
    status: Status,
    outcome: Option<String>,
    review_reason: Option<String>,
    push: PushState,
    amount: String,
    phone_number: String,
    account_reference: String,
    checkout_request_id: Option<String>,
    merchant_request_id: Option<String>,
    mpesa_receipt_number: Option<String>,
    result_code: Option<String>,
    created_at: String,
    ended_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    events: Option<Vec<Event>>,
}

impl From<Payment> for Line {
    fn from(payment: Payment) -> Self {
        Self {
            payment_id: payment.id,
            tip_id: payment.tip_id,
            status: payment.status,
            outcome: payment.outcome,
            review_reason: payment.review_reason,
            push: payment.push,
            amount: payment.price_cents.to_decimal_string(),
            phone_number: payment.msisdn.to_string(),
            account_reference: payment.account_reference,
            checkout_request_id: payment.checkout_request_id,
            merchant_request_id: payment.merchant_request_id,
            mpesa_receipt_number: payment.receipt,
            result_code: payment.result_code,
            created_at: rfc3339(payment.pushed_at),
            ended_at: payment.ended_at.map(rfc3339),
            events: None,
        }
    }
}

pub async fn run(command: PaymentsCommand, db: &Db) -> anyhow::Result<()> {
    match command {
        PaymentsCommand::List { limit, json } => list(db, limit.clamp(1, 10_000), json).await,
        PaymentsCommand::Show { id, json } => show(db, &id, json).await,
    }
}

async fn list(db: &Db, limit: i64, json: bool) -> anyhow::Result<()> {
    let lines: Vec<Line> = store::list(db, limit).await?.into_iter().map(Line::from).collect();
    if json {
        return print(&lines, true);
    }
    for line in &lines {
        let outcome = line.outcome.as_deref().unwrap_or("-");
        let receipt = line.mpesa_receipt_number.as_deref().unwrap_or("-");
        println!(
            "{} {} tip {} KES {} {} {outcome} {receipt}",
            line.created_at,
            line.payment_id,
            line.tip_id,
            line.amount,
            line.status.as_str()
        );
    }
    Ok(())
}

async fn show(db: &Db, id: &str, json: bool) -> anyhow::Result<()> {
    let mut found = match id.parse::<PaymentId>() {
        Ok(id) => store::by_id(db, id).await?,
        Err(_) => store::by_checkout_request_id(db, id).await?,
    };
    if found.is_none() {
        found = store::by_receipt(db, &id.to_ascii_uppercase()).await?;
    }
    let Some(payment) = found else { bail!("there is no payment with this id, CheckoutRequestID or receipt") };
    let events = store::events(db, payment.id).await?;
    print(&Line { events: Some(events), ..Line::from(payment) }, json)
}
