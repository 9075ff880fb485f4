//! The picture of a person; of who has none, the first letter of their name. It says nothing that is not said
//! beside it.

use crate::platform::paths;
use leptos::prelude::*;

/// `name` is whose picture it is.
pub fn portrait(picture: Option<String>, name: &str) -> AnyView {
    if let Some(picture) = picture {
        return view! { <img class="portrait" src=paths::portrait(picture) width="72" height="72" alt="" loading="lazy"/> }
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
