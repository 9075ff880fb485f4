//! The rules by which an operator settles a match.

use chrono::{DateTime, Utc};

use super::{MatchVerdict, OPEN, SETTLED_AFTER, store};
use crate::audit::{self, Operator, Subject};
use crate::notices::{self, NewNotice, NoticeKind};
use crate::platform::clock::day_and_time;
use crate::platform::db::{Failure, Tx, transaction};
use crate::tips::catalogue::Tips;
use crate::tips::odds::outcome;
use crate::types::{AppError, Language, PersonId, TipId, TipResult};

/// How many notices one statement writes.
const BATCH: usize = 500;

impl Tips {
    /// Settles a match, or opens it again, and records who did it and why. The match must still have the
    /// result that the operator saw. Nobody may settle a tip that they sell or bought.
    ///
    /// # Errors
    /// [`AppError::Invalid`] if the result would not change; [`AppError::NotFound`] if there is no such
    /// match, the tip was not offered, or none of its matches is over; [`AppError::Conflict`] if the operator
    /// sells or bought the tip, the match is not over, or somebody else settled it first; a database error.
    pub async fn settle_match(&self, operator: &Operator, said: &MatchVerdict<'_>) -> Result<(), Failure> {
        let by = operator.person().id();
        let now = self.clock.now();
        if said.was == said.result {
            return Err(AppError::invalid("Choose what became of the match.").into());
        }
        transaction!(self.db, |tx| {
            let (tipster, before) = store::hold(tx, said.tip).await?.ok_or_else(no_such_match)?;
            if tipster == by {
                return Err(AppError::conflict("This is your own tip: somebody else must settle it.").into());
            }
            if store::has_bought(tx, said.tip, by).await? {
                return Err(AppError::conflict("You bought this tip: somebody else must settle it.").into());
            }
            if !store::settle_leg(tx, said, now - SETTLED_AFTER).await? {
                return Err(why_not_settled(tx, said, now).await?.into());
            }
            store::insert_event(tx, self.random.uuid(now), said, by, now).await?;
            self.follow(tx, said.tip, tipster, before).await?;
            let word = |result: Option<TipResult>| {
                format!("match {} {}", said.position, result.map_or(OPEN, TipResult::as_str))
            };
            let (was, is) = (word(said.was), word(said.result));
            let change = (Some(was.as_str()), Some(is.as_str()));
            let deed = operator.deed(now, "match_settled", Subject::Tip(said.tip), change);
            Ok(audit::record(tx, &self.random, &[deed]).await?)
        })
    }

    /// Recalculates the tip's result from its matches. If it changed, the tipster and all buyers get a
    /// notice.
    async fn follow(
        &self,
        tx: &mut Tx,
        tip: TipId,
        tipster: PersonId,
        before: Option<TipResult>,
    ) -> Result<(), Failure> {
        let now = self.clock.now();
        let outcome = outcome(&store::leg_results(tx, tip).await?);
        store::set_outcome(tx, tip, outcome, now).await?;
        let after = outcome.map(|outcome| outcome.result);
        if after == before {
            return Ok(());
        }
        let mut people = store::buyers(tx, tip).await?;
        people.push(tipster);
        let detail = Some(after.map_or(OPEN, TipResult::as_str));
        for batch in people.chunks(BATCH) {
            let told = batch.iter().map(|person| NewNotice {
                detail,
                ..NewNotice::of_tip(self.random.uuid(now), *person, NoticeKind::Result, tip, now)
            });
            notices::insert_all(tx, &told.collect::<Vec<_>>()).await?;
        }
        Ok(())
    }
}

/// Explains why no row was changed: the match is not there, is not over, or was settled by somebody else
/// first.
async fn why_not_settled(
    tx: &mut Tx,
    said: &MatchVerdict<'_>,
    now: DateTime<Utc>,
) -> Result<AppError, sqlx::Error> {
    let Some((kick_off_at, found)) = store::leg(tx, said.tip, said.position).await? else {
        return Ok(no_such_match());
    };
    let over_at = kick_off_at + SETTLED_AFTER;
    if over_at <= now {
        let found = found.map_or("open again", TipResult::as_str);
        return Ok(AppError::conflict(format!(
            "Somebody was quicker: this match is {found} now. Look at it again."
        )));
    }
    // The desk's page of a tip does not exist either before one of its matches is over.
    if !store::has_one_over(tx, said.tip, now - SETTLED_AFTER).await? {
        return Ok(no_such_match());
    }
    let over_at = day_and_time(over_at);
    let over_at = over_at.as_str(Language::English);
    Ok(AppError::conflict(format!("This match can be settled from {over_at} on.")))
}

fn no_such_match() -> AppError {
    AppError::not_found("There is no such tip or match.")
}
