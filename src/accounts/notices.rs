//! What people are told in the app: a sale, an approval, a result, a refund. It is written in the transaction of what it tells of.

use chrono::{DateTime, Utc};
use uuid::Uuid;

pub use super::store::notices::{insert, insert_all, tell_followers};
use crate::types::{PaymentId, PersonId, TipId};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeKind {
    Sale,
    Approved,
    Rejected,
    Result,
    Refund,
    NewTip,
    /// A code set the password.
    NewPassword,
    /// The tipster's name waits for the desk.
    BadgeTaken,
}

impl NoticeKind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sale => "sale",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Result => "result",
            Self::Refund => "refund",
            Self::NewTip => "new_tip",
            Self::NewPassword => "new_password",
            Self::BadgeTaken => "badge_taken",
        }
    }

    pub fn read(text: &str) -> Option<Self> {
        let all =
            [Self::Sale, Self::Approved, Self::Rejected, Self::Result, Self::Refund, Self::NewTip, Self::NewPassword, Self::BadgeTaken];
        all.into_iter().find(|kind| kind.as_str() == text)
    }
}

pub struct NewNotice<'a> {
    pub id: Uuid,
    pub person: PersonId,
    pub kind: NoticeKind,
    pub tip: Option<TipId>,
    pub payment: Option<PaymentId>,
    pub detail: Option<&'a str>,
    pub at: DateTime<Utc>,
}
