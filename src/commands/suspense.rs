//! Money without a place, as operators look at it.

use serde::Serialize;

use super::output::print;
use crate::mpesa::receipts::MoneyState;
use crate::mpesa::store::receipts::{self, MoneyRow};
use crate::payments::listed::near;
use crate::platform::clock::rfc3339;
use crate::platform::db::Db;
use crate::types::PaymentId;

/// A receipt that is no payment's, or lies in suspense under one.
#[derive(Serialize)]
pub struct MoneyLine {
    receipt: String,
    amount: String,
    state: MoneyState,
    short_code: Option<String>,
    /// As the payer typed it.
    reference: String,
    payer: String,
    told_at: String,
    /// The payment under which it lies, if it names one.
    payment_id: Option<PaymentId>,
    /// What it may be of: the payments of its amount whose reference is nearly the same.
    near: Vec<PaymentId>,
}

/// Prints what is in suspense, the oldest first.
///
/// # Errors
/// A database error.
pub async fn list(db: &Db, limit: i64, json: bool) -> anyhow::Result<()> {
    let mut lines = Vec::new();
    for told in receipts::suspense(db, limit).await? {
        lines.push(line(db, told).await?);
    }
    if json {
        return print(&lines, true);
    }
    for line in &lines {
        let (told_at, receipt, amount, reference) =
            (&line.told_at, &line.receipt, &line.amount, &line.reference);
        let payment = line.payment_id.map_or_else(|| "-".to_owned(), |payment| payment.to_string());
        let near: Vec<String> = line.near.iter().map(ToString::to_string).collect();
        println!("{told_at} {receipt} KES {amount} \"{reference}\" {payment} near: {}", near.join(" "));
    }
    Ok(())
}

/// What is known of a receipt that is no payment's.
///
/// # Errors
/// A database error.
pub async fn find(db: &Db, receipt: &str) -> anyhow::Result<Option<MoneyLine>> {
    match receipts::told(db, receipt).await? {
        Some(told) => Ok(Some(line(db, told).await?)),
        None => Ok(None),
    }
}

async fn line(db: &Db, told: MoneyRow) -> anyhow::Result<MoneyLine> {
    let mut nearly = Vec::new();
    if told.subject_id.is_none() && told.state == MoneyState::Suspense {
        nearly = near(db, told.amount_cents, &told.reference, told.told_at).await?;
    }
    Ok(MoneyLine {
        receipt: told.receipt,
        amount: told.amount_cents.to_decimal_string(),
        state: told.state,
        short_code: told.short_code,
        reference: told.reference,
        payer: told.payer,
        told_at: rfc3339(told.told_at),
        payment_id: told.subject_id.map(PaymentId),
        near: nearly,
    })
}
