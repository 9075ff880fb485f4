//! The page that is shown instead of one that cannot be shown, with the reason.

use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_router::hooks::use_location;

use super::{Head, see_tips};
use crate::platform::paths;
use crate::platform::redirect::leading_to;
use crate::types::{AppError, words};

words! {
    not_found { "Not found" "Haipatikani" }
    sign_in { "Please sign in" "Tafadhali ingia" }
    one_moment { "One moment please" "Subiri kidogo" }
    did_not_work { "That did not work" "Hilo halikufaulu" }
}

/// A page for an error, with the error's status. People who must sign in first are sent there, and come back
/// afterwards.
#[component]
#[expect(clippy::needless_pass_by_value, reason = "a component owns what it is given")]
pub fn Problem(error: AppError) -> impl IntoView {
    if matches!(error, AppError::SignIn(_)) {
        send_to(&leading_to(paths::SIGN_IN, &use_location().pathname.get_untracked()));
    } else {
        set_status(error.status());
    }
    let title = match error {
        AppError::NotFound(_) => not_found(),
        AppError::SignIn(_) => sign_in(),
        AppError::Busy | AppError::TooMany { .. } => one_moment(),
        _ => did_not_work(),
    };
    view! {
        <Head title lead=error.text()/>
        <p><a class="button quiet" href=paths::TIPS>{see_tips()}</a></p>
    }
}

/// Sets the status of a page that is not what was asked for.
pub fn set_status(status: StatusCode) {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(status);
    }
}

/// Redirects the visitor to another page. An address that cannot stand in a header is ignored.
pub fn send_to(address: &str) {
    let Some(response) = use_context::<ResponseOptions>() else { return };
    if let Ok(address) = HeaderValue::from_str(address) {
        response.insert_header(LOCATION, address);
        response.set_status(StatusCode::FOUND);
    }
}
