//! What people are told in the app: a sale, an approval, a result, a refund.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::platform::db::{Tx, on};
use crate::types::{PaymentId, PersonId, TipId};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeKind {
    Sale,
    Approved,
    Rejected,
    Result,
    Refund,
    NewTip,
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
        }
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

/// Written in the transaction of what it tells of.
pub async fn insert(tx: &mut Tx, new: &NewNotice<'_>) -> Result<(), sqlx::Error> {
    const INSERT: &str = "INSERT INTO notices (id, person_id, kind, tip_id, payment_id, detail, noticed_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    on!(tx, c => {
        let insert = sqlx::query(INSERT).bind(new.id).bind(new.person).bind(new.kind.as_str()).bind(new.tip).bind(new.payment);
        insert.bind(new.detail).bind(new.at).execute(c).await.map(|_| ())
    })
}

/// Several at once; `new` is not empty.
pub async fn insert_all(tx: &mut Tx, new: &[NewNotice<'_>]) -> Result<(), sqlx::Error> {
    on!(tx, c => {
        let mut insert = sqlx::QueryBuilder::new("INSERT INTO notices (id, person_id, kind, tip_id, payment_id, detail, noticed_at) ");
        insert.push_values(new, |mut row, notice| {
            row.push_bind(notice.id).push_bind(notice.person).push_bind(notice.kind.as_str()).push_bind(notice.tip);
            row.push_bind(notice.payment).push_bind(notice.detail.map(str::to_owned)).push_bind(notice.at);
        });
        insert.build().execute(c).await.map(|_| ())
    })
}
