//! The buttons that copy bought bet codes.

use leptos::prelude::*;

/// Makes the buttons among its children work. A button has `data-copy`, the text to copy, and `data-copied`,
/// the text that it shows afterwards.
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
        // The server renders the button hidden, since without this module pressing it would do nothing. The
        // code itself can be selected with one tap.
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
