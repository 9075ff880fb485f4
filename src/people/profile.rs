//! A person's own account: the profile, the password, ending all sessions, and closing the account. Closing
//! never touches the books: the person's row stays, without a name and without its number.

use std::net::IpAddr;

use super::hashing::Errand;
use super::names::{doubt_name, taken};
use super::store::profile as rows;
use super::store::profile::AccountProfile;
use super::store::{self, otp, spending_limits};
use super::{Entrant, People, WrongField, check_password};
use crate::audit::{self, Actor};
use crate::notices;
use crate::platform::clock::day;
use crate::platform::db::{Failure, transaction};
use crate::platform::viewer::Viewer;
use crate::tips::selling::store as drafts;
use crate::types::name::{is_claim, prose};
use crate::types::{AppError, Kes, words};

words! {
    bio_length(most) { "Say it in {most} characters or fewer." "Sema kwa herufi {most} au chache zaidi." }
    bio_signs {
        "There is a sign in it that nobody can see, that turns the text round or covers it. Type it anew."
        "Kuna alama isiyoonekana, inayogeuza au inayofunika maandishi. Andika upya."
    }
    bio_claim {
        "This could be taken for a word of ours. Do not call yourself official, verified or one of us."
        "Hii inaweza kudhaniwa ni kauli yetu. Usijiite rasmi, uliyethibitishwa au mmoja wetu."
    }
    password_just_changed {
        "Your password was changed a moment ago. Sign in with the new one."
        "Nenosiri lako limebadilishwa sasa hivi. Ingia kwa jipya."
    }
    staff_accounts {
        "Accounts of staff are closed by an administrator."
        "Akaunti za wafanyakazi zinafungwa na msimamizi."
    }
    money_in_wallet(balance) {
        "{balance} in your wallet is not paid out yet. Withdraw it first."
        "{balance} kwenye pochi yako bado haijatolewa. Itoe kwanza."
    }
    money_to_come_back(amount) {
        "{amount} that you were paid has to come back first. Our staff can say how."
        "{amount} uliyolipwa lazima irudi kwanza. Wafanyakazi wetu watakueleza jinsi."
    }
    money_owed {
        "We still owe you money for a payment. Close your account after it was sent back."
        "Bado kuna pesa tunayopaswa kukurudishia. Funga akaunti yako ikisharudishwa."
    }
    payment_waiting {
        "A payment is still waiting for M-Pesa. Close your account when it has ended."
        "Kuna malipo yanayosubiri M-Pesa. Funga akaunti yako yakishaisha."
    }
    tips_on_sale {
        "You have tips on sale. Withdraw them first, or wait until their sale closes."
        "Una tips zinazouzwa. Ziondoe kwanza, au subiri mauzo yake yafungwe."
    }
    on_a_break(day) {
        "Your break from buying runs until {day}. Close your account after it."
        "Mapumziko yako ya kununua yanaisha {day}. Funga akaunti yako baada ya hapo."
    }
    wrong_password { "That is not your password." "Hilo si nenosiri lako." }
}

/// How many characters a person may write about themself.
pub const BIO_LENGTH: usize = 500;

impl People {
    /// What the person's own account page shows.
    ///
    /// # Errors
    /// [`AppError::SignIn`] if there is no such person; a database error.
    pub async fn profile(&self, person: &Viewer) -> Result<AccountProfile, Failure> {
        Ok(rows::profile(&self.db, person.id).await?.ok_or_else(AppError::sign_in_first)?)
    }

    /// Sets the name and the words about themself. A tipster's new name has further effects, see `rename`.
    ///
    /// # Errors
    /// `bio` with [`AppError::Invalid`] if it is too long, has unseen signs, or could be taken for words of
    /// ours. `display_name` with the error of `rename`, or with [`AppError::Busy`] or [`AppError::Internal`]
    /// if the database fails.
    pub async fn set_profile(
        &self,
        person: &Viewer,
        display_name: &str,
        bio: &str,
    ) -> Result<(), WrongField> {
        let bio = prose(bio).ok_or_else(|| ("bio", AppError::invalid(bio_signs())))?;
        if bio.chars().count() > BIO_LENGTH {
            return Err(("bio", AppError::invalid(bio_length(BIO_LENGTH))));
        }
        if is_claim(&bio) {
            return Err(("bio", AppError::invalid(bio_claim())));
        }
        let set: Result<(), Failure> = transaction!(self.db, |tx| {
            let new = self.rename(tx, person, display_name).await?;
            rows::set_profile(tx, person.id, &new.name, new.skeleton.as_deref(), &bio)
                .await
                .map_err(taken)?;
            if !new.is_doubtful {
                return Ok(());
            }
            let (by, now) = (Actor::Tipster(person.id), self.clock.now());
            let doubt = doubt_name(tx, &self.random, by, person.id, "a new name", now).await?;
            Ok(audit::record(tx, &self.random, &[doubt]).await?)
        });
        set.map_err(|failure| ("display_name", failure.into()))
    }

    /// Changes the password for a person who knows the old one, and ends every session. The caller makes a
    /// new session for whoever asked.
    ///
    /// # Errors
    /// `password` with [`AppError::Invalid`] if the new one is weak. `old_password` with
    /// [`AppError::Invalid`] if the old one is wrong, [`AppError::TooMany`] after too many wrong ones,
    /// [`AppError::Conflict`] if the password was changed meanwhile, or [`AppError::SignIn`] if the account
    /// is closed. Either field with [`AppError::Busy`] or [`AppError::Internal`] if hashing or the database
    /// fails.
    pub async fn change_password(
        &self,
        person: &Viewer,
        address: IpAddr,
        old: &str,
        new: &str,
    ) -> Result<Entrant, WrongField> {
        let own_words = [person.display_name.as_str()];
        check_password(new, &person.msisdn, &own_words)
            .map_err(|reason| ("password", AppError::invalid(reason)))?;
        let old_hash = self
            .check_own_password(person.id, address, old)
            .await
            .map_err(|error| ("old_password", error))?;
        let old_hash = old_hash.ok_or(("old_password", AppError::invalid(wrong_password())))?;
        let place = self.hashing.place(Errand::Change, address).await.map_err(|error| ("password", error))?;
        let new_hash = self.hashing.hash(place, new).await.map_err(|error| ("password", error))?;
        let changed = transaction!(self.db, |tx| {
            if !rows::replace_password(tx, person.id, &old_hash, &new_hash).await? {
                return Err(AppError::conflict(password_just_changed()).into());
            }
            store::end_sessions(tx, person.id).await?;
            Ok(otp::person_of(tx, &person.msisdn).await?.ok_or_else(AppError::sign_in_first)?)
        });
        changed
            .map(store::PersonRow::into_entrant)
            .map_err(|failure: Failure| ("old_password", failure.into()))
    }

    /// Ends every session of the person, also the one that asks.
    ///
    /// # Errors
    /// A database error.
    pub async fn sign_out_everywhere(&self, person: &Viewer) -> Result<(), Failure> {
        transaction!(self.db, |tx| {
            store::end_sessions(tx, person.id).await?;
            Ok(())
        })
    }

    /// Closes the account of a person who knows its password, if no money of theirs is held, owed or pending,
    /// no tip is on sale and no break is running. Their notices, follows and drafts are deleted, and the
    /// number is free again. Returns the documents of the deleted drafts, so that the caller can delete their
    /// pictures.
    ///
    /// # Errors
    /// [`AppError::Conflict`] with the reason why the account cannot be closed, also for staff,
    /// [`AppError::Invalid`] if the password is wrong, [`AppError::TooMany`] after too many wrong ones,
    /// [`AppError::SignIn`] if the account is closed already, and [`AppError::Busy`] or
    /// [`AppError::Internal`] if hashing or the database fails.
    pub async fn close(
        &self,
        person: &Viewer,
        address: IpAddr,
        password: &str,
    ) -> Result<Vec<String>, AppError> {
        if person.staff.is_some() {
            return Err(AppError::conflict(staff_accounts()));
        }
        if self.check_own_password(person.id, address, password).await?.is_none() {
            return Err(AppError::invalid(wrong_password()));
        }
        let now = self.clock.now();
        let closed: Result<Vec<String>, Failure> = transaction!(self.db, |tx| {
            // Every new payment of this person takes the same lock, so none can begin meanwhile.
            store::lock_person(tx, person.id).await?;
            let left = rows::unfinished(tx, person.id, now).await?;
            let reason = if left.balance_cents > Kes::ZERO {
                Some(money_in_wallet(left.balance_cents))
            } else if left.clawback_cents < Kes::ZERO {
                Some(money_to_come_back(-left.clawback_cents))
            } else if left.owed_count > 0 {
                Some(money_owed())
            } else if left.pending_count > 0 {
                Some(payment_waiting())
            } else if left.on_sale_count > 0 {
                Some(tips_on_sale())
            } else {
                // Otherwise a break could be ended by closing the account and registering again.
                left.break_until.filter(|until| *until > now).map(|until| on_a_break(day(until)))
            };
            if let Some(reason) = reason {
                return Err(AppError::conflict(reason).into());
            }
            store::end_sessions(tx, person.id).await?;
            // Otherwise a limit could be loosened at once by registering again.
            spending_limits::keep(tx, person.id, &self.kept_limits_key(&person.msisdn), now).await?;
            rows::close(tx, person.id, &person.msisdn, now).await?;
            notices::store::delete_all(tx, person.id).await?;
            Ok(drafts::delete_drafts(tx, person.id).await?)
        });
        let documents = closed?;
        self.forget_deleted().await;
        Ok(documents)
    }

    /// Takes deleted rows out of SQLite's log on disk. While somebody reads, some of them stay until the next
    /// call; housekeeping calls this every ten minutes. A failure is only logged.
    pub async fn forget_deleted(&self) {
        let db = self.db.clone();
        let done = async move {
            if let Err(error) = db.forget_deleted().await {
                tracing::error!(%error, "the database's log could not be emptied of what was deleted");
            }
        };
        // This runs in a task of its own. If it stopped halfway because the asker went away, the writer would
        // keep the settings of this work.
        let _ = tokio::spawn(done).await;
    }
}
