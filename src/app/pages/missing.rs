//! An address that leads nowhere; and in its place what was wrong with a form that has no page of its own.

use leptos::prelude::*;

use crate::app::ui::Problem;
use crate::platform::forms::RefusedForm;
use crate::types::{AppError, words};

words! {
    no_page { "There is no page at this address." "Hakuna ukurasa kwenye anwani hii." }
}

#[component]
pub fn MissingPage() -> impl IntoView {
    let refused = use_context::<RefusedForm>();
    let error = refused.map_or_else(|| AppError::not_found(no_page()), |refused| refused.error);
    view! { <Problem error/> }
}
