//! The board: all tipsters by their records.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::record::{RANKED_FROM, Tally};
use super::store::record::TallyRow;
use crate::types::PersonId;

/// A tipster's place among all.
#[derive(Debug, Clone)]
pub struct Standing {
    pub handle: String,
    pub name: String,
    pub is_verified: bool,
    pub tally: Tally,
    /// Millionths.
    pub score: i64,
}

/// All tipsters with something settled.
#[derive(Debug, Default)]
pub struct Standings {
    /// Best first: those with enough tips.
    pub ranked: Vec<Standing>,
    /// Most tips first: those without.
    pub others: Vec<Standing>,
    by_tipster: HashMap<PersonId, (Tally, i64)>,
}

impl Standings {
    /// Puts tipsters in order: by score, then by tips. Ties are broken by handle, so that the order is total.
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

    pub fn tally(&self, tipster: PersonId) -> Option<Tally> {
        self.by_tipster.get(&tipster).map(|(tally, _)| *tally)
    }

    /// Millionths; who has no rank is below all who have one.
    pub fn score(&self, tipster: PersonId) -> i64 {
        self.by_tipster
            .get(&tipster)
            .filter(|(tally, _)| tally.is_ranked())
            .map_or(i64::MIN, |(_, score)| *score)
    }
}
