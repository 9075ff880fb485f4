//! Reads C2B confirmations: what Safaricom posts about each payment that reached our short code, by push or
//! by hand (daraja §4, §5.2). Unlike a callback, a confirmation carries the `AccountReference` that we chose.

use std::fmt;

use serde_json::Value;

use super::callback::{Unreadable, amount, json, readable_receipt};
use super::response::text;
use crate::types::Kes;

/// Longer bodies are not read; real ones have about 500 bytes.
pub(super) const CONFIRMATION_MAX_BYTES: usize = 64 * 1024;
/// The most characters of a reference that are kept. Payers type at most 20, so a longer one is cut and
/// matches nothing.
pub(super) const REFERENCE_MAX_CHARS: usize = 40;
const TIME_MAX_CHARS: usize = 40;
const SHORT_CODE_MAX_CHARS: usize = 20;
/// A SHA-256 in hexadecimal, as the first version of the interface tells the payer, has 64.
const PAYER_MAX_CHARS: usize = 80;

/// Money that reached a short code. The payer's names are not read.
#[derive(Clone, PartialEq, Eq)]
pub struct C2bConfirmation {
    /// `TransID` in capitals: ten of `[A-Z0-9]`, the same as in the payer's message.
    pub receipt: String,
    /// `TransAmount`, to the cent and above zero.
    pub amount: Kes,
    /// `BillRefNumber` without spaces around it, as in the push or as the payer typed it; empty if there is
    /// none.
    pub account_reference: String,
    /// `BusinessShortCode`: which short code was credited; `None` if it is not told.
    pub short_code: Option<String>,
    /// `MSISDN` as it came: digits, a mask like `2547 ***** 149`, or a hash; empty if there is none.
    pub payer: String,
    /// `TransTime` as it came (`20261002154500`, East Africa Time). Nothing is decided by it.
    pub trans_time: String,
}

/// Reads a posted body. All values are strings in Safaricom's documents, and numbers are taken too.
///
/// # Errors
/// [`Unreadable`], with the reason. The caller keeps the raw body for a person.
pub fn parse_c2b_confirmation(body: &[u8]) -> Result<C2bConfirmation, Unreadable> {
    if body.len() > CONFIRMATION_MAX_BYTES {
        return Err(Unreadable::TooLong);
    }
    let body = json(body)?;
    let receipt = body.get("TransID").ok_or(Unreadable::NoEnvelope)?;
    let receipt = receipt.as_str().unwrap_or_default().to_ascii_uppercase();
    let receipt = readable_receipt(&receipt).ok_or(Unreadable::NoReceipt)?.to_owned();
    let amount = body
        .get("TransAmount")
        .and_then(amount)
        .filter(|amount| *amount > Kes::ZERO)
        .ok_or(Unreadable::NoAmount)?;
    Ok(C2bConfirmation {
        receipt,
        amount,
        account_reference: plain(&body, "BillRefNumber", REFERENCE_MAX_CHARS),
        short_code: Some(plain(&body, "BusinessShortCode", SHORT_CODE_MAX_CHARS)).filter(|it| !it.is_empty()),
        payer: plain(&body, "MSISDN", PAYER_MAX_CHARS),
        trans_time: plain(&body, "TransTime", TIME_MAX_CHARS),
    })
}

fn plain(body: &Value, name: &str, max_chars: usize) -> String {
    cut(&text(body, name).unwrap_or_default(), max_chars)
}

/// Text that fits a column of the database: without control characters or spaces around it, and at most
/// `max_chars` characters.
pub(super) fn cut(text: &str, max_chars: usize) -> String {
    text.trim().chars().filter(|character| !character.is_control()).take(max_chars).collect()
}

impl fmt::Debug for C2bConfirmation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("C2bConfirmation")
            .field("amount", &self.amount)
            .field("trans_time", &self.trans_time)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const PAID: &str = concat!(
        r#"{"TransactionType":"Pay Bill","TransID":"UJ22T8IYOU","TransTime":"20261002154500","#,
        r#""TransAmount":"50.00","BusinessShortCode":"174379","BillRefNumber":"LG7K2M9QX4TB","#,
        r#""InvoiceNumber":"","OrgAccountBalance":"49197.00","ThirdPartyTransID":"","#,
        r#""MSISDN":"2547 ***** 149","FirstName":"WANJIKU","MiddleName":"","LastName":""}"#,
    );

    fn with(name: &str, value: Value) -> Result<C2bConfirmation, Unreadable> {
        let mut body: Value = serde_json::from_str(PAID).expect("JSON");
        body[name] = value;
        parse_c2b_confirmation(body.to_string().as_bytes())
    }

    #[test]
    fn the_documented_confirmation() {
        let read = parse_c2b_confirmation(format!("\u{feff}{PAID}\r\n").as_bytes()).expect("readable");
        assert_eq!((read.receipt.as_str(), read.amount), ("UJ22T8IYOU", Kes::from_cents(5_000)));
        assert_eq!(
            (read.account_reference.as_str(), read.trans_time.as_str()),
            ("LG7K2M9QX4TB", "20261002154500")
        );
        assert_eq!((read.short_code.as_deref(), read.payer.as_str()), (Some("174379"), "2547 ***** 149"));
        let printed = format!("{read:?}");
        assert!(
            !printed.contains("UJ22") && !printed.contains("LG7K") && !printed.contains("149"),
            "{printed}"
        );
    }

    #[test]
    fn what_other_systems_write_is_read() {
        for (amount, cents) in
            [("5,000.00", 500_000), ("1,000", 100_000), (" 50 ", 5_000), ("1,250,000.5", 125_000_050)]
        {
            assert_eq!(
                with("TransAmount", json!(amount)).map(|read| read.amount.cents()),
                Ok(cents),
                "{amount}"
            );
        }
        for receipt in ["uj22t8iyou", " UJ22T8IYOU ", "Uj22t8iyou\r\n"] {
            assert_eq!(with("TransID", json!(receipt)).map(|read| read.receipt), Ok("UJ22T8IYOU".to_owned()));
        }
        let short_code = |value| with("BusinessShortCode", value).map(|read| read.short_code);
        assert_eq!(short_code(json!(174_379)), Ok(Some("174379".to_owned())));
        assert_eq!((short_code(json!("")), short_code(json!(null))), (Ok(None), Ok(None)));
        let payer = |value| with("MSISDN", value).map(|read| read.payer);
        assert_eq!(payer(json!(254_708_374_149_i64)), Ok("254708374149".to_owned()));
        assert_eq!(payer(json!("a1".repeat(32))), Ok("a1".repeat(32)), "a hash");
        assert_eq!(payer(json!("7".repeat(1_000))), Ok("7".repeat(PAYER_MAX_CHARS)));
    }

    #[test]
    fn numbers_do_too_and_references_are_bounded() {
        assert_eq!(with("TransAmount", json!(50)).map(|read| read.amount), Ok(Kes::from_cents(5_000)));
        let reference = |value| with("BillRefNumber", value).map(|read| read.account_reference);
        assert_eq!(reference(json!(" lg7k \u{0}2m ")), Ok("lg7k 2m".to_owned()));
        assert_eq!(reference(json!(17)), Ok("17".to_owned()));
        assert_eq!(reference(json!(null)), Ok(String::new()));
        assert_eq!(reference(json!("é".repeat(1_000))), Ok("é".repeat(REFERENCE_MAX_CHARS)));
    }

    #[test]
    fn what_is_none_says_why() {
        for amount in [
            json!("0"),
            json!("-5.00"),
            json!("5.001"),
            json!("many"),
            json!(null),
            json!(1e40),
            // A decimal comma, or thousands that were cut wrongly: it is not guessed.
            json!("12,50"),
            json!("1.250,00"),
            json!("50,00.00"),
            json!(",500"),
        ] {
            assert_eq!(with("TransAmount", amount.clone()), Err(Unreadable::NoAmount), "{amount}");
        }
        for receipt in [json!("short"), json!(1_234_567_890), json!(""), json!(null), json!("UJ20000000")] {
            assert_eq!(with("TransID", receipt.clone()), Err(Unreadable::NoReceipt), "{receipt}");
        }
        assert_eq!(parse_c2b_confirmation(b"{}"), Err(Unreadable::NoEnvelope));
        assert_eq!(parse_c2b_confirmation(b"[1]"), Err(Unreadable::NoEnvelope));
        assert_eq!(parse_c2b_confirmation(b"<html>"), Err(Unreadable::NotJson));
        assert_eq!(parse_c2b_confirmation(&vec![b' '; CONFIRMATION_MAX_BYTES + 1]), Err(Unreadable::TooLong));
    }
}
