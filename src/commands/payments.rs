//! `ligisoo payments`: what an operator looks up when a customer calls, and what they do about a payment.

use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};
use clap::{Args, Subcommand};
use leptos::config::LeptosOptions;
use serde::Serialize;

use super::bodies;
use super::debts::{self, DebtArguments};
use super::exit::Exit;
use super::operator::operator;
use super::output::print;
use super::statement::{self, Import};
use super::suspense;
use crate::audit::Operator;
use crate::context::Foundation;
use crate::payments::events::Event;
use crate::payments::store;
use crate::payments::store::lists::{self, Which};
use crate::payments::{Outcome, Payment, Payments, PushState, Refusal, ReviewReason, Status, reconciler};
use crate::platform::clock::{Clock, rfc3339};
use crate::platform::db::Db;
use crate::platform::money_mode::{self, MoneyMode, Remembered};
use crate::platform::settings::{Money, MpesaAccount, Settings};
use crate::types::{AppError, CallbackId, Kes, Msisdn, PaymentId, PersonId, TipId};

const LIST_DEFAULT: i64 = 50;

/// What is done about payments.
#[derive(Subcommand)]
pub enum PaymentsCommand {
    /// The newest payments, or those that want somebody.
    List {
        /// Those that a person must look at, also because their buyer typed the code of an M-Pesa SMS.
        #[arg(long, group = "which")]
        review: bool,
        /// What is owed to payers: a line for each debt.
        #[arg(long, group = "which")]
        owed: bool,
        /// Those that are still pending after a day: Safaricom has not told.
        #[arg(long, group = "which")]
        unresolved: bool,
        /// Money that has no place yet, by its receipt.
        #[arg(long, group = "which")]
        suspense: bool,
        /// Confirmations of Safaricom that could not be read: money that is booked nowhere.
        #[arg(long, group = "which")]
        unreadable: bool,
        #[arg(long, default_value_t = LIST_DEFAULT)]
        limit: i64,
        #[arg(long)]
        json: bool,
    },
    /// One payment with everything we know of it, or a body that could not be read.
    Show {
        /// Our id, Safaricom's CheckoutRequestID, the M-Pesa receipt, or the id of a body.
        id: String,
        #[arg(long)]
        json: bool,
    },
    /// You have seen the money in the M-Pesa portal: settle the payment, or confirm it.
    Settle {
        id: PaymentId,
        #[arg(long)]
        receipt: String,
        /// How much came under the receipt, in KES, as in `50` or `50.00`.
        #[arg(long)]
        amount: Kes,
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
    /// You agree, as the second person, that what is owed for a payment is sent back by hand.
    ApproveRefund {
        /// The payment, or the debt if it is of none.
        id: PaymentId,
        #[command(flatten)]
        debt: DebtArguments,
        #[command(flatten)]
        says: OperatorArguments,
    },
    /// You have sent a debt back to the number that paid. A large one needs a second person's approval.
    Refunded {
        /// The payment, or the debt if it is of none.
        id: PaymentId,
        /// The M-Pesa receipt of what you sent.
        #[arg(long)]
        receipt: String,
        #[command(flatten)]
        debt: DebtArguments,
        /// Your own number, as a member of staff.
        #[arg(long)]
        by: Msisdn,
        #[arg(long, default_value = "sent back")]
        reason: String,
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
        /// The short code that the statement is of, if the file does not say it.
        #[arg(long)]
        short_code: Option<String>,
        /// Your own number, as a member of staff.
        #[arg(long)]
        by: Msisdn,
        #[arg(long, default_value = "the portal's statement")]
        reason: String,
        #[arg(long)]
        json: bool,
    },
    /// Have Safaricom answer what came in (Pull Transactions), before `MPESA_PULL` is set.
    RegisterPull {
        /// The number that Safaricom knows as the organisation's own.
        #[arg(long)]
        phone: Msisdn,
        /// Your own number, as a member of staff.
        #[arg(long)]
        by: Msisdn,
        #[arg(long, default_value = "Safaricom is to answer what came in")]
        reason: String,
    },
    /// Tell Safaricom where to confirm payments (C2B); needs `MPESA_C2B_TOKEN`.
    RegisterC2b {
        /// Your own number, as a member of staff.
        #[arg(long)]
        by: Msisdn,
        #[arg(long, default_value = "Safaricom is to confirm payments")]
        reason: String,
    },
}

/// Who says it, and why.
#[derive(Args)]
pub struct OperatorArguments {
    /// Your own number, as a member of staff. You are asked for your password, or it is read from
    /// `STAFF_PASSWORD_FILE`; without it, it is the shell's word.
    #[arg(long)]
    by: Msisdn,
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
    /// The first two people who surely vouched for it.
    proven_operators: Vec<PersonId>,
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
            proven_operators: payment
                .first_operator_id
                .into_iter()
                .chain(payment.second_operator_id)
                .collect(),
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
    money_mode::check_money(&db, &MoneyMode::from(&settings.money)).await?;
    match command {
        PaymentsCommand::List { suspense: true, limit, json, .. } => {
            suspense::list(&db, limit.clamp(1, 10_000), json).await?;
        }
        PaymentsCommand::List { unreadable: true, limit, json, .. } => {
            bodies::list(&db, limit.clamp(1, 10_000), json).await?;
        }
        PaymentsCommand::List { review, owed, unresolved, limit, json, .. } => {
            let limit = limit.clamp(1, 10_000);
            let which = match (review, owed, unresolved) {
                (_, true, _) => return debts::list(&db, limit, json).await.map(|()| Exit::Right),
                (true, ..) => Which::Review,
                (.., true) => Which::Unresolved,
                _ => Which::All,
            };
            list(&db, which, limit, json).await?;
        }
        PaymentsCommand::Show { id, json } => show(&db, &id, json).await?,
        command => {
            let foundation = Foundation::for_command(settings, leptos, db)?;
            return act(command, &foundation, &foundation.payments()).await;
        }
    }
    Ok(Exit::Right)
}

/// The commands that change something or ask Safaricom.
async fn act(command: PaymentsCommand, on: &Foundation, payments: &Payments) -> anyhow::Result<Exit> {
    let changed = match command {
        PaymentsCommand::List { .. } | PaymentsCommand::Show { .. } => return Ok(Exit::Right),
        PaymentsCommand::Settle { id, receipt, amount, says } => {
            payments.vouch(id, (&receipt, amount), &says.operator(on).await?).await.map(|()| id)
        }
        PaymentsCommand::Fail { id, says } => {
            payments.end_unpaid(id, &says.operator(on).await?).await.map(|()| id)
        }
        PaymentsCommand::ClearReview { id, says } => {
            payments.clear_review(id, &says.operator(on).await?).await.map(|()| id)
        }
        PaymentsCommand::ApproveRefund { id, debt, says } => {
            payments.approve_refund(debt.of(id), &says.operator(on).await?).await.map(|()| id)
        }
        PaymentsCommand::Refunded { id, receipt, debt, by, reason } => {
            let operator = operator(on, &by, &reason).await?;
            payments.refunded(debt.of(id), &receipt, &operator).await.map(|()| id)
        }
        PaymentsCommand::Reconcile => return reconcile(payments.clone()).await.map(|()| Exit::Right),
        PaymentsCommand::Import { file, complete_from, complete_until, short_code, by, reason, json } => {
            let complete = complete_from.zip(complete_until);
            check_completeness(complete, &on.settings.money)?;
            let operator = operator(on, &by, &reason).await?;
            let mut ours = on.short_codes();
            if let Remembered::Known(known) = money_mode::remembered(&on.db).await? {
                ours.extend(known.short_codes);
            }
            let import = Import { file: &file, complete, short_code: short_code.as_deref(), ours: &ours };
            let report = statement::import((payments, &on.db), &import, &operator).await?;
            return statement::show(&report, json);
        }
        PaymentsCommand::RegisterPull { phone, by, reason } => {
            payments.register_pull(&phone, &operator(on, &by, &reason).await?).await?;
            println!("Safaricom will answer what came in; set MPESA_PULL=true");
            return Ok(Exit::Right);
        }
        PaymentsCommand::RegisterC2b { by, reason } => {
            if !payments.register_c2b(&operator(on, &by, &reason).await?).await? {
                return Err(Exit::Usage.because("set MPESA_C2B_TOKEN first: the address holds it"));
            }
            println!("Safaricom will confirm payments to us");
            return Ok(Exit::Right);
        }
    };
    show(&on.db, &changed.map_err(AppError::from)?.to_string(), false).await?;
    Ok(Exit::Right)
}

impl OperatorArguments {
    /// The member of staff who says it.
    pub(super) async fn operator(&self, on: &Foundation) -> anyhow::Result<Operator> {
        operator(on, &self.by, &self.reason).await
    }
}

/// Refuses a time for which no statement can be complete.
fn check_completeness(complete: Option<statement::Span>, money: &Money) -> anyhow::Result<()> {
    if complete.is_some_and(|(_, until)| until > Clock::system().now()) {
        return Err(Exit::Usage.because("no statement is complete until a time that is not over"));
    }
    let is_till = matches!(money, Money::Live(live) if matches!(live.account, MpesaAccount::Till { .. }));
    if complete.is_some() && is_till {
        return Err(Exit::Usage.because(
            "a till's statement names no account reference, so what it does not list proves nothing",
        ));
    }
    Ok(())
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
        if let Some(money) = suspense::find(db, &id.to_ascii_uppercase()).await? {
            return print(&money, json);
        }
        if let Ok(other) = id.parse::<CallbackId>()
            && (bodies::show(db, other, json).await? || debts::show(db, other.0, json).await?)
        {
            return Ok(());
        }
        return Err(Exit::Wrong.because("there is no payment with this id, CheckoutRequestID or receipt"));
    };
    let events = crate::payments::events::events(db, payment.id).await?;
    print(&ReviewLine { events: Some(events), ..ReviewLine::from(payment) }, json)
}
