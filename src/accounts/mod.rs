//! People: registering, signing in, and who is asking.

pub mod api;
mod attempts;
pub mod browser;
mod code_limits;
pub mod codes;
pub mod devices;
mod form;
pub mod forms;
mod handle;
mod hashing;
pub mod housekeeping;
pub mod names;
pub mod news;
pub mod notices;
mod password;
pub mod portraits;
pub mod profile;
mod proof;
pub mod safe;
pub mod service;
mod sign_in;
pub mod store;
mod turns;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

#[cfg(test)]
pub use form::Registration;
pub use form::{FormAgain, FormProblem};
pub use password::check_password;
pub use service::{AccountLimits, Accounts};
#[cfg(test)]
pub use sign_in::Caller;

use crate::types::{Msisdn, PersonId};

/// The signed-in person, read with their session on each request.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
pub struct Viewer {
    pub id: PersonId,
    pub display_name: String,
    pub msisdn: Msisdn,
    pub is_buyer: bool,
    pub is_tipster: bool,
    pub staff: Option<Staff>,
    #[serde(default)]
    pub standing: Standing,
}

/// What changes while a person is signed in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Standing {
    /// A code sent to their number came back.
    pub is_proven: bool,
    /// They want to buy nothing until then.
    pub break_until: Option<DateTime<Utc>>,
    /// Notices that wait to be read, counted up to a hundred.
    pub unread_count: i64,
    /// The name of the session by which they ask; not its secret.
    pub session: String,
}

/// What a person may do at the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Staff {
    Operator,
    Admin,
}

impl Staff {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Admin => "admin",
        }
    }

    pub fn read(text: &str) -> Option<Self> {
        match text {
            "operator" => Some(Self::Operator),
            "admin" => Some(Self::Admin),
            _ => None,
        }
    }
}
