//! Who did what, when and why. A row is written in the transaction of the deed, and never changed.

mod store;

use chrono::{DateTime, Utc};

pub use store::record;

use crate::platform::viewer::Staff;
use crate::types::{PersonId, TipId};

/// In which role something is done.
#[derive(Debug, Clone, Copy)]
pub enum Actor {
    /// A command. Nobody knows which person typed it.
    Shell,
    /// The server, by itself.
    Server,
    /// A tipster, in their own account.
    Tipster(PersonId),
    Staff(PersonId, Staff),
}

impl Actor {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Shell => "shell",
            Self::Server => "server",
            Self::Tipster(_) => "tipster",
            Self::Staff(_, staff) => staff.as_str(),
        }
    }

    const fn person(self) -> Option<PersonId> {
        match self {
            Self::Shell | Self::Server => None,
            Self::Tipster(person) | Self::Staff(person, _) => Some(person),
        }
    }
}

/// What something is done to.
#[derive(Debug, Clone, Copy)]
pub enum Subject {
    Person(PersonId),
    Tip(TipId),
}

impl Subject {
    const fn kind(self) -> &'static str {
        match self {
            Self::Person(_) => "person",
            Self::Tip(_) => "tip",
        }
    }

    fn id(self) -> String {
        match self {
            Self::Person(person) => person.to_string(),
            Self::Tip(tip) => tip.to_string(),
        }
    }
}

/// One thing that was done. `before` and `after` hold ids, amounts and states; people are in them by id only.
#[derive(Debug, Clone, Copy)]
pub struct Deed<'a> {
    pub at: DateTime<Utc>,
    pub by: Actor,
    pub action: &'static str,
    pub subject: Subject,
    pub before: Option<&'a str>,
    pub after: Option<&'a str>,
    pub reason: &'a str,
}
