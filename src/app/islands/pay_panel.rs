//! The pay panel: the server renders it, this takes it over.

use leptos::prelude::*;

/// Its child is the panel of `ui::pay_panel`.
#[island]
pub fn PayPanel(children: Children) -> impl IntoView {
    #[cfg(feature = "hydrate")]
    super::payment_watch::take_over();
    children()
}
