//! What became of matches. A person says it with a reason, match by match; the tip's own result follows from
//! its matches in the same transaction, and whoever sold or bought it is told.

use chrono::DateTime;

use super::service::{Desk, DeskOperator, FETCH, Sight, notice, read_cursor, read_reason};
use super::store::{self, ResultSaid};
use super::{OPEN, ResultEvent, SETTLED_AFTER, TipResults, Unsettled};
use crate::notices::{self, NoticeKind};
use crate::platform::clock::day_and_time;
use crate::platform::db::{Failure, Tx, transaction};
use crate::tips::odds::outcome;
use crate::types::name::line;
use crate::types::{AppError, Language, PersonId, TipId, TipResult};

const SCORE_LENGTH: usize = 20;
/// What is shown of a tip's history; nobody changes their mind so often.
const HISTORY: i64 = 200;
/// Notices in one statement.
const BATCH: usize = 500;
/// Why picks are looked at.
const TO_SETTLE: &str = "a match of it is over";

/// What an operator says of one match. `result` and `was` are texts of `TipResult`, or empty for an open
/// match.
#[derive(Debug, Clone, Copy)]
pub struct MatchVerdict<'a> {
    pub tip: TipId,
    pub position: i64,
    pub was: &'a str,
    pub result: &'a str,
    pub score: &'a str,
    pub reason: &'a str,
}

impl Desk {
    /// Tips with matches that are over and not settled.
    pub async fn unsettled(&self, operator: DeskOperator, after: Option<&str>) -> Result<Unsettled, Failure> {
        let now = self.clock.now();
        let after = read_cursor(after)?.unwrap_or((DateTime::UNIX_EPOCH, TipId(0)));
        let rows = store::unsettled(&self.db, after, now - SETTLED_AFTER, FETCH).await?;
        let (tips, next) = self.page(rows, |row| (row.first_kick_off_at, row.id), Sight::WhatIsOver).await?;
        self.note_look(operator, "picks_seen", tips.iter().map(|tip| tip.number), TO_SETTLE).await?;
        Ok(Unsettled { tips, next })
    }

    /// One tip's matches and everything that was said of them, once a match is over. Before that there is
    /// nothing to do.
    pub async fn results(&self, operator: DeskOperator, tip: TipId) -> Result<TipResults, Failure> {
        let row = store::offered(&self.db, tip).await?.ok_or_else(no_such_tip)?;
        let history = store::history(&self.db, tip, HISTORY).await?;
        let (mut tips, _) =
            self.page(vec![row], |row| (row.first_kick_off_at, row.id), Sight::WhatIsOver).await?;
        let event = |row: super::store::MatchEventRow| ResultEvent {
            position: row.position,
            result: row.result,
            score: row.score,
            reason: row.reason,
            by: row.by,
            at: row.happened_at,
        };
        let tip = tips.pop().filter(|tip| tip.legs.iter().any(|leg| leg.is_over)).ok_or_else(no_such_tip)?;
        self.note_look(operator, "picks_seen", [tip.number], TO_SETTLE).await?;
        Ok(TipResults { tip, history: history.into_iter().map(event).collect() })
    }

    /// Settles a match, or opens it again. It must still be as the operator saw it.
    pub async fn settle(&self, operator: DeskOperator, verdict: MatchVerdict<'_>) -> Result<(), Failure> {
        let now = self.clock.now();
        let (was, result) = (read_result(verdict.was)?, read_result(verdict.result)?);
        let reason = read_reason(verdict.reason)?;
        let score = read_score(verdict.score)?.filter(|_| result.is_some());
        if was == result {
            return Err(AppError::invalid("Choose what became of the match.").into());
        }
        let said =
            ResultSaid { tip: verdict.tip, position: verdict.position, was, result, score: score.as_deref() };
        transaction!(self.db, |tx| {
            let (tipster, before) = store::hold(tx, said.tip).await?.ok_or_else(no_such_tip)?;
            if tipster == operator.id {
                return Err(AppError::conflict("This is your own tip: somebody else must settle it.").into());
            }
            if store::has_bought(tx, said.tip, operator.id).await? {
                return Err(AppError::conflict("You bought this tip: somebody else must settle it.").into());
            }
            if !store::settle_leg(tx, &said, now - SETTLED_AFTER).await? {
                let (kick_off_at, found) =
                    store::leg(tx, said.tip, said.position).await?.ok_or_else(no_such_tip)?;
                let over_at = kick_off_at + SETTLED_AFTER;
                // Its page is not there yet either.
                if over_at > now && !store::has_one_over(tx, said.tip, now - SETTLED_AFTER).await? {
                    return Err(no_such_tip().into());
                }
                return Err(AppError::conflict(if over_at > now {
                    format!(
                        "This match can be settled from {} on.",
                        day_and_time(over_at).as_str(Language::English)
                    )
                } else {
                    format!(
                        "Somebody was quicker: this match is {} now. Look at it again.",
                        found.map_or("open again", TipResult::as_str)
                    )
                })
                .into());
            }
            store::insert_event(tx, self.random.uuid(now), &said, &reason, operator.id, now).await?;
            self.follow(tx, said.tip, tipster, before).await
        })
    }

    /// Makes the tip's result follow from its matches, and tells everybody concerned if it is another one.
    async fn follow(
        &self,
        tx: &mut Tx,
        tip: TipId,
        tipster: PersonId,
        before: Option<TipResult>,
    ) -> Result<(), Failure> {
        let now = self.clock.now();
        let legs = store::leg_results(tx, tip).await?;
        let outcome = outcome(&legs);
        store::set_outcome(tx, tip, outcome, now).await?;
        let after = outcome.map(|outcome| outcome.result);
        if after == before {
            return Ok(());
        }
        let mut people = store::buyers(tx, tip).await?;
        people.push(tipster);
        let detail = Some(after.map_or(OPEN, TipResult::as_str));
        for batch in people.chunks(BATCH) {
            let told = batch
                .iter()
                .map(|person| notice(self.random.uuid(now), *person, NoticeKind::Result, tip, detail, now));
            notices::insert_all(tx, &told.collect::<Vec<_>>()).await?;
        }
        Ok(())
    }
}

fn read_result(text: &str) -> Result<Option<TipResult>, AppError> {
    match text.trim() {
        "" | OPEN => Ok(None),
        text => {
            TipResult::read(text).map(Some).ok_or_else(|| AppError::invalid("A match is won, lost or void."))
        }
    }
}

fn read_score(text: &str) -> Result<Option<String>, AppError> {
    let Some(score) = line(text).filter(|score| score.chars().count() <= SCORE_LENGTH) else {
        return Err(AppError::invalid(format!("A score has up to {SCORE_LENGTH} characters, like 2-1.")));
    };
    Ok(Some(score).filter(|score| !score.is_empty()))
}

fn no_such_tip() -> AppError {
    AppError::not_found("There is no such tip or match.")
}
