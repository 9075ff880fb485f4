//! What people are told in the app: a sale, an approval, a result, a refund. It is written in the transaction
//! of what it tells of.

pub mod api;
mod service;
pub mod store;

use chrono::{DateTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

pub use service::Notices;
pub use store::{insert, insert_all, tell_followers};

use crate::platform::paths;
use crate::types::{AppError, PaymentId, PersonId, TipId, TipResult, text_enum, words};

words! {
    notice_not_found { "There is no such notice." "Hakuna taarifa kama hiyo." }
}

text_enum! {
    pub enum NoticeKind {
        Sale = "sale",
        Approved = "approved",
        Rejected = "rejected",
        Result = "result",
        Refund = "refund",
        NewTip = "new_tip",
        /// A code set the password.
        NewPassword = "new_password",
        /// The tipster's name waits for the desk.
        BadgeTaken = "badge_taken",
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

/// A notice with what its sentence names.
#[derive(Debug, Clone, FromRow)]
pub struct NoticeRow {
    pub id: Uuid,
    pub kind: NoticeKind,
    pub tip_id: Option<TipId>,
    pub payment_id: Option<PaymentId>,
    pub detail: Option<String>,
    pub noticed_at: DateTime<Utc>,
    pub read_at: Option<DateTime<Utc>>,
    pub tipster: Option<String>,
    /// What became of the tip.
    pub result: Option<TipResult>,
}

/// A page of notices, newest first.
#[derive(Debug, Clone)]
pub struct NoticePage {
    pub list: Vec<NoticeRow>,
    pub next: Option<String>,
    pub now: DateTime<Utc>,
}

impl NewNotice<'_> {
    pub const fn of_tip(id: Uuid, person: PersonId, kind: NoticeKind, tip: TipId, at: DateTime<Utc>) -> Self {
        Self { id, person, kind, tip: Some(tip), payment: None, detail: None, at }
    }
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
