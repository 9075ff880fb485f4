//! Reads the gateway's answers: the body first, the HTTP status second, and in doubt no conclusion (daraja
//! §1, §2, §4).

use std::time::Duration;

use serde_json::Value;

use super::error::{DarajaError, PauseReason, RefusalKind, safe_text};
use super::result_code::ResultCode;
use super::wire::{PushAccepted, QueryAnswer};

/// Larger answers are not Daraja's.
pub const ANSWER_MAX_BYTES: usize = 64 * 1024;
/// Ids are opaque; the longest seen have about 40 characters.
const ID_MAX_LENGTH: usize = 100;
/// A longer `Retry-After` is cut to this.
const RETRY_AFTER_MAX: Duration = Duration::from_hours(1);

/// One HTTP answer, read whole.
pub struct HttpAnswer {
    pub status: u16,
    pub retry_after: Option<Duration>,
    pub body: Vec<u8>,
}

/// What an answer to a push or a query says.
pub enum Reading<T> {
    Answered(T),
    /// The gateway does not take the token: it went no further, so the request may be sent again with a new
    /// one.
    InvalidToken,
    Error(DarajaError),
}

/// The parts of an error body, wherever Safaricom or its gateway (Apigee) puts them.
struct Complaint {
    code: String,
    message: String,
}

impl HttpAnswer {
    /// The body as JSON; `None` for HTML, nothing and everything else that is not an object.
    pub fn json(&self) -> Option<Value> {
        let bytes = self.body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.body);
        serde_json::from_slice::<Value>(bytes).ok().filter(Value::is_object)
    }

    /// The answer to an STK push.
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

    /// The answer to an STK query for `asked`. Only `ResponseCode` 0 with a result code about that very
    /// request is an answer.
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

    /// The answer to a registration of C2B addresses. It moves no money, so all that is not a yes may simply
    /// be tried again.
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

    /// An error body: a certain refusal where the words or the code say so, else no conclusion.
    fn read_complaint<T>(&self, body: &Value) -> Reading<T> {
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

    fn refused(&self, complaint: &Complaint, kind: RefusalKind) -> DarajaError {
        let (code, message) = (safe_text(&complaint.code), safe_text(&complaint.message));
        DarajaError::Refused { code, message, kind, retry_after: self.retry_after }
    }

    fn undecided(&self, reason: &str) -> DarajaError {
        let rest = matches!(self.status, 502..=504).then_some(PauseReason::Away);
        DarajaError::Unknown { reason: safe_text(reason), retry_after: self.retry_after, rest }
    }

    /// No JSON that says anything: only 429 is certain, because the gateway itself answers it.
    fn without_json(&self) -> DarajaError {
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

    /// daraja §1: by its words or any of its codes.
    fn is_invalid_token(&self) -> bool {
        let words = self.message.to_ascii_lowercase();
        matches!(self.code.as_str(), "404.001.03" | "401.003.01" | "400.003.01" | "401.002.01" | "401.001")
            || words.contains("invalid access token")
            || words.contains("access token expired")
            || self.code.starts_with("keymanagement.service.")
    }

    /// The kind of a refusal that is certain; `None` when the request may have been accepted all the same.
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
        // 4xx codes are the gateway's: it looked at the request and went no further.
        let is_gateway_code =
            ["400.", "401.", "403.", "404.", "405."].iter().any(|prefix| self.code.starts_with(prefix));
        let is_gateway_fault = (400..500).contains(&status) && !self.code.starts_with("500.");
        (is_gateway_code || (is_gateway_fault && !self.code.is_empty())).then_some(RefusalKind::Other)
    }
}

/// A query asks; being refused the question says nothing about the payment.
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

/// A field that may be a string or a number.
pub fn text(body: &Value, name: &str) -> Option<String> {
    match body.get(name)? {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// An opaque id, if it can be one: printable ASCII of a bounded length.
pub fn id(body: &Value, name: &str) -> Option<String> {
    text(body, name).filter(|id| {
        (1..=ID_MAX_LENGTH).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic())
    })
}

/// `Retry-After` in seconds; the form with a date is not used by Safaricom.
pub fn retry_after(value: Option<&str>) -> Option<Duration> {
    value?.trim().parse().ok().map(|seconds| Duration::from_secs(seconds).min(RETRY_AFTER_MAX))
}
