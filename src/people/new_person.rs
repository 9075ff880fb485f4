//! Adding people: by a registration whose number cannot be proven, and by command.

use std::slice;

use super::hashing::Errand;
use super::names::name_taken;
use super::registration::Registration;
use super::sign_in::Caller;
use super::slug::{self, HANDLES_TRIED};
use super::store::{self, NewPerson, spending_limits};
use super::{Entrant, People, check_password};
use crate::audit::{self, Deed};
use crate::ledger;
use crate::platform::clock::nairobi;
use crate::platform::db::{Failure, Tx, transaction};
use crate::platform::random::Random;
use crate::platform::viewer::{Viewer, ViewerState};
use crate::types::name::skeleton;
use crate::types::{AppError, PersonId, words};

words! {
    number_taken {
        "This number is registered already. Sign in instead."
        "Namba hii imeshasajiliwa. Ingia kwenye akaunti."
    }
}

impl People {
    /// Registers a person at once, with their number unproven. `begin_registration` calls it where no SMS can
    /// be sent.
    ///
    /// # Errors
    /// The field that is wrong, or `None` for the form as a whole, with [`AppError::Invalid`] if the form
    /// breaks a rule or the password is weak, [`AppError::Conflict`] if the number or a tipster's name is
    /// taken, [`AppError::TooMany`] if a limit of `code_limits` is reached, [`AppError::Busy`] if too many
    /// people wait for a password hash, and [`AppError::Busy`] or [`AppError::Internal`] if the database
    /// fails.
    pub async fn register(
        &self,
        form: &Registration,
        caller: Caller<'_>,
    ) -> Result<Entrant, (Option<&'static str>, AppError)> {
        let today = nairobi(self.clock.now()).date_naive();
        let registrant =
            form.parse(today).map_err(|(field, reason)| (Some(field), AppError::invalid(reason)))?;
        let (msisdn, display_name) = (&registrant.msisdn, &registrant.display_name);
        let is_free = self.check_new_name(display_name, registrant.is_tipster).await;
        is_free.map_err(|error| (Some("display_name"), error))?;
        check_password(&form.password, msisdn, &[display_name])
            .map_err(|reason| (Some("password"), AppError::invalid(reason)))?;
        let taken = || (Some("phone_number"), AppError::conflict(number_taken()));
        if store::person_by_msisdn(&self.db, msisdn)
            .await
            .map_err(|error| (None, Failure::from(error).into()))?
            .is_some()
        {
            return Err(taken());
        }
        // No SMS is sent, but the registration counts as if one were, because a password hash costs as well.
        let limits = self.code_limits(msisdn, None, caller);
        self.begin_attempt(&limits).await.map_err(|failure| (None, failure.into()))?;
        let place = self.hashing.place(Errand::Join, caller.address).await.map_err(|error| (None, error))?;
        let password_hash = self.hashing.hash(place, &form.password).await.map_err(|error| (None, error))?;
        let now = self.clock.now();
        let person = NewPerson {
            id: PersonId(self.random.uuid(now)),
            msisdn,
            display_name,
            password_hash: &password_hash,
            birth_date: registrant.birth_date,
            is_buyer: registrant.is_buyer,
            is_tipster: registrant.is_tipster,
            is_verified: false,
            staff: None,
            created_at: now,
        };
        if self.insert(&person, false, &[]).await.map_err(|error| (None, AppError::from(error)))? {
            return Ok(Entrant { viewer: viewer_of(&person), generation: 0 });
        }
        Err(taken())
    }

    /// Adds a person of any role. Commands and seeds call it; whoever runs them vouches for the number, so it
    /// counts as proven. Returns `false`, and writes nothing, if the number is taken.
    ///
    /// # Errors
    /// [`AppError::Conflict`] if another tipster has a name that looks the same, [`Failure::Changed`] if no
    /// handle is free, or a database error.
    pub async fn add(&self, person: &NewPerson<'_>) -> Result<bool, Failure> {
        self.insert(person, true, &[]).await
    }

    /// The same, with the deed that the audit notes of it.
    ///
    /// # Errors
    /// The errors of `add`.
    pub async fn add_by(&self, person: &NewPerson<'_>, deed: &Deed<'_>) -> Result<bool, Failure> {
        self.insert(person, true, slice::from_ref(deed)).await
    }

    async fn insert(
        &self,
        person: &NewPerson<'_>,
        is_proven: bool,
        deeds: &[Deed<'_>],
    ) -> Result<bool, Failure> {
        let kept = self.kept_limits_key(person.msisdn);
        transaction!(self.db, |tx| {
            let is_new = insert(tx, person, is_proven, &self.random).await?;
            if is_new {
                spending_limits::take_over(tx, person.id, &kept).await?;
                audit::record(tx, &self.random, deeds).await?;
            }
            // Where the commit's answer was lost, the number is taken by this very person.
            Ok(is_new || store::is_registered_as(tx, person.msisdn, person.id).await?)
        })
    }
}

/// Adds a person. A tipster gets the first handle that is free and the three accounts of the ledger
/// (clawback, held and available, MONEY §4). Returns `false`, and writes nothing, if the number is taken.
///
/// # Errors
/// [`AppError::Conflict`] if another tipster has a name that looks the same, [`Failure::Changed`] if none of
/// the handles that are tried is free, or a database error.
pub async fn insert(
    tx: &mut Tx,
    person: &NewPerson<'_>,
    is_proven: bool,
    random: &Random,
) -> Result<bool, Failure> {
    if !person.is_tipster {
        return Ok(store::insert_person(tx, person, is_proven, None).await?);
    }
    let slug = slug::slug(person.display_name);
    for taken in 0..HANDLES_TRIED {
        if store::insert_person(tx, person, is_proven, Some(&slug::candidate(&slug, taken, random))).await? {
            let accounts = [(); 3].map(|()| random.uuid(person.created_at));
            ledger::open_accounts(tx, person.id, accounts).await?;
            return Ok(true);
        }
        if store::is_registered(tx, person.msisdn).await? {
            return Ok(false);
        }
        if store::names::is_taken(tx, &skeleton(person.display_name)).await? {
            return Err(AppError::conflict(name_taken()).into());
        }
    }
    Err(Failure::Changed)
}

fn viewer_of(person: &NewPerson<'_>) -> Viewer {
    Viewer {
        id: person.id,
        display_name: person.display_name.to_owned(),
        msisdn: person.msisdn.clone(),
        is_buyer: person.is_buyer,
        is_tipster: person.is_tipster,
        staff: person.staff,
        standing: ViewerState::default(),
    }
}
