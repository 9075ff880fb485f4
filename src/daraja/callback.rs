//! Reads what Safaricom posts when a prompt has ended (daraja §3.1). It accepts every shape that was seen,
//! and guesses nothing.

use std::fmt;

use rust_decimal::Decimal;
use serde_json::Value;

use super::error::safe_text;
use super::response::id;
use super::result_code::ResultCode;
use crate::types::Kes;

/// Longer bodies are not read.
pub const CALLBACK_MAX_BYTES: usize = 256 * 1024;
const RECEIPT_LENGTH: usize = 10;

/// The outcome of a prompt. It holds only what may decide; the phone number and the date may not.
#[derive(Clone, PartialEq, Eq)]
pub struct StkCallback {
    pub merchant_request_id: Option<String>,
    pub checkout_request_id: Option<String>,
    /// `None` if there is no code, or it cannot be read as one.
    pub result: Option<ResultCode>,
    /// Safaricom's words, at most 200 characters, safe for logs and text columns. Nothing is decided by them.
    pub description: String,
    /// What was paid, to the cent. `None` if it is absent, contradictory or no amount.
    pub amount: Option<Kes>,
    /// Ten of `[A-Z0-9]`. The placeholders of failures (`NLJ0000000`) count as none.
    pub receipt: Option<String>,
    /// Whether there is a receipt that cannot be read.
    pub has_unreadable_receipt: bool,
}

/// Why a callback or a C2B confirmation cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("it is longer than we read")]
    TooLong,
    #[error("it is not JSON")]
    NotJson,
    /// There is no `Body.stkCallback` object, or no `TransID`.
    #[error("it is JSON, but not of this kind")]
    NoEnvelope,
    #[error("there is no readable receipt")]
    NoReceipt,
    #[error("there is no readable amount above zero")]
    NoAmount,
}

/// Reads a posted body. Broken UTF-8 is replaced and not refused, because an amount and a receipt may still
/// be read around it.
///
/// # Errors
/// [`Unreadable`], with the reason. The caller keeps the raw body for a person.
pub fn parse_callback(body: &[u8]) -> Result<StkCallback, Unreadable> {
    if body.len() > CALLBACK_MAX_BYTES {
        return Err(Unreadable::TooLong);
    }
    let envelope = json(body)?;
    let callback = envelope.get("Body").and_then(|body| body.get("stkCallback"));
    let callback = callback.filter(|callback| callback.is_object()).ok_or(Unreadable::NoEnvelope)?;
    let metadata =
        CallbackMetadata(callback.get("CallbackMetadata").and_then(|metadata| metadata.get("Item")));
    let receipt = metadata.find("MpesaReceiptNumber");
    let readable = match &receipt {
        FoundItem::One(Value::String(receipt)) => Some(receipt.trim()).filter(|receipt| is_receipt(receipt)),
        _ => None,
    };
    Ok(StkCallback {
        merchant_request_id: id(callback, "MerchantRequestID"),
        checkout_request_id: id(callback, "CheckoutRequestID"),
        result: callback.get("ResultCode").and_then(ResultCode::from_json),
        description: safe_text(callback.get("ResultDesc").and_then(Value::as_str).unwrap_or_default()),
        amount: match metadata.find("Amount") {
            FoundItem::One(value) => amount(value),
            FoundItem::None | FoundItem::Contradiction => None,
        },
        receipt: readable.filter(|receipt| !is_placeholder(receipt)).map(str::to_owned),
        has_unreadable_receipt: readable.is_none() && !receipt.is_blank(),
    })
}

/// The body as JSON, with or without a BOM. Broken UTF-8 is replaced.
pub(super) fn json(body: &[u8]) -> Result<Value, Unreadable> {
    let text = String::from_utf8_lossy(body);
    serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|_| Unreadable::NotJson)
}

/// `CallbackMetadata.Item`: a list of `{Name, Value?}` in any order, or a single one of these.
struct CallbackMetadata<'a>(Option<&'a Value>);

enum FoundItem<'a> {
    None,
    One(&'a Value),
    /// The name is there more than once, with different values.
    Contradiction,
}

impl<'a> CallbackMetadata<'a> {
    fn find(&self, name: &str) -> FoundItem<'a> {
        let items = match self.0 {
            Some(Value::Array(items)) => items.as_slice(),
            Some(item) => std::slice::from_ref(item),
            None => &[],
        };
        let named = items.iter().filter(|item| {
            item.get("Name").and_then(Value::as_str).is_some_and(|found| found.trim() == name)
        });
        let mut values = named.filter_map(|item| item.get("Value")).filter(|value| !value.is_null());
        match values.next() {
            None => FoundItem::None,
            Some(first) if values.all(|other| other == first) => FoundItem::One(first),
            Some(_) => FoundItem::Contradiction,
        }
    }
}

impl FoundItem<'_> {
    /// Whether nothing was said: there is no item, no value, or an empty one.
    fn is_blank(&self) -> bool {
        match self {
            Self::None => true,
            Self::One(Value::String(text)) => text.trim().is_empty(),
            Self::One(_) | Self::Contradiction => false,
        }
    }
}

/// An amount from the digits of a number or from text like `5,000.00`, exact to the cent. No floats are used.
pub(super) fn amount(value: &Value) -> Option<Kes> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) if is_grouped(text.trim()) => text.trim().replace(',', ""),
        _ => return None,
    };
    Decimal::from_str_exact(&text).or_else(|_| Decimal::from_scientific(&text)).ok()?.try_into().ok()
}

/// Whether commas stand only between groups of three. `12,50` may have a decimal comma and is not guessed at.
pub(super) fn is_grouped(text: &str) -> bool {
    let whole = text.split('.').next().unwrap_or_default();
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default();
    let rest: Vec<&str> = groups.collect();
    !text.split_once('.').is_some_and(|(_, cents)| cents.contains(',')) // 1.250,00
        && (rest.is_empty() || (1..=3).contains(&first.len()) && rest.iter().all(|group| group.len() == 3))
}

/// The receipt of a payment: ten of `[A-Z0-9]`. `None` for other text and for the placeholders of failures.
pub fn readable_receipt(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| is_receipt(text) && !is_placeholder(text))
}

/// Whether it is what failures carry in the place of a receipt (daraja §3.4).
fn is_placeholder(text: &str) -> bool {
    text.contains("0000000") || text.starts_with("MAS")
}

fn is_receipt(text: &str) -> bool {
    text.len() == RECEIPT_LENGTH
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

impl fmt::Debug for StkCallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StkCallback")
            .field("result", &self.result)
            .field("description", &self.description)
            .field("amount", &self.amount)
            .field("has_receipt", &self.receipt.is_some())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
#[path = "callback_tests.rs"]
mod tests;
