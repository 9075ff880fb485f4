//! What people are told in the app: a sale, an approval, a result, a refund. It is written in the transaction
//! of what it tells of.

pub mod api;
mod service;
pub mod store;

use chrono::{DateTime, Utc};
use uuid::Uuid;

pub use service::Notices;
use store::NoticeRow;
pub use store::{insert, insert_all, tell_followers};

use crate::platform::paths;
use crate::types::{AppError, PaymentId, PersonId, TipId, words};

words! {
    notice_not_found { "There is no such notice." "Hakuna taarifa kama hiyo." }
}

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
        let all = [
            Self::Sale,
            Self::Approved,
            Self::Rejected,
            Self::Result,
            Self::Refund,
            Self::NewTip,
            Self::NewPassword,
            Self::BadgeTaken,
        ];
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

/// One thing that happened.
#[derive(Debug, Clone)]
pub struct Notice {
    pub row: NoticeRow,
    pub kind: NoticeKind,
}

/// A page of notices, newest first.
#[derive(Debug, Clone)]
pub struct NoticePage {
    pub list: Vec<Notice>,
    pub next: Option<String>,
    pub now: DateTime<Utc>,
}

pub fn no_such_notice() -> AppError {
    AppError::not_found(notice_not_found())
}

/// The page that a notice is about.
pub fn leads_to(kind: NoticeKind, tip: Option<TipId>, payment: Option<PaymentId>) -> String {
    match (kind, tip, payment) {
        (NoticeKind::Sale, ..) => paths::WALLET.to_owned(),
        (NoticeKind::NewPassword | NoticeKind::BadgeTaken, ..) => paths::ACCOUNT.to_owned(),
        (NoticeKind::Refund, _, Some(payment)) => paths::payment(payment),
        (_, Some(tip), _) => paths::tip(tip),
        _ => paths::NOTICES.to_owned(),
    }
}
