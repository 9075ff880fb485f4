//! The demo's past: five months of settled tips, whose results are drawn by the odds and are the same for
//! everybody who seeds, and tips in other states.

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};

use super::fixtures::{BOOKMAKERS, CODE_ALPHABET, CODE_LENGTH, matches, prices};
use crate::demo::store::history::{self, PastResult};
use crate::platform::db::{Failure, transaction};
use crate::platform::random::Random;
use crate::tips::fingerprint::new_salt;
use crate::tips::odds::{outcome, total_odds};
use crate::tips::service::publish_sealed;
use crate::tips::store::Publication;
use crate::tips::{Bookmaker, Match, NewTip, TipOutcome, TipStatus, Tips};
use crate::types::{Odds, PersonId, TipResult};

/// For each demo tipster, how many settled tips they have, and how likely a pick of theirs wins, in
/// thousandths of the chance that its odds say.
const TIPSTERS: [(i64, i64); 6] = [(96, 1_060), (64, 960), (40, 1_120), (72, 880), (31, 1_010), (9, 1_250)];
/// Over how many days the settled tips are spread.
const DAYS: i64 = 150;
/// How many of a thousand matches are postponed.
const VOID: u64 = 12;
/// How many matches a tip has; one of these at random.
const MATCHES: [usize; 6] = [1, 2, 1, 3, 2, 1];
/// The reason that every made-up result carries.
const REASON: &str = "Demo data";
/// States of which a fresh demo has some tips, beside those on sale.
const STATES: [TipStatus; 3] = [TipStatus::PendingApproval, TipStatus::Rejected, TipStatus::Withdrawn];

/// A settled tip before it is written.
struct Past {
    matches: Vec<Match>,
    results: Vec<(TipResult, Option<&'static str>)>,
    outcome: TipOutcome,
    published_at: DateTime<Utc>,
    settled_at: DateTime<Utc>,
}

/// Gives a record of settled tips, and one tip in another state, to every demo tipster who has none. The
/// settled tips of a tipster are one transaction, so a run that was interrupted can be run again.
///
/// # Errors
/// An error if a tip cannot be made up, or if the database fails.
pub async fn add(tips: &Tips, tipsters: &[PersonId], operator: PersonId) -> anyhow::Result<()> {
    for (number, (&tipster, (count, skill))) in (1_u64..).zip(tipsters.iter().zip(TIPSTERS)) {
        if history::has_settled(&tips.db, tipster).await? {
            continue;
        }
        let random = Random::seeded(number);
        let now = tips.clock.now();
        let past =
            (0..count).map(|at| past(&random, now, at, count, skill)).collect::<anyhow::Result<Vec<_>>>()?;
        // Ids are made before the transaction, because it may run several times.
        let events: Vec<_> = past
            .iter()
            .map(|past| past.matches.iter().map(|_| Random::System.uuid(now)).collect::<Vec<_>>())
            .collect();
        let codes: Vec<String> = past.iter().map(|_| random.text(CODE_ALPHABET, CODE_LENGTH)).collect();
        let written: Result<(), Failure> = transaction!(tips.db, |tx| {
            for ((past, events), code) in past.iter().zip(&events).zip(&codes) {
                let number = publish_sealed(
                    tx,
                    &tips.random,
                    &past.tip(tipster, code),
                    &Publication::of(TipStatus::Active),
                    &new_salt(&tips.random),
                )
                .await?;
                history::settle(tx, number, past.outcome, past.settled_at).await?;
                if past.outcome.result == TipResult::Void {
                    history::set_status(tx, number, TipStatus::Void).await?;
                }
                for (position, ((result, score), event)) in (1_i64..).zip(past.results.iter().zip(events)) {
                    let (result, score, at) = (*result, *score, past.settled_at);
                    let new = PastResult {
                        event: *event,
                        tip: number,
                        position,
                        result,
                        score,
                        reason: REASON,
                        operator,
                        at,
                    };
                    history::set_match_result(tx, &new).await?;
                }
            }
            Ok(())
        });
        written?;
        let status = STATES[usize::try_from(number)? % STATES.len()];
        add_in_state(tips, &random, tipster, status).await?;
    }
    Ok(())
}

/// Adds one more tip that is not on sale, because it waits for the desk, was refused or was withdrawn.
async fn add_in_state(
    tips: &Tips,
    random: &Random,
    tipster: PersonId,
    status: TipStatus,
) -> anyhow::Result<()> {
    let matches = matches(random, tips.clock.now(), 2)?;
    let code = random.text(CODE_ALPHABET, CODE_LENGTH);
    let tip = Past::new_tip(tipster, &code, &matches, tips.clock.now());
    let written: Result<(), Failure> = transaction!(tips.db, |tx| {
        let number = publish_sealed(
            tx,
            &tips.random,
            &tip,
            &Publication::of(TipStatus::Active),
            &new_salt(&tips.random),
        )
        .await?;
        Ok(history::set_status(tx, number, status).await?)
    });
    Ok(written?)
}

impl Past {
    fn tip<'a>(&'a self, tipster: PersonId, code: &'a str) -> NewTip<'a> {
        Self::new_tip(tipster, code, &self.matches, self.published_at)
    }

    fn new_tip<'a>(
        tipster: PersonId,
        bet_code: &'a str,
        matches: &'a [Match],
        created_at: DateTime<Utc>,
    ) -> NewTip<'a> {
        let odds = total_odds(matches).or(matches.first().map(|leg| leg.odds));
        let first = bet_code.bytes().next().map_or(0, usize::from);
        let (bookmaker, price) = (Bookmaker::ALL[first % BOOKMAKERS], prices(first));
        let odds = odds.or(Odds::from_thousandths(1_500).ok()).expect("odds above one");
        NewTip { tipster, bookmaker, bet_code, odds, price, matches, created_at }
    }
}

/// Makes tip `at` of `count`, where 0 is the oldest, and its results.
fn past(random: &Random, now: DateTime<Utc>, at: i64, count: i64, skill: i64) -> anyhow::Result<Past> {
    // The tip is at least a week old, and its matches kick off within six days of that, so all are over by
    // now.
    let published_at = now - TimeDelta::days(7) - TimeDelta::hours((count - at) * DAYS * 24 / count);
    let legs = MATCHES[usize::try_from(random.below(6))?];
    let matches = matches(random, published_at, legs)?;
    let mut results = Vec::with_capacity(legs);
    for leg in &matches {
        let wins_of_a_million = u64::try_from(1_000_000 * skill / leg.odds.thousandths())?;
        let result = if random.below(1_000) < VOID {
            TipResult::Void
        } else if random.below(1_000_000) < wins_of_a_million {
            TipResult::Won
        } else {
            TipResult::Lost
        };
        results.push((result, score(&leg.selection, result)));
    }
    let legs: Vec<_> =
        matches.iter().zip(&results).map(|(leg, (result, _))| (leg.odds, Some(*result))).collect();
    let outcome = outcome(&legs).context("every leg has a result")?;
    let last = matches.iter().map(|leg| leg.kick_off_at).max().unwrap_or(published_at);
    Ok(Past { matches, results, outcome, published_at, settled_at: last + TimeDelta::hours(2) })
}

/// A score that agrees with the result of a pick; a postponed match has none.
fn score(selection: &str, result: TipResult) -> Option<&'static str> {
    let (won, lost) = match selection {
        "Home win" => ("2-1", "0-1"),
        "Draw" => ("1-1", "2-0"),
        "Away win" => ("0-2", "1-1"),
        "Over 2.5" => ("3-1", "1-0"),
        "Under 2.5" => ("1-0", "2-2"),
        "Yes" => ("2-1", "2-0"),
        "Home or draw" => ("1-1", "0-1"),
        _ => ("0-1", "2-1"),
    };
    match result {
        TipResult::Won => Some(won),
        TipResult::Lost => Some(lost),
        TipResult::Void => None,
    }
}
