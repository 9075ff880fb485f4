//! Reads what Pull Transactions answers: the payments that reached our short code (daraja §5.2).

use std::fmt;

use serde_json::Value;

use super::c2b::{REFERENCE_MAX_CHARS, cut};
use super::callback::{amount, readable_receipt};
use super::error::RefusalKind;
use super::response::{Complaint, HttpAnswer, Reading, text};
use crate::types::Kes;

const PAYER_MAX_CHARS: usize = 20;

/// One answer to a question for what came in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PulledPage {
    /// The payments that can be read.
    pub payments: Vec<Pulled>,
    /// How many transactions the page has, with those that cannot be read or are no payments. The next page
    /// begins after so many more.
    pub count: usize,
    /// How many of them may be payments and cannot be read.
    pub unreadable: usize,
}

/// A payment. It came: Safaricom lists no other.
#[derive(Clone, PartialEq, Eq)]
pub struct Pulled {
    /// Ten of `[A-Z0-9]`.
    pub receipt: String,
    /// Above zero.
    pub amount: Kes,
    /// As in the push or as the payer typed it; empty if there is none.
    pub account_reference: String,
    /// The payer's number, often the whole of it; empty if there is none.
    pub payer: String,
}

impl HttpAnswer {
    /// Reads the answer to a registration for Pull Transactions. Its keys have blanks in some answers and none
    /// in others (daraja §5.2). To be registered already is a yes.
    pub fn read_pull_registration(&self) -> Reading<()> {
        let Some(body) = self.json() else { return Reading::Error(self.without_json()) };
        let said = |names: [&str; 2]| names.iter().find_map(|name| text(&body, name));
        match said(["Response Status", "ResponseStatus"]).as_deref() {
            Some("1000" | "1001") => Reading::Answered(()),
            Some(code) => {
                let message = said(["Response Description", "ResponseDescription"]).unwrap_or_default();
                let complaint = Complaint { code: code.to_owned(), message };
                Reading::Error(self.refused(&complaint, RefusalKind::Other))
            }
            None => self.read_complaint(&body),
        }
    }

    /// Reads a page of Pull Transactions. Code 1001 means that there is nothing.
    pub fn read_pull(&self) -> Reading<PulledPage> {
        let Some(body) = self.json() else { return Reading::Error(self.without_json()) };
        match text(&body, "ResponseCode").as_deref() {
            Some("1000") => Reading::Answered(PulledPage::read(&body)),
            Some("1001") => Reading::Answered(PulledPage::default()),
            Some(code) => {
                let message = text(&body, "ResponseMessage").unwrap_or_default();
                let complaint = Complaint { code: code.to_owned(), message };
                Reading::Error(self.refused(&complaint, RefusalKind::Other))
            }
            None => self.read_complaint(&body),
        }
    }
}

impl PulledPage {
    /// The transactions in an answer. They stand in a list in a list, or in one alone.
    pub fn read(body: &Value) -> Self {
        let mut page = Self::default();
        let Some(Value::Array(lists)) = body.get("Response") else { return page };
        let transactions = lists.iter().flat_map(|item| match item {
            Value::Array(inner) => inner.as_slice(),
            alone => std::slice::from_ref(alone),
        });
        for transaction in transactions {
            page.count += 1;
            if !is_payment(transaction) {
                continue;
            }
            match Pulled::read(transaction) {
                Some(payment) => page.payments.push(payment),
                None => page.unreadable += 1,
            }
        }
        page
    }
}

impl Pulled {
    fn read(transaction: &Value) -> Option<Self> {
        let receipt = text(transaction, "transactionId")?;
        let amount = transaction.get("amount").and_then(amount).filter(|amount| *amount > Kes::ZERO)?;
        let plain = |name, max| cut(&text(transaction, name).unwrap_or_default(), max);
        Some(Self {
            receipt: readable_receipt(&receipt)?.to_owned(),
            amount,
            account_reference: plain("billreference", REFERENCE_MAX_CHARS),
            payer: plain("msisdn", PAYER_MAX_CHARS),
        })
    }
}

/// Whether a transaction is a payment by a customer. Kinds that we do not know are no evidence.
fn is_payment(transaction: &Value) -> bool {
    let kind = text(transaction, "transactiontype").unwrap_or_default().to_ascii_lowercase();
    kind.starts_with("c2b-") && kind.ends_with("-debit")
}

impl fmt::Debug for Pulled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pulled").field("amount", &self.amount).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn transaction(name: &str, value: Value) -> Value {
        let mut it = json!({
            "transactionId": "UJ22T8IYOU", "trxDate": "2026-10-02T15:45:00Z", "msisdn": 254_700_000_000_u64,
            "sender": "MPESA", "transactiontype": "c2b-pay-bill-debit", "billreference": "LG7K2M9QX4TB",
            "amount": "50.00", "organizationname": "LIGISOO",
        });
        it[name] = value;
        it
    }

    #[test]
    fn the_documented_answer() {
        let payment = Pulled {
            receipt: "UJ22T8IYOU".to_owned(),
            amount: Kes::from_cents(5_000),
            account_reference: "LG7K2M9QX4TB".to_owned(),
            payer: "254700000000".to_owned(),
        };
        let one = PulledPage { payments: vec![payment], count: 1, unreadable: 0 };
        let it = transaction("sender", json!("MPESA"));
        assert_eq!(PulledPage::read(&json!({ "Response": [[it]] })), one);
        assert_eq!(PulledPage::read(&json!({ "Response": [it] })), one);
        assert!(!format!("{one:?}").contains("UJ22"));
        for nothing in
            [json!({ "Response": [] }), json!({ "Response": [[]] }), json!({}), json!({ "Response": null })]
        {
            assert_eq!(PulledPage::read(&nothing), PulledPage::default(), "{nothing}");
        }
    }

    #[test]
    fn what_is_no_payment_is_passed_over_and_what_may_be_one_is_counted() {
        let read = |it: Value| PulledPage::read(&json!({ "Response": [[it]] }));
        for kind in [json!("b2c-payment"), json!("c2b-reversal-credit"), json!(null), json!("")] {
            let page = read(transaction("transactiontype", kind));
            assert_eq!((page.payments.len(), page.count, page.unreadable), (0, 1, 0));
        }
        for (name, value) in [
            ("transactionId", json!("short")),
            ("transactionId", json!(null)),
            ("amount", json!("many")),
            ("amount", json!("-5")),
            ("amount", json!("0.00")),
        ] {
            let page = read(transaction(name, value));
            assert_eq!((page.payments.len(), page.count, page.unreadable), (0, 1, 1), "{name}");
        }
        assert_eq!(read(transaction("amount", json!(50))).payments.len(), 1);
        assert_eq!(read(transaction("billreference", json!(null))).payments[0].account_reference, "");
    }
}
