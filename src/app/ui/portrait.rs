//! A person's picture, or the first letter of their name if they have none. It has no text for screen
//! readers, because the name stands beside it.

use crate::platform::paths;
use leptos::prelude::*;

/// The picture of the person with this name.
pub fn portrait(picture: Option<String>, name: &str) -> AnyView {
    if let Some(picture) = picture {
        return view! {
            <img class="portrait" src=paths::portrait(picture) width="72" height="72" alt="" loading="lazy"/>
        }
        .into_any();
    }
    let letter: String = name
        .chars()
        .find(|letter| letter.is_alphanumeric())
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    view! { <span class="portrait" aria-hidden="true">{letter}</span> }.into_any()
}
