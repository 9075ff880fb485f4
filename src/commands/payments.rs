//! `ligisoo payments`: what an operator looks up when a customer calls, and what they do about a payment.

use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};
use clap::{Args, Subcommand};
use leptos::config::LeptosOptions;
use serde::Serialize;

use super::exit::Exit;
use super::output::print;
use super::statement;
use crate::context::Foundation;
use crate::payments::events::Event;
use crate::payments::manual::Operator;
use crate::payments::store;
use crate::payments::store::lists::{self, Which};
use crate::payments::{Outcome, Payment, Payments, PushState, Refusal, ReviewReason, Status, reconciler};
use crate::platform::clock::{Clock, rfc3339};
use crate::platform::db::Db;
use crate::platform::money_mode;
use crate::platform::settings::{Money, MpesaAccount, Settings};
use crate::types::{AppError, PaymentId, TipId};

const LIST_DEFAULT: i64 = 50;

/// What is done about payments.
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
    outcome: Option<Outcome>,
    review_reason: Option<ReviewReason>,
    push: PushState,
    amount: String,
    phone_number: String,
    account_reference: String,
    checkout_request_id: Option<String>,
    merchant_request_id: Option<String>,
    mpesa_receipt_number: Option<String>,
    result_code: Option<String>,
    refusal: Option<Refusal>,
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
            amount: payment.price.to_decimal_string(),
            phone_number: payment.msisdn.to_string(),
            account_reference: payment.account_reference,
            checkout_request_id: payment.checkout_request_id,
            merchant_request_id: payment.merchant_request_id,
            mpesa_receipt_number: payment.receipt,
            result_code: payment.result_code,
            refusal: payment.refusal,
            created_at: rfc3339(payment.pushed_at),
            ended_at: payment.ended_at.map(rfc3339),
            events: None,
        }
    }
}

/// Does what the command says, on a database of this kind of money.
///
/// # Errors
/// An error if the database holds the other kind of money, if there is no such payment, if the service
/// refuses, or if Safaricom or the database does not answer.
pub async fn run(
    command: PaymentsCommand,
    db: Db,
    settings: Settings,
    leptos: LeptosOptions,
) -> anyhow::Result<Exit> {
    money_mode::check_money(&db, settings.money.is_live()).await?;
    match command {
        PaymentsCommand::List { review, owed, unresolved, limit, json } => {
            let which = match (review, owed, unresolved) {
                (true, ..) => Which::Review,
                (_, true, _) => Which::Owed,
                (.., true) => Which::Unresolved,
                _ => Which::All,
            };
            list(&db, which, limit.clamp(1, 10_000), json).await?;
        }
        PaymentsCommand::Show { id, json } => show(&db, &id, json).await?,
        command => {
            let payments = Foundation::for_command(settings.clone(), leptos, db.clone())?.payments();
            return act(command, &payments, &db, &settings).await;
        }
    }
    Ok(Exit::Right)
}

/// The commands that change something or ask Safaricom.
async fn act(
    command: PaymentsCommand,
    payments: &Payments,
    db: &Db,
    settings: &Settings,
) -> anyhow::Result<Exit> {
    match command {
        PaymentsCommand::List { .. } | PaymentsCommand::Show { .. } => {}
        PaymentsCommand::Settle { id, receipt, says } => {
            payments
                .vouch(id, &receipt, &Operator::new(&says.by, &says.reason)?)
                .await
                .map_err(AppError::from)?;
            show(db, &id.to_string(), false).await?;
        }
        PaymentsCommand::Fail { id, says } => {
            payments.end_unpaid(id, &Operator::new(&says.by, &says.reason)?).await.map_err(AppError::from)?;
            show(db, &id.to_string(), false).await?;
        }
        PaymentsCommand::ClearReview { id, says } => {
            payments
                .clear_review(id, &Operator::new(&says.by, &says.reason)?)
                .await
                .map_err(AppError::from)?;
            show(db, &id.to_string(), false).await?;
        }
        PaymentsCommand::Refunded { id, receipt, by } => {
            payments
                .refunded(id, &receipt, &Operator::new(&by, "sent back")?)
                .await
                .map_err(AppError::from)?;
            show(db, &id.to_string(), false).await?;
        }
        PaymentsCommand::Reconcile => reconcile(payments.clone()).await?,
        PaymentsCommand::Import { file, complete_from, complete_until, json } => {
            let complete = complete_from.zip(complete_until);
            if complete.is_some_and(|(_, until)| until > Clock::system().now()) {
                return Err(Exit::Usage.because("no statement is complete until a time that is not over"));
            }
            if complete.is_some()
                && matches!(&settings.money, Money::Live(live) if matches!(live.account, MpesaAccount::Till { .. }))
            {
                return Err(Exit::Usage.because(
                    "a till's statement names no account reference, so what it does not list proves nothing",
                ));
            }
            return statement::import(payments, db, &file, complete, json).await;
        }
        PaymentsCommand::RegisterC2b => {
            if !payments.register_c2b().await? {
                return Err(Exit::Usage.because("set MPESA_C2B_TOKEN first: the address holds it"));
            }
            println!("Safaricom will confirm payments to us");
        }
    }
    Ok(Exit::Right)
}

/// Works like the server's own loop until nothing is due. It refuses while a server holds the lease.
async fn reconcile(payments: Payments) -> anyhow::Result<()> {
    let asked = reconciler::run_once(payments).await.map_err(AppError::from)?;
    match asked {
        Some(asked) => println!("asked Safaricom about {asked} payments"),
        None => {
            return Err(Exit::CannotTell.because(
                "a server is reconciling already (it holds the lease) and asks by itself, or this machine's \
                    clock is over 2 s from the database's",
            ));
        }
    }
    Ok(())
}

async fn list(db: &Db, which: Which, limit: i64, json: bool) -> anyhow::Result<()> {
    let day_ago = Clock::system().now() - TimeDelta::hours(24);
    let lines: Vec<ReviewLine> =
        lists::list(db, which, day_ago, limit).await?.into_iter().map(ReviewLine::from).collect();
    if json {
        return print(&lines, true);
    }
    // A payment in this list without a reason of ours is there because its buyer claims to have paid.
    let unmarked = if which == Which::Review { "claimed" } else { "" };
    for line in &lines {
        let (outcome, receipt) =
            (line.outcome.map_or("-", Outcome::as_str), line.mpesa_receipt_number.as_deref().unwrap_or("-"));
        let (created_at, id, tip, amount, status) =
            (&line.created_at, line.payment_id, line.tip_id, &line.amount, line.status.as_str());
        println!(
            "{created_at} {id} tip {tip} KES {amount} {status} {outcome} {receipt} {}",
            line.review_reason.map_or(unmarked, ReviewReason::as_str)
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
        return Err(Exit::Wrong.because("there is no payment with this id, CheckoutRequestID or receipt"));
    };
    let events = crate::payments::events::events(db, payment.id).await?;
    print(&ReviewLine { events: Some(events), ..ReviewLine::from(payment) }, json)
}
