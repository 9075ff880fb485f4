//! Who acts for the house, and who did what, when and why. What is done is a row, written in the transaction
//! of the deed and never changed, and the rows are a chain in which nothing can be taken out or put in
//! unnoticed (MONEY §9).

mod body;
mod check;
mod operator;
pub mod store;

use chrono::{DateTime, Utc};
use uuid::Uuid;

pub use body::AuditRow;
pub use check::check;
pub use operator::{Member, Operator};
pub use store::{of_person, of_subject, record};

use crate::platform::viewer::Staff;
use crate::types::{PaymentId, PersonId, TipId};

/// In which role something is done.
#[derive(Debug, Clone, Copy)]
pub enum Actor {
    /// A command, with the member of staff whom it named, if any. Nobody knows which person typed it.
    Shell(Option<PersonId>),
    /// The server, by itself.
    Server,
    /// A tipster, in their own account.
    Tipster(PersonId),
    /// A member of staff who signed in, or gave the command their own password.
    Staff(PersonId, Staff),
}

impl Actor {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Shell(_) => "shell",
            Self::Server => "server",
            Self::Tipster(_) => "tipster",
            Self::Staff(_, staff) => staff.as_str(),
        }
    }

    const fn person(self) -> Option<PersonId> {
        match self {
            Self::Shell(person) => person,
            Self::Server => None,
            Self::Tipster(person) | Self::Staff(person, _) => Some(person),
        }
    }
}

/// What something is done to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    Person(PersonId),
    Tip(TipId),
    Payment(PaymentId),
    /// Money owed to whoever paid a receipt that is of no payment.
    Debt(Uuid),
    /// A message of the outbox.
    Message(Uuid),
    /// Where Safaricom posts what is paid by hand (C2B).
    C2bAddresses,
    /// Which money the database holds.
    Money,
    /// The audit itself.
    Chain,
}

impl Subject {
    const fn kind(self) -> &'static str {
        match self {
            Self::Person(_) => "person",
            Self::Tip(_) => "tip",
            Self::Payment(_) => "payment",
            Self::Debt(_) => "debt",
            Self::Message(_) => "message",
            Self::C2bAddresses => "c2b",
            Self::Money => "money",
            Self::Chain => "audit",
        }
    }

    fn id(self) -> String {
        match self {
            Self::Person(person) => person.to_string(),
            Self::Tip(tip) => tip.to_string(),
            Self::Payment(payment) => payment.to_string(),
            Self::Debt(id) | Self::Message(id) => id.to_string(),
            Self::C2bAddresses => "addresses".to_owned(),
            Self::Money => "mode".to_owned(),
            Self::Chain => "chain".to_owned(),
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
