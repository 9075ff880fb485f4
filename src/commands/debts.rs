//! Debts, as people at the desk name and list them.

use clap::Args;
use serde::Serialize;
use uuid::Uuid;

use super::output::print;
use crate::payments::refund::{DebtOf, WhichDebt};
use crate::platform::clock::rfc3339;
use crate::platform::db::Db;
use crate::refunds::store;
use crate::refunds::{DebtReason, DebtStatus, KnownDebt};
use crate::types::PaymentId;

/// Which debt of a payment, where several are open.
#[derive(Args)]
#[group(multiple = false)]
pub struct DebtArguments {
    /// That of the money which came under this receipt.
    #[arg(long, value_name = "RECEIPT")]
    of: Option<String>,
    /// That with this id.
    #[arg(long, value_name = "ID")]
    debt: Option<Uuid>,
}

impl DebtArguments {
    /// The debt of this payment that they name; the id may be that of a debt which is of no payment.
    pub fn of(self, payment: PaymentId) -> DebtOf {
        let by_receipt = self.of.map(|receipt| WhichDebt::Receipt(receipt.to_ascii_uppercase()));
        let which = self.debt.map(WhichDebt::Id).or(by_receipt).unwrap_or(WhichDebt::Only);
        DebtOf { id: payment.0, which }
    }
}

/// A debt for people at the desk.
#[derive(Serialize)]
struct DebtLine {
    debt_id: Uuid,
    payment_id: Option<PaymentId>,
    /// The receipt under which the money came.
    receipt: Option<String>,
    amount: String,
    /// The number that surely paid; without it, whoever paid the receipt.
    phone_number: Option<String>,
    status: DebtStatus,
    reason: DebtReason,
    due_at: String,
}

impl From<KnownDebt> for DebtLine {
    fn from(debt: KnownDebt) -> Self {
        Self {
            debt_id: debt.id,
            payment_id: debt.payment_id,
            receipt: debt.receipt,
            amount: debt.owed.to_decimal_string(),
            phone_number: debt.msisdn.map(|number| number.to_string()),
            status: debt.status,
            reason: debt.reason,
            due_at: rfc3339(debt.due_at),
        }
    }
}

/// Prints the debt of this id; whether there is one.
///
/// # Errors
/// A database error.
pub async fn show(db: &Db, id: Uuid, json: bool) -> anyhow::Result<bool> {
    let Some(debt) = store::find(db, id).await? else { return Ok(false) };
    print(&DebtLine::from(debt), json)?;
    Ok(true)
}

/// Prints what is owed to payers, a line for each debt, the first due date first.
///
/// # Errors
/// A database error.
pub async fn list(db: &Db, limit: i64, json: bool) -> anyhow::Result<()> {
    let lines: Vec<DebtLine> = store::unpaid(db, limit).await?.into_iter().map(DebtLine::from).collect();
    if json {
        return print(&lines, true);
    }
    for line in &lines {
        let payment = line.payment_id.map_or_else(|| "-".to_owned(), |payment| payment.to_string());
        let payer = line.phone_number.as_deref().unwrap_or("whoever paid");
        println!(
            "{} {} payment {payment} KES {} {} {} to {payer} {}",
            line.due_at,
            line.debt_id,
            line.amount,
            line.status,
            line.reason,
            line.receipt.as_deref().unwrap_or("-"),
        );
    }
    Ok(())
}
