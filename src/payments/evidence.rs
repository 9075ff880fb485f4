//! What is said about a payment: who says it, and how much it is worth.

use super::{OwnCode, Refusal, ReviewReason, Status};
use crate::audit::Member;
use crate::daraja::{CodeClass, ResultCode};
use crate::mpesa::events::EvidenceSource;
use crate::types::{CallbackId, Kes, text_enum};

/// The longest result code, and the longest text of Safaricom's, that are kept, in characters.
const CODE_LENGTH: usize = 20;
const WORDS_LENGTH: usize = 200;

text_enum! {
    /// What became known of a payment, as its list of facts tells it. A word is never changed, since rows keep
    /// it.
    pub enum EventKind {
        // What the buyer did.
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
        // Money beside what was bought.
        InSuspense = "in_suspense",
        FurtherReceipt = "further_receipt",
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
        // Facts that are worth keeping and decide nothing.
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

/// Money received, as Safaricom lists it.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Ten of `[A-Z0-9]`.
    pub receipt: String,
    /// Above zero.
    pub amount: Kes,
    /// As the payer typed it, or as our push named it; empty if the source names none.
    pub account_reference: String,
    /// The short code that was credited, if the source names it.
    pub short_code: Option<String>,
    /// What the source tells of the payer's number: digits, a mask, or a hash; empty if nothing.
    pub payer: String,
}

/// What is said about the money, after it was compared with the payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The price was paid. Every source but a query names the receipt.
    Paid { receipt: Option<String> },
    /// Money came under this receipt, and it is not the price.
    OtherAmount { receipt: String, amount: Kes },
    /// The money was paid, says a source that is not trusted alone: kept until a second one agrees.
    Unconfirmed { receipt: String },
    /// The money was not paid and will not be.
    NotPaid(UnpaidCause),
    /// A person must look.
    Review(ReviewReason),
    /// A fact that is worth keeping and decides nothing.
    Inconclusive(EventKind),
}

/// Why no money came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnpaidCause {
    /// Safaricom's final code, with the description that came with it.
    Code { code: String, description: String, is_cancelled: bool },
    /// The push was certainly not taken.
    NotTaken(Refusal),
    /// A statement that is complete for its time does not list the payment.
    NotListed,
    /// An operator made sure that no money came.
    Operator,
}

impl UnpaidCause {
    /// The cause that a result code stands for (daraja §3.3); `None` if the code is a success, is not final,
    /// or is unknown. Both texts are cut to the length that is kept.
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

    /// The status in which a payment with this cause ends.
    pub const fn status(&self) -> Status {
        match self {
            Self::Code { is_cancelled: true, .. } => Status::Cancelled,
            _ => Status::Failed,
        }
    }

    /// The value for the column `result_code`: Safaricom's code, or an `OwnCode` where Safaricom gave none.
    pub fn result_code(&self) -> &str {
        match self {
            Self::Code { code, .. } => code,
            Self::NotTaken(_) => OwnCode::NotTaken.as_str(),
            Self::NotListed => OwnCode::NotListed.as_str(),
            Self::Operator => OwnCode::Operator.as_str(),
        }
    }

    /// Safaricom's own words, kept for people to read. Nothing may be decided by them (daraja §3.1).
    pub fn description(&self) -> Option<&str> {
        match self {
            Self::Code { description, .. } => Some(description),
            _ => None,
        }
    }

    /// Why the push was not taken, for the column `refusal`; `None` for every other cause.
    pub const fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::NotTaken(refusal) => Some(*refusal),
            _ => None,
        }
    }
}

/// One fact about a payment, ready to be settled.
#[derive(Debug, Clone)]
pub struct Evidence {
    pub source: EvidenceSource,
    pub says: Verdict,
    pub code: Option<String>,
    pub amount: Option<Kes>,
    pub receipt: Option<String>,
    pub detail: Option<String>,
    pub callback: Option<CallbackId>,
    /// The money as Safaricom lists it, if this is no callback.
    pub listed: Option<Listed>,
    /// The operator who says it.
    pub by: Option<Member>,
}

impl Evidence {
    /// A fact with nothing but its source and its verdict; the caller fills in the rest.
    pub const fn new(source: EvidenceSource, says: Verdict) -> Self {
        Self {
            source,
            says,
            code: None,
            amount: None,
            receipt: None,
            detail: None,
            callback: None,
            listed: None,
            by: None,
        }
    }

    /// Adds Safaricom's code and description, cut to the length that is kept.
    pub fn in_words(mut self, code: Option<&ResultCode>, description: &str) -> Self {
        self.code = code.map(short_code);
        self.detail = Some(plain(description, WORDS_LENGTH));
        self
    }
}

fn short_code(code: &ResultCode) -> String {
    plain(code.as_str(), CODE_LENGTH)
}

/// A text that both databases can hold: PostgreSQL refuses U+0000, and the length is limited.
fn plain(text: &str, length: usize) -> String {
    text.chars().filter(|character| *character != '\0').take(length).collect()
}
