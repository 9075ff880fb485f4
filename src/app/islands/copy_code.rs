//! The buttons that copy bought bet codes.

use leptos::prelude::*;

/// Among its children are buttons with `data-copy` (what to copy) and `data-copied` (what to say then).
#[island]
pub fn CopyCode(children: Children) -> impl IntoView {
    #[cfg(feature = "hydrate")]
    listen();
    children()
}

#[cfg(feature = "hydrate")]
fn listen() {
    use super::browser;

    for button in browser::find_all("[data-copy]") {
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
}
