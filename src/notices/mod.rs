//! Notices: what people are told in the app, like a sale, an approval, a result or a refund. A notice is
//! written in the transaction of the event that it tells of, so that neither exists without the other.

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
    /// What a notice tells of.
    pub enum NoticeKind {
        /// The person's tip was sold.
        Sale = "sale",
        /// The desk let the person's tip on sale.
        Approved = "approved",
        /// The desk refused the person's tip.
        Rejected = "rejected",
        /// The result of a tip that the person sold or bought was set, changed or taken back.
        Result = "result",
        /// The person's payment bought nothing, and the money is owed to its payer.
        Refund = "refund",
        /// A tipster whom the person follows put a tip on sale.
        NewTip = "new_tip",
        /// A code by SMS set a new password.
        NewPassword = "new_password",
        /// The tipster lost the badge until the desk has looked at their name.
        BadgeTaken = "badge_taken",
    }
}

/// A notice to be written. `person` is who is told. `detail` is the desk's reason why it refused a tip, or
/// the word of a tip's result; `None` for other kinds.
pub struct NewNotice<'a> {
    pub id: Uuid,
    pub person: PersonId,
    pub kind: NoticeKind,
    pub tip: Option<TipId>,
    pub payment: Option<PaymentId>,
    pub detail: Option<&'a str>,
    pub at: DateTime<Utc>,
}

/// A notice with what its sentence needs to name.
#[derive(Debug, Clone, FromRow)]
pub struct NoticeRow {
    pub id: Uuid,
    pub kind: NoticeKind,
    pub tip_id: Option<TipId>,
    pub payment_id: Option<PaymentId>,
    pub detail: Option<String>,
    pub noticed_at: DateTime<Utc>,
    pub read_at: Option<DateTime<Utc>>,
    /// The present name of the tip's tipster.
    pub tipster: Option<String>,
    /// The result of the tip; `None` while it is open.
    pub result: Option<TipResult>,
}

/// A page of notices, newest first.
#[derive(Debug, Clone)]
pub struct NoticePage {
    pub list: Vec<NoticeRow>,
    /// The cursor of the next page; `None` on the last one.
    pub next: Option<String>,
    pub now: DateTime<Utc>,
}

impl NewNotice<'_> {
    /// A notice about a tip, without a payment or a detail.
    pub const fn of_tip(id: Uuid, person: PersonId, kind: NoticeKind, tip: TipId, at: DateTime<Utc>) -> Self {
        Self { id, person, kind, tip: Some(tip), payment: None, detail: None, at }
    }
}

/// The answer, 404, to a notice that does not exist or is somebody else's.
pub fn no_such_notice() -> AppError {
    AppError::not_found(notice_not_found())
}

/// The path of the page that a notice leads to; the list of notices if it is about nothing with a page.
pub fn leads_to(kind: NoticeKind, tip: Option<TipId>, payment: Option<PaymentId>) -> String {
    match (kind, tip, payment) {
        (NoticeKind::Sale, ..) => paths::WALLET.to_owned(),
        (NoticeKind::NewPassword | NoticeKind::BadgeTaken, ..) => paths::ACCOUNT.to_owned(),
        (NoticeKind::Refund, _, Some(payment)) => paths::payment(payment),
        (_, Some(tip), _) => paths::tip(tip),
        _ => paths::NOTICES.to_owned(),
    }
}
