//! What stands in the place of a page that cannot be shown, and how a refused form is read from the address.

use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_router::hooks::{use_location, use_query_map};

use super::Head;
use crate::types::AppError;

/// A refusal longer than this was not written by us.
const LONGEST_REFUSAL: usize = 300;

/// A page for an error, with the error's status. Who must sign in first is sent there, and comes back.
#[component]
pub fn Problem(error: AppError) -> impl IntoView {
    if matches!(error, AppError::SignIn(_)) {
        to_sign_in();
    }
    if let (Some(response), Ok(status)) = (use_context::<ResponseOptions>(), StatusCode::from_u16(error.status()))
        && !matches!(error, AppError::SignIn(_))
    {
        response.set_status(status);
    }
    let title = match error {
        AppError::NotFound(_) => "Not found",
        AppError::SignIn(_) => "Please sign in",
        AppError::Busy | AppError::TooMany { .. } => "One moment please",
        _ => "That did not work",
    };
    view! {
        <Head title=title lead=error.to_string()/>
        <p><a class="button quiet" href="/tips">"See the tips on sale"</a></p>
    }
}

/// Sends the visitor to sign in, and back to this page afterwards.
pub fn to_sign_in() {
    leptos_axum::redirect(&sign_in_path(&use_location().pathname.get_untracked()));
}

/// Where to sign in and come back to `next`.
pub fn sign_in_path(next: &str) -> String {
    let query = serde_urlencoded::to_string([("next", next)]).unwrap_or_default();
    format!("/sign-in?{query}")
}

/// Why the form of this page was refused, when it was sent without scripts: `?__err=` holds `{"error":"…"}` in base64.
pub fn refusal_from_query() -> Option<String> {
    let encoded = use_query_map().with_untracked(|query| query.get("__err"))?;
    let json = URL_SAFE.decode(encoded).ok()?;
    let answer: serde_json::Value = serde_json::from_slice(&json).ok()?;
    answer.get("error")?.as_str().filter(|text| text.len() <= LONGEST_REFUSAL).map(str::to_owned)
}
