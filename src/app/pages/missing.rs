//! An address that leads nowhere.

use leptos::prelude::*;

use crate::app::ui::Problem;
use crate::types::AppError;

#[component]
pub fn MissingPage() -> impl IntoView {
    view! { <Problem error=AppError::not_found("There is no page at this address.")/> }
}
