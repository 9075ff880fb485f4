//! Money that reached the short code, and the statement that the M-Pesa organisation portal gives of it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::phone::masked;
use crate::platform::clock::nairobi;
use crate::types::Kes;

/// Older payments than so many leave the statement.
pub const RECEIVED_MAX: usize = 100_000;
const COLUMNS: [&str; 8] = [
    "Receipt No.",
    "Completion Time",
    "Details",
    "Transaction Status",
    "Paid In",
    "Withdrawn",
    "Balance",
    "A/C No.",
];

/// One payment, by push or by hand.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Received {
    pub receipt: String,
    pub at: DateTime<Utc>,
    pub phone_number: String,
    pub cents: i64,
    /// What the push said, or what the payer typed.
    pub account_reference: String,
}

/// Where C2B confirmations go.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Registered {
    pub short_code: String,
    pub confirmation_url: String,
    pub validation_url: String,
}

/// The statement as CSV, newest last.
pub fn statement(received: &[Received]) -> anyhow::Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(COLUMNS)?;
    let mut balance = Kes::ZERO;
    for payment in received {
        let paid_in = Kes::from_cents(payment.cents);
        balance = balance + paid_in;
        let (payer, reference) = (masked(&payment.phone_number), &payment.account_reference);
        writer.write_record([
            payment.receipt.as_str(),
            &nairobi(payment.at).format("%d-%m-%Y %H:%M:%S").to_string(),
            &format!("Pay Bill from {payer} - SIMULATED PHONE Acc. {reference}"),
            "Completed",
            &grouped(paid_in),
            "",
            &grouped(balance),
            reference,
        ])?;
    }
    Ok(writer.into_inner()?)
}

/// `1,250.00`.
fn grouped(amount: Kes) -> String {
    let text = amount.to_string().replace("KES ", "");
    if text.contains('.') { text } else { format!("{text}.00") }
}
