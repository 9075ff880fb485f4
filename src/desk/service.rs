//! Who may sit at the desk, and what they see of tips: everything that is sold of those that wait, and only
//! the picks of matches that are over of all others.

use chrono::{DateTime, Utc};

use super::store::{self, LegRow, TipRow};
use super::{ApprovalQueue, DeskLeg, DeskPick, DeskTip, WholeTip};
use crate::audit::{self, Deed, Member, Subject};
use crate::platform::clock::Clock;
use crate::platform::cursor::{cut, one_more, read};
use crate::platform::db::{Db, Failure, transaction};
use crate::platform::picture::no_such_picture;
use crate::platform::random::Random;
use crate::platform::viewer::Viewer;
use crate::tips::results::SETTLED_AFTER;
use crate::tips::{MatchResult, TipOutcome};
use crate::types::{AppError, TipId};

pub(super) const PAGE: usize = 10;

/// The service behind the desk's pages.
#[derive(Clone)]
pub struct Desk {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) random: Random,
}

/// How much of a tip the desk sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sight {
    /// All of it, to approve it.
    Whole,
    /// The picks of matches that are over, to settle them.
    WhatIsOver,
}

/// Where a page of a list starts: after this moment and tip.
pub(super) type After = (DateTime<Utc>, TipId);

impl Desk {
    /// Puts the service together.
    pub const fn new(db: Db, clock: Clock, random: Random) -> Self {
        Self { db, clock, random }
    }

    /// The viewer as a member of staff. Their role is asked of the database, since a session may be older than a
    /// dismissal.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for everybody else, so that nobody learns that there is a desk; a database
    /// error.
    pub async fn staff(&self, viewer: Option<Viewer>) -> Result<Member, Failure> {
        let nothing = || AppError::not_found("There is no page at this address.");
        let viewer = viewer.ok_or_else(nothing)?;
        Ok(Member::signed_in(&self.db, &viewer).await?.ok_or_else(nothing)?)
    }

    /// A page of the tips that wait and can still be approved. Whoever looks at them sees everything that is
    /// sold, so each look is noted first.
    ///
    /// # Errors
    /// `AppError::Invalid` if the cursor `after` cannot be read; a database error, also if the look cannot be
    /// noted.
    pub async fn waiting(&self, member: &Member, after: Option<&str>) -> Result<ApprovalQueue, Failure> {
        let now = self.clock.now();
        let (close, tip) = read(after)?.unwrap_or((now, TipId(i64::MAX)));
        let rows = store::waiting(&self.db, (close.max(now), tip), one_more(PAGE)).await?;
        let (tips, next) = self.page(rows, |row| (row.sales_close_at, row.id), Sight::Whole).await?;
        self.note_look(member, "tip_seen", tips.iter().map(|tip| tip.number), "it waits for approval")
            .await?;
        Ok(ApprovalQueue { tips, next })
    }

    /// Notes a look at the clear betslip of a tip that waits. The caller shows the picture only after that.
    ///
    /// # Errors
    /// [`AppError::NotFound`] if the tip does not wait or cannot be approved any more; a database error.
    pub async fn look_at_betslip(&self, member: &Member, tip: TipId) -> Result<(), Failure> {
        if !store::is_waiting(&self.db, tip, self.clock.now()).await? {
            return Err(no_such_picture().into());
        }
        self.note_look(member, "betslip_seen", [tip], "it waits for approval").await
    }

    /// Notes a look at these tips. It is called before anything clear is shown, so that an error shows
    /// nothing.
    pub(super) async fn note_look(
        &self,
        member: &Member,
        action: &'static str,
        tips: impl IntoIterator<Item = TipId>,
        reason: &str,
    ) -> Result<(), Failure> {
        let at = self.clock.now();
        let (by, before, after) = (member.actor(), None, None);
        let looks: Vec<Deed<'_>> = tips
            .into_iter()
            .map(|tip| Deed { at, by, action, subject: Subject::Tip(tip), before, after, reason })
            .collect();
        if looks.is_empty() {
            return Ok(());
        }
        transaction!(self.db, |tx| Ok(audit::record(tx, &self.random, &looks).await?))
    }

    /// The rows of one page with their matches, and where the next page starts.
    pub(super) async fn page(
        &self,
        mut rows: Vec<TipRow>,
        key: impl Fn(&TipRow) -> After,
        sight: Sight,
    ) -> Result<(Vec<DeskTip>, Option<String>), Failure> {
        let now = self.clock.now();
        let next = cut(&mut rows, PAGE, key);
        let numbers: Vec<TipId> = rows.iter().map(|row| row.id).collect();
        let mut legs = store::legs(&self.db, &numbers).await?;
        let tips = rows.into_iter().map(|row| {
            let own = legs
                .extract_if(.., |leg| leg.tip_id == row.id)
                .map(|leg| desk_leg(leg, sight, now))
                .collect();
            desk_tip(row, own, sight, now)
        });
        Ok((tips.collect(), next))
    }
}

fn desk_tip(row: TipRow, legs: Vec<DeskLeg>, sight: Sight, now: DateTime<Utc>) -> DeskTip {
    let whole = WholeTip { bet_code: row.bet_code, note: row.note, has_picture: row.has_picture };
    DeskTip {
        number: row.id,
        tipster: row.tipster,
        bookmaker: row.bookmaker,
        odds: row.odds_thousandths,
        price: row.price,
        whole: (sight == Sight::Whole).then_some(whole),
        published_at: row.created_at,
        sales_close_at: row.sales_close_at,
        now,
        outcome: TipOutcome::kept(row.result, row.units_thousandths),
        legs,
    }
}

fn desk_leg(row: LegRow, sight: Sight, now: DateTime<Utc>) -> DeskLeg {
    let LegRow {
        position,
        home_team,
        away_team,
        league,
        kick_off_at,
        market,
        selection,
        odds_thousandths: odds,
        ..
    } = row;
    let is_over = kick_off_at + SETTLED_AFTER <= now;
    DeskLeg {
        position,
        home_team,
        away_team,
        league,
        kick_off_at,
        pick: (sight == Sight::Whole || is_over).then_some(DeskPick { market, selection, odds }),
        result: MatchResult { result: row.result, score: row.score },
        is_over,
    }
}
