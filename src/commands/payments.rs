//! `ligisoo payments`: what an operator looks up when a customer calls.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::bail;
use chrono::{DateTime, TimeDelta, Utc};
use clap::{Args, Subcommand};
use serde::Serialize;

use super::output::print;
use super::statement;
use crate::daraja::{Client, Credentials};
use crate::payments::manual::Operator;
use crate::payments::service::Parts;
use crate::payments::store;
use crate::payments::store::events::Event;
use crate::payments::store::lists::{self, Which};
use crate::payments::{Payment, Payments, PushState, Status, reconciler};
use crate::platform::clock::{Clock, rfc3339};
use crate::platform::db::Db;
use crate::platform::money_mode;
use crate::platform::random::Random;
use crate::platform::settings::{Money, MpesaAccount, Settings};
use crate::types::{AppError, PaymentId, TipId};

const LIST_DEFAULT: i64 = 50;

#[derive(Subcommand)]
pub enum PaymentsCommand {
    /// The newest payments, or those that want somebody.
    List {
        /// Those that a person must look at, also because their buyer typed the code of an M-Pesa SMS.
        #[arg(long, group = "which")]
        review: bool,
        /// Those whose money is owed to the payer.
        #[arg(long, group = "which")]
        owed: bool,
        /// Those that are still pending after a day: Safaricom has not told.
        #[arg(long, group = "which")]
        unresolved: bool,
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
    /// You have seen the money in the M-Pesa portal: settle the payment, or confirm it.
    Settle {
        id: PaymentId,
        #[arg(long)]
        receipt: String,
        #[command(flatten)]
        says: OperatorArguments,
    },
    /// You have made sure that no money came: end the payment.
    Fail {
        id: PaymentId,
        #[command(flatten)]
        says: OperatorArguments,
    },
    /// You have looked at a payment that has ended, or at what its buyer claims: it stays as it is.
    ClearReview {
        id: PaymentId,
        #[command(flatten)]
        says: OperatorArguments,
    },
    /// You have sent a debt back to the number that paid.
    Refunded {
        id: PaymentId,
        #[arg(long)]
        receipt: String,
        #[arg(long)]
        by: String,
    },
    /// Ask Safaricom once about every payment that is due.
    Reconcile,
    /// Compare the M-Pesa portal's statement (CSV) with our books, and settle what it proves.
    Import {
        file: PathBuf,
        /// The statement lists everything from this time on (RFC 3339) …
        #[arg(long, requires = "complete_until")]
        complete_from: Option<DateTime<Utc>>,
        /// … until this time: what it does not list did not come.
        #[arg(long, requires = "complete_from")]
        complete_until: Option<DateTime<Utc>>,
        #[arg(long)]
        json: bool,
    },
    /// Tell Safaricom where to confirm payments (C2B); needs `MPESA_C2B_TOKEN`.
    RegisterC2b,
}

/// Who says it, and why.
#[derive(Args)]
pub struct OperatorArguments {
    #[arg(long)]
    by: String,
    #[arg(long)]
    reason: String,
}

/// A payment for people at the desk.
#[derive(Serialize)]
struct ReviewLine {
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

impl From<Payment> for ReviewLine {
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

pub async fn run(command: PaymentsCommand, db: &Db, settings: &Settings) -> anyhow::Result<()> {
    money_mode::check_money(db, settings.money.is_live()).await?;
    match command {
        PaymentsCommand::List { review, owed, unresolved, limit, json } => {
            let which = match (review, owed, unresolved) {
                (true, ..) => Which::Review,
                (_, true, _) => Which::Owed,
                (.., true) => Which::Unresolved,
                _ => Which::All,
            };
            list(db, which, limit.clamp(1, 10_000), json).await
        }
        PaymentsCommand::Show { id, json } => show(db, &id, json).await,
        PaymentsCommand::Settle { id, receipt, says } => {
            engine(db, settings)?
                .vouch(id, &receipt, &Operator::new(&says.by, &says.reason)?)
                .await
                .map_err(AppError::from)?;
            show(db, &id.to_string(), false).await
        }
        PaymentsCommand::Fail { id, says } => {
            engine(db, settings)?
                .end_unpaid(id, &Operator::new(&says.by, &says.reason)?)
                .await
                .map_err(AppError::from)?;
            show(db, &id.to_string(), false).await
        }
        PaymentsCommand::ClearReview { id, says } => {
            engine(db, settings)?
                .clear_review(id, &Operator::new(&says.by, &says.reason)?)
                .await
                .map_err(AppError::from)?;
            show(db, &id.to_string(), false).await
        }
        PaymentsCommand::Refunded { id, receipt, by } => {
            engine(db, settings)?
                .refunded(id, &receipt, &Operator::new(&by, "sent back")?)
                .await
                .map_err(AppError::from)?;
            show(db, &id.to_string(), false).await
        }
        PaymentsCommand::Reconcile => reconcile(engine(db, settings)?).await,
        PaymentsCommand::Import { file, complete_from, complete_until, json } => {
            let complete = complete_from.zip(complete_until);
            if complete.is_some_and(|(_, until)| until > Clock::System.now()) {
                bail!("no statement is complete until a time that is not over");
            }
            if complete.is_some()
                && matches!(&settings.money, Money::Live(live) if matches!(live.account, MpesaAccount::Till { .. }))
            {
                bail!(
                    "a till's statement names no account reference, so what it does not list proves nothing"
                );
            }
            statement::import(&engine(db, settings)?, db, &file, complete, json).await
        }
        PaymentsCommand::RegisterC2b => {
            if !engine(db, settings)?.register_c2b().await? {
                bail!("set MPESA_C2B_TOKEN first: the address holds it");
            }
            println!("Safaricom will confirm payments to us");
            Ok(())
        }
    }
}

/// The engine, without a server around it.
fn engine(db: &Db, settings: &Settings) -> anyhow::Result<Payments> {
    let clock = Clock::System;
    let (base, credentials, callback_base) = match &settings.money {
        Money::Live(live) => {
            (live.environment.base_url().parse()?, Credentials::from(live), live.callback_base.clone())
        }
        Money::Simulated(simulated) => {
            let url =
                simulated.url.clone().map_or_else(|| format!("http://{}", simulated.addr).parse(), Ok)?;
            (url, Credentials::simulator(), settings.site_url.clone())
        }
    };
    Ok(Payments::new(Parts {
        db: db.clone(),
        daraja: Arc::new(Client::new(base, credentials, clock.clone())?),
        clock,
        random: Random::System,
        secret_key: settings.open_secret_key(&Random::System)?,
        rules: settings.rules.clone(),
        limits: settings.limits.clone(),
        callbacks: settings.callbacks.clone(),
        callback_base,
        is_live: settings.money.is_live(),
    }))
}

/// Works like the server's own loop, until nothing is due; refuses while a server holds the lease.
async fn reconcile(payments: Payments) -> anyhow::Result<()> {
    let asked = reconciler::run_once(payments).await.map_err(AppError::from)?;
    match asked {
        Some(asked) => println!("asked Safaricom about {asked} payments"),
        None => bail!("a server is reconciling already (it holds the lease): it asks by itself"),
    }
    Ok(())
}

async fn list(db: &Db, which: Which, limit: i64, json: bool) -> anyhow::Result<()> {
    let day_ago = Clock::System.now() - TimeDelta::hours(24);
    let lines: Vec<ReviewLine> =
        lists::list(db, which, day_ago, limit).await?.into_iter().map(ReviewLine::from).collect();
    if json {
        return print(&lines, true);
    }
    for line in &lines {
        let (outcome, receipt) =
            (line.outcome.as_deref().unwrap_or("-"), line.mpesa_receipt_number.as_deref().unwrap_or("-"));
        let (created_at, id, tip, amount, status) =
            (&line.created_at, line.payment_id, line.tip_id, &line.amount, line.status.as_str());
        println!(
            "{created_at} {id} tip {tip} KES {amount} {status} {outcome} {receipt} {}",
            line.review_reason.as_deref().unwrap_or(if which == Which::Review { "claimed" } else { "" })
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
    let Some(payment) = found else {
        bail!("there is no payment with this id, CheckoutRequestID or receipt")
    };
    let events = crate::payments::store::events::events(db, payment.id).await?;
    print(&ReviewLine { events: Some(events), ..ReviewLine::from(payment) }, json)
}
