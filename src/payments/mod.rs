//! Money in: the states of a payment, the push to the phone, the evidence that ends a payment, and the loop
//! that asks for that evidence.
//!
//! ```text
//!              evidence against
//!   pending ─────────────────────► failed | cancelled
//!      │ evidence for                  │ evidence for (late)
//!      └──────────► completed ◄────────┘          nothing leaves completed
//! ```

pub mod accept;
pub mod adoption;
pub mod api;
pub mod c2b;
pub mod callback;
pub mod claims;
mod decide;
pub mod engine;
pub mod events;
pub mod evidence;
pub mod http;
pub mod http_api;
mod intent;
pub mod jobs;
mod limits;
pub mod listed;
pub mod live;
pub mod manual;
pub mod messages;
mod pace;
mod place;
pub mod pull;
mod query;
pub mod reconciler;
pub mod reference;
pub mod refund;
pub mod release;
mod settle;
mod start;
pub mod statement;
pub mod store;
mod suspense;
mod validation;
mod view;
mod watches;
pub mod webhooks;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;

pub use engine::Payments;
pub use intent::StartRequest;

use crate::mpesa::{Purpose, Subject};
use crate::types::{Kes, Msisdn, PaymentId, PersonId, TipId, text_enum};

/// Payments among the purposes for which money moves over M-Pesa.
pub const PURPOSE: Purpose = Purpose::new("payment");

/// A payment, as `mpesa` knows it.
pub const fn subject(payment: PaymentId) -> Subject {
    Subject { purpose: PURPOSE, id: payment.0 }
}

/// How long a phone shows a prompt that nobody answers (daraja §3.3).
pub const PROMPT_LIFE: TimeDelta = TimeDelta::seconds(60);
/// From this age on, the buyer may have a new prompt sent beside an unanswered one, and a query's final code
/// ends a payment (MONEY §1).
pub const SEND_AGAIN_AFTER: TimeDelta = TimeDelta::seconds(180);
/// Before this age Safaricom is not asked, because an early answer may be untrue (daraja §4).
pub const FIRST_QUERY_AFTER: TimeDelta = TimeDelta::seconds(35);

/// For this long after its push, a payer may have us ask Safaricom again about a payment that ended unpaid.
pub const ASK_ENDED_FOR: TimeDelta = TimeDelta::hours(24);

/// A row of `payments`.
#[derive(Debug, Clone, FromRow)]
pub struct Payment {
    pub id: PaymentId,
    pub buyer_id: PersonId,
    pub tip_id: TipId,
    pub tipster_id: PersonId,
    #[sqlx(rename = "price_cents")]
    pub price: Kes,
    pub share_bps: i64,
    pub msisdn: Msisdn,
    pub account_reference: String,
    pub status: Status,
    pub outcome: Option<Outcome>,
    pub review_reason: Option<ReviewReason>,
    pub open: bool,
    pub push: PushState,
    pub merchant_request_id: Option<String>,
    pub checkout_request_id: Option<String>,
    /// Safaricom's final code, or an `OwnCode` where Safaricom gave none.
    pub result_code: Option<String>,
    /// Why the push was refused, if it was.
    pub refusal: Option<Refusal>,
    pub receipt: Option<String>,
    pub callback_succeeded_at: Option<DateTime<Utc>>,
    pub query_succeeded_at: Option<DateTime<Utc>>,
    pub statement_succeeded_at: Option<DateTime<Utc>>,
    pub first_operator: Option<String>,
    pub second_operator: Option<String>,
    /// The first two people who surely vouched for it; a name alone has no id (MONEY §9).
    pub first_operator_id: Option<PersonId>,
    pub second_operator_id: Option<PersonId>,
    pub waiting_receipt: Option<String>,
    /// What lies in suspense under it (MONEY §6).
    #[sqlx(rename = "suspense_cents")]
    pub suspense: Kes,
    /// It is completed, and no machine has named its receipt yet: its money is awaited.
    pub awaits_receipt: bool,
    pub hinted: bool,
    pub check_count: i64,
    pub next_check_at: Option<DateTime<Utc>>,
    pub pushed_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
}

impl Payment {
    /// The time since the push. The ladder of queries, the prompt's life and `SEND_AGAIN_AFTER` are measured
    /// by it.
    pub fn age(&self, now: DateTime<Utc>) -> TimeDelta {
        now - self.pushed_at
    }

    /// Whether the buyer may have a new prompt sent beside this unanswered one (MONEY §1).
    pub fn can_send_again(&self, now: DateTime<Utc>) -> bool {
        self.open && self.status == Status::Pending && self.age(now) >= SEND_AGAIN_AFTER
    }

    /// Whether a statement says that its money went back, or never came.
    pub fn is_money_gone(&self) -> bool {
        matches!(self.review_reason, Some(ReviewReason::Reversed | ReviewReason::Contradicted))
    }

    /// Whether Safaricom may be asked about it for its payer: it is pending, or it ended unpaid less than a
    /// day after its push, and Safaricom's id of it is known. The wait before the first query is not looked
    /// at here.
    pub fn can_be_asked_about(&self, now: DateTime<Utc>) -> bool {
        let is_wanted = match self.status {
            Status::Pending => true,
            Status::Completed => false,
            Status::Failed | Status::Cancelled => self.age(now) < ASK_ENDED_FOR,
        };
        is_wanted && self.checkout_request_id.is_some()
    }
}

text_enum! {
    /// Where a payment stands. `Completed` means that the money is accounted for; the outcome says what it
    /// bought.
    pub enum Status {
        Pending = "pending",
        Completed = "completed",
        Failed = "failed",
        Cancelled = "cancelled",
    }
}

text_enum! {
    /// What a payment's money came to. There is none while nothing is known of the money, and none after the
    /// payment ended unpaid.
    pub enum Outcome {
        /// It bought the tip.
        Unlocked = "unlocked",
        /// It could buy nothing and belongs to its payer.
        Owed = "owed",
        /// Nothing is decided yet: a person must look.
        Review = "review",
    }
}

text_enum! {
    /// What became of the push, our request to Safaricom.
    pub enum PushState {
        Sending = "sending",
        Accepted = "accepted",
        /// Nobody knows whether Safaricom took the request.
        Unknown = "unknown",
        /// Safaricom certainly did not take the request.
        NotTaken = "not_taken",
    }
}

text_enum! {
    /// Why a person must look at a payment.
    pub enum ReviewReason {
        /// A success with another amount.
        Amount = "amount",
        /// A callback with another payment's ids.
        Ids = "ids",
        /// A success whose receipt is missing or cannot be one.
        Receipt = "receipt",
        /// A success whose receipt settled another payment.
        ReceiptUsed = "receipt_used",
        /// A second success with another receipt.
        SecondReceipt = "second_receipt",
        /// A body that cannot be read.
        Unreadable = "unreadable",
        /// A result code that nobody knows.
        UnknownCode = "unknown_code",
        /// Safaricom took its money back.
        Reversed = "reversed",
        /// A statement says that its money never moved.
        Contradicted = "contradicted",
    }
}

text_enum! {
    /// Why Safaricom did not take a push. The row keeps this word; the sentence for it is chosen when it is
    /// shown.
    pub enum Refusal {
        /// M-Pesa does not know the number.
        UnknownNumber = "unknown_number",
        /// Another prompt is open on the phone.
        PhoneLocked = "phone_locked",
        /// Safaricom takes no more requests for now.
        Busy = "busy",
        /// Our own account with Safaricom is not in order.
        OurAccount = "our_account",
        /// The request was not sent, or the refusal says no more than that.
        Other = "other",
    }
}

text_enum! {
    /// Our own codes in the column `result_code`, beside Safaricom's: for payments that ended without one of
    /// theirs.
    pub enum OwnCode {
        /// The push was certainly not taken.
        NotTaken = "not_taken",
        /// A statement that is complete for its time does not list the payment.
        NotListed = "not_listed",
        /// An operator made sure that no money came.
        Operator = "operator",
    }
}

/// What a payment looks like to its buyer: the pay panel, the payment's page and the list of purchases show
/// this, with scripts and without. The island reads it as JSON under these field names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentView {
    pub payment_id: String,
    pub tip: TipId,
    /// Styles and tests go by this word.
    pub state: PaymentViewState,
    /// One short sentence.
    pub title: String,
    /// What the state means and what the buyer should do.
    pub message: String,
    /// The account reference, which the M-Pesa SMS names.
    pub reference: String,
    /// The masked number that was charged.
    pub phone: String,
    pub receipt: Option<String>,
    /// Seconds until the prompt is gone from the phone; only in the state `CheckPhone`.
    pub countdown: Option<u64>,
    /// Whether the page should ask for the state again in some seconds.
    pub is_waiting: bool,
    /// Whether a new prompt may be sent beside the open payment.
    pub can_send_again: bool,
    /// Whether the form may be shown again: the payment ended unpaid and no person is looking at it.
    pub can_pay: bool,
}

text_enum! {
    /// The state of a payment as its buyer sees it.
    pub enum PaymentViewState {
        /// The request is on its way to M-Pesa.
        Sending = "sending",
        /// The prompt is on the phone.
        CheckPhone = "check_phone",
        /// A minute has passed without an answer.
        Confirming = "confirming",
        /// A person is looking at it.
        Review = "review",
        /// Paid and unlocked.
        Paid = "paid",
        /// The money came, but it could buy nothing and goes back.
        Owed = "owed",
        Cancelled = "cancelled",
        Failed = "failed",
    }
}

/// The pay panel beside a tip that its viewer has not bought.
#[derive(Debug, Clone)]
pub struct PayPanel {
    pub tip: TipId,
    pub price: Kes,
    pub offer: Offer,
    /// The viewer's open or newest payment for this tip, unless that ended more than an hour ago.
    pub payment: Option<PaymentView>,
}

/// What the pay panel lets its viewer do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Offer {
    /// They may pay: the form shows the number that will be charged, as `0712345678`.
    Pay { phone: String },
    /// Nobody is signed in.
    SignIn,
    /// Signed in, but not as a buyer.
    NotABuyer,
    /// They take a break from buying until this moment.
    Resting(DateTime<Utc>),
    /// Sales are closed.
    Closed,
}
