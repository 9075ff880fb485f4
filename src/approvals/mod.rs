//! The second person: what one member of staff wants to do with money, another one must have agreed to
//! (MONEY §9). An approval is for one amount to one number, lasts three days and is used once.

mod rule;
mod service;
pub mod store;

use chrono::TimeDelta;

pub use rule::{Interests, check_no_part, may_approve};
pub use service::{check_one_person, give, use_up};

use crate::types::{Kes, text_enum};

/// How long an approval lasts.
pub const LASTS: TimeDelta = TimeDelta::hours(72);
/// How long one person who is alone waits between their two looks.
pub const SECOND_LOOK_AFTER: TimeDelta = TimeDelta::hours(24);

text_enum! {
    /// What is approved.
    pub enum MatterKind {
        /// Money that goes back to its payer by hand. Its id is the debt's.
        Refund = "refund",
    }
}

text_enum! {
    /// What the approval is worth.
    pub enum ApprovalKind {
        /// It counts for everybody but who gave it.
        Second = "second",
        /// It counts for who gave it, a day later: they are alone.
        SecondLook = "second_look",
    }
}

/// What is approved, as it stands now. An approval of another amount, another payee or another version is
/// none.
#[derive(Debug, Clone)]
pub struct Matter {
    pub kind: MatterKind,
    pub id: String,
    pub version: i64,
    pub amount: Kes,
    /// The number that gets the money; where that is not known, the receipt whose payer gets it.
    pub payee: String,
}
