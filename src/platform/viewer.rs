//! Who is asking: the signed-in person of a request.

use axum::extract::FromRequestParts;
use axum::http::Extensions;
use axum::http::request::Parts;
use chrono::{DateTime, Utc};
use leptos::prelude::use_context;
use serde::{Deserialize, Serialize};

use crate::types::{AppError, AppResult, Msisdn, PersonId, text_enum};

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

impl Viewer {
    /// The signed-in person of a request, as the server put it there.
    pub fn of(extensions: &Extensions) -> Option<Self> {
        extensions.get::<Option<Self>>().cloned().flatten()
    }
}

/// The signed-in person of a request that nobody else may make.
pub struct SignedIn(pub Viewer);

impl<S: Sync> FromRequestParts<S> for SignedIn {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> AppResult<Self> {
        Viewer::of(&parts.extensions).map(Self).ok_or_else(AppError::sign_in_first)
    }
}

/// The signed-in person of the page that is being made, if there is one.
pub fn viewer() -> Option<Viewer> {
    use_context::<Option<Viewer>>().flatten()
}

/// The signed-in person of a page that is for nobody else.
pub fn signed_in() -> AppResult<Viewer> {
    viewer().ok_or_else(AppError::sign_in_first)
}
