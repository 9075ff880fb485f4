//! An address that leads nowhere; and in its place what was wrong with a form that has no page of its own.

use leptos::prelude::*;

use crate::app::ui::{PageProblem, Problem};
use crate::types::AppError;

#[component]
pub fn MissingPage() -> impl IntoView {
    let problem = use_context::<PageProblem>().map(|problem| problem.0);
    let error = problem.unwrap_or_else(|| AppError::not_found("There is no page at this address."));
    view! { <Problem error/> }
}
