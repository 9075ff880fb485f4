//! The desk's decision about a waiting tip: it goes on sale, or it never does.

use super::TipStatus;
use super::catalogue::Tips;
use super::store::approval as store;
use crate::audit::{self, Operator, Subject};
use crate::notices::{self, NewNotice, NoticeKind};
use crate::platform::db::{Failure, transaction};
use crate::types::{AppError, TipId};

const WAITS: &str = TipStatus::PendingApproval.as_str();
const DECIDED_ALREADY: &str = "Somebody has decided about this tip already, or its tipster has withdrawn it.";

impl Tips {
    /// Puts a waiting tip on sale, and tells its tipster and the tipster's followers.
    ///
    /// # Errors
    /// [`AppError::NotFound`] if there is no such tip; [`AppError::Conflict`] if it does not wait any more,
    /// its sales have closed, or it is the operator's own; a database error.
    pub async fn approve(&self, operator: &Operator, tip: TipId) -> Result<(), Failure> {
        let by = operator.person().id();
        let now = self.clock.now();
        let id = self.random.uuid(now);
        transaction!(self.db, |tx| {
            if let Some(tipster) = store::approve(tx, tip, by, now).await? {
                let told = NewNotice::of_tip(id, tipster, NoticeKind::Approved, tip, now);
                notices::insert(tx, &told).await?;
                notices::tell_followers(tx, &self.random, tipster, tip, now).await?;
                let change = (Some(WAITS), Some(TipStatus::Active.as_str()));
                let deed = operator.deed(now, "tip_approved", Subject::Tip(tip), change);
                return Ok(audit::record(tx, &self.random, &[deed]).await?);
            }
            let standing = store::standing(tx, tip, now).await?;
            let (status, tipster, has_closed) = standing.ok_or_else(no_such_tip)?;
            Err(AppError::conflict(match status {
                TipStatus::PendingApproval if has_closed => {
                    "Too late: its first match is about to start, or has. It was never on sale."
                }
                TipStatus::PendingApproval if tipster == by => {
                    "This is your own tip: somebody else must approve it."
                }
                TipStatus::Active => "This tip is approved already.",
                _ => DECIDED_ALREADY,
            })
            .into())
        })
    }

    /// Turns a waiting tip down for good, and tells its tipster the operator's reason.
    ///
    /// # Errors
    /// [`AppError::NotFound`] if there is no such tip; [`AppError::Conflict`] if it does not wait any more; a
    /// database error.
    pub async fn reject(&self, operator: &Operator, tip: TipId) -> Result<(), Failure> {
        let (by, reason) = (operator.person().id(), operator.reason());
        let now = self.clock.now();
        let id = self.random.uuid(now);
        transaction!(self.db, |tx| {
            if let Some(tipster) = store::reject(tx, tip, by, reason, now).await? {
                let told = NewNotice::of_tip(id, tipster, NoticeKind::Rejected, tip, now);
                notices::insert(tx, &NewNotice { detail: Some(reason), ..told }).await?;
                let change = (Some(WAITS), Some(TipStatus::Rejected.as_str()));
                let deed = operator.deed(now, "tip_rejected", Subject::Tip(tip), change);
                return Ok(audit::record(tx, &self.random, &[deed]).await?);
            }
            store::standing(tx, tip, now).await?.ok_or_else(no_such_tip)?;
            Err(AppError::conflict(DECIDED_ALREADY).into())
        })
    }
}

fn no_such_tip() -> AppError {
    AppError::not_found("There is no such tip.")
}
