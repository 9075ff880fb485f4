//! Double entry: each movement of money is a transfer whose entries sum to zero, and nothing is ever changed
//! (MONEY §4).
//!
//! An entry is what an account gains. The accounts of the world outside fall by what lies there:
//! `mpesa_collections` falls by what buyers pay, so its minus is what lies with Safaricom. What is owed to
//! people (held, available, refunds) is never below zero, and what must come back from a tipster never
//! above.

mod closing;
mod service;
pub mod store;
pub mod templates;
#[cfg(test)]
mod templates_tests;

pub use closing::close_days;
pub use service::{book, book_all};
pub use store::open_accounts;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::types::{Kes, PersonId, text_enum};

text_enum! {
    /// The names of the accounts, as the migrations made them. An account of the world outside is below zero
    /// by what lies there; the others hold what is owed to tipsters and payers, and what is ours. A tipster's
    /// accounts stand last, in the order in which they are locked.
    pub enum AccountKind {
        MpesaCollections = "mpesa_collections",
        /// The whole short code of payouts, utility and charges together.
        MpesaPayouts = "mpesa_payouts",
        Bank = "bank",
        /// Money that is said to have come, and of which no machine has named the receipt yet.
        ReceiptsAwaited = "receipts_awaited",
        Suspense = "suspense",
        RefundsOwed = "refunds_owed",
        RefundsInFlight = "refunds_in_flight",
        PayoutsInFlight = "payouts_in_flight",
        PlatformRevenue = "platform_revenue",
        Fees = "fees",
        Losses = "losses",
        TaxWithheld = "tax_withheld",
        /// What must come back from a tipster: never above zero.
        TipsterClawback = "tipster_clawback",
        TipsterHeld = "tipster_held",
        TipsterAvailable = "tipster_available",
    }
}

impl AccountKind {
    /// The id that the migrations gave to an account of the platform; `None` for a tipster's, of which there
    /// are many.
    pub const fn fixed_id(self) -> Option<Uuid> {
        let number = match self {
            Self::MpesaCollections => 1,
            Self::MpesaPayouts => 2,
            Self::Bank => 3,
            Self::Suspense => 4,
            Self::RefundsOwed => 5,
            Self::PayoutsInFlight => 6,
            Self::PlatformRevenue => 7,
            Self::Fees => 8,
            Self::Losses => 9,
            Self::ReceiptsAwaited => 10,
            Self::RefundsInFlight => 11,
            Self::TaxWithheld => 12,
            Self::TipsterClawback | Self::TipsterHeld | Self::TipsterAvailable => return None,
        };
        Some(Uuid::from_u128(number))
    }
}

text_enum! {
    /// What a transfer is for. A subject has at most one of each kind.
    pub enum TransferKind {
        /// A payment bought a tip: the tipster's share is held, the rest is revenue.
        Sale = "sale",
        /// A machine has named the receipt of money that was awaited.
        ReceiptNamed = "receipt_named",
        /// A receipt turned out to be another payment's: its money is awaited again.
        ReceiptMoved = "receipt_moved",
        /// Money that was booked as collected before any machine had named its receipt is awaited.
        ReceiptAwaited = "receipt_awaited",
        /// Money came that belongs to nothing that we know.
        Unplaced = "unplaced",
        /// A payment could buy nothing: it is owed to its payer.
        Owed = "owed",
        /// A held share becomes available.
        Release = "release",
        PayoutAsked = "payout_asked",
        PayoutPaid = "payout_paid",
        PayoutNotPaid = "payout_not_paid",
        /// A payout that was paid came back from M-Pesa.
        PayoutReturned = "payout_returned",
        /// A payout was paid after it had been given back as not paid.
        PayoutPaidLate = "payout_paid_late",
        PayoutPaidTwice = "payout_paid_twice",
        RefundSent = "refund_sent",
        /// A refund was done by Safaricom's reversal of the receipt.
        RefundReversed = "refund_reversed",
        /// A refund was done by a payment out of the short code of payouts.
        RefundPaidOut = "refund_paid_out",
        RefundNotDone = "refund_not_done",
        /// A person sent the money that was owed back to its payer.
        RefundByHand = "refund_by_hand",
        /// A sale was taken back, before or after its share was released.
        Undone = "undone",
        /// Safaricom took back a receipt that had bought nothing.
        Reversed = "reversed",
        /// A tipster is made good for what a wrong result took.
        MadeGood = "made_good",
        ClawbackGivenUp = "clawback_given_up",
        /// A tipster gave up a rest that is too small to pay out.
        RestGivenUp = "rest_given_up",
        TaxPaid = "tax_paid",
        /// The short code of payouts was filled.
        TopUp = "top_up",
        /// Money was taken from a short code to the bank.
        Swept = "swept",
        /// Safaricom or the bank took a charge, or another one than was booked before.
        Charged = "charged",
    }
}

text_enum! {
    /// What a transfer is of. A release is known by the id of its payment, a refund by that of its debt.
    pub enum SubjectKind {
        Payment = "payment",
        Receipt = "receipt",
        Release = "release",
        Payout = "payout",
        Refund = "refund",
        Correction = "correction",
        Sweep = "sweep",
    }
}

/// An amount that a template adds or takes away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Symbol {
    /// The price of a tip.
    P,
    /// The tipster's share of the price.
    S,
    /// The amount that is moved.
    X,
    /// The fee that we charge.
    F,
    /// What Safaricom takes.
    G,
    /// The tax that is withheld.
    T,
    /// How much of what is taken from a tipster the available balance can give.
    A,
    /// How much of a fee that came back stays with us.
    B,
    /// How much of what a tipster gains fills an open clawback. The ledger computes it itself.
    C,
    /// How much of Safaricom's fee came back.
    R,
    /// What Safaricom took back.
    Y,
    /// What never came.
    W,
}

/// One movement of money, which its kind's template makes into the entries of a transfer.
#[derive(Debug)]
pub struct Movement {
    /// The id of the transfer.
    pub id: Uuid,
    pub kind: TransferKind,
    /// The first account of the template: of a sale, where the price lies.
    pub first: AccountKind,
    pub subject: (SubjectKind, Uuid),
    /// The tipster whose accounts it touches, if it touches any.
    pub owner: Option<PersonId>,
    pub amounts: Vec<(Symbol, Kes)>,
    pub made_at: DateTime<Utc>,
}
