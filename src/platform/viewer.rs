//! Who is asking: the signed-in person of a request.

use chrono::{DateTime, Utc};
use leptos::prelude::use_context;
use serde::{Deserialize, Serialize};

use crate::types::{Msisdn, PersonId, text_enum};

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
    pub standing: ViewerState,
}

/// What changes while a person is signed in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ViewerState {
    /// A code sent to their number came back.
    pub is_proven: bool,
    /// They want to buy nothing until then.
    pub break_until: Option<DateTime<Utc>>,
    /// Notices that wait to be read, counted up to a hundred.
    pub unread_count: i64,
    /// The name of the session by which they ask; not its secret.
    pub session: String,
}

text_enum! {
    /// What a person may do at the desk.
    pub enum Staff {
        Operator = "operator",
        Admin = "admin",
    }
}

/// The signed-in person of the request that a page or a server function answers, if there is one.
pub fn viewer() -> Option<Viewer> {
    use_context::<Option<Viewer>>().flatten()
}
