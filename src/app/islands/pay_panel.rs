//! The pay panel as an island: the server renders it, and in the browser `payment_watch` takes it over.

use leptos::prelude::*;

/// The island around the panel of `ui::pay_panel`, which is its child.
#[island]
pub fn PayPanel(children: Children) -> impl IntoView {
    #[cfg(feature = "hydrate")]
    super::payment_watch::take_over();
    children()
}
