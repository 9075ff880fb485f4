//! Reads the gateway's answers: the body first and the HTTP status second. In doubt nothing is concluded
//! (daraja §1, §2, §4).

use std::time::Duration;

use serde_json::Value;

use super::error::{DarajaError, PauseReason, RefusalKind, safe_text};
use super::result_code::ResultCode;
use super::wire::{PushAccepted, QueryAnswer};

/// The most bytes of an answer; a larger one is not Daraja's.
pub const ANSWER_MAX_BYTES: usize = 64 * 1024;
/// The longest id that is read. Ids are opaque, and the longest seen have about 40 characters.
const ID_MAX_LENGTH: usize = 100;
/// A longer `Retry-After` is shortened to this.
const RETRY_AFTER_MAX: Duration = Duration::from_hours(1);

/// One HTTP answer, read completely.
pub struct HttpAnswer {
    pub status: u16,
    pub retry_after: Option<Duration>,
    pub body: Vec<u8>,
}

/// What an answer says.
pub enum Reading<T> {
    /// The answer that was wanted.
    Answered(T),
    /// The gateway does not take the token. The request went no further, so it may be sent again with a new
    /// one.
    InvalidToken,
    /// Everything else.
    Error(DarajaError),
}

/// The code and the text of an error, wherever Safaricom or its gateway (Apigee) puts them.
pub struct Complaint {
    pub code: String,
    pub message: String,
}

impl HttpAnswer {
    /// The body as a JSON object. `None` for HTML, an empty body and everything else.
    pub fn json(&self) -> Option<Value> {
        let bytes = self.body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.body);
        serde_json::from_slice::<Value>(bytes).ok().filter(Value::is_object)
    }

    /// Reads the answer to an STK push (daraja §2).
    pub fn read_push(&self) -> Reading<PushAccepted> {
        let Some(body) = self.json() else { return Reading::Error(self.without_json()) };
        match text(&body, "ResponseCode").as_deref() {
            Some("0") => match (id(&body, "MerchantRequestID"), id(&body, "CheckoutRequestID")) {
                (Some(merchant_request_id), Some(checkout_request_id)) => Reading::Answered(PushAccepted {
                    merchant_request_id,
                    checkout_request_id,
                    customer_message: safe_text(&text(&body, "CustomerMessage").unwrap_or_default()),
                }),
                _ => Reading::Error(DarajaError::unknown("accepted, but without its ids")),
            },
            Some(code) if id(&body, "CheckoutRequestID").is_none() => {
                let message = text(&body, "ResponseDescription").unwrap_or_default();
                Reading::Error(
                    self.refused(&Complaint { code: code.to_owned(), message }, RefusalKind::Other),
                )
            }
            Some(_) => {
                Reading::Error(DarajaError::unknown("a response code other than 0, with a checkout id"))
            }
            None => self.read_complaint(&body),
        }
    }

    /// Reads the answer to an STK query about `asked`. Only `ResponseCode` 0 with a result code for the same
    /// request is an answer (daraja §4).
    pub fn read_query(&self, asked: &str) -> Reading<QueryAnswer> {
        let Some(body) = self.json() else { return Reading::Error(self.without_json()) };
        let result = body.get("ResultCode").and_then(ResultCode::from_json);
        let (Some("0"), Some(result)) = (text(&body, "ResponseCode").as_deref(), result) else {
            return match self.read_complaint::<QueryAnswer>(&body) {
                Reading::Error(error) => Reading::Error(as_unknown(error)),
                other => other,
            };
        };
        let description = safe_text(&text(&body, "ResultDesc").unwrap_or_default());
        match id(&body, "CheckoutRequestID") {
            Some(answered) if answered == asked => {
                if result.as_str() != "4999" && is_processing(&description) {
                    return Reading::Error(DarajaError::unknown("still processing"));
                }
                Reading::Answered(QueryAnswer { checkout_request_id: answered, result, description })
            }
            _ => Reading::Error(DarajaError::unknown("the answer is about another request")),
        }
    }

    /// Reads the answer to a registration of C2B addresses. It moves no money, so a registration without a
    /// yes may simply be tried again.
    pub fn read_registration(&self) -> Reading<()> {
        let Some(body) = self.json() else { return Reading::Error(self.without_json()) };
        match text(&body, "ResponseCode") {
            Some(code) if !code.is_empty() && code.bytes().all(|byte| byte == b'0') => Reading::Answered(()),
            Some(code) => {
                let message = text(&body, "ResponseDescription").unwrap_or_default();
                Reading::Error(self.refused(&Complaint { code, message }, RefusalKind::Other))
            }
            None => self.read_complaint(&body),
        }
    }

    /// Reads an error body. It is a certain refusal if its words or its code say so; otherwise nothing is
    /// concluded.
    pub(super) fn read_complaint<T>(&self, body: &Value) -> Reading<T> {
        let Some(complaint) = Complaint::find(body) else { return Reading::Error(self.without_json()) };
        if complaint.is_invalid_token() {
            return Reading::InvalidToken;
        }
        Reading::Error(match complaint.refusal(self.status) {
            Some(kind) => self.refused(&complaint, kind),
            None => self.undecided(
                format!("HTTP {}: {} {}", self.status, complaint.code, complaint.message).trim_end(),
            ),
        })
    }

    pub(super) fn refused(&self, complaint: &Complaint, kind: RefusalKind) -> DarajaError {
        let (code, message) = (safe_text(&complaint.code), safe_text(&complaint.message));
        DarajaError::Refused { code, message, kind, retry_after: self.retry_after }
    }

    fn undecided(&self, reason: &str) -> DarajaError {
        let rest = matches!(self.status, 502..=504).then_some(PauseReason::Away);
        DarajaError::Unknown { reason: safe_text(reason), retry_after: self.retry_after, rest }
    }

    /// The error for an answer without readable JSON. Only the status 429 is certain, because the gateway
    /// itself gives it.
    pub(super) fn without_json(&self) -> DarajaError {
        if self.status == 429 {
            let complaint = Complaint { code: "429".to_owned(), message: "Too many requests".to_owned() };
            return self.refused(&complaint, RefusalKind::RateLimited);
        }
        let start = self.body.trim_ascii_start();
        let shape = match start.first() {
            None => "an empty body",
            Some(b'<') => "a page of HTML",
            Some(b'{') => "JSON without a known field",
            Some(_) => "no JSON",
        };
        self.undecided(&format!("HTTP {} with {shape}", self.status))
    }
}

impl Complaint {
    fn find(body: &Value) -> Option<Self> {
        if let Some(fault) = body.get("fault") {
            let code = fault.get("detail").and_then(|detail| text(detail, "errorcode")).unwrap_or_default();
            return Some(Self { code, message: text(fault, "faultstring").unwrap_or_default() });
        }
        let (code, message) = (text(body, "errorCode"), text(body, "errorMessage"));
        (code.is_some() || message.is_some())
            .then(|| Self { code: code.unwrap_or_default(), message: message.unwrap_or_default() })
    }

    /// Whether the token was not taken, told by the words or by one of several codes (daraja §1).
    fn is_invalid_token(&self) -> bool {
        let words = self.message.to_ascii_lowercase();
        matches!(self.code.as_str(), "404.001.03" | "401.003.01" | "400.003.01" | "401.002.01" | "401.001")
            || words.contains("invalid access token")
            || words.contains("access token expired")
            || self.code.starts_with("keymanagement.service.")
    }

    /// The kind of a refusal that is certain. `None` if the request may have been accepted all the same.
    fn refusal(&self, status: u16) -> Option<RefusalKind> {
        let words = self.message.to_ascii_lowercase();
        let says = |part: &str| words.contains(part);
        if says("spike arrest") || says("quota violation") || self.code.starts_with("policies.ratelimit.") {
            return Some(RefusalKind::RateLimited);
        }
        if says("lock subscriber") {
            return Some(RefusalKind::SubscriberLocked);
        }
        if says("wrong credentials") {
            return Some(RefusalKind::WrongCredentials);
        }
        if says("merchant does not exist") || says("merchant not allowed") {
            return Some(RefusalKind::MerchantNotFound);
        }
        if says("missing iccid") || says("invalid phonenumber") || says("invalid partya") {
            return Some(RefusalKind::InvalidPhoneNumber);
        }
        if says("already registered") {
            return Some(RefusalKind::Other);
        }
        if self.code.starts_with("400.008.") {
            return Some(RefusalKind::WrongCredentials);
        }
        if status == 429 {
            return Some(RefusalKind::RateLimited);
        }
        // Codes of the form 4xx are the gateway's: it looked at the request and passed it no further.
        let is_gateway_code =
            ["400.", "401.", "403.", "404.", "405."].iter().any(|prefix| self.code.starts_with(prefix));
        let is_gateway_fault = (400..500).contains(&status) && !self.code.starts_with("500.");
        (is_gateway_code || (is_gateway_fault && !self.code.is_empty())).then_some(RefusalKind::Other)
    }
}

/// Turns a refusal into "unknown", for queries: a refused question says nothing about the payment.
pub fn as_unknown(error: DarajaError) -> DarajaError {
    match error {
        DarajaError::Refused { retry_after, kind, .. } => {
            let rest = (kind == RefusalKind::RateLimited).then_some(PauseReason::RateLimited);
            DarajaError::Unknown { reason: error.to_string(), retry_after, rest }
        }
        other => other,
    }
}

fn is_processing(description: &str) -> bool {
    let words = description.to_ascii_lowercase();
    words.contains("under processing") || words.contains("being processed")
}

/// A field that may be a string or a number, as text.
pub fn text(body: &Value, name: &str) -> Option<String> {
    match body.get(name)? {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// An opaque id: printable ASCII of a bounded length. `None` if the field cannot be one.
pub fn id(body: &Value, name: &str) -> Option<String> {
    text(body, name).filter(|id| {
        (1..=ID_MAX_LENGTH).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic())
    })
}

/// Reads `Retry-After` in seconds, one hour at most. Safaricom does not use the form with a date.
pub fn retry_after(value: Option<&str>) -> Option<Duration> {
    value?.trim().parse().ok().map(|seconds| Duration::from_secs(seconds).min(RETRY_AFTER_MAX))
}
