//! The page for an address that leads nowhere. It also shows what was wrong with a form that has no page of
//! its own.

use leptos::prelude::*;

use crate::app::ui::Problem;
use crate::platform::forms::RefusedForm;
use crate::types::{AppError, words};

words! {
    no_page { "There is no page at this address." "Hakuna ukurasa kwenye anwani hii." }
}

/// A 404, or the refusal of a form that has no page of its own.
#[component]
pub fn MissingPage() -> impl IntoView {
    let refused = use_context::<RefusedForm>();
    let error = refused.map_or_else(|| AppError::not_found(no_page()), |refused| refused.error);
    view! { <Problem error/> }
}
