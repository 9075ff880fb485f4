//! People: registering, signing in, and who is asking.

pub mod api;
mod form;
mod handle;
pub mod notices;
pub mod service;
pub mod store;

use serde::{Deserialize, Serialize};

pub use form::{FormProblem, check_password};
pub use service::Accounts;

use crate::types::{Msisdn, PersonId};

/// The signed-in person, as a session remembers them.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
pub struct Viewer {
    pub id: PersonId,
    pub display_name: String,
    pub msisdn: Msisdn,
    pub is_buyer: bool,
    pub is_tipster: bool,
    pub staff: Option<Staff>,
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
