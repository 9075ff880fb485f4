//! Who may see what of a tip. Content that must be paid for leaves this file only for people who paid.

use bytes::Bytes;

use super::catalogue::Tips;
use super::fingerprint::{self, Sealed};
use super::previews::PREVIEW;
use super::public::public_matches;
use super::store::{self, DetailRow, Publication};
use super::view::{Disclosure, TipCard, TipContent, TipDetail, TipState};
use super::{Match, MatchResult, NewTip, TipOutcome, TipStatus};
use crate::notices;
use crate::platform::db::{Failure, Tx, transaction};
use crate::platform::picture::no_such_picture;
use crate::platform::random::{Random, hex};
use crate::platform::viewer::Viewer;
use crate::types::{AppError, AppResult, TipId, words};

words! {
    tip_not_found { "There is no such tip." "Hakuna tip kama hiyo." }
    text_not_found { "There is no such text." "Hakuna maandishi kama hayo." }
}

impl Tips {
    /// One tip, with what its viewer may see of it. A tip that was never offered is shown to its tipster
    /// only.
    ///
    /// # Errors
    /// `AppError::NotFound` if there is no such tip, or this viewer may not know of it; a database error.
    pub async fn detail(&self, number: TipId, viewer: Option<&Viewer>) -> Result<TipDetail, Failure> {
        let now = self.clock.now();
        let rows = store::detail(&self.db, number, viewer.map(|viewer| viewer.id)).await?;
        let Some(first) = rows.first() else { return Err(no_such_tip().into()) };
        let is_own = viewer.is_some_and(|viewer| viewer.id == first.card.tipster_id);
        if !first.status.was_offered() && !is_own {
            return Err(no_such_tip().into());
        }
        let state = TipState::of(first.status, first.card.sales_close_at, now);
        let (earned, is_bought, tipster) = (first.earned_cents, first.is_bought, first.card.tipster_id);
        let seal = first.seal.clone();
        let rejection_reason = first.rejection_reason.clone().filter(|_| is_own);
        let outcome = TipOutcome::kept(first.result, first.units_thousandths);
        let (card, content) = split(rows)?;
        let disclosure = if is_own {
            Disclosure::Tipster { content, earned }
        } else if is_bought {
            Disclosure::Owner(content)
        } else {
            Disclosure::Preview { matches: public_matches(&content.matches) }
        };
        Ok(TipDetail { card, tipster, now, state, seal, outcome, rejection_reason, disclosure })
    }

    /// The clear betslip, for its buyers and its tipster.
    ///
    /// # Errors
    /// `AppError::NotFound` for anybody else, or if there is no picture; `AppError::Internal` if the file
    /// cannot be read; `AppError::Busy` or `AppError::Internal` if the database fails.
    pub async fn clear_picture(&self, number: TipId, viewer: Option<&Viewer>) -> AppResult<Bytes> {
        let viewer = viewer.ok_or_else(no_such_picture)?;
        let row = store::picture(&self.db, number, Some(viewer.id)).await.map_err(Failure::from)?;
        let row =
            row.filter(|row| row.is_bought || row.tipster_id == viewer.id).ok_or_else(no_such_picture)?;
        self.read_picture(&clear_key(&base_of(number, row.picture))).await
    }

    /// The clear betslip for a viewer whose right the desk has checked.
    ///
    /// # Errors
    /// `AppError::NotFound` if there is no picture; `AppError::Internal` if the file cannot be read;
    /// `AppError::Busy` or `AppError::Internal` if the database fails.
    pub async fn picture_for_desk(&self, number: TipId) -> AppResult<Bytes> {
        let row = store::picture(&self.db, number, None)
            .await
            .map_err(Failure::from)?
            .ok_or_else(no_such_picture)?;
        self.read_picture(&clear_key(&base_of(number, row.picture))).await
    }

    /// What everybody sees instead of the betslip. It is the same for all tips that are or were on sale.
    ///
    /// # Errors
    /// `AppError::NotFound` if there is no such tip or it was never offered; `AppError::Busy` or
    /// `AppError::Internal` if the database fails.
    pub async fn preview(&self, number: TipId) -> AppResult<&'static [u8]> {
        let status = store::status(&self.db, number).await.map_err(Failure::from)?;
        status.filter(|status| status.was_offered()).map(|_| PREVIEW).ok_or_else(no_such_picture)
    }

    /// The text whose hash is the tip's seal, for viewers who may see the whole tip.
    ///
    /// # Errors
    /// `AppError::NotFound` for anybody else, for tips without a seal, or if there is no such tip; a database
    /// error.
    pub async fn sealed_text(&self, number: TipId, viewer: Option<&Viewer>) -> Result<String, Failure> {
        let text = match self.detail(number, viewer).await?.disclosure {
            Disclosure::Owner(content) | Disclosure::Tipster { content, .. } => content.sealed_text,
            Disclosure::Preview { .. } => None,
        };
        text.ok_or_else(|| AppError::not_found(text_not_found()).into())
    }

    /// Reads a betslip. A missing file is a 404, any other error is logged and is a 500.
    pub(super) async fn read_picture(&self, key: &str) -> AppResult<Bytes> {
        let read = self.files.read(key).await.map_err(|error| {
            tracing::error!(%error, "a picture could not be read");
            AppError::Internal
        })?;
        read.ok_or_else(no_such_picture)
    }

    /// Keeps a betslip under a new name that nobody can guess, and gives that name without its ending.
    pub(super) async fn keep_picture(&self, picture: Vec<u8>) -> anyhow::Result<String> {
        let base = format!("betslips/{}", hex(&self.random.bytes::<16>()));
        self.files.write(&clear_key(&base), picture).await?;
        Ok(base)
    }

    /// Puts a tip on sale at once, with its betslip. Only the demo data and tests do this; tipsters publish
    /// drafts.
    ///
    /// # Errors
    /// An error if the betslip cannot be written, or if the database fails.
    pub async fn publish(&self, tip: &NewTip<'_>, picture: Option<Vec<u8>>) -> anyhow::Result<TipId> {
        let picture = match picture {
            Some(picture) => {
                let hash = fingerprint::hash(&picture);
                Some((self.keep_picture(picture).await?, hash))
            }
            None => None,
        };
        let picture = picture.as_ref().map(|(base, hash)| (base.as_str(), hash.as_str()));
        let salt = fingerprint::new_salt(&self.random);
        let publication = Publication { picture, ..Publication::of(TipStatus::Active) };
        Ok(transaction!(self.db, |tx| publish_sealed(tx, &self.random, tip, &publication, &salt).await)?)
    }

    /// How many tips are on sale now.
    ///
    /// # Errors
    /// A database error.
    pub async fn count_on_sale(&self) -> Result<i64, Failure> {
        Ok(store::count_on_sale(&self.db, self.clock.now()).await?)
    }
}

/// A 404 that says that there is no such tip. It also stands for a tip that this viewer may not know of.
pub fn no_such_tip() -> AppError {
    AppError::not_found(tip_not_found())
}

/// The name of a tip's picture without its ending. Pictures of the first days are named by the tip's number.
fn base_of(number: TipId, picture: Option<String>) -> String {
    picture.unwrap_or_else(|| format!("betslip-{number}"))
}

/// The name of the file of a clear betslip.
pub(super) fn clear_key(base: &str) -> String {
    format!("{base}.webp")
}

/// Publishes a tip with the seal over everything that is sold. If it is on sale at once, its tipster's
/// followers get a notice. The seal in `publication` is ignored, because it is calculated here.
///
/// # Errors
/// A database error.
pub async fn publish_sealed(
    tx: &mut Tx,
    random: &Random,
    tip: &NewTip<'_>,
    publication: &Publication<'_>,
    salt: &str,
) -> Result<TipId, Failure> {
    let sealed = Sealed {
        salt,
        published_at: tip.created_at,
        bookmaker: tip.bookmaker.as_str(),
        bet_code: tip.bet_code,
        odds: tip.odds,
        price: tip.price,
        matches: tip.matches,
        picture_hash: publication.picture.map(|(_, hash)| hash),
        note: publication.note,
    };
    let hash = fingerprint::hash(sealed.text().as_bytes());
    let publication = Publication { seal: Some((&hash, salt)), ..*publication };
    let number = store::publish(tx, tip, &publication).await?;
    if publication.status == TipStatus::Active {
        notices::tell_followers(tx, random, tip.tipster, number, tip.created_at).await?;
    }
    Ok(number)
}

/// The tip's card, which every row repeats, and the content that is sold.
fn split(rows: Vec<DetailRow>) -> Result<(TipCard, TipContent), Failure> {
    let mut tip = None;
    let (mut matches, mut results) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
    for row in rows {
        let DetailRow {
            home_team,
            away_team,
            league,
            kick_off_at,
            market,
            selection,
            match_odds,
            match_result,
            score,
            ..
        } = row;
        tip.get_or_insert_with(|| {
            let own = (row.bet_code, row.odds_thousandths, row.has_picture, row.note, row.created_at);
            (TipCard::from(row.card), own, (row.seal_salt, row.picture_hash))
        });
        matches.push(Match {
            home_team,
            away_team,
            league,
            kick_off_at,
            market,
            selection,
            odds: match_odds,
        });
        results.push(MatchResult { result: match_result, score });
    }
    let Some((card, own, (salt, picture_hash))) = tip else { return Err(no_such_tip().into()) };
    let (bet_code, odds, has_picture, note, published_at) = own;
    let sealed_text = salt.map(|salt| {
        let (price, bookmaker) = (card.price, card.bookmaker.as_str());
        let (picture_hash, note) = (picture_hash.as_deref(), note.as_deref());
        let (salt, bet_code, matches) = (&*salt, &*bet_code, &*matches);
        Sealed { salt, published_at, bookmaker, bet_code, odds, price, matches, picture_hash, note }.text()
    });
    Ok((card, TipContent { bet_code, odds, matches, results, has_picture, note, sealed_text }))
}
