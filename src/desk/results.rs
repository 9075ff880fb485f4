//! What the desk sees of results: tips with something to settle, and one tip with what was said of it.

use chrono::DateTime;

use super::service::{Desk, PAGE, Sight};
use super::{ResultEvent, TipResults, Unsettled, store};
use crate::audit::Member;
use crate::platform::cursor::{one_more, read};
use crate::platform::db::Failure;
use crate::tips::results::SETTLED_AFTER;
use crate::types::{AppError, TipId};

/// How much of a tip's history is shown. Nobody changes their mind so often.
const HISTORY: i64 = 200;
/// The reason that is noted for a look at picks.
const TO_SETTLE: &str = "a match of it is over";

impl Desk {
    /// A page of the tips with matches that are over and not settled. That the operator saw their picks is
    /// noted first.
    ///
    /// # Errors
    /// `AppError::Invalid` if the cursor `after` cannot be read; a database error, also if the look cannot be
    /// noted.
    pub async fn unsettled(&self, member: &Member, after: Option<&str>) -> Result<Unsettled, Failure> {
        let now = self.clock.now();
        let after = read(after)?.unwrap_or((DateTime::UNIX_EPOCH, TipId(0)));
        let rows = store::unsettled(&self.db, after, now - SETTLED_AFTER, one_more(PAGE)).await?;
        let (tips, next) = self.page(rows, |row| (row.first_kick_off_at, row.id), Sight::WhatIsOver).await?;
        self.note_look(member, "picks_seen", tips.iter().map(|tip| tip.number), TO_SETTLE).await?;
        Ok(Unsettled { tips, next })
    }

    /// One tip's matches and what was said of them, once one of its matches is over. That the operator saw
    /// its picks is noted first.
    ///
    /// # Errors
    /// [`AppError::NotFound`] if the tip was never on sale, was withdrawn, or none of its matches is over; a
    /// database error.
    pub async fn results(&self, member: &Member, tip: TipId) -> Result<TipResults, Failure> {
        let row = store::offered(&self.db, tip).await?.ok_or_else(no_such_tip)?;
        let history = store::history(&self.db, tip, HISTORY).await?;
        let (mut tips, _) =
            self.page(vec![row], |row| (row.first_kick_off_at, row.id), Sight::WhatIsOver).await?;
        let event = |row: store::MatchEventRow| ResultEvent {
            position: row.position,
            result: row.result,
            score: row.score,
            reason: row.reason,
            by: row.by,
            at: row.happened_at,
        };
        let tip = tips.pop().filter(|tip| tip.legs.iter().any(|leg| leg.is_over)).ok_or_else(no_such_tip)?;
        self.note_look(member, "picks_seen", [tip.number], TO_SETTLE).await?;
        Ok(TipResults { tip, history: history.into_iter().map(event).collect() })
    }
}

fn no_such_tip() -> AppError {
    AppError::not_found("There is no such tip or match.")
}
