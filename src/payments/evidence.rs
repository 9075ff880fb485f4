//! What is said about a payment: by whom, and what it is worth.

use super::{OwnCode, Refusal, ReviewReason, Status};
use crate::daraja::{CodeClass, ResultCode};
use crate::types::{CallbackId, Kes, text_enum};

/// The longest result code and the longest words of Safaricom's that are kept.
const CODE_LENGTH: usize = 20;
const WORDS_LENGTH: usize = 200;

text_enum! {
    /// Who says it.
    pub enum EvidenceSource {
        /// What a buyer did is a fact like the others, and never evidence.
        Buyer = "buyer",
        Push = "push",
        Callback = "callback",
        Query = "query",
        C2b = "c2b",
        Statement = "statement",
        Operator = "operator",
    }
}

text_enum! {
    /// What became known of a payment, as its list of facts tells it.
    pub enum EventKind {
        // What its buyer did.
        Started = "started",
        SentAgain = "sent_again",
        SetAside = "set_aside",
        Claimed = "claimed",
        // What became of the push.
        Accepted = "accepted",
        Unknown = "unknown",
        // Evidence that decided.
        Unlocked = "unlocked",
        Owed = "owed",
        Confirmed = "confirmed",
        ReceiptFilledIn = "receipt_filled_in",
        Failed = "failed",
        Cancelled = "cancelled",
        // Evidence that waits.
        WaitsForSecondSource = "waits_for_second_source",
        PaidUnderReview = "paid_under_review",
        // Why a person must look.
        Amount = "amount",
        Ids = "ids",
        Receipt = "receipt",
        ReceiptUsed = "receipt_used",
        SecondReceipt = "second_receipt",
        Unreadable = "unreadable",
        UnknownCode = "unknown_code",
        // Worth keeping, decides nothing.
        StillProcessing = "still_processing",
        TooEarly = "too_early",
        FromElsewhere = "from_elsewhere",
        OtherPayment = "other_payment",
        NoAnswer = "no_answer",
        Contradicted = "contradicted",
        Noted = "noted",
        // What an operator did.
        Reviewed = "reviewed",
        Refunded = "refunded",
    }
}

impl From<ReviewReason> for EventKind {
    fn from(reason: ReviewReason) -> Self {
        match reason {
            ReviewReason::Amount => Self::Amount,
            ReviewReason::Ids => Self::Ids,
            ReviewReason::Receipt => Self::Receipt,
            ReviewReason::ReceiptUsed => Self::ReceiptUsed,
            ReviewReason::SecondReceipt => Self::SecondReceipt,
            ReviewReason::Unreadable => Self::Unreadable,
            ReviewReason::UnknownCode => Self::UnknownCode,
        }
    }
}

/// What is said, after it was judged against the payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The money was paid. All but a query name the receipt.
    Paid { receipt: Option<String> },
    /// The same, from where it cannot be trusted alone: kept until a second source agrees.
    Unconfirmed { receipt: String },
    /// It was not, for good.
    NotPaid(UnpaidCause),
    /// A person must look.
    Review(ReviewReason),
    /// Worth keeping, decides nothing.
    Inconclusive(EventKind),
}

/// Why no money came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnpaidCause {
    /// Safaricom's final code, in its own words.
    Code { code: String, description: String, is_cancelled: bool },
    /// The push was certainly not taken.
    NotTaken(Refusal),
    /// A complete statement does not list the payment.
    NotListed,
    /// An operator made sure of it.
    Operator,
}

impl UnpaidCause {
    /// What a final code says; none if it is not one.
    pub fn of(code: &ResultCode, description: &str) -> Option<Self> {
        let is_cancelled = match code.class() {
            CodeClass::Cancelled => true,
            CodeClass::Failed => false,
            CodeClass::Success | CodeClass::Pending | CodeClass::Unknown => return None,
        };
        Some(Self::Code {
            code: short_code(code),
            description: plain(description, WORDS_LENGTH),
            is_cancelled,
        })
    }

    /// The status in which a payment ends by it.
    pub const fn status(&self) -> Status {
        match self {
            Self::Code { is_cancelled: true, .. } => Status::Cancelled,
            _ => Status::Failed,
        }
    }

    /// As `result_code` keeps it.
    pub fn result_code(&self) -> &str {
        match self {
            Self::Code { code, .. } => code,
            Self::NotTaken(_) => OwnCode::NotTaken.as_str(),
            Self::NotListed => OwnCode::NotListed.as_str(),
            Self::Operator => OwnCode::Operator.as_str(),
        }
    }

    /// Safaricom's own words; never to be decided by.
    pub fn description(&self) -> Option<&str> {
        match self {
            Self::Code { description, .. } => Some(description),
            _ => None,
        }
    }

    pub const fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::NotTaken(refusal) => Some(*refusal),
            _ => None,
        }
    }
}

/// One fact, ready to be booked.
#[derive(Debug, Clone)]
pub struct Evidence {
    pub source: EvidenceSource,
    pub says: Verdict,
    pub code: Option<String>,
    pub amount: Option<Kes>,
    pub receipt: Option<String>,
    pub detail: Option<String>,
    pub callback: Option<CallbackId>,
    /// The operator's name.
    pub by: Option<String>,
}

impl Evidence {
    pub const fn new(source: EvidenceSource, says: Verdict) -> Self {
        Self { source, says, code: None, amount: None, receipt: None, detail: None, callback: None, by: None }
    }

    /// The same, with the code and the words that Safaricom gave.
    pub fn in_words(mut self, code: Option<&ResultCode>, description: &str) -> Self {
        self.code = code.map(short_code);
        self.detail = Some(plain(description, WORDS_LENGTH));
        self
    }
}

fn short_code(code: &ResultCode) -> String {
    plain(code.as_str(), CODE_LENGTH)
}

/// Text that any database can hold: no U+0000, not too long.
fn plain(text: &str, length: usize) -> String {
    text.chars().filter(|character| *character != '\0').take(length).collect()
}
