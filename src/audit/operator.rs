//! Members of staff, and how it is known who they are. There is no other way to one than by the database, so
//! whoever has a member has somebody who was staff a moment ago.

use chrono::{DateTime, Utc};

use super::store::{self, StaffRow};
use super::{Actor, Deed, Subject};
use crate::platform::db::Db;
use crate::platform::viewer::{Staff, Viewer};
use crate::types::{AppError, Msisdn, PersonId};

/// A member of staff who is there now.
#[derive(Debug, Clone)]
pub struct Member {
    id: PersonId,
    name: String,
    msisdn: Msisdn,
    role: Staff,
    is_proven: bool,
}

/// A member of staff who acts, and why.
#[derive(Debug, Clone)]
pub struct Operator {
    person: Member,
    reason: String,
}

impl Member {
    fn of(row: StaffRow, is_proven: bool) -> Self {
        let StaffRow { id, display_name, msisdn, staff } = row;
        Self { id, name: display_name, msisdn, role: staff, is_proven }
    }

    /// The signed-in person as a member of staff; `None` if they are none. The session may be older than a
    /// dismissal, so the database is asked.
    ///
    /// # Errors
    /// A database error.
    pub async fn signed_in(db: &Db, viewer: &Viewer) -> Result<Option<Self>, sqlx::Error> {
        Ok(store::staff_by_id(db, viewer.id).await?.map(|row| Self::of(row, true)))
    }

    /// The member of staff whom a command names; `None` if nobody of staff has this number. That is the
    /// shell's word: nothing proves that it is they who typed.
    ///
    /// # Errors
    /// A database error.
    pub async fn named(db: &Db, msisdn: &Msisdn) -> Result<Option<Self>, sqlx::Error> {
        Ok(store::staff_by_msisdn(db, msisdn).await?.map(|row| Self::of(row, false)))
    }

    /// The same member, who has given their own password. Only `People::prove` calls this, after it has
    /// compared the password.
    pub fn with_password(self) -> Self {
        Self { is_proven: true, ..self }
    }

    /// A member who is in no database, for tests of pure rules.
    #[cfg(test)]
    pub fn made_up(id: PersonId, msisdn: &str, role: Staff) -> Self {
        let msisdn = msisdn.parse().expect("a number");
        Self { id, name: "Halima".to_owned(), msisdn, role, is_proven: false }
    }

    /// Whose account this is.
    pub const fn id(&self) -> PersonId {
        self.id
    }

    /// As they are shown to others.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The number of their phone.
    pub const fn msisdn(&self) -> &Msisdn {
        &self.msisdn
    }

    /// Who it surely is; `None` for the shell's word, which stands for one and the same nobody, whoever it
    /// names (MONEY §9).
    pub fn proven(&self) -> Option<PersonId> {
        self.is_proven.then_some(self.id)
    }

    /// Whether it is surely an admin.
    pub fn is_proven_admin(&self) -> bool {
        self.is_proven && self.role == Staff::Admin
    }

    /// As whom they look at something.
    pub fn actor(&self) -> Actor {
        if self.is_proven { Actor::Staff(self.id, self.role) } else { Actor::Shell(Some(self.id)) }
    }

    /// The member as one who changes something, for a reason.
    ///
    /// # Errors
    /// [`AppError::Conflict`] for an auditor; [`AppError::Invalid`] without a reason.
    pub fn acting(self, reason: &str) -> Result<Operator, AppError> {
        let reason = reason.trim();
        if self.role == Staff::Auditor {
            return Err(AppError::conflict("An auditor reads everything and changes nothing."));
        }
        if reason.is_empty() {
            return Err(AppError::invalid("Whoever changes something gives a reason."));
        }
        Ok(Operator { person: self, reason: reason.to_owned() })
    }
}

impl Operator {
    /// Who acts.
    pub const fn person(&self) -> &Member {
        &self.person
    }

    /// Why.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Who and why, for people to read.
    pub fn detail(&self) -> String {
        let word = if self.person.is_proven { "" } else { " (the shell's word)" };
        format!("{}{word}: {}", self.person.name, self.reason)
    }

    /// What they did, for the audit. `change` is what was before, and what is after.
    pub fn deed<'a>(
        &'a self,
        at: DateTime<Utc>,
        action: &'static str,
        subject: Subject,
        change: (Option<&'a str>, Option<&'a str>),
    ) -> Deed<'a> {
        let (before, after) = change;
        Deed { at, by: self.person.actor(), action, subject, before, after, reason: &self.reason }
    }
}
