//! The rules of drafts and of publishing. A draft belongs to its tipster alone, a change is made only to the
//! version that its maker saw, and a draft becomes one tip, however often the button is pressed.

use chrono::TimeDelta;
use uuid::Uuid;

use super::draft::{Draft, DraftView};
use super::form::{BrokenRules, Details, DetailsForm, LegForm};
use super::store::{self, DraftRow};
use super::{DRAFTS, LEGS, TIPS_PER_DAY};
use crate::platform::db::{Failure, transaction};
use crate::platform::picture::Unfit;
use crate::platform::settings::Rules;
use crate::platform::uploads::Refused;
use crate::platform::viewer::Viewer;
use crate::tips::catalogue::Tips;
use crate::tips::fingerprint::new_salt;
use crate::tips::service::{clear_key, no_such_tip, publish_sealed};
use crate::tips::store::Publication;
use crate::tips::{Match, NewTip, TipStatus};
use crate::types::{AppError, Kes, TipId, words};

words! {
    too_many_drafts(most) {
        "You have {most} drafts. Publish or delete one before you begin another."
        "Una rasimu {most}. Chapisha au futa moja kabla ya kuanza nyingine."
    }
    changed_since {
        "The draft was changed after you checked it. Look at it once more."
        "Rasimu ilibadilishwa baada ya kuikagua. Itazame tena."
    }
    not_ready {
        "This tip cannot be published yet: see what is missing."
        "Tip hii haiwezi kuchapishwa bado: tazama kinachokosekana."
    }
    too_many_today(most) {
        "You have published {most} tips in 24 hours. This one stays a draft: publish it later."
        "Umechapisha tips {most} ndani ya masaa 24. Hii inabaki rasimu: ichapishe baadaye."
    }
    sold_already {
        "This tip has been sold: it cannot be withdrawn any more."
        "Tip hii imeshauzwa: haiwezi kuondolewa tena."
    }
    closed_already {
        "Sales of this tip have closed: it cannot be withdrawn any more."
        "Mauzo ya tip hii yamefungwa: haiwezi kuondolewa tena."
    }
    being_paid {
        "Somebody is paying for this tip right now. Try again in a few minutes."
        "Kuna mtu analipia tip hii sasa hivi. Jaribu tena baada ya dakika chache."
    }
    not_on_sale { "This tip is not on sale." "Tip hii haiuzwi." }
    published_already {
        "This tip is published: it cannot be changed any more."
        "Tip hii imechapishwa: haiwezi kubadilishwa tena."
    }
    too_many_matches(most) { "A tip has up to {most} matches." "Tip ina hadi mechi {most}." }
    match_twice { "This match is in the list already." "Mechi hii iko kwenye orodha tayari." }
    draft_not_found { "There is no such draft." "Hakuna rasimu kama hiyo." }
}

/// The rules of selling, with the allowed prices and the tipster's share from the settings.
#[derive(Clone)]
pub struct Selling {
    pub(super) tips: Tips,
    price_min: Kes,
    price_max: Kes,
    share_bps: i64,
}

/// Why a form did nothing.
#[derive(Debug)]
pub enum Trouble {
    /// The form breaks rules, which are shown beside its fields.
    Form(BrokenRules),
    /// The uploaded file is not taken.
    Picture(Unfit),
    Other(Failure),
}

impl<F: Into<Failure>> From<F> for Trouble {
    fn from(failure: F) -> Self {
        Self::Other(failure.into())
    }
}

impl From<Refused> for Trouble {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Unfit(unfit) => Self::Picture(unfit),
            Refused::Other(error) => Self::Other(error.into()),
        }
    }
}

impl Selling {
    /// Takes the lowest and highest price and the tipster's share from the settings.
    pub const fn new(tips: Tips, rules: &Rules) -> Self {
        let (price_min, price_max, share_bps) = (rules.price_min, rules.price_max, rules.tipster_share_bps);
        Self { tips, price_min, price_max, share_bps }
    }

    const fn prices(&self) -> (Kes, Kes) {
        (self.price_min, self.price_max)
    }

    /// Begins a draft, or gives one that the tipster has begun and left empty.
    ///
    /// # Errors
    /// [`AppError::Conflict`] if the tipster has `DRAFTS` open drafts; a database error.
    pub async fn start(&self, tipster: &Viewer) -> Result<Uuid, Failure> {
        let now = self.tips.clock.now();
        let id = self.tips.random.uuid(now);
        transaction!(self.tips.db, |tx| {
            let (count, unused) = store::count_drafts(tx, tipster.id).await?;
            if let Some(unused) = unused {
                return Ok(unused);
            }
            if usize::try_from(count).unwrap_or(usize::MAX) >= DRAFTS {
                return Err(AppError::conflict(too_many_drafts(DRAFTS)).into());
            }
            store::insert_draft(tx, id, tipster.id, now).await?;
            Ok(id)
        })
    }

    /// The draft as its page shows it. The inner error is no failure but the tip that the draft became.
    ///
    /// # Errors
    /// [`AppError::NotFound`] if this tipster has no such draft; a database error.
    pub async fn view(&self, tipster: &Viewer, id: Uuid) -> Result<Result<DraftView, TipId>, Failure> {
        let row = store::draft(&self.tips.db, id, tipster.id).await?.ok_or_else(no_such_draft)?;
        if let Some(tip) = row.tip_id {
            return Ok(Err(tip));
        }
        let (now, draft) = (self.tips.clock.now(), Draft::read(&row.document));
        Ok(Ok(DraftView {
            id,
            version: row.version,
            now,
            price_min: self.price_min,
            price_max: self.price_max,
            share_bps: self.share_bps,
            product: draft.product().filter(|_| !draft.legs.is_empty()),
            sales_close_at: draft.sales_close_at(),
            todo: draft.todo(now, self.prices()),
            draft,
        }))
    }

    /// Replaces all details of the draft by those of the form.
    ///
    /// # Errors
    /// [`Trouble::Form`] if the form breaks a rule. Otherwise [`Trouble::Other`]: [`AppError::NotFound`] if
    /// this tipster has no such draft, [`AppError::Conflict`] if it is published, or a database error.
    pub async fn save_details(&self, tipster: &Viewer, id: Uuid, form: &DetailsForm) -> Result<(), Trouble> {
        let Details { bookmaker, bet_code, odds, price, note } =
            form.parse(self.prices()).map_err(Trouble::Form)?;
        self.change(tipster, id, |draft| {
            (draft.bookmaker, draft.odds, draft.price) = (bookmaker, odds, price);
            (draft.bet_code, draft.note) = (bet_code.clone(), note.clone());
            Ok(())
        })
        .await?;
        Ok(())
    }

    /// Adds a match to the draft.
    ///
    /// # Errors
    /// [`Trouble::Form`] if the form breaks a rule, the match is in the draft already, the draft has `LEGS`
    /// matches, or it is published. Otherwise [`Trouble::Other`]: [`AppError::NotFound`] if this tipster has
    /// no such draft, or a database error.
    pub async fn add_leg(&self, tipster: &Viewer, id: Uuid, form: &LegForm) -> Result<(), Trouble> {
        let leg = form.parse(self.tips.clock.now()).map_err(Trouble::Form)?;
        let added = self.change(tipster, id, |draft| add(draft, &leg)).await;
        match added {
            // Such a refusal is shown at the form, with what was typed.
            Err(Failure::App(AppError::Conflict { message, .. })) => Err(Trouble::Form(vec![("", message)])),
            other => Ok(other.map(|_| ())?),
        }
    }

    /// Removes the match with this number. If it is not there, nothing is done.
    ///
    /// # Errors
    /// [`AppError::NotFound`] if this tipster has no such draft; [`AppError::Conflict`] if it is published; a
    /// database error.
    pub async fn remove_leg(&self, tipster: &Viewer, id: Uuid, number: u32) -> Result<(), Failure> {
        let remove = |draft: &mut Draft| {
            draft.legs.retain(|(found, _)| *found != number);
            Ok(())
        };
        self.change(tipster, id, remove).await.map(|_| ())
    }

    /// Deletes an open draft with its picture.
    ///
    /// # Errors
    /// [`AppError::NotFound`] if this tipster has no such open draft; a database error.
    pub async fn delete(&self, tipster: &Viewer, id: Uuid) -> Result<(), Failure> {
        let deleted: Result<Option<String>, Failure> =
            transaction!(self.tips.db, |tx| Ok(store::delete_draft(tx, id, tipster.id).await?));
        let document = deleted?.ok_or_else(no_such_draft)?;
        if let Some(picture) = Draft::read(&document).picture {
            self.forget_picture(&picture.base).await;
        }
        Ok(())
    }

    /// Publishes the version `seen` of the draft. Pressing again gives the same tip. Tips of verified
    /// tipsters are on sale at once, those of others when the desk has approved them.
    ///
    /// # Errors
    /// [`AppError::NotFound`] if this tipster has no such draft; [`AppError::Conflict`] if it was changed
    /// since, is not complete, or the tipster has published `TIPS_PER_DAY` tips in 24 hours; a database
    /// error.
    pub async fn publish(&self, tipster: &Viewer, id: Uuid, seen: i64) -> Result<TipId, Failure> {
        let salt = new_salt(&self.tips.random);
        transaction!(self.tips.db, |tx| {
            let row = store::draft(&mut *tx, id, tipster.id).await?.ok_or_else(no_such_draft)?;
            if let Some(tip) = row.tip_id {
                return Ok(tip);
            }
            if row.version != seen {
                return Err(AppError::conflict(changed_since()).into());
            }
            let (now, draft) = (self.tips.clock.now(), Draft::read(&row.document));
            let (true, Some(bookmaker), Some(odds), Some(price), Some(picture)) = (
                draft.todo(now, self.prices()).is_empty(),
                draft.bookmaker,
                draft.odds,
                draft.price,
                &draft.picture,
            ) else {
                return Err(AppError::conflict(not_ready()).into());
            };
            let oldest = store::published_before(tx, tipster.id, TIPS_PER_DAY - 1).await?;
            if oldest.is_some_and(|at| now - at < TimeDelta::days(1)) {
                return Err(AppError::conflict(too_many_today(TIPS_PER_DAY)).into());
            }
            let is_verified = store::is_verified(tx, tipster.id).await?;
            let status = if is_verified { TipStatus::Active } else { TipStatus::PendingApproval };
            let matches = draft.matches();
            let tip = NewTip {
                tipster: tipster.id,
                bookmaker,
                bet_code: &draft.bet_code,
                odds,
                price,
                matches: &matches,
                created_at: now,
            };
            let note = Some(draft.note.as_str()).filter(|note| !note.is_empty());
            let picture = Some((picture.base.as_str(), picture.hash.as_str()));
            let tip = publish_sealed(
                tx,
                &self.tips.random,
                &tip,
                &Publication { status, note, picture, seal: None },
                &salt,
            )
            .await?;
            if !store::finish_draft(tx, &row, tip, now).await? {
                return Err(Failure::Changed);
            }
            Ok(tip)
        })
    }

    /// Takes a tip out of the market before anybody has bought it. If it is withdrawn already, nothing is
    /// done.
    ///
    /// # Errors
    /// [`AppError::NotFound`] if this tipster has no such tip; [`AppError::Conflict`] if it was sold, is
    /// being paid for, its sales have closed, or it is not offered; a database error.
    pub async fn withdraw(&self, tipster: &Viewer, tip: TipId) -> Result<(), Failure> {
        let now = self.tips.clock.now();
        transaction!(self.tips.db, |tx| {
            if store::withdraw(tx, tip, tipster.id, now).await? {
                return Ok(());
            }
            let standing = store::standing(tx, tip, tipster.id, now).await?;
            let (status, is_sold, has_closed) = standing.ok_or_else(no_such_tip)?;
            let reason = match (status, is_sold, has_closed) {
                (TipStatus::Withdrawn, ..) => return Ok(()),
                (_, true, _) => sold_already(),
                (TipStatus::Active | TipStatus::PendingApproval, false, true) => closed_already(),
                (TipStatus::Active | TipStatus::PendingApproval, false, false) => being_paid(),
                _ => not_on_sale(),
            };
            Err(AppError::conflict(reason).into())
        })
    }

    /// Changes an open draft with `change`, and gives the draft as it was before. If the draft is changed by
    /// somebody else in between, `change` runs again on the new one.
    pub(super) async fn change(
        &self,
        tipster: &Viewer,
        id: Uuid,
        change: impl Fn(&mut Draft) -> Result<(), AppError>,
    ) -> Result<Draft, Failure> {
        let now = self.tips.clock.now();
        let mut done: Option<(String, Draft)> = None;
        transaction!(self.tips.db, |tx| {
            let row: DraftRow = store::draft(&mut *tx, id, tipster.id).await?.ok_or_else(no_such_draft)?;
            if row.tip_id.is_some() {
                return Err(AppError::conflict(published_already()).into());
            }
            // The commit's answer was lost, and this is what it wrote: it is not changed twice.
            if let Some((written, before)) = &done
                && *written == row.document
            {
                return Ok(before.clone());
            }
            let before = Draft::read(&row.document);
            let mut draft = before.clone();
            change(&mut draft)?;
            let document = draft.write();
            if draft != before && !store::save_draft(tx, &row, &document, now).await? {
                return Err(Failure::Changed);
            }
            done = Some((document, before.clone()));
            Ok(before)
        })
    }

    /// Deletes a picture that is not used any more. If that fails, the file only costs a little room.
    pub(super) async fn forget_picture(&self, base: &str) {
        if let Err(error) = self.tips.files.delete(&clear_key(base)).await {
            tracing::warn!(%error, "an old picture could not be deleted");
        }
    }
}

fn add(draft: &mut Draft, leg: &Match) -> Result<(), AppError> {
    if draft.legs.len() >= LEGS {
        return Err(AppError::conflict(too_many_matches(LEGS)));
    }
    let is_same = |other: &Match| {
        (&other.home_team, &other.away_team, &other.market) == (&leg.home_team, &leg.away_team, &leg.market)
    };
    if draft.legs.iter().any(|(_, other)| is_same(other)) {
        return Err(AppError::conflict(match_twice()));
    }
    let number = draft.legs.iter().map(|(number, _)| *number).max().unwrap_or(0) + 1;
    draft.legs.push((number, leg.clone()));
    Ok(())
}

pub(super) fn no_such_draft() -> AppError {
    AppError::not_found(draft_not_found())
}
