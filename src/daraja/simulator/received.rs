//! The money that reached the short code, and the statement of it as the M-Pesa organisation portal gives it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::phone::masked;
use crate::platform::clock::nairobi;
use crate::types::Kes;

/// The most payments on the statement; older ones leave it.
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
    /// The reference of the push, or what the payer typed.
    pub account_reference: String,
}

/// The addresses to which C2B confirmations and validations go.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Registered {
    pub short_code: String,
    pub confirmation_url: String,
    pub validation_url: String,
    /// Whether money is refused while validation gives no answer: the response type `Cancelled`.
    #[serde(default)]
    pub is_refusing_unanswered: bool,
}

/// The statement as CSV, the newest payment last.
///
/// # Errors
/// The CSV cannot be written, which does not happen in memory.
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

/// An amount as the portal writes it: `1,250.00`.
fn grouped(amount: Kes) -> String {
    let text = amount.to_string().replace("KES ", "");
    if text.contains('.') { text } else { format!("{text}.00") }
}
