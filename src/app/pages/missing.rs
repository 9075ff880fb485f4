//! An address that leads nowhere; and in its place what was wrong with a form that has no page of its own.

use leptos::prelude::*;

use crate::app::ui::{PageProblem, Problem};
use crate::types::{AppError, words};

words! {
    no_page { "There is no page at this address." "Hakuna ukurasa kwenye anwani hii." }
}

#[component]
pub fn MissingPage() -> impl IntoView {
    let problem = use_context::<PageProblem>().map(|problem| problem.0);
    let error = problem.unwrap_or_else(|| AppError::not_found(no_page()));
    view! { <Problem error/> }
}
