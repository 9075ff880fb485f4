//! Who may see what of a tip. What must be paid for leaves here only for those who paid.

use super::standings::StandingsCache;
use super::store::{self, CardRow, DetailRow, NewTip};
use super::{Bookmaker, Face, Match, MatchPreview, TipCard, TipContent, TipDetail, TipState, mask, preview_count};
use crate::accounts::Viewer;
use crate::platform::clock::Clock;
use crate::platform::db::{Db, Failure, transaction};
use crate::platform::files::{Files, Picture};
use crate::types::{AppError, AppResult, Odds, TipId};

/// The rules of tips.
#[derive(Clone)]
pub struct Tips {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) standings: StandingsCache,
    files: Files,
}

impl Tips {
    pub fn new(db: Db, clock: Clock, files: Files) -> Self {
        Self { db, clock, standings: StandingsCache::default(), files }
    }

    /// One tip with the face its viewer may see. A tip that was never offered is nobody's business but its tipster's.
    pub async fn detail(&self, number: TipId, viewer: Option<&Viewer>) -> Result<TipDetail, Failure> {
        let now = self.clock.now();
        let rows = store::detail(&self.db, number, viewer.map(|viewer| viewer.id)).await?;
        let Some(first) = rows.first() else { return Err(no_such_tip().into()) };
        let is_own = viewer.is_some_and(|viewer| viewer.id == first.card.tipster_id);
        let was_offered = matches!(first.status.as_str(), "active" | "withdrawn" | "void");
        if !was_offered && !is_own {
            return Err(no_such_tip().into());
        }
        let state = match first.status.as_str() {
            "active" if now < first.card.sales_close_at => TipState::OnSale,
            "active" => TipState::Closed,
            _ => TipState::Withdrawn,
        };
        let (earned, is_bought) = (first.earned_cents, first.is_bought);
        let (masked_code, has_picture, bet_code) = (mask(&first.bet_code), first.has_picture, first.bet_code.clone());
        let (card, matches) = split(rows);
        let face = if is_own {
            Face::Tipster { content: TipContent { bet_code, matches }, earned }
        } else if is_bought {
            Face::Owner(TipContent { bet_code, matches })
        } else {
            Face::Preview { matches: preview(matches) }
        };
        let Some(card) = card else { return Err(no_such_tip().into()) };
        Ok(TipDetail { card, now, state, masked_code, has_picture, face })
    }

    /// The clear betslip, for who bought or sells the tip; nothing for anybody else.
    pub async fn clear_picture(&self, number: TipId, viewer: Option<&Viewer>) -> AppResult<Vec<u8>> {
        let nothing = || AppError::not_found("There is no such picture.");
        let viewer = viewer.ok_or_else(nothing)?;
        let right = store::picture_right(&self.db, number, viewer.id).await.map_err(Failure::from)?;
        match right {
            Some((tipster, true, is_bought)) if is_bought || tipster == viewer.id => self.read_picture(number, Picture::Clear).await,
            _ => Err(nothing()),
        }
    }

    /// The blurred betslip, for everybody.
    pub async fn blurred_picture(&self, number: TipId) -> AppResult<Vec<u8>> {
        if !store::has_public_picture(&self.db, number).await.map_err(Failure::from)? {
            return Err(AppError::not_found("There is no such picture."));
        }
        self.read_picture(number, Picture::Blurred).await
    }

    async fn read_picture(&self, number: TipId, picture: Picture) -> AppResult<Vec<u8>> {
        let read = self.files.read(number, picture).await.map_err(|error| {
            tracing::error!(%error, tip = %number, "a picture could not be read");
            AppError::Internal
        })?;
        read.ok_or_else(|| AppError::not_found("There is no such picture."))
    }

    /// Puts a tip on sale at once, with its betslip (a clear and a blurred picture).
    pub async fn publish(&self, tip: &NewTip<'_>, pictures: Option<(Vec<u8>, Vec<u8>)>) -> anyhow::Result<TipId> {
        let number: TipId = transaction!(self.db, tx => Ok(store::insert_tip(tx, tip).await?))?;
        if let Some((clear, blurred)) = pictures {
            self.files.write(number, Picture::Clear, &clear).await?;
            self.files.write(number, Picture::Blurred, &blurred).await?;
            let written: Result<(), Failure> = transaction!(self.db, tx => Ok(store::set_has_picture(tx, number).await?));
            written?;
        }
        Ok(number)
    }

    pub async fn count_on_sale(&self) -> Result<i64, Failure> {
        Ok(store::count_on_sale(&self.db, self.clock.now()).await?)
    }
}

pub fn no_such_tip() -> AppError {
    AppError::not_found("There is no such tip.")
}

pub(super) fn card(row: CardRow) -> TipCard {
    TipCard {
        number: row.id,
        tipster: row.tipster,
        tipster_handle: row.tipster_handle,
        tipster_is_verified: row.tipster_is_verified,
        tipster_record: None,
        bookmaker: Bookmaker::read(&row.bookmaker).unwrap_or(Bookmaker::Other),
        odds: row.odds_thousandths,
        price: row.price_cents,
        match_count: row.match_count,
        first_kick_off_at: row.first_kick_off_at,
        sales_close_at: row.sales_close_at,
        sales: row.sales,
    }
}

/// The tip's card, which every row repeats, and the matches.
fn split(rows: Vec<DetailRow>) -> (Option<TipCard>, Vec<Match>) {
    let mut tip = None;
    let mut matches = Vec::with_capacity(rows.len());
    for row in rows {
        let DetailRow { card: card_row, home_team, away_team, league, kick_off_at, market, selection, match_odds, .. } = row;
        tip.get_or_insert_with(|| card(card_row));
        matches.push(Match { home_team, away_team, league, kick_off_at, market, selection, odds: match_odds });
    }
    (tip, matches)
}

fn preview(matches: Vec<Match>) -> Vec<MatchPreview> {
    let shown = preview_count(i64::try_from(matches.len()).unwrap_or(i64::MAX));
    let teams = |leg: Match| MatchPreview { home_team: leg.home_team, away_team: leg.away_team, league: leg.league };
    matches.into_iter().take(shown).map(teams).collect()
}

/// The product of the legs' odds, to the hundredth, as bookmakers show it.
pub fn total_odds(matches: &[Match]) -> Option<Odds> {
    let times = |product: i128, leg: &Match| product.checked_mul(i128::from(leg.odds.thousandths())).map(|product| product / 1_000);
    let product = matches.iter().try_fold(1_000_i128, times)?;
    Odds::from_thousandths(i64::try_from(product / 10 * 10).ok()?).ok()
}
