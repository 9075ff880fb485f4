//! Money in: a payment's states, the push to the phone, the evidence that ends it, and the loop that asks for
//! it.
//!
//! ```text
//!              evidence against
//!   pending ─────────────────────► failed | cancelled
//!      │ evidence for                  │ evidence for (late)
//!      └──────────► completed ◄────────┘          nothing leaves completed
//! ```

pub mod api;
pub mod c2b;
pub mod callback;
pub mod claims;
mod decide;
pub mod engine;
pub mod evidence;
pub mod http;
pub mod http_api;
mod intent;
mod limits;
pub mod live;
pub mod manual;
pub mod messages;
mod pace;
mod query;
mod rate;
pub mod reconciler;
pub mod release;
mod settle;
mod start;
pub mod store;
pub mod token;
mod view;
mod watches;
pub mod webhooks;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;

pub use engine::Payments;
pub use intent::StartRequest;

use crate::types::{Kes, Msisdn, PaymentId, PersonId, TipId, text_enum};

/// How long a prompt stays on a phone (daraja §3.3).
pub const PROMPT_LIFE: TimeDelta = TimeDelta::seconds(60);
/// From this age on a new prompt may be sent beside an unanswered one, and a query's final code ends a
/// payment (MONEY §1).
pub const SEND_AGAIN_AFTER: TimeDelta = TimeDelta::seconds(180);
/// A query says nothing reliable before this age.
pub const FIRST_QUERY_AFTER: TimeDelta = TimeDelta::seconds(35);

/// A payment that ended unpaid is asked about for its payer so long after its push.
pub const ASK_ENDED_FOR: TimeDelta = TimeDelta::hours(24);

/// A payment as its row has it.
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
    pub waiting_receipt: Option<String>,
    pub hinted: bool,
    pub check_count: i64,
    pub next_check_at: Option<DateTime<Utc>>,
    pub pushed_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
}

impl Payment {
    pub fn age(&self, now: DateTime<Utc>) -> TimeDelta {
        now - self.pushed_at
    }

    pub fn can_send_again(&self, now: DateTime<Utc>) -> bool {
        self.open && self.status == Status::Pending && self.age(now) >= SEND_AGAIN_AFTER
    }

    /// Whether Safaricom may be asked about it for its payer, now or in a moment.
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
    /// `completed` means that the money is accounted for; `outcome` says what it bought.
    pub enum Status { Pending = "pending", Completed = "completed", Failed = "failed", Cancelled = "cancelled" }
}

text_enum! {
    /// What a payment's money came to; none while it is open or ended unpaid.
    pub enum Outcome {
        /// It bought the tip.
        Unlocked = "unlocked",
        /// It could buy nothing and belongs to its payer.
        Owed = "owed",
        /// Nothing yet: a person must look.
        Review = "review",
    }
}

text_enum! {
    /// What became of the request to Safaricom.
    pub enum PushState {
        Sending = "sending",
        Accepted = "accepted",
        /// It may have been taken.
        Unknown = "unknown",
        /// It was certainly not taken.
        NotTaken = "not_taken",
    }
}

text_enum! {
    /// Why a person must look.
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
    }
}

text_enum! {
    /// Why Safaricom did not take a push. The words for it are chosen when it is shown.
    pub enum Refusal {
        /// M-Pesa does not know the number.
        UnknownNumber = "unknown_number",
        /// Another prompt is open on the phone.
        PhoneLocked = "phone_locked",
        /// Safaricom takes no more requests for now.
        Busy = "busy",
        /// Our own account with Safaricom is not in order.
        OurAccount = "our_account",
        /// It was not sent, or refused in words that tell no more.
        Other = "other",
    }
}

text_enum! {
    /// Codes of ours that stand beside Safaricom's in `result_code`: payments that ended without one of
    /// theirs.
    pub enum OwnCode {
        /// The push was certainly not taken.
        NotTaken = "not_taken",
        /// A complete statement does not list it.
        NotListed = "not_listed",
        /// An operator made sure that no money came.
        Operator = "operator",
    }
}

/// What a payment looks like to its buyer: the pay panel, the payment's page and the list of purchases show
/// this, with scripts and without. Its field names are the JSON that the island reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentView {
    pub payment_id: String,
    pub tip: TipId,
    /// The state's name, for styles and tests.
    pub state: PaymentViewState,
    /// One short sentence.
    pub title: String,
    /// What it means and what to do.
    pub message: String,
    /// What the M-Pesa SMS will name.
    pub reference: String,
    /// The masked number that was charged.
    pub phone: String,
    pub receipt: Option<String>,
    /// For `check_phone`: seconds until the prompt is gone from the phone.
    pub countdown: Option<u64>,
    /// Whether the page should ask again in some seconds.
    pub is_waiting: bool,
    /// Whether a new prompt may be sent beside the open payment.
    pub can_send_again: bool,
    /// Whether the form may be shown for a new try.
    pub can_pay: bool,
}

text_enum! {
    /// What a buyer sees of a payment's state.
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
        /// Paid, but it could buy nothing: the money goes back.
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
    /// The buyer's open or last payment for this tip.
    pub payment: Option<PaymentView>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Offer {
    /// The form, with the number that will be charged as `0712345678`.
    Pay { phone: String },
    /// Nobody is signed in.
    SignIn,
    /// Signed in, but not as a buyer.
    NotABuyer,
    /// They take a break from buying, until then.
    Resting(DateTime<Utc>),
    /// Sales are closed.
    Closed,
}
