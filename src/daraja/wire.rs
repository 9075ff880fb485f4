//! The requests as Safaricom's gateway wants them, and what its answers tell (daraja §2, §4). The simulator
//! reads requests and writes answers with its own code, so that a mistake in these structs shows. It shares
//! only the paths.

use std::fmt;

use serde::Serialize;

use super::result_code::ResultCode;

/// The path of a token request (daraja §1), under the base address.
pub const TOKEN_PATH: &str = "/oauth/v1/generate";
/// The path of an STK push (daraja §2).
pub const PUSH_PATH: &str = "/mpesa/stkpush/v1/processrequest";
/// The path of an STK query (daraja §4).
pub const QUERY_PATH: &str = "/mpesa/stkpushquery/v1/query";
/// The path of a C2B registration (daraja §5.2).
pub const REGISTER_PATH: &str = "/mpesa/c2b/v2/registerurl";

/// The path of a registration for Pull Transactions (daraja §5.2), which is outside of `/mpesa`.
pub const PULL_REGISTER_PATH: &str = "/pulltransactions/v1/register";
/// The path of Pull Transactions itself.
pub const PULL_PATH: &str = "/pulltransactions/v1/query";

/// An STK push. The numbers of phones go out as JSON numbers, because one source says that strings are
/// refused (daraja §2).
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PushRequest<'a> {
    pub business_short_code: &'a str,
    pub password: &'a str,
    pub timestamp: &'a str,
    pub transaction_type: &'a str,
    /// Whole shillings.
    pub amount: i64,
    pub party_a: u64,
    pub party_b: &'a str,
    pub phone_number: u64,
    #[serde(rename = "CallBackURL")]
    pub callback_url: &'a str,
    pub account_reference: &'a str,
    pub transaction_desc: &'a str,
}

/// An STK query (daraja §4).
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct QueryRequest<'a> {
    pub business_short_code: &'a str,
    pub password: &'a str,
    pub timestamp: &'a str,
    #[serde(rename = "CheckoutRequestID")]
    pub checkout_request_id: &'a str,
}

/// The addresses to which Safaricom posts about payments that reach the short code (daraja §5.2).
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct RegisterRequest<'a> {
    pub short_code: &'a str,
    /// What happens to a payment if its validation is not answered: `Completed` or `Cancelled`.
    pub response_type: &'static str,
    #[serde(rename = "ConfirmationURL")]
    pub confirmation_url: &'a str,
    #[serde(rename = "ValidationURL")]
    pub validation_url: &'a str,
}

/// A registration for Pull Transactions (daraja §5.2).
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PullRegisterRequest<'a> {
    pub short_code: &'a str,
    pub request_type: &'static str,
    pub nominated_number: &'a str,
    #[serde(rename = "CallBackURL")]
    pub callback_url: &'a str,
}

/// A question for what came in (daraja §5.2). Times are East Africa's, `YYYY-MM-DD HH:MM:SS`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PullRequest<'a> {
    pub short_code: &'a str,
    pub start_date: &'a str,
    pub end_date: &'a str,
    /// How many transactions of the time are passed over. Safaricom's own spelling.
    #[serde(rename = "OffSetValue")]
    pub offset: &'a str,
}

/// The answer to a push that Safaricom took: it will prompt the phone, and nothing is paid yet. Both ids are
/// opaque. The checkout id holds the payer's number, so it is personal data.
#[derive(Clone, PartialEq, Eq)]
pub struct PushAccepted {
    pub merchant_request_id: String,
    pub checkout_request_id: String,
    /// Safaricom's words for the payer, at most 200 characters.
    pub customer_message: String,
}

/// What Safaricom says became of a push. Only an answer with `ResponseCode` 0, a result code and the id that
/// was asked for becomes one of these.
#[derive(Clone, PartialEq, Eq)]
pub struct QueryAnswer {
    pub checkout_request_id: String,
    pub result: ResultCode,
    /// Safaricom's words for the code, at most 200 characters. Nothing is decided by them.
    pub description: String,
}

impl fmt::Debug for PushRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PushRequest").field("amount", &self.amount).finish_non_exhaustive()
    }
}

impl fmt::Debug for QueryRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueryRequest").finish_non_exhaustive()
    }
}

impl fmt::Debug for PushAccepted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PushAccepted").finish_non_exhaustive()
    }
}

impl fmt::Debug for QueryAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueryAnswer")
            .field("result", &self.result)
            .field("description", &self.description)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_push_as_documented() {
        let push = PushRequest {
            business_short_code: "174379",
            password: "cGFzcw==",
            timestamp: "20261002154500",
            transaction_type: "CustomerPayBillOnline",
            amount: 50,
            party_a: 254_708_374_149,
            party_b: "174379",
            phone_number: 254_708_374_149,
            callback_url: "https://ligisoo.example/cb",
            account_reference: "LG7K2M9QX4TB",
            transaction_desc: "Tip 17",
        };
        insta::assert_snapshot!(serde_json::to_string(&push).expect("serialises"), @r#"{"BusinessShortCode":"174379","Password":"cGFzcw==","Timestamp":"20261002154500","TransactionType":"CustomerPayBillOnline","Amount":50,"PartyA":254708374149,"PartyB":"174379","PhoneNumber":254708374149,"CallBackURL":"https://ligisoo.example/cb","AccountReference":"LG7K2M9QX4TB","TransactionDesc":"Tip 17"}"#);
    }

    #[test]
    fn a_registration_as_documented() {
        let register = RegisterRequest {
            short_code: "174379",
            response_type: "Completed",
            confirmation_url: "https://ligisoo.example/confirm",
            validation_url: "https://ligisoo.example/validate",
        };
        insta::assert_snapshot!(serde_json::to_string(&register).expect("serialises"), @r#"{"ShortCode":"174379","ResponseType":"Completed","ConfirmationURL":"https://ligisoo.example/confirm","ValidationURL":"https://ligisoo.example/validate"}"#);
    }

    #[test]
    fn a_query_as_documented() {
        let query = QueryRequest {
            business_short_code: "174379",
            password: "cGFzcw==",
            timestamp: "20261002154500",
            checkout_request_id: "ws_CO_1",
        };
        insta::assert_snapshot!(serde_json::to_string(&query).expect("serialises"), @r#"{"BusinessShortCode":"174379","Password":"cGFzcw==","Timestamp":"20261002154500","CheckoutRequestID":"ws_CO_1"}"#);
    }
}
