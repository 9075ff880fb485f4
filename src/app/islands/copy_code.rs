//! The button that copies a bought bet code.

use leptos::prelude::*;

/// Its child is a button with `data-copy` (what to copy) and `data-copied` (what to say then).
#[island]
pub fn CopyCode(children: Children) -> impl IntoView {
    #[cfg(feature = "hydrate")]
    listen();
    children()
}

#[cfg(feature = "hydrate")]
fn listen() {
    use super::browser;

    let Some(button) = browser::find("[data-copy]") else { return };
    // Without this module there is nothing to press: the code itself can be selected with one tap.
    browser::show(&button, true);
    browser::on(&button.clone(), "click", move |_| {
        let Some(code) = button.get_attribute("data-copy") else { return };
        let button = button.clone();
        leptos::task::spawn_local(async move {
            if browser::copy(&code).await {
                button.set_text_content(button.get_attribute("data-copied").as_deref());
            }
        });
    });
}
