//! The person who asks: the signed-in person of a request.

use axum::extract::FromRequestParts;
use axum::http::Extensions;
use axum::http::request::Parts;
use chrono::{DateTime, Utc};
use leptos::prelude::use_context;
use serde::{Deserialize, Serialize};

use crate::types::{AppError, AppResult, Msisdn, PersonId, text_enum};

/// The signed-in person, read with the session on each request.
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

/// What may change while a person is signed in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ViewerState {
    /// A one-time code that was sent to their number came back.
    pub is_proven: bool,
    /// They took a break: until then they may buy nothing.
    pub break_until: Option<DateTime<Utc>>,
    /// Unread notices, counted up to a hundred.
    pub unread_count: i64,
    /// The hash that names the session of this request. It is not the session's secret.
    pub session: String,
}

text_enum! {
    /// What a person may do at the desk. An auditor reads everything and changes nothing.
    pub enum Staff {
        Operator = "operator",
        Admin = "admin",
        Auditor = "auditor",
    }
}

impl Viewer {
    /// The signed-in person of a request, as the session layer put it there; `None` for a visitor.
    pub fn of(extensions: &Extensions) -> Option<Self> {
        extensions.get::<Option<Self>>().cloned().flatten()
    }
}

/// The signed-in person, as an extractor of routes that need one: a visitor gets 401.
pub struct SignedIn(pub Viewer);

impl<S: Sync> FromRequestParts<S> for SignedIn {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> AppResult<Self> {
        Viewer::of(&parts.extensions).map(Self).ok_or_else(AppError::sign_in_first)
    }
}

/// The signed-in person of the page that is being rendered; `None` for a visitor.
pub fn viewer() -> Option<Viewer> {
    use_context::<Option<Viewer>>().flatten()
}

/// The signed-in person of a page that needs one.
///
/// # Errors
/// `AppError::SignIn` if nobody is signed in.
pub fn signed_in() -> AppResult<Viewer> {
    viewer().ok_or_else(AppError::sign_in_first)
}
