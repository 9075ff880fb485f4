//! The leaderboard: all tipsters in the order of their records.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::record::{RANKED_FROM, Tally};
use super::store::record::TallyRow;
use crate::types::PersonId;

/// One tipster's place on the leaderboard.
#[derive(Debug, Clone)]
pub struct Standing {
    pub handle: String,
    pub name: String,
    pub is_verified: bool,
    pub tally: Tally,
    /// In millionths, as `Tally::score` gives it.
    pub score: i64,
}

/// All tipsters who have a settled tip in the span.
#[derive(Debug, Default)]
pub struct Standings {
    /// Tipsters with enough decided tips for a rank, best score first.
    pub ranked: Vec<Standing>,
    /// All other tipsters, most decided tips first.
    pub others: Vec<Standing>,
    by_tipster: HashMap<PersonId, (Tally, i64)>,
}

impl Standings {
    /// Orders tipsters by score, then by the number of decided tips. Handles break ties, so that two servers
    /// always show the same order.
    pub fn of(rows: &[TallyRow]) -> Self {
        let mut standings = Self::default();
        for row in rows {
            let (tally, tipster) = (row.tally, &row.tipster);
            let score = tally.score();
            standings.by_tipster.insert(tipster.id, (tally, score));
            let (handle, name) = (tipster.handle.clone(), tipster.display_name.clone());
            let standing = Standing { handle, name, is_verified: tipster.is_verified, tally, score };
            if tally.decided() >= RANKED_FROM {
                standings.ranked.push(standing);
            } else {
                standings.others.push(standing);
            }
        }
        standings.ranked.sort_by(|a, b| {
            (Reverse(a.score), Reverse(a.tally.decided()), &a.handle).cmp(&(
                Reverse(b.score),
                Reverse(b.tally.decided()),
                &b.handle,
            ))
        });
        standings.others.sort_by(|a, b| {
            (Reverse(a.tally.decided()), &a.handle).cmp(&(Reverse(b.tally.decided()), &b.handle))
        });
        standings
    }

    /// A tipster's sums; `None` if nothing of theirs was settled in the span.
    pub fn tally(&self, tipster: PersonId) -> Option<Tally> {
        self.by_tipster.get(&tipster).map(|(tally, _)| *tally)
    }

    /// A tipster's score, in millionths. A tipster without a rank gets the lowest number and so comes last.
    pub fn score(&self, tipster: PersonId) -> i64 {
        self.by_tipster
            .get(&tipster)
            .filter(|(tally, _)| tally.is_ranked())
            .map_or(i64::MIN, |(_, score)| *score)
    }
}
